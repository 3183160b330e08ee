/**
 * The ledger: one chain over every evidence event and every act of a person, so that nothing in it can be
 * changed, taken out or put in another order unseen.
 *
 *     seq  at   kind     subject   entry            prev    hash
 *     1    …    capture  018f…     {"url":…}        0000…   h1 = SHA-256([seq, at, kind, subject, entry, prev])
 *     2    …    act      K-000001/1  {"by":…}       h1      h2
 *     3    …    root     2026-05-04  {"head":h2…}   h2      h3   what an authority stamps, once a day
 *
 * A row's hash covers the hash before it, so the hash of a `root` answers for every row above it: printed on
 * paper or stamped by a time authority, it holds the whole ledger still, even against whoever owns the database.
 * Source: S. Haber, W. S. Stornetta, "How to Time-Stamp a Digital Document" (1991), section 5.1.
 */
import { createHash } from 'node:crypto';
import type { Sha256 } from './capture.ts';

export const LEDGER_KINDS = [
  /** A page was captured; subject: the capture's id. */
  'capture',
  /** A server said that a captured page is not modified; subject: key of the address, and visit. */
  'look',
  /** Captures were joined to a case; subject: the case. */
  'evidence',
  /** An act on a case, by machine or person; subject: `K-000001/3`, case and revision. */
  'act',
  /** Cases were taken into a batch; subject: the batch. */
  'batch',
  /** A batch's file was finished; subject: the batch. */
  'batch_file',
  /** Evidence was seen, taken along or sent out; subject: the capture, case or batch, for views who looked. */
  'custody',
  /** A case or capture was put on hold, or let go; subject: its name. */
  'hold',
  /** Deletion of evidence was proposed, approved or rejected; subject: the proposal's number. */
  'erasure',
  /** A batch's file was put where its addressee takes it from; subject: batch and how often. */
  'handover',
  /** Something became of a referral that left; subject: `K-000001/2`, case and number of the event. */
  'passage',
  /** An objection came in, or was judged; subject: its code. */
  'appeal',
  /** An officer asked to let a soft rule go, or a second one answered; subject: `K-000001/1`, case and number. */
  'override',
  /** A second reader said how a decided case reads; subject: the number of the sample. */
  'reread',
  /** A file of receipts was taken in; subject: its SHA-256. */
  'receipt',
  /** An account was made, changed, shut or opened; subject: the login. */
  'account',
  /** A marketplace was let in, given a key, switched or shut out; subject: its id. */
  'tenant',
  /** A person looked at identifiers in clear; subject: the ring. */
  'reveal',
  /** Another model judges, or stands in the shadow; subject: the number of the change. */
  'model',
  /** A person answered a review; subject: the review. */
  'review',
  /** All evidence was read and hashed again; subject: the day. */
  'scrub',
  /** All visits were held, or let go on; subject: the moment they were held. */
  'pause',
  /** A scan was stopped; subject: its id. */
  'scan',
  /** A source was added, changed, held, let go on or removed; subject: its name. */
  'source',
  /** The chain so far was sealed; subject: the day. */
  'root',
  /** A time authority stamped a hash; subject: that hash. */
  'stamp',
] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

export interface LedgerRow {
  /** 1, 2, 3 … without a gap. */
  readonly seq: number;
  /** ISO 8601 in UTC, milliseconds. Clocks jump: order is by `seq` alone. */
  readonly at: string;
  readonly kind: LedgerKind;
  readonly subject: string;
  /** JSON with sorted keys, as it was hashed. */
  readonly entry: string;
  /** Hash of the row before; `LEDGER_START` for the first. */
  readonly prev: Sha256;
  readonly hash: Sha256;
}

export type LedgerEvent = Pick<LedgerRow, 'kind' | 'subject'> & {
  readonly at: Date;
  readonly entry: unknown;
};

export const LEDGER_START: Sha256 = '0'.repeat(64);

/** What a `root` says of the rows above it. */
export interface LedgerRoot {
  readonly day: string;
  /** Rows above, which is also the last one's `seq`. */
  readonly rows: number;
  /** The last one's hash. */
  readonly head: Sha256;
}

/** The row that follows `last`; null when the ledger is empty. */
export function nextRow(last: Pick<LedgerRow, 'seq' | 'hash'> | null, event: LedgerEvent): LedgerRow {
  const row = {
    seq: (last?.seq ?? 0) + 1,
    at: event.at.toISOString(),
    kind: event.kind,
    subject: event.subject,
    entry: canonicalJson(event.entry),
    prev: last?.hash ?? LEDGER_START,
  };
  return { ...row, hash: hashOfRow(row) };
}

export function hashOfRow(row: Omit<LedgerRow, 'hash'>): Sha256 {
  const { seq, at, kind, subject, entry, prev } = row;
  return createHash('sha256')
    .update(JSON.stringify([seq, at, kind, subject, entry, prev]))
    .digest('hex');
}

/** JSON without spaces, keys sorted: the same value gives the same text. Dates become ISO text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

export interface LedgerFault {
  /** The row at fault; for rows that are gone, the first that is missing. */
  readonly seq: number;
  readonly what: /** Its words do not give its hash. */
    | 'altered'
    /** Numbers are missing here. */
    | 'missing'
    /** A number that was there already, or lower than the one before. */
    | 'out_of_order'
    /** It does not follow the row before it: one of the two was replaced, hash and all. */
    | 'unlinked'
    /** A root states another head or count than the rows above it have. */
    | 'root_differs'
    /** What the row tells of is not as it was told, or not there. */
    | 'record_differs'
    /** A stamp holds for no row of the ledger. */
    | 'stamp_unknown'
    /** Evidence was deleted by one person alone. */
    | 'one_officer'
    /** A piece of evidence is not there, and no two officers decided so. */
    | 'evidence_missing';
  readonly detail: string;
}

export interface ChainCheck {
  /** Faults that show at this row; rows come in the order they are kept in. */
  take(row: LedgerRow): LedgerFault[];
  readonly rows: number;
  /** Hash of the last row taken; `LEDGER_START` before the first. */
  readonly head: Sha256;
}

/** Walks a chain row by row, so that a ledger of any length fits. A fault is told at its place: what follows is judged anew. */
export function checkChain(): ChainCheck {
  let rows = 0;
  let lastSeq = 0;
  let head = LEDGER_START;
  return {
    get rows() {
      return rows;
    },
    get head() {
      return head;
    },
    take(row) {
      const faults: LedgerFault[] = [];
      const isNext = row.seq === lastSeq + 1;
      if (row.seq <= lastSeq) {
        faults.push({
          seq: row.seq,
          what: 'out_of_order',
          detail: `row ${row.seq} comes after row ${lastSeq}`,
        });
      } else if (!isNext) {
        const last = row.seq - 1;
        const which = last === lastSeq + 1 ? `row ${last} is` : `rows ${lastSeq + 1} to ${last} are`;
        faults.push({ seq: lastSeq + 1, what: 'missing', detail: `${which} gone` });
      }
      if (hashOfRow(row) !== row.hash) {
        faults.push({ seq: row.seq, what: 'altered', detail: `row ${row.seq} does not give its hash` });
      } else if (isNext && row.prev !== head) {
        const detail = `row ${row.seq} does not follow row ${lastSeq} as it stands`;
        faults.push({ seq: row.seq, what: 'unlinked', detail });
      } else if (row.kind === 'root' && isNext) {
        const { head: stated, rows: count } = JSON.parse(row.entry) as LedgerRoot;
        if (stated !== row.prev || count !== row.seq - 1) {
          const detail = `root ${row.seq} does not answer for the rows above it`;
          faults.push({ seq: row.seq, what: 'root_differs', detail });
        }
      }
      rows += 1;
      lastSeq = Math.max(lastSeq, row.seq);
      head = row.hash;
      return faults;
    },
  };
}
