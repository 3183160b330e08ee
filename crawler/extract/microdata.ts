/**
 * Microdata and RDFa Lite as the same things in JSON-LD would be: `{"@type": ["Product"], "name": …}`.
 *
 *     <div itemscope itemtype=…>  opens a thing
 *       <b itemprop=name>         opens a property of the thing it lies in: `content`, an address, `datetime`, or text
 *         <i itemscope …>         a property that is itself a thing
 *
 * One pass over the source and no tree, so that no page is too deep for it. Terms other than schema.org's are left out.
 * Sources: HTML standard, section 5 "Microdata"; W3C "RDFa Lite 1.1".
 */
import type { Node } from './amount.ts';
import { type Attributes, type ScanHandler, type ScanLimits, scan } from './scan.ts';

const MARKED = /\sitemscope|\stypeof\s*=/i;
const MOST_THINGS = 500;
const MOST_PROPERTIES = 5_000;
const LONGEST_VALUE = 20_000;
/** A thing within a thing within a thing, as a product's offer's seller's address. */
const DEEPEST_THING = 8;
const SCAN_LIMITS: ScanLimits = { tags: 200_000, depth: 1_000, block: 65_536 };

type Thing = Record<string, unknown>;

/** What an open element began. */
interface Begun {
  readonly thing: boolean;
  readonly property: { readonly of: Thing; readonly names: readonly string[]; text: string } | null;
}

/** Outermost things, in the order of the page; [] for a page without such marks. */
export function readMicrodata(html: string): Node[] {
  if (!MARKED.test(html)) return [];
  const outermost: Thing[] = [];
  const things: Thing[] = [];
  const open: Begun[] = [];
  /** Properties that gather text now, outermost first. */
  const gathering: NonNullable<Begun['property']>[] = [];
  let count = 0;
  let left = MOST_PROPERTIES;

  const handler: ScanHandler = {
    onopentag(name, at) {
      const within = things.at(-1);
      const names = (at['itemprop'] ?? at['property'] ?? '').split(/\s+/).map(bare).filter(Boolean);
      const isProperty = within !== undefined && names.length > 0 && left > 0;
      if (isProperty) left -= 1;
      const type = at['itemscope'] === undefined ? at['typeof'] : (at['itemtype'] ?? '');
      const isThing = type !== undefined && things.length < DEEPEST_THING && count < MOST_THINGS;
      if (isThing) {
        count += 1;
        const thing: Thing = { '@type': type.split(/\s+/).map(bare).filter(Boolean) };
        if (!isProperty) outermost.push(thing);
        else for (const each of names) add(within, each, thing);
        things.push(thing);
        open.push({ thing: true, property: null });
        return;
      }
      const given = isProperty ? givenValue(name, at) : undefined;
      if (isProperty && given !== undefined) for (const each of names) add(within, each, given);
      const property = isProperty && given === undefined ? { of: within, names, text: '' } : null;
      if (property !== null) gathering.push(property);
      open.push({ thing: false, property });
    },
    ontext(data) {
      for (const property of gathering.slice(-DEEPEST_THING)) {
        if (property.text.length < LONGEST_VALUE) property.text += data;
      }
    },
    onclosetag() {
      const begun = open.pop();
      if (begun?.thing === true) things.pop();
      if (begun?.property == null) return;
      gathering.pop();
      const { of, names, text } = begun.property;
      for (const each of names) add(of, each, oneLine(text));
    },
  };
  scan(html, handler, SCAN_LIMITS);
  return outermost;
}

function givenValue(name: string, at: Attributes): string | undefined {
  const isLink = name === 'a' || name === 'link' || name === 'area';
  const address = isLink ? at['href'] : name === 'img' || name === 'source' ? at['src'] : undefined;
  const given = at['content'] ?? address ?? at['datetime'];
  return given === undefined ? undefined : oneLine(given);
}

function add(thing: Thing, name: string, value: unknown): void {
  if (name.startsWith('__')) return;
  const before = thing[name];
  if (before === undefined) thing[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else thing[name] = [before, value];
}

function oneLine(text: string): string {
  return text.slice(0, LONGEST_VALUE).replace(/\s+/g, ' ').trim();
}

/** `name` of `https://schema.org/name` and `schema:name`; '' for a term of another vocabulary. */
function bare(term: string): string {
  const name = term.replace(/^(?:https?:\/\/schema\.org\/|schema:)/i, '');
  return name.includes(':') ? '' : name;
}
