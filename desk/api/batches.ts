/** Batches in API v1: those that were built, and the next one. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { buildBatch } from '../acts.ts';
import { may } from '../gate.ts';
import type { DeskEnv } from '../tools.ts';
import { BatchView, batchView, json, refused } from './schemas.ts';

export const ListBatches = createRoute({
  method: 'get',
  path: '/api/batches',
  middleware: [may('batch.read')],
  responses: {
    200: json(
      z.object({ batches: z.array(BatchView), waiting: z.int() }),
      'Batches, newest first, and how many approved cases wait for the next',
    ),
    ...refused,
  },
});
export const BuildBatch = createRoute({
  method: 'post',
  path: '/api/batches',
  middleware: [may('batch.build')],
  responses: {
    200: json(z.object({ batch: z.string().nullable() }), 'Built; null when no case waits'),
    ...refused,
  },
});

export function addBatches(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListBatches, async (c) => {
    const { batches, cases } = c.get('tools').stores;
    const [list, waiting] = [await batches.list(), await cases.count({ state: 'approved' })];
    return c.json({ batches: list.map(batchView), waiting }, 200);
  });
  app.openapi(BuildBatch, async (c) => c.json(await buildBatch(c), 200));
}
