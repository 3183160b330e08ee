/** What marketplaces say of rings, in API v1, and how often they held that a ring was one. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { FeedbackRow } from '../../store/feedback.ts';
import { may } from '../gate.ts';
import { scopeOf } from '../scope.ts';
import type { DeskEnv } from '../tools.ts';
import { json, refused, typed, updatedSince } from './schemas.ts';

const VERDICTS = ['confirm', 'dispute', 'removed'] as const;

export const FeedbackView = z
  .object({
    seq: z.int(),
    at: z.iso.datetime(),
    marketplace: z.string(),
    ring: z.string(),
    verdict: z.enum(VERDICTS),
    reason: z.string(),
    listings: z.array(z.string()).openapi({ description: 'Empty: all own ones of the ring' }),
  })
  .openapi('RingFeedback');
const PrecisionView = z
  .object({
    marketplace: z.string(),
    name: z.string(),
    told: z.int().openapi({ description: 'Times that it was told of a new ring' }),
    confirmed: z.int(),
    removed: z.int(),
    disputed: z.int(),
    precision: z
      .number()
      .nullable()
      .openapi({ description: 'Confirmed and removed among all it spoke of; null while it spoke of none' }),
  })
  .openapi('PartnerPrecision');

export const ListFeedback = createRoute({
  method: 'get',
  path: '/api/feedback',
  middleware: [may('ring.read')],
  request: {
    query: z.object({
      marketplace: typed(40).optional(),
      verdict: z.enum(VERDICTS).optional(),
      updated_since: updatedSince.openapi({ description: 'Only what was said since' }),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
  },
  responses: {
    200: json(
      z.object({
        partners: z.array(PrecisionView),
        feedback: z.array(FeedbackView),
        next: z.string().nullable(),
      }),
      'Words on rings, the newest first, and how each marketplace judged; of a ring its last word counts',
    ),
    ...refused,
  },
});

export function addFeedback(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListFeedback, async (c) => {
    const { marketplace, verdict, updated_since: since, cursor, limit } = c.req.valid('query');
    const tenant = await scopeOf(c, marketplace);
    const { feedback } = c.get('tools').stores;
    const of = {
      tenant,
      ...(verdict === undefined ? {} : { verdict }),
      ...(since === undefined ? {} : { since: new Date(since) }),
    };
    const found = await feedback.list(of, limit + 1, cursor === undefined ? null : Number(cursor));
    const shown = found.slice(0, limit);
    const partners = (await feedback.precision(tenant)).map(({ tenant: id, ...it }) => ({
      ...{ ...it, marketplace: id, precision: precisionOf(it) },
    }));
    const next = found.length > limit ? String(shown.at(-1)!.seq) : null;
    return c.json({ partners, feedback: shown.map(feedbackView), next }, 200);
  });
}

export function feedbackView(it: FeedbackRow): z.infer<typeof FeedbackView> {
  const { seq, at, tenant, ringId, verdict, reason, listings } = it;
  return {
    ...{ seq: Number(seq), at: at.toISOString(), marketplace: tenant, ring: ringId },
    ...{ verdict, reason, listings: [...listings] },
  };
}

function precisionOf(it: {
  readonly confirmed: number;
  readonly removed: number;
  readonly disputed: number;
}): number | null {
  const right = it.confirmed + it.removed;
  const all = right + it.disputed;
  return all === 0 ? null : right / all;
}
