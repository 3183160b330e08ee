/**
 * What attacks cost: the share of held-out fraud that is still flagged after each.
 *
 *     node --import tsx bench/attacks.ts --pages F --posts F [--split 1] [--posts-most 600] [--folder DIR] [--json]
 *
 * A model is trained on one side of a split by source (`bench/classify/split.ts`) and kept in DIR, where a
 * later run finds it. Then every fraudulent post and page of the other side is judged as it is and after each
 * attack. Labels that have one source alone in the data count where the split holds them out. Honest people write
 * in Latin letters as well, so the second table says how many honest posts are flagged for it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { assessPage, assessPost } from '../classifiers/assess.ts';
import { languageFiles } from '../classifiers/language/file.ts';
import { loadModel, type Model } from '../classifiers/model.ts';
import { seededRandom } from '../classifiers/random.ts';
import { ownSentences } from '../classifiers/synthetic/languages.ts';
import { syntheticPages, syntheticPosts } from '../classifiers/synthetic/render.ts';
import { train } from '../classifiers/train.ts';
import { withFullerText } from '../cli/classify.ts';
import { readPage } from '../crawler/extract/page.ts';
import type { Assessment, Label } from '../domain/assessment.ts';
import { PAGE_ATTACKS } from './attacks/pages.ts';
import { LATIN_SPELLINGS, TEXT_ATTACKS } from './attacks/texts.ts';
import { splitPages, splitPosts } from './classify/split.ts';
import { markdown } from './classify/table.ts';

const { values } = parseArgs({
  options: {
    pages: { type: 'string' },
    posts: { type: 'string' },
    split: { type: 'string', default: '1' },
    'posts-most': { type: 'string', default: '600' },
    folder: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
if (values.pages === undefined || values.posts === undefined) {
  console.error('Give the labelled data: --pages FILE --posts FILE.');
  process.exit(2);
}

interface Row {
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
}
const seed = Number(values.split);
const pages = splitPages(read<Row & { id: string; html: string; text?: string }>(values.pages), seed);
const posts = splitPosts(read<Row & { text: string }>(values.posts), seed);
const model = trainedModel();

const MOST_HONEST = 1500;
const fraudPosts = posts.test.filter((row) => row.label !== 'legit').slice(0, Number(values['posts-most']));
const kazakhPosts = syntheticPosts().filter((row) => row.label !== 'legit' && row.lang === 'kk');
const knownSources = new Set(posts.train.map((row) => row.source));
const honestRussian = (isKnown: boolean) =>
  spread(
    posts.test.filter(
      (row) => row.label === 'legit' && row.lang === 'ru' && knownSources.has(row.source) === isKnown,
    ),
    MOST_HONEST,
  );
const honestPosts = [
  {
    on: 'own honest Kazakh posts',
    isKazakh: true,
    list: syntheticPosts().filter((row) => row.label === 'legit' && row.lang === 'kk'),
  },
  { on: 'honest Russian posts of known sources', isKazakh: false, list: honestRussian(true) },
  { on: 'honest Russian posts of sources left out', isKazakh: false, list: honestRussian(false) },
];
const fraudPages = pages.test.filter((row) => row.label !== 'legit');
const isFlagged = ({ verdict }: Assessment): boolean => verdict === 'flag';
const share = <T>(rows: readonly T[], judge: (row: T) => Assessment): number =>
  rows.filter((row) => isFlagged(judge(row))).length / rows.length;

const before = {
  posts: share(fraudPosts, (row) => assessPost(row.text, model)),
  kazakh: share(kazakhPosts, (row) => assessPost(row.text, model)),
  pages: share(fraudPages, (row) => assessPage(readPage(row.html, ''), model)),
};
const rows = [
  ...TEXT_ATTACKS.map(({ name, isKazakh, apply }) => {
    const random = seededRandom(11);
    const list = isKazakh ? kazakhPosts : fraudPosts;
    return {
      on: isKazakh ? 'own Kazakh posts' : 'posts',
      name,
      rows: list.length,
      before: isKazakh ? before.kazakh : before.posts,
      after: share(list, (row) => assessPost(apply(row.text, random), model)),
    };
  }),
  ...PAGE_ATTACKS.map(({ name, apply }) => {
    const random = seededRandom(11);
    return {
      on: 'pages',
      name,
      rows: fraudPages.length,
      before: before.pages,
      after: share(fraudPages, (row) => assessPage(readPage(apply(row.html, random), ''), model)),
    };
  }),
].map((row) => ({ ...row, cost: row.before - row.after }));

const honest = honestPosts.flatMap(({ on, isKazakh, list }) =>
  [{ name: 'as written', apply: (text: string) => text }, ...latinSpellings(isKazakh)].map(
    ({ name, apply }) => {
      const random = seededRandom(11);
      const flagged = share(list, (row) => assessPost(apply(row.text, random), model));
      return { on, name, rows: list.length, flagged };
    },
  ),
);

if (values.json) console.log(JSON.stringify({ split: seed, rows, honest }));
else {
  const percent = (it: number): string => (100 * it).toFixed(1);
  console.log(
    markdown(
      [
        ['on', (it) => it.on],
        ['attack', (it) => it.name],
        ['rows', (it) => String(it.rows)],
        ['flagged before, %', (it) => percent(it.before)],
        ['after, %', (it) => percent(it.after)],
        ['cost, points', (it) => `${percent(it.cost)}${it.cost > 0.05 ? ' !' : ''}`],
      ],
      rows,
    ),
  );
  console.log(
    `\n${markdown(
      [
        ['on', (it) => it.on],
        ['spelling', (it) => it.name],
        ['rows', (it) => String(it.rows)],
        ['flagged, %', (it) => percent(it.flagged)],
      ],
      honest,
    )}`,
  );
}

function latinSpellings(isKazakh: boolean) {
  return LATIN_SPELLINGS.filter((it) => (it.isKazakh === true) === isKazakh);
}

/** At most so many, taken evenly, since rows of a source stand together. */
function spread<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(most, all.length) }, (_, at) => all[Math.floor(at * step)]!);
}

function trainedModel(): Model {
  const folder = values.folder === undefined ? null : resolve(values.folder);
  if (folder !== null && existsSync(join(folder, 'model.json')))
    return loadModel(pathToFileURL(`${folder}/`));
  const trained = train({
    pages: [
      ...pages.train.map((row) => ({
        ...row,
        group: row.source,
        page: withFullerText(readPage(row.html, ''), row.text),
        isSynthetic: false,
      })),
      ...syntheticPages(2026).map((row) => ({ ...row, page: readPage(row.html, ''), isSynthetic: true })),
    ],
    posts: [
      ...posts.train.map((row) => ({ ...row, isSynthetic: false })),
      ...syntheticPosts().map((row) => ({ ...row, isSynthetic: true })),
    ],
    languages: [...ownSentences(), ...posts.train.map(({ text, lang }) => ({ text, lang, isGuess: true }))],
    seed,
  });
  if (folder !== null) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'weights.bin'), trained.weights);
    writeFileSync(join(folder, 'model.json'), JSON.stringify(trained.file));
    const language = languageFiles(trained.model.language);
    writeFileSync(join(folder, 'language.json'), language.json);
    writeFileSync(join(folder, 'language.bin'), language.bin);
  }
  return trained.model;
}

function read<T>(path: string): T[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
