/**
 * Whether anything in a page can stall the rules: time at a length and at twice of it, side by side.
 *
 *     node --import tsx bench/stall.ts [--length 100000] [--json]
 *
 * Reads and judges pages of hostile shapes, then near-misses of every regular expression in the signals, as
 * text and as source. Prints the slowest and every one that grows more than 2.5 times as its length doubles
 * (time below 20 ms is noise and left out). Ends with 1 when there is one.
 */
import { parseArgs } from 'node:util';
import { assessPage, assessPost } from '../classifiers/assess.ts';
import { loadModel } from '../classifiers/model.ts';
import { readPage } from '../crawler/extract/page.ts';
import { nearMisses, PAGE_SHAPES, type Shape } from './attacks/shapes.ts';
import { markdown } from './classify/table.ts';

const { values } = parseArgs({
  options: { length: { type: 'string', default: '100000' }, json: { type: 'boolean', default: false } },
});
const length = Number(values.length);
const model = loadModel();
const NOISE = 20;
const MOST_GROWTH = 2.5;

const judge = {
  page: (html: string) => assessPage(readPage(html, 'https://example.test/'), model),
  post: (text: string) => assessPost(text, model),
};
for (let i = 0; i < 3; i += 1) judge.page(PAGE_SHAPES[0]!.make(length));

const rows = [
  ...PAGE_SHAPES.map((shape) => grown(shape, shape.name, judge.page)),
  ...nearMisses(new URL('../classifiers/signals/', import.meta.url)).flatMap((shape) => [
    grown(
      { ...shape, make: (it) => `<p>${shape.make(it).replaceAll('<', ' ')}</p>` },
      `${shape.name}, text`,
      judge.page,
    ),
    grown(shape, `${shape.name}, source`, judge.page),
  ]),
  ...PAGE_SHAPES.map((shape) => grown(shape, `${shape.name}, as a post`, judge.post)),
];
// What looks too fast once is tried again with longer texts, where noise is small beside the work.
const stalled = rows.filter((row) => isTooFast(row) && isTooFast(row.again()));
const slowest = rows.toSorted((a, b) => b.twice - a.twice).slice(0, 15);

if (values.json) console.log(JSON.stringify({ length, rows: rows.length, slowest, stalled }));
else {
  const table = (list: typeof rows): string =>
    markdown(
      [
        ['shape', (row) => row.name],
        [`${length} characters, ms`, (row) => row.once.toFixed(1)],
        ['twice as many, ms', (row) => row.twice.toFixed(1)],
        ['growth', (row) => row.growth.toFixed(2)],
      ],
      list,
    );
  console.log(`${rows.length} shapes. The slowest:\n\n${table(slowest)}`);
  console.log(
    stalled.length === 0 ? 'None grows faster than its length.' : `Growing too fast:\n\n${table(stalled)}`,
  );
}
process.exitCode = stalled.length === 0 ? 0 : 1;

interface Grown {
  readonly name: string;
  readonly once: number;
  readonly twice: number;
  readonly growth: number;
  readonly again: () => Grown;
}

function isTooFast({ twice, growth }: Grown): boolean {
  return twice > NOISE && growth > MOST_GROWTH;
}

/** The best of a few tries each; more tries when the first ones look bad, since a busy machine lies upwards. */
function grown({ make }: Shape, name: string, work: (text: string) => unknown, from = length): Grown {
  const texts = [make(from), make(2 * from)] as const;
  let [once, twice] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < 12; i += 1) {
    once = Math.min(once, time(texts[0], work));
    twice = Math.min(twice, time(texts[1], work));
    if (twice < NOISE || (i > 0 && twice / once < MOST_GROWTH)) break;
  }
  return {
    name,
    once,
    twice,
    growth: twice / once,
    again: () => grown({ name, make }, name, work, 2 * from),
  };
}

function time(text: string, work: (text: string) => unknown): number {
  const started = performance.now();
  work(text);
  return performance.now() - started;
}
