/**
 * How many pages of a site a visit photographs. An officer decides of a site by its riskiest pages, and a case goes out on one
 * picture; every page is captured as received all the same. A picture costs as much as a hundred pages fetched.
 *
 *     flagged     two of a site, one to go out on and one beside it, then one that is clearly riskier than all of them
 *     in doubt    one, and then the same: beside a page that is flagged, or as doubtful, it tells an officer nothing
 *     cleared     none; one that was photographed all the same counts for nothing
 */
import type { Assessment } from './assessment.ts';

/** What was photographed of one site on one visit. */
export interface SitePictures {
  /** Of pages that are flagged. */
  readonly flagged: number;
  /** Of pages that are neither flagged nor cleared. */
  readonly doubtful: number;
  /** Score of the riskiest of both, 0..1; 0 for none. */
  readonly riskiest: number;
}

export const NO_PICTURES: SitePictures = { flagged: 0, doubtful: 0, riskiest: 0 };

/** Flagged pages of one site. */
const ENOUGH_FLAGGED = 2;

/** Whether a page that is judged so needs no picture any more; not asked of one that is cleared. */
export function isPicturedEnough(
  { flagged, doubtful, riskiest }: SitePictures,
  { verdict, score }: Pick<Assessment, 'verdict' | 'score'>,
): boolean {
  const isEnough = verdict === 'flag' ? flagged >= ENOUGH_FLAGGED : flagged + doubtful > 0;
  return isEnough && !isClearlyRiskier(score, riskiest);
}

/** At most half of what was left to certainty is left: 0.98 beside 0.95, and never 0.999 beside 0.9981. */
function isClearlyRiskier(score: number, than: number): boolean {
  return 1 - score <= (1 - than) / 2 && score > than;
}

export function withPicture(
  known: SitePictures,
  { verdict, score }: Pick<Assessment, 'verdict' | 'score'>,
): SitePictures {
  if (verdict === 'clear') return known;
  const { flagged, doubtful, riskiest } = known;
  return {
    flagged: flagged + (verdict === 'flag' ? 1 : 0),
    doubtful: doubtful + (verdict === 'flag' ? 0 : 1),
    riskiest: Math.max(riskiest, score),
  };
}
