/**
 * The Kazakh stemmer beside doing nothing and beside the first five letters, against hunspell-kk.
 *
 *     node --import tsx bench/kazakh-stem.ts [--folder /usr/share/hunspell] [--json]
 *
 * Forms are made by the dictionary's own rules, one a stem. Agreement: the form and its base get one stem.
 * Over-stemming: neighbours in the dictionary that are different words get one stem. The dictionary lists
 * some inflected forms as words of their own, so no stemmer reaches 100 %. Without hunspell-kk it says so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../classifiers/random.ts';
import { kazakhStem } from '../domain/kazakh-stem.ts';

const { values } = parseArgs({
  options: { folder: { type: 'string', default: '/usr/share/hunspell' }, json: { type: 'boolean' } },
});
const path = (ending: string): string => join(values.folder, `kk_KZ.${ending}`);
if (!existsSync(path('dic'))) {
  console.error(`Skipped: no ${path('dic')}. Install Debian's package hunspell-kk.`);
  process.exit(0);
}
const lines = (ending: string): string[] =>
  readFileSync(path(ending), 'utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
const rules = new Map<string, { strip: string; add: string; ends: RegExp }[]>();
for (const line of lines('aff')) {
  const [kind, flag, strip, add, ends] = line.split(/\s+/);
  if (kind !== 'SFX' || flag === undefined || strip === undefined || add === undefined || ends === undefined)
    continue;
  const list = rules.get(flag) ?? [];
  list.push({ strip: strip === '0' ? '' : strip, add: add.split('/')[0]!, ends: new RegExp(`${ends}$`) });
  rules.set(flag, list);
}
const random = seededRandom(2026);
const bases: string[] = [];
const pairs: { base: string; form: string }[] = [];
for (const line of lines('dic').slice(1)) {
  const [base = '', flags = ''] = line.split('/');
  if (!/^[а-яёәғқңөұүһі]{3,}$/.test(base)) continue;
  bases.push(base);
  const fit = [...flags]
    .flatMap((flag) => rules.get(flag) ?? [])
    .filter((it) => it.ends.test(base) && base.endsWith(it.strip));
  const rule = fit[Math.floor(random() * fit.length)];
  if (rule !== undefined)
    pairs.push({ base, form: base.slice(0, base.length - rule.strip.length) + rule.add });
}
const ways: Readonly<Record<string, (word: string) => string>> = {
  ours: kazakhStem,
  nothing: (word) => word,
  'five letters': (word) => word.slice(0, 5),
};
const results = Object.entries(ways).map(([name, stem]) => {
  const neighbours = bases.slice(1).filter((base, i) => !base.startsWith(bases[i]!.slice(0, -1)));
  const before = new Map(bases.slice(1).map((base, i) => [base, bases[i]!]));
  const merged = neighbours.filter((base) => stem(base) === stem(before.get(base)!)).length;
  const agree = pairs.filter(({ base, form }) => stem(base) === stem(form)).length;
  const from = performance.now();
  for (const { form } of pairs) stem(form);
  const wordsASecond = Math.round(pairs.length / ((performance.now() - from) / 1000));
  return {
    name,
    agree: agree / pairs.length,
    under: 1 - agree / pairs.length,
    over: merged / neighbours.length,
    wordsASecond,
  };
});
if (values.json === true) console.log(JSON.stringify({ forms: pairs.length, results }));
else {
  console.log(
    `${pairs.length} forms\n\n| stemmer | form and base agree | under-stemmed | over-stemmed | words/s |\n|---|---|---|---|---|`,
  );
  for (const it of results) {
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    console.log(
      `| ${it.name} | ${percent(it.agree)} | ${percent(it.under)} | ${percent(it.over)} | ${it.wordsASecond} |`,
    );
  }
}
