/**
 * What becomes of a referral once its batch is built: a row of events, and the state they lead to.
 *
 *     batched -> handed_over -> acknowledged -> prescription_issued -> restricted
 *                    |               |                  \-> partial, overdue -> restricted
 *                    |               \-> platform_notified -> removed_at_source | no_answer -> escalated
 *                    \-> returned, lost -> handed_over again, under the same id; duplicate_at_target, declined
 *     restricted, removed_at_source -> relapsed | content_gone -> resume_proposed -> resumed
 *     any that was handed over -> appealed -> upheld | overturned -> resume_requested -> resumed
 *     batched, lost, returned -> withdrawn
 *
 * Before that, `domain/case.ts` says how it comes into a batch. All here is pure; a log of events replayed gives
 * the same state, and an event that the table does not have is refused.
 */
import { type CaseId, isSameOfficer, type OfficerId, officerId } from './case.ts';

/** state -> event -> next state. What is not here does not happen. */
const EDGES = {
  batched: { handed_over: 'handed_over', withdrawn: 'withdrawn' },
  handed_over: {
    acknowledged: 'acknowledged',
    returned: 'returned',
    duplicate: 'duplicate_at_target',
    declined: 'declined',
    lost: 'lost',
    appealed: 'appealed',
  },
  lost: { handed_over: 'handed_over', withdrawn: 'withdrawn' },
  returned: { handed_over: 'handed_over', withdrawn: 'withdrawn' },
  duplicate_at_target: { appealed: 'appealed' },
  declined: {},
  acknowledged: {
    prescription: 'prescription_issued',
    platform_notified: 'platform_notified',
    declined: 'declined',
    removed: 'removed_at_source',
    restricted: 'restricted',
    appealed: 'appealed',
  },
  prescription_issued: {
    restricted: 'restricted',
    partial: 'partial',
    overdue: 'overdue',
    removed: 'removed_at_source',
    appealed: 'appealed',
  },
  partial: { restricted: 'restricted', removed: 'removed_at_source', appealed: 'appealed' },
  overdue: {
    restricted: 'restricted',
    partial: 'partial',
    removed: 'removed_at_source',
    appealed: 'appealed',
  },
  platform_notified: { removed: 'removed_at_source', no_answer: 'no_answer', appealed: 'appealed' },
  no_answer: { escalated: 'escalated', removed: 'removed_at_source', appealed: 'appealed' },
  escalated: { removed: 'removed_at_source', restricted: 'restricted', appealed: 'appealed' },
  removed_at_source: { relapsed: 'relapsed', appealed: 'appealed' },
  restricted: {
    relapsed: 'relapsed',
    content_gone: 'content_gone',
    resumed: 'resumed',
    appealed: 'appealed',
  },
  relapsed: { restricted: 'restricted', removed: 'removed_at_source', appealed: 'appealed' },
  content_gone: { resume_proposed: 'resume_proposed', relapsed: 'relapsed', appealed: 'appealed' },
  resume_proposed: { resumed: 'resumed', relapsed: 'relapsed', appealed: 'appealed' },
  appealed: { upheld: 'upheld', overturned: 'overturned' },
  upheld: { resumed: 'resumed', content_gone: 'content_gone', relapsed: 'relapsed' },
  overturned: { resume_requested: 'resume_requested' },
  resume_requested: { resumed: 'resumed' },
  resumed: {},
  withdrawn: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type PassageState = keyof typeof EDGES;
type EventsOf<State> = State extends PassageState ? keyof (typeof EDGES)[State] : never;
export type PassageEventKind = EventsOf<PassageState>;

export const PASSAGE_STATES = Object.keys(EDGES) as readonly PassageState[];
export const PASSAGE_EVENTS: readonly PassageEventKind[] = [
  ...new Set(Object.values(EDGES).flatMap((edges) => Object.keys(edges) as PassageEventKind[])),
];

/** Those that a person alone may bring about, by name; the others come from receipts and rechecks too. */
const BY_PEOPLE: ReadonlySet<PassageEventKind> = new Set([
  'handed_over',
  'withdrawn',
  'upheld',
  'overturned',
  'resume_proposed',
  'resume_requested',
  'escalated',
]);

export interface PassageEvent {
  readonly at: Date;
  /** A person's login, or `kuzet` for what a receipt or a recheck told. */
  readonly by: OfficerId;
  readonly kind: PassageEventKind;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Passage {
  readonly caseId: CaseId;
  /** Who decided the case: an appeal is judged by another. */
  readonly decidedBy: readonly OfficerId[];
  readonly state: PassageState;
  readonly events: readonly PassageEvent[];
}

export type PassageRefusal = 'no_such_edge' | 'no_officer' | 'same_officer' | 'no_reason';

/** An event that the rules do not have. The message names the way out. */
export class PassageRefusedError extends Error {
  override readonly name = 'PassageRefusedError';
  readonly facts: { readonly caseId: CaseId; readonly code: PassageRefusal };

  constructor(caseId: CaseId, code: PassageRefusal, why: string) {
    super(`Referral of ${caseId}: ${why}`);
    this.facts = { caseId, code };
  }
}

export function startPassage(caseId: CaseId, decidedBy: readonly OfficerId[]): Passage {
  return { caseId, decidedBy, state: 'batched', events: [] };
}

/** The state that an event leads to; null when the table has no such edge. */
export function edge(state: PassageState, kind: PassageEventKind): PassageState | null {
  const edges: Readonly<Partial<Record<PassageEventKind, PassageState>>> = EDGES[state];
  return edges[kind] ?? null;
}

/** @throws PassageRefusedError */
export function pass(it: Passage, event: PassageEvent): Passage {
  const to = edge(it.state, event.kind);
  if (to === null) {
    const allowed = Object.keys(EDGES[it.state]).join(', ');
    const why = `it is ${it.state}, and "${event.kind}" does not follow from that. What may: ${allowed === '' ? 'nothing, it has ended' : allowed}.`;
    throw new PassageRefusedError(it.caseId, 'no_such_edge', why);
  }
  const by = officerId(event.by);
  if (BY_PEOPLE.has(event.kind) && (by === '' || by === 'kuzet')) {
    throw new PassageRefusedError(
      it.caseId,
      'no_officer',
      `name the officer who says "${event.kind}" (--by OFFICER).`,
    );
  }
  if (event.kind === 'upheld' || event.kind === 'overturned') {
    if (it.decidedBy.some((officer) => isSameOfficer(officer, by))) {
      const why = `${by} decided the case, so another officer has to judge the appeal.`;
      throw new PassageRefusedError(it.caseId, 'same_officer', why);
    }
    if (String(event.facts['reason'] ?? '').trim() === '') {
      throw new PassageRefusedError(it.caseId, 'no_reason', 'say why in words (--reason TEXT).');
    }
  }
  return { ...it, state: to, events: [...it.events, { ...event, by }] };
}

/** The same log gives the same passage. @throws PassageRefusedError for a log that never was. */
export function replay(
  caseId: CaseId,
  decidedBy: readonly OfficerId[],
  events: readonly PassageEvent[],
): Passage {
  return events.reduce(pass, startPassage(caseId, decidedBy));
}

export type AppealVerdict = 'upheld' | 'overturned';

/**
 * What a judged appeal makes of a referral: of one that is out its verdict; of one that is still here, when the
 * decision was wrong, its withdrawal; of one that has ended nothing.
 *
 * @throws PassageRefusedError when the judge decided the case, or gives no reason.
 */
export function judgedAppeal(
  it: Passage,
  verdict: AppealVerdict,
  act: { readonly by: string; readonly reason: string; readonly at: Date },
): PassageEvent[] {
  const { at, reason } = act;
  const by = officerId(act.by);
  const open: Passage = { ...it, state: 'appealed' };
  // The rules of who may judge, and in what words, hold wherever the referral stands.
  pass(open, { at, by, kind: verdict, facts: { reason } });
  if (it.state === 'appealed') return [{ at, by, kind: verdict, facts: { reason } }];
  const isHere = edge(it.state, 'withdrawn') !== null;
  return verdict === 'overturned' && isHere ? [{ at, by, kind: 'withdrawn', facts: { reason } }] : [];
}

const HOUR = 3_600_000;

/**
 * What is late: an order carried out within 2 hours, a platform's answer within 24 (Law on Communications, art. 41-1,
 * and on online platforms, art. 9, as restated by OONI and IFKZ, 2024); a receipt within `receiptDays`.
 *
 * @returns the event that the delay amounts to; null while there is time, or nothing is waited for.
 */
export function lateEvent(it: Passage, now: Date, receiptDays = 7): PassageEventKind | null {
  const last = it.events.at(-1);
  if (last === undefined) return null;
  const hours = (now.getTime() - last.at.getTime()) / HOUR;
  if (it.state === 'prescription_issued' && hours > 2) return 'overdue';
  if (it.state === 'platform_notified' && hours > 24) return 'no_answer';
  if (it.state === 'handed_over' && hours > receiptDays * 24) return 'lost';
  return null;
}
