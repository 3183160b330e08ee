/** Sources of scripts that stand in a page itself. */
const MOST_SCRIPTS = 100;
const LONGEST = 200_000;

/** In order; data blocks and templates are none. Linear in the source. */
export function inlineScripts(html: string): string[] {
  const scripts: string[] = [];
  const lower = html.toLowerCase();
  for (let at = lower.indexOf('<script'); at !== -1 && scripts.length < MOST_SCRIPTS; ) {
    const open = lower.indexOf('>', at);
    const close = open === -1 ? -1 : lower.indexOf('</script', open);
    if (close === -1) break;
    const attributes = lower.slice(at, open).slice(0, 1_000);
    if (!/\bsrc\s*=|application\/(?:ld\+)?json|\btext\/template\b/.test(attributes)) {
      scripts.push(html.slice(open + 1, close).slice(0, LONGEST));
    }
    at = lower.indexOf('<script', close);
  }
  return scripts;
}
