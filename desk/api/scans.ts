/** Scans in API v1: the last ones, how one goes while it goes, and its end before it is through. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { NoSuchScanError } from '../../store/scan-stops.ts';
import type { ScanSummary, VisitSummary } from '../../store/scan-views.ts';
import type { ScanLine } from '../../store/scans.ts';
import { stopScan } from '../acts.ts';
import { may } from '../gate.ts';
import type { DeskEnv } from '../tools.ts';
import { body, json, refused } from './schemas.ts';

const time = z.iso.datetime();
const counts = { captured: z.int(), failed: z.int(), skipped: z.int() };

export const ScanView = z
  .object({
    id: z.uuid(),
    requestedAt: time,
    source: z.string().nullable(),
    hosts: z.int(),
    hostsDone: z.int(),
    ...counts,
    stopped: z
      .object({ at: time, by: z.string(), reason: z.string() })
      .nullable()
      .openapi({ description: 'Who stopped it, and why; null for one that nobody stopped' }),
  })
  .openapi('Scan');
export const VisitView = z
  .object({
    host: z.string(),
    state: z.enum(['queued', 'running', 'done']),
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    notBefore: time.nullable().openapi({ description: 'It waits until then' }),
    ...counts,
  })
  .openapi('Visit');
export const FailureView = z.object({
  outcome: z.enum(['failed', 'skipped']),
  reason: z.string(),
  addresses: z.int(),
});
const LineView = z
  .object({
    seq: z.int(),
    url: z.string(),
    outcome: z.enum(['captured', 'unchanged', 'failed', 'skipped']),
    reason: z.string().nullable(),
    status: z.int().nullable(),
    verdict: z.string().nullable(),
    label: z.string().nullable(),
    score: z.number().nullable(),
    captureId: z.string().nullable(),
    wasRendered: z.boolean(),
  })
  .openapi('ScanLine');

const MOST_VISITS = 100;

export const ListScans = createRoute({
  method: 'get',
  path: '/api/scans',
  middleware: [may('source.read')],
  request: { query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) }) },
  responses: { 200: json(z.object({ scans: z.array(ScanView) }), 'Newest first'), ...refused },
});
export const ReadScan = createRoute({
  method: 'get',
  path: '/api/scans/{id}',
  middleware: [may('source.read')],
  request: {
    params: z.object({ id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }) }),
    query: z.object({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .openapi({ description: 'Tells only lines after this `seq`' }),
    }),
  },
  responses: {
    200: json(
      z.object({
        scan: ScanView,
        isPaused: z.boolean().openapi({ description: 'All visits are held' }),
        visits: z.array(VisitView),
        refusals: z.array(z.object({ given: z.string(), reason: z.string(), detail: z.string() })),
        lines: z.array(LineView),
        cases: z.array(z.string()),
      }),
      'How it goes: ask again after the last `seq` for what is newer',
    ),
    ...refused,
  },
});

export const StopScan = createRoute({
  method: 'post',
  path: '/api/scans/{id}/stop',
  middleware: [may('scan.stop')],
  request: {
    params: z.object({ id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }) }),
    body: body(z.object({ reason: z.string().trim().min(1).max(1_000) })),
  },
  responses: {
    200: json(ScanView, 'What was not asked for stays unasked; what was captured is judged'),
    ...refused,
  },
});

export function addScans(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListScans, async (c) => {
    const recent = await c.get('tools').stores.scans.recent(c.req.valid('query').limit);
    return c.json({ scans: recent.map(scanView) }, 200);
  });
  app.openapi(ReadScan, async (c) => {
    const { stores, clock } = c.get('tools');
    const { id } = c.req.valid('param');
    const scan = await stores.scans.get(id);
    if (scan === null) throw new NoSuchScanError(id);
    const { isPaused } = await stores.visits.resting([id], clock.now());
    return c.json(
      {
        scan: scanView(scan),
        isPaused,
        visits: (await stores.scans.visits([id], MOST_VISITS)).map(visitView),
        refusals: (await stores.visits.refusals(id)).map(({ given, reason, detail }) => ({
          given,
          reason,
          detail,
        })),
        lines: (await stores.visits.news([id], c.req.valid('query').after)).map(lineView),
        cases: await stores.scans.cases(id),
      },
      200,
    );
  });
  app.openapi(StopScan, async (c) => {
    const { reason } = c.req.valid('json');
    return c.json(scanView(await stopScan(c, c.req.valid('param').id, reason)), 200);
  });
}

export function scanView({ requestedAt, stopped, ...it }: ScanSummary): z.infer<typeof ScanView> {
  return {
    ...it,
    requestedAt: requestedAt.toISOString(),
    stopped: stopped === null ? null : { ...stopped, at: stopped.at.toISOString() },
  };
}

export function visitView({
  startedAt,
  finishedAt,
  notBefore,
  ...it
}: VisitSummary): z.infer<typeof VisitView> {
  return {
    ...it,
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    notBefore: notBefore?.toISOString() ?? null,
  };
}

/** Why addresses of these scans failed. */
export async function failuresOf(
  c: Context<DeskEnv>,
  scanIds: readonly string[],
): Promise<z.infer<typeof FailureView>[]> {
  return [...(await c.get('tools').stores.scans.failures(scanIds))];
}

function lineView({ outcome, rendered, ...it }: ScanLine): z.infer<typeof LineView> {
  const { seq, url, status, verdict, label, score } = it;
  return {
    ...{ seq, url, status, verdict, label, score },
    outcome: outcome.is,
    reason: 'reason' in outcome ? outcome.reason : null,
    captureId: 'captureId' in outcome ? outcome.captureId : null,
    wasRendered: rendered,
  };
}
