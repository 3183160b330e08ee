/**
 * What a page costs the frontier while ever more addresses are known: one is taken, and brings 40 links, most of
 * them known already. On the embedded store.
 *
 *     node --import tsx bench/crawl/grow.ts KNOWN [KNOWN …]
 *
 * prints one line of JSON a size: `{known, fillSeconds, pageMs}`.
 */
import { randomBytes } from 'node:crypto';
import { uuid7 } from '../../domain/id.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { openDatabase } from '../../store/open.ts';
import { visitStore } from '../../store/visits.ts';

const SITES = 200;
const PAGES = 400;
const now = new Date('2026-11-22T10:00:00Z');
const id = () => uuid7(now, randomBytes(10));
const at = (n: number) => new URL(`http://s${n % SITES}.test/p/${n}`);

const database = await openDatabase({ memory: true });
const visits = visitStore(database);
let known = 0;
for (const size of process.argv.slice(2).map(Number)) {
  const fillStart = performance.now();
  for (; known < size; known += 20_000) {
    const seeds = Array.from({ length: Math.min(20_000, size - known) }, (_, n) => at(known + n));
    await visits.startScan({
      id: id(),
      visitIds: id,
      seeds,
      refusals: [],
      settings: { ...DEFAULT_SETTINGS },
      now,
    });
  }
  known = size;
  const fillSeconds = (performance.now() - fillStart) / 1000;
  const visit = await visits.claim('s0.test', id(), now);
  if (visit === null) throw new Error('No visit to s0.test is due.');
  const host = { nextAt: null, politeness: null, robots: null };
  const started = performance.now();
  let read = 0;
  for (; read < PAGES; read += 1) {
    const due = await visits.nextDue(visit);
    if (due === null) break;
    const found = Array.from({ length: 40 }, (_, n) => ({
      url: new URL(`http://s0.test/p/${((read * 7 + n) % 500) * SITES}`),
      priority: n,
      shape: null,
      refusal: null,
    }));
    const outcome = { is: 'failed', reason: 'internal', detail: 'bench' } as const;
    await visits.finish(visit, due, { outcome, captured: null, found, host });
  }
  console.log(
    JSON.stringify({ known: size, fillSeconds, pages: read, pageMs: (performance.now() - started) / read }),
  );
  await visits.skipRest(visit, 'budget', 'bench');
  await visits.close(visit, now);
}
await database.close();
