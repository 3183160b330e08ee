/** A page as a tree, for what selectors read: built by htmlparser2, which costs half of what parse5 does. */
import { type CheerioAPI, load } from 'cheerio';

export type Tree = CheerioAPI;
/** Elements of a tree that a selector found. */
export type Chosen = ReturnType<CheerioAPI>;

/** Nobody writes a page of that many characters by hand; what lies beyond is not read as a tree. */
const MOST_CHARACTERS = 1_500_000;

export function treeOf(html: string): Tree {
  return load(html.slice(0, MOST_CHARACTERS), { xml: { xmlMode: false, decodeEntities: true } });
}
