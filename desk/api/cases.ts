/** Cases in API v1: read, decided, put off, taken back; their captures. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type Case, caseNumber } from '../../domain/case.ts';
import { lateEvent } from '../../domain/passage.ts';
import { urgency } from '../../domain/queue.ts';
import { SIGHTS } from '../../domain/recheck.ts';
import { isReferable, OFFENCES } from '../../domain/referral.ts';
import { readableHost } from '../../domain/url.ts';
import { mainCapture } from '../../exports/kibernadzor/referral.ts';
import type { Act } from '../../store/cases.ts';
import {
  actOnCase,
  approveCase,
  decideCase,
  isBlindTo,
  noteLook,
  readBlind,
  startScan,
  undecided,
} from '../acts.ts';
import { may } from '../gate.ts';
import type { DeskEnv } from '../tools.ts';
import { captureDetail } from './captures.ts';
import {
  ApprovalBody,
  actView,
  body,
  CaseDetail,
  CaseIdParam,
  CaseList,
  CaseQuery,
  CaseView,
  captureView,
  caseView,
  claimView,
  DecisionBody,
  json,
  PassageEventView,
  passageEventView,
  refused,
  ScanBody,
  typed,
} from './schemas.ts';

const Reason = { reason: typed(2000), revision: z.int().optional() };
const ReasonBody = z.object(Reason).openapi('Said');
const WatchBody = z.object({ ...Reason, days: z.int() }).openapi('Watch');
const UndoBody = z.object({}).openapi('Undo');

const PassageTold = z
  .object({
    /** Null for a case that is in no batch. */
    sent: z
      .object({
        batch: z.string(),
        row: z.int(),
        state: z.string(),
        isHeld: z
          .boolean()
          .openapi({ description: 'Its batch is still here, and something keeps it from going' }),
        late: z.string().nullable(),
        events: z.array(PassageEventView),
      })
      .nullable(),
    sights: z
      .array(
        z.object({ at: z.iso.datetime(), vantage: z.string(), what: z.enum(SIGHTS), detail: z.string() }),
      )
      .openapi({ description: 'What later looks found, oldest first' }),
    children: z.array(z.string()).openapi({ description: 'Cases that go on with what this one’s site did' }),
  })
  .openapi('PassageOfCase');

export const ListCases = createRoute({
  method: 'get',
  path: '/api/cases',
  middleware: [may('case.read')],
  request: { query: CaseQuery },
  responses: {
    200: json(CaseList, 'Cases, riskiest first; with `updated_since` what changed, oldest change first'),
    ...refused,
  },
});
export const ReadCase = createRoute({
  method: 'get',
  path: '/api/cases/{id}',
  middleware: [may('case.read')],
  request: { params: CaseIdParam },
  responses: { 200: json(CaseDetail, 'A case with all that an officer decides on'), ...refused },
});
export const ViewCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/view',
  middleware: [may('case.read')],
  request: { params: CaseIdParam },
  responses: { 204: { description: 'It is noted that the case was shown on a screen' }, ...refused },
});
export const DecideCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/decision',
  middleware: [may('case.decide')],
  request: { params: CaseIdParam, body: body(DecisionBody) },
  responses: { 200: json(CaseView, "The first officer's decision is recorded"), ...refused },
});
export const ApproveCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/approval',
  middleware: [may('case.approve')],
  request: { params: CaseIdParam, body: body(ApprovalBody) },
  responses: { 200: json(CaseView, "The second officer's yes is recorded"), ...refused },
});
export const LookBlind = createRoute({
  method: 'post',
  path: '/api/cases/{id}/second-look',
  middleware: [may('case.approve')],
  request: { params: CaseIdParam, body: body(DecisionBody) },
  responses: {
    200: json(CaseView, 'The same as the first decision approves it; anything else goes to a senior'),
    ...refused,
  },
});
export const EscalateCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/escalation',
  middleware: [may('case.put_off')],
  request: { params: CaseIdParam, body: body(ReasonBody) },
  responses: { 200: json(CaseView, 'A senior decides it'), ...refused },
});
export const WatchCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/watch',
  middleware: [may('case.put_off')],
  request: { params: CaseIdParam, body: body(WatchBody) },
  responses: {
    200: json(CaseView, 'It leaves the queue until that day, or until it shows something new'),
    ...refused,
  },
});
export const DisagreeOnCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/disagreement',
  middleware: [may('case.approve')],
  request: { params: CaseIdParam, body: body(ReasonBody) },
  responses: { 200: json(CaseView, 'A senior who is neither of the two decides anew'), ...refused },
});
export const ReverseCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/reversal',
  middleware: [may('case.reverse')],
  request: { params: CaseIdParam, body: body(ReasonBody) },
  responses: { 200: json(CaseView, 'The decision is taken back'), ...refused },
});
export const UndoCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/undo',
  middleware: [may('case.reverse')],
  request: { params: CaseIdParam, body: body(UndoBody) },
  responses: { 200: json(CaseView, 'What the same officer did within 10 seconds is undone'), ...refused },
});
export const ReadPassage = createRoute({
  method: 'get',
  path: '/api/cases/{id}/passage',
  middleware: [may('case.read')],
  request: { params: CaseIdParam },
  responses: { 200: json(PassageTold, 'What became of a case after it went into a batch'), ...refused },
});
export const StartScan = createRoute({
  method: 'post',
  path: '/api/scans',
  middleware: [may('scan.start')],
  request: { body: body(ScanBody) },
  responses: { 202: json(z.object({ scan: z.string() }), 'The scan is started'), ...refused },
});

export function addCases(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListCases, async (c) => {
    const { cases, queue } = c.get('tools').stores;
    const { limit, offset, state, label, search, updated_since, after } = c.req.valid('query');
    const blind = await readBlind(c);
    // A list of one state would tell the state.
    const tell = (list: readonly Case[]) => list.filter(({ id }) => !blind.has(id)).map((it) => told(c, it));
    if (updated_since !== undefined) {
      const from = after === undefined ? 0 : (caseNumber(after) ?? 0);
      const list = await queue.changed(new Date(updated_since), from, limit);
      return c.json({ total: list.length, next: null, cases: tell(list) }, 200);
    }
    const filter = {
      ...(state === undefined ? {} : { state }),
      ...(label === undefined ? {} : { label }),
      ...(search === undefined ? {} : { search }),
    };
    const total = await cases.count(filter);
    const list = await cases.list({ ...filter, limit, offset });
    const next = offset + list.length < total && list.length > 0 ? offset + list.length : null;
    return c.json({ total, next, cases: tell(list) }, 200);
  });
  app.openapi(ReadCase, async (c) => {
    const { cases } = c.get('tools').stores;
    const it = await cases.get(c.req.valid('param').id);
    await noteLook(c, it.id, 'fetched');
    return c.json(await detail(c, it), 200);
  });
  app.openapi(ViewCase, async (c) => {
    const it = await c.get('tools').stores.cases.get(c.req.valid('param').id);
    await noteLook(c, it.id, 'viewed');
    return c.body(null, 204);
  });
  app.openapi(DecideCase, async (c) => {
    const { revision, ...decision } = c.req.valid('json');
    return c.json(told(c, await decideCase(c, c.req.valid('param').id, decision, revision)), 200);
  });
  app.openapi(ApproveCase, async (c) => {
    const { revision } = c.req.valid('json');
    return c.json(told(c, await approveCase(c, c.req.valid('param').id, revision)), 200);
  });
  app.openapi(LookBlind, async (c) => {
    const { revision, ...look } = c.req.valid('json');
    return c.json(
      told(c, await actOnCase(c, c.req.valid('param').id, { is: 'look', ...look }, revision)),
      200,
    );
  });
  app.openapi(WatchCase, async (c) => {
    const { revision, ...said } = c.req.valid('json');
    return c.json(
      told(c, await actOnCase(c, c.req.valid('param').id, { is: 'watch', ...said }, revision)),
      200,
    );
  });
  app.openapi(EscalateCase, async (c) => {
    const { revision, reason } = c.req.valid('json');
    return c.json(
      told(c, await actOnCase(c, c.req.valid('param').id, { is: 'escalate', reason }, revision)),
      200,
    );
  });
  app.openapi(DisagreeOnCase, async (c) => {
    const { revision, reason } = c.req.valid('json');
    return c.json(
      told(c, await actOnCase(c, c.req.valid('param').id, { is: 'disagree', reason }, revision)),
      200,
    );
  });
  app.openapi(ReverseCase, async (c) => {
    const { revision, reason } = c.req.valid('json');
    return c.json(
      told(c, await actOnCase(c, c.req.valid('param').id, { is: 'reverse', reason }, revision)),
      200,
    );
  });
  app.openapi(UndoCase, async (c) =>
    c.json(told(c, await actOnCase(c, c.req.valid('param').id, { is: 'undo' }, undefined)), 200),
  );
  app.openapi(ReadPassage, async (c) => {
    const { stores, clock } = c.get('tools');
    const it = await stores.cases.get(c.req.valid('param').id);
    if (it.state.is !== 'referred' || (await readBlind(c)).has(it.id))
      return c.json({ sent: null, sights: [], children: [] }, 200);
    const { batch, row, passage } = await stores.passages.get(it.id);
    const sights = await stores.rechecks.sights(it.id);
    const events = passage.events.map(passageEventView);
    const isHere = (await stores.handovers.handovers(batch)).length === 0;
    const isHeld = isHere && (await stores.handovers.heldBack(batch)).length > 0;
    return c.json(
      {
        sent: { batch, row, state: passage.state, isHeld, late: lateEvent(passage, clock.now()), events },
        sights: sights.map(({ at, vantage, what, detail }) => ({
          at: at.toISOString(),
          vantage,
          what,
          detail,
        })),
        children: await stores.rechecks.childrenOf(it.id),
      },
      200,
    );
  });
  app.openapi(StartScan, async (c) => c.json(await startScan(c, c.req.valid('json').urls), 202));
}

type Desk = Context<DeskEnv>;

function told(c: Desk, it: Case): z.infer<typeof CaseView> {
  return caseView(it, isBlindTo(c, it));
}

async function detail(c: Desk, it: Case): Promise<z.infer<typeof CaseDetail>> {
  const { stores, clock } = c.get('tools');
  const who = c.get('who');
  const me = who.is === 'person' ? who.account.login : '';
  const [acts, pages, claim, alike, reach, ring] = await Promise.all([
    stores.cases.acts(it.id),
    stores.captures.ofCase(it.id),
    stores.queue.holder(it.id, clock.now()),
    it.subject.kind === 'site' ? stores.lookalikes.of(it.subject.key) : [],
    stores.queue.reach(it.id),
    it.subject.kind === 'ring' ? stores.rings.get(it.subject.key, null) : null,
  ]);
  const shown = await stores.rings.ofCaptures(
    pages.map(({ capture }) => capture.id),
    MOST_RINGS,
  );
  const rings = ring === null ? shown : [ring, ...shown.filter(({ id }) => id !== ring.id)];
  const undoable = me === '' ? null : await stores.cases.undoableUntil(it.id, me, clock.now());
  const main = mainCapture(it, pages);
  const reread = me === '' ? null : await stores.rereads.heldOf(it.id, me, clock.now());
  const blind = await readBlind(c);
  const isBlind = isBlindTo(c, it) || reread !== null;
  return {
    ...caseView(reread === null ? it : undecided(it), isBlind),
    acts: (isBlind ? withoutFirst(acts) : acts).map(actView),
    captures: pages.map(captureView),
    urgency: urgency({ ...it, reach }, clock.now()),
    claim: claim === null ? null : claimView(claim, me),
    reread: reread?.id ?? null,
    undoableUntil: undoable?.toISOString() ?? null,
    main: main === null ? null : captureDetail(main),
    grounds: isReferable(it.label) ? [...(OFFENCES[it.label]?.grounds ?? [])] : [],
    alike: alike.slice(0, MOST_ALIKE).map(({ reasons, ...site }) => ({
      ...site,
      ...(site.caseId !== null && blind.has(site.caseId) ? { state: 'open' as const } : {}),
      readable: readableHost(site.site),
      reasons: (reasons as { what: string; detail: string }[]).map(({ what, detail: value }) => ({
        what,
        detail: value,
      })),
    })),
    rings: rings.map(({ id, state, relation, members, actors, markets }) => ({
      ...{ id, state, relation, members, people: actors, markets: [...markets] },
    })),
  };
}

const MOST_ALIKE = 50;
const MOST_RINGS = 10;

/** The record as it was before the decision that a blind look is not to know. */
function withoutFirst(acts: readonly Act[]): readonly Act[] {
  const at = acts.findLastIndex(({ kind }) => kind === 'confirmed' || kind === 'dismissed');
  return at === -1 ? acts : acts.slice(0, at);
}
