/** Who stands behind rings, in API v1, by keyed hash: those with most listings, one of them, and one who is looked for. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ActorPlace } from '../../store/ring-views.ts';
import { noteSeen } from '../acts.ts';
import { may } from '../gate.ts';
import { DeskRefusedError } from '../refusal.ts';
import { scopeOf } from '../scope.ts';
import type { DeskEnv } from '../tools.ts';
import { KINDS, Limit, MarketplaceQuery, MarkView, notServed } from './rings.ts';
import { body, json, refused, typed } from './schemas.ts';

const time = z.iso.datetime();
const kind = z.enum(KINDS);
const MarkParam = z.object({
  kind: kind.openapi({ param: { name: 'kind', in: 'path' }, example: 'phone' }),
  mark: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .openapi({ param: { name: 'mark', in: 'path' }, example: '0123456789abcdef0123456789abcdef' }),
});
const ActorLine = MarkView.extend({
  listings: z.int(),
  rings: z.int(),
  marketplaces: z.int(),
  first: time,
  last: time,
}).openapi('ActorLine');
const PlacedView = z
  .object({
    marketplace: z.string(),
    id: z.string(),
    title: z.string(),
    price: z.number().nullable(),
    currency: z.string().nullable(),
    city: z.string().nullable(),
    at: time,
    flags: z.array(z.string()),
    ring: z.string().nullable(),
  })
  .openapi('PlacedListing');

export const ListActors = createRoute({
  method: 'get',
  path: '/api/actors',
  middleware: [may('ring.read')],
  request: {
    query: z.object({
      ...MarketplaceQuery,
      kind: kind.optional(),
      cursor: z
        .string()
        .regex(/^\d{1,9}_(?:phone|ip|device|account)_[0-9a-f]{32}$/)
        .optional(),
      limit: Limit,
    }),
  },
  responses: {
    200: json(
      z.object({ actors: z.array(ActorLine), next: z.string().nullable() }),
      'Those with most listings in open rings first; `next` is the cursor of the next page',
    ),
    ...refused,
  },
});
export const ReadActor = createRoute({
  method: 'get',
  path: '/api/actors/{kind}/{mark}',
  middleware: [may('ring.read')],
  request: { params: MarkParam },
  responses: {
    200: json(
      z.object({
        kind,
        mark: z.string(),
        listings: z.array(PlacedView),
        elsewhere: z.int().openapi({ description: 'Listings that are not told' }),
        companions: z.array(MarkView.extend({ listings: z.int() })),
      }),
      'Standing listings with this mark, the newest first, and whose marks stand beside it',
    ),
    ...refused,
  },
});
export const FindActor = createRoute({
  method: 'post',
  path: '/api/actors/find',
  middleware: [may('actor.find')],
  request: {
    body: body(
      z.object({
        kind,
        value: typed(200).min(1),
        marketplace: typed(40).optional().openapi({ description: 'Whose account it is' }),
      }),
    ),
  },
  responses: {
    200: json(
      z.object({ kind, mark: z.string() }),
      'Its mark, whether or not a listing bears it; what was typed is kept nowhere',
    ),
    ...refused,
  },
});

const MOST_LISTINGS = 500;
const MOST_COMPANIONS = 50;

export function addActors(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListActors, async (c) => {
    const { marketplace, kind: of, cursor, limit } = c.req.valid('query');
    const market = await scopeOf(c, marketplace);
    const after = cursor === undefined ? null : placeOf(cursor);
    const found = await c.get('tools').stores.rings.actors({ market, kind: of }, after, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const next =
      found.length > limit && last !== undefined ? `${last.listings}_${last.kind}_${last.mark}` : null;
    await noteSeen(c, 'viewed', 'actors');
    return c.json(
      {
        actors: shown.map(({ markets, first, last: latest, flags, ...it }) => ({
          ...{ ...it, flags: [...flags], marketplaces: markets },
          ...{ first: first.toISOString(), last: latest.toISOString() },
        })),
        next,
      },
      200,
    );
  });
  app.openapi(FindActor, async (c) => {
    const { kind: of, value, marketplace } = c.req.valid('json');
    const market = await scopeOf(c, marketplace);
    if (of === 'account' && market === null)
      throw new DeskRefusedError(422, 'no_marketplace', 'An account is of a marketplace: name it.');
    const { market: door } = c.get('tools');
    if (door === null) throw notServed();
    const mark = (await door.identifiers()).mark(of, value.trim(), market ?? '');
    await noteSeen(c, 'searched', `${of}-${mark}`);
    return c.json({ kind: of, mark }, 200);
  });
  app.openapi(ReadActor, async (c) => {
    const { kind: of, mark } = c.req.valid('param');
    const { rings } = c.get('tools').stores;
    const market = await scopeOf(c);
    const { listings, total } = await rings.placedBy({ kind: of, mark }, market, MOST_LISTINGS);
    const companions = await rings.companions({ kind: of, mark }, market, MOST_COMPANIONS);
    await noteSeen(c, 'viewed', `${of}-${mark}`);
    return c.json(
      {
        kind: of,
        mark,
        listings: listings.map(({ market: where, listingId, at, flags, ringId, ...it }) => ({
          ...{ ...it, marketplace: where, id: listingId, ring: ringId },
          ...{ at: at.toISOString(), flags: [...flags] },
        })),
        elsewhere: total - listings.length,
        companions: companions.map(({ flags, ...it }) => ({ ...it, flags: [...flags] })),
      },
      200,
    );
  });
}

function placeOf(cursor: string): ActorPlace {
  const [listings = '0', of = '', mark = ''] = cursor.split('_');
  return { listings: Number(listings), kind: of as ActorPlace['kind'], mark };
}
