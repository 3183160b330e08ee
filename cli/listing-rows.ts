/** Listings as a marketplace hands them over: one JSON object a line. */
import type { Listing } from '../domain/listing.ts';
import { listingOfRow, listingRow } from '../domain/listing-row.ts';
import { linesOf } from './classify.ts';

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
  return { id: String(read.data.id), listing: listingOfRow(read.data) };
}
