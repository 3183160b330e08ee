/**
 * How long evidence is kept, and what keeps it longer.
 *
 *     never flagged   nobody was shown it
 *     closed          every case that it belongs to was dismissed
 *     referred        what left with it has come to an end
 *
 * A period only makes a capture due: two officers decide that it goes, the second one for each. Whatever its age,
 * nothing goes that is on hold, that a case still waits on, that stands referred or is on its way, or that somebody
 * objects to. All here is pure; rows are `store/retention.ts`, bytes go by `queues/retention.ts`.
 */
import type { CaseStateName } from './case.ts';
import type { PassageState } from './passage.ts';

export const RETENTION_KINDS = ['never_flagged', 'closed', 'referred'] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];
export type Periods = Readonly<Record<RetentionKind, number>>;

/** Days. Assumed: no order that we have seen names them; `KUZET_RETENTION` sets an agency's own. */
export const PERIODS: Periods = { never_flagged: 90, closed: 365, referred: 5 * 365 };

/** A capture and all that has a claim on it. */
export interface Claims {
  readonly capturedAt: Date;
  readonly isOnHold: boolean;
  readonly cases: readonly {
    readonly state: CaseStateName;
    /** Of the case, or of the last thing that became of its referral. */
    readonly lastAt: Date;
    /** Null for a case that never left. */
    readonly passage: PassageState | null;
    /** An objection waits to be judged. */
    readonly isAppealed: boolean;
  }[];
}

export type Keeper = 'hold' | 'undecided' | 'appealed' | 'on_its_way' | 'standing';

/** Nothing of the referral stands any more. */
const ENDED: ReadonlySet<PassageState> = new Set(['declined', 'withdrawn', 'resumed']);
/** The addressee has not said that it has it. */
const ON_ITS_WAY: ReadonlySet<PassageState> = new Set(['batched', 'handed_over', 'lost', 'returned']);

/** Why it may not go; empty when it may. */
export function keepersOf({ isOnHold, cases }: Claims): Keeper[] {
  const keepers = new Set<Keeper>();
  if (isOnHold) keepers.add('hold');
  for (const { state, passage, isAppealed } of cases) {
    if (isAppealed || passage === 'appealed') keepers.add('appealed');
    if (passage !== null && ON_ITS_WAY.has(passage)) keepers.add('on_its_way');
    else if (passage !== null && !ENDED.has(passage)) keepers.add('standing');
    else if (passage === null && state !== 'dismissed') keepers.add('undecided');
  }
  return [...keepers];
}

/** Since when it is due to go, and by which period; null while it is not. */
export function dueSince(
  claims: Claims,
  periods: Periods,
  now: Date,
): { readonly kind: RetentionKind; readonly since: Date } | null {
  if (keepersOf(claims).length > 0) return null;
  const { cases, capturedAt } = claims;
  const kind: RetentionKind =
    cases.length === 0
      ? 'never_flagged'
      : cases.some(({ passage }) => passage !== null)
        ? 'referred'
        : 'closed';
  const from = Math.max(capturedAt.getTime(), ...cases.map(({ lastAt }) => lastAt.getTime()));
  const since = new Date(from + periods[kind] * 24 * 3_600_000);
  return since <= now ? { kind, since } : null;
}

/** `never_flagged=30 closed=365`: the others stay as they are; null for what says no such thing. */
export function readPeriods(text: string): Periods | null {
  const periods: Record<RetentionKind, number> = { ...PERIODS };
  for (const pair of text.split(/[\s,]+/).filter((each) => each !== '')) {
    const [, name = '', days = ''] = /^([a-z_]+)=(\d{1,6})$/.exec(pair) ?? [];
    const kind = RETENTION_KINDS.find((each) => each === name);
    if (kind === undefined) return null;
    periods[kind] = Number(days);
  }
  return periods;
}
