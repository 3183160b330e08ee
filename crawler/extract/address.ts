/**
 * Addresses of a page made whole, as `new URL(given, base)` does and, for the common forms, without it: a page holds
 * dozens, and most stand there as `new URL` would write them.
 */

const LABEL = '[a-z0-9]+(?:-[a-z0-9]+)*';
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** A name that is no punycode and does not end in a number, or an IPv4 address, each as it is written in the end. */
const HOST = `(?:(?:${LABEL}\\.)+[a-z]{2,24}|(?:${BYTE}\\.){3}${BYTE})`;
/** None that a scheme has by default. */
const PORT = '(?::(?!80\\b|443\\b)(?:[1-9]\\d{1,3}|[1-5]\\d{4}))?';
const PLAIN = "A-Za-z0-9_~!$&()*+,;=:@'-";
/** No part begins with a dot, written or encoded: `.` and `..` are steps. */
const PATH = `(?:/(?:(?:[${PLAIN}]|%(?!2[eE]))[${PLAIN}.%]*)?)+`;
/** An apostrophe is encoded in a query. */
const QUERY = '(?:\\?[A-Za-z0-9_~!$&()*+,;=:@./?%-]*)?';
const FRAGMENT = `#[${PLAIN}./?%]*`;
const WHOLE = new RegExp(`^https?://${HOST}${PORT}${PATH}${QUERY}(?:${FRAGMENT})?$`);
const FROM_ROOT = new RegExp(`^(?!//)${PATH}${QUERY}(?:${FRAGMENT})?$`);
const WITHIN = new RegExp(`^${FRAGMENT}$`);

/**
 * What `new URL(given, base).href` is for this base; null where that throws. Source: WHATWG URL, sections 3.5, 4.4
 * and 4.5.
 */
export function addressesFrom(base: string): (given: string) => string | null {
  const from = URL.canParse(base) ? new URL(base) : null;
  if (from === null) return () => null;
  const isWeb = from.protocol === 'http:' || from.protocol === 'https:';
  const root = isWeb && from.username === '' && from.password === '' ? from.origin : null;
  const page = from.href.slice(0, from.href.length - from.hash.length).replace(/#$/, '');
  return (given) => {
    const first = given.charCodeAt(0);
    if (first === SLASH) {
      if (root !== null && FROM_ROOT.test(given)) return root + given;
    } else if (first === HASH) {
      // An empty query is lost on the way: that is left to `new URL`.
      if (isWeb && !page.endsWith('?') && WITHIN.test(given)) return page + given;
    } else if (WHOLE.test(given)) {
      return given;
    }
    return parsed(given, base);
  };
}

function parsed(given: string, base: string): string | null {
  try {
    return new URL(given, base).href;
  } catch {
    return null;
  }
}

const SLASH = 47;
const HASH = 35;
