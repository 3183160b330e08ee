/** Overrides of soft over-blocking rules in API v1: what the rules find, who asked to let it go, who answered. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { OVERRIDE_VERDICTS, type Override } from '../../domain/override.ts';
import { keptInWords, type Lang } from '../../exports/overblock/words.ts';
import { may, personOf } from '../gate.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { body, CaseIdParam, json, refused, typed, UPDATED_SINCE, updatedSince } from './schemas.ts';

const time = z.iso.datetime();

const SayingView = z
  .object({ key: z.string(), facts: z.record(z.string(), z.union([z.string(), z.number()])) })
  .openapi('Saying', {
    description: 'What a finding says apart from any language: an override holds for just this.',
  });

const OverrideView = z
  .object({
    caseId: z.string(),
    n: z.int(),
    rule: z.string(),
    finding: z.string().openapi({ description: 'In the language that the request asks for' }),
    about: SayingView.nullable(),
    at: time,
    by: z.string(),
    why: z.string(),
    answer: z
      .object({ is: z.enum(OVERRIDE_VERDICTS), at: time, by: z.string(), words: z.string() })
      .nullable(),
  })
  .openapi('Override');

const FindingView = z
  .object({
    rule: z.string(),
    kind: z.enum(['hard', 'soft']),
    why: z.string().openapi({ description: 'In the language that the request asks for' }),
    about: SayingView,
    override: OverrideView.nullable(),
    isLetGo: z.boolean(),
  })
  .openapi('Finding', {
    description:
      'What an over-blocking rule finds. A hard one keeps the case whoever approved it; a soft one until two officers let it go. `override` is the newest asked for just this finding.',
  });

const AskBody = z.object({ rule: typed(10), why: typed(2000) }).openapi('OverrideAsked');
const AnswerBody = z
  .object({
    verdict: z.enum(OVERRIDE_VERDICTS),
    words: typed(2000).default(''),
    asked: z.array(z.int().min(1)).min(1).max(100).openapi({
      description:
        'The `n` of each that the officer read: one that was asked meanwhile is not answered with them',
    }),
  })
  .openapi('OverrideAnswer');
const RuleParam = CaseIdParam.extend({
  rule: z
    .string()
    .regex(/^OB\d{1,2}$/)
    .openapi({ param: { name: 'rule', in: 'path' }, example: 'OB11' }),
});
const List = z.object({ overrides: z.array(OverrideView) });

export const ReadFindings = createRoute({
  method: 'get',
  path: '/api/cases/{id}/findings',
  middleware: [may('case.read')],
  request: { params: CaseIdParam },
  responses: {
    200: json(z.object({ findings: z.array(FindingView) }), 'In the order of the rules'),
    ...refused,
  },
});
export const AskOverride = createRoute({
  method: 'post',
  path: '/api/cases/{id}/overrides',
  middleware: [may('override.ask')],
  request: { params: CaseIdParam, body: body(AskBody) },
  responses: { 201: json(List, 'Asked; another officer has to answer'), ...refused },
});
export const AnswerOverride = createRoute({
  method: 'post',
  path: '/api/cases/{id}/overrides/{rule}/answer',
  middleware: [may('override.answer')],
  request: { params: RuleParam, body: body(AnswerBody) },
  responses: { 200: json(List, "The second officer's word is recorded"), ...refused },
});
export const ListOverrides = createRoute({
  method: 'get',
  path: '/api/overrides',
  middleware: [may('case.read')],
  request: {
    query: z.object({
      updated_since: updatedSince.openapi({ description: `${UPDATED_SINCE}: asked, or answered` }),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
  },
  responses: {
    200: json(
      List,
      'Those that wait for a second officer, longest waiting first; with `updated_since` all that changed',
    ),
    ...refused,
  },
});

export function addOverrides(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ReadFindings, async (c) => {
    const { findings } = c.get('tools').actions;
    if (findings === undefined) throw notHere();
    const found = await findings(c.req.valid('param').id);
    const { lang } = c.get('words');
    const view = found.map(({ override, ...rest }) => ({
      ...rest,
      why: keptInWords(rest.about, lang, rest.why),
      override: override === null ? null : overrideView(override, lang),
    }));
    return c.json({ findings: view }, 200);
  });
  app.openapi(AskOverride, async (c) => {
    const { askOverride } = c.get('tools').actions;
    if (askOverride === undefined) throw notHere();
    const order = { id: c.req.valid('param').id, by: personOf(c).login, ...c.req.valid('json') };
    return c.json(
      { overrides: (await askOverride(order)).map((it) => overrideView(it, c.get('words').lang)) },
      201,
    );
  });
  app.openapi(AnswerOverride, async (c) => {
    const { stores, clock } = c.get('tools');
    const { id, rule } = c.req.valid('param');
    const { verdict, words, asked } = c.req.valid('json');
    const act = { is: verdict, by: personOf(c).login, words, asked };
    const answered = await stores.overrides.answer(id, rule, act, clock.now());
    return c.json({ overrides: answered.map((it) => overrideView(it, c.get('words').lang)) }, 200);
  });
  app.openapi(ListOverrides, async (c) => {
    const { updated_since: since, limit } = c.req.valid('query');
    const { overrides } = c.get('tools').stores;
    const list =
      since === undefined ? await overrides.waiting(limit) : await overrides.changed(new Date(since), limit);
    return c.json({ overrides: list.map((it) => overrideView(it, c.get('words').lang)) }, 200);
  });
}

function notHere(): DeskRefusedError {
  return new DeskRefusedError(501, 'not_available', 'Rules cannot be looked at here.');
}

function overrideView(it: Override, lang: Lang): z.infer<typeof OverrideView> {
  const { decidedAt: _decision, answer, ...rest } = it;
  return {
    ...rest,
    finding: keptInWords(it.about, lang, it.finding),
    at: it.at.toISOString(),
    answer: answer === null ? null : { ...answer, at: answer.at.toISOString() },
  };
}
