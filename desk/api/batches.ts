/** Batches in API v1: the next one as it would be, those that were built, their way out, and what comes back. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { BatchPreview } from '../../domain/batch-preview.ts';
import { lateEvent } from '../../domain/passage.ts';
import { CHANNELS } from '../../domain/referral.ts';
import { keptInWords, type Lang } from '../../exports/overblock/words.ts';
import { readBlind } from '../acts.ts';
import { may, personOf } from '../gate.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskActions, DeskEnv } from '../tools.ts';
import {
  BatchView,
  batchView,
  body,
  json,
  PassageEventView,
  passageEventView,
  refused,
  updatedSince,
} from './schemas.ts';

const time = z.iso.datetime();
/** Rows that one person looks through; a batch of the plan has as many. */
const MOST_ROWS = 50;

const BatchIdParam = z.object({
  id: z
    .string()
    .regex(/^KN_[\w-]{1,40}_\d{8}_\d{3,6}$/)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'KN_EXAMPLE_20261120_001' }),
});
const Channel = z.enum(CHANNELS);

const PreviewView = z
  .object({
    channel: Channel,
    columns: z.array(z.string()),
    rows: z.array(
      z.object({
        caseId: z.string(),
        cells: z
          .array(z.string())
          .openapi({ description: 'As the file has them, in the order of the columns' }),
        sentBefore: z
          .array(z.string())
          .openapi({ description: 'Batches in which another address of the same host or account went out' }),
        isNew: z.boolean().openapi({ description: 'Approved since the last batch was built' }),
      }),
    ),
    refused: z.array(
      z.object({
        caseId: z.string(),
        rule: z.string(),
        why: z.string().openapi({ description: 'In the language that the request asks for' }),
        isSoft: z.boolean().openapi({ description: 'Two officers may let it go' }),
      }),
    ),
    objected: z.array(z.string()),
    isMore: z.boolean(),
    last: z.object({ batch: z.string(), builtAt: time }).nullable(),
    digest: z.string().openapi({ description: 'Given back as `expects`, builds these rows or none' }),
  })
  .openapi('BatchPreview');

const BuildBody = z
  .object({
    channel: Channel.default(CHANNELS[0]),
    quarantine: z
      .boolean()
      .default(true)
      .openapi({ description: 'Leaves out what may not leave; without it one such case stops the batch' }),
    expects: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  })
  .openapi('BuildBatch');

const PassageView = z.object({
  state: z.string(),
  late: z.string().nullable().openapi({ description: 'What its delay amounts to; null while there is time' }),
  events: z.array(PassageEventView),
});
const BatchDetail = BatchView.extend({
  replaces: z.string().nullable(),
  rows: z.array(
    PassageView.extend({
      n: z.int(),
      caseId: z.string(),
      url: z.string(),
      offence: z.string(),
      isMoved: z.boolean().openapi({ description: 'It went on in another batch' }),
    }),
  ),
  handovers: z.array(z.object({ n: z.int(), at: time, by: z.string(), target: z.string() })),
  heldBack: z.array(
    z.object({ caseId: z.string(), why: z.enum(['withdrawn', 'appeal', 'moved', 'arrived']) }),
  ),
  delivery: z
    .object({
      by: z.string(),
      tries: z.int(),
      lastError: z.string().nullable(),
      dueAt: time,
      givenUpAt: time.nullable(),
    })
    .nullable(),
}).openapi('BatchDetail');

const ReceiptBody = z
  .object({
    /** CSV, XLSX, JSON or XML as it came, base64. */
    file: z.base64().min(1),
    batch: BatchIdParam.shape.id.optional(),
  })
  .openapi('Receipt');
const ReceiptView = z
  .object({
    known: z.boolean().openapi({ description: 'This very file was taken in before; nothing changed' }),
    rows: z.array(
      z.object({
        n: z.int(),
        caseId: z.string().nullable(),
        outcome: z.string().nullable(),
        why: z.string().nullable().openapi({ description: 'Why the row changed nothing; null when it did' }),
      }),
    ),
  })
  .openapi('ReceiptTaken');

export const ListBatches = createRoute({
  method: 'get',
  path: '/api/batches',
  middleware: [may('batch.read')],
  request: {
    query: z.object({ updated_since: updatedSince.openapi({ description: 'Only those built since' }) }),
  },
  responses: {
    200: json(
      z.object({ batches: z.array(BatchView), waiting: z.int() }),
      'Batches, newest first, and how many approved cases wait for the next',
    ),
    ...refused,
  },
});
export const PreviewBatch = createRoute({
  method: 'get',
  path: '/api/batches/next',
  middleware: [may('batch.read')],
  request: { query: z.object({ channel: Channel.default(CHANNELS[0]) }) },
  responses: {
    200: json(PreviewView, 'The next batch of a channel, row by row as the file will have it'),
    ...refused,
  },
});
export const BuildBatch = createRoute({
  method: 'post',
  path: '/api/batches',
  middleware: [may('batch.build')],
  request: { body: body(BuildBody) },
  responses: {
    200: json(z.object({ batch: z.string().nullable() }), 'Built; null when no case waits'),
    ...refused,
  },
});
export const ReadBatch = createRoute({
  method: 'get',
  path: '/api/batches/{id}',
  middleware: [may('batch.read')],
  request: { params: BatchIdParam },
  responses: { 200: json(BatchDetail, 'A batch, its rows, and what became of each'), ...refused },
});
export const DownloadBatch = createRoute({
  method: 'get',
  path: '/api/batches/{id}/file',
  middleware: [may('batch.take')],
  request: { params: BatchIdParam },
  responses: {
    200: {
      description: 'The file, to the byte as it was first built; the ledger is told who took it',
      content: { 'application/zip': { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...refused,
  },
});
export const HandOverBatch = createRoute({
  method: 'post',
  path: '/api/batches/{id}/handover',
  middleware: [may('batch.build')],
  request: { params: BatchIdParam },
  responses: {
    200: json(z.object({ batch: z.string(), n: z.int(), at: time, target: z.string() }), 'It is there'),
    ...refused,
  },
});
export const ReissueBatch = createRoute({
  method: 'post',
  path: '/api/batches/{id}/reissue',
  middleware: [may('batch.build')],
  request: { params: BatchIdParam },
  responses: {
    200: json(
      z.object({ batch: z.string(), moved: z.array(z.string()), left: z.array(z.string()) }),
      'What may still leave goes on in a new batch',
    ),
    ...refused,
  },
});
export const TakeReceipt = createRoute({
  method: 'post',
  path: '/api/receipts',
  middleware: [may('receipt.take')],
  request: { body: body(ReceiptBody) },
  responses: { 200: json(ReceiptView, 'Each row, and what it changed'), ...refused },
});

export function addBatches(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListBatches, async (c) => {
    const { batches, cases } = c.get('tools').stores;
    const { updated_since: since } = c.req.valid('query');
    const list = await batches.list(since === undefined ? undefined : new Date(since));
    const waiting = await cases.count({ state: 'approved' });
    return c.json({ batches: list.map(batchView), waiting }, 200);
  });
  app.openapi(PreviewBatch, async (c) => {
    const preview = acting(c.get('tools').actions, 'previewBatch');
    const { channel } = c.req.valid('query');
    const next = await preview({ channel, limit: MOST_ROWS });
    return c.json(previewView(next, c.get('words').lang), 200);
  });
  app.openapi(BuildBatch, async (c) => {
    const build = acting(c.get('tools').actions, 'buildBatch');
    const order = { ...c.req.valid('json'), limit: MOST_ROWS, by: personOf(c).login };
    return c.json(await build(order), 200);
  });
  app.openapi(ReadBatch, async (c) => {
    const { stores, clock } = c.get('tools');
    const { id, channel, builtAt, sha256, facts } = await stores.batches.get(c.req.valid('param').id);
    const blind = await readBlind(c);
    const rows = (await stores.passages.rowsOf(id)).filter(({ caseId }) => !blind.has(caseId));
    const delivery = (await stores.handovers.deliveries()).find((it) => it.batch === id);
    return c.json(
      {
        ...batchView({ id, channel, builtAt, sha256, cases: rows.length }),
        replaces: facts.replaces?.batch ?? null,
        rows: rows.map(({ passage, ...row }) => ({
          ...row,
          state: passage.state,
          late: row.isMoved ? null : lateEvent(passage, clock.now()),
          events: passage.events.map(passageEventView),
        })),
        handovers: (await stores.handovers.handovers(id)).map(({ n, at, by, target }) => ({
          ...{ n, at: at.toISOString(), by, target },
        })),
        heldBack: [...(await stores.handovers.heldBack(id))],
        delivery:
          delivery === undefined
            ? null
            : {
                ...{ by: delivery.by, tries: delivery.tries, lastError: delivery.lastError },
                dueAt: delivery.dueAt.toISOString(),
                givenUpAt: delivery.givenUpAt?.toISOString() ?? null,
              },
      },
      200,
    );
  });
  app.openapi(DownloadBatch, async (c) => {
    const { stores, clock, actions } = c.get('tools');
    const { id } = await stores.batches.get(c.req.valid('param').id);
    const { name, bytes } = await acting(actions, 'batchFile')(id);
    await stores.custody.left('downloaded', id, personOf(c).login, clock.now());
    return c.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'application/zip',
      'Content-Disposition': `attachment; filename="${name}"`,
    });
  });
  app.openapi(HandOverBatch, async (c) => {
    const handOver = acting(c.get('tools').actions, 'handOver');
    const { batch, n, at, target } = await handOver(c.req.valid('param').id, personOf(c).login);
    return c.json({ batch, n, at: at.toISOString(), target }, 200);
  });
  app.openapi(ReissueBatch, async (c) => {
    const reissue = acting(c.get('tools').actions, 'reissue');
    const { batch, moved, left } = await reissue({ batch: c.req.valid('param').id, by: personOf(c).login });
    return c.json({ batch, moved: [...moved], left: [...left] }, 200);
  });
  app.openapi(TakeReceipt, async (c) => {
    const receive = acting(c.get('tools').actions, 'receive');
    const { file, batch } = c.req.valid('json');
    const { known, rows } = await receive({
      bytes: Buffer.from(file, 'base64'),
      by: personOf(c).login,
      batch,
    });
    return c.json(
      { known, rows: rows.map(({ n, caseId, outcome, why }) => ({ n, caseId, outcome, why })) },
      200,
    );
  });
}

/** What the river does for the desk. @throws DeskRefusedError where it is not at hand. */
function acting<Name extends keyof DeskActions>(
  actions: DeskActions,
  name: Name,
): NonNullable<DeskActions[Name]> {
  const act = actions[name];
  if (act === undefined) throw new DeskRefusedError(501, 'not_available', `"${name}" cannot be done here.`);
  return act;
}

function previewView(
  { rows, refused: kept, objected, last, leftOutBefore, columns, ...rest }: BatchPreview,
  lang: Lang,
): z.infer<typeof PreviewView> {
  const waited = new Set(leftOutBefore);
  return {
    ...rest,
    columns: [...columns],
    rows: rows.map(({ caseId, cells, sentBefore }) => ({
      ...{ caseId, cells: [...cells], sentBefore: [...sentBefore] },
      isNew: !waited.has(caseId),
    })),
    refused: kept.map(({ caseId, rule, why, about, isSoft }) => ({
      ...{ caseId, rule, isSoft },
      why: keptInWords(about, lang, why),
    })),
    objected: [...objected],
    last: last === null ? null : { batch: last.batch, builtAt: last.builtAt.toISOString() },
  };
}
