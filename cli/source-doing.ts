/** The operations of sources and tips, done in this process on open rooms. */
import { routeOf } from '../crawler/guard.ts';
import { type RobotsStance, robotsAllow } from '../crawler/robots.ts';
import { whyNoLink } from '../crawler/scope.ts';
import { trapIn } from '../domain/trap.ts';
import { BadUrlError, canonicalUrl, hostOf, parseUrl } from '../domain/url.ts';
import { readSource } from '../domain/watch.ts';
import { subjectOf } from '../exports/overblock/platforms.ts';
import { systemClock } from '../queues/clock.ts';
import { addressHistory } from '../queues/history.ts';
import { runSource, syncSchedules } from '../queues/watch.ts';
import { houseFigures } from '../store/figures.ts';
import type { WatchedSource } from '../store/sources.ts';
import { urlStory } from '../store/story.ts';
import { type Doing, plain } from './asked.ts';
import type { SourceLine } from './asks/sources.ts';
import type { Rooms } from './rooms.ts';
import { follow } from './scanning.ts';

type OfSources = Pick<
  Doing,
  | 'explain'
  | 'history'
  | 'metrics'
  | 'sourcePut'
  | 'sources'
  | 'sourceRuns'
  | 'sourcePause'
  | 'sourceRemove'
  | 'sourceRun'
  | 'tipSend'
  | 'tips'
>;

/** There is no tip of that code. */
export class NoSuchTipError extends Error {
  override readonly name = 'NoSuchTipError';
  readonly facts: { readonly code: string };

  constructor(code: string) {
    super(`There is no tip ${code}. "kuzet tips list" shows those there are.`);
    this.facts = { code };
  }
}

export function sourceOperations(rooms: Rooms): OfSources {
  const { sources, tips } = rooms;
  const now = () => systemClock.now();
  const schedule = async () => syncSchedules(await rooms.queues(), sources, systemClock.now());
  const line = async (it: WatchedSource): Promise<SourceLine> => ({
    source: it.source,
    isPaused: it.isPaused,
    createdAt: it.createdAt.toISOString(),
    figures: plain(await sources.figures(it.source.name)),
  });
  return {
    async *sourcePut({ sources: written, by }) {
      // All are read before one is kept: a file is taken whole or not at all.
      for (const source of written.map(readSource)) {
        yield { name: source.name, is: await sources.put(source, by, now()) };
      }
      await schedule();
    },
    async *sources({ name }) {
      for (const it of name === undefined ? await sources.list() : [await sources.get(name)]) yield line(it);
    },
    async *sourceRuns({ name, limit }) {
      for (const run of await sources.runs(name, limit)) yield plain(run);
    },
    async *sourcePause({ name, paused, by }) {
      const isNew = await sources.pause(name, paused, by, now());
      await schedule();
      yield { name, paused, already: !isNew };
    },
    async *sourceRemove({ name, by }) {
      await sources.remove(name, by, now());
      await schedule();
      yield { name };
    },
    async *sourceRun({ name, work, detach }, signal) {
      const run = await runSource(name, await rooms.watchTools(), signal);
      yield { event: 'ran', ...plain(run) };
      if (run.scanId !== null) yield* follow(rooms, [run.scanId], { work, detach, refusals: [] }, signal);
    },
    async *metrics() {
      yield* await houseFigures(rooms.database, now());
    },
    async *explain({ url: text }) {
      const url = parseUrl(text);
      const story = await urlStory(rooms.database, url);
      const route = routeOf(url, {});
      yield {
        url: url.href,
        key: canonicalUrl(url),
        known: story.broughtBy.length + story.visits.length > 0,
        refusal: route.is === 'refused' ? route.why : null,
        unlinked: whyNoLink(url, hostOf(url)) ?? trapIn(url),
        robots: robotsSentence((story.host?.robots ?? null) as RobotsStance | null, url),
        story: plain(story),
      };
    },
    async *history({ url, limit }) {
      yield plain(await addressHistory(parseUrl(url), limit, rooms));
    },
    async *tipSend({ tips: sent }) {
      for (const [at, { url: text, words, contact }] of sent.entries()) {
        try {
          const url = parseUrl(text);
          yield plain(await tips.send({ url, words, contact, via: 'file', subject: subjectOf(url) }, now()));
        } catch (cause) {
          if (!(cause instanceof BadUrlError)) throw cause;
          yield { line: at + 1, url: cause.facts.text, refused: cause.facts.why };
        }
      }
    },
    async *tips({ limit, code }) {
      if (code === undefined) {
        for (const tip of await tips.list(limit)) yield plain(tip);
        return;
      }
      const tip = await tips.get(code);
      if (tip === null) throw new NoSuchTipError(code);
      yield plain(tip);
    },
  };
}

function robotsSentence(stance: RobotsStance | null, url: URL): string {
  if (stance === null) return 'robots.txt of its host was never read.';
  const says = robotsAllow(stance, url.href) ? 'has no objection' : 'asks not to fetch it';
  const answered = stance.status === null ? 'did not answer' : `answered ${stance.status}`;
  return `robots.txt of its host, read at ${stance.fetchedAt}, ${answered} and ${says}.`;
}
