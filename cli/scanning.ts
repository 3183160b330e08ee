/** Scans as operations: started, worked on in this process or elsewhere, and followed to their end. */
import { BadUrlError, parseUrl } from '../domain/url.ts';
import { newId, systemClock } from '../queues/clock.ts';
import type { Refusal } from '../store/scans.ts';
import { plain } from './asked.ts';
import type { ScanEvent } from './asks/scans.ts';
import { caseLine } from './case-views.ts';
import type { Operations } from './house.ts';
import type { Rooms } from './rooms.ts';

/** How often a scan looks for news, in milliseconds. */
const LOOK_EVERY = 200;
/** A busy store is looked at less: looking takes a thirtieth of the time, up to this many milliseconds between. */
const LOOK_AT_LEAST = 1_500;
const LOOK_SHARE = 30;

export async function* scan(
  rooms: Rooms,
  input: Operations['scan']['input'],
  signal: AbortSignal,
): AsyncIterable<ScanEvent> {
  const { refusals, scans } = input.resume
    ? { refusals: [], scans: await rooms.visits.openScans() }
    : await startScan(rooms, input);
  yield* follow(rooms, scans, { ...input, refusals }, signal);
}

/** Works on scans that are written already, unless workers elsewhere do, and tells what becomes of them. */
export async function* follow(
  rooms: Rooms,
  scans: readonly string[],
  how: { readonly work: boolean; readonly detach: boolean; readonly refusals: readonly Refusal[] },
  signal: AbortSignal,
): AsyncIterable<ScanEvent> {
  const { visits, cases } = rooms;
  const river = await rooms.river();
  const crawler = how.work && !how.detach ? await rooms.crawler() : null;
  const browser = crawler?.browser ?? null;
  yield {
    event: 'started',
    scans,
    browser: browser?.is === 'ready' ? `${browser.name} ${browser.version}` : null,
    browserWhy: browser?.is === 'none' ? browser.why : null,
  };
  for (const { line, given, reason, detail } of how.refusals)
    yield { event: 'refused', line, url: given, reason, detail };

  await river.sweep();
  if (!how.detach) {
    const worker = crawler === null ? null : river.work(await rooms.visitTools(), rooms.config.hostsAtOnce);
    try {
      yield* news(rooms, scans, signal);
    } finally {
      await worker?.close();
    }
  }
  const counts = await visits.counts(scans);
  yield { event: 'done', scans, counts, cases: (await cases.ofScans(scans)).map(caseLine) };
}

async function startScan(
  { visits }: Rooms,
  input: Operations['scan']['input'],
): Promise<{ refusals: readonly Refusal[]; scans: readonly string[] }> {
  const { seeds, refusals } = readSeeds(input.seeds);
  const id = newId(systemClock);
  await visits.startScan({
    id,
    visitIds: () => newId(systemClock),
    seeds,
    refusals,
    settings: input.settings,
    now: systemClock.now(),
  });
  return { refusals, scans: [id] };
}

/** Follows a scan to its end, or until all that is left of it waits for another day. Rows may become visible out of order, so the last look is over all of them. */
async function* news(rooms: Rooms, scans: readonly string[], signal: AbortSignal): AsyncIterable<ScanEvent> {
  const { visits } = rooms;
  const told = new Set<number>();
  let after = 0;
  for (;;) {
    const begun = performance.now();
    const counts = await visits.counts(scans);
    const open = counts.hosts - counts.hostsDone;
    const resting = open === 0 ? null : await visits.resting(scans, systemClock.now());
    const isDone = open === (resting?.hosts ?? 0);
    if (isDone) after = 0;
    for (;;) {
      const lines = await visits.news(scans, after);
      for (const { seq, ...line } of lines) {
        after = Math.max(after, seq);
        if (told.has(seq)) continue;
        told.add(seq);
        yield { event: 'url', ...line };
      }
      if (lines.length < 500) break;
    }
    yield { event: 'progress', counts, waiting: resting?.hosts ?? 0 };
    if (isDone && resting !== null) yield { event: 'resting', ...plain(resting) };
    if (isDone) return;
    const tookMs = performance.now() - begun;
    await systemClock.sleep(Math.max(LOOK_EVERY, Math.min(LOOK_SHARE * tookMs, LOOK_AT_LEAST)), signal);
  }
}

function readSeeds(given: Operations['scan']['input']['seeds']): { seeds: URL[]; refusals: Refusal[] } {
  const seeds: URL[] = [];
  const refusals: Refusal[] = [];
  for (const { line, text } of given) {
    try {
      seeds.push(parseUrl(text));
    } catch (cause) {
      if (!(cause instanceof BadUrlError)) throw cause;
      refusals.push({ line, given: cause.facts.text, reason: 'bad_url', detail: cause.facts.why });
    }
  }
  return { seeds, refusals };
}
