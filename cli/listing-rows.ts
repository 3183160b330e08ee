/** Listings as a marketplace hands them over: one JSON object a line. */
import { z } from 'zod';
import type { Listing } from '../domain/listing.ts';
import { linesOf } from './classify.ts';

const text = z.string().nullish();
const identifier = z.union([z.string(), z.number()]).nullish();

const listingRow = z.looseObject({
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

export type ReadListing =
  | { readonly line: number; readonly id: string; readonly listing: Listing }
  | { readonly line: number; readonly error: string };

/** Every line that is not blank, in order; one that cannot be read says why. */
export async function* readListings(stream: NodeJS.ReadableStream): AsyncGenerator<ReadListing> {
  let line = 0;
  for await (const written of linesOf(stream)) {
    line += 1;
    if (written.trim() !== '') yield { line, ...listingIn(written) };
  }
}

function listingIn(written: string): { id: string; listing: Listing } | { error: string } {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    return { error: 'is not JSON' };
  }
  const read = listingRow.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0];
    return { error: `${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'not understood'}` };
  }
  const row = read.data;
  const id = String(row.id);
  const postedAt = row.postedAt ? new Date(row.postedAt) : null;
  return {
    id,
    listing: {
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
    },
  };
}
