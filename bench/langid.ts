/**
 * Which language: ours beside tinyld and franc, on sources that training has not seen, one table.
 *
 *     node --import tsx bench/langid.ts --langid F [--posts F] [--more F] [--hold PATTERN] [--peers FOLDER] [--json]
 *
 * F are NDJSON of {"text","lang","source"}. Rows whose source matches PATTERN (a regular expression; "word-pairs"
 * when not given) and all of --more are judged, the rest is trained on; posts' languages are taken for guesses.
 * Kazakh that is judged is judged in three Latin spellings too, Russian in two. Peers are looked for in FOLDER/node_modules
 * (`npm i --prefix FOLDER tinyld franc`); one that is not there is left out, and the table says so.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type LanguageSample, trainLanguage } from '../classifiers/language/train.ts';
import { languageOf } from '../classifiers/language.ts';
import { ownSentences } from '../classifiers/synthetic/languages.ts';
import { syntheticPosts } from '../classifiers/synthetic/render.ts';
import { toRussianLatin } from '../domain/text/russian-latin.ts';
import { toKazakhLatin } from '../domain/text.ts';
import { RUSSIAN_IN_LATIN } from './attacks/texts.ts';
import { type LanguagePeer, languagePeers } from './classify/peers.ts';

const word = { type: 'string' } as const;
const { values } = parseArgs({
  options: { langid: word, posts: word, more: word, hold: word, peers: word, json: { type: 'boolean' } },
});
if (values.langid === undefined) {
  console.error('Give labelled texts: --langid FILE.');
  process.exit(2);
}

interface Row {
  readonly text: string;
  readonly lang: string;
  readonly source: string;
}
const held = new RegExp(values.hold ?? 'word-pairs');
const rows = read(values.langid);
const posts = values.posts === undefined ? [] : read(values.posts);
const training: LanguageSample[] = [
  ...rows.filter((row) => !held.test(row.source)),
  ...ownSentences(),
  ...syntheticPosts(),
  ...posts.filter((row) => !held.test(row.source)).map((row) => ({ ...row, isGuess: true })),
];
const judged = [...rows, ...posts].filter((row) => held.test(row.source));
if (values.more !== undefined) judged.push(...read(values.more));
for (const spelling of [2021, 2018, 'chat'] as const) {
  for (const row of judged.filter((it) => it.lang === 'kk')) {
    judged.push({
      text: toKazakhLatin(row.text, spelling),
      lang: 'kk-Latn',
      source: `${row.source} as in ${spelling}`,
    });
  }
}

for (const [name, habits] of Object.entries(RUSSIAN_IN_LATIN)) {
  for (const row of judged.filter((it) => it.lang === 'ru')) {
    judged.push({ text: toRussianLatin(row.text, habits), lang: 'ru-Latn', source: `${row.source} ${name}` });
  }
}

const started = performance.now();
const model = trainLanguage(training, 2026);
const trainSeconds = (performance.now() - started) / 1000;
const ways: LanguagePeer[] = [
  { name: 'ours', tell: (it) => languageOf(it, model).lang },
  ...(await languagePeers(values.peers)),
];

const groups = new Map<string, Row[]>();
for (const row of judged) {
  const key = `${row.lang}  ${row.source}`;
  groups.set(key, [...(groups.get(key) ?? []), row]);
}
const accuracy = [...groups].sort().map(([group, list]) => ({
  group,
  rows: list.length,
  right: Object.fromEntries(
    ways.map((way) => [way.name, share(list, (row) => way.tell(row.text) === row.lang)]),
  ),
}));
const textsASecond = Object.fromEntries(ways.map((way) => [way.name, speedOf(way)]));
const confidence = Array.from({ length: 8 }, (_, at) => {
  const from = 0.2 + at / 10;
  const guesses = judged
    .map((row) => ({ row, guess: languageOf(row.text, model) }))
    .filter(({ guess }) => guess.confidence >= from && (guess.confidence < from + 0.1 || at === 7));
  return {
    from,
    rows: guesses.length,
    said: guesses.reduce((sum, it) => sum + it.guess.confidence, 0) / Math.max(1, guesses.length),
    was: share(guesses, ({ row, guess }) => guess.lang === row.lang),
  };
});

if (values.json === true) {
  console.log(JSON.stringify({ trained: training.length, trainSeconds, accuracy, textsASecond, confidence }));
} else {
  const names = ways.map((way) => way.name);
  console.log(`trained on ${training.length} texts in ${trainSeconds.toFixed(1)} s; accuracy in %\n`);
  console.log(
    `| language and source | rows | ${names.join(' | ')} |\n|---|---|${names.map(() => '---|').join('')}`,
  );
  for (const { group, rows: count, right } of accuracy) {
    console.log(
      `| ${group} | ${count} | ${names.map((name) => (100 * right[name]!).toFixed(1)).join(' | ')} |`,
    );
  }
  console.log(`| texts a second | | ${names.map((name) => Math.round(textsASecond[name]!)).join(' | ')} |`);
  console.log('\n| confidence from | rows | said | was right |\n|---|---|---|---|');
  for (const it of confidence) {
    console.log(`| ${it.from.toFixed(1)} | ${it.rows} | ${it.said.toFixed(3)} | ${it.was.toFixed(3)} |`);
  }
}

function read(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

function share<It>(list: readonly It[], isSo: (it: It) => boolean): number {
  return list.length === 0 ? 0 : list.filter(isSo).length / list.length;
}

/** The best of three runs over all that is judged, after one that is not counted. */
function speedOf({ tell }: LanguagePeer): number {
  const runs = Array.from({ length: 4 }, () => {
    const from = performance.now();
    for (const row of judged) tell(row.text);
    return judged.length / ((performance.now() - from) / 1000);
  });
  return Math.max(...runs.slice(1));
}
