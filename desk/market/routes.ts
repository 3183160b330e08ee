/**
 * The service for marketplaces, `/v1`: checks in the form where a listing is placed, listings in and out, rings and
 * who is behind them. Every answer is about the marketplace whose key asks: `tenantOf` is the only way to its name.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { listingOfRow } from '../../domain/listing-row.ts';
import type { Check, MarketService } from '../../domain/market-service.ts';
import { body, json, refused } from '../api/schemas.ts';
import { may, tenantOf } from '../gate.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { addAlerts } from './alert-routes.ts';
import { inHand } from './in-hand.ts';
import {
  ActorQuery,
  ActorView,
  BatchBody,
  BatchRow,
  BatchView,
  CheckBody,
  CheckView,
  ClusterIdParam,
  ClusterView,
  FeedbackBody,
  ListingBody,
  ListingIdParam,
  PlacedView,
} from './schemas.ts';
import { messageOf, REASON_WORDS } from './words.ts';

type Asked = { get(name: 'tools'): DeskEnv['Variables']['tools'] };

async function serviceOf(c: Asked): Promise<MarketService> {
  const { market } = c.get('tools');
  if (market === null) throw new DeskRefusedError(501, 'not_available', 'Marketplaces are not served here.');
  return market.service();
}

export function addMarket(app: OpenAPIHono<DeskEnv>): void {
  addListings(app);
  addRings(app);
  addAlerts(app);
}

function addListings(app: OpenAPIHono<DeskEnv>): void {
  const checks = inHand();
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/listings/check',
      middleware: [may('market.use')],
      request: { body: body(CheckBody) },
      responses: { 200: json(CheckView, 'What to do with it, and why; nothing is kept'), ...refused },
    }),
    async (c) => {
      const { id, ...row } = c.req.valid('json');
      const tenant = tenantOf(c).id;
      const done = checks.take(tenant);
      if (done === null) {
        c.header('Retry-After', '1');
        throw new DeskRefusedError(503, 'busy', 'More checks wait than can be answered in time. Ask later.');
      }
      try {
        const service = await serviceOf(c);
        const found = await service.check(tenant, listingOfRow({ ...row, id: id ?? 'asked' }), id ?? null);
        return c.json(checkView(found), 200);
      } finally {
        done();
      }
    },
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/listings/{id}',
      middleware: [may('market.use')],
      request: { params: ListingIdParam, body: body(ListingBody) },
      responses: { 200: json(PlacedView, 'It is kept, and will be looked through for copies'), ...refused },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const listing = listingOfRow({ ...c.req.valid('json'), id });
      const [is] = await (await serviceOf(c)).place(tenantOf(c).id, [{ id, listing }], false);
      return c.json({ id, is: is! }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/listings/{id}',
      middleware: [may('market.use')],
      request: { params: ListingIdParam },
      responses: { 204: { description: 'It is taken down; its versions stay as evidence' }, ...refused },
    }),
    async (c) => {
      const isThere = await (await serviceOf(c)).takeDown(tenantOf(c).id, c.req.valid('param').id);
      if (!isThere) throw new DeskRefusedError(404, 'not_found', 'There is no such listing of yours.');
      return c.body(null, 204);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/listings/batch',
      middleware: [may('market.use')],
      request: { body: body(BatchBody) },
      responses: {
        200: json(BatchView, 'What became of each row; good rows are kept whatever others are'),
        ...refused,
      },
    }),
    async (c) => {
      const { listings, backfill } = c.req.valid('json');
      const read = listings.map((each) => BatchRow.safeParse(each));
      const good = read.flatMap((it) =>
        it.success ? [{ id: String(it.data.id), listing: listingOfRow(it.data) }] : [],
      );
      const placed = await (await serviceOf(c)).place(tenantOf(c).id, good, backfill);
      let next = 0;
      const rows = read.map((it, at) => {
        if (it.success) {
          next += 1;
          return { at, id: String(it.data.id), is: placed[next - 1]!, why: null };
        }
        const issue = it.error.issues[0];
        return { at, id: null, is: 'refused' as const, why: `"${issue?.path.join('.')}": ${issue?.message}` };
      });
      return c.json({ taken: good.length, refused: rows.length - good.length, rows }, 200);
    },
  );
}

function addRings(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clusters/{id}',
      middleware: [may('market.use')],
      request: { params: ClusterIdParam },
      responses: { 200: json(ClusterView, 'A ring that has, or had, a listing of yours'), ...refused },
    }),
    async (c) => {
      const found = await (await serviceOf(c)).cluster(tenantOf(c).id, c.req.valid('param').id);
      if (found === null) throw noRing();
      const { openedAt, updatedAt, listings, actors, ...rest } = found;
      return c.json(
        {
          ...rest,
          openedAt: openedAt.toISOString(),
          updatedAt: updatedAt.toISOString(),
          listings: [...listings],
          actors: actors.map((it) => ({ ...it, flags: [...it.flags], listings: [...it.listings] })),
        },
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/actors',
      middleware: [may('market.use')],
      request: { query: ActorQuery },
      responses: {
        200: json(ActorView, 'Own listings with this phone, address, device or account'),
        ...refused,
      },
    }),
    async (c) => {
      const asked = Object.entries(c.req.valid('query')).find(([, value]) => value !== undefined)!;
      const [kind, value] = asked as ['phone' | 'ip' | 'device' | 'account', string];
      const found = await (await serviceOf(c)).actor(tenantOf(c).id, kind, value);
      const listings = found.listings.map((it) => ({ ...it, at: it.at.toISOString(), flags: [...it.flags] }));
      return c.json({ ...found, listings }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clusters/{id}/feedback',
      middleware: [may('market.use')],
      request: { params: ClusterIdParam, body: body(FeedbackBody) },
      responses: {
        200: json(z.object({ taken: z.literal(true) }), 'It is noted, and learned from'),
        ...refused,
      },
    }),
    async (c) => {
      const service = await serviceOf(c);
      const isTaken = await service.feedback(tenantOf(c).id, c.req.valid('param').id, c.req.valid('json'));
      if (!isTaken) throw noRing();
      return c.json({ taken: true as const }, 200);
    },
  );
}

function noRing(): DeskRefusedError {
  return new DeskRefusedError(404, 'not_found', 'There is no such ring with a listing of yours.');
}

function checkView({ advice, score, ring, reasons, matches }: Check): z.infer<typeof CheckView> {
  return {
    decision: advice,
    score,
    ring,
    reasons: reasons.map((code) => ({ code, text: REASON_WORDS[code] })),
    matches: matches.map(({ listingId, isSameSeller, reasons: told, ...rest }) => ({
      listing: listingId,
      ...rest,
      sameSeller: isSameSeller,
      reasons: [...told],
    })),
    message: messageOf(advice, reasons),
  };
}
