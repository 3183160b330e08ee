/** The queue in API v1: its pages, who holds what, saved searches, and who looked at what. */
import { randomUUID } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { LABELS } from '../../domain/assessment.ts';
import { MOST_CLAIMS, type QueueFilter, urgency } from '../../domain/queue.ts';
import type { QueueCursor, QueuedCase, SavedQueue } from '../../store/queue.ts';
import { isBlindTo, readBlind } from '../acts.ts';
import { may, personOf } from '../gate.ts';
import { DeskRefusedError } from '../refusal.ts';
import { isAllowed } from '../roles.ts';
import { type DeskEnv, roleOf } from '../tools.ts';
import { asSearched } from '../web/name.ts';
import {
  body,
  CaseIdParam,
  ClaimView,
  caseView,
  claimView,
  json,
  QueuedView,
  refused,
  STATES,
  typed,
  updatedSince,
} from './schemas.ts';

const LANES = ['desk', 'senior', 'watch'] as const;
const Score = z.coerce.number().min(0).max(1);
const FilterBody = z
  .object({
    state: z.enum(STATES).optional(),
    lane: z.enum(LANES).optional(),
    label: z.enum(LABELS).optional(),
    search: typed(200).optional(),
    leastScore: Score.optional(),
  })
  .openapi('QueueFilter');
/** Rank and number of the last case of a page. */
export const CursorText = z
  .string()
  .max(60)
  .regex(/^-?\d+(\.\d+)?(e[+-]?\d+)?~\d{1,15}$/)
  // 1e999 has the form of a number, and is none that a case can have.
  .refine((text) => Number.isFinite(Number(text.split('~')[0])));
const Count = z.object({ n: z.int(), isMore: z.boolean() });
const QueueView = z
  .object({ id: z.string(), name: z.string(), filter: FilterBody, isMine: z.boolean(), madeBy: z.string() })
  .openapi('Queue');
const QueueIdParam = z.object({ id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }) });
const LoginQuery = z.object({
  by: typed(100).optional(),
  case: z.string().optional(),
  updated_since: updatedSince.openapi({
    description: 'Only what was noted since, oldest first; go on from the last `at`',
  }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const ReadQueue = createRoute({
  method: 'get',
  path: '/api/queue',
  middleware: [may('case.read')],
  request: {
    query: FilterBody.extend({
      limit: z.coerce.number().int().min(1).max(100).default(30),
      cursor: CursorText.optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ items: z.array(QueuedView), next: z.string().nullable() }),
      'The queue by risk x reach x age, each with why it stands where it does',
    ),
    ...refused,
  },
});
export const CountQueue = createRoute({
  method: 'get',
  path: '/api/queue/counts',
  middleware: [may('case.read')],
  request: { query: FilterBody.omit({ state: true, lane: true }) },
  responses: {
    200: json(
      z.object({
        counts: z.object({
          open: Count,
          senior: Count,
          watch: Count,
          confirmed: Count,
          approved: Count,
          referred: Count,
          dismissed: Count,
        }),
        reading: z.int(),
        /** Decided cases drawn to be read again, that whoever asks could take. */
        rereads: z.int(),
      }),
      'How many stand in each queue, counted up to 1,000; and sites that are being read now',
    ),
    ...refused,
  },
});
export const ListClaims = createRoute({
  method: 'get',
  path: '/api/claims',
  middleware: [may('case.hold')],
  responses: { 200: json(z.object({ claims: z.array(ClaimView) }), 'What whoever asks holds'), ...refused },
});
export const ClaimNext = createRoute({
  method: 'post',
  path: '/api/claims',
  middleware: [may('case.hold')],
  request: {
    body: body(FilterBody.extend({ want: z.int().min(1).max(MOST_CLAIMS) }).openapi('ClaimNext')),
  },
  responses: {
    200: json(
      z.object({ claims: z.array(ClaimView) }),
      'The first cases of a queue that nobody holds are held; those held before stay so',
    ),
    ...refused,
  },
});
export const ClaimCase = createRoute({
  method: 'post',
  path: '/api/cases/{id}/claim',
  middleware: [may('case.hold')],
  request: {
    params: CaseIdParam,
    body: body(z.object({ steal: typed(500).optional() }).openapi('ClaimCase')),
  },
  responses: {
    200: json(ClaimView, 'It is held for 10 minutes; with `steal`, the reason, taken from whoever held it'),
    ...refused,
  },
});
export const ReleaseCase = createRoute({
  method: 'delete',
  path: '/api/cases/{id}/claim',
  middleware: [may('case.hold')],
  request: { params: CaseIdParam },
  responses: { 204: { description: 'It is given back' }, ...refused },
});
export const ListQueues = createRoute({
  method: 'get',
  path: '/api/queues',
  middleware: [may('case.read')],
  responses: { 200: json(z.object({ queues: z.array(QueueView) }), 'Saved searches by name'), ...refused },
});
export const SaveQueue = createRoute({
  method: 'post',
  path: '/api/queues',
  middleware: [may('queue.save')],
  request: {
    body: body(
      z
        .object({ name: typed(80).min(1), filter: FilterBody, isShared: z.boolean().default(false) })
        .openapi('NewQueue'),
    ),
  },
  responses: { 201: json(QueueView, 'Saved'), ...refused },
});
export const RemoveQueue = createRoute({
  method: 'delete',
  path: '/api/queues/{id}',
  middleware: [may('queue.save')],
  request: { params: QueueIdParam },
  responses: { 204: { description: 'Removed' }, ...refused },
});
export const ReadAudit = createRoute({
  method: 'get',
  path: '/api/audit',
  middleware: [may('audit.read')],
  request: { query: LoginQuery },
  responses: {
    200: json(
      z.object({
        events: z.array(
          z.object({
            at: z.iso.datetime(),
            by: z.string(),
            kind: z.string(),
            caseId: z.string().nullable(),
            facts: z.record(z.string(), z.unknown()),
          }),
        ),
      }),
      'Who looked at what, newest first; with `updated_since` oldest first',
    ),
    ...refused,
  },
});

/** Counted no further, so that a count costs the same among a million. */
const MOST_COUNTED = 1000;

export function addQueue(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ReadQueue, async (c) => {
    const { stores, clock } = c.get('tools');
    const { limit, cursor, ...typedFilter } = c.req.valid('query');
    const now = clock.now();
    const page = await stores.queue.page(filterOf(typedFilter), readCursor(cursor), limit, now);
    const next = page.next === null ? null : `${page.next.rank}~${page.next.id}`;
    const blind = await readBlind(c);
    const items = page.items.filter((it) => !blind.has(it.case.id)).map((it) => queued(c, it, now));
    return c.json({ items, next }, 200);
  });
  app.openapi(CountQueue, async (c) => {
    const { stores, clock } = c.get('tools');
    const { queue, visits, rereads } = stores;
    const filter = filterOf(c.req.valid('query'));
    const count = async (part: QueueFilter) => {
      const n = await queue.count({ ...filter, ...part }, MOST_COUNTED);
      return { n, isMore: n === MOST_COUNTED };
    };
    const counts = {
      open: await count({ state: 'open' }),
      senior: await count({ state: 'open', lane: 'senior' }),
      watch: await count({ state: 'open', lane: 'watch' }),
      confirmed: await count({ state: 'confirmed' }),
      approved: await count({ state: 'approved' }),
      referred: await count({ state: 'referred' }),
      dismissed: await count({ state: 'dismissed' }),
    };
    const reading = (await visits.openHosts(1000)).length;
    const who = c.get('who');
    // What this officer would be given, so that nobody is sent for what is not theirs to read.
    const waiting =
      who.is === 'person'
        ? await rereads.waitingFor(who.account.login, MOST_COUNTED, clock.now())
        : await rereads.waiting(MOST_COUNTED);
    return c.json({ counts, reading, rereads: waiting }, 200);
  });
  addClaims(app);
  addSaved(app);
  app.openapi(ReadAudit, async (c) => {
    const { by, case: id, updated_since: since, limit } = c.req.valid('query');
    const of = {
      ...(by === undefined ? {} : { by }),
      ...(id === undefined ? {} : { caseId: id }),
      ...(since === undefined ? {} : { since: new Date(since) }),
    };
    const events = await c.get('tools').stores.log.list(of, limit);
    return c.json(
      { events: events.map((it) => ({ ...it, at: it.at.toISOString(), facts: { ...it.facts } })) },
      200,
    );
  });
}

function addClaims(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListClaims, async (c) => {
    const { stores, clock } = c.get('tools');
    const { login } = personOf(c);
    const claims = await stores.queue.held(login, clock.now());
    return c.json({ claims: claims.map((it) => claimView(it, login)) }, 200);
  });
  app.openapi(ClaimNext, async (c) => {
    const { stores, clock } = c.get('tools');
    const { login } = personOf(c);
    const { want, ...filter } = c.req.valid('json');
    const claims = await stores.queue.claimNext(login, filterOf(filter), want, clock.now());
    return c.json({ claims: claims.map((it) => claimView(it, login)) }, 200);
  });
  app.openapi(ClaimCase, async (c) => {
    const { stores, clock } = c.get('tools');
    const { login } = personOf(c);
    const steal = c.req.valid('json').steal?.trim();
    if (steal === '') throw new DeskRefusedError(422, 'no_words', 'Say why you take it over.');
    const claim = await stores.queue.claim(c.req.valid('param').id, login, steal ?? null, clock.now());
    return c.json(claimView(claim, login), 200);
  });
  app.openapi(ReleaseCase, async (c) => {
    const { stores, clock } = c.get('tools');
    await stores.queue.release(c.req.valid('param').id, personOf(c).login, clock.now());
    return c.body(null, 204);
  });
}

function addSaved(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListQueues, async (c) => {
    const who = c.get('who');
    const me = who.is === 'person' ? who.account.login : '';
    const queues = await c.get('tools').stores.queue.saved(me);
    return c.json({ queues: queues.map((it) => savedView(it, me)) }, 200);
  });
  app.openapi(SaveQueue, async (c) => {
    const { stores, clock } = c.get('tools');
    const { login, role } = personOf(c);
    const { name, filter, isShared } = c.req.valid('json');
    if (isShared && !isAllowed(role, 'queue.share'))
      throw new DeskRefusedError(403, 'not_allowed', 'Your role does not allow "queue.share".');
    const owner = isShared ? null : login;
    const queue: SavedQueue = {
      id: randomUUID(),
      name: name.trim(),
      filter: filterOf(filter),
      owner,
      madeBy: login,
    };
    await stores.queue.save(queue, clock.now());
    return c.json(savedView(queue, login), 201);
  });
  app.openapi(RemoveQueue, async (c) => {
    const isKeeper = isAllowed(roleOf(c.get('who')), 'queue.share');
    const { queue } = c.get('tools').stores;
    if (!(await queue.unsave(c.req.valid('param').id, personOf(c).login, isKeeper)))
      throw new DeskRefusedError(404, 'not_found', 'There is no such queue of yours.');
    return c.body(null, 204);
  });
}

/** What was asked, without what was not; a pasted address is searched as the name that it holds. */
function filterOf(
  typedFilter: { readonly [K in keyof QueueFilter]?: QueueFilter[K] | undefined },
): QueueFilter {
  const { search, ...rest } = typedFilter;
  const asked = Object.entries({ ...rest, search: search === undefined ? undefined : asSearched(search) });
  return Object.fromEntries(asked.filter(([, value]) => value !== undefined && value !== ''));
}

/** Takes what `CursorText` let through. */
export function readCursor(text: string | undefined): QueueCursor | null {
  if (text === undefined) return null;
  const [rank, id] = text.split('~').map(Number);
  return { rank: rank ?? 0, id: id ?? 0 };
}

function queued(
  c: Context<DeskEnv>,
  { case: it, reach, claim }: QueuedCase,
  now: Date,
): z.infer<typeof QueuedView> {
  const who = c.get('who');
  const against = it.reasons.filter(({ contribution }) => contribution > 0).slice(0, 3);
  return {
    ...caseView(it, isBlindTo(c, it)),
    urgency: urgency({ ...it, reach }, now),
    claim: claim === null ? null : claimView(claim, who.is === 'person' ? who.account.login : ''),
    reasons: against.map(({ family, excerpt }) => ({ family, excerpt })),
  };
}

function savedView({ id, name, filter, owner, madeBy }: SavedQueue, me: string): z.infer<typeof QueueView> {
  return { id, name, filter: { ...filter }, isMine: owner === me, madeBy };
}
