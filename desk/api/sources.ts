/** Sources in API v1: what is watched, and what came of it; and tips, which anybody may send. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TIP_ANSWERS } from '../../domain/tip.ts';
import { SOURCE_KINDS, type Source } from '../../domain/watch.ts';
import type { SourceRun } from '../../store/sources.ts';
import { addSource, holdSource, runSourceNow, sendTip, sourcesNow, tipAnswered } from '../acts.ts';
import { may } from '../gate.ts';
import type { DeskEnv } from '../tools.ts';
import { body, json, refused, typed } from './schemas.ts';

const NameParam = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .openapi({ param: { name: 'name', in: 'path' }, example: 'bazar' }),
});
const RunView = z
  .object({
    id: z.string(),
    beganAt: z.iso.datetime(),
    endedAt: z.iso.datetime(),
    requests: z.int(),
    found: z.int(),
    fresh: z.int(),
    scanId: z.string().nullable(),
    notes: z.array(z.string()),
  })
  .openapi('SourceRun');
const SourceView = z
  .object({
    name: z.string(),
    kind: z.enum(SOURCE_KINDS),
    every: z.string().nullable(),
    isPaused: z.boolean(),
    robots: z.object({ stance: z.enum(['obey', 'ignore']), reason: z.string().optional() }),
    plan: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'As a source file has it; of a proxy no password' }),
    found: z.int(),
    fresh: z.int(),
    captured: z.int(),
    flagged: z.int(),
    lastRun: RunView.nullable(),
  })
  .openapi('Source');
const SourceBody = z
  .looseObject({ name: z.string(), kind: z.enum(SOURCE_KINDS) })
  .openapi('SourceBody', { description: 'A source as a source file has it; see "kuzet help source"' });
const TipBody = z
  .object({ url: typed(4096), words: typed(4000).default(''), contact: typed(200).default('') })
  .openapi('TipBody');
const TipView = z.object({ code: z.string(), answer: z.enum(TIP_ANSWERS) }).openapi('Tip');
const CodeParam = z.object({
  code: z
    .string()
    .regex(/^T-[A-Z0-9]{16}$/)
    .openapi({ param: { name: 'code', in: 'path' } }),
});

export function addSources(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/sources',
      middleware: [may('source.read')],
      responses: { 200: json(z.object({ sources: z.array(SourceView) }), 'Sources by name'), ...refused },
    }),
    async (c) => {
      const sources = (await sourcesNow(c)).map(({ source, isPaused, figures }) => {
        const { found, fresh, captured, flagged, lastRun } = figures;
        const { name, kind, every, robots } = source;
        const last = lastRun === null ? null : runView(lastRun);
        return {
          ...{ name, kind, every, isPaused, robots, plan: shownPlan(source) },
          ...{ found, fresh, captured, flagged, lastRun: last },
        };
      });
      return c.json({ sources }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/sources',
      middleware: [may('source.change')],
      request: { body: body(SourceBody) },
      responses: {
        200: json(
          z.object({ name: z.string(), is: z.enum(['added', 'changed', 'same']) }),
          'It is watched from now on',
        ),
        ...refused,
      },
    }),
    async (c) => c.json(await addSource(c, c.req.valid('json')), 200),
  );
  for (const verb of ['pause', 'resume'] as const) {
    app.openapi(
      createRoute({
        method: 'post',
        path: `/api/sources/{name}/${verb}`,
        middleware: [may('source.change')],
        request: { params: NameParam },
        responses: {
          200: json(z.object({ name: z.string(), isPaused: z.boolean() }), 'So it is now'),
          ...refused,
        },
      }),
      async (c) => {
        const { name } = c.req.valid('param');
        await holdSource(c, name, verb === 'pause');
        return c.json({ name, isPaused: verb === 'pause' }, 200);
      },
    );
  }
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/sources/{name}/run',
      middleware: [may('scan.start')],
      request: { params: NameParam },
      responses: { 202: json(z.object({ name: z.string() }), 'It is looked at soon'), ...refused },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      await runSourceNow(c, name);
      return c.json({ name }, 202);
    },
  );
  addTips(app);
}

function addTips(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/tips',
      middleware: [may('desk.enter')],
      request: { body: body(TipBody) },
      responses: { 201: json(TipView, 'Taken in; the code leads to the answer'), ...refused },
    }),
    async (c) => {
      const { code, answer } = await sendTip(c, c.req.valid('json'));
      return c.json({ code, answer }, 201);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/tips/{code}',
      middleware: [may('desk.enter')],
      request: { params: CodeParam },
      responses: { 200: json(TipView, 'What became of it'), ...refused },
    }),
    async (c) => {
      const { code, answer } = await tipAnswered(c, c.req.valid('param').code);
      return c.json({ code, answer }, 200);
    },
  );
}

/** Whoever may read sources need not know the way into a proxy. */
function shownPlan(source: Source): Source {
  const { proxy } = source.scan;
  if (proxy === null || !URL.canParse(proxy)) return source;
  const shown = new URL(proxy);
  if (shown.password !== '') shown.password = '***';
  return { ...source, scan: { ...source.scan, proxy: shown.href } };
}

function runView(run: SourceRun): z.infer<typeof RunView> {
  const { id, beganAt, endedAt, requests, found, fresh, scanId, notes } = run;
  return {
    ...{ id, requests, found, fresh, scanId, notes: [...notes] },
    ...{ beganAt: beganAt.toISOString(), endedAt: endedAt.toISOString() },
  };
}
