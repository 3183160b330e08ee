/** Ways in without a password, against a real OpenID provider on loopback and a real browser's virtual authenticator. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oidcDoor, roleBy } from '../../desk/oidc.ts';
import type { Desk } from '../../desk/server.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { client } from './client.ts';
import { hire, openHouse, PASSWORD } from './house.ts';

/** People of the other house: what it says of each. */
const PEOPLE: Record<string, Record<string, unknown>> = {
  'sub-1': { preferred_username: 'gulnar', name: 'Гүлнар А.', groups: ['officers'] },
  'sub-2': { preferred_username: 'stranger', name: 'Чужой', groups: ['cooks'] },
  // Who calls himself as somebody here is called, with the same address.
  'sub-3': {
    preferred_username: 'Aigerim',
    name: 'Айгерим',
    email: 'aigerim@example.com',
    groups: ['chiefs'],
  },
};

/** Logs in whoever `who` names, without asking: what is tested is the desk. */
async function openProvider(
  redirectUris: string[],
): Promise<{ issuer: string; server: Server; who: { is: string } }> {
  const who = { is: 'sub-1' };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'kuzet',
        client_secret: 'a secret of the test',
        redirect_uris: redirectUris,
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'name', 'groups'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['only for this test'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  });
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return answer(request, response);
    const { params, session } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: who.is, clientId: String(params['client_id']) });
    grant.addOIDCScope('openid profile');
    const grantId = await grant.save();
    const result =
      session === undefined
        ? { login: { accountId: who.is }, consent: { grantId } }
        : { consent: { grantId } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  });
  return { issuer, server, who };
}

const house = await openHouse();
let desk: Desk;
let provider: Awaited<ReturnType<typeof openProvider>>;
const errors: string[] = [];

beforeAll(async () => {
  // The desk's port is known once it listens, and the provider has to know it: a desk in between tells.
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const hosts = ['127.0.0.1', 'localhost'];
  provider = await openProvider(hosts.map((host) => `http://${host}:${port}/log-in/oidc/answer`));
  desk = await house.open({
    port,
    oidc: oidcDoor({
      ...{ issuer: provider.issuer, clientId: 'kuzet', secret: 'a secret of the test', claim: 'groups' },
      roles: new Map([
        ['chiefs', 'supervisor'],
        ['officers', 'officer'],
      ]),
    }),
    onError: (error) => errors.push(String(error)),
  });
  await hire(house, 'aigerim', 'officer');
});
afterAll(async () => {
  provider.server.closeAllConnections();
  provider.server.close();
  await house.close();
});

/** A browser's way: keeps cookies by host and follows redirects by hand. */
function walker() {
  const jars = new Map<string, Map<string, string>>();
  const walk = async (
    address: string,
  ): Promise<{ url: string; status: number; text: string; way: string[] }> => {
    const way: string[] = [];
    for (let url = address; ; ) {
      const { host } = new URL(url);
      const jar = jars.get(host) ?? new Map<string, string>();
      jars.set(host, jar);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const set of answer.headers.getSetCookie()) {
        const [pair = ''] = set.split(';');
        const at = pair.indexOf('=');
        if (pair.slice(at + 1) === '') jar.delete(pair.slice(0, at));
        else jar.set(pair.slice(0, at), pair.slice(at + 1));
      }
      const next = answer.headers.get('location');
      way.push(url);
      if (next === null || way.length > 12)
        return { url, status: answer.status, text: await answer.text(), way };
      await answer.arrayBuffer();
      url = new URL(next, url).href;
    }
  };
  return { walk, jar: (host: string) => jars.get(host) };
}

const me = async (session: string) =>
  (await fetch(`${desk.url}/api/me`, { headers: { cookie: `kuzet_session=${session}` } })).json();

describe('a log-in by the word of another house', () => {
  test('makes an account with the role that its claim gives, and finds it again', async () => {
    provider.who.is = 'sub-1';
    for (const _ of ['first', 'again']) {
      const { walk, jar } = walker();
      const end = await walk(`${desk.url}/log-in/oidc?next=/batches`);
      expect([end.status, errors]).toEqual([200, []]);
      expect(end.text).toContain('content="0;url=/batches"');
      const session = jar(new URL(desk.url).host)?.get('kuzet_session') ?? '';
      expect(await me(session)).toMatchObject({ login: 'gulnar', name: 'Гүлнар А.', role: 'officer' });
    }
    expect(await house.stores.accounts.list()).toHaveLength(2);
  });

  test('changes the role when the claim does, and ends what was open', async () => {
    const { walk, jar } = walker();
    await walk(`${desk.url}/log-in/oidc`);
    const before = jar(new URL(desk.url).host)?.get('kuzet_session') ?? '';
    PEOPLE['sub-1']!['groups'] = ['officers', 'chiefs'];
    await walker().walk(`${desk.url}/log-in/oidc`);
    expect(await me(before)).toMatchObject({ error: { code: 'not_logged_in' } });
    expect((await house.stores.accounts.find('gulnar'))?.role).toBe('supervisor');
  });

  test('ends what was open when the claim gives no role any more, and opens by no way until it does', async () => {
    const { walk, jar } = walker();
    await walk(`${desk.url}/log-in/oidc`);
    const open = jar(new URL(desk.url).host)?.get('kuzet_session') ?? '';
    expect(await me(open)).toMatchObject({ login: 'gulnar' });
    const groups = PEOPLE['sub-1']!['groups'];
    PEOPLE['sub-1']!['groups'] = [];
    expect((await walker().walk(`${desk.url}/log-in/oidc`)).status).toBe(403);
    expect(await me(open)).toMatchObject({ error: { code: 'not_logged_in' } });
    // As a passkey does.
    expect(await house.stores.accounts.enter('gulnar', house.clock.now())).toEqual({ is: 'refused' });
    PEOPLE['sub-1']!['groups'] = groups;
    expect((await walker().walk(`${desk.url}/log-in/oidc`)).status).toBe(200);
    expect((await house.stores.accounts.enter('gulnar', house.clock.now())).is).toBe('in');
    const told = await house.database.query<{ entry: string }>(
      "select entry from ledger where subject = 'gulnar' order by seq desc limit 2",
    );
    expect(told.map(({ entry }) => JSON.parse(entry).change)).toEqual(['role_given', 'role_taken']);
  });

  test('shows nobody the words that come in the address, and logs them', async () => {
    const begun = await fetch(`${desk.url}/log-in/oidc`, { redirect: 'manual' });
    const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!;
    const state = new URL(begun.headers.get('location')!).searchParams.get('state')!;
    const said = { error: 'access_denied', error_description: 'Call 8 800 now', state, iss: provider.issuer };
    const answer = `${desk.url}/log-in/oidc/answer?${new URLSearchParams(said)}`;
    errors.length = 0;
    const seen = await fetch(answer, { headers: { cookie } });
    expect(seen.status).toBe(401);
    expect(await seen.text()).not.toContain('8 800');
    expect(errors).toEqual([expect.stringContaining('access_denied: Call 8 800 now')]);
    errors.length = 0;
  });

  test('leaves outside whom the claim gives no role', async () => {
    provider.who.is = 'sub-2';
    const { walk, jar } = walker();
    const end = await walk(`${desk.url}/log-in/oidc?lang=ru`);
    expect(end.status).toBe(403);
    expect(end.text).toContain('работы здесь вам не дали');
    expect(jar(new URL(desk.url).host)?.get('kuzet_session')).toBe(undefined);
    expect(await house.stores.accounts.find('stranger')).toBe(null);
  });

  test('takes over no account by its login or mail address', async () => {
    provider.who.is = 'sub-3';
    const { walk, jar } = walker();
    const end = await walk(`${desk.url}/log-in/oidc`);
    expect(end.status).toBe(403);
    expect(jar(new URL(desk.url).host)?.get('kuzet_session')).toBe(undefined);
    expect((await house.stores.accounts.find('aigerim'))?.role).toBe('officer');
  });

  test('is refused to a browser that did not begin it, and a second time', async () => {
    provider.who.is = 'sub-1';
    const { walk } = walker();
    const { way } = await walk(`${desk.url}/log-in/oidc`);
    const answer = way.find((it) => it.includes('/answer?'))!;
    expect((await walker().walk(answer)).status).toBe(403);
    expect((await walk(answer)).status).toBe(403);
  });

  test('opens nothing by password', async () => {
    const it = client(desk);
    const answer = await it.json('POST', '/api/session', { login: 'gulnar', password: PASSWORD });
    expect(answer.status).toBe(401);
  });

  test('is begun so many times an hour from one address, and no oftener', async () => {
    const { allowance } = house.stores;
    for (const _ of Array(200).keys()) await allowance.takes('oidc 127.0.0.1', 200, house.clock.now());
    const answer = await fetch(`${desk.url}/log-in/oidc`, { redirect: 'manual' });
    expect(answer.status).toBe(429);
    house.clock.move(3_601);
    expect((await fetch(`${desk.url}/log-in/oidc`, { redirect: 'manual' })).status).toBe(303);
  });

  test('takes of several roles the first of the table', () => {
    const roles = new Map([
      ['a', 'senior'],
      ['b', 'officer'],
    ] as const);
    expect([
      roleBy(roles, ['b', 'a']),
      roleBy(roles, 'b'),
      roleBy(roles, undefined),
      roleBy(roles, ['c']),
    ]).toEqual([...['senior', 'officer', null, null]]);
  });
});

const where = chromiumPath() === null ? ' (skipped: no Chromium; set CHROMIUM to the path of one)' : '';
describe.skipIf(where !== '')(`a passkey${where}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = (await openBrowser())!;
  });
  afterAll(() => browser?.close());

  test('is added by whoever is logged in, opens the desk without a password, and nothing once it is removed', {
    timeout: 120_000,
  }, async () => {
    // A key is bound to a name, and an address is none.
    const at = desk.url.replace('127.0.0.1', 'localhost');
    const page = await browser.newPage();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await page.goto(`${at}/log-in?lang=en`);
    await page.fill('[name=login]', 'aigerim');
    await page.fill('[name=password]', PASSWORD);
    await page.click('button.main');
    await page.waitForURL(/\/cases/);
    await page.goto(`${at}/account`);
    await page.fill('[name=name]', 'Desk telephone');
    await page.click('.add-key button');
    await page.locator('.keys-held li', { hasText: 'Desk telephone' }).waitFor();

    const logInByKey = async () => {
      await page.context().clearCookies({ name: 'kuzet_session' });
      await page.goto(`${at}/log-in`);
      await page.locator('button.passkey:visible').click();
    };
    await logInByKey();
    await page.waitForURL(/\/cases/);
    const [key] = await house.stores.waysIn.passkeys('aigerim');
    expect(key).toMatchObject({ name: 'Desk telephone', login: 'aigerim' });
    expect(key?.usedAt).not.toBe(null);

    await house.stores.waysIn.removePasskey('aigerim', key!.id, house.clock.now());
    await logInByKey();
    await page.locator('button.passkey', { hasText: 'does not fit' }).waitFor();
    await page.close();
  });

  test('answered twice opens once, and never for another attempt', async () => {
    const it = client(desk);
    const begun = await it.json('POST', '/api/session/passkey/begin');
    const { attempt } = (await begun.json()) as { attempt: string };
    for (const _ of ['first', 'again']) {
      const answer = await it.json('POST', '/api/session/passkey', { attempt, response: { id: 'unknown' } });
      expect(answer.status).toBe(401);
    }
    const { waysIn } = house.stores;
    const now = house.clock.now();
    const id = await waysIn.begin('passkey', 'anybody', { challenge: 'c' }, now);
    expect(await waysIn.take(id, 'passkey', 'somebody else', now)).toBe(null);
    expect(await waysIn.take(id, 'passkey', 'anybody', new Date(now.getTime() + 600_000))).toBe(null);
    expect(await waysIn.take(id, 'passkey', 'anybody', now)).toEqual({ challenge: 'c' });
    expect(await waysIn.take(id, 'passkey', 'anybody', now)).toBe(null);
    const made = { id: 'k', login: 'aigerim', publicKey: new Uint8Array([1]), transports: [], name: 'K' };
    expect(await waysIn.addPasskey({ ...made, counter: 5 }, now)).toBe(true);
    expect(await waysIn.usePasskey('k', 6, now)).toBe(true);
    expect(await waysIn.usePasskey('k', 6, now)).toBe(false);
  });
});
