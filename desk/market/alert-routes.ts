/** Where a marketplace's alerts go, what became of them, and the feed that holds them all. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AlertService, EndpointView, Replay } from '../../domain/alert-service.ts';
import { body, json, refused, typed } from '../api/schemas.ts';
import { may, tenantOf } from '../gate.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv, DeskTools } from '../tools.ts';

const time = z.string();
export const EndpointShape = z
  .object({
    id: z.string(),
    url: z.string(),
    createdAt: time,
    failingSince: time.nullable(),
    disabledAt: time.nullable(),
    why: z.string().nullable(),
  })
  .openapi('Endpoint');
const SecretView = z.object({ secret: z.string() }).openapi('EndpointSecret');
export const EndpointIdParam = z.object({
  id: z
    .string()
    .regex(/^ep_[0-9a-f]{32}$/)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'ep_0190f3c2a4e87b1c9d2e3f4a5b6c7d8e' }),
});
const DeliveryShape = z
  .object({
    event: z.string(),
    type: z.string(),
    endpoint: z.string(),
    state: z.enum(['waiting', 'delivered', 'given_up']),
    tries: z.int(),
    nextAt: time,
    log: z.array(z.object({ at: time, status: z.int().nullable(), ms: z.int(), detail: z.string() })),
  })
  .openapi('Delivery');
export const ReplayBody = z
  .union([
    z.strictObject({ event: typed(100) }),
    z.strictObject({
      since: z.iso.datetime(),
      until: z.iso.datetime().optional(),
      /** Only what reached nobody. */
      failed: z.boolean().optional(),
    }),
  ])
  .openapi('Replay');
const FeedView = z
  .object({
    events: z.array(z.looseObject({ id: z.string(), type: z.string() })),
    /** Give it as `cursor` next time; the same again while there is nothing new. */
    cursor: z.string(),
  })
  .openapi('Feed');
const FeedQuery = z.object({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .default('0'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

async function alertsOf(c: { get(name: 'tools'): DeskTools }): Promise<AlertService> {
  const { market } = c.get('tools');
  if (market === null) throw new DeskRefusedError(501, 'not_available', 'Marketplaces are not served here.');
  return market.alerts();
}

export function addAlerts(app: OpenAPIHono<DeskEnv>): void {
  addEndpoints(app);
  addDeliveries(app);
}

function addEndpoints(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/endpoints',
      middleware: [may('market.use')],
      responses: {
        200: json(z.object({ endpoints: z.array(EndpointShape) }), 'Where alerts go'),
        ...refused,
      },
    }),
    async (c) => {
      const list = await (await alertsOf(c)).endpoints(tenantOf(c).id);
      return c.json({ endpoints: list.map(endpointView) }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/endpoints',
      middleware: [may('market.use')],
      request: { body: body(z.object({ url: typed(2000) })) },
      responses: {
        201: json(EndpointShape.extend({ secret: z.string() }), 'Added; the secret is shown this once'),
        ...refused,
      },
    }),
    async (c) => {
      const made = await (await alertsOf(c)).addEndpoint(tenantOf(c).id, c.req.valid('json').url);
      if (made.is === 'refused') {
        throw new DeskRefusedError(422, 'bad_endpoint', `The endpoint is not taken: ${made.why}.`);
      }
      return c.json({ ...endpointView(made.endpoint), secret: made.secret }, 201);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/endpoints/{id}',
      middleware: [may('market.use')],
      request: { params: EndpointIdParam },
      responses: { 204: { description: 'Nothing goes there any more' }, ...refused },
    }),
    async (c) => {
      if (!(await (await alertsOf(c)).removeEndpoint(tenantOf(c).id, c.req.valid('param').id)))
        throw noEndpoint();
      return c.body(null, 204);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/endpoints/{id}/secret',
      middleware: [may('market.use')],
      request: { params: EndpointIdParam },
      responses: { 200: json(SecretView, 'A new secret; the old one signs beside it for a day'), ...refused },
    }),
    async (c) => {
      const secret = await (await alertsOf(c)).changeSecret(tenantOf(c).id, c.req.valid('param').id);
      if (secret === null) throw noEndpoint();
      return c.json({ secret }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/endpoints/{id}/test',
      middleware: [may('market.use')],
      request: { params: EndpointIdParam },
      responses: { 202: json(z.object({ event: z.string() }), 'A test message is on its way'), ...refused },
    }),
    async (c) => {
      const event = await (await alertsOf(c)).testEndpoint(tenantOf(c).id, c.req.valid('param').id);
      if (event === null) throw noEndpoint();
      return c.json({ event }, 202);
    },
  );
}

function addDeliveries(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/deliveries',
      middleware: [may('market.use')],
      request: { query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }) },
      responses: {
        200: json(
          z.object({ deliveries: z.array(DeliveryShape) }),
          'What became of alerts, the newest first',
        ),
        ...refused,
      },
    }),
    async (c) => {
      const list = await (await alertsOf(c)).deliveries(tenantOf(c).id, c.req.valid('query').limit);
      const deliveries = list.map(({ nextAt, log, ...it }) => ({
        ...it,
        nextAt: nextAt.toISOString(),
        log: [...log],
      }));
      return c.json({ deliveries }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/deliveries/replay',
      middleware: [may('market.use')],
      request: { body: body(ReplayBody) },
      responses: {
        202: json(z.object({ messages: z.int() }), 'Sent again, under their own ids'),
        ...refused,
      },
    }),
    async (c) => {
      const asked = c.req.valid('json');
      const of = replayOf(asked);
      return c.json({ messages: await (await alertsOf(c)).replay(tenantOf(c).id, of) }, 202);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/feed',
      middleware: [may('market.use')],
      request: { query: FeedQuery },
      responses: { 200: json(FeedView, 'All alerts in order, the same as are sent'), ...refused },
    }),
    async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const rows = await (await alertsOf(c)).feed(tenantOf(c).id, Number(cursor), limit);
      const events = rows.map((row) => JSON.parse(row.body) as { id: string; type: string });
      return c.json({ events, cursor: String(rows.at(-1)?.seq ?? Number(cursor)) }, 200);
    },
  );
}

export function replayOf(asked: z.output<typeof ReplayBody>): Replay {
  if ('event' in asked) return asked;
  const { since, until, failed } = asked;
  return {
    since: new Date(since),
    until: until === undefined ? undefined : new Date(until),
    isFailedOnly: failed,
  };
}

function noEndpoint(): DeskRefusedError {
  return new DeskRefusedError(404, 'not_found', 'There is no such endpoint of yours, or it is disabled.');
}

export function endpointView({ id, url, createdAt, failingSince, disabledAt, why }: EndpointView) {
  return {
    id,
    url,
    createdAt: createdAt.toISOString(),
    failingSince: failingSince?.toISOString() ?? null,
    disabledAt: disabledAt?.toISOString() ?? null,
    why,
  };
}
