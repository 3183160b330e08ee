/**
 * Looking again at what was referred, and what that says.
 *
 *     our own scan           up | changed | gone | moved | unreachable
 *     a probe in Kazakhstan  blocked | not_blocked     from outside a blocked site looks alive
 *
 * A sight alone decides nothing that a person should: content that is gone only proposes to lift the block.
 */
import { edge, type Passage, type PassageEventKind, type PassageState } from './passage.ts';

export const SIGHTS = ['up', 'changed', 'gone', 'moved', 'unreachable', 'blocked', 'not_blocked'] as const;
export type SightKind = (typeof SIGHTS)[number];

export interface Sight {
  readonly at: Date;
  /** `here` for our own scan, else the name of whoever measured. */
  readonly vantage: string;
  readonly what: SightKind;
  /** Plain words: a status, an address, how it was blocked. */
  readonly detail: string;
}

/** What one look of our own came to. */
export interface Look {
  /** Null when nothing answered. */
  readonly status: number | null;
  /** Null when nothing was captured. */
  readonly verdict: 'flag' | 'clear' | 'abstain' | null;
  /** It answered from another site, or as another account. */
  readonly hasMoved: boolean;
}

export function sightOf({ status, verdict, hasMoved }: Look): SightKind {
  if (status === null || status >= 500) return 'unreachable';
  if (status === 404 || status === 410) return 'gone';
  if (verdict === null) return 'unreachable';
  if (hasMoved) return 'moved';
  return verdict === 'flag' ? 'up' : 'changed';
}

/** Once may be chance: what cannot be reached twice running, by our own looks, is gone. */
function asSettled({ what }: Sight, earlier: readonly Sight[]): SightKind {
  const before = earlier.filter(({ vantage }) => vantage === 'here').at(-1);
  return what === 'unreachable' && before?.what === 'unreachable' ? 'gone' : what;
}

/** Events a sight may amount to, the first that follows from where the referral stands. */
const AMOUNTS_TO: Readonly<Record<SightKind, readonly PassageEventKind[]>> = {
  up: ['relapsed'],
  moved: ['relapsed'],
  changed: ['content_gone'],
  gone: ['content_gone', 'removed'],
  unreachable: [],
  blocked: ['restricted'],
  not_blocked: [],
};

/** Where being up again is news: what is blocked stays up for us, who look from outside. */
const IS_DOWN: ReadonlySet<PassageState> = new Set(['removed_at_source', 'content_gone', 'resume_proposed']);

/**
 * What a sight makes of a referral; null when it changes nothing.
 *
 * @param earlier oldest first.
 */
export function afterSight(
  passage: Pick<Passage, 'state'>,
  sight: Sight,
  earlier: readonly Sight[],
): PassageEventKind | null {
  const { state } = passage;
  const what = asSettled(sight, earlier);
  if (what === 'up' && !IS_DOWN.has(state)) return null;
  return AMOUNTS_TO[what].find((kind) => edge(state, kind) !== null) ?? null;
}
