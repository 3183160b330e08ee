/**
 * A cloak check: one address asked for again as other visitors, and how what they were shown differs from what Kuzet
 * was shown. Kept beside the first capture; it changes nothing of it.
 */
import type { ProfileName } from './visitor.ts';

export const FINDINGS = ['same', 'personalised', 'cloaked', 'blocked', 'error'] as const;
export type Finding = (typeof FINDINGS)[number];

/** Why a page was checked: a hint of its bytes, what was judged of it, or by lot. */
export type CheckReason =
  | 'flagged'
  | 'tests_visitor'
  | 'known_cloaker'
  | 'click_links'
  | 'behind_ad'
  | 'known_site'
  | 'sample';

export interface CloakCheck {
  /** The capture of what Kuzet itself was shown. */
  readonly captureId: string;
  readonly why: CheckReason;
  readonly at: Date;
  /** The gravest of its readings: `cloaked`, else `personalised`, `same`, `blocked`, `error`. */
  readonly finding: Finding;
  /** In the order asked; those that were not asked any more are missing. */
  readonly readings: readonly VisitorReading[];
}

/** What one visitor was shown. */
export interface VisitorReading {
  readonly profile: ProfileName;
  readonly finding: Finding;
  /** What this visitor was shown, where it is kept: cloaked, or another page that is not clear. */
  readonly captureId: string | null;
  /** Where it ended; null when no page came. */
  readonly finalUrl: string | null;
  /** 0..1 of words, build and anchors in common; null when no page came. */
  readonly text: number | null;
  readonly structure: number | null;
  readonly anchors: number | null;
  /** What a `cloaked` hangs on; null for others. */
  readonly by: 'profile' | 'visit' | null;
  /** Plain words where no page came; null otherwise. */
  readonly detail: string | null;
}

const GRAVEST: readonly Finding[] = ['cloaked', 'personalised', 'same', 'blocked', 'error'];

/** `error` for none at all. */
export function gravest(findings: readonly Finding[]): Finding {
  return GRAVEST.find((it) => findings.includes(it)) ?? 'error';
}
