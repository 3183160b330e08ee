import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guardedRoutes, UnguardedRouteError } from '../../desk/gate.ts';
import { takesKey, WITHOUT_KEY } from '../../desk/once.ts';
import { ACTIONS, isAllowed } from '../../desk/roles.ts';
import type { Desk } from '../../desk/server.ts';
import { ROLES } from '../../store/accounts.ts';
import { type Client, client, loggedIn } from './client.ts';
import { hire, openHouse } from './house.ts';

/** Every route of the desk. One that is missing here, or here and not there, fails the test. */
const ROUTES: Readonly<Record<string, keyof typeof ACTIONS>> = {
  'GET /healthz': 'desk.enter',
  'GET /readyz': 'desk.enter',
  'GET /metrics': 'figures.read',
  'GET /openapi.json': 'desk.enter',
  'GET /api': 'desk.enter',
  'POST /api/session': 'desk.enter',
  'DELETE /api/session': 'session.own',
  'GET /api/me': 'session.own',
  'GET /api/cases': 'case.read',
  'GET /api/cases/:id': 'case.read',
  'POST /api/cases/:id/decision': 'case.decide',
  'POST /api/cases/:id/approval': 'case.approve',
  'POST /api/cases/:id/view': 'case.read',
  'POST /api/cases/:id/second-look': 'case.approve',
  'POST /api/cases/:id/disagreement': 'case.approve',
  'POST /api/cases/:id/escalation': 'case.put_off',
  'POST /api/cases/:id/watch': 'case.put_off',
  'POST /api/cases/:id/reversal': 'case.reverse',
  'POST /api/cases/:id/undo': 'case.reverse',
  'POST /api/cases/:id/claim': 'case.hold',
  'DELETE /api/cases/:id/claim': 'case.hold',
  'GET /api/queue': 'case.read',
  'GET /api/queue/counts': 'case.read',
  'GET /api/claims': 'case.hold',
  'POST /api/claims': 'case.hold',
  'GET /api/queues': 'case.read',
  'POST /api/queues': 'queue.save',
  'DELETE /api/queues/:id': 'queue.save',
  'GET /api/audit': 'audit.read',
  'POST /api/bulk/preview': 'case.decide',
  'POST /api/bulk': 'case.decide',
  'POST /api/bulk/undo': 'case.reverse',
  'GET /api/captures/:id': 'case.read',
  'GET /api/captures/:id/structure': 'case.read',
  'GET /api/captures/:id/site': 'case.read',
  'GET /api/captures/:id/cloak-check': 'case.read',
  'GET /api/cases/:id/passage': 'case.read',
  'GET /api/captures/:id/document': 'case.read',
  'GET /api/captures/:id/screenshot': 'case.read',
  'POST /api/scans': 'scan.start',
  'POST /api/scans/:id/stop': 'scan.stop',
  'GET /api/batches': 'batch.read',
  'POST /api/batches': 'batch.build',
  'GET /api/batches/next': 'batch.read',
  'GET /api/batches/:id': 'batch.read',
  'GET /api/batches/:id/file': 'batch.take',
  'POST /api/batches/:id/handover': 'batch.build',
  'POST /api/batches/:id/reissue': 'batch.build',
  'POST /api/receipts': 'receipt.take',
  'POST /api/appeals': 'desk.enter',
  'GET /api/appeals': 'appeal.read',
  'POST /api/appeals/:code/judgement': 'appeal.judge',
  'GET /api/cases/:id/findings': 'case.read',
  'POST /api/cases/:id/overrides': 'override.ask',
  'POST /api/cases/:id/overrides/:rule/answer': 'override.answer',
  'GET /api/overrides': 'case.read',
  'POST /api/rereads': 'case.reread',
  'POST /api/rereads/:id/answer': 'case.reread',
  'GET /api/rereads': 'reread.read',
  'GET /api/addresses/history': 'case.read',
  'GET /api/sources': 'source.read',
  'POST /api/sources': 'source.change',
  'POST /api/sources/:name/pause': 'source.change',
  'POST /api/sources/:name/resume': 'source.change',
  'POST /api/sources/:name/run': 'scan.start',
  'GET /api/statistics': 'statistics.read',
  'GET /api/statistics/tables/:table': 'statistics.read',
  'GET /audit': 'audit.read',
  'GET /account': 'session.own',
  'GET /log-in/oidc': 'desk.enter',
  'GET /log-in/oidc/answer': 'desk.enter',
  'GET /api/passkeys': 'session.own',
  'POST /api/passkeys/begin': 'session.own',
  'POST /api/passkeys': 'session.own',
  'DELETE /api/passkeys/:id': 'session.own',
  'POST /api/session/passkey/begin': 'desk.enter',
  'POST /api/session/passkey': 'desk.enter',
  'GET /api/sources/:name': 'source.read',
  'GET /api/scans': 'source.read',
  'GET /api/scans/:id': 'source.read',
  'GET /api/tips': 'tip.read',
  'POST /api/tips/file': 'tip.change',
  'POST /api/tips/:code/reply': 'tip.change',
  'GET /api/rings': 'ring.read',
  'GET /api/rings/:id': 'ring.read',
  'GET /api/rings/:id/drawing': 'ring.read',
  'POST /api/rings/:id/reveal': 'ring.reveal',
  'POST /api/rings/:id/feedback': 'ring.answer',
  'GET /api/actors': 'ring.read',
  'POST /api/actors/find': 'actor.find',
  'GET /api/actors/:kind/:mark': 'ring.read',
  'GET /api/marketplaces': 'ring.read',
  'GET /api/endpoints': 'delivery.read',
  'POST /api/endpoints/:id/test': 'delivery.send',
  'GET /api/deliveries': 'delivery.read',
  'POST /api/deliveries/replay': 'delivery.send',
  'GET /api/feedback': 'ring.read',
  'POST /api/people/:login/marketplace': 'people.change',
  'GET /rings': 'ring.read',
  'GET /rings/:id': 'ring.read',
  'GET /actors': 'ring.read',
  'GET /actors/:kind/:mark': 'ring.read',
  'GET /deliveries': 'delivery.read',
  'GET /feedback': 'ring.read',
  'GET /statistics': 'statistics.read',
  'GET /sources': 'source.read',
  'GET /sources/:name': 'source.read',
  'GET /scans/:id': 'source.read',
  'GET /tips': 'tip.read',
  'GET /tip': 'desk.enter',
  'POST /tip': 'desk.enter',
  'POST /api/tips': 'desk.enter',
  'GET /api/tips/:code': 'desk.enter',
  'GET /api/people': 'people.read',
  'POST /api/people': 'people.change',
  'POST /api/people/:login/invitation': 'people.change',
  'POST /api/people/:login/disable': 'people.change',
  'POST /api/people/:login/enable': 'people.change',
  'POST /v1/listings/check': 'market.use',
  'PUT /v1/listings/:id': 'market.use',
  'DELETE /v1/listings/:id': 'market.use',
  'POST /v1/listings/batch': 'market.use',
  'GET /v1/clusters/:id': 'market.use',
  'POST /v1/clusters/:id/feedback': 'market.use',
  'GET /v1/actors': 'market.use',
  'GET /v1/endpoints': 'market.use',
  'POST /v1/endpoints': 'market.use',
  'DELETE /v1/endpoints/:id': 'market.use',
  'POST /v1/endpoints/:id/secret': 'market.use',
  'POST /v1/endpoints/:id/test': 'market.use',
  'GET /v1/deliveries': 'market.use',
  'POST /v1/deliveries/replay': 'market.use',
  'GET /v1/feed': 'market.use',
  'GET /': 'desk.enter',
  'GET /assets/:name': 'desk.enter',
  'GET /help': 'desk.enter',
  'GET /help/:path{.*}': 'desk.enter',
  'GET /cases': 'case.read',
  'GET /cases/:id': 'case.read',
  'GET /cases/:id{K-[0-9]{6,15}}/thumbnail': 'case.read',
  'GET /batches': 'batch.read',
  'GET /batches/next': 'batch.read',
  'GET /batches/:id': 'batch.read',
  'GET /appeal': 'desk.enter',
  'POST /appeal': 'desk.enter',
  'GET /appeals': 'appeal.read',
  'GET /people': 'people.read',
  'POST /people': 'people.change',
  'POST /people/change': 'people.change',
  'GET /log-in': 'desk.enter',
  'POST /log-in': 'desk.enter',
  'POST /log-out': 'session.own',
  'GET /setup': 'desk.enter',
  'POST /setup': 'desk.enter',
  'GET /join': 'desk.enter',
  'POST /join': 'desk.enter',
  'POST /local/:operation': 'local.run',
};

const house = await openHouse();
let desk: Desk;
const asked = new Map<string, Client>();

beforeAll(async () => {
  desk = await house.open();
  for (const role of ROLES) await hire(house, `some-${role}`, role);
  asked.set('nobody', client(desk));
  for (const role of ROLES) asked.set(role, await loggedIn(desk, `some-${role}`));
});
afterAll(() => house.close());

/** An address of the route that leads nowhere: the gate is asked before anything is looked up. */
const addressOf = (path: string) =>
  path
    .replace(/:id\{[^/]*\}/, 'K-999999')
    .replace('/queues/:id', '/queues/00000000-0000-4000-8000-000000000000')
    .replace('/captures/:id', '/captures/00000000-0000-4000-8000-000000000000')
    .replace('rereads/:id', 'rereads/999999')
    .replace('batches/:id', 'batches/KN_NOBODY_20260101_001')
    .replace('/scans/:id', '/scans/00000000-0000-4000-8000-000000000000')
    .replace(':id', 'K-999999')
    .replace('statistics/tables/:table', 'statistics/tables/days')
    .replace('tips/:code', 'tips/T-0000000000000000')
    .replace(/:code(\{.*\})?/, 'A-0000000000000000')
    .replace(':login', 'nobody-here')
    .replace('assets/:name', 'assets/desk.css')
    .replace(':path{.+}', 'nothing-here.html')
    .replace(':name', 'nothing-here')
    .replace(':operation', 'nothing');

describe('a route', () => {
  test('is on the list with its action, and the list names no other', () => {
    const there = Object.fromEntries(
      guardedRoutes(desk.app).map(({ method, path, action }) => [`${method} ${path}`, action]),
    );
    expect(there).toEqual(ROUTES);
  });

  test('without an action keeps the desk from starting', async () => {
    const bare = await house.open();
    bare.app.get('/secret', (c) => c.text('open to all'));
    expect(() => guardedRoutes(bare.app)).toThrow(UnguardedRouteError);
    expect(() => guardedRoutes(bare.app)).toThrow('GET /secret');
  });

  test.each(Object.entries(ROUTES))('%s lets in whom the table allows for %s', async (route, action) => {
    const [method = '', path = ''] = route.split(' ');
    const endsSession = action === 'session.own' && method !== 'GET';
    for (const [role, kept] of asked) {
      // Ending the session must not end the one that the other routes are asked with.
      const who = endsSession && role !== 'nobody' ? await loggedIn(desk, `some-${role}`) : kept;
      const answer =
        method === 'GET' ? await who.get(addressOf(path)) : await who.json(method, addressOf(path));
      const isTurnedAway =
        answer.status === 403
          ? (await answer.text()).match(/not_allowed|не даёт/) !== null && path !== '/setup'
          : answer.status === 401 ||
            (method === 'GET' && (answer.headers.get('location') ?? '').startsWith('/log-in'));
      const may = isAllowed(ROLES.find((it) => it === role) ?? null, action);
      const isLogIn = path === '/log-in' || (path === '/api/session' && method === 'POST');
      expect([role, isTurnedAway && !isLogIn], `${route} answered ${answer.status}`).toEqual([role, !may]);
    }
  });
});

describe('a route that changes something', () => {
  test('takes a key of the request’s own, and the document says so', async () => {
    const { paths } = (await (await asked.get('admin')!.get('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
    };
    const without: string[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { parameters = [] }] of Object.entries(methods)) {
        if (method === 'get' || !/^\/(api|v1)\//.test(path)) continue;
        const takes = parameters.some(({ name }) => name === 'Idempotency-Key');
        if (!takes) without.push(`${method.toUpperCase()} ${path}`);
      }
    }
    // Each of them changes nothing, begins or ends a log-in, or must be told each time: see the reasons there.
    expect(without.sort()).toEqual([
      'DELETE /api/session',
      'POST /api/actors/find',
      'POST /api/bulk/preview',
      'POST /api/passkeys/begin',
      'POST /api/rings/{id}/reveal',
      'POST /api/session',
      'POST /api/session/passkey',
      'POST /api/session/passkey/begin',
      'POST /v1/listings/check',
    ]);
    expect(Object.keys(WITHOUT_KEY).sort()).toEqual(without);
  });

  const keyed = Object.entries(ROUTES).filter(([route]) => {
    const [method = '', path = ''] = route.split(' ');
    return takesKey(method, path.replaceAll(/:(\w+)/g, '{$1}'));
  });
  test.each(keyed)('%s refuses a key that is none', async (route, action) => {
    const [method = '', path = ''] = route.split(' ');
    const role = ROLES.find((it) => isAllowed(it, action));
    // Marketplaces ask with a key of their own: test/desk/market.test.ts.
    if (action === 'market.use') return expect(role).toBeUndefined();
    const answer = await asked.get(role!)!.json(method, addressOf(path), {}, { 'idempotency-key': 'x' });
    expect([answer.status, (await answer.json()).error.message]).toEqual([
      400,
      'An Idempotency-Key has 8 to 100 letters, digits, "-", "_", ".".',
    ]);
  });
});

/** Lists that are told whole each time, and why. */
const WHOLE: Readonly<Record<string, string>> = {
  '/api/queue': 'its order is the answer; what changed is told by /api/cases',
  '/api/claims': 'one’s own, at most five',
  '/api/queues': 'a few; of one that is gone there is no row',
  '/api/passkeys': 'one’s own, a few',
  '/api/people': 'accounts have no moment of change',
  '/api/sources': 'a few; their figures move with each address that is looked at',
  '/api/scans': 'counts move with each address: /api/scans/{id} tells what is newer',
  '/api/addresses/history': 'of one address',
  '/api/batches/next': 'made when it is asked for',
  '/api/statistics': 'sums between two moments of one’s choice',
  '/api/actors': 'counted from what stands now',
  '/api/marketplaces': 'a few',
  '/api/endpoints': 'a few',
  '/api/deliveries': 'what waits is asked for by `state`',
  '/v1/actors': 'of one identifier',
  '/v1/endpoints': 'a few',
  '/v1/deliveries': 'what is new is told by /v1/feed, in order',
  '/v1/feed': 'a cursor does it',
};

describe('a list', () => {
  interface Shape {
    readonly $ref?: string;
    readonly type?: string;
    readonly properties?: Readonly<Record<string, Shape>>;
  }
  interface Operation {
    readonly parameters?: readonly { readonly name: string }[];
    readonly responses: Readonly<Record<string, { content?: Record<string, { schema?: Shape }> }>>;
  }
  const lists = async (): Promise<Map<string, boolean>> => {
    const { paths, components } = (await (await asked.get('admin')!.get('/openapi.json')).json()) as {
      paths: Record<string, { get?: Operation }>;
      components: { schemas: Record<string, Shape> };
    };
    const resolved = (it: Shape | undefined): Shape | undefined =>
      it?.$ref === undefined ? it : components.schemas[it.$ref.split('/').at(-1)!];
    const found = new Map<string, boolean>();
    for (const [path, { get }] of Object.entries(paths)) {
      const shape = resolved(get?.responses['200']?.content?.['application/json']?.schema);
      const isList = Object.values(shape?.properties ?? {}).some((it) => resolved(it)?.type === 'array');
      // Under a name in the address is one thing, told whole.
      if (isList && !path.includes('{'))
        found.set(path, get?.parameters?.some(({ name }) => name === 'updated_since') ?? false);
    }
    return found;
  };

  test('tells what changed since, or there is a reason why not', async () => {
    const whole = [...(await lists())].filter(([, hasSince]) => !hasSince).map(([path]) => path);
    expect(whole.sort()).toEqual(Object.keys(WHOLE).sort());
  });

  test('tells nothing of what will have changed in a hundred years', async () => {
    const following = [...(await lists())].filter(([, hasSince]) => hasSince).map(([path]) => path);
    expect(following).toContain('/api/cases');
    for (const path of following) {
      const who = asked.get(ROLES.find((it) => isAllowed(it, ROUTES[`GET ${path}`]!))!)!;
      const { partners, ...told } = await (
        await who.get(`${path}?updated_since=2126-01-01T00:00:00Z`)
      ).json();
      const listed = Object.entries(told).filter(([, it]) => Array.isArray(it));
      expect([path, listed.map(([, it]) => it)]).toEqual([path, [[]]]);
      expect([path, (await who.get(`${path}?updated_since=yesterday`)).status]).toEqual([path, 400]);
      expect([path, (await who.get(`${path}?updated_since=2026-01-01T00:00:00%2B05:00`)).status]).toEqual([
        path,
        200,
      ]);
    }
  });
});

describe('the page of the API', () => {
  test('tells every operation of the document with who may ask it, and every shape that it names', async () => {
    const who = asked.get('viewer')!;
    const { paths } = (await (await who.get('/openapi.json')).json()) as { paths: Record<string, object> };
    const page = await (await who.get('/api?lang=en')).text();
    const written = page
      .split('<details><summary><b>')
      .slice(1)
      .map((it) => it.split('</details>')[0]!);
    const heads = written.map((it) =>
      it
        .match(/^(\w+)<\/b> <code>([^<]*)<\/code>/)!
        .slice(1, 3)
        .join(' '),
    );
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(heads.sort()).toEqual(operations.sort());
    const of = (head: string) => written.find((it) => it.startsWith(head.replace(' ', '</b> <code>')))!;
    expect(of('POST /api/people<')).toContain('<dt>Who</dt><dd>admin (people.change)</dd>');
    expect(of('POST /api/cases/{id}/decision<')).toContain(
      '<li><code>Idempotency-Key</code> in header: string. A key of the request’s own',
    );
    expect(of('POST /api/cases/{id}/decision<')).toContain('<dt>Body</dt><dd><a href="#shape-Decision">');
    const decision = page.split('id="shape-Decision"')[1]?.split('</details>')[0];
    expect(decision).toContain('<code>verdict</code>: &quot;confirm&quot;');
    expect(of('GET /api/appeals<')).toContain('<code>updated_since</code> in query: string (date-time)');
    expect(page).not.toContain('unguarded');
    const named = new Set([...page.matchAll(/href="#(shape-\w+)"/g)].map(([, id]) => id));
    const drawn = new Set([...page.matchAll(/id="(shape-\w+)"/g)].map(([, id]) => id));
    expect([...named].filter((id) => !drawn.has(id))).toEqual([]);
    expect(named.size).toBeGreaterThan(20);
  });
});

describe('the table', () => {
  test('lets nobody decide without being an officer', () => {
    for (const action of ['case.decide', 'case.approve'] as const) {
      expect(ROLES.filter((role) => isAllowed(role, action))).toEqual(['officer', 'senior']);
    }
  });

  test('lets those without an account do nothing but enter', () => {
    const open = Object.keys(ACTIONS).filter((action) => isAllowed(null, action as keyof typeof ACTIONS));
    expect(open).toEqual(['desk.enter']);
  });

  test('lets admins alone change accounts, and lets no role run local operations', () => {
    expect(ROLES.filter((role) => isAllowed(role, 'people.change'))).toEqual(['admin']);
    expect(ROLES.filter((role) => isAllowed(role, 'local.run'))).toEqual([]);
    expect(ROLES.filter((role) => isAllowed(role, 'market.use'))).toEqual([]);
  });
});
