/** The operations of a model's life and of reviews, done in this process on open rooms. */
import { inTurn } from '../classifiers/proposals.ts';
import { seenOf } from '../classifiers/seen.ts';
import { shadowReportOf } from '../classifiers/shadow.ts';
import { assessSite } from '../classifiers/site.ts';
import type { Label } from '../domain/assessment.ts';
import type { Subject } from '../domain/case.ts';
import { systemClock } from '../queues/clock.ts';
import { lotSeed } from '../queues/conclude.ts';
import { driftReport } from '../queues/drift.ts';
import { ModelRefusedError } from '../store/models.ts';
import { type Doing, needOfficer, plain } from './asked.ts';
import type { ModelLine } from './asks/models.ts';
import type { Rooms } from './rooms.ts';

type Learning = Pick<
  Doing,
  | 'models'
  | 'modelChanges'
  | 'modelEvaluated'
  | 'modelPromote'
  | 'modelRollBack'
  | 'modelShadow'
  | 'shadowReport'
  | 'drift'
  | 'reviews'
  | 'reviewAnswer'
>;

/** Pages compared in a report of the shadow. */
const SHADOWED = 10_000;
/** Pages of a subject that a case opened by a review stands on. */
const MOST_EVIDENCE = 20;

export function learningOperations(rooms: Rooms): Learning {
  const { modelRows, shelf, reviews } = rooms;
  const now = () => systemClock.now();
  return {
    async *models() {
      const { current, shadow } = await modelRows.serving();
      const lines: ModelLine[] = [];
      for (const name of [null, ...shelf.names()]) {
        const is = name === current ? 'serves' : name !== null && name === shadow ? 'shadow' : 'candidate';
        lines.push(await modelLine(rooms, name, is));
      }
      const order = ['serves', 'shadow', 'candidate'];
      yield* lines.sort((a, b) => order.indexOf(a.is) - order.indexOf(b.is));
    },
    async *modelChanges({ limit }) {
      yield* (await modelRows.changes(limit)).map(plain);
    },
    async *modelEvaluated(evaluation) {
      await modelRows.evaluated({ ...evaluation, at: now() });
      yield { candidate: evaluation.candidate };
    },
    async *modelPromote({ name, by, reason }) {
      await needOfficer(rooms, by, 'model.change');
      // Read before it serves: a model that cannot be read must not stand in every worker's way.
      shelf.load(name);
      const bundled = shelf.load(null).name;
      yield plain(await modelRows.promote({ name, bundled, by, reason }, now()));
    },
    async *modelRollBack({ by, reason }) {
      await needOfficer(rooms, by, 'model.change');
      yield plain(await modelRows.rollBack({ by, reason }, now()));
    },
    async *modelShadow({ name, by, reason }) {
      await needOfficer(rooms, by, 'model.change');
      if (name !== null) shelf.load(name);
      yield plain(await modelRows.shadow({ name, by, reason }, now()));
    },
    async *shadowReport() {
      const { shadow, current } = await modelRows.serving();
      if (shadow === null) {
        throw new ModelRefusedError(
          'no_shadow',
          'No model is in the shadow. "kuzet models shadow NAME" puts one there.',
        );
      }
      const report = shadowReportOf(await modelRows.shadowed(shadow, SHADOWED));
      yield { ...report, current: current ?? shelf.load(null).name, shadow };
    },
    async *drift({ days }) {
      yield await driftReport(days, { modelRows, reviews, models: rooms.models, clock: systemClock });
    },
    async *reviews({ limit }) {
      const waiting = await reviews.waiting(limit);
      yield* inTurn(waiting, lotSeed(now())).slice(0, limit).map(plain);
    },
    async *reviewAnswer({ id, label, by, reason }) {
      await needOfficer(rooms, by);
      const { subject } = await reviews.get(id);
      const caseId = label === 'legit' ? null : await openCase(rooms, subject, label);
      yield { review: plain(await reviews.answer(id, { label, by, reason }, now())), case: caseId };
    },
  };
}

async function modelLine(rooms: Rooms, name: string | null, is: ModelLine['is']): Promise<ModelLine> {
  try {
    const { name: full } = rooms.shelf.load(name);
    const found = await rooms.modelRows.evaluation(full);
    const evaluation =
      found === null ? null : { at: found.at.toISOString(), current: found.current, faults: found.faults };
    return { name: full, is, isBundled: name === null, evaluation, unreadable: null };
  } catch (cause) {
    const unreadable = (cause as Error).message;
    return { name: name ?? 'bundled', is, isBundled: name === null, evaluation: null, unreadable };
  }
}

/** What a person took for fraud and the machine did not goes the way of every case: two officers decide. */
async function openCase(rooms: Rooms, subject: Subject, label: Label): Promise<string> {
  const pages = await rooms.captures.newestOf(subject, MOST_EVIDENCE);
  const { score, signals } = assessSite(
    pages.map(({ capture, page }) => ({ url: capture.finalUrl, assessment: page.assessment })),
  );
  const reasons = signals.filter((signal) => signal.contribution > 0).slice(0, 8);
  const seen = seenOf(
    label,
    signals,
    pages.map(({ page }) => page.text),
  );
  const captureIds = pages.map(({ capture }) => capture.id);
  const sighting = { label, score, seen, reasons };
  return (await rooms.cases.sight(subject, sighting, captureIds, systemClock.now())).id;
}
