/** Appeals in API v1: sent by anybody, read and judged by officers. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { APPEAL_OUTCOMES, type Appeal } from '../../domain/appeal.ts';
import { judgeAppeal, sendAppeal } from '../acts.ts';
import { may } from '../gate.ts';
import type { DeskEnv } from '../tools.ts';
import { body, json, refused, typed, UPDATED_SINCE, updatedSince } from './schemas.ts';

const AppealBody = z
  .object({ url: typed(4096), words: typed(4000), contact: typed(200).default('') })
  .openapi('AppealBody');
const Sent = z.object({ code: z.string() }).openapi('AppealSent');
const AppealView = z
  .object({
    code: z.string(),
    at: z.iso.datetime(),
    url: z.string(),
    caseId: z.string().nullable(),
    words: z.string(),
    contact: z.string(),
    lang: z.enum(['ru', 'kk', 'en']),
    judged: z
      .object({
        at: z.iso.datetime(),
        by: z.string(),
        verdict: z.enum(APPEAL_OUTCOMES),
        reason: z.string(),
      })
      .nullable(),
  })
  .openapi('Appeal');
const JudgementBody = z
  .object({ verdict: z.enum(APPEAL_OUTCOMES), reason: typed(2000) })
  .openapi('AppealJudgement');
const Code = z.string().regex(/^A-[A-Z0-9]{16}$/);
const CodeParam = z.object({ code: Code.openapi({ param: { name: 'code', in: 'path' } }) });

export const ListAppeals = createRoute({
  method: 'get',
  path: '/api/appeals',
  middleware: [may('appeal.read')],
  request: {
    query: z.object({
      updated_since: updatedSince.openapi({
        description: `${UPDATED_SINCE}: sent, or judged; go on from that of the last, and \`after\` it`,
      }),
      after: Code.optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
  },
  responses: {
    200: json(
      z.object({ appeals: z.array(AppealView), waiting: z.int() }),
      'Those that wait first, longest waiting first; with `updated_since` what changed, oldest change first',
    ),
    ...refused,
  },
});
export const JudgeAppeal = createRoute({
  method: 'post',
  path: '/api/appeals/{code}/judgement',
  middleware: [may('appeal.judge')],
  request: { params: CodeParam, body: body(JudgementBody) },
  responses: {
    200: json(z.object({ appeal: AppealView, reopened: z.array(z.string()) }), 'The judgement is recorded'),
    ...refused,
  },
});

export function addAppeals(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/appeals',
      middleware: [may('desk.enter')],
      request: { body: body(AppealBody) },
      responses: { 201: json(Sent, 'Taken in; the code leads to the answer'), ...refused },
    }),
    async (c) => c.json({ code: (await sendAppeal(c, c.req.valid('json'))).code }, 201),
  );
  app.openapi(ListAppeals, async (c) => {
    const { appeals } = c.get('tools').stores;
    const { updated_since: since, after, limit } = c.req.valid('query');
    const list =
      since === undefined
        ? await appeals.list(limit)
        : await appeals.changed(new Date(since), after ?? null, limit);
    return c.json({ appeals: list.map(appealView), waiting: await appeals.countOpen() }, 200);
  });
  app.openapi(JudgeAppeal, async (c) => {
    const { appeal, reopened } = await judgeAppeal(c, c.req.valid('param').code, c.req.valid('json'));
    return c.json({ appeal: appealView(appeal), reopened: [...reopened] }, 200);
  });
}

function appealView(it: Appeal): z.infer<typeof AppealView> {
  const { judged } = it;
  return {
    ...it,
    at: it.at.toISOString(),
    judged: judged === null ? null : { ...judged, at: judged.at.toISOString() },
  };
}
