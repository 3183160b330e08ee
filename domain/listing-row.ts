/** Listings as a marketplace hands them over: one JSON object each, all but the id may be missing. */
import { z } from 'zod';
import type { Listing } from './listing.ts';

const text = z.string().nullish();
const identifier = z.union([z.string(), z.number()]).nullish();

export const listingRow = z.looseObject({
  id: z.union([z.string().min(1), z.number()]),
  title: text,
  description: text,
  category: text,
  price: z.number().nullish(),
  currency: text,
  city: text,
  attrs: z.record(z.string(), z.unknown()).nullish(),
  sellerId: identifier,
  phone: identifier,
  ip: text,
  device: identifier,
  accountAgeDays: z.number().nullish(),
  postedAt: text,
  photoHashes: z.array(z.string()).nullish(),
});
export type ListingRow = z.infer<typeof listingRow>;

export function listingOfRow(row: ListingRow): Listing {
  const id = String(row.id);
  const postedAt = row.postedAt ? new Date(row.postedAt) : null;
  return {
    id,
    url: '',
    title: row.title ?? '',
    text: row.description ?? '',
    price: row.price ?? null,
    currency: row.currency ?? null,
    category: row.category ?? null,
    city: row.city ?? null,
    seller:
      row.sellerId == null
        ? null
        : { id: String(row.sellerId), name: '', accountAgeDays: row.accountAgeDays ?? null },
    phone: row.phone == null ? null : String(row.phone),
    images: [],
    postedAt: postedAt === null || Number.isNaN(postedAt.getTime()) ? null : postedAt,
    attributes: Object.fromEntries(
      Object.entries(row.attrs ?? {}).flatMap(([name, it]) =>
        it === null || typeof it === 'object' ? [] : [[name, String(it)]],
      ),
    ),
    photoHashes: row.photoHashes ?? [],
    ip: row.ip ?? null,
    device: row.device == null ? null : String(row.device),
  };
}
