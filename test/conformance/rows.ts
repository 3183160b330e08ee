/** Rows that tests of the store write. */
import type { Capture } from '../../domain/capture.ts';
import { uuid7 } from '../../domain/id.ts';
import type { DueUrl, Visited } from '../../store/frontier.ts';
import type { Visit } from '../../store/lease.ts';

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
