import { describe, expect, test } from 'vitest';
import { progressOf, workTally } from '../../cli/tally.ts';

const captured = { outcome: { is: 'captured', captureId: 'c' }, rendered: false } as const;
const unchanged = { outcome: { is: 'unchanged', captureId: 'c' }, rendered: false } as const;
const failed = (reason: 'timeout' | 'dns') =>
  ({ outcome: { is: 'failed', reason, detail: '' }, rendered: false }) as const;
const counts = {
  ...{ hosts: 40, hostsDone: 3, due: 120, captured: 340, unchanged: 0, failed: 3, skipped: 7 },
};

describe('the progress of a scan', () => {
  test('tells pages a second over the last ten seconds', () => {
    const tally = workTally(0);
    for (let at = 0; at < 20; at += 1) tally.take(captured, at * 100);
    expect(tally.figures(4000).pagesPerSecond).toBe(5);
    tally.take(unchanged, 13_000);
    expect(tally.figures(14_000).pagesPerSecond).toBe(0.1);
  });

  test('counts what was rendered, and failures by their kind, the most frequent first', () => {
    const tally = workTally(0);
    tally.take({ ...captured, rendered: true }, 10);
    for (const reason of ['dns', 'timeout', 'timeout'] as const) tally.take(failed(reason), 20);
    expect(tally.figures(30)).toEqual({ pagesPerSecond: 1, rendered: 1, failed: { timeout: 2, dns: 1 } });
  });

  test('is one line, the most telling first, with nothing that is not there', () => {
    const figures = { pagesPerSecond: 12.34, rendered: 12, failed: { timeout: 2, dns: 1 } };
    expect(progressOf(counts, figures, 4)).toEqual({
      done: 350,
      of: 470,
      words:
        '340 captured, 12.3 pages/s, hosts 3/40, 4 waiting politely, 120 due, 12 rendered, 3 failed (timeout 2, dns 1)',
    });
    expect(
      progressOf({ ...counts, failed: 0, unchanged: 2 }, { ...figures, rendered: 0, failed: {} }, 0).words,
    ).toBe('340 captured, 12.3 pages/s, hosts 3/40, 120 due, 2 unchanged, 0 failed');
  });
});
