/** Tips in API v1: sent by anybody, asked about by their code, replied to by officers. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TIP_ANSWERS, TIP_REPLIES, type Tip } from '../../domain/tip.ts';
import type { ReceivedTip } from '../../store/tips.ts';
import { replyToTip, sendTip, takeTips, tipAnswered } from '../acts.ts';
import { may } from '../gate.ts';
import type { DeskEnv } from '../tools.ts';
import { body, json, refused, typed, UPDATED_SINCE, updatedSince } from './schemas.ts';

const TipBody = z
  .object({ url: typed(4096), words: typed(4000).default(''), contact: typed(200).default('') })
  .openapi('TipBody');
const Replied = z.object({ is: z.enum(TIP_REPLIES), words: z.string() });
const TipView = z
  .object({ code: z.string(), answer: z.enum(TIP_ANSWERS), reply: Replied.nullable() })
  .openapi('Tip');
const ReceivedTipView = z
  .object({
    code: z.string(),
    at: z.iso.datetime(),
    url: z.string(),
    words: z.string(),
    contact: z.string(),
    via: z.enum(['desk', 'file']),
    answer: z.enum(TIP_ANSWERS),
    caseId: z.string().nullable(),
    reply: Replied.extend({ at: z.iso.datetime(), by: z.string() }).nullable(),
  })
  .openapi('ReceivedTip');
const Code = z.string().regex(/^T-[A-Z0-9]{16}$/);
const CodeParam = z.object({ code: Code.openapi({ param: { name: 'code', in: 'path' } }) });

export const SendTip = createRoute({
  method: 'post',
  path: '/api/tips',
  middleware: [may('desk.enter')],
  request: { body: body(TipBody) },
  responses: { 201: json(TipView, 'Taken in; the code leads to the answer'), ...refused },
});
export const AskTip = createRoute({
  method: 'get',
  path: '/api/tips/{code}',
  middleware: [may('desk.enter')],
  request: { params: CodeParam },
  responses: { 200: json(TipView, 'What became of it'), ...refused },
});
export const ListTips = createRoute({
  method: 'get',
  path: '/api/tips',
  middleware: [may('tip.read')],
  request: {
    query: z.object({
      is: z.enum(['unanswered', 'replied']).default('unanswered'),
      updated_since: updatedSince.openapi({
        description: `${UPDATED_SINCE}, whatever \`is\` says: sent, or replied to; go on from that of the last, and \`after\` it. What became of its case is told by /api/cases`,
      }),
      after: Code.optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
  },
  responses: {
    200: json(
      z.object({ tips: z.array(ReceivedTipView), waiting: z.int() }),
      'Those that wait for a reply, longest waiting first; or those that were replied to, newest first',
    ),
    ...refused,
  },
});
export const ImportTips = createRoute({
  method: 'post',
  path: '/api/tips/file',
  middleware: [may('tip.change')],
  request: {
    body: body(
      z.object({ text: typed(200_000) }).openapi('TipFile', { description: 'CSV or JSON, as text' }),
    ),
  },
  responses: {
    200: json(
      z.object({ taken: z.int(), refused: z.array(z.object({ url: z.string(), why: z.string() })) }),
      'Taken in; addresses that are none are told',
    ),
    ...refused,
  },
});
export const ReplyTip = createRoute({
  method: 'post',
  path: '/api/tips/{code}/reply',
  middleware: [may('tip.change')],
  request: {
    params: CodeParam,
    body: body(z.object({ is: z.enum(TIP_REPLIES), words: typed(2000).default('') }).openapi('TipReply')),
  },
  responses: { 200: json(TipView, 'The sender reads it by the code'), ...refused },
});

export function addTips(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(SendTip, async (c) => c.json(tipView(await sendTip(c, c.req.valid('json'))), 201));
  app.openapi(ListTips, async (c) => {
    const { is, updated_since: since, after, limit } = c.req.valid('query');
    const { tips } = c.get('tools').stores;
    const { tips: unanswered, waiting } = await tips.unanswered(
      is === 'unanswered' && since === undefined ? limit : 1,
    );
    const shown =
      since !== undefined
        ? await tips.changed(new Date(since), after ?? null, limit)
        : is === 'unanswered'
          ? unanswered
          : await tips.replied(limit);
    return c.json({ tips: shown.map(receivedView), waiting }, 200);
  });
  app.openapi(ImportTips, async (c) => c.json(await takeTips(c, c.req.valid('json').text), 200));
  app.openapi(AskTip, async (c) => c.json(tipView(await tipAnswered(c, c.req.valid('param').code)), 200));
  app.openapi(ReplyTip, async (c) => {
    const { code } = c.req.valid('param');
    return c.json(tipView(await replyToTip(c, code, c.req.valid('json'))), 200);
  });
}

/** What the sender is told: not by whom. */
function tipView({ code, answer, reply }: Tip): z.infer<typeof TipView> {
  return { code, answer, reply: reply === null ? null : { is: reply.is, words: reply.words } };
}

function receivedView({ at, reply, ...it }: ReceivedTip): z.infer<typeof ReceivedTipView> {
  return {
    ...it,
    at: at.toISOString(),
    reply: reply === null ? null : { ...reply, at: reply.at.toISOString() },
  };
}
