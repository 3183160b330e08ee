/**
 * Looking after what was referred, a round a minute:
 *
 *     late      an order not carried out in 2 hours, a platform silent for 24, no receipt in 7 days
 *     ask       referrals whose next look is due (+2 h, 24 h, 7, 30, 90 d) are scanned again, one page each
 *     see       scans that ended become sights, and what follows from them
 *     mirrors   new cases that look like one that is blocked become its children
 *     freshen   decided cases that wait for a batch and were not seen for 20 hours are scanned again
 *
 * One case that fails is put off (store/faults.ts), later and later, and after nine tries left for a person to see.
 * The store knows what is due: a lost wake-up costs a minute, a standstill one look a case, a round that dies
 * half-way is gone on with by the next, and two at once ask nothing twice.
 */
import type { Logger } from 'pino';
import type { CaseId, Subject } from '../domain/case.ts';
import { lateEvent, type PassageEventKind } from '../domain/passage.ts';
import { type SightKind, sightOf } from '../domain/recheck.ts';
import { DEFAULT_SETTINGS } from '../domain/source.ts';
import { RECHECKS } from '../domain/urgency.ts';
import { mainCapture } from '../exports/kibernadzor/referral.ts';
import { readMeasurements } from '../exports/vantage.ts';
import type { CaptureStore } from '../store/captures.ts';
import type { CaseStore } from '../store/cases.ts';
import type { AftercareStep, FaultStore } from '../store/faults.ts';
import type { PassageStore } from '../store/passages.ts';
import type { AskedRecheck, RecheckStore } from '../store/rechecks.ts';
import type { VisitStore } from '../store/visits.ts';
import { type Clock, newId } from './clock.ts';

export interface AftercareTools {
  readonly passages: PassageStore;
  readonly rechecks: RecheckStore;
  readonly cases: CaseStore;
  readonly captures: CaptureStore;
  readonly visits: VisitStore;
  /** What failed for one case. */
  readonly faults: FaultStore;
  /** Which subject an address belongs to. */
  subjectOf(url: URL): Subject;
  /** Wakes the workers. */
  sweep(): Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface AftercareNews {
  readonly late: readonly { readonly caseId: CaseId; readonly event: PassageEventKind }[];
  readonly asked: number;
  readonly seen: readonly {
    readonly caseId: CaseId;
    readonly what: SightKind;
    readonly event: PassageEventKind | null;
  }[];
  readonly mirrors: number;
  readonly refreshed: number;
  /** What could not be done this time, case by case. */
  readonly failed: readonly {
    readonly caseId: CaseId;
    readonly step: AftercareStep;
    readonly why: string;
    readonly isGivenUp: boolean;
  }[];
}

/** One case that fails is put off, and holds up none of the others. */
type Guard = <T extends { readonly caseId: CaseId }>(
  step: AftercareStep,
  items: readonly T[],
  work: (item: T) => Promise<void>,
) => Promise<void>;

/** Scans started in one round, of each kind. */
const MOST_AT_ONCE = 100;
const HOUR_MS = 3_600_000;
/** What leaves was seen within 24 hours: this leaves 4 for the scan and the batch. */
const FRESH_MS = 20 * HOUR_MS;
const ASK_AGAIN_MS = 6 * HOUR_MS;

/** 5 minutes, doubled each time: a day and a half in all. */
const FIRST_WAIT_MS = 5 * 60_000;
const MOST_TRIES = 9;

export async function aftercareRound(tools: AftercareTools): Promise<AftercareNews> {
  const failed: AftercareNews['failed'][number][] = [];
  const guard = await guarding(tools, failed);
  const late = await noteLate(tools, guard);
  const asked = await askDue(tools, guard);
  const seen = await seeAsked(tools, guard);
  const mirrors = await adoptMirrors(tools, guard);
  const refreshed = await freshen(tools, guard);
  if (asked + refreshed > 0) await tools.sweep();
  return { late, asked, seen, mirrors, refreshed, failed };
}

async function guarding(
  { faults, clock, log }: AftercareTools,
  failed: AftercareNews['failed'][number][],
): Promise<Guard> {
  const known = new Map((await faults.list()).map((fault) => [`${fault.step} ${fault.caseId}`, fault]));
  return async (step, items, work) => {
    for (const item of items) {
      const { caseId } = item;
      const fault = known.get(`${step} ${caseId}`);
      const now = clock.now();
      if (fault !== undefined && (fault.givenUpAt !== null || fault.dueAt > now)) continue;
      try {
        await work(item);
        if (fault !== undefined) await faults.clear(caseId, step);
      } catch (cause) {
        const why = (cause as Error).message;
        const tries = (fault?.tries ?? 0) + 1;
        const isGivenUp = tries >= MOST_TRIES;
        const dueAt = new Date(now.getTime() + FIRST_WAIT_MS * 2 ** (tries - 1));
        await faults.note({ caseId, step, error: why }, { now, dueAt, isLast: isGivenUp });
        log.error({ case: caseId, step, tries, isGivenUp, why }, 'a case could not be looked after');
        failed.push({ caseId, step, why, isGivenUp });
      }
    }
  };
}

async function noteLate({ passages, clock }: AftercareTools, guard: Guard): Promise<AftercareNews['late']> {
  const now = clock.now();
  const late: { caseId: CaseId; event: PassageEventKind }[] = [];
  await guard('late', await passages.pending(), async ({ caseId, passage }) => {
    const event = lateEvent(passage, now);
    if (event === null) return;
    await passages.add(caseId, [{ at: now, by: 'kuzet', kind: event, facts: {} }]);
    late.push({ caseId, event });
  });
  return late;
}

async function askDue({ rechecks, clock }: AftercareTools, guard: Guard): Promise<number> {
  let asked = 0;
  await guard('ask', await rechecks.due(clock.now(), MOST_AT_ONCE), async (due) => {
    if (await rechecks.ask(due, newId(clock), clock.now())) asked += 1;
  });
  return asked;
}

async function seeAsked(tools: AftercareTools, guard: Guard): Promise<AftercareNews['seen']> {
  const { visits, rechecks } = tools;
  const seen: { caseId: CaseId; what: SightKind; event: PassageEventKind | null }[] = [];
  await guard('see', await rechecks.asked(), async (it) => {
    const counts = await visits.counts([it.scanId]);
    if (counts.hosts === 0) await startLook(it.scanId, it.url, it.captureId, tools);
    else if (counts.hosts === counts.hostsDone) seen.push(await see(it, tools));
  });
  return seen;
}

/** One page, the way its case was scanned; as the visitor too that was shown it, where that was not Kuzet itself. */
async function startLook(
  scanId: string,
  url: string,
  captureId: string,
  { visits, rechecks, captures, clock }: AftercareTools,
): Promise<void> {
  const settings = (await rechecks.settingsOf(captureId)) ?? DEFAULT_SETTINGS;
  const seenAs = (await captures.get(captureId))?.capture.profile;
  await visits.startScan({
    id: scanId,
    visitIds: () => newId(clock),
    seeds: [new URL(url)],
    refusals: [],
    settings: { ...settings, pages: 1, depth: 0, ...(seenAs === undefined ? {} : { seenAs }) },
    lane: RECHECKS,
    now: clock.now(),
  });
}

async function see(it: AskedRecheck, tools: AftercareTools): Promise<AftercareNews['seen'][number]> {
  const { visits, captures, rechecks, cases, clock, subjectOf } = tools;
  const [line] = await visits.news([it.scanId], 0);
  const captureId = line?.outcome.is === 'captured' ? line.outcome.captureId : null;
  const page = captureId === null ? null : await captures.get(captureId);
  const own = (await cases.get(it.caseId)).subject;
  const other = page === null ? own : subjectOf(new URL(page.capture.finalUrl));
  const hasMoved = own.kind !== 'ring' && other.key !== own.key;
  const what = sightOf({
    status: page?.capture.status ?? statusIn(line?.outcome),
    verdict: page?.page.assessment.verdict ?? null,
    hasMoved,
  });
  const detail = page?.capture.finalUrl ?? detailOf(line?.outcome);
  const child = what === 'moved' ? await cases.find(other) : null;
  if (child !== null && child.id !== it.caseId)
    await rechecks.adopt({ parent: it.caseId, child: child.id }, 'redirect', clock.now());
  const sight = { at: clock.now(), vantage: 'here', what, detail, n: it.n, captureId };
  const event = await rechecks.see(it.caseId, sight, { recheck: it.n });
  return { caseId: it.caseId, what, event: event?.kind ?? null };
}

type Outcome = Awaited<ReturnType<VisitStore['news']>>[number]['outcome'] | undefined;

function statusIn(outcome: Outcome): number | null {
  if (outcome?.is !== 'failed' || outcome.reason !== 'http_status') return null;
  return Number(/\b([1-5]\d\d)\b/.exec(outcome.detail)?.[1] ?? Number.NaN) || null;
}

function detailOf(outcome: Outcome): string {
  return outcome === undefined || 'captureId' in outcome ? '' : `${outcome.reason}: ${outcome.detail}`;
}

async function adoptMirrors({ rechecks, clock, log }: AftercareTools, guard: Guard): Promise<number> {
  let adopted = 0;
  const mirrors = (await rechecks.newMirrors()).map((it) => ({ ...it, caseId: it.parent }));
  await guard('mirror', mirrors, async ({ parent, child }) => {
    await rechecks.adopt({ parent, child }, 'look_alike', clock.now());
    log.warn({ case: parent, child }, 'what was blocked goes on under another name');
    adopted += 1;
  });
  return adopted;
}

async function freshen(tools: AftercareTools, guard: Guard): Promise<number> {
  const { rechecks, cases, captures, clock } = tools;
  const now = clock.now().getTime();
  const stale = await rechecks.stale(new Date(now - FRESH_MS), new Date(now - ASK_AGAIN_MS), MOST_AT_ONCE);
  let started = 0;
  const items = stale.map((caseId) => ({ caseId }));
  await guard('freshen', items, async ({ caseId: id }) => {
    const scanId = newId(clock);
    // Noted first: one without a page to look at must not stand in front of the others round after round.
    await rechecks.noteRefresh(id, scanId, clock.now());
    const main = mainCapture(await cases.get(id), await captures.ofCase(id));
    if (main === null) return;
    await startLook(scanId, main.capture.url, main.capture.id, tools);
    started += 1;
  });
  return started;
}

/**
 * Takes in what others measured where blocks can be seen. A measurement of what is no referral of ours is passed
 * over; one taken in again changes nothing.
 *
 * @throws BadMeasurementError
 */
export async function takeMeasurements(
  { text, vantage }: { readonly text: string; readonly vantage: string },
  { passages, rechecks }: Pick<AftercareTools, 'passages' | 'rechecks'>,
): Promise<{ readonly rows: number; readonly known: number; readonly moved: number }> {
  const measurements = readMeasurements(text);
  let known = 0;
  let moved = 0;
  for (const { url, at, blockedBy } of measurements) {
    const caseId = await passages.find({ url });
    if (caseId === null) continue;
    known += 1;
    const what = blockedBy === null ? ('not_blocked' as const) : ('blocked' as const);
    const sight = { at, vantage, what, detail: blockedBy ?? '', n: null, captureId: null };
    if ((await rechecks.see(caseId, sight, {})) !== null) moved += 1;
  }
  return { rows: measurements.length, known, moved };
}
