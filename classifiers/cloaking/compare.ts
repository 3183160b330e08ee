/**
 * Whether an address shows visitors another page than it shows Kuzet: two or three readings in, a finding out. Pure.
 *
 *     same          it says the same, at the same site
 *     personalised  it differs as honest pages do: a language, a layout for telephones, a test, a greeting, news
 *     cloaked       another page altogether, and a riskier one: inspectors are shown a white page
 *     blocked       the visitor was held up (a challenge, a ban): nothing to compare, and nothing is solved
 *     error         the visitor got no page
 *
 * What honest pages change keeps something: a translation keeps the tags, the links and the prices; a layout for
 * telephones keeps the words or the links; a test keeps most of all. A white page keeps nothing, since it was made
 * to have nothing to do with the other. So `cloaked` takes three things at once: words, anchors and build (or
 * words in the very same language) that have nothing in common; a reading that is riskier; and a control, the
 * same question asked as Kuzet again, that does not vary by itself just as much.
 */
import type { Assessment } from '../../domain/assessment.ts';
import type { Finding } from '../../domain/cloak-check.ts';
import { siteOf } from '../../domain/url.ts';
import { CLEAR_TO } from '../assess.ts';
import { MOST, type Traits } from './traits.ts';

export interface Reading {
  readonly traits: Traits;
  readonly assessment: Pick<Assessment, 'verdict' | 'score' | 'lang' | 'signals'>;
}

/** How much two readings have in common, 0..1 each. */
export interface Likeness {
  readonly text: number;
  readonly structure: number;
  readonly anchors: number;
  /** Read at one registrable domain. */
  readonly isSameSite: boolean;
}

export interface Compared extends Likeness {
  readonly finding: Exclude<Finding, 'blocked' | 'error'>;
  /**
   * What the difference hangs on: the profile, since Kuzet is shown the first page again; or the number of the
   * visit, since Kuzet too is shown the other page now. Null for no cloaking.
   */
  readonly by: 'profile' | 'visit' | null;
}

/** From this much of its words on a page says the same. */
const SAME_TEXT = 0.7;
const OTHER_TEXT = 0.3;
const OTHER_ANCHORS = 0.25;
const OTHER_STRUCTURE = 0.6;
/** Sets smaller than this are part of almost anything by chance. */
const LEAST_CONTAINED = 8;
/** Log-odds by which the other page is riskier. */
const RISKIER = 1;

/**
 * @param base what Kuzet was shown.
 * @param variant what the visitor was shown.
 * @param control what Kuzet was shown after that; null when it was not asked: then nothing is `cloaked`.
 */
export function compareReadings(base: Reading, variant: Reading, control: Reading | null): Compared {
  const likeness = likenessOf(base.traits, variant.traits);
  if (likeness.text >= SAME_TEXT && likeness.isSameSite) return { ...likeness, finding: 'same', by: null };
  if (control === null || !isSuspect(base, variant))
    return { ...likeness, finding: 'personalised', by: null };
  const by = isOther(base, control) ? (isOther(control, variant) ? null : 'visit') : 'profile';
  return { ...likeness, finding: by === null ? 'personalised' : 'cloaked', by };
}

/** Whether a control is worth its request: the visitor was shown another page, and a riskier one. */
export function isSuspect(base: Reading, variant: Reading): boolean {
  return isOther(base, variant) && isRiskier(variant, base);
}

export function likenessOf(a: Traits, b: Traits): Likeness {
  return {
    text: shared(a.runs, b.runs),
    structure: jaccard(a.tags, b.tags),
    anchors: shared(a.anchors, b.anchors),
    isSameSite: siteAt(a.url) === siteAt(b.url),
  };
}

/** Another page altogether: nothing of the one is found in the other. */
export function isOther(a: Reading, b: Reading): boolean {
  const { text, structure, anchors } = likenessOf(a.traits, b.traits);
  if (text >= OTHER_TEXT || anchors >= OTHER_ANCHORS) return false;
  return structure < OTHER_STRUCTURE || a.assessment.lang === b.assessment.lang;
}

/**
 * A page with no sign of its own that cites a criterion is no riskier, however little it says and whatever its score: an age
 * gate, an offer of an app, repairs. What both bear, such as a name like a brand's, does not tell them apart.
 */
function isRiskier({ assessment: a }: Reading, { assessment: b }: Reading): boolean {
  const speaks = ({ criterion, contribution }: Assessment['signals'][number]) =>
    criterion !== 'none' && contribution > 0;
  const common = new Set(b.signals.filter(speaks).map(({ id }) => id));
  const hasSign = a.signals.some((it) => speaks(it) && !common.has(it.id));
  return (
    hasSign && a.verdict !== 'clear' && a.score > CLEAR_TO && logOdds(a.score) - logOdds(b.score) >= RISKIER
  );
}

function logOdds(score: number): number {
  const held = Math.max(1e-6, Math.min(1 - 1e-6, score));
  return Math.log(held / (1 - held));
}

function siteAt(url: string): string {
  return URL.canParse(url) ? siteOf(new URL(url).hostname) : url;
}

/** The larger of what both share of all, and of what the smaller has in the larger, if it is large enough to tell. */
function shared(a: readonly number[], b: readonly number[]): number {
  const { both, ofA, ofB, size } = meet(a, b);
  const least = Math.min(ofA, ofB);
  if (size === 0) return 1;
  return Math.max(both / size, least >= LEAST_CONTAINED ? both / least : 0);
}

function jaccard(a: readonly number[], b: readonly number[]): number {
  const { both, size } = meet(a, b);
  return size === 0 ? 1 : both / size;
}

/** Counts over two sorted samples, up to where both are known. */
function meet(a: readonly number[], b: readonly number[]) {
  const last = Math.min(lastKnown(a, b), lastKnown(b, a));
  let i = 0;
  let j = 0;
  let both = 0;
  while (i < a.length && j < b.length && a[i]! <= last && b[j]! <= last) {
    if (a[i] === b[j]) {
      both += 1;
      i += 1;
      j += 1;
    } else if (a[i]! < b[j]!) i += 1;
    else j += 1;
  }
  const ofA = a.filter((it) => it <= last).length;
  const ofB = b.filter((it) => it <= last).length;
  return { both, ofA, ofB, size: ofA + ofB - both };
}

/** A sample that was cut knows nothing beyond its own last number. */
function lastKnown(set: readonly number[], other: readonly number[]): number {
  const isCut = set.length >= MOST;
  return isCut ? set.at(-1)! : Math.max(set.at(-1) ?? 0, other.at(-1) ?? 0);
}
