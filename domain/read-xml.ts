/**
 * XML of others, read strictly and small: elements, attributes, text, namespaces. For answers of machines, not documents.
 *
 * Refused outright: a document type (and so every entity but the five of XML itself), processing instructions, more than
 * `MOST_BYTES`, `MOST_ELEMENTS` or `MOST_DEPTH`, and whatever is not well formed. Nothing is fetched and nothing expands.
 * Source: Extensible Markup Language (XML) 1.0, fifth edition; Namespaces in XML 1.0, third edition (W3C).
 */

export interface XmlElement {
  /** '' for none. */
  readonly namespace: string;
  readonly name: string;
  /** By name as written, those that declare namespaces left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text right in it, CDATA too. */
  readonly text: string;
}

export class BadXmlError extends Error {
  override readonly name = 'BadXmlError';
  readonly facts: { readonly why: string };

  constructor(why: string) {
    super(`The XML cannot be read: ${why}.`);
    this.facts = { why };
  }
}

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_ELEMENTS = 20_000;
const MOST_DEPTH = 64;
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

interface Open {
  readonly tag: string;
  readonly scope: ReadonlyMap<string, string>;
  readonly element: { -readonly [Key in keyof XmlElement]: XmlElement[Key] } & { children: XmlElement[] };
}

const NAME = String.raw`[\p{L}_][\p{L}\p{N}\p{M}._-]*(?::[\p{L}_][\p{L}\p{N}\p{M}._-]*)?`;
const OPENING = new RegExp(String.raw`^<(${NAME})((?:\s+${NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?)>`, 'u');
const CLOSING = new RegExp(String.raw`^</(${NAME})\s*>`, 'u');
const ATTRIBUTE = new RegExp(String.raw`(${NAME})\s*=\s*(?:"([^"]*)"|'([^']*)')`, 'gu');
/** What XML 1.0 does not hold even as a reference. */
const NO_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** The root. @throws BadXmlError */
export function readXml(bytes: Uint8Array): XmlElement {
  if (bytes.byteLength > MOST_BYTES) throw new BadXmlError(`it is larger than ${MOST_BYTES} bytes`);
  const text = decoded(bytes);
  if (NO_CHARACTER.test(text)) throw new BadXmlError('it holds a character that XML does not');
  const rest = text.replace(/^\ufeff/, '').replace(/^<\?xml\s+version\s*=\s*["']1\.[0-9]["'][^?<>]*\?>/, '');
  return treeOf(rest.replaceAll(/\r\n?/g, '\n'));
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadXmlError('it is not in UTF-8');
  }
}

function treeOf(text: string): XmlElement {
  const open: Open[] = [];
  let root: XmlElement | null = null;
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('<', at);
    const end = next === -1 ? text.length : next;
    if (end > at) addText(open, unescaped(text.slice(at, end)));
    if (next === -1) break;
    if (text.startsWith('<!--', next)) {
      at = after(text, '-->', next + 4);
      if (text.slice(next + 4, at - 3).includes('--')) throw new BadXmlError('a comment holds "--"');
    } else if (text.startsWith('<![CDATA[', next)) {
      if (open.length === 0) throw new BadXmlError('there is text outside the root');
      at = after(text, ']]>', next + 9);
      open.at(-1)!.element.text += text.slice(next + 9, at - 3);
    } else if (text.startsWith('<!', next)) throw new BadXmlError('it has a document type');
    else if (text.startsWith('<?', next)) throw new BadXmlError('it has a processing instruction');
    else {
      const tag = text.slice(next, after(text, '>', next));
      at = next + tag.length;
      const closing = CLOSING.exec(tag)?.[1];
      if (closing !== undefined) {
        if (open.pop()?.tag !== closing) throw new BadXmlError(`</${closing}> closes what is not open`);
        continue;
      }
      // A ">" may stand in an attribute.
      const opening = OPENING.exec(text.slice(next, next + tag.length)) ?? OPENING.exec(text.slice(next));
      if (opening === null) throw new BadXmlError(`"${tag.slice(0, 40)}" is no tag`);
      at = next + opening[0].length;
      count += 1;
      if (count > MOST_ELEMENTS) throw new BadXmlError(`it has more than ${MOST_ELEMENTS} elements`);
      if (open.length >= MOST_DEPTH) throw new BadXmlError(`it is deeper than ${MOST_DEPTH} elements`);
      if (open.length === 0 && root !== null) throw new BadXmlError('it has two roots');
      const it = opened(opening[1]!, opening[2]!, open.at(-1)?.scope ?? new Map([['xml', XML_NAMESPACE]]));
      if (open.length === 0) root = it.element;
      else open.at(-1)!.element.children.push(it.element);
      if (opening[3] === '') open.push(it);
    }
  }
  if (open.length > 0) throw new BadXmlError(`<${open.at(-1)!.tag}> is not closed`);
  if (root === null) throw new BadXmlError('it has no element');
  return root;
}

function opened(tag: string, written: string, outer: ReadonlyMap<string, string>): Open {
  const scope = new Map(outer);
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single] of written.matchAll(ATTRIBUTE)) {
    const value = unescaped(double ?? single ?? '').replaceAll(/[\t\n]/g, ' ');
    const prefix = /^xmlns(?::(.+))?$/.exec(name);
    const key = prefix === null ? name : `xmlns:${prefix[1] ?? ''}`;
    if (attributes.has(key)) throw new BadXmlError(`"${name}" stands twice in <${tag}>`);
    attributes.set(key, value);
    if (prefix !== null) scope.set(prefix[1] ?? '', value);
  }
  const colon = tag.indexOf(':');
  const namespace = scope.get(colon === -1 ? '' : tag.slice(0, colon));
  if (namespace === undefined && colon !== -1)
    throw new BadXmlError(`the prefix of <${tag}> is not declared`);
  const own = new Map([...attributes].filter(([name]) => !name.startsWith('xmlns:')));
  const element = {
    namespace: namespace ?? '',
    name: tag.slice(colon + 1),
    attributes: own,
    children: [] as XmlElement[],
    text: '',
  };
  return { tag, scope, element };
}

function addText(open: readonly Open[], text: string): void {
  const inner = open.at(-1);
  if (inner !== undefined) inner.element.text += text;
  else if (text.trim() !== '') throw new BadXmlError('there is text outside the root');
}

function after(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  if (at === -1) throw new BadXmlError('it is cut off');
  return at + what.length;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (text.includes(']]>')) throw new BadXmlError('"]]>" stands in its text');
  return text.replaceAll(/&([^;&]{0,12};?)/g, (_all, name: string) => {
    const own = name.endsWith(';') ? ENTITIES[name.slice(0, -1)] : undefined;
    if (own !== undefined) return own;
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));$/.exec(name) ?? [];
    const code = hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : -1;
    const letter = code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    if (letter === '' || NO_CHARACTER.test(letter)) throw new BadXmlError(`"&${name}" is no letter`);
    return letter;
  });
}

/** The first child of a name, in any namespace; null for none. */
export function childOf(it: XmlElement, name: string): XmlElement | null {
  return it.children.find((child) => child.name === name) ?? null;
}

/** Its text without the space around; null when there is no such child. */
export function textOf(it: XmlElement, name: string): string | null {
  return childOf(it, name)?.text.trim() ?? null;
}
