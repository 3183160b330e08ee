/** The shapes of the service for marketplaces. Times are ISO 8601 in UTC; scores are chances, 0..1. */
import { z } from '@hono/zod-openapi';
import { listingRow } from '../../domain/listing-row.ts';
import { typed } from '../api/schemas.ts';

/** The marketplace's own number of a listing. */
const listingId = typed(200).min(1);

export const ListingIdParam = z.object({
  id: listingId.openapi({ param: { name: 'id', in: 'path' }, example: '183655012' }),
});
export const ClusterIdParam = z.object({
  id: z
    .string()
    .regex(/^(?:ring|photos)-[0-9a-f]{12}$/)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'ring-0123456789ab' }),
});

/** `photoHashes`: 256 bits in hex each, as `kuzet photos --hashes` makes them. */
export const ListingBody = listingRow
  .omit({ id: true })
  .extend({ photoHashes: z.array(typed(64)).max(50).nullish() })
  .openapi('Listing', {
    example: {
      title: 'Пианино «Беларусь»',
      description: 'Настроено весной, самовывоз со второго этажа.',
      category: 'music',
      price: 120000,
      currency: 'KZT',
      city: 'Алматы',
      attrs: { Год: '1989' },
      sellerId: '7001',
      phone: '+77000000001',
      ip: '198.51.100.7',
      device: 'b1946ac9',
      accountAgeDays: 3,
      postedAt: '2026-11-20T06:00:00Z',
    },
  });

export const CheckBody = ListingBody.extend({
  /** Of a listing that is there already: it is not found to be its own copy. */
  id: listingId.nullish(),
}).openapi('CheckRequest');

export const BatchBody = z
  .object({
    listings: z.array(z.unknown()).max(500),
    /** The stock from before: nobody is alerted of what it brings to light. */
    backfill: z.boolean().default(false),
  })
  .openapi('Batch');

export const BatchRow = ListingBody.extend({ id: z.union([listingId, z.number()]) });

const Message = z.object({ ru: z.string(), kk: z.string(), en: z.string() });

export const CheckView = z
  .object({
    decision: z.enum(['allow', 'warn', 'hold']),
    score: z.number(),
    ring: z.object({ id: z.string(), members: z.int(), people: z.int() }).nullable(),
    reasons: z.array(z.object({ code: z.string(), text: Message })),
    matches: z.array(
      z.object({
        listing: z.string().nullable(),
        relation: z.string(),
        score: z.number(),
        sameSeller: z.boolean(),
        reasons: z.array(z.object({ feature: z.string(), weight: z.number() })),
      }),
    ),
    /** For the seller; null when nothing is to be said. */
    message: Message.nullable(),
  })
  .openapi('Check');

export const PlacedView = z
  .object({ id: z.string(), is: z.enum(['new', 'changed', 'same']) })
  .openapi('Placed');

export const BatchView = z
  .object({
    taken: z.int(),
    refused: z.int(),
    rows: z.array(
      z.object({
        /** Place in the batch, from 0. */
        at: z.int(),
        id: z.string().nullable(),
        is: z.enum(['new', 'changed', 'same', 'refused']),
        why: z.string().nullable(),
      }),
    ),
  })
  .openapi('BatchAnswer');

const time = z.string();

export const ClusterView = z
  .object({
    id: z.string(),
    relation: z.string(),
    state: z.enum(['open', 'merged', 'withdrawn']),
    mergedInto: z.string().nullable(),
    why: z.string().nullable(),
    score: z.number(),
    density: z.number(),
    people: z.int(),
    openedAt: time,
    updatedAt: time,
    listings: z.array(z.object({ id: z.string() })),
    elsewhere: z.int(),
    actors: z.array(
      z.object({
        kind: z.string(),
        mark: z.string(),
        flags: z.array(z.string()),
        network: z.string().nullable(),
        listings: z.array(z.string()),
        first: time.nullable(),
        last: time.nullable(),
      }),
    ),
  })
  .openapi('Cluster');

export const ActorQuery = z
  .object({
    phone: typed(60).optional(),
    ip: typed(60).optional(),
    device: typed(200).optional(),
    account: typed(200).optional(),
  })
  .refine((asked) => Object.values(asked).filter((it) => it !== undefined).length === 1, {
    message: 'Ask by one of phone, ip, device and account',
  });

export const ActorView = z
  .object({
    kind: z.string(),
    mark: z.string(),
    listings: z.array(
      z.object({ id: z.string(), at: time, flags: z.array(z.string()), cluster: z.string().nullable() }),
    ),
    elsewhere: z.int(),
  })
  .openapi('Actor');

export const FeedbackBody = z
  .object({
    verdict: z.enum(['confirm', 'dispute', 'removed']),
    reason: typed(2000).default(''),
    /** Own listings that it is about; all own ones of the ring when left out. */
    listings: z.array(listingId).max(500).default([]),
  })
  .openapi('Feedback');
