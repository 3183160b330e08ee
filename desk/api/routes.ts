/** API v1: JSON in and out, described at /openapi.json. Errors are `{"error":{"code","message"}}`. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { metricText } from '../../domain/figure.ts';
import { approveCase, decideCase, invitationLink, logIn, screenshot, startScan } from '../acts.ts';
import { endSession, may, personOf } from '../gate.ts';
import { addMarket } from '../market/routes.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { addAddresses } from './addresses.ts';
import { addAppeals } from './appeals.ts';
import { addBatches } from './batches.ts';
import { addOverrides } from './overrides.ts';
import {
  ApprovalBody,
  actView,
  body,
  CaptureDetail,
  CaptureIdParam,
  CaseDetail,
  CaseIdParam,
  CaseList,
  CaseQuery,
  CaseView,
  captureView,
  caseView,
  DecisionBody,
  InvitationView,
  json,
  LogInBody,
  LoginParam,
  MeView,
  PersonBody,
  PersonView,
  personView,
  refused,
  ScanBody,
} from './schemas.ts';
import { addSources } from './sources.ts';

export function addApi(app: OpenAPIHono<DeskEnv>): void {
  addHealth(app);
  addFigures(app);
  addSession(app);
  addCases(app);
  addBatches(app);
  addAppeals(app);
  addOverrides(app);
  addSources(app);
  addAddresses(app);
  addPeople(app);
  addMarket(app);
  app.get('/openapi.json', may('desk.enter'), (c) =>
    c.json(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Kuzet desk',
          version: '1',
          description:
            "Cases, decisions and batches, with the session cookie of /api/session; requests that change something carry the desk's own Origin. Marketplaces use /v1 with their key: Authorization: Bearer kzt_…",
        },
      }),
    ),
  );
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

function addCases(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/cases',
      middleware: [may('case.read')],
      request: { query: CaseQuery },
      responses: { 200: json(CaseList, 'Cases, riskiest first'), ...refused },
    }),
    async (c) => {
      const { cases } = c.get('tools').stores;
      const { limit, offset, state, label, search } = c.req.valid('query');
      const filter = {
        ...(state === undefined ? {} : { state }),
        ...(label === undefined ? {} : { label }),
        ...(search === undefined ? {} : { search }),
      };
      const total = await cases.count(filter);
      const list = await cases.list({ ...filter, limit, offset });
      const next = offset + list.length < total && list.length > 0 ? offset + list.length : null;
      return c.json({ total, next, cases: list.map(caseView) }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/cases/{id}',
      middleware: [may('case.read')],
      request: { params: CaseIdParam },
      responses: { 200: json(CaseDetail, 'A case with its acts and captures'), ...refused },
    }),
    async (c) => {
      const { cases, captures } = c.get('tools').stores;
      const it = await cases.get(c.req.valid('param').id);
      const acts = await cases.acts(it.id);
      const pages = await captures.ofCase(it.id);
      return c.json({ ...caseView(it), acts: acts.map(actView), captures: pages.map(captureView) }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/cases/{id}/decision',
      middleware: [may('case.decide')],
      request: { params: CaseIdParam, body: body(DecisionBody) },
      responses: { 200: json(CaseView, "The first officer's decision is recorded"), ...refused },
    }),
    async (c) => {
      const { revision, ...decision } = c.req.valid('json');
      return c.json(caseView(await decideCase(c, c.req.valid('param').id, decision, revision)), 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/cases/{id}/approval',
      middleware: [may('case.approve')],
      request: { params: CaseIdParam, body: body(ApprovalBody) },
      responses: { 200: json(CaseView, "The second officer's yes is recorded"), ...refused },
    }),
    async (c) => {
      const { revision } = c.req.valid('json');
      return c.json(caseView(await approveCase(c, c.req.valid('param').id, revision)), 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/captures/{id}',
      middleware: [may('case.read')],
      request: { params: CaptureIdParam },
      responses: { 200: json(CaptureDetail, 'A capture with the text of its page'), ...refused },
    }),
    async (c) => {
      const found = await c.get('tools').stores.captures.get(c.req.valid('param').id);
      if (found === null) throw new DeskRefusedError(404, 'not_found', 'There is no such capture.');
      return c.json({ ...captureView(found), text: found.page.text }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/captures/{id}/screenshot',
      middleware: [may('case.read')],
      request: {
        params: CaptureIdParam,
        query: z.object({ of: z.enum(['window', 'page']).default('window') }),
      },
      responses: {
        200: {
          description: 'The picture of the window, or of the whole page',
          content: { 'image/png': { schema: z.string().openapi({ format: 'binary' }) } },
        },
        ...refused,
      },
    }),
    async (c) => screenshot(c, c.req.valid('param').id, c.req.valid('query').of),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/scans',
      middleware: [may('scan.start')],
      request: { body: body(ScanBody) },
      responses: { 202: json(z.object({ scan: z.string() }), 'The scan is started'), ...refused },
    }),
    async (c) => c.json(await startScan(c, c.req.valid('json').urls), 202),
  );
}

function addPeople(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/people',
      middleware: [may('people.read')],
      responses: { 200: json(z.object({ people: z.array(PersonView) }), 'Accounts by login'), ...refused },
    }),
    async (c) => {
      const accounts = await c.get('tools').stores.accounts.list();
      return c.json({ people: accounts.map(personView) }, 200);
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
