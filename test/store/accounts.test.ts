import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AccountStore,
  accountStore,
  IDLE_SECONDS,
  INVITATION_SECONDS,
  LONGEST_SESSION_SECONDS,
} from '../../store/accounts.ts';
import { allowanceStore, waitOf } from '../../store/allowance.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { waysInStore } from '../../store/ways-in.ts';

const database = await openDatabase({ memory: true });
let accounts: AccountStore;
const START = new Date('2026-11-20T04:30:00Z');
const later = (seconds: number) => new Date(START.getTime() + seconds * 1000);
const PASSWORD = 'correct horse battery';
const aigerim = { login: 'aigerim', name: 'Айгерим С.', role: 'officer' } as const;

beforeEach(async () => {
  await database.query('delete from session');
  await database.query('delete from allowance');
  await database.query('delete from account');
  accounts = accountStore(database);
});
afterAll(() => database.close());

const logIn = (login: string, password: string, now = START, address = '192.0.2.1') =>
  accounts.logIn({ login, password, address, now });

describe('an account', () => {
  test('is one person in every spelling of the login', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    expect((await accounts.find(' AIGERIM '))?.login).toBe('aigerim');
    expect((await accounts.find('ａｉｇｅｒｉｍ'))?.login).toBe('aigerim');
    await expect(accounts.add({ ...aigerim, login: 'Aigerim' }, PASSWORD, START)).rejects.toMatchObject({
      facts: { login: 'aigerim', code: 'login_taken' },
    });
  });

  test.each(['', 'a', 'kuzet', 'KUZET', 'айgerim', 'two words', 'a'.repeat(65), '../etc', 'a\u0000b'])(
    'is refused under the login %j',
    async (login) => {
      await expect(accounts.add({ ...aigerim, login }, PASSWORD, START)).rejects.toMatchObject({
        facts: { code: 'bad_login' },
      });
    },
  );

  test.each(['short', 'aaaaaaaaaaaaaaaa', 'my-aigerim-password', 'x'.repeat(300)])(
    'is refused with the password %j',
    async (password) => {
      await expect(accounts.add(aigerim, password, START)).rejects.toMatchObject({
        facts: { code: 'weak_password' },
      });
    },
  );

  test('keeps its password as argon2id with 19 MiB and two passes, and nothing that reads like it', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    const [row] = await database.query<{ password_hash: string }>('select password_hash from account');
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(row?.password_hash).not.toContain(PASSWORD);
  });

  test('may have a password in any script, in either Unicode composition', async () => {
    await accounts.add(aigerim, 'қызыл алма й'.normalize('NFD'), START);
    expect((await logIn('aigerim', 'қызыл алма й'.normalize('NFC'))).is).toBe('in');
  });

  test('is the first one only once, even when two ask at the same moment', async () => {
    const first = (login: string) => accounts.addFirst({ login, name: login }, PASSWORD, START);
    const results = await Promise.allSettled([first('anna'), first('bolat')]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await accounts.list()).map(({ role }) => role)).toEqual(['admin']);
  });

  test('of the last admin is neither disabled nor invited again', async () => {
    await accounts.addFirst({ login: 'anna', name: 'Anna' }, PASSWORD, START);
    await expect(accounts.disable('anna', START)).rejects.toMatchObject({ facts: { code: 'last_admin' } });
    await expect(accounts.inviteAgain('anna', START)).rejects.toMatchObject({
      facts: { code: 'last_admin' },
    });
    await accounts.add({ login: 'bolat', name: 'Bolat', role: 'admin' }, PASSWORD, START);
    expect((await accounts.disable('anna', START)).status).toBe('disabled');
    expect((await accounts.enable('anna', START)).status).toBe('active');
  });
});

describe('an invitation', () => {
  test('lets its person choose a password, once', async () => {
    const { account, token } = await accounts.invite(aigerim, START);
    expect(account.status).toBe('invited');
    expect((await logIn('aigerim', '')).is).toBe('refused');
    expect((await accounts.invited(token, START))?.login).toBe('aigerim');
    expect((await accounts.accept(token, PASSWORD, START)).status).toBe('active');
    expect((await logIn('aigerim', PASSWORD)).is).toBe('in');
    await expect(accounts.accept(token, 'another password', START)).rejects.toMatchObject({
      facts: { code: 'bad_invitation' },
    });
  });

  test('ends after 72 hours', async () => {
    const { token } = await accounts.invite(aigerim, START);
    expect(await accounts.invited(token, later(INVITATION_SECONDS - 1))).not.toBeNull();
    expect(await accounts.invited(token, later(INVITATION_SECONDS))).toBeNull();
  });

  test('made again takes the old password, the old sessions and the old link away', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    const session = await logIn('aigerim', PASSWORD);
    const first = await accounts.inviteAgain('aigerim', START);
    const second = await accounts.inviteAgain('aigerim', START);
    expect(await accounts.session(session.is === 'in' ? session.token : '', START)).toBeNull();
    expect((await logIn('aigerim', PASSWORD)).is).toBe('refused');
    expect(await accounts.invited(first.token, START)).toBeNull();
    expect(await accounts.invited(second.token, START)).not.toBeNull();
  });

  test('made again takes the keys away too: whoever has one does not come in by it', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    const waysIn = waysInStore(database);
    const key = { id: 'k1', login: 'aigerim', publicKey: new Uint8Array([1]), counter: 0, transports: [] };
    await waysIn.addPasskey({ ...key, name: 'Телефон' }, START);
    await accounts.inviteAgain('aigerim', START);
    expect(await waysIn.passkeys('aigerim')).toEqual([]);
    const told = (await ledgerStore(database).list(0, 1000)).map(({ entry }) => JSON.parse(entry).change);
    expect(told.slice(-2)).toEqual(['passkey_removed', 'invited']);
  });

  test('is not found by a piece of its token or by a pattern', async () => {
    const { token } = await accounts.invite(aigerim, START);
    for (const guess of ['', '%', token.slice(1), `${token}x`]) {
      expect(await accounts.invited(guess, START)).toBeNull();
    }
  });
});

describe('a session', () => {
  const enter = async () => {
    await accounts.add(aigerim, PASSWORD, START);
    const result = await logIn('Aigerim', PASSWORD);
    if (result.is !== 'in') throw new Error(`not logged in: ${result.is}`);
    return result.token;
  };

  test('is kept by the SHA-256 of its token alone', async () => {
    const token = await enter();
    expect(token).toMatch(/^[\w-]{43}$/);
    const rows = await database.query<{ token_sha256: string }>('select token_sha256 from session');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.token_sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('lasts while it is used, and ends after two hours without use', async () => {
    const token = await enter();
    expect((await accounts.session(token, later(IDLE_SECONDS - 60)))?.login).toBe('aigerim');
    expect((await accounts.session(token, later(2 * IDLE_SECONDS - 120)))?.login).toBe('aigerim');
    expect(await accounts.session(token, later(3 * IDLE_SECONDS - 120))).toBeNull();
  });

  test('ends after twelve hours, however much it is used', async () => {
    const token = await enter();
    for (let at = 0; at < LONGEST_SESSION_SECONDS; at += 3600) {
      expect(await accounts.session(token, later(at))).not.toBeNull();
    }
    expect(await accounts.session(token, later(LONGEST_SESSION_SECONDS))).toBeNull();
  });

  test('ends at log-out and when the account is disabled', async () => {
    const token = await enter();
    await accounts.logOut(token);
    expect(await accounts.session(token, START)).toBeNull();
    const again = await logIn('aigerim', PASSWORD);
    await accounts.disable('aigerim', START);
    await accounts.enable('aigerim', START);
    expect(await accounts.session(again.is === 'in' ? again.token : '', START)).toBeNull();
  });
});

describe('a failed log-in', () => {
  test('tells an unknown login, a wrong password and a disabled account by nothing', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    await accounts.add({ ...aigerim, login: 'daniyar' }, PASSWORD, START);
    await accounts.disable('daniyar', START);
    const refused = { is: 'refused' };
    expect(await logIn('nobody', PASSWORD)).toEqual(refused);
    expect(await logIn('aigerim', 'wrong horse battery')).toEqual(refused);
    expect(await logIn('daniyar', PASSWORD)).toEqual(refused);
    expect(await logIn('a\u0000b', PASSWORD)).toEqual(refused);
  });

  test('makes the sixth one wait, from whatever address, even with the right password', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    for (let n = 0; n < 5; n += 1)
      expect((await logIn('aigerim', 'no', START, `192.0.2.${n}`)).is).toBe('refused');
    expect(await logIn('aigerim', PASSWORD, START, '192.0.2.99')).toEqual({
      is: 'throttled',
      waitSeconds: 1,
    });
    expect((await logIn('aigerim', PASSWORD, later(1), '192.0.2.99')).is).toBe('in');
  });

  test('is not forgiven to an address by a log-in there of one’s own account', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    for (let n = 0; n < 19; n += 1) await logIn(`guessed-${n}`, 'no');
    // His own log-ins count for nothing, however many, and the twentieth guess is the last one free.
    for (let n = 0; n < 4; n += 1) expect((await logIn('aigerim', PASSWORD)).is).toBe('in');
    expect((await logIn('guessed-19', 'no')).is).toBe('refused');
    expect((await logIn('guessed-20', 'no')).is).toBe('throttled');
  });

  test('is counted when many are sent at once', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    const tries = await Promise.all(Array.from({ length: 12 }, () => logIn('aigerim', 'no')));
    expect(tries.filter(({ is }) => is === 'refused')).toHaveLength(5);
    expect(tries.filter(({ is }) => is === 'throttled')).toHaveLength(7);
  });

  test('outlives a restart: another program on the same store waits as well, and no row names anybody', async () => {
    await accounts.add(aigerim, PASSWORD, START);
    for (let n = 0; n < 5; n += 1) await logIn('aigerim', 'no', START, `192.0.2.${n}`);
    const attempt = { login: 'aigerim', password: PASSWORD, address: '192.0.2.99', now: START };
    expect(await accountStore(database).logIn(attempt)).toEqual({ is: 'throttled', waitSeconds: 1 });
    const kept = await database.query<{ key: string }>('select key from allowance');
    expect(kept.length).toBeGreaterThanOrEqual(6);
    for (const { key } of kept) expect(key).toMatch(/^[\w-]{43}$/);
  });

  test('waits longer with every failure, up to a quarter of an hour, and is forgotten after one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 30 }), (failures, free) => {
        const wait = waitOf(failures, START, free, START);
        expect(wait).toBeLessThanOrEqual(900);
        expect(wait > 0).toBe(failures >= free);
        expect(waitOf(failures + 1, START, free, START)).toBeGreaterThanOrEqual(wait);
        expect(waitOf(failures, START, free, later(900))).toBe(0);
      }),
    );
  });
});

describe('letters from one address', () => {
  test('are taken so many an hour, counted by all desks of a store together', async () => {
    const [one, other] = [allowanceStore(database), allowanceStore(database)];
    const taken = await Promise.all(
      Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? one : other).takes('tips 192.0.2.1', 20, START)),
    );
    expect(taken.filter((it) => it)).toHaveLength(20);
    expect(await one.takes('tips 192.0.2.2', 20, START)).toBe(true);
    expect(await one.takes('tips 192.0.2.1', 20, later(3599))).toBe(false);
    expect(await one.takes('tips 192.0.2.1', 20, later(3600))).toBe(true);
  });
});

describe('a role', () => {
  test('is changed by ending all sessions, and the last admin keeps his', async () => {
    await accounts.addFirst({ login: 'boss', name: 'Boss' }, PASSWORD, START);
    await accounts.add(aigerim, PASSWORD, START);
    const it = await logIn('aigerim', PASSWORD);
    expect((await accounts.setRole('aigerim', 'senior', START)).role).toBe('senior');
    expect(await accounts.session(it.is === 'in' ? it.token : '', START)).toBeNull();
    await expect(accounts.setRole('boss', 'viewer', START)).rejects.toMatchObject({
      facts: { code: 'last_admin' },
    });
    await expect(accounts.setRole('nobody', 'viewer', START)).rejects.toMatchObject({
      facts: { code: 'no_account' },
    });
  });
});
