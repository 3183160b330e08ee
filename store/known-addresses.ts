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

export interface WrittenLook extends NewLook {
  readonly visit: Pick<Visit, 'id' | 'host'>;
  readonly due: { readonly key: Buffer; readonly url: string };
}

/** Writes looks at different addresses and what is known after them, in one statement; within the transaction that ends the addresses. */
export async function writeLooks(tx: Queryable, looks: readonly WrittenLook[]): Promise<void> {
  if (looks.length === 0) return;
  await tx.query(
    `with it as (
       select decode(it.key, 'hex') as url_key, it.* from json_to_recordset($1::json) as it (key text, url text, host text,
         visit_id uuid, at timestamptz, state text, change text, status integer, reason text, verdict text,
         score double precision, text_alike real, markup_alike real, interval_seconds integer, capture_id uuid, warc text,
         first_at timestamptz, settled text, risk double precision, known_verdict text, due_at timestamptz,
         look_by timestamptz, known_capture uuid, body_sha256 text, was_rendered boolean, print text, seen_print text,
         etag text, last_modified text, not_modified integer, wasted integer, lies integer)),
     seen as (
       insert into look (url_key, visit_id, at, state, change, status, reason, verdict, score, text_alike, markup_alike,
         interval_seconds, capture_id, warc)
       select url_key, visit_id, at, state, change, status, reason, verdict, score, text_alike, markup_alike,
         interval_seconds, capture_id, warc from it on conflict do nothing)
     insert into known_address (url_key, url, host, visit_id, first_at, last_at, state, settled, risk, verdict,
       interval_seconds, due_at, look_by, capture_id, body_sha256, was_rendered, print, seen_print, etag, last_modified,
       not_modified, wasted, lies)
     select url_key, url, host, visit_id, first_at, at, state, settled, risk, known_verdict, interval_seconds, due_at, look_by,
       known_capture, body_sha256, was_rendered, decode(print, 'hex'), decode(seen_print, 'hex'), etag, last_modified,
       not_modified, wasted, lies from it
     on conflict (url_key) do update set visit_id = excluded.visit_id, last_at = excluded.last_at, state = excluded.state,
       settled = excluded.settled, risk = excluded.risk, verdict = excluded.verdict,
       interval_seconds = excluded.interval_seconds, due_at = excluded.due_at, look_by = excluded.look_by,
       capture_id = excluded.capture_id, body_sha256 = excluded.body_sha256, was_rendered = excluded.was_rendered,
       print = excluded.print, seen_print = excluded.seen_print, etag = excluded.etag,
       last_modified = excluded.last_modified, not_modified = excluded.not_modified, wasted = excluded.wasted,
       lies = excluded.lies`,
    [JSON.stringify(looks.map(asRow))],
  );
}

function asRow({ visit, due, look, known, dueAt, lookBy }: WrittenLook) {
  return {
    key: due.key.toString('hex'),
    url: due.url,
    host: visit.host,
    visit_id: visit.id,
    at: look.at,
    state: look.state,
    change: look.change,
    status: look.status,
    reason: look.reason,
    verdict: look.verdict,
    score: look.score,
    text_alike: look.textAlike,
    markup_alike: look.markupAlike,
    interval_seconds: look.intervalSeconds,
    capture_id: look.captureId,
    warc: look.warc,
    first_at: known.firstAt,
    settled: known.settled,
    risk: known.risk,
    known_verdict: known.verdict,
    due_at: dueAt,
    look_by: lookBy,
    known_capture: known.captureId,
    body_sha256: known.bodySha256,
    was_rendered: known.wasRendered,
    print: hex(known.print),
    seen_print: hex(known.seenPrint),
    etag: known.validators?.etag ?? null,
    last_modified: known.validators?.lastModified ?? null,
    not_modified: known.notModified,
    wasted: known.wasted,
    lies: known.lies,
  };
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null
    ? null
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
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
