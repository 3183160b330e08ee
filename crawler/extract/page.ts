/**
 * Source text to `Page`: one pass of `scan.ts`, no tree, so that the same text always gives the same page.
 *
 * Every dimension is bounded (see `LIMITS`), time grows linearly with the text, and nothing is thrown:
 * whatever a hostile page holds, what could be read comes back. Text that a reader does not meet is left
 * out (scripts, styles, `noscript`, `template`, the closed options of a `select`) or goes to `hiddenText`
 * (`hiding.ts`: the `hidden` attribute, styles, a closed `dialog`). `aria-hidden` alone hides nothing: only
 * screen readers obey it, and a page could blind us with it.
 *
 * Fields outside any form make one form of their own at the end, since pages built by scripts rarely have
 * a `form`. Where the page's address is not known, relative addresses hang on `UNKNOWN_BASE`.
 */
import type { Field, Form, Image, Link, Page, Script } from '../../domain/page.ts';
import { addressesFrom } from './address.ts';
import { readContacts } from './contacts.ts';
import { type Ground, hidingReader } from './hiding.ts';
import { type Attributes, type ScanHandler, scan } from './scan.ts';
import { findWallets } from './wallets.ts';

/** Stands in for the address of a page of which only the bytes are known (`.invalid`: RFC 6761). */
export const UNKNOWN_BASE = 'http://unknown.invalid/';

const LIMITS = {
  html: 2_000_000,
  text: 200_000,
  /** Opening and closing tags read; what follows is not. */
  tags: 400_000,
  block: 32_768,
  /** Elements below this depth are read as if they had no content of their own to close. */
  depth: 256,
  links: 5_000,
  forms: 200,
  fields: 1_000,
  scripts: 2_000,
  images: 2_000,
  frames: 200,
  metas: 300,
  /** Characters of one title, link text, label, button or alternative text. */
  words: 1_000,
  metaContent: 4_000,
  address: 4_096,
  structuredBlocks: 100,
  structuredLength: 500_000,
  structuredDepth: 64,
} as const;

/**
 * @param html decoded source; only the first 2,000,000 characters are read and kept.
 * @param url where it was read, after redirects; '' when not known.
 */
export function readPage(html: string, url: string): Page {
  const source = html.length > LIMITS.html ? html.slice(0, LIMITS.html) : html;
  const reader = pageReader(url);
  scan(source, reader, LIMITS);
  return reader.page(source);
}

interface PageReader extends ScanHandler {
  page(html: string): Page;
}

/** What an element does to the text around and within it. */
interface Manner {
  /** What stands before and after it: a new line, a space, or nothing. */
  readonly apart: 'line' | 'space' | null;
  /** What stands inside is never text of the page. */
  readonly unread: boolean;
}

const BLOCKS =
  'address article aside blockquote body br button caption center dd details dialog div dl dt fieldset ' +
  'figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html iframe legend li main menu nav ol p pre ' +
  'section select summary table tbody textarea tfoot thead tr ul option optgroup title';
/** Side by side on one line, but never one word. */
const CELLS = 'td th input label img';
const UNREAD = 'script style noscript template select iframe noframes head';

const PLAIN: Manner = { apart: null, unread: false };
/** One table, asked once an element. */
const MANNERS: ReadonlyMap<string, Manner> = manners();

function manners(): Map<string, Manner> {
  const all = new Map<string, Manner>();
  const add = (names: string, part: Partial<Manner>) => {
    for (const name of names.split(' ')) all.set(name, { ...(all.get(name) ?? PLAIN), ...part });
  };
  add(BLOCKS, { apart: 'line' });
  add(CELLS, { apart: 'space' });
  add(UNREAD, { unread: true });
  return all;
}

/** Form fields that are buttons. */
const BUTTON_TYPES = new Set(['submit', 'button', 'image', 'reset']);

interface OpenElement {
  readonly manner: Manner;
  readonly hides: boolean;
  readonly ground: Ground;
}

interface OpenForm {
  readonly action: string;
  readonly method: 'get' | 'post';
  readonly fields: OpenField[];
  readonly buttons: string[];
}

interface OpenField {
  readonly name: string;
  readonly type: string;
  readonly autocomplete: string;
  readonly id: string;
  readonly labels: string[];
}

function pageReader(url: string): PageReader {
  let base = url === '' ? UNKNOWN_BASE : url;
  let hasBase = false;
  const open: OpenElement[] = [];
  let hidden = 0;
  let unread = 0;
  let preformatted = 0;
  let svg = 0;
  const hiding = hidingReader();
  let sheet: string[] | null = null;

  let declaredLang: string | null = null;
  const seen = textSink(LIMITS.text);
  const unseen = textSink(LIMITS.text);
  let title: TextSink | null = null;
  let isInTitle = false;
  const metas = new Map<string, string>();
  const links: Link[] = [];
  const forms: OpenForm[] = [];
  const loose: OpenForm = { action: '', method: 'get', fields: [], buttons: [] };
  const scripts: Script[] = [];
  const images: Image[] = [];
  const frames: string[] = [];
  const structured: unknown[] = [];
  const labelsById = new Map<string, string>();
  let fieldCount = 0;

  let link: { readonly href: string; readonly rel: string; readonly text: TextSink; alt: string } | null =
    null;
  let form: OpenForm | null = null;
  let button: TextSink | null = null;
  let label: { readonly forId: string; readonly text: TextSink; readonly fields: OpenField[] } | null = null;
  let script: { src: string | null; length: number; json: string[] | null } | null = null;

  let resolve: ReturnType<typeof addressesFrom> | null = null;

  function absolute(href: string | undefined): string | null {
    if (href === undefined) return null;
    resolve ??= addressesFrom(base);
    return resolveAddress(href, resolve);
  }

  function closeLink(): void {
    if (link === null) return;
    links.push({ href: link.href, text: link.text.read() || link.alt, rel: link.rel });
    link = null;
  }

  function closeButton(): void {
    if (button === null) return;
    addButton(button.read());
    button = null;
  }

  function addButton(words: string): void {
    const owner = form ?? loose;
    if (words !== '' && owner.buttons.length < 100) owner.buttons.push(words);
  }

  function closeLabel(): void {
    if (label === null) return;
    const words = label.text.read();
    if (words !== '') {
      for (const field of label.fields) field.labels.push(words);
      if (label.forId !== '' && labelsById.size < LIMITS.fields) labelsById.set(label.forId, words);
    }
    label = null;
  }

  function addField(type: string, at: Attributes): void {
    fieldCount += 1;
    if (fieldCount > LIMITS.fields) return;
    const field: OpenField = {
      name: cut(at['name'] ?? '', 200),
      type,
      autocomplete: cut((at['autocomplete'] ?? '').toLowerCase(), 100),
      id: at['id'] ?? '',
      labels: [at['placeholder'], at['aria-label']].flatMap((words) => {
        const said = oneLine(words ?? '');
        return said === '' ? [] : [said];
      }),
    };
    (form ?? loose).fields.push(field);
    if (label !== null) label.fields.push(field);
  }

  function begin(name: string, at: Attributes): void {
    switch (name) {
      case 'html':
        declaredLang ??= at['lang'] === undefined ? null : cut(at['lang'].trim().toLowerCase(), 40) || null;
        break;
      case 'base':
        if (!hasBase && at['href'] !== undefined) {
          const given = absolute(at['href']);
          if (given !== null && /^https?:/.test(given)) {
            base = given;
            resolve = null;
            hasBase = true;
          }
        }
        break;
      case 'title':
        if (svg === 0 && title === null) {
          title = textSink(LIMITS.words);
          isInTitle = true;
        }
        break;
      case 'meta': {
        const key = (at['name'] ?? at['property'] ?? at['http-equiv'] ?? '').trim().toLowerCase();
        if (key !== '' && at['content'] !== undefined && !metas.has(key) && metas.size < LIMITS.metas) {
          metas.set(cut(key, 200), cut(at['content'].trim(), LIMITS.metaContent));
        }
        break;
      }
      case 'a':
      case 'area': {
        closeLink();
        const href = links.length < LIMITS.links ? absolute(at['href']) : null;
        if (href !== null) {
          const alt = oneLine(at['aria-label'] ?? at['title'] ?? at['alt'] ?? '');
          link = {
            href,
            rel: cut((at['rel'] ?? '').trim().toLowerCase(), 100),
            text: textSink(LIMITS.words),
            alt,
          };
          if (name === 'area') closeLink();
        }
        break;
      }
      case 'img': {
        const src = absolute(shortData(at['src'] ?? at['data-src']));
        const alt = oneLine(at['alt'] ?? '');
        if (src !== null && images.length < LIMITS.images) images.push({ src, alt });
        if (link !== null && link.alt === '') link.alt = alt;
        break;
      }
      case 'script': {
        const type = (at['type'] ?? '').trim().toLowerCase();
        const isJson = type === 'application/ld+json' && structured.length < LIMITS.structuredBlocks;
        script = { src: absolute(shortData(at['src'])), length: 0, json: isJson ? [] : null };
        break;
      }
      case 'iframe':
      case 'frame':
      case 'embed': {
        const src = absolute(shortData(at['src']));
        if (src !== null && frames.length < LIMITS.frames) frames.push(src);
        break;
      }
      case 'object': {
        const src = absolute(shortData(at['data']));
        if (src !== null && frames.length < LIMITS.frames) frames.push(src);
        break;
      }
      case 'form':
        if (forms.length < LIMITS.forms) {
          const isPost = (at['method'] ?? '').trim().toLowerCase() === 'post';
          const action =
            at['action'] === undefined || at['action'].trim() === '' ? null : absolute(at['action']);
          form = { action: action ?? '', method: isPost ? 'post' : 'get', fields: [], buttons: [] };
          forms.push(form);
        }
        break;
      case 'input': {
        const type = cut((at['type'] ?? 'text').trim().toLowerCase(), 40) || 'text';
        if (BUTTON_TYPES.has(type)) addButton(oneLine(at['value'] ?? at['alt'] ?? at['aria-label'] ?? ''));
        else addField(type, at);
        break;
      }
      case 'select':
      case 'textarea':
        addField(name, at);
        break;
      case 'button':
        closeButton();
        button = textSink(LIMITS.words);
        break;
      case 'label':
        closeLabel();
        label = { forId: at['for'] ?? '', text: textSink(LIMITS.words), fields: [] };
        break;
    }
  }

  function finish(name: string): void {
    switch (name) {
      case 'title':
        if (svg === 0) isInTitle = false;
        break;
      case 'a':
        closeLink();
        break;
      case 'button':
        closeButton();
        break;
      case 'label':
        closeLabel();
        break;
      case 'form':
        closeButton();
        form = null;
        break;
      case 'script':
        if (script !== null) {
          if (scripts.length < LIMITS.scripts) scripts.push({ src: script.src, inlineLength: script.length });
          if (script.json !== null) {
            const block = parseStructured(script.json.join(''));
            if (block !== undefined) structured.push(block);
          }
          script = null;
        }
        break;
    }
  }

  function gap({ apart }: Manner): void {
    if (apart === 'line') {
      seen.breakLine();
      unseen.breakLine();
      link?.text.add(' ');
      button?.add(' ');
      label?.text.add(' ');
    } else if (apart === 'space') {
      seen.add(' ');
      unseen.add(' ');
    }
  }

  return {
    onopentag(name, attributes) {
      const manner = MANNERS.get(name) ?? PLAIN;
      gap(manner);
      const { hides, ground } = hiding.see(name, attributes, open.at(-1)?.ground ?? null);
      open.push({ manner, hides, ground });
      if (hides) hidden += 1;
      if (manner.unread) unread += 1;
      if (name === 'pre') preformatted += 1;
      if (name === 'svg') svg += 1;
      if (name === 'style') sheet = [];
      begin(name, attributes);
    },

    onclosetag(name) {
      const element = open.pop();
      if (element === undefined) return;
      const { manner, hides } = element;
      if (hides) hidden -= 1;
      if (manner.unread) unread -= 1;
      if (name === 'style' && sheet !== null) {
        hiding.sheet(sheet.join(''));
        sheet = null;
      }
      if (name === 'pre') preformatted -= 1;
      finish(name);
      if (name === 'svg') svg -= 1;
      gap(manner);
    },

    ontext(data) {
      if (isInTitle) {
        title?.add(data);
        return;
      }
      if (script !== null) {
        script.length += data.length;
        if (script.json !== null && script.length <= LIMITS.structuredLength) script.json.push(data);
        return;
      }
      if (sheet !== null) sheet.push(data);
      if (unread > 0) return;
      const sink = hidden > 0 ? unseen : seen;
      sink.add(data, preformatted > 0);
      link?.text.add(data);
      button?.add(data);
      label?.text.add(data);
    },

    page(html) {
      closeLink();
      closeButton();
      closeLabel();
      const text = seen.read();
      const hiddenText = unseen.read();
      const own = url === '' ? UNKNOWN_BASE : url;
      const named = oneLine(title?.read() ?? '');
      return {
        url,
        declaredLang,
        title: named === '' ? oneLine(metas.get('og:title') ?? '') : named,
        description: oneLine(
          metas.get('description') || (metas.get('og:description') ?? ''),
          LIMITS.metaContent,
        ),
        text,
        hiddenText,
        html,
        links,
        forms: readForms(forms, loose, labelsById, own),
        scripts,
        images,
        frames,
        metas: Object.fromEntries(metas),
        structured,
        contacts: readContacts(hiddenText === '' ? text : `${text}\n${hiddenText}`, links),
        wallets: findWallets(html),
      };
    },
  };
}

function readForms(
  forms: readonly OpenForm[],
  loose: OpenForm,
  labelsById: ReadonlyMap<string, string>,
  own: string,
): Form[] {
  const hasLoose = loose.fields.some((field) => field.type !== 'hidden');
  return [...forms, ...(hasLoose ? [loose] : [])].map(({ action, method, fields, buttons }) => ({
    action: action === '' ? own : action,
    method,
    fields: fields.map((field): Field => {
      const byId = labelsById.get(field.id);
      const labels = field.id !== '' && byId !== undefined ? [byId, ...field.labels] : field.labels;
      return {
        name: field.name,
        type: field.type,
        label: cut([...new Set(labels)].join(' '), LIMITS.words),
        autocomplete: field.autocomplete,
      };
    }),
    buttons,
  }));
}

interface TextSink {
  add(data: string, keepLines?: boolean): void;
  breakLine(): void;
  read(): string;
}

/** Gathers text up to `most` characters: white space collapsed, no empty lines, none at the ends. */
function textSink(most: number): TextSink {
  const pieces: string[] = [];
  let length = 0;
  let pending: '' | ' ' | '\n' = '';

  function put(words: string): void {
    if (length >= most) return;
    const room = most - length;
    const kept = words.length > room ? wholeCharacters(words, room) : words;
    pieces.push(kept);
    length += kept.length;
  }

  function addRun(run: string): void {
    if (run === '') return;
    const words = oneSpaced(run);
    const first = words.startsWith(' ') ? 1 : 0;
    const last = words.length - (words.length > first && words.endsWith(' ') ? 1 : 0);
    if (first === 1 && pending === '') pending = ' ';
    if (last > first) {
      if (pending !== '' && length > 0) put(pending);
      pending = '';
      put(words.slice(first, last));
      if (last < words.length) pending = ' ';
    }
  }

  return {
    add(data, keepLines = false) {
      if (length >= most) return;
      if (!keepLines) {
        addRun(data);
        return;
      }
      data.split(/\r\n?|\n/).forEach((line, at) => {
        if (at > 0) pending = '\n';
        addRun(line);
      });
    },
    breakLine() {
      pending = '\n';
    },
    read: () => pieces.join('').trim(),
  };
}

/** Runs of white space as one space. A byte order mark within a text is white space to JavaScript, and to no reader. */
function oneSpaced(text: string): string {
  if (isCollapsed(text)) return text;
  return text.replace(/\ufeff/g, '').replace(/\s+/g, ' ');
}

/** Whether all its white space is single spaces, as in most runs of most pages. */
function isCollapsed(run: string): boolean {
  let wasSpace = false;
  for (let at = 0; at < run.length; at += 1) {
    const code = run.charCodeAt(at);
    const isSpace = code === 0x20;
    if (isSpace && wasSpace) return false;
    wasSpace = isSpace;
    // What else `\s` means: tab to carriage return, no-break space, and a few from U+1680 on.
    if ((code >= 9 && code <= 13) || code === 0xa0) return false;
    if (code >= 0x1680 && /\s/.test(run[at]!)) return false;
  }
  return true;
}

function oneLine(text: string, most: number = LIMITS.words): string {
  return cut(oneSpaced(text.slice(0, most * 4)).trim(), most);
}

function cut(text: string, most: number): string {
  return text.length > most ? wholeCharacters(text, most) : text;
}

/** The first `most` UTF-16 units, one less where that would split a character in two. */
function wholeCharacters(text: string, most: number): string {
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}

/** An address a browser could go to; null for none, a broken one or script. */
function resolveAddress(href: string, resolve: ReturnType<typeof addressesFrom>): string | null {
  const given = href.trim();
  if (given.length > LIMITS.address || /^(?:javascript|vbscript|about|blob):/i.test(given)) return null;
  const resolved = resolve(given);
  return resolved === null || resolved.length > LIMITS.address ? null : resolved;
}

/** `data:image/png;base64,AAAA…` without what it carries. */
function shortData(src: string | undefined): string | undefined {
  return src !== undefined && /^\s*data:/i.test(src) ? src.slice(0, 200).replace(/,.*$/s, ',') : src;
}

/** undefined for what is no JSON, or is nested deeper than a later reader should have to follow. */
function parseStructured(source: string): unknown {
  const json = source
    .trim()
    .replace(/^(?:<!--|\/\/\s*<!\[CDATA\[|<!\[CDATA\[)/, '')
    .replace(/(?:-->|\/\/\s*\]\]>|\]\]>)$/, '');
  if (json === '' || json.length > LIMITS.structuredLength || isDeep(json)) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isDeep(json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) depth -= 1;
    if (depth > LIMITS.structuredDepth) return true;
  }
  return false;
}
