/**
 * The end of a visit: what was seen of each subject is joined into one judgement, to which the history of sites
 * that are one with it is added, and a case is opened or
 * added to where a person should look. What should be looked at to learn from is proposed for review. Doing
 * it twice changes nothing.
 */

import { withLineage } from '../classifiers/lookalike-sites.ts';
import type { Model } from '../classifiers/model.ts';
import { noveltyOf } from '../classifiers/novelty.ts';
import { isDrawn, proposalOf } from '../classifiers/proposals.ts';
import { seenOf } from '../classifiers/seen.ts';
import { assessSite, type SiteAssessment } from '../classifiers/site.ts';
import type { Signal } from '../domain/assessment.ts';
import type { Subject } from '../domain/case.ts';
import type { CaptureStore, WeighedPage } from '../store/captures.ts';
import type { CaseStore } from '../store/cases.ts';
import type { Visit } from '../store/lease.ts';
import type { ReviewStore } from '../store/reviews.ts';
import { type LineageTools, lineageOf } from './lineage.ts';

export interface ConcludeTools extends LineageTools {
  readonly captures: CaptureStore;
  readonly cases: CaseStore;
  readonly reviews: ReviewStore;
  readonly model: Model;
}

/** Pages of a subject that are weighed together. */
const MOST_PAGES = 200;
/** Pages that a case carries as its evidence. */
const MOST_EVIDENCE = 20;
const MOST_REASONS = 8;
/** The riskiest pages, by whose words novelty is told. */
const TELLING_PAGES = 5;

export async function conclude(visit: Pick<Visit, 'id'>, tools: ConcludeTools): Promise<void> {
  for (const subject of await tools.captures.subjectsOf(visit.id)) await concludeSubject(subject, tools);
}

async function concludeSubject(subject: Subject, tools: ConcludeTools): Promise<void> {
  const pages = await tools.captures.weighedOf(subject, MOST_PAGES, TELLING_PAGES);
  const seen = assessSite(
    riskiestOfEach(pages).map(({ capture, page }) => ({
      url: capture.finalUrl,
      assessment: page.assessment,
    })),
  );
  // Channels of one platform share its template and its counters.
  const siblings = subject.kind === 'site' ? await lineageOf(subject.key, pages, tools) : [];
  const site = withLineage(seen, siblings);
  await noteJudgement(subject, site, pages, tools);
  if (site.verdict !== 'flag') return;
  const evidence = pages
    .filter((it, at) => at === 0 || it.page.assessment.verdict !== 'clear' || isWhitePage(it))
    .slice(0, MOST_EVIDENCE);
  await tools.cases.sight(
    subject,
    {
      label: site.label,
      score: site.score,
      seen: seenOf(site.label, site.signals, await textsOf(evidence, tools.captures)),
      reasons: tellingFirst(site.signals).slice(0, MOST_REASONS),
    },
    evidence.map(({ capture }) => capture.id),
    tools.clock.now(),
  );
}

/** An address that was read as several visitors counts once, as it is worst. Riskiest first, as they came. */
function riskiestOfEach(pages: readonly WeighedPage[]): WeighedPage[] {
  const urls = new Set<string>();
  return pages.filter(({ capture: { url } }) => {
    const isFirst = !urls.has(url);
    urls.add(url);
    return isFirst;
  });
}

/** What Kuzet was shown in place of what visitors are shown: the case holds both. */
function isWhitePage({ page }: WeighedPage): boolean {
  return page.assessment.signals.some(({ family }) => family === 'cloak');
}

/** The lot is drawn anew each month: nobody is drawn for ever, and nobody is spared for ever. */
export function lotSeed(now: Date): string {
  return now.toISOString().slice(0, 7);
}

async function noteJudgement(
  subject: Subject,
  { verdict, label, score }: SiteAssessment,
  pages: readonly WeighedPage[],
  { model, reviews, clock }: ConcludeTools,
): Promise<void> {
  const now = clock.now();
  const seed = lotSeed(now);
  const telling = pages.slice(0, TELLING_PAGES).map(({ page }) => page.text ?? '');
  const novelty = noveltyOf(telling.join(' '), model);
  const judged = { subject, model: model.name, verdict, label, score, novelty };
  await reviews.note({ ...judged, isDrawn: isDrawn(subject, seed) }, proposalOf(judged, seed), now);
}

/** What cites a regulator's criterion comes before what is statistics only; each strongest first. */
function tellingFirst(signals: readonly Signal[]): Signal[] {
  const against = signals.filter((signal) => signal.contribution > 0);
  const cites = (signal: Signal) => signal.criterion !== 'none';
  return [...against.filter(cites), ...against.filter((signal) => !cites(signal))];
}

/** Of all of these pages, in their order: few sites are flagged, so that those which were not told are asked for only then. */
async function textsOf(
  pages: readonly WeighedPage[],
  captures: Pick<CaptureStore, 'textsOf'>,
): Promise<string[]> {
  const untold = pages.filter(({ page }) => page.text === null).map(({ capture }) => capture.id);
  const more = await captures.textsOf(untold);
  return pages.map(({ capture, page }) => page.text ?? more.get(capture.id) ?? '');
}
