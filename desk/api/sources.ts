/** Sources in API v1: what is watched, and what came of it. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SOURCE_KINDS, type Source } from '../../domain/watch.ts';
import type { SourceRun } from '../../store/sources.ts';
import { addSource, holdSource, runSourceNow, sourcesNow } from '../acts.ts';
import { may } from '../gate.ts';
import type { DeskEnv } from '../tools.ts';
import { FailureView, failuresOf, ScanView, scanView, VisitView, visitView } from './scans.ts';
import { body, json, refused } from './schemas.ts';

/** Runs, scans and visits that are told with a source. */
const LAST_RUNS = 10;
const LAST_SCANS = 10;
const LAST_VISITS = 20;

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
export const ListSources = createRoute({
  method: 'get',
  path: '/api/sources',
  middleware: [may('source.read')],
  responses: { 200: json(z.object({ sources: z.array(SourceView) }), 'Sources by name'), ...refused },
});
export const ReadSource = createRoute({
  method: 'get',
  path: '/api/sources/{name}',
  middleware: [may('source.read')],
  request: { params: NameParam },
  responses: {
    200: json(
      z.object({
        source: SourceView,
        runs: z.array(RunView),
        scans: z.array(ScanView),
        visits: z.array(VisitView),
        failures: z
          .array(FailureView)
          .openapi({ description: `Why addresses of the last ${LAST_SCANS} scans were not captured` }),
      }),
      'A source with its last runs, scans and visits, newest first',
    ),
    ...refused,
  },
});
export const AddSource = createRoute({
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
});
const Held = z.object({ name: z.string(), isPaused: z.boolean() });
const holding = (verb: 'pause' | 'resume') =>
  createRoute({
    method: 'post',
    path: `/api/sources/{name}/${verb}`,
    middleware: [may('source.change')],
    request: { params: NameParam },
    responses: { 200: json(Held, 'So it is now'), ...refused },
  });
export const PauseSource = holding('pause');
export const ResumeSource = holding('resume');
export const RunSource = createRoute({
  method: 'post',
  path: '/api/sources/{name}/run',
  middleware: [may('scan.start')],
  request: { params: NameParam },
  responses: { 202: json(z.object({ name: z.string() }), 'It is looked at soon'), ...refused },
});

export function addSources(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListSources, async (c) => c.json({ sources: (await sourcesNow(c)).map(sourceView) }, 200));
  app.openapi(ReadSource, async (c) => {
    const { sources, scans } = c.get('tools').stores;
    const { name } = c.req.valid('param');
    const it = await sources.get(name);
    const figures = await sources.figures(name);
    const recent = await scans.recent(LAST_SCANS, name);
    const ids = recent.map(({ id }) => id);
    return c.json(
      {
        source: sourceView({ ...it, figures }),
        runs: (await sources.runs(name, LAST_RUNS)).map(runView),
        scans: recent.map(scanView),
        visits: (await scans.visits(ids, LAST_VISITS)).map(visitView),
        failures: await failuresOf(c, ids),
      },
      200,
    );
  });
  app.openapi(AddSource, async (c) => c.json(await addSource(c, c.req.valid('json')), 200));
  app.openapi(PauseSource, async (c) => {
    const { name } = c.req.valid('param');
    await holdSource(c, name, true);
    return c.json({ name, isPaused: true }, 200);
  });
  app.openapi(ResumeSource, async (c) => {
    const { name } = c.req.valid('param');
    await holdSource(c, name, false);
    return c.json({ name, isPaused: false }, 200);
  });
  app.openapi(RunSource, async (c) => {
    const { name } = c.req.valid('param');
    await runSourceNow(c, name);
    return c.json({ name }, 202);
  });
}

function sourceView({
  source,
  isPaused,
  figures,
}: Awaited<ReturnType<typeof sourcesNow>>[number]): z.infer<typeof SourceView> {
  const { found, fresh, captured, flagged, lastRun } = figures;
  const { name, kind, every, robots } = source;
  return {
    ...{ name, kind, every, isPaused, robots, plan: shownPlan(source) },
    ...{ found, fresh, captured, flagged, lastRun: lastRun === null ? null : runView(lastRun) },
  };
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
