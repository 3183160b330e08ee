/**
 * What the next batch of a channel would be: rows that go, cases that may not leave and why, cases that wait for an
 * objection to be judged. Building a batch and looking at it beforehand ask the same, so what an officer was shown is
 * what is written.
 */
import type { BatchPreview, DraftRefusal } from '../domain/batch-preview.ts';
import type { Case } from '../domain/case.ts';
import type { Referral } from '../domain/record.ts';
import type { Channel } from '../domain/referral.ts';
import { batchFaults, sha256Of } from '../exports/kibernadzor/batch.ts';
import { COLUMNS, cellsOf, formCsv, rowOf } from '../exports/kibernadzor/form-csv.ts';
import type { ReferralOutcome } from '../exports/kibernadzor/referral.ts';
import type { BatchStore } from '../store/batches.ts';

export type Readied =
  | { readonly is: 'referral'; readonly referral: Referral; readonly blobs: ReadonlyMap<string, Buffer> }
  | Extract<ReferralOutcome, { is: 'refused' }>;

export interface Draft {
  /** In the order of the file's rows. */
  readonly rows: readonly { readonly it: Case; readonly referral: Referral }[];
  readonly refused: readonly DraftRefusal[];
  /** More cases wait than one batch takes. */
  readonly isMore: boolean;
}

/** Cases read from the store at a time. */
const AT_ONCE = 100;

/** @param ready a case as a referral, or why not; null for one that goes through another channel. */
export async function draftOf(
  { channel, limit }: { readonly channel: Channel; readonly limit: number },
  batches: Pick<BatchStore, 'waiting'>,
  ready: (it: Case) => Promise<Readied | null>,
): Promise<Draft> {
  const found: { it: Case; referral: Referral; blobs: ReadonlyMap<string, Buffer> }[] = [];
  const refused: DraftRefusal[] = [];
  let isMore = false;
  for await (const it of waitingCases(batches)) {
    isMore = found.length >= limit;
    if (isMore) break;
    const outcome = await ready(it);
    if (outcome === null) continue;
    if (outcome.is === 'referral') found.push({ it, ...outcome });
    else
      for (const { isSoft = false, ...refusal } of outcome.refusals)
        refused.push({ caseId: it.id, ...refusal, isSoft });
  }
  for (const { caseId, why, about } of faultsTogether(channel, found))
    refused.push({ caseId, rule: 'batch', why, about, isSoft: false });
  const kept = new Set(refused.map(({ caseId }) => caseId));
  const rows = found.flatMap(({ it, referral }) => (kept.has(it.id) ? [] : [{ it, referral }]));
  return { rows, refused, isMore };
}

/** All approved cases, longest waiting first: those that may not leave must not hide those that may. */
async function* waitingCases(batches: Pick<BatchStore, 'waiting'>): AsyncIterable<Case> {
  for (let from = 0; ; from += AT_ONCE) {
    const some = await batches.waiting(AT_ONCE, from);
    yield* some;
    if (some.length < AT_ONCE) return;
  }
}

/** What rows that are each in order may still not do side by side, such as show one and the same picture. */
function faultsTogether(
  channel: Channel,
  ready: readonly { readonly referral: Referral; readonly blobs: ReadonlyMap<string, Buffer> }[],
) {
  if (ready.length === 0) return [];
  const blobs = new Map(ready.flatMap((each) => [...each.blobs]));
  return batchFaults({ channel, referrals: ready.map(({ referral }) => referral), blobs });
}

/** SHA-256 of the rows as the file has them, all in one: what was looked at and what is built are the same by it. */
export function digestOf(channel: Channel, referrals: readonly Referral[]): string {
  const rows = referrals.map((referral, at) => rowOf(referral, at + 1));
  return sha256Of(Buffer.concat([Buffer.from(`${channel}\n`, 'utf8'), formCsv(rows)]));
}

/** Nothing is written: neither rows nor evidence. */
export async function previewOf(
  draft: Draft,
  channel: Channel,
  batches: Pick<BatchStore, 'scopesSentIn' | 'list' | 'objected'>,
): Promise<BatchPreview> {
  const { rows, refused, isMore } = draft;
  const referrals = rows.map(({ referral }) => referral);
  const scopes = await batches.scopesSentIn(referrals.map((it) => it.effectiveBlockScope.value));
  const newest = (await batches.list()).find((it) => it.channel === channel) ?? null;
  const waited = (it: Case) =>
    newest !== null && it.state.is === 'approved' && it.state.approvedAt < newest.builtAt;
  return {
    channel,
    columns: COLUMNS,
    rows: rows.map(({ it, referral }, at) => ({
      caseId: it.id,
      cells: cellsOf(rowOf(referral, at + 1)),
      sentBefore: scopes.get(referral.effectiveBlockScope.value) ?? [],
    })),
    refused,
    objected: await batches.objected(),
    isMore,
    last: newest === null ? null : { batch: newest.id, builtAt: newest.builtAt },
    leftOutBefore: rows.flatMap(({ it }) => (waited(it) ? [it.id] : [])),
    digest: digestOf(channel, referrals),
  };
}
