/**
 * What the ledger says of each kind of row that is kept whole beside it. Made on writing, and made again, from the row,
 * on verifying.
 */
import { createHash } from 'node:crypto';
import type { Capture } from '../domain/capture.ts';
import { caseId } from '../domain/case.ts';
import type { Look } from '../domain/history.ts';
import { canonicalJson, type LedgerEvent } from '../domain/ledger.ts';
import type { Override } from '../domain/override.ts';
import type { PassageEvent } from '../domain/passage.ts';

export interface ActRow {
  readonly at: Date;
  readonly case_id: number;
  readonly revision: number;
  readonly by: string;
  readonly kind: string;
  readonly facts: unknown;
}

export function actEvent(row: ActRow): LedgerEvent {
  const { at, by, kind, facts, revision } = row;
  const id = caseId(Number(row.case_id));
  return {
    at,
    kind: 'act',
    subject: `${id}/${revision}`,
    entry: { case: id, revision, at, by, kind, facts },
  };
}

export function captureEvent(capture: Capture): LedgerEvent {
  return { at: capture.capturedAt, kind: 'capture', subject: capture.id, entry: { ...capture } };
}

/** What a server said of a page that it did not send again. */
export function lookEvent(
  key: Buffer,
  visitId: string,
  { at, status, captureId, warc }: Pick<Look, 'at' | 'status' | 'captureId' | 'warc'>,
): LedgerEvent {
  const subject = `${key.toString('hex')}/${visitId}`;
  return { at, kind: 'look', subject, entry: { at, status, capture: captureId, warc } };
}

export interface TakenRow {
  readonly n: number;
  readonly case_id: number;
  readonly referral: unknown;
}

export function batchEvent(
  batch: { readonly id: string; readonly channel: string; readonly built_at: Date; readonly facts: unknown },
  rows: readonly TakenRow[],
): LedgerEvent {
  const { id, channel, built_at: at, facts } = batch;
  const taken = rows.map(({ n, case_id, referral }) => ({ n, case: caseId(Number(case_id)), referral }));
  return { at, kind: 'batch', subject: id, entry: { batch: id, channel, at, facts, rows: taken } };
}

/** What became of a referral; `n` counts the events of its case from 1. */
export function passageEvent(id: string, n: number, { at, by, kind, facts }: PassageEvent): LedgerEvent {
  return { at, kind: 'passage', subject: `${id}/${n}`, entry: { case: id, n, at, by, kind, facts } };
}

/** The question when it is asked, both when it is answered. */
export function overrideEvent(it: Override): LedgerEvent {
  const { caseId: id, n, answer, ...asked } = it;
  const entry = { case: id, n, ...asked, ...(answer === null ? {} : { answer }) };
  return { at: answer?.at ?? it.at, kind: 'override', subject: `${id}/${n}`, entry };
}

export interface SentAppeal {
  readonly code: string;
  readonly at: Date;
  readonly caseId: string | null;
  readonly url: string;
  readonly words: string;
  readonly contact: string;
  readonly lang: string;
}

/** That an objection came. What its sender wrote may name people: the ledger has its hash alone. */
export function sentAppealEvent({
  code,
  at,
  caseId: id,
  url,
  words,
  contact,
  lang,
}: SentAppeal): LedgerEvent {
  const sha256 = createHash('sha256')
    .update(canonicalJson([url, words, contact, lang]))
    .digest('hex');
  return { at, kind: 'appeal', subject: code, entry: { appeal: code, at, case: id, is: 'sent', sha256 } };
}

export function judgedAppealEvent(
  code: string,
  id: string | null,
  { at, by, verdict, reason }: { at: Date; by: string; verdict: string; reason: string },
): LedgerEvent {
  return {
    at,
    kind: 'appeal',
    subject: code,
    entry: { appeal: code, at, case: id, is: verdict, by, reason },
  };
}

export interface RereadAnswer {
  readonly id: number;
  readonly caseId: string;
  readonly at: Date;
  readonly by: string;
  readonly verdict: string;
  readonly ground: string | null;
  readonly reason: string;
  readonly agrees: boolean;
}

export function rereadEvent({ id, caseId: about, at, ...said }: RereadAnswer): LedgerEvent {
  return { at, kind: 'reread', subject: String(id), entry: { reread: id, case: about, ...said } };
}
