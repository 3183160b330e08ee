/** Rows that tests of the store write. */
import type { Capture } from '../../domain/capture.ts';
import { uuid7 } from '../../domain/id.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import type { Database } from '../../store/database.ts';
import type { DueUrl, Visited } from '../../store/frontier.ts';
import type { Visit } from '../../store/lease.ts';
import { visitStore } from '../../store/visits.ts';

export const at = new Date('2026-05-04T06:00:00Z');
export const idle = { nextAt: null, politeness: {}, robots: null };

let made = 0;
export function id(): string {
  made += 1;
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(6, made);
  return uuid7(at, random);
}

export const pyramid = {
  label: 'pyramid' as const,
  score: 0.97,
  seen: { label: 'pyramid' as const, signals: ['yield.daily_percent'], sketch: [1, 2, 3] },
  reasons: [],
};

export function captured(
  visit: Visit,
  due: DueUrl,
  found: readonly { readonly url: URL; readonly priority: number }[],
): Visited & { captured: NonNullable<Visited['captured']> } {
  const capture: Capture = {
    id: id(),
    visitId: visit.id,
    url: due.url,
    finalUrl: due.url,
    capturedAt: at,
    status: 200,
    mediaType: 'text/html',
    peer: '192.0.2.7:443',
    bodySha256: 'ab'.repeat(32),
    bodyBytes: 1234,
    warc: 'cd'.repeat(32),
    screenshot: null,
    fullScreenshot: null,
    dom: null,
    renderReason: null,
    hops: [{ url: due.url, status: 200, location: null }],
  };
  const assessment = {
    lang: 'ru',
    label: 'pyramid' as const,
    score: 0.97,
    verdict: 'flag' as const,
    abstainReason: null,
    scores: { pyramid: 0.97, legit: 0.03 },
    signals: [],
    model: 'test',
  };
  const page = {
    subject: { kind: 'site' as const, key: visit.host },
    title: 'Доход',
    text: 'Доход',
    assessment,
  };
  return {
    outcome: { is: 'captured', captureId: capture.id },
    captured: { capture, page, listings: [] },
    found: found.map((it) => ({ shape: null, refusal: null, ...it })),
    host: idle,
  };
}

/** A page of its own, captured, with a body that others may share. @returns the capture's id. */
export async function capturedPage(
  host: string,
  { db, evidence }: { readonly db: Database; readonly evidence: Pick<EvidenceStore, 'put'> },
  body = `<h1>${host}`,
): Promise<string> {
  const visits = visitStore(db);
  const seeds = [new URL(`https://${host}/`)];
  const asked = { id: id(), visitIds: id, seeds, refusals: [], settings: DEFAULT_SETTINGS, now: at };
  await visits.startScan(asked);
  const visit = (await visits.claim(host, id(), at))!;
  const due = (await visits.nextDue(visit))!;
  const it = captured(visit, due, []);
  const own = {
    ...it.captured.capture,
    bodySha256: await evidence.put(Buffer.from(body)),
    warc: await evidence.put(Buffer.from(`warc of ${host}`)),
  };
  await visits.finish(visit, due, { ...it, captured: { ...it.captured, capture: own } });
  await visits.close(visit, at);
  return own.id;
}
