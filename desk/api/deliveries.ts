/** Alerts on their way, in API v1: endpoints of marketplaces, every try, and what is sent again. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AlertService } from '../../domain/alert-service.ts';
import type { DeliveryPlace } from '../../store/endpoints.ts';
import { may } from '../gate.ts';
import {
  EndpointIdParam,
  EndpointShape,
  endpointView,
  ReplayBody,
  replayOf,
} from '../market/alert-routes.ts';
import { DeskRefusedError } from '../refusal.ts';
import { marketOf, scopeOf } from '../scope.ts';
import type { DeskEnv, DeskTools } from '../tools.ts';
import { Limit, MarketplaceQuery, notServed } from './rings.ts';
import { body, json, refused, typed } from './schemas.ts';

const time = z.iso.datetime();
const HouseEndpoint = EndpointShape.extend({ marketplace: z.string() }).openapi('HouseEndpoint');
const TryView = z
  .object({
    at: z.string(),
    status: z.int().nullable().openapi({ description: 'Null: there was no answer' }),
    ms: z.int(),
    detail: z.string().openapi({ description: 'What was answered, as plain text, cut' }),
  })
  .openapi('Try');
const HouseDelivery = z
  .object({
    seq: z.int(),
    event: z.string(),
    type: z.string(),
    at: time,
    marketplace: z.string(),
    subject: z.string().nullable().openapi({ description: 'The ring, or the endpoint of a test' }),
    endpoint: z.string(),
    url: z.string(),
    isDisabled: z.boolean(),
    state: z.enum(['waiting', 'delivered', 'given_up']),
    tries: z.int(),
    nextAt: time,
    log: z.array(TryView),
  })
  .openapi('HouseDelivery');

export const ListMarketplaces = createRoute({
  method: 'get',
  path: '/api/marketplaces',
  middleware: [may('ring.read')],
  responses: {
    200: json(
      z.object({
        marketplaces: z.array(
          z.object({ id: z.string(), name: z.string(), isDry: z.boolean(), isRevoked: z.boolean() }),
        ),
      }),
      "Marketplaces by id; a partner's own alone",
    ),
    ...refused,
  },
});
export const ListEndpoints = createRoute({
  method: 'get',
  path: '/api/endpoints',
  middleware: [may('delivery.read')],
  request: { query: z.object(MarketplaceQuery) },
  responses: {
    200: json(z.object({ endpoints: z.array(HouseEndpoint) }), 'Where alerts go, the oldest first'),
    ...refused,
  },
});
export const ListDeliveries = createRoute({
  method: 'get',
  path: '/api/deliveries',
  middleware: [may('delivery.read')],
  request: {
    query: z.object({
      ...MarketplaceQuery,
      endpoint: typed(40).optional(),
      state: z.enum(['waiting', 'delivered', 'given_up']).optional(),
      cursor: z
        .string()
        .regex(/^\d{1,15}_ep_[0-9a-f]{32}$/)
        .optional(),
      limit: Limit,
    }),
  },
  responses: {
    200: json(
      z.object({ deliveries: z.array(HouseDelivery), next: z.string().nullable() }),
      'What became of alerts, the newest first, with every try',
    ),
    ...refused,
  },
});
export const Replay = createRoute({
  method: 'post',
  path: '/api/deliveries/replay',
  middleware: [may('delivery.send')],
  request: {
    query: z.object(MarketplaceQuery),
    body: body(ReplayBody),
  },
  responses: {
    202: json(z.object({ messages: z.int() }), 'Sent again, under their own ids'),
    ...refused,
  },
});
export const TestEndpoint = createRoute({
  method: 'post',
  path: '/api/endpoints/{id}/test',
  middleware: [may('delivery.send')],
  request: { params: EndpointIdParam, query: z.object(MarketplaceQuery) },
  responses: { 202: json(z.object({ event: z.string() }), 'A test message is on its way'), ...refused },
});

export function addDeliveries(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListMarketplaces, async (c) => {
    const own = await scopeOf(c);
    const all = await c.get('tools').stores.tenants.list();
    const marketplaces = all
      .filter(({ id }) => own === null || id === own)
      .map(({ id, name, isDry, revokedAt }) => ({ id, name, isDry, isRevoked: revokedAt !== null }));
    return c.json({ marketplaces }, 200);
  });
  app.openapi(ListEndpoints, async (c) => {
    const tenant = await scopeOf(c, c.req.valid('query').marketplace);
    const list = await c.get('tools').stores.endpoints.list(tenant);
    return c.json({ endpoints: list.map((it) => ({ ...endpointView(it), marketplace: it.tenant })) }, 200);
  });
  app.openapi(ListDeliveries, async (c) => {
    const { marketplace, endpoint, state, cursor, limit } = c.req.valid('query');
    const of = {
      tenant: await scopeOf(c, marketplace),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(state === undefined ? {} : { state }),
    };
    const after = cursor === undefined ? null : placeOf(cursor);
    const found = await c.get('tools').stores.endpoints.deliveries(of, limit + 1, after);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return c.json(
      {
        deliveries: shown.map(({ seq, tenant, at, nextAt, log, ...it }) => ({
          ...{ ...it, seq: Number(seq), marketplace: tenant, log: [...log] },
          ...{ at: at.toISOString(), nextAt: nextAt.toISOString() },
        })),
        next: found.length > limit && last !== undefined ? `${last.seq}_${last.endpoint}` : null,
      },
      200,
    );
  });
  app.openapi(Replay, async (c) => {
    const tenant = await marketOf(c, c.req.valid('query').marketplace);
    const messages = await (await alertsOf(c)).replay(tenant, replayOf(c.req.valid('json')));
    return c.json({ messages }, 202);
  });
  app.openapi(TestEndpoint, async (c) => {
    const tenant = await marketOf(c, c.req.valid('query').marketplace);
    const event = await (await alertsOf(c)).testEndpoint(tenant, c.req.valid('param').id);
    if (event === null)
      throw new DeskRefusedError(404, 'not_found', 'There is no such endpoint, or it is disabled.');
    return c.json({ event }, 202);
  });
}

async function alertsOf(c: { get(name: 'tools'): DeskTools }): Promise<AlertService> {
  const { market } = c.get('tools');
  if (market === null) throw notServed();
  return market.alerts();
}

function placeOf(cursor: string): DeliveryPlace {
  const [seq = '0'] = cursor.split('_');
  return { seq: Number(seq), endpoint: cursor.slice(seq.length + 1) };
}
