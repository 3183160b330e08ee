/** A page as a tree, for what selectors read: built by htmlparser2, which costs half of what parse5 does. */
import { type CheerioAPI, load } from 'cheerio';
import { DomHandler, Parser } from 'htmlparser2';

export type Tree = CheerioAPI;
/** Elements of a tree that a selector found. */
export type Chosen = ReturnType<CheerioAPI>;

/** Nobody writes a page of that many characters by hand; what lies beyond is not read as a tree. */
const MOST_CHARACTERS = 1_500_000;

/** Elements within elements: the parser's time grows with their square. What stands deeper ends the reading. */
const DEEPEST = 1_000;

export function treeOf(html: string): Tree {
  const options = { xmlMode: false, decodeEntities: true };
  const tree = new ShallowTree(undefined, options);
  try {
    new Parser(tree, options).end(html.slice(0, MOST_CHARACTERS));
  } catch (cause) {
    if (cause !== TOO_DEEP) throw cause;
  }
  return load(tree.root, { xml: options });
}

const TOO_DEEP = new Error('nested too deeply');

class ShallowTree extends DomHandler {
  private depth = 0;

  override onopentag(name: string, attributes: Record<string, string>): void {
    this.depth += 1;
    if (this.depth > DEEPEST) throw TOO_DEEP;
    super.onopentag(name, attributes);
  }

  override onclosetag(): void {
    this.depth -= 1;
    super.onclosetag();
  }
}
