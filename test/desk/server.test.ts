import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, startDesk } from '../../desk/server.ts';
import { client, loggedIn, refusal } from './client.ts';
import { DOT, hire, openHouse, PASSWORD, see, signal } from './house.ts';

const house = await openHouse();
let desk: Desk;

beforeAll(async () => {
  desk = await house.open();
  await hire(house, 'aigerim', 'officer');
  await hire(house, 'daniyar', 'senior');
  await hire(house, 'boss', 'admin');
});
afterAll(() => house.close());

let sites = 0;
const openCase = (label: 'pyramid' | 'illegal_casino' = 'pyramid') => {
  sites += 1;
  const reason = signal('yield', 'доход 2 % в день', 2);
  return see(house, label, [
    {
      url: `https://site-${sites}.test/`,
      title: 'Клуб',
      text: 'доход 2 % в день',
      score: 0.9,
      signals: [reason],
      picture: DOT,
    },
  ]);
};

const CONFIRM = { verdict: 'confirm', ground: 'KZ-CC-217', reason: 'Доход обещан за приглашённых.' };

/** A request with headers that `fetch` would not send as given. */
const raw = (headers: Record<string, string>, path = '/healthz', body = '') =>
  new Promise<number>((resolve, reject) => {
    const asked = request(desk.url + path, { method: body === '' ? 'GET' : 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end(body);
  });

describe('a case', () => {
  test('is decided by one officer and approved by another, over the API', async () => {
    const { id } = await openCase();
    const [first, second] = [await loggedIn(desk, 'aigerim'), await loggedIn(desk, 'daniyar')];
    const confirmed = await first.json('POST', `/api/cases/${id}/decision`, CONFIRM);
    expect(await confirmed.json()).toMatchObject({
      id,
      state: { is: 'confirmed', by: 'aigerim', ground: 'KZ-CC-217' },
    });
    const approved = await second.json('POST', `/api/cases/${id}/approval`, {});
    expect(await approved.json()).toMatchObject({
      state: { is: 'approved', by: 'aigerim', approvedBy: 'daniyar' },
    });
    const seen = await (await first.get(`/api/cases/${id}`)).json();
    expect(seen).toMatchObject({
      acts: [{ kind: 'opened', by: 'kuzet' }, { kind: 'confirmed' }, { kind: 'approved' }],
    });
  });

  test('is not approved by the officer who confirmed it, whoever the request says it is from', async () => {
    const { id } = await openCase();
    const first = await loggedIn(desk, 'aigerim');
    await first.json('POST', `/api/cases/${id}/decision`, { ...CONFIRM, by: 'daniyar' });
    const answer = await first.json('POST', `/api/cases/${id}/approval`, { by: 'daniyar' });
    expect(await refusal(answer)).toBe('409 same_officer');
    const it = await (await first.get(`/api/cases/${id}`)).json();
    expect(it).toMatchObject({ state: { is: 'confirmed', by: 'aigerim' } });
  });

  test('is refused with a code that says why', async () => {
    const officer = await loggedIn(desk, 'aigerim');
    const { id } = await openCase();
    const decide = (of: string, body: object) =>
      officer.json('POST', `/api/cases/${of}/decision`, body).then(refusal);
    expect(await decide(id, { ...CONFIRM, reason: '  ' })).toBe('409 no_reason');
    expect(await decide(id, { ...CONFIRM, ground: 'KZ-CC-1' })).toBe('409 wrong_ground');
    expect(await decide(id, { ...CONFIRM, revision: 7 })).toBe('409 changed');
    expect(await decide(id, { verdict: 'delete' })).toBe('400 bad_request');
    expect(await decide('K-999999', CONFIRM)).toBe('404 not_found');
    expect(await decide('1 or 1=1', CONFIRM)).toBe('400 bad_request');
    expect(await decide((await openCase('illegal_casino')).id, CONFIRM)).toBe('409 not_referable');
    expect(await officer.json('POST', `/api/cases/${id}/approval`, {}).then(refusal)).toBe('409 wrong_state');
  });

  test('is listed by risk, by state and by part of its address, page by page', async () => {
    const officer = await loggedIn(desk, 'aigerim');
    await see(house, 'phishing', [
      { url: 'https://riskiest.test/', title: '', text: '', score: 0.99, signals: [], picture: null },
    ]);
    const list = async (query: string) =>
      (await (await officer.get(`/api/cases?${query}`)).json()) as {
        total: number;
        next: number | null;
        cases: { subject: { key: string }; score: number }[];
      };
    const all = await list('');
    expect(all.cases[0]?.subject.key).toBe('riskiest.test');
    expect(all.cases.map(({ score }) => score)).toEqual(
      all.cases.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    expect(await list('search=RISKIEST&state=open')).toMatchObject({ total: 1, next: null });
    expect(await list('search=riskiest&state=referred')).toMatchObject({ total: 0, cases: [] });
    expect((await list('limit=2')).next).toBe(2);
    expect(await refusal(await officer.get('/api/cases?limit=1000000'))).toBe('400 bad_request');
    expect(await refusal(await officer.get('/api/cases?search=%00'))).toBe('400 bad_request');
  });
});

describe('a picture', () => {
  test('is told to be a PNG and nothing else, and only to those who may see it', async () => {
    const { id } = await openCase();
    const officer = await loggedIn(desk, 'aigerim');
    const it = (await (await officer.get(`/api/cases/${id}`)).json()) as { captures: { id: string }[] };
    const path = `/api/captures/${it.captures[0]?.id}/screenshot`;
    const answer = await officer.get(path);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(DOT);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(await refusal(await client(desk).get(path))).toBe('401 not_logged_in');
    expect(await refusal(await officer.get(`${path}?of=page`))).toBe('404 not_found');
    expect(await refusal(await officer.get('/api/captures/..%2F..%2Fetc/screenshot'))).toBe(
      '400 bad_request',
    );
  });

  test('whose bytes are no PNG is not given out', async () => {
    const html = new TextEncoder().encode('<script>alert(1)</script>');
    const { id } = await see(house, 'phishing', [
      { url: 'https://odd.test/', title: '', text: '', score: 0.8, signals: [], picture: html },
    ]);
    const officer = await loggedIn(desk, 'aigerim');
    expect((await officer.get(`/cases/${id}/thumbnail`)).status).toBe(404);
  });
});

describe('a request', () => {
  test('that changes something from another origin, or from none, is refused', async () => {
    const { id } = await openCase();
    const officer = await loggedIn(desk, 'aigerim');
    for (const origin of ['https://evil.test', 'null', '', `${desk.url}.evil.test`]) {
      const answer = await officer.json('POST', `/api/cases/${id}/decision`, CONFIRM, { origin });
      expect([origin, await refusal(answer)]).toEqual([origin, '403 bad_origin']);
    }
  });

  test('by another host name is turned away, so that no page can rebind its name to this desk', async () => {
    expect(await raw({ host: 'evil.test' })).toBe(421);
    expect(await raw({ host: new URL(desk.url).host })).toBe(200);
    expect(await raw({ host: `localhost:${new URL(desk.url).port}` })).toBe(200);
  });

  test('with a body beyond 256 KB is refused, with or without a declared length', async () => {
    const officer = await loggedIn(desk, 'aigerim');
    const answer = await officer.json('POST', '/api/scans', { urls: ['x'.repeat(300_000)] });
    expect(await refusal(answer)).toBe('413 too_large');
    const headers = { host: new URL(desk.url).host, origin: desk.url, 'transfer-encoding': 'chunked' };
    expect(await raw(headers, '/api/session', `"${'x'.repeat(300_000)}"`)).toBe(413);
  });

  test('that is no JSON is refused', async () => {
    const answer = await fetch(`${desk.url}/api/session`, {
      method: 'POST',
      headers: { origin: desk.url, 'content-type': 'application/json' },
      body: '{"login":',
    });
    expect(await refusal(answer)).toBe('400 bad_request');
  });

  test('is answered with the headers of safety, errors too', async () => {
    for (const path of ['/log-in', '/healthz', '/nowhere', '/api/nowhere', '/cases', '/assets/desk.css']) {
      const { headers } = await client(desk).get(path);
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
      expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy'), path).not.toContain('unsafe');
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy'), path).toBe('same-origin');
      expect(headers.get('referrer-policy'), path).toBe('same-origin');
    }
  });

  test('for a scan or a batch is refused where the river is not joined on', async () => {
    const officer = await loggedIn(desk, 'daniyar');
    expect(await refusal(await officer.json('POST', '/api/scans', { urls: ['example.test'] }))).toBe(
      '501 not_available',
    );
    expect(await refusal(await officer.json('POST', '/api/batches', {}))).toBe('501 not_available');
  });

  test('for a scan hands on well-formed addresses and who asked', async () => {
    const orders: unknown[] = [];
    const joined = await house.open({
      actions: {
        scan: async (urls, by) => {
          orders.push({ urls, by });
          return { scan: 's-1' };
        },
      },
    });
    const officer = await loggedIn(joined, 'aigerim');
    const answer = await officer.json('POST', '/api/scans', { urls: ['example.test/a'] });
    expect([answer.status, await answer.json()]).toEqual([202, { scan: 's-1' }]);
    expect(orders).toEqual([{ urls: ['https://example.test/a'], by: 'aigerim' }]);
    expect(await refusal(await officer.json('POST', '/api/scans', { urls: ['file:///etc/passwd'] }))).toBe(
      '400 bad_request',
    );
  });
});

describe('a session', () => {
  test('lives in a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await client(desk).json('POST', '/api/session', { login: 'AIGERIM', password: PASSWORD });
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^kuzet_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(await answer.json()).toEqual({
      login: 'aigerim',
      name: 'aigerim',
      role: 'officer',
      isVisitor: false,
    });
  });

  test('behind https has a cookie of the host alone', async () => {
    const behind = await house.open({ publicUrl: 'https://kuzet.example/' });
    const { port } = new URL(behind.url);
    const answer = await client({ url: `http://localhost:${port}` }).json('POST', '/api/session', {
      login: 'aigerim',
      password: PASSWORD,
    });
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Host-kuzet_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  test('is new at every log-in, and ends at log-out', async () => {
    const one = await loggedIn(desk, 'aigerim');
    const before = one.cookie;
    await one.json('POST', '/api/session', { login: 'aigerim', password: PASSWORD });
    expect(one.cookie).not.toBe(before);
    expect((await one.json('DELETE', '/api/session')).status).toBe(204);
    expect(one.cookie).toBe('');
    expect(await refusal(await one.get('/api/me'))).toBe('401 not_logged_in');
  });

  test('is refused after five wrong passwords, and says for how long', async () => {
    await hire(house, 'forgetful', 'viewer');
    const one = client(desk);
    const attempt = () => one.json('POST', '/api/session', { login: 'forgetful', password: 'wrong' });
    for (let n = 0; n < 5; n += 1) expect(await refusal(await attempt())).toBe('401 bad_log_in');
    const last = await attempt();
    expect(last.headers.get('retry-after')).toBe('1');
    expect(await refusal(last)).toBe('429 too_many_attempts');
  });

  test('that was asked for on the way to a case goes on to that case, and nowhere else', async () => {
    const one = client(desk);
    expect((await one.get('/cases/K-000001?capture=x')).headers.get('location')).toBe(
      '/log-in?next=%2Fcases%2FK-000001%3Fcapture%3Dx',
    );
    const goes = async (next: string) =>
      (await client(desk).form('/log-in', { login: 'aigerim', password: PASSWORD, next })).headers.get(
        'location',
      );
    expect(await goes('/cases/K-000001')).toBe('/cases/K-000001');
    for (const next of [
      'https://evil.test/',
      '//evil.test',
      '/\\evil.test',
      '/log-out',
      '/cases//evil.test:1@',
      '',
    ]) {
      expect([next, await goes(next)]).toEqual([next, expect.stringMatching(/^\/cases/)]);
    }
  });
});

describe('the first account', () => {
  test('is made with the printed link, once, and then invites people who choose their own passwords', async () => {
    const empty = await openHouse();
    try {
      const fresh = await empty.open({ firstRun: { token: 'printed-token' } });
      const first = client(fresh);
      expect((await first.get('/setup?token=guess')).status).toBe(403);
      expect((await first.get('/setup?token=printed-token')).status).toBe(200);
      const person = { token: 'printed-token', login: 'boss', name: 'Boss', password: PASSWORD };
      expect((await first.form('/setup', { ...person, token: 'guess' })).status).toBe(403);
      expect((await first.form('/setup', { ...person, password: 'short' })).status).toBe(422);
      expect((await first.form('/setup', person)).headers.get('location')).toBe('/people');
      expect((await client(fresh).form('/setup', { ...person, login: 'other' })).status).toBe(403);

      const answer = await first.json('POST', '/api/people', {
        login: 'aigerim',
        name: 'Айгерим',
        role: 'officer',
      });
      const { link } = (await answer.json()) as { link: string };
      const path = link.slice(fresh.url.length);
      const invited = client(fresh);
      expect(await (await invited.get(path)).text()).toContain('aigerim');
      const token = new URL(link).searchParams.get('token') ?? '';
      expect((await invited.form('/join', { token, password: PASSWORD })).headers.get('location')).toBe(
        '/cases',
      );
      expect(await (await invited.get('/api/me')).json()).toMatchObject({
        login: 'aigerim',
        role: 'officer',
      });
      expect((await client(fresh).get(path)).status).toBe(404);
      expect(await refusal(await first.json('POST', '/api/people/boss/disable'))).toBe('409 last_admin');
      await first.json('POST', '/api/people/aigerim/disable');
      expect(await refusal(await invited.get('/api/me'))).toBe('401 not_logged_in');
    } finally {
      await empty.close();
    }
  });

  test('is not to be made where no link was printed', async () => {
    expect((await client(desk).get('/setup?token=')).status).toBe(403);
  });
});

describe('a demonstration', () => {
  test('shows the cases to anybody on this machine, and lets nobody decide', async () => {
    const { id } = await openCase();
    const demo = await house.open({ openAs: { login: 'guest', role: 'viewer' } });
    const anybody = client(demo);
    expect(await (await anybody.get('/cases')).text()).toContain('&quot;isVisitor&quot;:true');
    expect((await anybody.get(`/cases/${id}`)).status).toBe(200);
    expect(await (await anybody.get('/api/me')).json()).toMatchObject({ login: 'guest', isVisitor: true });
    expect(await refusal(await anybody.json('POST', `/api/cases/${id}/decision`, CONFIRM))).toBe(
      '403 not_allowed',
    );
    expect((await anybody.get('/people')).status).toBe(403);
  });

  test('is refused beyond this machine', async () => {
    const open = { login: 'guest', role: 'viewer' } as const;
    await expect(house.open({ openAs: open, host: '0.0.0.0' })).rejects.toThrow(
      'this machine only, not on 0.0.0.0',
    );
  });
});

describe('a local operation', () => {
  const closed: string[] = [];
  const operations = {
    async *count({ to }: { to: number }) {
      for (let n = 1; n <= to; n += 1) yield { n };
    },
    async *fail() {
      yield { n: 1 };
      throw Object.assign(new TypeError('no such thing'), { facts: { what: 'thing' } });
    },
    async *wait(_: unknown, signal: AbortSignal) {
      yield { started: true };
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      closed.push('wait');
    },
  };
  const open = () => house.open({ local: { token: 'secret', operations } });
  const run = (at: Desk, name: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${at.url}/local/${name}`, {
      method: 'POST',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json', ...headers },
      body: '{"to":3}',
      ...(signal === undefined ? {} : { signal }),
    });

  test('streams a line for everything it yields', async () => {
    const answer = await run(await open(), 'count');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(await answer.text()).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
  });

  test('that fails says so on its last line', async () => {
    expect(await (await run(await open(), 'fail')).text()).toBe(
      '{"n":1}\n{"error":{"name":"TypeError","message":"no such thing","facts":{"what":"thing"}}}\n',
    );
  });

  test('is run for the holder of the token alone, and never for a page', async () => {
    const at = await open();
    expect((await run(at, 'count', { authorization: 'Bearer secre' })).status).toBe(401);
    expect((await run(at, 'count', { authorization: '' })).status).toBe(401);
    expect((await run(at, 'count', { origin: at.url })).status).toBe(401);
    expect((await run(desk, 'count')).status).toBe(401);
    expect((await run(at, 'constructor')).status).toBe(404);
  });

  test('is told when its asker has gone', async () => {
    const at = await open();
    const asker = new AbortController();
    const answer = await run(at, 'wait', {}, asker.signal);
    const reader = answer.body!.getReader();
    await reader.read();
    asker.abort();
    await expect.poll(() => closed).toEqual(['wait']);
  });

  test('ends when the desk closes', async () => {
    const at = await open();
    const answer = await run(at, 'wait');
    const reader = answer.body!.getReader();
    await reader.read();
    await at.close();
    expect((await reader.read()).done).toBe(true);
  });
});

describe('the desk', () => {
  test('describes its API in OpenAPI 3.1', async () => {
    const described = (await (await client(desk).get('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    };
    expect(described.openapi).toBe('3.1.0');
    expect(Object.keys(described.paths)).toContain('/api/cases/{id}/decision');
    expect(Object.keys(described.paths).filter((path) => path.startsWith('/local'))).toEqual([]);
  });

  test('says when it is ready, and when its store is not', async () => {
    expect((await client(desk).get('/readyz')).status).toBe(200);
    const broken = await openHouse();
    const at = await broken.open({ onError: () => {} });
    await broken.database.close();
    expect((await client(at).get('/healthz')).status).toBe(200);
    expect((await client(at).get('/readyz')).status).toBe(503);
    await broken.close();
  });

  test('tells an error inside to its listener, and nothing of it to the asker', async () => {
    const told: unknown[] = [];
    const broken = await openHouse();
    const at = await broken.open({
      openAs: { login: 'guest', role: 'viewer' },
      onError: (error) => told.push(error),
    });
    await broken.database.close();
    const answer = await client(at).get('/api/cases');
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { error: { code: 'internal', message: 'An error inside Kuzet; it was recorded.' } },
    ]);
    expect(told).toHaveLength(1);
    await broken.close();
  });

  test('names the port that is taken, and the way out', async () => {
    const port = Number(new URL(desk.url).port);
    const { stores, evidence, clock } = house;
    await expect(startDesk({ stores, evidence, clock, port })).rejects.toThrow(
      `The desk cannot listen on 127.0.0.1:${port} (EADDRINUSE). Choose another port`,
    );
  });
});
