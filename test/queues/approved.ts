/** A case with evidence of its own that two officers said yes to: what a batch is built of. */

import { uuid7 } from '../../domain/id.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { siteFactsBytes } from '../../evidence/site-facts.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { visitStore } from '../../store/visits.ts';
import { captured as rowOf } from '../conformance/rows.ts';
import { assessment, captured, siteFacts } from '../exports/samples.ts';

/** Shows a tie to Kazakhstan. */
const TEXT = 'Кіріс күніне 50 000 ₸, шақырған әр адам үшін 10%.';

/** @param n makes its own host, picture and address. @returns its id. */
export async function approvedCase(
  n: number,
  {
    db,
    evidence,
    now,
    text = TEXT,
    host = `piramida-${n}.test`,
    shot = null,
    by = ['a', 'b'],
  }: {
    readonly db: Database;
    readonly evidence: EvidenceStore;
    readonly now: Date;
    readonly text?: string;
    readonly host?: string;
    /** Picture of the page, PNG; null for bytes that are none. */
    readonly shot?: Uint8Array | null;
    /** Who confirms, and who approves. */
    readonly by?: readonly [string, string];
  },
): Promise<string> {
  const url = `https://${host}/kirisu`;
  const { page, blobs } = captured(n, url);
  for (const bytes of blobs.values()) await evidence.put(bytes);
  let made = 0;
  const id = () => {
    made += 1;
    return uuid7(now, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, n >> 8, n & 255, made));
  };
  const visits = visitStore(db);
  const seeds = [new URL(url)];
  await visits.startScan({ id: id(), visitIds: id, seeds, refusals: [], settings: DEFAULT_SETTINGS, now });
  const visit = (await visits.claim(host, id(), now))!;
  const due = (await visits.nextDue(visit))!;
  const row = rowOf(visit, due, []);
  const capturedAt = new Date(now.getTime() - 90 * 60_000);
  const facts = await evidence.put(siteFactsBytes(siteFacts(host)));
  const bodySha256 = await evidence.put(Buffer.from(`<p>${text}</p>`));
  const capture = {
    ...{ ...page.capture, id: id(), visitId: visit.id, capturedAt, bodySha256, facts },
    ...(shot === null ? {} : { screenshot: await evidence.put(shot) }),
  };
  const kept = {
    ...row.captured,
    capture,
    page: { ...row.captured.page, text, assessment: assessment() },
  };
  const outcome = { is: 'captured', captureId: capture.id } as const;
  await visits.finish(visit, due, { ...row, outcome, captured: kept });
  const cases = caseStore(db);
  const seen = { label: 'pyramid' as const, signals: [], sketch: [] };
  const sighting = { label: 'pyramid' as const, score: 0.97, seen, reasons: assessment().signals };
  const it = await cases.sight(
    { kind: 'site', key: host },
    sighting,
    [capture.id],
    new Date(now.getTime() - 60_000),
  );
  await cases.decide(it.id, { verdict: 'confirm', by: by[0], ground: 'KZ-CC-217', reason: 'выплаты' }, now);
  await cases.approve(it.id, by[1], now);
  return it.id;
}
