/**
 * A page in the browser, as often as it must be seen: for what its scripts say, and once more for its pictures if an
 * officer will want to see it. A render that fails leaves the fetched page standing.
 */
import type { Courtesy } from '../../crawler/fetch.ts';
import type { Reaching } from '../../crawler/lanes.ts';
import type { Rendered, Takes } from '../../crawler/render.ts';
import type { Assessment } from '../../domain/assessment.ts';
import type { RenderMode } from '../../domain/source.ts';
import type { JudgedPage } from '../judge.ts';
import { HostRestsError, VisitsPausedError } from '../turns.ts';
import type { ReadingTools } from './tools.ts';

export interface Shown {
  readonly rendered: Rendered | null;
  readonly asSeen: JudgedPage;
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

/**
 * Shows the page where it must be seen. One that only has to be read first is shown for its text, at half the cost,
 * and once more for its pictures if an officer will want to see it.
 */
export async function show(
  asFetched: JudgedPage,
  mode: RenderMode,
  showing: Showing,
  tools: ReadingTools,
): Promise<Shown> {
  const why = renderReason(mode, asFetched);
  if (why === null || tools.crawler.browser.is !== 'ready') return { rendered: null, asSeen: asFetched };
  // What the bytes alone show too little of to judge is no reason for pictures yet.
  const isForText = why === asFetched.needsRender && asFetched.assessment.verdict !== 'flag';
  let shown: Shown = { rendered: null, asSeen: asFetched };
  for (const what of isForText ? (['text', 'evidence'] as const) : (['evidence'] as const)) {
    const next = await showOnce(why, what, showing, tools);
    if (next === null) break;
    shown = both(shown, next);
    if (shown.asSeen.assessment.verdict === 'clear') break;
  }
  return shown;
}

/** One render in the page's turn; null when it failed. @throws HostRestsError, VisitsPausedError */
export async function showOnce(
  why: string,
  takes: Takes,
  { url, settings, askAgain, courtesy, signal }: Showing,
  tools: ReadingTools,
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
  return { rendered: { ...rendered, exchanges, pictures }, asSeen };
}

/** A page is rendered when asked for, when its bytes do not show it, or when an officer will want to see it. */
function renderReason(mode: RenderMode, { needsRender, assessment, challenge }: JudgedPage): string | null {
  // A browser would be let through where we are not: that would be an answer to the challenge.
  if (mode === 'never' || challenge !== null) return null;
  if (mode === 'always') return 'asked';
  return needsRender ?? (assessment.verdict === 'clear' ? null : 'evidence');
}

/** What scripts show and what the bytes say are both evidence; a page that hides its offer in one is judged by the other. */
export function riskier(a: Assessment, b: Assessment): Assessment {
  return a.score > b.score ? a : b;
}
