/** Sources of scripts that stand in a page itself. */
// Asked of the source as it is: most pages have few scripts, and a copy in lower case costs more than all that is done here.
const OPENS = /<script/gi;
const CLOSES = /<\/script/gi;

/**
 * In order; data blocks and templates are none. Linear in the source.
 *
 * @param most So many scripts.
 * @param longest So many letters of each.
 */
export function inlineScripts(html: string, most = 100, longest = 200_000): string[] {
  const scripts: string[] = [];
  for (let at = placeOf(OPENS, html, 0); at !== -1 && scripts.length < most; ) {
    const open = html.indexOf('>', at);
    const close = open === -1 ? -1 : placeOf(CLOSES, html, open);
    if (close === -1) break;
    const attributes = html.slice(at, open).slice(0, 1_000).toLowerCase();
    if (!/\bsrc\s*=|application\/(?:ld\+)?json|\btext\/template\b/.test(attributes)) {
      scripts.push(html.slice(open + 1, close).slice(0, longest));
    }
    at = placeOf(OPENS, html, close);
  }
  return scripts;
}

/** Where the next one begins; -1 for nowhere. */
function placeOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
