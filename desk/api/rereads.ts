/** The sample of decided cases that is read again, blind, in API v1. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { may, personOf } from '../gate.ts';
import type { DeskEnv } from '../tools.ts';
import { body, json, refused, typed } from './schemas.ts';

const ReadingBody = z
  .discriminatedUnion('verdict', [
    z.object({ verdict: z.literal('confirm'), ground: typed(40), reason: typed(2000) }),
    z.object({ verdict: z.literal('dismiss'), reason: typed(2000) }),
  ])
  .openapi('SecondReading');
const RereadIdParam = z.object({
  id: z.coerce
    .number()
    .int()
    .min(1)
    .openapi({ param: { name: 'id', in: 'path' } }),
});

export const TakeReread = createRoute({
  method: 'post',
  path: '/api/rereads',
  middleware: [may('case.reread')],
  responses: {
    200: json(
      z.object({ reread: z.object({ id: z.int(), caseId: z.string(), until: z.iso.datetime() }).nullable() }),
      'A decided case to read as if nobody had decided it, held for half an hour; null when none waits',
    ),
    ...refused,
  },
});
export const AnswerReread = createRoute({
  method: 'post',
  path: '/api/rereads/{id}/answer',
  middleware: [may('case.reread')],
  request: { params: RereadIdParam, body: body(ReadingBody) },
  responses: {
    200: json(
      z.object({
        agrees: z.boolean(),
        decided: z.object({ is: z.enum(['confirm', 'dismiss']), ground: z.string().nullable() }),
        reopened: z.boolean().openapi({ description: 'A senior decides it anew' }),
      }),
      'Recorded, and what had been decided',
    ),
    ...refused,
  },
});
export const CountRereads = createRoute({
  method: 'get',
  path: '/api/rereads',
  middleware: [may('reread.read')],
  request: {
    query: z.object({ from: z.iso.datetime().optional(), to: z.iso.datetime().optional() }),
  },
  responses: {
    200: json(
      z.object({ drawn: z.int(), answered: z.int(), agreed: z.int(), waiting: z.int() }),
      'How many decisions were drawn between two moments, read, and read the same; and how many wait now',
    ),
    ...refused,
  },
});

const MOST_COUNTED = 1000;

export function addRereads(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(TakeReread, async (c) => {
    const { stores, clock } = c.get('tools');
    const it = await stores.rereads.take(personOf(c).login, clock.now());
    return c.json({ reread: it === null ? null : { ...it, until: it.until.toISOString() } }, 200);
  });
  app.openapi(AnswerReread, async (c) => {
    const { stores, clock } = c.get('tools');
    const reading = { ...c.req.valid('json'), by: personOf(c).login };
    return c.json(await stores.rereads.answer(c.req.valid('param').id, reading, clock.now()), 200);
  });
  app.openapi(CountRereads, async (c) => {
    const { stores, clock } = c.get('tools');
    const { from, to } = c.req.valid('query');
    // What was drawn in this very moment is among them.
    const end = to === undefined ? new Date(clock.now().getTime() + 1) : new Date(to);
    const of = await stores.rereads.figures(new Date(from ?? 0), end);
    return c.json({ ...of, waiting: await stores.rereads.waiting(MOST_COUNTED) }, 200);
  });
}
