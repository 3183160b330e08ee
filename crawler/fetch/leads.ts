/**
 * Where a page leads whoever opens it, when its bytes say so plainly: a page of next to no words whose only act is to
 * go on. Such a hop is followed like a redirect of HTTP, without a browser.
 *
 * Plainly means that nothing else can have a say in it: a meta refresh at once on a page without scripts, or one inline
 * script that is nothing but the one statement. Whatever asks who is there, waits, or builds its address is left to a
 * browser, and so is a page with words or fields of its own: its reader may be meant to read it.
 */

import { inlineScripts } from '../../domain/inline-scripts.ts';
import { decode } from '../extract/decode.ts';
import { readPage } from '../extract/page.ts';

export interface Lead {
  /** Absolute, http or https, without a user name or a fragment. */
  readonly url: URL;
  readonly how: 'refresh' | 'script';
}

/** Of a page that only leads on. */
const MOST_BYTES = 32_768;
const MOST_TEXT = 200;
const NOSCRIPT = /<noscript\b[\s\S]*?(?:<\/noscript\s*>|$)/gi;

/** Null when the page stays, or may. */
export function leadOf(body: Buffer, contentType: string | null, from: URL): Lead | null {
  if (body.byteLength > MOST_BYTES || !mayLead(body)) return null;
  // What stands in `noscript` is not for a browser's reader.
  const html = decode(body, contentType).html.replace(NOSCRIPT, '');
  const page = readPage(html, from.href);
  const isPage = page.text.length >= MOST_TEXT || page.frames.length > 0;
  const hasFields = page.forms.some(({ fields }) => fields.some(({ type }) => type !== 'hidden'));
  if (isPage || hasFields) return null;
  if (page.scripts.length === 0) {
    const address = refreshAtOnce(page.metas['refresh'] ?? '');
    return address === null ? null : lead(address, 'refresh', from);
  }
  const [script, ...more] = inlineScripts(html);
  if (page.scripts.length > 1 || script === undefined || more.length > 0) return null;
  if (page.metas['refresh'] !== undefined) return null;
  const address = onlyLeaves(script);
  return address === null ? null : lead(address, 'script', from);
}

/** What no page that leads on is without, in capitals or not. */
const MARKS = ['location', 'http-equiv'].map((mark) => Buffer.from(mark, 'latin1'));
/** Of the shortest mark: the others are found by their last so many letters. */
const WINDOW = 8;
/** Byte -> how far behind a window that ends with it the next one can end: all of it where no mark has the byte. */
const STEPS = stepsOf(MARKS);

function stepsOf(marks: readonly Buffer[]): Uint8Array {
  const steps = new Uint8Array(256).fill(WINDOW);
  for (const mark of marks) {
    for (const [at, letter] of mark.subarray(-WINDOW).entries()) {
      const isLetter = letter >= 0x61 && letter <= 0x7a;
      // 0 for a last letter: there the window itself is to be looked at.
      for (const it of isLetter ? [letter, letter - 0x20] : [letter])
        steps[it] = Math.min(steps[it]!, WINDOW - 1 - at);
    }
  }
  return steps;
}

/**
 * Whether a page holds a mark, read as ISO 8859-1; most pages do not, and are told so by every sixth of their bytes.
 * Source: R. N. Horspool, Practical fast searching in strings, 1980.
 */
export function mayLead(body: Uint8Array): boolean {
  for (let last = WINDOW - 1; last < body.length; ) {
    const step = STEPS[body[last]!]!;
    if (step > 0) {
      last += step;
      continue;
    }
    if (MARKS.some((mark) => standsAt(mark, body, last - mark.length + 1))) return true;
    last += 1;
  }
  return false;
}

function standsAt(mark: Uint8Array, body: Uint8Array, from: number): boolean {
  for (let at = 0; at < mark.length; at += 1) {
    const letter = body[from + at]!;
    const isCapital = letter >= 0x41 && letter <= 0x5a;
    if ((isCapital ? letter | 0x20 : letter) !== mark[at]) return false;
  }
  return true;
}

/** Source: HTML, "shared declarative refresh steps". At most a second of waiting. */
function refreshAtOnce(content: string): string | null {
  const [, address] =
    /^\s*[01]?(?:\.\d*)?\s*(?:[;,]\s*|\s)(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|(\S.*))/i
      .exec(content)
      ?.filter((it) => it !== undefined) ?? [];
  return address?.trim() || null;
}

const BEFORE = /^(?:\s|<!--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/;
/** A comment has a line of its own: two slashes may stand in the address. */
const AFTER = /(?:\n\s*(?:\/\/[^\n]*|-->[^\n]*)|\s)+$/;
const NAMED = '(?:(?:window|self|top|parent|document)\\s*\\.\\s*){0,2}';
const LEAVES = new RegExp(
  `^${NAMED}location\\s*(?:\\.\\s*href\\s*)?(?:=\\s*|\\.\\s*(?:replace|assign)\\s*\\(\\s*)(["'\`])([^"'\`\\\\\\s$]{1,2000})\\1\\s*\\)?\\s*;?$`,
);

/** The address that a script sends its window to, when it does nothing else. */
function onlyLeaves(script: string): string | null {
  return LEAVES.exec(script.slice(0, 5_000).replace(BEFORE, '').replace(AFTER, ''))?.[2] ?? null;
}

function lead(address: string, how: Lead['how'], from: URL): Lead | null {
  if (!URL.canParse(address, from.href)) return null;
  const url = new URL(address, from);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '') return null;
  url.hash = '';
  // A page that loads itself again is the page.
  return url.href === from.href ? null : { url, how };
}
