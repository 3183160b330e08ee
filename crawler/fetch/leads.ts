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
const MAY_LEAD = /http-equiv|location/i;
const NOSCRIPT = /<noscript\b[\s\S]*?(?:<\/noscript\s*>|$)/gi;

/** Null when the page stays, or may. */
export function leadOf(body: Buffer, contentType: string | null, from: URL): Lead | null {
  if (body.byteLength > MOST_BYTES || !MAY_LEAD.test(body.toString('latin1'))) return null;
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
const WINDOW = '(?:(?:window|self|top|parent|document)\\s*\\.\\s*){0,2}';
const LEAVES = new RegExp(
  `^${WINDOW}location\\s*(?:\\.\\s*href\\s*)?(?:=\\s*|\\.\\s*(?:replace|assign)\\s*\\(\\s*)(["'\`])([^"'\`\\\\\\s$]{1,2000})\\1\\s*\\)?\\s*;?$`,
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
