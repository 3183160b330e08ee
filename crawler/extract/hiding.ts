/**
 * Which elements keep their text from a reader's sight, as far as the source itself says so: by inline style,
 * by a class or id that a `<style>` of the page hides, or by letters in the colour of what they stand on.
 *
 * A class counts only where its one rule stands by itself (`.q{display:none}`) and no other rule of the page
 * names it: one that is shown again by some state (`.tab.active`) is the page's furniture.
 */

type Attributes = Readonly<Record<string, string>>;

/** Declarations that hide; each is tried on its own. */
const HIDING: readonly RegExp[] = [
  /(?:^|;)\s*display\s*:\s*none\b/i,
  /(?:^|;)\s*visibility\s*:\s*(?:hidden|collapse)\b/i,
  /(?:^|;)\s*opacity\s*:\s*0?(?:\.0\d*)?%?\s*(?:;|!|$)/i,
  /(?:^|;)\s*font-size\s*:\s*(?:0|[01](?:\.\d+)?px|0?\.[01]\d*(?:em|rem)|[0-5]%)\w*\s*(?:;|!|$)/i,
  /(?:^|;)\s*text-indent\s*:\s*-\d{3,}/i,
  /(?:^|;)\s*(?:left|top|right|bottom|margin-(?:left|top))\s*:\s*-(?:9\d\d|\d{4,})px/i,
  /(?:^|;)\s*(?:left|top|right|bottom|margin-(?:left|top))\s*:\s*-\d{3,}(?:em|rem|vw|vh|%)/i,
  /(?:^|;)\s*transform\s*:\s*(?:scale\(\s*0\s*\)|translate[xy]?\(\s*-(?:9\d\d|\d{4,})(?:px|%))/i,
  /(?:^|;)\s*clip\s*:\s*rect\(\s*(?:0|1px)/i,
  /(?:^|;)\s*clip-path\s*:\s*inset\(\s*(?:50|100)%/i,
  /(?:^|;)\s*color\s*:\s*transparent\b/i,
];
const ZERO_SIZE = /(?:^|;)\s*(?:max-)?(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|!|$)/i;
const CLIPPED = /(?:^|;)\s*overflow\s*:\s*hidden\b/i;
const LONGEST_STYLE = 2_000;
const LONGEST_SHEET = 300_000;

/** Colour of what an element stands on, as its source says; null when it says nothing. */
export type Ground = readonly [red: number, green: number, blue: number] | null;

export interface Sight {
  readonly hides: boolean;
  readonly ground: Ground;
}

/** Of nearly every element: nothing is said of what it stands on. */
const IN_SIGHT: Sight = { hides: false, ground: null };
const HIDDEN: Sight = { hides: true, ground: null };

/** What one page hides; give it every `<style>` as it closes, then every element as it opens. */
export function hidingReader() {
  const names = new Set<string>();
  const shown = new Set<string>();
  let room = LONGEST_SHEET;
  return {
    sheet(css: string): void {
      const read = css.slice(0, room);
      room -= read.length;
      for (const [selectors, declarations] of topRules(read)) {
        const isHiding = hidesByStyle(declarations);
        for (const selector of selectors.split(',')) {
          const simple = /^\s*([.#][\w-]+)\s*$/.exec(selector);
          if (simple !== null && isHiding) names.add(simple[1]!);
          else for (const [name] of selector.matchAll(/[.#][\w-]+/g)) shown.add(name);
        }
      }
    },

    see(name: string, at: Attributes, under: Ground): Sight {
      const said = at['style'];
      const style = said === undefined ? '' : said.slice(0, LONGEST_STYLE);
      const ground = groundOf(style, at['bgcolor'] ?? '', under);
      const isHidden =
        at['hidden'] !== undefined ||
        (name === 'dialog' && at['open'] === undefined) ||
        (style !== '' && hidesByStyle(style)) ||
        (names.size > 0 && isNamed(at));
      if (ground === null) return isHidden ? HIDDEN : IN_SIGHT;
      if (isHidden) return { hides: true, ground };
      const ink = colourIn(style, INK) ?? (name === 'font' ? colour(at['color'] ?? '') : null);
      return { hides: ink?.every((it, i) => Math.abs(it - ground[i]!) <= 10) ?? false, ground };
    },
  };

  function isNamed(at: Attributes): boolean {
    const id = at['id'];
    if (id !== undefined && isHiding(`#${id}`)) return true;
    const classes = at['class'];
    if (classes === undefined) return false;
    return classes
      .slice(0, LONGEST_STYLE)
      .split(/\s+/)
      .some((it) => isHiding(`.${it}`));
  }

  function isHiding(name: string): boolean {
    return names.has(name) && !shown.has(name);
  }
}

function hidesByStyle(style: string): boolean {
  return HIDING.some((it) => it.test(style)) || (ZERO_SIZE.test(style) && CLIPPED.test(style));
}

/** Selectors and declarations of the rules of a sheet that stand in no `@media` or other block. */
function* topRules(css: string): Generator<readonly [selectors: string, declarations: string]> {
  let depth = 0;
  let from = 0;
  let open = 0;
  for (let at = 0; at < css.length; at += 1) {
    const letter = css[at];
    if (letter === '{') {
      if (depth === 0) open = at;
      depth += 1;
    } else if (letter === '}' && depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      const selectors = css.slice(from, open).trim();
      if (!selectors.startsWith('@'))
        yield [selectors, css.slice(open + 1, Math.min(at, open + LONGEST_STYLE))];
      from = at + 1;
    }
  }
}

const INK = /(?:^|;)\s*color\s*:\s*([^;!]{1,60})/i;
const GROUND = /(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]{1,60})/i;
const NAMED: Readonly<Record<string, Ground>> = {
  white: [255, 255, 255],
  black: [0, 0, 0],
  red: [255, 0, 0],
  yellow: [255, 255, 0],
  blue: [0, 0, 255],
  green: [0, 128, 0],
  gray: [128, 128, 128],
  snow: [255, 250, 250],
  ivory: [255, 255, 240],
};

/** A picture or a run of colours is a ground that nobody knows from the source. */
function groundOf(style: string, attribute: string, under: Ground): Ground {
  if (style === '' && attribute === '') return under;
  const said = GROUND.exec(style)?.[1] ?? attribute;
  return said === '' || /^\s*(?:transparent|none|inherit|unset|initial)\b/i.test(said) ? under : colour(said);
}

function colourIn(style: string, property: RegExp): Ground {
  const said = property.exec(style);
  return said === null ? null : colour(said[1]!);
}

function colour(said: string): Ground {
  const text = said.trim().toLowerCase();
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})\b/.exec(text)?.[1];
  if (hex !== undefined) {
    const wide = hex.length === 3 ? hex.replace(/./g, '$&$&') : hex;
    return [0, 2, 4].map((at) => Number.parseInt(wide.slice(at, at + 2), 16)) as unknown as Ground;
  }
  const rgb = /^rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)/.exec(text);
  if (rgb !== null) return [Number(rgb[1]), Number(rgb[2]), Number(rgb[3])];
  return NAMED[/^[a-z]+/.exec(text)?.[0] ?? ''] ?? null;
}
