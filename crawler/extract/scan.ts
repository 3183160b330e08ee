/**
 * HTML source to tags and text in one pass over the characters: no tree, no states to step through one character
 * at a time, and nothing that grows faster than the source.
 *
 *     text ──'<'──► tag? ──name, attributes──► open ──► script, style, title … : their text to the end tag
 *       ▲             └─ comment, declaration, close ─┐
 *       └───────────────────────────────────────────────┘
 *
 * It says what htmlparser2 10.1 says (`Parser` with `decodeEntities`), event for event but for how text is cut into
 * pieces, and is some three times as fast; `test/crawler/extract/scan.test.ts` holds both side by side. So what
 * models learnt from pages read by htmlparser2 stays true. Where htmlparser2 departs from the HTML standard, so does
 * this: `</>` is text, `<tmp>` is raw text like `<xmp>`, a broken-off tag at the end is left out.
 *
 * Rare entities are decoded by htmlparser2 itself.
 */
import { Parser } from 'htmlparser2';

export type Attributes = Readonly<Record<string, string>>;

export interface ScanHandler {
  onopentag(name: string, attributes: Attributes): void;
  /** Also for elements that are never written closed, and at the end for all that are still open. */
  onclosetag(name: string): void;
  /** Entities decoded; one run of text may come in several pieces. */
  ontext(data: string): void;
}

export interface ScanLimits {
  /** Opening and closing tags; reading ends with the block of characters in which there were more. */
  readonly tags: number;
  /** Elements open at a time; one below that is closed as soon as it is opened. */
  readonly depth: number;
  /** Characters of a block. */
  readonly block: number;
}

const TAB = 9;
const LF = 10;
const FF = 12;
const CR = 13;
const SPACE = 32;
const BANG = 33;
const QUOTE = 34;
const APOSTROPHE = 39;
const DASH = 45;
const SLASH = 47;
const EQUALS = 61;
const GT = 62;
const QUESTION = 63;
const BRACKET = 91;

export function scan(source: string, handler: ScanHandler, limits: ScanLimits): void {
  const elements = elementStack(handler, limits.depth);
  let end = source.length;
  let tags = 0;
  /** Of the text not yet told. */
  let from = 0;
  let at = 0;

  while (at < end) {
    const open = source.indexOf('<', at);
    if (open === -1 || open + 1 >= end) break;
    const first = source.charCodeAt(open + 1);
    if (isLetter(first)) {
      tellText(open);
      at = readTag(open + 1);
    } else if (first === SLASH) {
      at = readClose(open);
    } else if (first === BANG) {
      tellText(open);
      at = readMarkup(open + 2);
    } else if (first === QUESTION) {
      tellText(open);
      at = skipTo('>', open + 2, open + 2);
    } else {
      at = open + 1;
    }
  }
  tellText(end);
  elements.closeAll();

  function tellText(to: number): void {
    if (to > from) handler.ontext(decodeText(source.slice(from, to)));
    from = to;
  }

  /** Past the next `mark`; what stands from `rest` on is text, as it stands, when there is none. */
  function skipTo(mark: string, search: number, rest: number): number {
    const found = source.indexOf(mark, search);
    if (found === -1 || found + mark.length > end) {
      if (rest < end) handler.ontext(source.slice(rest, end));
      return leaveOut();
    }
    from = found + mark.length;
    return from;
  }

  /** The source is over within a tag: the tag is left out. */
  function leaveOut(): number {
    from = end;
    return end;
  }

  /** The source is over after a `/` or behind a closing tag's name: its last character is text to htmlparser2. */
  function lastCharacter(): number {
    from = end - 1;
    return end;
  }

  function countTag(nameEnd: number): void {
    tags += 1;
    if (tags === limits.tags + 1)
      end = Math.min(end, (Math.floor(nameEnd / limits.block) + 1) * limits.block);
  }

  /** `at` is the first character behind `<!`. */
  function readMarkup(start: number): number {
    if (start >= end) return leaveOut();
    const first = source.charCodeAt(start);
    if (first === BRACKET) {
      let matched = 0;
      while (
        matched < CDATA.length &&
        start + 1 + matched < end &&
        source[start + 1 + matched] === CDATA[matched]
      ) {
        matched += 1;
      }
      const next = start + 1 + matched;
      if (matched === CDATA.length) return skipTo(']]>', next, end);
      return next >= end ? skipTo('>', end, start) : skipTo('>', next, start);
    }
    if (first === DASH) {
      if (start + 1 >= end) return skipTo('>', end, start);
      // The dashes that open a comment may close it too: `<!-->`.
      if (source.charCodeAt(start + 1) === DASH) return skipTo('-->', start, end);
      return skipTo('>', start + 2, start);
    }
    return skipTo('>', start + 1, start);
  }

  /** `open` is the `<` of `</`. */
  function readClose(open: number): number {
    let start = open + 2;
    while (start < end && isSpace(source.charCodeAt(start))) start += 1;
    if (start >= end) {
      tellText(open);
      return end;
    }
    const first = source.charCodeAt(start);
    if (first === GT) return start + 1;
    tellText(open);
    if (!isLetter(first)) return skipTo('>', start + 1, start);
    return closeAt(start);
  }

  /** A closing tag whose name starts at `start`. */
  function closeAt(start: number): number {
    let stop = start;
    while (stop < end && source.charCodeAt(stop) !== GT && !isSpace(source.charCodeAt(stop))) stop += 1;
    if (stop >= end) return leaveOut();
    countTag(stop);
    elements.close(nameIn(source, start, stop));
    const found = source.indexOf('>', stop);
    if (found === -1 || found >= end) return lastCharacter();
    from = found + 1;
    return from;
  }

  /** `start` is the first letter of the name. */
  function readTag(start: number): number {
    let stop = start + 1;
    while (stop < end && !isNameEnd(source.charCodeAt(stop))) stop += 1;
    const raw = rawNameOf(source, start, stop, end);
    if (stop >= end) {
      if (!raw.isPrefix) return leaveOut();
      from = start;
      return end;
    }
    countTag(stop);
    elements.open(nameIn(source, start, stop));
    const attributes: Record<string, string> = {};
    at = stop;
    for (;;) {
      while (at < end && isSpace(source.charCodeAt(at))) at += 1;
      if (at >= end) return leaveOut();
      const c = source.charCodeAt(at);
      if (c === GT) {
        elements.begin(attributes);
        from = at + 1;
        return raw.name === null ? from : readRaw(raw.name, from);
      }
      if (c === SLASH) {
        at += 1;
        while (at < end && isSpace(source.charCodeAt(at))) at += 1;
        if (at >= end) return lastCharacter();
        if (source.charCodeAt(at) !== GT) continue;
        elements.beginClosed(attributes);
        from = at + 1;
        return from;
      }
      if (!readAttribute(attributes)) return leaveOut();
    }
  }

  /** From `at`, its first character; false when the source is over within it. */
  function readAttribute(attributes: Record<string, string>): boolean {
    const nameStart = at;
    at += 1;
    while (at < end && source.charCodeAt(at) !== EQUALS && !isNameEnd(source.charCodeAt(at))) at += 1;
    const nameEnd = at;
    while (at < end && isSpace(source.charCodeAt(at))) at += 1;
    if (at >= end) return false;
    let value = '';
    if (source.charCodeAt(at) === EQUALS) {
      at += 1;
      while (at < end && isSpace(source.charCodeAt(at))) at += 1;
      if (at >= end) return false;
      const quote = source.charCodeAt(at);
      if (quote === QUOTE || quote === APOSTROPHE) {
        const close = source.indexOf(quote === QUOTE ? '"' : "'", at + 1);
        if (close === -1 || close >= end) return false;
        value = decodeValue(source.slice(at + 1, close), quote === QUOTE ? '"' : "'");
        at = close + 1;
      } else {
        const valueStart = at;
        while (at < end && source.charCodeAt(at) !== GT && !isSpace(source.charCodeAt(at))) at += 1;
        if (at >= end) return false;
        value = decodeValue(source.slice(valueStart, at), '');
      }
    }
    const name = nameIn(source, nameStart, nameEnd);
    if (!Object.hasOwn(attributes, name)) attributes[name] = value;
    return true;
  }

  /** Text of an element that ends with its own end tag only. */
  function readRaw(name: string, start: number): number {
    for (let search = start; ; search += 1) {
      search = source.indexOf('</', search);
      if (search === -1 || search + 2 + name.length >= end) {
        tellRaw(name, end);
        return end;
      }
      const after = source.charCodeAt(search + 2 + name.length);
      if (after !== GT && !isSpace(after)) continue;
      if (source.slice(search + 2, search + 2 + name.length).toLowerCase() !== name) continue;
      tellRaw(name, search);
      return closeAt(search + 2);
    }
  }

  function tellRaw(name: string, to: number): void {
    if (to > from) {
      const text = source.slice(from, to);
      handler.ontext(name === 'title' ? decodeTitle(text) : text);
    }
    from = to;
  }
}

/** Of known names; a power of two. */
const SLOTS = 512;

const CDATA = 'CDATA[';

/** Second letter of a name that starts with s, or with t or x -> the element whose text is raw. */
const RAW_S: Readonly<Record<string, string>> = { c: 'script', t: 'style' };
const RAW_T: Readonly<Record<string, string>> = { i: 'title', e: 'textarea', m: 'xmp' };

/**
 * The element whose end tag ends the text of the one named here; null for all others. The first letter is not
 * looked at a second time. `isPrefix`: the source ends while the name may still become one.
 */
function rawNameOf(
  source: string,
  start: number,
  stop: number,
  end: number,
): { readonly name: string | null; readonly isPrefix: boolean } {
  const first = source.charCodeAt(start) | 0x20;
  const seconds = first === 0x73 ? RAW_S : first === 0x74 || first === 0x78 ? RAW_T : null;
  if (seconds === null) return NOT_RAW;
  if (start + 1 >= end) return MAY_BE_RAW;
  const name = seconds[source[start + 1]!.toLowerCase()];
  if (name === undefined) return NOT_RAW;
  const rest = source.slice(start + 2, stop).toLowerCase();
  if (stop >= end) return name.startsWith(rest, 2) ? MAY_BE_RAW : NOT_RAW;
  return name.length === stop - start && name.endsWith(rest) ? RAW[name]! : NOT_RAW;
}

const NOT_RAW = { name: null, isPrefix: false } as const;
const MAY_BE_RAW = { name: null, isPrefix: true } as const;
const RAW: Readonly<Record<string, { readonly name: string; readonly isPrefix: boolean }>> =
  Object.fromEntries(
    [...Object.values(RAW_S), ...Object.values(RAW_T)].map((name) => [name, { name, isPrefix: false }]),
  );

/** Which elements are open, and which a tag closes unasked: the rules of htmlparser2's `Parser`. */
function elementStack(handler: ScanHandler, mostDepth: number) {
  const open: string[] = [];
  const foreign: boolean[] = [false];
  let name = '';
  let isVoid = false;

  function push(opened: string, isTooDeep: boolean): void {
    name = opened;
    const { closes, within, hasNoEnd } = ruleOf(opened);
    if (closes !== null) {
      while (open.length > 0 && closes.has(open.at(-1)!)) handler.onclosetag(open.pop()!);
    }
    isVoid = hasNoEnd || (isTooDeep && open.length >= mostDepth);
    if (isVoid) return;
    open.push(opened);
    if (within !== null) foreign.push(within === 'foreign');
  }

  function begin(attributes: Attributes): void {
    handler.onopentag(name, attributes);
    if (isVoid) handler.onclosetag(name);
  }

  function beginClosed(attributes: Attributes): void {
    begin(attributes);
    if (open.at(-1) !== name) return;
    handler.onclosetag(name);
    open.pop();
  }

  return {
    open: (opened: string) => push(opened, true),
    begin,
    /** A tag that closes itself does so inside SVG and MathML only. */
    beginClosed: (attributes: Attributes) => {
      if (foreign.at(-1) === true) beginClosed(attributes);
      else begin(attributes);
    },
    close(closed: string): void {
      const { within, hasNoEnd } = ruleOf(closed);
      if (within !== null) foreign.pop();
      if (hasNoEnd) {
        if (closed !== 'br') return;
        handler.onopentag('br', {});
        handler.onclosetag('br');
        return;
      }
      const place = open.lastIndexOf(closed);
      if (place >= 0) {
        while (open.length > place) handler.onclosetag(open.pop()!);
      } else if (closed === 'p') {
        push('p', false);
        beginClosed({});
      }
    },
    closeAll(): void {
      while (open.length > 0) handler.onclosetag(open.pop()!);
    },
  };
}

/** What htmlparser2 knows of an element by its name. */
interface Rule {
  /** Elements that end before one of this name opens. */
  readonly closes: ReadonlySet<string> | null;
  /** What stands within: SVG or MathML, or HTML again; null for what stands around it. */
  readonly within: 'foreign' | 'html' | null;
  readonly hasNoEnd: boolean;
}

const words = (text: string) => text.split(' ');
const FORM_PARTS = new Set(words('input option optgroup select button datalist textarea'));
const P = new Set(['p']);
const TABLE_SECTIONS = new Set(words('thead tbody'));
const TERMS = new Set(words('dd dt'));
const RUBY = new Set(words('rt rp'));

const CLOSES: readonly (readonly [names: string, closes: ReadonlySet<string>])[] = [
  ['tr', new Set(words('tr th td'))],
  ['th', new Set(['th'])],
  ['td', new Set(words('thead th td'))],
  ['body', new Set(words('head link script'))],
  ['li', new Set(['li'])],
  ['option', new Set(['option'])],
  ['optgroup', new Set(words('optgroup option'))],
  ['select input output button datalist textarea', FORM_PARTS],
  ['dd dt', TERMS],
  ['rt rp', RUBY],
  ['tbody tfoot', TABLE_SECTIONS],
  [
    'p h1 h2 h3 h4 h5 h6 address article aside blockquote details div dl fieldset figcaption figure footer form ' +
      'header hr main nav ol pre section table ul',
    P,
  ],
];
const NO_END =
  'area base basefont br col command embed frame hr img input isindex keygen link meta param source track wbr';

const NO_RULE: Rule = { closes: null, within: null, hasNoEnd: false };
const RULES: ReadonlyMap<string, Rule> = ruled();

/** All in one table: pages have hundreds of elements, and each is asked for at least twice. */
function ruled(): Map<string, Rule> {
  const rules = new Map<string, Rule>();
  const add = (names: string, part: Partial<Rule>) => {
    for (const name of words(names)) rules.set(name, { ...ruleIn(rules, name), ...part });
  };
  for (const [names, closes] of CLOSES) add(names, { closes });
  add(NO_END, { hasNoEnd: true });
  add('math svg', { within: 'foreign' });
  add('mi mo mn ms mtext annotation-xml foreignobject desc title', { within: 'html' });
  return rules;
}

function ruleOf(name: string): Rule {
  return ruleIn(RULES, name);
}

function ruleIn(rules: ReadonlyMap<string, Rule>, name: string): Rule {
  return rules.get(name) ?? NO_RULE;
}

/** Names of which pages are full, the commonest first: the one to find is taken from here and not cut out of the source. */
const NAMES: readonly (string | undefined)[] = slotted(
  'div a class href span li p img src id td alt style tr b br option title value strong ul input type name i script meta ' +
    'link rel content button label h3 h2 h4 h1 h5 h6 svg path d section table tbody thead th form small width height ' +
    'target data-id role aria-label aria-hidden placeholder for action method nav header footer main article aside em ' +
    'font center ol dl dt dd select textarea noscript iframe html head body base lang charset property http-equiv ' +
    'figure figcaption picture source video hr u s pre code g rect circle use fill viewbox xmlns stroke colspan ' +
    'rowspan align valign border color size bgcolor onclick tabindex loading data-src srcset media async defer',
);

function slotted(names: string): (string | undefined)[] {
  const slots = new Array<string | undefined>(SLOTS).fill(undefined);
  for (const name of names.split(' ')) slots[slotOf(name, 0, name.length)] ??= name;
  return slots;
}

/** In lower case. */
function nameIn(source: string, start: number, stop: number): string {
  const known = NAMES[slotOf(source, start, stop)];
  if (known !== undefined && known.length === stop - start && source.startsWith(known, start)) return known;
  return source.slice(start, stop).toLowerCase();
}

/** By length, first and last character of what stands there; `stop` is behind `start`. */
function slotOf(source: string, start: number, stop: number): number {
  return ((stop - start) * 37 + source.charCodeAt(start) * 5 + source.charCodeAt(stop - 1)) & (SLOTS - 1);
}

function isLetter(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
}

function isSpace(c: number): boolean {
  return c === SPACE || c === LF || c === TAB || c === FF || c === CR;
}

function isNameEnd(c: number): boolean {
  return c === SLASH || c === GT || isSpace(c);
}

/** Entities that make up nearly all of what pages hold; each is one and the same with a semicolon everywhere. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  laquo: '«',
  raquo: '»',
  mdash: '—',
  ndash: '–',
  hellip: '…',
  copy: '©',
  bull: '•',
  middot: '·',
  rarr: '→',
  larr: '←',
  times: '×',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
};
const COMMON = /&(?:#(\d{2,5})|([a-z]{2,6}));/g;

/** Null when there is an entity in it that only the whole table knows. */
function decodeCommon(text: string): string | null {
  let isWhole = true;
  let count = 0;
  const decoded = text.replace(COMMON, (entity, digits: string | undefined, name: string | undefined) => {
    count += 1;
    const code = digits === undefined ? 0 : Number(digits);
    // Codes 128 to 159 mean other characters, and halves of characters none (HTML, section 13.2.5.80).
    if ((code >= 32 && code < 127) || (code >= 160 && code < 0xd800)) return String.fromCharCode(code);
    const found = name === undefined || !Object.hasOwn(ENTITIES, name) ? undefined : ENTITIES[name];
    if (found === undefined) isWhole = false;
    return found ?? entity;
  });
  if (!isWhole) return null;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) count -= 1;
  return count === 0 ? decoded : null;
}

function decodeText(text: string): string {
  if (!text.includes('&')) return text;
  return decodeCommon(text) ?? byParser(text);
}

function decodeTitle(text: string): string {
  if (!text.includes('&')) return text;
  return (text.includes('<') ? null : decodeCommon(text)) ?? byParser(`<title>${text}`);
}

function decodeValue(value: string, quote: string): string {
  if (!value.includes('&')) return value;
  return decodeCommon(value) ?? valueByParser(value, quote);
}

function byParser(source: string): string {
  const parts: string[] = [];
  new Parser({ ontext: (data) => parts.push(data) }, { decodeEntities: true }).end(source);
  return parts.join('');
}

function valueByParser(value: string, quote: string): string {
  let found = '';
  const onopentag = (_name: string, { x }: Record<string, string>) => {
    found = x ?? '';
  };
  new Parser({ onopentag }, { decodeEntities: true }).end(`<a x=${quote}${value}${quote}>`);
  return found;
}
