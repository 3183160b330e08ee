/**
 * The drift report: does what comes in still look like what the model was put to work on, and are its verdicts
 * still what officers say?
 *
 * The reference is what the model said of the river's own pages: in the shadow, where it stood there before it
 * was promoted, else its first pages at work. It is taken once and kept; pages before its end are not counted
 * as news. Held-out rows would not do: fraud is a larger share of them than of what is scanned.
 */
import {
  type Drift,
  driftOf,
  emptySpread,
  LEAST_PAGES,
  PSI_LOOK,
  PSI_MOVED,
  type Spread,
  spreadOf,
} from '../classifiers/drift.ts';
import type { Model } from '../classifiers/model.ts';
import { type Quality, qualityOf } from '../classifiers/quality.ts';
import type { ModelStore, PageSaying, Reference } from '../store/models.ts';
import type { ReviewStore } from '../store/reviews.ts';
import type { Clock } from './clock.ts';

export interface DriftTools {
  readonly modelRows: ModelStore;
  readonly reviews: Pick<ReviewStore, 'looked'>;
  models(): Promise<{ readonly model: Model }>;
  readonly clock: Clock;
}

export interface DriftReport {
  readonly model: string;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** Null while the model has judged too few pages to be measured against. */
  readonly reference: { readonly takenFrom: Reference['takenFrom']; readonly pages: number } | null;
  readonly drift: Drift;
  readonly bounds: { readonly look: number; readonly moved: number; readonly leastPages: number };
  /** By officers' decisions on what was judged in the period. */
  readonly quality: Quality;
}

/** Pages that a reference is made of, at most. */
const REFERENCE_PAGES = 1_000;
const DAY_MS = 24 * 3600 * 1000;
/** Before any capture. */
const EVER = new Date(0);

export async function driftReport(days: number, tools: DriftTools): Promise<DriftReport> {
  const { modelRows, reviews, clock } = tools;
  const { name } = (await tools.models()).model;
  const to = clock.now();
  const from = new Date(to.getTime() - days * DAY_MS);
  const reference = (await modelRows.reference(name)) ?? (await takeReference(name, tools));
  const newsFrom =
    reference === null || reference.until < from ? from : new Date(reference.until.getTime() + 1);
  const news = spreadOf(await all(modelRows.judgedPages(name, newsFrom, to)));
  const then = reference === null ? emptySpread() : (reference.spread as Spread);
  return {
    model: name,
    from: from.toISOString(),
    to: to.toISOString(),
    reference: reference === null ? null : { takenFrom: reference.takenFrom, pages: then.pages },
    drift: driftOf(then, news),
    bounds: { look: PSI_LOOK, moved: PSI_MOVED, leastPages: LEAST_PAGES },
    quality: qualityOf(await reviews.looked(name, from)),
  };
}

/** The weekly job: the report, kept. */
export async function keepDriftReport(tools: DriftTools): Promise<DriftReport> {
  const report = await driftReport(7, tools);
  await tools.modelRows.keepReport(report.model, report, tools.clock.now());
  return report;
}

async function takeReference(name: string, { modelRows, clock }: DriftTools): Promise<Reference | null> {
  const shadowed = await modelRows.shadowed(name, REFERENCE_PAGES);
  if (shadowed.length >= LEAST_PAGES) {
    const spread = spreadOf(shadowed.map(({ shadow }) => shadow));
    return modelRows.keepReference(
      { model: name, takenFrom: 'shadow', until: shadowed[0]!.at, spread },
      clock.now(),
    );
  }
  const { since } = await modelRows.serving();
  const first: PageSaying[] = [];
  for await (const page of modelRows.judgedPages(name, since ?? EVER, clock.now())) {
    first.push(page);
    if (first.length === REFERENCE_PAGES) break;
  }
  // Until the reference is whole, or a week has passed, it may yet grow.
  const isOld = first.length > 0 && clock.now().getTime() - first[0]!.at.getTime() > 7 * DAY_MS;
  if (first.length < LEAST_PAGES || (first.length < REFERENCE_PAGES && !isOld)) return null;
  const reference = {
    model: name,
    takenFrom: 'first_pages' as const,
    until: first.at(-1)!.at,
    spread: spreadOf(first),
  };
  return modelRows.keepReference(reference, clock.now());
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
