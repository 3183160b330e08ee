/** A frame: one way to build a site, given a page's words and what hangs around them. */
import type { Block, Props } from '../props.ts';

export type Frame = (props: Props) => string;

/** Blocks under the heading that they follow. */
export function sections(blocks: readonly Block[]): Block[][] {
  const list: Block[][] = [];
  for (const block of blocks) {
    const last = list.at(-1);
    if (last === undefined || block.kind === 'heading') list.push([block]);
    else last.push(block);
  }
  return list;
}

export interface Tags {
  readonly heading: (html: string) => string;
  readonly paragraph: (html: string) => string;
  /** Around items that follow one another. */
  readonly list: (items: string) => string;
  readonly item: (html: string) => string;
}

/** Blocks one after another, items that follow one another in one list. */
export function inTags(blocks: readonly Block[], { heading, paragraph, list, item }: Tags): string {
  const done: string[] = [];
  let items: string[] = [];
  const closeList = (): void => {
    if (items.length > 0) done.push(list(items.join('\n')));
    items = [];
  };
  for (const block of blocks) {
    if (block.kind === 'item') {
      items.push(item(block.html));
      continue;
    }
    closeList();
    done.push(block.kind === 'heading' ? heading(block.html) : paragraph(block.html));
  }
  closeList();
  return done.join('\n');
}

export const plainTags: Tags = {
  heading: (html) => `<h2>${html}</h2>`,
  paragraph: (html) => `<p>${html}</p>`,
  list: (items) => `<ul>${items}</ul>`,
  item: (html) => `<li>${html}</li>`,
};
