/**
 * Rows of known addresses, as a visit reads and writes them: what the looks so far have told, and one more look. When
 * the next one is due is for `looks.ts` to ask.
 */
import type { Look } from '../domain/history.ts';
import type { KnownState, PageState, Validators } from '../domain/revisit.ts';
import type { Queryable } from './database.ts';
import type { Visit } from './lease.ts';

/** What the looks so far have told of an address. */
export interface KnownAddress extends KnownState {
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** 0..1: the score of the newest page that was judged, 0 when none was. */
  readonly risk: number;
  readonly verdict: 'flag' | 'clear' | 'abstain' | null;
  readonly intervalSeconds: number;
  /** The newest page that was received whole; null when none ever was. */
  readonly captureId: string | null;
  readonly bodySha256: string | null;
  readonly wasRendered: boolean;
  /** Of its bytes, and of what a browser made of them: see `classifiers/page-print.ts`. */
  readonly print: Uint8Array | null;
  readonly seenPrint: Uint8Array | null;
  readonly validators: Validators | null;
  readonly notModified: number;
  readonly wasted: number;
  readonly lies: number;
}

/** A look, and what is known of the address after it. */
export interface NewLook {
  readonly look: Look;
  readonly known: KnownAddress;
  readonly dueAt: Date;
  readonly lookBy: Date;
}

/** Writes a look and what is known after it; within the transaction that ends the address. One statement. */
export async function writeLook(
  tx: Queryable,
  visit: Pick<Visit, 'id' | 'host'>,
  due: { readonly key: Buffer; readonly url: string },
  { look, known, dueAt, lookBy }: NewLook,
): Promise<void> {
  await tx.query(
    `with seen as (
       insert into look (url_key, visit_id, at, state, change, status, reason, verdict, score, text_alike, markup_alike,
         interval_seconds, capture_id, warc)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing)
     insert into known_address (url_key, url, host, visit_id, first_at, last_at, state, settled, risk, verdict,
       interval_seconds, due_at, look_by, capture_id, body_sha256, was_rendered, print, seen_print, etag, last_modified,
       not_modified, wasted, lies)
     values ($1, $15, $16, $2, $17, $3, $4, $18, $19, $20, $12, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
     on conflict (url_key) do update set visit_id = excluded.visit_id, last_at = excluded.last_at, state = excluded.state,
       settled = excluded.settled, risk = excluded.risk, verdict = excluded.verdict,
       interval_seconds = excluded.interval_seconds, due_at = excluded.due_at, look_by = excluded.look_by,
       capture_id = excluded.capture_id, body_sha256 = excluded.body_sha256, was_rendered = excluded.was_rendered,
       print = excluded.print, seen_print = excluded.seen_print, etag = excluded.etag,
       last_modified = excluded.last_modified, not_modified = excluded.not_modified, wasted = excluded.wasted,
       lies = excluded.lies`,
    [
      due.key,
      visit.id,
      look.at,
      look.state,
      look.change,
      look.status,
      look.reason,
      look.verdict,
      look.score,
      look.textAlike,
      look.markupAlike,
      look.intervalSeconds,
      look.captureId,
      look.warc,
      due.url,
      visit.host,
      known.firstAt,
      known.settled,
      known.risk,
      known.verdict,
      dueAt,
      lookBy,
      known.captureId,
      known.bodySha256,
      known.wasRendered,
      known.print,
      known.seenPrint,
      known.validators?.etag ?? null,
      known.validators?.lastModified ?? null,
      known.notModified,
      known.wasted,
      known.lies,
    ],
  );
}

/** Of `known_address k`; all null where it is joined and not there. */
export const KNOWN_COLUMNS = `k.first_at, k.last_at, k.state, k.settled, k.risk, k.verdict, k.interval_seconds, k.capture_id,
  k.body_sha256, k.was_rendered, k.print, k.seen_print, k.etag, k.last_modified, k.not_modified, k.wasted, k.lies`;

export interface KnownRow {
  first_at: Date | null;
  last_at: Date;
  state: PageState;
  settled: KnownAddress['settled'];
  risk: number;
  verdict: KnownAddress['verdict'];
  interval_seconds: number;
  capture_id: string | null;
  body_sha256: string | null;
  was_rendered: boolean;
  print: Buffer | null;
  seen_print: Buffer | null;
  etag: string | null;
  last_modified: string | null;
  not_modified: number;
  wasted: number;
  lies: number;
}

export function asKnown(row: KnownRow): KnownAddress | null {
  if (row.first_at === null) return null;
  const { etag, last_modified: lastModified } = row;
  return {
    firstAt: row.first_at,
    lastAt: row.last_at,
    state: row.state,
    settled: row.settled,
    risk: row.risk,
    verdict: row.verdict,
    intervalSeconds: row.interval_seconds,
    captureId: row.capture_id,
    bodySha256: row.body_sha256,
    wasRendered: row.was_rendered,
    print: row.print,
    seenPrint: row.seen_print,
    validators: etag === null && lastModified === null ? null : { etag, lastModified },
    notModified: row.not_modified,
    wasted: row.wasted,
    lies: row.lies,
  };
}
