/** One decision on many cases in API v1: each is previewed, each decided on its own, each undone on its own. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Decision, isSameOfficer } from '../../domain/case.ts';
import { isReferable } from '../../domain/referral.ts';
import type { Once } from '../../store/once.ts';
import { isBlindTo, readBlind, undecided } from '../acts.ts';
import { may, personOf } from '../gate.ts';
import { DeskRefusedError, refusalOf } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { body, CaseView, caseView, json, refused, typed } from './schemas.ts';

export const MOST_AT_ONCE = 500;
/** From more cases than these on, their number is typed. */
export const TYPED_FROM = 20;

const CaseId = z.string().regex(/^K-\d{6,15}$/);
const Ids = z.array(CaseId).min(1).max(MOST_AT_ONCE);
const Item = z.object({ id: CaseId, revision: z.int() });
const Ended = z.object({ id: z.string(), is: z.enum(['done', 'refused']), code: z.string().nullable() });
const shared = {
  items: z.array(Item).min(1).max(MOST_AT_ONCE),
  reason: typed(2000),
  /** The number of cases, typed by the officer; asked for more than 20. */
  typed: z.int().optional(),
};
const BulkBody = z
  .discriminatedUnion('verdict', [
    z.object({ verdict: z.literal('confirm'), ground: typed(40), ...shared }),
    z.object({ verdict: z.literal('dismiss'), ...shared }),
  ])
  .openapi('BulkDecision');

export const PreviewBulk = createRoute({
  method: 'post',
  path: '/api/bulk/preview',
  middleware: [may('case.decide')],
  request: { body: body(z.object({ ids: Ids }).openapi('BulkPreview')) },
  responses: {
    200: json(
      z.object({
        cases: z.array(CaseView.extend({ canBeDecided: z.boolean(), canBeReferred: z.boolean() })),
      }),
      'Each case as it stands, and whether it can be decided now',
    ),
    ...refused,
  },
});
export const DecideBulk = createRoute({
  method: 'post',
  path: '/api/bulk',
  middleware: [may('case.decide')],
  request: { body: body(BulkBody) },
  responses: {
    200: json(z.object({ ended: z.array(Ended) }), 'How it ended for each: one refusal stops no other'),
    ...refused,
  },
});
export const UndoBulk = createRoute({
  method: 'post',
  path: '/api/bulk/undo',
  middleware: [may('case.reverse')],
  request: { body: body(z.object({ ids: Ids }).openapi('BulkUndo')) },
  responses: {
    200: json(z.object({ ended: z.array(Ended) }), 'What the same officer did within 10 seconds is undone'),
    ...refused,
  },
});

export function addBulk(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(PreviewBulk, async (c) => {
    const { cases, queue } = c.get('tools').stores;
    const { login, role } = personOf(c);
    const now = c.get('tools').clock.now();
    const blind = await readBlind(c);
    const shown = [];
    for (const id of c.req.valid('json').ids) {
      const known = await cases.get(id);
      const it = blind.has(id) ? undecided(known) : known;
      const held = await queue.holder(id, now);
      const up = it.state.is === 'open' ? it.state.escalated : undefined;
      const isMine =
        up === undefined || (role === 'senior' && !up.between.some((who) => isSameOfficer(who, login)));
      const canBeDecided = known.state.is === 'open' && isMine && (held === null || held.by === login);
      shown.push({
        ...caseView(it, blind.has(id) || isBlindTo(c, it)),
        canBeDecided,
        canBeReferred: isReferable(it.label),
      });
    }
    return c.json({ cases: shown }, 200);
  });
  app.openapi(DecideBulk, async (c) => {
    const { stores, clock } = c.get('tools');
    const { login, role } = personOf(c);
    const { items, typed: count, ...decision } = c.req.valid('json');
    if (items.length > TYPED_FROM && count !== items.length) {
      throw new DeskRefusedError(422, 'count_differs', `Type the number of cases: ${items.length}.`);
    }
    // Each in its own transaction: sent again after a crash, those that were decided are not decided twice.
    const once = c.get('once');
    const act: Decision = { ...decision, by: login, isSenior: role === 'senior' };
    const ended = await eachInTurn(items, ({ id, revision }) =>
      stores.cases.decide(id, act, clock.now(), { revision, once: ofOne(once, id) }),
    );
    return c.json({ ended }, 200);
  });
  app.openapi(UndoBulk, async (c) => {
    const { stores, clock } = c.get('tools');
    const { login } = personOf(c);
    // All are undone or refused by the moment of the asking: the last must not be too late for the first's sake.
    const now = clock.now();
    const items = c.req.valid('json').ids.map((id) => ({ id }));
    const ended = await eachInTurn(items, ({ id }) => stores.cases.act(id, { is: 'undo', by: login }, now));
    return c.json({ ended }, 200);
  });
}

function ofOne(once: Once | undefined, id: string): Once | undefined {
  return once === undefined ? undefined : { ...once, key: `${once.key}/${id}` };
}

async function eachInTurn<T extends { readonly id: string }>(
  items: readonly T[],
  act: (it: T) => Promise<unknown>,
): Promise<z.infer<typeof Ended>[]> {
  const ended: z.infer<typeof Ended>[] = [];
  for (const it of items) {
    try {
      await act(it);
      ended.push({ id: it.id, is: 'done', code: null });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      ended.push({ id: it.id, is: 'refused', code: refusal.code });
    }
  }
  return ended;
}
