/**
 * What is read of a page that was shown: its DOM, its title, its words. By one question in the browser's own protocol, so
 * that all three are of the same moment, and since Playwright brings 24 KB of its own scripts into a page that it asks for
 * its DOM, and 340 KB more into one that it asks for its words.
 *
 * It is asked from a world of its own, where no script of the page answers instead, and past names that a page may take: with
 * `<img name="documentElement">` the `documentElement` of a document is a picture (HTML, section 3.1.7, "named properties").
 */
import type { CDPSession } from 'playwright';

export interface Words {
  readonly title: string;
  /** Serialised, its doctype first. */
  readonly dom: string;
  /** What a reader could read of it; null where it was not asked for, or the document is no HTML. */
  readonly text: string | null;
}

export interface WordsAsked {
  /** Main frame of the page. */
  readonly frame: string;
  /** Most characters of each. */
  readonly longestDom: number;
  /** 0: not asked for. */
  readonly longestText: number;
}

/** Documents that may come while one is being read. */
const MOST_TRIES = 3;

/** Runs in the page. Text, since what compiles a function of ours may put names into it that the page does not know. */
const READ = `((longestDom, longestText) => {
  const own = (key) => Object.getOwnPropertyDescriptor(Document.prototype, key).get.call(document);
  const root = own('documentElement');
  if (root === null) return null;
  const doctype = own('doctype');
  const head = doctype === null ? '' : new XMLSerializer().serializeToString(doctype);
  const isRead = longestText > 0 && root instanceof HTMLElement;
  return {
    title: own('title'),
    dom: (head + root.outerHTML).slice(0, longestDom),
    text: isRead ? root.innerText.slice(0, longestText) : null,
  };
})`;

/** @throws Error where the page has nothing in it any more, or goes on to another faster than it can be read. */
export async function wordsOf(session: CDPSession, asked: WordsAsked): Promise<Words> {
  const { frame, longestDom, longestText } = asked;
  const expression = `${READ}(${longestDom}, ${longestText})`;
  for (let tries = 1; ; tries += 1) {
    try {
      const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
        frameId: frame,
        worldName: 'reader',
      });
      const { result } = await session.send('Runtime.evaluate', {
        expression,
        contextId,
        returnByValue: true,
      });
      if (result.value) return result.value as Words;
      throw new Error('there is nothing in the page any more');
    } catch (cause) {
      if (tries === MOST_TRIES) throw cause;
    }
  }
}
