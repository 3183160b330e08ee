/**
 * Rows of accounts and log-in sessions.
 *
 * Passwords are kept as argon2id (RFC 9106); of a session only the SHA-256 of its token is kept, so that
 * a stolen copy of the store opens nothing. An admin never learns an officer's password: an account starts
 * with an invitation, and the invited person chooses one. Logins are folded by `officerId`, since four eyes
 * rest on one person having one login.
 */
import { createHash, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { type OfficerId, officerId } from '../domain/case.ts';
import { foldWord } from '../domain/text.ts';
import { allowanceStore } from './allowance.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';

export const ROLES = ['viewer', 'officer', 'senior', 'supervisor', 'partner', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Account {
  readonly login: OfficerId;
  readonly name: string;
  readonly role: Role;
  /** `invited`: no password was chosen yet, so nobody can log in. */
  readonly status: 'active' | 'invited' | 'disabled';
  readonly createdAt: Date;
}

/** An account as it is asked for. `name` is how people call the person, 1..100 characters. */
export interface NewAccount {
  readonly login: string;
  readonly name: string;
  readonly role: Role;
}

export type LogIn =
  /** `token` is the session's secret, 43 characters; it is never to be had again. */
  | { readonly is: 'in'; readonly account: Account; readonly token: string; readonly expiresAt: Date }
  /** Unknown login, wrong password, disabled or only invited: deliberately not told apart. */
  | { readonly is: 'refused' }
  /** Too many failures; nothing was checked. */
  | { readonly is: 'throttled'; readonly waitSeconds: number };

export type AccountRefusal =
  | 'bad_login'
  | 'bad_name'
  | 'weak_password'
  | 'login_taken'
  | 'not_first'
  | 'no_account'
  | 'last_admin'
  | 'bad_invitation';

/** A change of accounts that the rules do not allow. `code` tells callers apart. */
export class AccountRefusedError extends Error {
  override readonly name = 'AccountRefusedError';
  readonly facts: { readonly login: string; readonly code: AccountRefusal };

  constructor(login: string, code: AccountRefusal, why: string) {
    super(why);
    this.facts = { login, code };
  }
}

export interface AccountStore {
  count(): Promise<number>;
  /** By login. */
  list(): Promise<Account[]>;
  /** The account of a login in any spelling; null when there is none. */
  find(login: string): Promise<Account | null>;
  /** The very first account, an admin. @throws AccountRefusedError when there is one already. */
  addFirst(person: Omit<NewAccount, 'role'>, password: string, now: Date): Promise<Account>;
  /** An account that can log in at once. @throws AccountRefusedError */
  add(person: NewAccount, password: string, now: Date): Promise<Account>;
  /** An account without a password, and the token with which its person chooses one within 72 hours. */
  invite(person: NewAccount, now: Date): Promise<{ readonly account: Account; readonly token: string }>;
  /** Takes the password, all keys and all sessions away and invites again. @throws AccountRefusedError */
  inviteAgain(login: string, now: Date): Promise<{ readonly account: Account; readonly token: string }>;
  /** Whom an invitation is for; null when it is unknown, used or out of date. */
  invited(token: string, now: Date): Promise<Account | null>;
  /** Spends an invitation. @throws AccountRefusedError */
  accept(token: string, password: string, now: Date): Promise<Account>;
  /** Ends all sessions too. @throws AccountRefusedError for an unknown login and for the last active admin. */
  disable(login: string, now: Date): Promise<Account>;
  /** @throws AccountRefusedError */
  enable(login: string, now: Date): Promise<Account>;
  /** Another role; ends all sessions. @throws AccountRefusedError for an unknown login and for the last active admin. */
  setRole(login: string, role: Role, now: Date): Promise<Account>;
  /**
   * A session for whoever proved otherwise to be this person: by a passkey, or by the word of the house that knows
   * people. Refused for an unknown or disabled login, and for one whom that house gives no role any more.
   */
  enter(login: string, now: Date): Promise<Exclude<LogIn, { is: 'throttled' }>>;
  /** `address` is the peer's, for throttling. */
  logIn(attempt: {
    readonly login: string;
    readonly password: string;
    readonly address: string;
    readonly now: Date;
  }): Promise<LogIn>;
  /** Whose session it is, and makes it last longer; null when it ended. */
  session(token: string, now: Date): Promise<Account | null>;
  logOut(token: string): Promise<void>;
}

/** A session ends after this long without a request … */
export const IDLE_SECONDS = 2 * 3600;
/** … and at the latest this long after the log-in: a shift. */
export const LONGEST_SESSION_SECONDS = 12 * 3600;
export const INVITATION_SECONDS = 72 * 3600;
export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 256;

/** Failures before anybody has to wait: an office shares one address. */
const FREE_OF_LOGIN = 5;
const FREE_OF_ADDRESS = 20;

/** The OWASP Password Storage Cheat Sheet's setting for argon2id: 19 MiB, 2 passes, 1 lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export function accountStore(db: Database): AccountStore {
  const allowance = allowanceStore(db);
  /** What an unknown login's password is checked against, so that its refusal takes as long as any other. */
  let nobody: Promise<string> | null = null;

  return {
    async count() {
      const [row] = await db.query<{ n: number }>('select count(*) as n from account');
      return Number(row?.n ?? 0);
    },
    async list() {
      const rows = await db.query<AccountRow>('select * from account order by login');
      return rows.map(asAccount);
    },
    async find(login) {
      const row = await readAccount(db, login);
      return row === null ? null : asAccount(row);
    },
    async addFirst(person, password, now) {
      const secret = await hashed(checkPassword(person.login, password));
      return db.transaction(async (tx) => {
        await tx.query('lock table account in share row exclusive mode');
        const [other] = await tx.query<{ login: string }>('select login from account limit 1');
        if (other !== undefined) {
          throw new AccountRefusedError(
            person.login,
            'not_first',
            'There are accounts already; an admin adds more.',
          );
        }
        const account = await insertAccount(tx, { ...person, role: 'admin' }, secret, now);
        await tell(tx, 'added', account, now);
        return account;
      });
    },
    async add(person, password, now) {
      const secret = await hashed(checkPassword(person.login, password));
      return db.transaction(async (tx) => {
        const account = await insertAccount(tx, person, secret, now);
        await tell(tx, 'added', account, now);
        return account;
      });
    },
    async invite(person, now) {
      const invitation = newInvitation(now);
      const account = await db.transaction(async (tx) => {
        const made = await insertAccount(tx, person, invitation.kept, now);
        await tell(tx, 'invited', made, now);
        return made;
      });
      return { account, token: invitation.token };
    },
    async inviteAgain(login, now) {
      const invitation = newInvitation(now);
      const account = await db.transaction(async (tx) => {
        await keepAnAdmin(tx, login);
        const [row] = await tx.query<AccountRow>(
          'update account set password_hash = $2 where login = $1 and disabled_at is null returning *',
          [officerId(login), invitation.kept],
        );
        if (row === undefined) throw noAccount(login);
        await tx.query('delete from session where login = $1', [row.login]);
        // Who has to choose a password anew may have lost more than that: no key opens the account meanwhile.
        const keys = await tx.query<{ name: string }>('delete from passkey where login = $1 returning name', [
          row.login,
        ]);
        const told = keys.map(({ name }) => ({ login: row.login, change: 'passkey_removed', name }));
        await appendToLedger(
          tx,
          told.map((entry) => ({ at: now, kind: 'account', subject: row.login, entry })),
        );
        await tell(tx, 'invited', asAccount(row), now);
        return asAccount(row);
      });
      return { account, token: invitation.token };
    },
    async invited(token, now) {
      const row = await readInvitation(db, token, now);
      return row === null ? null : asAccount(row);
    },
    async accept(token, password, now) {
      const row = await readInvitation(db, token, now);
      if (row === null) throw badInvitation();
      const secret = await hashed(checkPassword(row.login, password));
      return db.transaction(async (tx) => {
        const [done] = await tx.query<AccountRow>(
          'update account set password_hash = $3 where login = $1 and password_hash = $2 and disabled_at is null returning *',
          [row.login, row.password_hash, secret],
        );
        if (done === undefined) throw badInvitation();
        await tell(tx, 'joined', asAccount(done), now);
        return asAccount(done);
      });
    },
    async disable(login, now) {
      return db.transaction(async (tx) => {
        await keepAnAdmin(tx, login);
        const [row] = await tx.query<AccountRow>(
          'update account set disabled_at = coalesce(disabled_at, $2) where login = $1 returning *',
          [officerId(login), now],
        );
        if (row === undefined) throw noAccount(login);
        await tx.query('delete from session where login = $1', [row.login]);
        await tell(tx, 'disabled', asAccount(row), now);
        return asAccount(row);
      });
    },
    async enable(login, now) {
      return db.transaction(async (tx) => {
        const [row] = await tx.query<AccountRow>(
          'update account set disabled_at = null where login = $1 returning *',
          [officerId(login)],
        );
        if (row === undefined) throw noAccount(login);
        await tell(tx, 'enabled', asAccount(row), now);
        return asAccount(row);
      });
    },

    async logIn({ login, password, address, now }) {
      const names = [
        { name: `login ${officerId(login).slice(0, 100)}`, free: FREE_OF_LOGIN },
        { name: `address ${address}`, free: FREE_OF_ADDRESS },
      ] as const;
      // Counted before the check, so that guesses sent all at once are counted too.
      const waitSeconds = await allowance.fails(names, now);
      if (waitSeconds > 0) return { is: 'throttled', waitSeconds };
      nobody ??= hashed(randomBytes(16).toString('hex'));
      const row = await readAccount(db, login);
      const own = row !== null && asAccount(row).status === 'active' ? row.password_hash : null;
      // Whoever comes by another house's word has no password here.
      const canLogIn = own?.startsWith('$argon2') === true;
      const kept = canLogIn && own !== null ? own : await nobody;
      const matches = await verify(kept, password.normalize('NFC').slice(0, LONGEST_PASSWORD + 1));
      if (row === null || !canLogIn || !matches || (await isBarred(db, row.login))) return { is: 'refused' };
      // The account's count ends. The address's only loses this try: others who guess from there are not forgiven.
      const [ofLogin, ofAddress] = names;
      await allowance.forget([ofLogin.name], now);
      await allowance.takeBack(ofAddress.name, now);
      return { is: 'in', account: asAccount(row), ...(await openSession(db, row.login, now)) };
    },
    async enter(login, now) {
      const row = await readAccount(db, login);
      if (row === null || row.disabled_at !== null || (await isBarred(db, row.login)))
        return { is: 'refused' };
      return { is: 'in', account: asAccount(row), ...(await openSession(db, row.login, now)) };
    },
    async setRole(login, role, now) {
      return db.transaction(async (tx) => {
        if (role !== 'admin') await keepAnAdmin(tx, login);
        const [row] = await tx.query<AccountRow>(
          'update account set role = $2 where login = $1 returning *',
          [officerId(login), role],
        );
        if (row === undefined) throw noAccount(login);
        // Whoever is somebody else from now on logs in anew.
        await tx.query('delete from session where login = $1', [row.login]);
        await tell(tx, 'role_changed', asAccount(row), now);
        return asAccount(row);
      });
    },
    async session(token, now) {
      const [row] = await db.query<AccountRow & { since: Date; expires_at: Date }>(
        `select a.*, s.created_at as since, s.expires_at from session s join account a on a.login = s.login
         where s.token_sha256 = $1 and s.expires_at > $2 and a.disabled_at is null`,
        [sha256(token), now],
      );
      if (row === undefined) return null;
      const latest = after(row.since, LONGEST_SESSION_SECONDS).getTime();
      const until = new Date(Math.min(after(now, IDLE_SECONDS).getTime(), latest));
      // A write a minute is enough; one a request would make every look at a page a write.
      if (until.getTime() - row.expires_at.getTime() >= 60_000) {
        await db.query('update session set expires_at = $2 where token_sha256 = $1', [sha256(token), until]);
      }
      return asAccount(row);
    },
    async logOut(token) {
      await db.query('delete from session where token_sha256 = $1', [sha256(token)]);
    },
  };
}

type AccountChange =
  | 'added'
  | 'invited'
  | 'joined'
  | 'disabled'
  | 'enabled'
  | 'role_changed'
  /** By another house, which gives the person no role any more, or one again. */
  | 'role_taken'
  | 'role_given';

/** Whether another house that knows the person gives no role any more: no way in opens then. */
async function isBarred(db: Queryable, login: OfficerId): Promise<boolean> {
  const rows = await db.query(
    'select 1 as barred from account_identity where login = $1 and barred_at is not null limit 1',
    [login],
  );
  return rows.length > 0;
}

async function openSession(
  db: Queryable,
  login: OfficerId,
  now: Date,
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const token = newToken();
  const expiresAt = after(now, IDLE_SECONDS);
  await db.query('delete from session where expires_at <= $1', [now]);
  await db.query(
    'insert into session (token_sha256, login, created_at, expires_at) values ($1, $2, $3, $4)',
    [sha256(token), login, now, expiresAt],
  );
  return { token, expiresAt };
}

export async function tell(
  tx: Queryable,
  change: AccountChange,
  { login, role }: Account,
  at: Date,
): Promise<void> {
  await appendToLedger(tx, [{ at, kind: 'account', subject: login, entry: { login, role, change } }]);
}

export async function insertAccount(
  db: Queryable,
  person: NewAccount,
  passwordHash: string,
  now: Date,
): Promise<Account> {
  const login = checkLogin(person.login);
  const name = person.name.normalize('NFC').trim();
  if (name === '' || name.length > 100) {
    throw new AccountRefusedError(login, 'bad_name', 'Give the person a name of 1 to 100 characters.');
  }
  const [row] = await db.query<AccountRow>(
    `insert into account (login, name, role, password_hash, created_at) values ($1, $2, $3, $4, $5)
     on conflict (login) do nothing returning *`,
    [login, name, person.role, passwordHash, now],
  );
  if (row === undefined) {
    throw new AccountRefusedError(
      login,
      'login_taken',
      `There is an account "${login}" already. Choose another login.`,
    );
  }
  return asAccount(row);
}

/** `kuzet` signs the machine's own acts; two alphabets in one login would let one name look like another. */
function checkLogin(typed: string): OfficerId {
  const login = officerId(typed);
  const isWellFormed = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{1,63}$/u.test(login);
  if (!isWellFormed || login === 'kuzet' || foldWord(login).isMixed) {
    throw new AccountRefusedError(
      login.slice(0, 64),
      'bad_login',
      'A login has 2 to 64 letters of one alphabet, digits, ".", "_", "-" or "@", and is not "kuzet".',
    );
  }
  return login;
}

function checkPassword(login: string, password: string): string {
  const same = password.normalize('NFC');
  const isLongEnough = [...same].length >= SHORTEST_PASSWORD && same.length <= LONGEST_PASSWORD;
  const isGuessable =
    (login.length >= 4 && officerId(same).includes(officerId(login))) || new Set(same).size < 4;
  if (!isLongEnough || isGuessable) {
    throw new AccountRefusedError(
      login,
      'weak_password',
      `A password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters, at least 4 different ones, and does not hold the login.`,
    );
  }
  return same;
}

/** Refuses to go on when this login is the only one that can administer. */
export async function keepAnAdmin(tx: Queryable, login: string): Promise<void> {
  await tx.query('lock table account in share row exclusive mode');
  const rows = await tx.query<AccountRow>("select * from account where role = 'admin'");
  const able = rows.map(asAccount).filter((each) => each.status === 'active');
  if (able.length === 1 && able[0]?.login === officerId(login)) {
    throw new AccountRefusedError(
      login,
      'last_admin',
      `${officerId(login)} is the last admin. Add another admin first.`,
    );
  }
}

async function readAccount(db: Queryable, login: string): Promise<AccountRow | null> {
  // PostgreSQL text holds no NUL.
  if (login.includes('\u0000')) return null;
  const [row] = await db.query<AccountRow>('select * from account where login = $1', [officerId(login)]);
  return row ?? null;
}

/** Stands where a password's hash would, for whoever is known by another house's word alone. */
export const NO_PASSWORD = 'elsewhere';

/** An invitation stands where the password's hash will: `invited$SHA-256 of the token$expiry`. */
const INVITED = 'invited$';

function newInvitation(now: Date): { token: string; kept: string } {
  const token = newToken();
  return { token, kept: `${INVITED}${sha256(token)}$${after(now, INVITATION_SECONDS).toISOString()}` };
}

async function readInvitation(db: Queryable, token: string, now: Date): Promise<AccountRow | null> {
  const [row] = await db.query<AccountRow>(
    'select * from account where starts_with(password_hash, $1) and disabled_at is null',
    [`${INVITED}${sha256(token)}$`],
  );
  const until = row?.password_hash?.split('$')[2];
  return row !== undefined && until !== undefined && new Date(until) > now ? row : null;
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

async function hashed(password: string): Promise<string> {
  return hash(password, ARGON2ID);
}

function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}

function noAccount(login: string): AccountRefusedError {
  return new AccountRefusedError(
    login,
    'no_account',
    `There is no account "${officerId(login)}" that this can be done to.`,
  );
}

function badInvitation(): AccountRefusedError {
  return new AccountRefusedError(
    '',
    'bad_invitation',
    'This invitation was used or is out of date. Ask an admin for a new one.',
  );
}

export interface AccountRow {
  login: string;
  name: string;
  role: Role;
  password_hash: string | null;
  created_at: Date;
  disabled_at: Date | null;
}

export function asAccount(row: AccountRow): Account {
  const isInvited = row.password_hash === null || row.password_hash.startsWith(INVITED);
  const status = row.disabled_at !== null ? 'disabled' : isInvited ? 'invited' : 'active';
  return { login: row.login, name: row.name, role: row.role, status, createdAt: row.created_at };
}
