/**
 * Receipts come back: each row is matched to its referral and becomes an event of its passage. A row that matches
 * nothing, says nothing we know, or does not follow from where its referral stands is kept with the reason, never
 * dropped. The same file taken in again changes nothing.
 */
import type { CaseId } from '../domain/case.ts';
import {
  edge,
  type PassageEvent,
  type PassageEventKind,
  PassageRefusedError,
  type PassageState,
} from '../domain/passage.ts';
import { sha256Of } from '../exports/kibernadzor/batch.ts';
import { type Receipt, readReceipts } from '../exports/receipts.ts';
import type { PassageStore, ReceiptRow } from '../store/passages.ts';
import { storable } from '../store/storable.ts';
import type { Clock } from './clock.ts';

export interface ReceiveNews {
  readonly known: boolean;
  readonly rows: readonly ReceiptRow[];
}

/** @param order.batch that "Site N" refers to. @throws BadReceiptError */
export async function receive(
  order: { readonly bytes: Uint8Array; readonly by: string; readonly batch?: string | undefined },
  { passages, clock }: { readonly passages: PassageStore; readonly clock: Pick<Clock, 'now'> },
): Promise<ReceiveNews> {
  // Whatever letters it holds, its good rows count and all are kept.
  const receipts = (await readReceipts(order.bytes)).map(
    (receipt) => JSON.parse(storable(JSON.stringify(receipt))) as Receipt,
  );
  // A gateway's status names no message: the same words about another batch are another receipt.
  const isOfBatch = receipts.some((receipt) => receipt.isOfBatch);
  const about = isOfBatch ? Buffer.from(`\n${order.batch ?? ''}`) : Buffer.alloc(0);
  const sha256 = sha256Of(Buffer.concat([order.bytes, about]));
  if (await passages.knowsReceipt(sha256)) return { known: true, rows: [] };
  const rows: ReceiptRow[] = [];
  for (const receipt of await expanded(receipts, order.batch, passages))
    rows.push(await take(receipt, order, sha256, passages, clock.now()));
  if (rows.length > 0) await passages.keepReceipt({ sha256, by: order.by, at: clock.now(), rows });
  return { known: false, rows };
}

/** What is told of a whole batch, as a row for each case that stands in it. */
async function expanded(
  receipts: readonly Receipt[],
  batch: string | undefined,
  passages: Pick<PassageStore, 'ofBatch'>,
): Promise<Receipt[]> {
  const rows: Receipt[] = [];
  for (const receipt of receipts) {
    const ids = receipt.isOfBatch && batch !== undefined ? await passages.ofBatch(batch) : [];
    if (ids.length === 0) rows.push(receipt);
    else rows.push(...ids.map((caseId, at) => ({ ...receipt, n: receipt.n + at, caseId })));
  }
  return rows;
}

async function take(
  receipt: Receipt,
  { by, batch }: { readonly by: string; readonly batch?: string | undefined },
  file: string,
  passages: PassageStore,
  now: Date,
): Promise<ReceiptRow> {
  const { n, given, outcome } = receipt;
  const caseId = await passages.find({ ...receipt, batch });
  const row = (why: string | null): ReceiptRow => ({ n, given, caseId, outcome, why });
  if (caseId === null && receipt.isOfBatch)
    return row('it tells of a whole batch, and not of which (--batch)');
  if (caseId === null) return row('it matches no referral that left');
  if (outcome === null) return row('it tells no outcome that is known here');
  const { passage } = await passages.get(caseId);
  // Taken in twice in two files, or after the builder of the file died half-way: it is so already.
  if (passage.events.at(-1)?.kind === outcome) return row(null);
  const kinds = wayTo(passage.state, outcome);
  if (kinds === null)
    return row(`its referral is ${passage.state}, and "${outcome}" does not follow from that`);
  const events: PassageEvent[] = kinds.map((kind) => ({
    at: now,
    by: kind === 'handed_over' ? by : 'kuzet',
    kind,
    facts: { receipt: file, row: n, ...(kind === outcome ? { given } : {}) },
  }));
  return passed(caseId, events, passages, row);
}

async function passed(
  caseId: CaseId,
  events: readonly PassageEvent[],
  passages: PassageStore,
  row: (why: string | null) => ReceiptRow,
): Promise<ReceiptRow> {
  try {
    await passages.add(caseId, events);
    return row(null);
  } catch (cause) {
    if (!(cause instanceof PassageRefusedError)) throw cause;
    return row(cause.message);
  }
}

/** An answer shows that a referral was handed over and came in, though nobody noted that. */
function wayTo(state: PassageState, kind: PassageEventKind): PassageEventKind[] | null {
  const ways: readonly (readonly PassageEventKind[])[] = [
    [kind],
    ['acknowledged', kind],
    ['handed_over', kind],
    ['handed_over', 'acknowledged', kind],
  ];
  const leads = (way: readonly PassageEventKind[]) =>
    way.reduce<PassageState | null>((at, each) => (at === null ? null : edge(at, each)), state) !== null;
  const way = ways.find(leads);
  return way === undefined ? null : [...way];
}
