/**
 * A page in the browser, as often as it must be seen: for what its scripts say, and once more for its pictures if an
 * officer will want to see it. A render that fails leaves the fetched page standing. What a render showed beside the
 * bytes is a lesson for pages like it (`lessons.ts`).
 */
import type { Courtesy } from '../../crawler/fetch.ts';
import type { Reaching } from '../../crawler/lanes.ts';
import type { Rendered, Takes } from '../../crawler/render.ts';
import { decideRender, lessonKind, showedMore } from '../../crawler/render-decision.ts';
import type { Assessment } from '../../domain/assessment.ts';
import type { PlainReason } from '../../domain/capture.ts';
import { NO_LESSON } from '../../domain/render-lesson.ts';
import type { RenderMode } from '../../domain/source.ts';
import type { JudgedPage } from '../judge.ts';
import { HostRestsError, VisitsPausedError } from '../turns.ts';
import type { ReadingTools } from './tools.ts';

export interface Shown {
  readonly rendered: Rendered | null;
  readonly asSeen: JudgedPage;
}

export interface ShownOrPlain extends Shown {
  /** Why no browser showed it; null where its bytes were enough, and where one did. */
  readonly leftPlain: PlainReason | null;
}

/** What stays the same over all renders of one address. */
export interface Showing {
  readonly url: string;
  readonly settings: Reaching;
  /** Waits until the page may be asked for once more. */
  readonly askAgain: () => Promise<void>;
  readonly courtesy: Courtesy;
  readonly signal: AbortSignal;
}

/** What showing works with. */
export interface ShowingTools extends Pick<ReadingTools, 'judgedBy' | 'lessons' | 'subjectOf' | 'log'> {
  readonly crawler: Pick<ReadingTools['crawler'], 'browser' | 'render'>;
  readonly judge: Pick<ReadingTools['judge'], 'judge'>;
}

/**
 * Shows the page where it must be seen. One that only has to be read first is shown for its text, at half the cost,
 * and once more for its pictures if an officer will want to see it.
 */
export async function show(
  asFetched: JudgedPage,
  mode: RenderMode,
  showing: Showing,
  tools: ShowingTools,
): Promise<ShownOrPlain> {
  const { lessons } = tools;
  const url = new URL(showing.url);
  const subject = tools.subjectOf(url);
  const { needsRender, assessment } = asFetched;
  const isPicturedEnough = (judged: Assessment) =>
    lessons === null || judged.verdict === 'clear' ? false : lessons.isPicturedEnough(subject, judged);
  const hasBrowser = tools.crawler.browser.is === 'ready';
  const mayShow = hasBrowser && mode !== 'never' && asFetched.challenge === null;
  const mayLearn = lessons !== null && mayShow && (needsRender !== null || asFetched.isActive);
  const decision = decideRender({
    ...asFetched,
    mode,
    hasBrowser,
    verdict: assessment.verdict,
    lesson: mayLearn ? await lessons.of(url) : NO_LESSON,
    lot: lessons?.lot() ?? 1,
    isPicturedEnough: await isPicturedEnough(assessment),
  });
  if (decision.is === 'plain') return { rendered: null, asSeen: asFetched, leftPlain: decision.why };

  let shown: Shown = { rendered: null, asSeen: asFetched };
  if (decision.forText) {
    const first = await showOnce(decision.why, 'text', showing, tools);
    if (first === null) return { ...shown, leftPlain: 'render_failed' };
    shown = first;
  }
  const isWanted = !decision.forText || shown.asSeen.assessment.verdict !== 'clear';
  if (decision.forPictures && isWanted && !(await isPicturedEnough(shown.asSeen.assessment))) {
    const next = await showOnce(decision.why, 'evidence', showing, tools);
    if (next !== null) shown = both(shown, next);
  }
  const { rendered, asSeen } = shown;
  if (rendered === null) return { ...shown, leftPlain: 'render_failed' };
  if (rendered.pictures !== null) await lessons?.pictured(subject, riskier(assessment, asSeen.assessment));
  if (mayLearn) {
    const hasHelped = showedMore({ ...asFetched, url: showing.url }, { ...asSeen, url: rendered.finalUrl });
    await lessons.note(url, lessonKind(needsRender), hasHelped);
  }
  return { ...shown, leftPlain: null };
}
/** One render in the page's turn; null when it failed. @throws HostRestsError, VisitsPausedError */
export async function showOnce(
  why: string,
  takes: Takes,
  { url, settings, askAgain, courtesy, signal }: Showing,
  tools: ShowingTools,
): Promise<Shown | null> {
  await askAgain();
  let rendered: Rendered;
  try {
    rendered = await tools.crawler.render(new URL(url), settings, why, signal, takes, courtesy);
  } catch (cause) {
    const isForLater = cause instanceof HostRestsError || cause instanceof VisitsPausedError;
    if (signal.aborted || isForLater) throw cause;
    tools.log.warn({ url, err: cause }, 'could not be rendered');
    return null;
  }
  const source = { url: rendered.finalUrl, source: rendered.dom };
  return { rendered, asSeen: await tools.judge.judge(source, tools.judgedBy) };
}

/** A page that shows less the second time is judged and kept as it was the first time, with what was seen of it since. */
export function both(first: Shown, second: Shown): Shown {
  if (first.rendered === null || second.rendered === null) return second;
  const exchanges = [...first.rendered.exchanges, ...second.rendered.exchanges];
  const isFirst = first.asSeen.assessment.score > second.asSeen.assessment.score;
  const { rendered, asSeen } = isFirst
    ? { ...first, rendered: first.rendered }
    : { ...second, rendered: second.rendered };
  const pictures = second.rendered.pictures ?? first.rendered.pictures;
  const pictured = second.rendered.pictures === null ? first.rendered : second.rendered;
  // What showed the words may be another browser than what took the pictures.
  const browsers = new Set([pictured.browser, rendered.browser].filter((name) => name !== null));
  const browser = browsers.size === 0 ? null : [...browsers].join(', ');
  return { rendered: { ...rendered, exchanges, pictures, browser }, asSeen };
}

/** What scripts show and what the bytes say are both evidence; a page that hides its offer in one is judged by the other. */
export function riskier(a: Assessment, b: Assessment): Assessment {
  return a.score > b.score ? a : b;
}
