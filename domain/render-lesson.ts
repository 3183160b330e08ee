/**
 * What was learned of pages like one (same host, same shape of address): whether a browser shows more of them than
 * their bytes do. A render costs over a hundred fetches, so what never helped is asked for by lot alone; and what was
 * taken for plain is shown by lot too, so that no site stays unseen by looking plain.
 *
 *     doubted   bytes alone seemed too little to read: shown, until showing it never helps
 *     trusted   bytes alone seemed enough: shown by lot, or as evidence; once that helps, all like it are shown
 */

/** 0 <= helped <= shown. */
export interface Tally {
  readonly shown: number;
  readonly helped: number;
}

export interface RenderLesson {
  readonly doubted: Tally;
  readonly trusted: Tally;
}

export type LessonKind = keyof RenderLesson;

export const NO_LESSON: RenderLesson = {
  doubted: { shown: 0, helped: 0 },
  trusted: { shown: 0, helped: 0 },
};

/** So many count; with more of them both numbers are halved, so that what a site was like long ago fades. */
export const MOST_REMEMBERED = 64;
/** Renders in which nothing more was seen before pages like it are left to their bytes. */
const ENOUGH_IN_VAIN = 3;
/** Shares of renders that helped. */
const RARELY = 0.05;
const OFTEN = 0.2;
/** Of pages that are left to their bytes because others like them were, so many are shown all the same. */
export const DOUBTED_SAMPLE = 0.1;
/** And of those whose bytes seem enough. */
export const TRUSTED_SAMPLE = 0.02;

/** Pages like it were doubted, and showing them did not help. */
export function isInVain({ doubted: { shown, helped } }: RenderLesson): boolean {
  return shown >= ENOUGH_IN_VAIN && helped < shown * RARELY;
}

/** Pages like it only look plain. */
export function pretendsToBePlain({ trusted: { shown, helped } }: RenderLesson): boolean {
  return helped > 0 && helped >= shown * OFTEN;
}

export function afterShowing({ shown, helped }: Tally, hasHelped: boolean): Tally {
  const kept = shown >= MOST_REMEMBERED ? { shown: shown >> 1, helped: helped >> 1 } : { shown, helped };
  return { shown: kept.shown + 1, helped: kept.helped + (hasHelped ? 1 : 0) };
}
