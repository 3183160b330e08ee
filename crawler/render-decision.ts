/**
 * Whether a page's bytes show what its reader sees, or a browser has to. A render costs over a hundred fetches.
 *
 *     bytes ─► needsRender ─┐
 *     verdict, hints ───────┼─► decideRender ─► shown, and why; or left plain, and why
 *     what pages like it ───┘
 *     showed: render-lesson
 */
import type { Assessment, Verdict } from '../domain/assessment.ts';
import type { PlainReason } from '../domain/capture.ts';
import type { Page } from '../domain/page.ts';
import {
  DOUBTED_SAMPLE,
  isInVain,
  type LessonKind,
  pretendsToBePlain,
  type RenderLesson,
  TRUSTED_SAMPLE,
} from '../domain/render-lesson.ts';
import type { RenderMode } from '../domain/source.ts';
import { bitsApart } from '../domain/text/simhash.ts';
import { isPacked } from './render/packed.ts';

/** What bytes say of themselves: they hold no page, one that scripts build, one that unpacks itself, one that leads on. */
export type RenderReason = 'empty_shell' | 'script_built' | 'packed' | 'client_redirect';

/** A page says more than this, or is no page. */
const LEAST_TEXT = 200;
/** With so few words and the fields of a form it is a page for filling in. */
const LEAST_TEXT_OF_FORM = 20;
/** An empty root says more of a page than a banner of so many characters beside it. */
const MOST_TEXT_BESIDE_ROOT = 1_000;
const APP_ROOT =
  /<(?:div|main|section)\b[^>]{0,200}\bid\s*=\s*["']?(?:root|app|__next|__nuxt|q-app|app-root)\b/i;
const EMPTY_ROOT =
  /<(div|main|section)\b[^>]{0,200}\bid\s*=\s*["']?(?:root|app|__next|__nuxt|q-app|app-root)["']?(?:\s[^>]{0,200})?>\s{0,200}<\/\1>|<app-root[^>]{0,200}>\s{0,200}<\/app-root>/i;
/** The page goes elsewhere by itself: by script, or by a meta refresh within seconds. */
const LEAVES = /\blocation(?:\.href)?\s*=\s*["'`]|\blocation\.(?:replace|assign)\s*\(/i;
const REFRESHES = /^\s*\d{1,2}\s*[;,]\s*url\s*=/i;
const REFRESHES_AT_ONCE = /^\s*[01]?(?:\.\d+)?\s*[;,]\s*url\s*=/i;
const ASKS_FOR_SCRIPTS =
  /(?:enable|turn on|requires?)\s+java\s?script|включит[еь]\s+java\s?script|javascript\s+(?:is\s+disabled|отключ[её]н)/i;
const LOADS_ITSELF = /\b(?:innerHTML|insertAdjacentHTML|createElement|document\.write|appendChild)\b/;
const MOST_READ = 200_000;

export type Bytes = Pick<Page, 'text' | 'html' | 'scripts' | 'metas' | 'forms'>;

/** The reason to render, or null when the bytes are enough. Looks at the first 200,000 characters. */
export function needsRender(page: Bytes): RenderReason | null {
  const html = page.html.slice(0, MOST_READ);
  const refresh = page.metas['refresh'] ?? '';
  const length = page.text.trim().length;
  if (isPacked(html)) return 'packed';
  if (length >= LEAST_TEXT) {
    if (REFRESHES_AT_ONCE.test(refresh)) return 'client_redirect';
    const isShell = length < MOST_TEXT_BESIDE_ROOT && page.scripts.length > 0 && EMPTY_ROOT.test(html);
    return isShell ? 'empty_shell' : null;
  }
  if (REFRESHES.test(refresh)) return 'client_redirect';
  // Whoever may fill it in reads it; that it goes on after that is no reason to look.
  if (length >= LEAST_TEXT_OF_FORM && hasFields(page)) return null;
  if (LEAVES.test(html)) return 'client_redirect';
  if (page.scripts.length === 0) return null;
  if (APP_ROOT.test(html)) return 'empty_shell';
  if (ASKS_FOR_SCRIPTS.test(html)) return 'script_built';
  const hasOutside = page.scripts.some((script) => script.src !== null);
  if (hasOutside || LOADS_ITSELF.test(html)) return length === 0 ? 'empty_shell' : 'script_built';
  return null;
}

const FILLED_IN: ReadonlySet<string> = new Set(['text', 'email', 'tel', 'password', 'number', 'textarea']);

function hasFields({ forms }: Pick<Page, 'forms'>): boolean {
  return forms.some(({ fields }) => fields.some(({ type }) => FILLED_IN.has(type)));
}

/** Whether a browser could show anything else at all. */
export function isActive({ scripts, frames }: Pick<Page, 'scripts' | 'frames'>): boolean {
  return scripts.length > 0 || frames.length > 0;
}

export interface RenderFacts {
  readonly mode: RenderMode;
  readonly hasBrowser: boolean;
  readonly needsRender: RenderReason | null;
  readonly isActive: boolean;
  readonly challenge: string | null;
  readonly verdict: Verdict;
  /** Why it may show something else to somebody else; such a page is never left out for what others like it showed. */
  readonly hints: readonly string[];
  readonly lesson: RenderLesson;
  /** 0 <= lot < 1, drawn anew for each page, so that no page can tell whether it will be looked at. */
  readonly lot: number;
  /** Of its site enough pages as risky were photographed on this visit. */
  readonly isPicturedEnough: boolean;
}

export type RenderDecision =
  | { readonly is: 'shown'; readonly why: string; readonly forText: boolean; readonly forPictures: boolean }
  /** `why` null: its bytes show it. */
  | { readonly is: 'plain'; readonly why: PlainReason | null };

/**
 * A page is shown when asked for, when an officer will want to see it, when its bytes do not show it and do not flag it
 * either, when pages like it only looked plain, and by lot.
 */
export function decideRender(facts: RenderFacts): RenderDecision {
  const { mode, needsRender: need, verdict, lot } = facts;
  const isEnough = need === null && verdict === 'clear';
  if (mode === 'never') return { is: 'plain', why: isEnough ? null : 'unwanted' };
  // A browser would be let through where we are not: that would be an answer to the challenge.
  if (facts.challenge !== null) return { is: 'plain', why: 'gatekeeper' };
  const toRead = reasonToRead(facts);
  if (!facts.hasBrowser) return { is: 'plain', why: isEnough ? null : 'no_browser' };
  if (mode === 'always') return { is: 'shown', why: 'asked', forText: false, forPictures: true };
  // What says too little to be judged is no evidence yet.
  const isEvidence = verdict === 'flag' || (verdict === 'abstain' && need === null);
  if (isEvidence && !facts.isPicturedEnough) {
    const forText = toRead !== null && verdict !== 'flag';
    return { is: 'shown', why: need ?? toRead ?? 'evidence', forText, forPictures: true };
  }
  // What its bytes flag is found: more words of it, on a site of which others were shown, find nothing.
  const mayHide = facts.hints.length > 0 || need === 'packed';
  const isFound = verdict === 'flag' && !mayHide;
  if (toRead !== null && !isFound) return { is: 'shown', why: toRead, forText: true, forPictures: true };
  if (isEvidence) return { is: 'plain', why: 'pictured_enough' };
  if (need !== null) return { is: 'plain', why: 'like_others' };
  const isDrawn = facts.isActive && lot < TRUSTED_SAMPLE;
  return isDrawn
    ? { is: 'shown', why: 'sample', forText: true, forPictures: true }
    : { is: 'plain', why: null };
}

function reasonToRead({ needsRender: need, hints, lesson, lot, isActive: may }: RenderFacts): string | null {
  if (need === null) return may && pretendsToBePlain(lesson) ? 'only_looks_plain' : null;
  const isLeft = hints.length === 0 && need !== 'packed' && isInVain(lesson);
  return isLeft && lot >= DOUBTED_SAMPLE ? null : need;
}

/** Which lesson a render of such a page teaches. */
export function lessonKind(need: RenderReason | null): LessonKind {
  return need === null ? 'trusted' : 'doubted';
}

/** What is compared of a page before and after its scripts ran. */
export interface Seen {
  /** Where it was in the end. */
  readonly url: string;
  readonly text: string;
  /** SimHash of its text. */
  readonly print: string;
  readonly links: readonly { readonly href: string }[];
  readonly listings: readonly unknown[];
  readonly assessment: Pick<Assessment, 'verdict'>;
}

const MORE_TEXT = 200;
const TEXT_GROWS = 1.5;
/** Of 64; two texts that have nothing in common differ in about 32. */
const OTHER_TEXT_BITS = 16;
const LEAST_COMPARED = 100;
const MORE_LINKS = 5;

/** Whether the browser showed what the bytes did not: another page, words, links, listings, a graver verdict. */
export function showedMore(bytes: Seen, seen: Seen): boolean {
  if (withoutHash(bytes.url) !== withoutHash(seen.url)) return true;
  if (GRAVITY[seen.assessment.verdict] > GRAVITY[bytes.assessment.verdict]) return true;
  if (seen.listings.length > bytes.listings.length) return true;
  const [before, after] = [bytes.text.length, seen.text.length];
  if (after >= before + MORE_TEXT && after >= before * TEXT_GROWS) return true;
  const isComparable = Math.min(before, after) >= LEAST_COMPARED;
  if (isComparable && bitsApart(bytes.print, seen.print) > OTHER_TEXT_BITS) return true;
  const known = new Set(bytes.links.map(({ href }) => href));
  const fresh = new Set(seen.links.flatMap(({ href }) => (known.has(href) ? [] : [href])));
  return fresh.size >= Math.max(MORE_LINKS, known.size / 4);
}

const GRAVITY: Readonly<Record<Verdict, number>> = { clear: 0, abstain: 1, flag: 2 };

function withoutHash(address: string): string {
  return address.replace(/#.*$/s, '');
}
