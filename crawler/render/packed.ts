/**
 * Whether a page carries itself packed: an inline script that writes out, or runs, what stands in it as one long text
 * of codes. What such a page says to its reader is not in its bytes, however many other words stand there.
 */
import { inlineScripts } from '../../domain/inline-scripts.ts';

/** Base64, hexadecimal escapes, percent escapes with few letters between them, lists of character codes. */
const LONG_CODE =
  /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{400}|(?<!\\x[0-9a-f]{2})(?:\\x[0-9a-f]{2}){100}|(?<!\\u[0-9a-f]{4})(?:\\u[0-9a-f]{4}){67}|(?:%[0-9a-f]{2}[\w.~/-]{0,12}){60}|(?<!\d,\s?)(?:\d{2,5},\s?){100}/i;
const UNPACKS = /\b(?:atob|unescape|decodeURIComponent|fromCharCode|TextDecoder)\b/;
const SHOWS =
  /\bdocument\s*\.\s*(?:write|writeln|open)\s*\(|\binnerHTML\b|\bouterHTML\b|\beval\s*\(|\bnew\s+Function\s*\(|\bsrcdoc\b/;

/** Linear in the source. */
export function isPacked(html: string): boolean {
  return inlineScripts(html).some((code) => UNPACKS.test(code) && SHOWS.test(code) && LONG_CODE.test(code));
}
