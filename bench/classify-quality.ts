/**
 * How well the classifier does on sources it has not seen: several splits by source, one table.
 *
 *     node --import tsx bench/classify-quality.ts --pages F --posts F [--langid F] [--splits 3] [--json]
 *
 * A split deals sources into two halves of like labels as far as they go round, trains on one half (and on
 * the own examples) and judges the other. A label with one source is thus never in both: such rows are
 * reported for fraud against legit alone. Posts have one source of spam, so a third of its texts is held
 * back, with every other source dealt as above.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { assessPage, assessPost } from '../classifiers/assess.ts';
import { figuresOf, type Judged } from '../classifiers/figures.ts';
import { languageOf } from '../classifiers/language.ts';
import { loadModel } from '../classifiers/model.ts';
import { seededRandom } from '../classifiers/random.ts';
import { assessSite } from '../classifiers/site.ts';
import { syntheticPages, syntheticPosts } from '../classifiers/synthetic/render.ts';
import { train } from '../classifiers/train.ts';
import type { TrainingPage, TrainingPost } from '../classifiers/training/rows.ts';
import { withFullerText } from '../cli/classify.ts';
import { readPage } from '../crawler/extract/page.ts';
import type { Label } from '../domain/assessment.ts';

const { values } = parseArgs({
  options: {
    pages: { type: 'string' },
    posts: { type: 'string' },
    langid: { type: 'string' },
    splits: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
if (values.pages === undefined || values.posts === undefined) {
  console.error('Give the labelled data: --pages FILE --posts FILE [--langid FILE].');
  process.exit(2);
}

interface PageRow {
  readonly id: string;
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
  readonly html: string;
  readonly text?: string;
}
interface PostRow {
  readonly text: string;
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
}

const pageRows = read<PageRow>(values.pages);
const postRows = read<PostRow>(values.posts);
const languageRows = values.langid === undefined ? [] : read<{ text: string; lang: string }>(values.langid);
const allPages: TrainingPage[] = pageRows.map((row) => ({
  ...row,
  group: row.source,
  page: withFullerText(readPage(row.html, ''), row.text),
  isSynthetic: false,
}));
const ownPages: TrainingPage[] = syntheticPages(2026).map((row) => ({
  ...row,
  page: readPage(row.html, ''),
  isSynthetic: true,
}));
const ownPosts: TrainingPost[] = syntheticPosts().map((row) => ({ ...row, isSynthetic: true }));
const allPosts: TrainingPost[] = postRows.map((row) => ({ ...row, isSynthetic: false }));

const results = Array.from({ length: Number(values.splits) }, (_, at) => runSplit(at + 1));

function runSplit(split: number) {
  const random = seededRandom(split);
  const half = halves(allPages, random);
  const third = allPosts.map((row) =>
    row.source === biggestSource(allPosts) ? random() < 1 / 3 : half.isHeld(row.source),
  );
  const trained = train({
    pages: [...allPages.filter((row) => !half.isHeld(row.source)), ...ownPages],
    posts: [...allPosts.filter((_, i) => !third[i]), ...ownPosts],
    languages: languageRows,
    seed: split,
  });
  const pages = allPages
    .filter((row) => half.isHeld(row.source))
    .map((row): Judged => judged(row, row.id, assessPage(row.page, trained.model)));
  const posts = allPosts
    .filter((_, i) => third[i])
    .map((row): Judged => judged(row, '', assessPost(row.text, trained.model)));
  const sites = [...new Set(pages.map((row) => row.source))].map((source) => {
    const rows = allPages.filter((row) => row.source === source);
    const site = assessSite(
      rows.map((row) => ({ url: row.id, assessment: assessPage(row.page, trained.model) })),
    );
    return { source, truth: rows[0]!.label, said: site.label, score: site.score, verdict: site.verdict };
  });
  const seconds = Math.round(performance.now() / 1000);
  console.error(`split ${split} after ${seconds} s`);
  return { split, pages: figuresOf(pages), posts: figuresOf(posts), sites, seconds, labels: byLabel(pages) };
}

const model = loadModel();
const speed = {
  pagesASecond: rate(allPages.slice(0, 300), (row) => assessPage(row.page, model)),
  pagesASecondFromSource: rate(pageRows.slice(0, 300), (row) => assessPage(readPage(row.html, ''), model)),
  postsASecond: rate(postRows.slice(0, 10_000), (row) => assessPost(row.text, model)),
  languagesASecond: rate(postRows.slice(0, 20_000), (row) => languageOf(row.text, model.language)),
};

if (values.json) console.log(JSON.stringify({ results, speed }));
else print();

function read<Row>(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

function biggestSource(rows: readonly TrainingPost[]): string {
  const spam = rows.find((row) => row.label === 'spam');
  return spam?.source ?? '';
}

/** Sources of each label dealt alternately, in random order; a label's only source falls on either side by chance. */
function halves(rows: readonly TrainingPage[], random: () => number) {
  const held = new Set<string>();
  const sources = new Map<Label, Set<string>>();
  for (const row of rows) sources.set(row.label, (sources.get(row.label) ?? new Set()).add(row.source));
  for (const set of sources.values()) {
    const mixed = [...set].map((source) => ({ source, at: random() })).sort((a, b) => a.at - b.at);
    const first = random() < 0.5 ? 0 : 1;
    for (const [i, { source }] of mixed.entries()) if (i % 2 === first) held.add(source);
  }
  const coin = new Map<string, boolean>();
  return {
    isHeld(source: string): boolean {
      const isPage = rows.some((row) => row.source === source);
      if (isPage) return held.has(source);
      if (!coin.has(source)) coin.set(source, random() < 0.5);
      return coin.get(source) === true;
    },
  };
}

function judged(
  row: {
    readonly label: Label;
    readonly lang: string;
    readonly source: string;
    readonly isSynthetic: boolean;
  },
  id: string,
  it: { readonly score: number; readonly label: Label; readonly verdict: string },
): Judged {
  return {
    id,
    score: it.score,
    isBad: row.label !== 'legit',
    truth: row.label,
    said: it.label,
    verdict: it.verdict,
    lang: row.lang,
    source: row.source,
    isSynthetic: row.isSynthetic,
  };
}

function byLabel(rows: readonly Judged[]) {
  return [...new Set(rows.map((row) => row.truth))].map((label) => {
    const list = rows.filter((row) => row.truth === label);
    const count = (verdict: string): number => list.filter((row) => row.verdict === verdict).length;
    return {
      label,
      rows: list.length,
      flag: count('flag'),
      clear: count('clear'),
      abstain: count('abstain'),
    };
  });
}

function rate<Row>(rows: readonly Row[], work: (row: Row) => unknown): number {
  for (const row of rows.slice(0, 50)) work(row);
  const started = performance.now();
  for (const row of rows) work(row);
  return Math.round((rows.length * 1000) / (performance.now() - started));
}

function print(): void {
  for (const kind of ['pages', 'posts'] as const) {
    console.log(`\n${kind}, sources not seen in training`);
    console.table(
      results.map((it) => ({
        split: it.split,
        ...Object.fromEntries(
          Object.entries(it[kind]).map(([name, value]) => [name, Number(value.toFixed(3))]),
        ),
      })),
    );
  }
  for (const { split, labels, sites } of results) {
    console.log(`\nsplit ${split}: pages by label, and sites`);
    console.table(labels);
    console.table(sites.map((it) => ({ ...it, score: Number(it.score.toFixed(3)) })));
  }
  console.log('\nspeed, one thread');
  console.table(speed);
}
