/** A page that a gatekeeper stands before: what was read is the gatekeeper's, and says nothing of the page. */
import type { Assessment } from '../domain/assessment.ts';

const KEPT_OUT = 'a gatekeeper stands before it';

/** Nobody can say; an officer has to look. @param name as `crawler/challenge.ts` gives it. */
export function keptOut(it: Assessment, name: string): Assessment {
  return { ...it, verdict: 'abstain', abstainReason: `${KEPT_OUT} (${name}): an officer has to look` };
}

export function isKeptOut({ abstainReason }: Pick<Assessment, 'abstainReason'>): boolean {
  return abstainReason?.startsWith(KEPT_OUT) === true;
}
