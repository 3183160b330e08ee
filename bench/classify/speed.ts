/**
 * How fast a trained model judges, in a process of its own, as the peers are timed in theirs: what training
 * leaves behind in memory would slow it down.
 *
 *     node --import tsx bench/classify/speed.ts MODEL_FOLDER/ ROWS.jsonl
 *
 * Rows are {"html", "text"} for pages and {"text"} for posts. Prints {"pages", "posts", "languages", "load"}: rows a
 * second of the processor, and seconds to load the model.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assessPage, assessPost } from '../../classifiers/assess.ts';
import { languageOf } from '../../classifiers/language.ts';
import { loadModel } from '../../classifiers/model.ts';
import { readPage } from '../../crawler/extract/page.ts';
import { rate } from '../duplicates/table.ts';

const [folder = 'models', file = ''] = process.argv.slice(2);
const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { html?: string; text?: string });
const pages = rows.flatMap(({ html }) => (html === undefined ? [] : [html]));
const posts = rows.flatMap(({ html, text }) => (html === undefined && text !== undefined ? [text] : []));

const began = performance.now();
const model = loadModel(pathToFileURL(`${resolve(folder)}/`));
const load = (performance.now() - began) / 1000;
console.log(
  JSON.stringify({
    pages: judged(pages, (html) => assessPage(readPage(html, ''), model)),
    posts: judged(posts, (text) => assessPost(text, model)),
    languages: judged(posts, (text) => languageOf(text, model.language)),
    load,
  }),
);

function judged<Row>(list: readonly Row[], work: (row: Row) => unknown): number {
  for (const row of list.slice(0, 200)) work(row);
  return rate(list.length, () => {
    for (const row of list) work(row);
  });
}
