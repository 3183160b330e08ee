/** Rings in API v1: which there are, what one is made of, what was told of it, and what its marketplace says of it. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type DrawingWords, drawRing } from '../../classifiers/duplicates/drawing.ts';
import type { ClusterActor } from '../../domain/market-service.ts';
import { ringActors } from '../../domain/ring-actors.ts';
import type { RingLine, RingListing } from '../../store/ring-views.ts';
import { noteSeen } from '../acts.ts';
import { may, personOf } from '../gate.ts';
import { ClusterIdParam, FeedbackBody } from '../market/schemas.ts';
import { DeskRefusedError } from '../refusal.ts';
import { partnerOf, scopeOf } from '../scope.ts';
import type { DeskEnv } from '../tools.ts';
import type { Words } from '../web/words.ts';
import { FeedbackView, feedbackView } from './feedback.ts';
import { body, json, refused, typed, updatedSince } from './schemas.ts';

const time = z.iso.datetime();
export const KINDS = ['phone', 'ip', 'device', 'account'] as const;
export const MarkView = z
  .object({
    kind: z.enum(KINDS),
    mark: z.string().openapi({ description: 'Keyed hash, 32 hexadecimal digits' }),
    flags: z.array(z.string()),
  })
  .openapi('Mark');
const RingView = z
  .object({
    id: z.string(),
    relation: z.enum(['duplicate_ad', 'same_photo']),
    state: z.enum(['open', 'merged', 'withdrawn']),
    mergedInto: z.string().nullable(),
    why: z.enum(['changed', 'disputed']).nullable(),
    members: z.int(),
    own: z.int().openapi({ description: 'Listings of the marketplace that is asked about' }),
    people: z.int().openapi({ description: 'At least' }),
    score: z.number(),
    density: z.number(),
    markets: z.array(z.string()).openapi({ description: "A partner's own alone" }),
    caseId: z.string().nullable(),
    openedAt: time,
    updatedAt: time,
  })
  .openapi('Ring');
const RingListingView = z
  .object({
    market: z.string(),
    id: z.string(),
    title: z.string(),
    text: z.string().openapi({ description: 'Telephones in it are `·`' }),
    price: z.number().nullable(),
    currency: z.string().nullable(),
    category: z.string().nullable(),
    city: z.string().nullable(),
    attributes: z.record(z.string(), z.string()),
    photos: z.int(),
    contacts: z.array(z.string()),
    postedAt: z.string().nullable(),
    placedAt: time,
    joinedAt: time,
    captureId: z.string().nullable(),
    marks: z.array(MarkView),
  })
  .openapi('RingListing');
const RingActorView = MarkView.extend({
  network: z.string().nullable(),
  listings: z.int(),
  outside: z
    .int()
    .nullable()
    .openapi({ description: 'Listings with it outside the ring; null where not told' }),
  first: z.string().nullable(),
  last: z.string().nullable(),
}).openapi('RingActor');
const RingAlertView = z
  .object({
    event: z.string(),
    marketplace: z.string(),
    type: z.string(),
    at: time,
    members: z.int().nullable(),
    endpoints: z.int(),
    delivered: z.int(),
  })
  .openapi('RingAlert');

export const MarketplaceQuery = {
  marketplace: typed(40).optional().openapi({ description: "An officer's choice; a partner sees its own" }),
};
export const Limit = z.coerce.number().int().min(1).max(200).default(50);
const RingCursor = z.string().regex(/^\d{1,15}_(?:ring|photos)-[0-9a-f]{12}$/);

export const ListRings = createRoute({
  method: 'get',
  path: '/api/rings',
  middleware: [may('ring.read')],
  request: {
    query: z.object({
      ...MarketplaceQuery,
      state: z.enum(['open', 'merged', 'withdrawn']).optional(),
      least: z.coerce.number().int().min(1).max(1_000_000).optional(),
      updated_since: updatedSince.openapi({ description: 'Only what changed since' }),
      cursor: RingCursor.optional(),
      limit: Limit,
    }),
  },
  responses: {
    200: json(
      z.object({ rings: z.array(RingView), next: z.string().nullable() }),
      'The last changed first; `next` is the cursor of the next page',
    ),
    ...refused,
  },
});
export const ReadRing = createRoute({
  method: 'get',
  path: '/api/rings/{id}',
  middleware: [may('ring.read')],
  request: { params: ClusterIdParam },
  responses: {
    200: json(
      z.object({
        ring: RingView,
        listings: z.array(RingListingView),
        elsewhere: z.int(),
        actors: z.array(RingActorView),
        alerts: z.array(RingAlertView),
        feedback: z.array(FeedbackView),
      }),
      'A ring whole; a partner is told of its own listings, and how many are elsewhere',
    ),
    ...refused,
  },
});
export const DrawRing = createRoute({
  method: 'get',
  path: '/api/rings/{id}/drawing',
  middleware: [may('ring.read')],
  request: { params: ClusterIdParam },
  responses: {
    200: {
      description: 'Listings on the left, who placed them on the right',
      content: { 'image/svg+xml': { schema: z.string() } },
    },
    ...refused,
  },
});
export const RevealRing = createRoute({
  method: 'post',
  path: '/api/rings/{id}/reveal',
  middleware: [may('ring.reveal')],
  request: { params: ClusterIdParam, body: body(z.object({ reason: typed(2000) })) },
  responses: {
    200: json(
      z.object({
        values: z.array(z.object({ kind: z.enum(KINDS), mark: z.string(), value: z.string() })),
        listings: z.int(),
      }),
      'What stands behind its marks, of so many listings; the ledger keeps who looked, and why',
    ),
    ...refused,
  },
});
export const AnswerRing = createRoute({
  method: 'post',
  path: '/api/rings/{id}/feedback',
  middleware: [may('ring.answer')],
  request: { params: ClusterIdParam, body: body(FeedbackBody) },
  responses: { 204: { description: 'It is noted, and learned from' }, ...refused },
});

/** Words of a reason that the ledger keeps: not a keystroke. */
const LEAST_REASON = 10;

export function addRings(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListRings, async (c) => {
    const { marketplace, state, least, updated_since: since, cursor, limit } = c.req.valid('query');
    const market = await scopeOf(c, marketplace);
    const filter = { market, state, least, since: since === undefined ? undefined : new Date(since) };
    const after = cursor === undefined ? null : placeOf(cursor);
    const found = await c.get('tools').stores.rings.page(filter, after, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const next = found.length > limit && last !== undefined ? `${last.updatedAt.getTime()}_${last.id}` : null;
    const isPartner = (await scopeOf(c)) !== null;
    return c.json({ rings: shown.map((it) => ringView(it, isPartner ? market : null)), next }, 200);
  });
  app.openapi(ReadRing, async (c) => {
    const { stores } = c.get('tools');
    const { id } = c.req.valid('param');
    const market = await scopeOf(c);
    const ring = await ringOf(c, id, market);
    const listings = await stores.rings.listings(id, market);
    const actors = ringActors(listings);
    // How many listings others have with a mark is no marketplace's affair.
    const all =
      market === null
        ? await stores.marks.countMarked(actors.map(({ kind, mark }) => ({ kind, hash: mark })))
        : null;
    const alerts = await stores.rings.alerts(id, market);
    const feedback = await stores.feedback.list({ tenant: market, ringId: id }, MOST_WORDS);
    await noteSeen(c, 'viewed', id);
    return c.json(
      {
        ring: ringView(ring, market),
        listings: listings.map(listingView),
        elsewhere: market === null || ring.state !== 'open' ? 0 : Math.max(0, ring.members - listings.length),
        actors: actors.map((it, at) => actorView(it, all?.[at] ?? null)),
        alerts: alerts.map(({ tenant, at, ...it }) => ({ ...it, marketplace: tenant, at: at.toISOString() })),
        feedback: feedback.map(feedbackView),
      },
      200,
    );
  });
  app.openapi(DrawRing, async (c) => {
    const { id } = c.req.valid('param');
    const market = await scopeOf(c);
    await ringOf(c, id, market);
    const listings = await c.get('tools').stores.rings.listings(id, market);
    const drawn = listings.map(({ listingId, listing }) => ({
      id: listingId,
      title: listing.title,
      ties: listing.marks.map(({ kind, hash }) => [kind, shortMark(hash)] as const),
    }));
    const actors = ringActors(listings).map(({ kind, mark, flags, listings: of }) => ({
      ...{ kind, value: shortMark(mark), listings: of.length, flags },
    }));
    await noteSeen(c, 'viewed', id);
    return c.body(drawRing(id, drawn, actors, drawingWords(c.get('words'))), 200, {
      'Content-Type': 'image/svg+xml; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cache-Control': 'private, no-cache',
    });
  });
  app.openapi(RevealRing, async (c) => {
    const { id } = c.req.valid('param');
    const reason = c.req.valid('json').reason.trim();
    if (reason.length < LEAST_REASON)
      throw new DeskRefusedError(422, 'no_words', 'Say in words why identifiers are to be seen.');
    await ringOf(c, id, null);
    const { market } = c.get('tools');
    if (market === null) throw notServed();
    const found = await (await market.identifiers()).reveal(id, personOf(c).login, reason);
    await noteSeen(c, 'revealed', id, reason);
    const values = new Map(found.flatMap((it) => it.values).map((it) => [`${it.kind} ${it.mark}`, it]));
    return c.json({ values: [...values.values()], listings: found.length }, 200);
  });
  app.openapi(AnswerRing, async (c) => {
    const tenant = await partnerOf(c);
    const { market } = c.get('tools');
    if (market === null) throw notServed();
    const isTaken = await (await market.service()).feedback(
      tenant,
      c.req.valid('param').id,
      c.req.valid('json'),
    );
    if (!isTaken) throw noRing();
    return c.body(null, 204);
  });
}

/** Words on one ring that are shown with it. */
const MOST_WORDS = 100;

type Desk = Parameters<typeof scopeOf>[0];

async function ringOf(c: Desk, id: string, market: string | null): Promise<RingLine> {
  const ring = await c.get('tools').stores.rings.get(id, market);
  if (ring === null) throw noRing();
  return ring;
}

function noRing(): DeskRefusedError {
  return new DeskRefusedError(404, 'not_found', 'There is no such ring.');
}

export function notServed(): DeskRefusedError {
  return new DeskRefusedError(501, 'not_available', 'Marketplaces are not served here.');
}

function placeOf(cursor: string): { readonly updatedAt: Date; readonly id: string } {
  const [at = '0', id = ''] = cursor.split('_');
  return { updatedAt: new Date(Number(at)), id };
}

/** As much of a mark as tells it from others on one screen. */
function shortMark(mark: string): string {
  return mark.slice(0, 10);
}

/** @param only the partner's marketplace that asks; which others are in the ring is not its affair. */
function ringView(it: RingLine, only: string | null): z.infer<typeof RingView> {
  const { actors, openedAt, updatedAt, markets, caseId, ...rest } = it;
  return {
    ...rest,
    people: actors,
    markets: only === null ? [...markets] : [only],
    caseId: only === null ? caseId : null,
    openedAt: openedAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function listingView(it: RingListing): z.infer<typeof RingListingView> {
  const { title, text, price, currency, category, city, attributes, photoHashes, contacts, postedAt, marks } =
    it.listing;
  return {
    ...{ market: it.market, id: it.listingId, captureId: it.captureId },
    ...{ title, text, price, currency, category, city, postedAt },
    attributes: { ...attributes },
    photos: photoHashes.length,
    contacts: [...contacts],
    placedAt: it.at.toISOString(),
    joinedAt: it.joinedAt.toISOString(),
    marks: marks.map(({ kind, hash, flags }) => ({ kind, mark: hash, flags: [...flags] })),
  };
}

function actorView(it: ClusterActor, all: number | null): z.infer<typeof RingActorView> {
  const { kind, mark, flags, network, listings, first, last } = it;
  const outside = all === null ? null : Math.max(0, all - listings.length);
  // The same threshold as in a report on rings: classifiers/duplicates/actors.ts.
  const isShared = kind === 'ip' && outside !== null && outside >= 3 * listings.length;
  return {
    ...{ kind, mark, network, first, last, outside, listings: listings.length },
    flags: isShared && !flags.includes('shared') ? [...flags, 'shared'].sort() : [...flags],
  };
}

function drawingWords(words: Words): DrawingWords {
  return {
    listings: (n, shown) =>
      n === shown ? words.say('rings.drawn', { n }) : words.say('rings.drawn_first', { n, shown }),
    kind: (kind) => words.say(`actors.kind.${kind}`),
    flag: (flag) => words.sayIfKnown(`actors.flag.${flag}`, flag),
  };
}
