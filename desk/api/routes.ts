/** API v1: JSON in and out, described at /openapi.json. Errors are `{"error":{"code","message"}}`. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { metricText } from '../../domain/figure.ts';
import { invitationLink, logIn } from '../acts.ts';
import { endSession, guardedRoutes, may, personOf } from '../gate.ts';
import { addMarket } from '../market/routes.ts';
import { withKeys } from '../once.ts';
import { DeskRefusedError } from '../refusal.ts';
import { ACTIONS, type Action } from '../roles.ts';
import type { DeskEnv } from '../tools.ts';
import { type ApiDocument, apiScreen } from '../web/api-docs.ts';
import { screen } from '../web/layout.ts';
import { addActors } from './actors.ts';
import { addAddresses } from './addresses.ts';
import { addAppeals } from './appeals.ts';
import { addBatches } from './batches.ts';
import { addBulk } from './bulk.ts';
import { addCaptures } from './captures.ts';
import { addCases } from './cases.ts';
import { addDeliveries } from './deliveries.ts';
import { addFeedback } from './feedback.ts';
import { addOverrides } from './overrides.ts';
import { addPasskeys } from './passkeys.ts';
import { addQueue } from './queue.ts';
import { addRereads } from './rereads.ts';
import { addRings } from './rings.ts';
import { addScans } from './scans.ts';
import {
  body,
  InvitationView,
  json,
  LogInBody,
  LoginParam,
  MeView,
  PersonBody,
  PersonView,
  personView,
  refused,
  typed,
} from './schemas.ts';
import { addSources } from './sources.ts';
import { addStatistics } from './statistics.ts';
import { addTips } from './tips.ts';

export function addApi(app: OpenAPIHono<DeskEnv>): void {
  addHealth(app);
  addFigures(app);
  addSession(app);
  addCases(app);
  addCaptures(app);
  addQueue(app);
  addBulk(app);
  addBatches(app);
  addAppeals(app);
  addOverrides(app);
  addRereads(app);
  addSources(app);
  addTips(app);
  addScans(app);
  addAddresses(app);
  addStatistics(app);
  addRings(app);
  addActors(app);
  addDeliveries(app);
  addFeedback(app);
  addPeople(app);
  addPasskeys(app);
  addMarket(app);
  const document = () => withKeys(app.getOpenAPI31Document({ openapi: '3.1.0', info: ABOUT }));
  app.get('/openapi.json', may('desk.enter'), (c) => c.json(document()));
  app.get('/api', may('desk.enter'), (c) => {
    const actions = new Map(guardedRoutes(app).map((it) => [`${it.method} ${it.path}`, it.action]));
    const mayOf = (method: string, path: string) =>
      whoMay(actions.get(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`));
    return c.html(screen(c, apiScreen(c, document() as unknown as ApiDocument, mayOf)));
  });
}

const ABOUT = {
  title: 'Kuzet desk',
  version: '1',
  description:
    "Cases, decisions and batches, with the session cookie of /api/session; requests that change something carry the desk's own Origin, and may carry an Idempotency-Key: the same again within a day is done once and answered as at first, the key with anything else is refused (key_reused), and so is a second that comes while the first is being done (key_running). Marketplaces use /v1 with their key: Authorization: Bearer kzt_…",
};

function whoMay(action: Action | undefined): string {
  const allowed = action === undefined ? '' : ACTIONS[action];
  return `${typeof allowed === 'string' ? allowed : allowed.join(', ')} (${action ?? 'unguarded'})`;
}

function addHealth(app: OpenAPIHono<DeskEnv>): void {
  const Status = z.object({ status: z.enum(['ok', 'unavailable']) }).openapi('Status');
  app.openapi(
    createRoute({
      method: 'get',
      path: '/healthz',
      middleware: [may('desk.enter')],
      responses: { 200: json(Status, 'The process answers') },
    }),
    (c) => c.json({ status: 'ok' as const }, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/readyz',
      middleware: [may('desk.enter')],
      responses: {
        200: json(Status, 'The store answers too'),
        503: json(Status, 'The store does not answer'),
      },
    }),
    async (c) => {
      const tools = c.get('tools');
      try {
        await tools.stores.cases.list({ limit: 1 });
        return c.json({ status: 'ok' as const }, 200);
      } catch (error) {
        tools.onError(error, { method: 'GET', path: '/readyz' });
        return c.json({ status: 'unavailable' as const }, 503);
      }
    },
  );
}

function addFigures(app: OpenAPIHono<DeskEnv>): void {
  app.get('/metrics', may('figures.read'), async (c) => {
    const figures = (await c.get('tools').figures?.count()) ?? [];
    const lines = figures.flatMap(metricText);
    return c.body(`${lines.join('\n')}\n`, 200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  });
}

function addSession(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/session',
      middleware: [may('desk.enter')],
      request: { body: body(LogInBody) },
      responses: { 200: json(MeView, 'Logged in; the session is in the cookie'), ...refused },
    }),
    async (c) => {
      const { login, password } = c.req.valid('json');
      const result = await logIn(c, login, password);
      if (result.is === 'throttled') {
        c.header('Retry-After', String(result.waitSeconds));
        throw new DeskRefusedError(429, 'too_many_attempts', `Wait ${result.waitSeconds} seconds.`);
      }
      if (result.is === 'refused')
        throw new DeskRefusedError(401, 'bad_log_in', 'Login or password does not fit.');
      const { account } = result;
      return c.json({ login: account.login, name: account.name, role: account.role, isVisitor: false }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/api/session',
      middleware: [may('session.own')],
      responses: { 204: { description: 'Logged out' }, ...refused },
    }),
    async (c) => {
      await endSession(c);
      return c.body(null, 204);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/me',
      middleware: [may('session.own')],
      responses: { 200: json(MeView, 'Who asks'), ...refused },
    }),
    (c) => {
      const who = c.get('who');
      if (who.is === 'visitor') {
        return c.json({ login: who.login, name: who.login, role: who.role, isVisitor: true }, 200);
      }
      const { login, name, role } = personOf(c);
      return c.json({ login, name, role, isVisitor: false }, 200);
    },
  );
}

function addPeople(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/people',
      middleware: [may('people.read')],
      responses: {
        200: json(
          z.object({ people: z.array(PersonView.extend({ marketplace: z.string().nullable() })) }),
          'Accounts by login, partners with their marketplace',
        ),
        ...refused,
      },
    }),
    async (c) => {
      const { accounts, tenants } = c.get('tools').stores;
      const of = await tenants.logins();
      const people = (await accounts.list()).map((it) => ({
        ...personView(it),
        marketplace: of.get(it.login) ?? null,
      }));
      return c.json({ people }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/people',
      middleware: [may('people.change')],
      request: { body: body(PersonBody) },
      responses: { 201: json(InvitationView, 'Invited'), ...refused },
    }),
    async (c) => {
      const { stores, clock } = c.get('tools');
      const { account, token } = await stores.accounts.invite(c.req.valid('json'), clock.now());
      return c.json({ person: personView(account), link: invitationLink(c, token) }, 201);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/people/{login}/invitation',
      middleware: [may('people.change')],
      request: { params: LoginParam },
      responses: { 200: json(InvitationView, 'Invited again: password and sessions are gone'), ...refused },
    }),
    async (c) => {
      const { stores, clock } = c.get('tools');
      const { account, token } = await stores.accounts.inviteAgain(c.req.valid('param').login, clock.now());
      return c.json({ person: personView(account), link: invitationLink(c, token) }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/people/{login}/marketplace',
      middleware: [may('people.change')],
      request: { params: LoginParam, body: body(z.object({ marketplace: typed(40).nullable() })) },
      responses: { 204: { description: 'A partner of it from now on; null: of none' }, ...refused },
    }),
    async (c) => {
      const { stores, clock } = c.get('tools');
      const { marketplace } = c.req.valid('json');
      const { login } = c.req.valid('param');
      await stores.tenants.setLogin(login, marketplace, personOf(c).login, clock.now());
      return c.body(null, 204);
    },
  );
  for (const [verb, isDisabling] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    app.openapi(
      createRoute({
        method: 'post',
        path: `/api/people/{login}/${verb}`,
        middleware: [may('people.change')],
        request: { params: LoginParam },
        responses: { 200: json(PersonView, isDisabling ? 'Disabled' : 'Enabled'), ...refused },
      }),
      async (c) => {
        const { stores, clock } = c.get('tools');
        const { login } = c.req.valid('param');
        const account = isDisabling
          ? await stores.accounts.disable(login, clock.now())
          : await stores.accounts.enable(login, clock.now());
        return c.json(personView(account), 200);
      },
    );
  }
}
