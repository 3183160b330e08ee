/**
 * How many false domains of Kazakh brands are seen for what they are, and how many honest ones are accused.
 *
 *     node --import tsx bench/lookalike.ts --urls F [--each 12] [--seed 1] [--missed] [--alarms] [--json]
 *
 * F is NDJSON of {"url","label"}; rows labelled `legit` are the honest ones. False domains are made out of
 * each brand's own `.kz` domains. A host counts as seen when an assessment of its address alone bears a
 * signal of family `brand`. Names of up to four letters are reported apart: a slip in one is another word.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { assessPage } from '../classifiers/assess.ts';
import { readBrands } from '../classifiers/brands.ts';
import { loadModel } from '../classifiers/model.ts';
import { seededRandom } from '../classifiers/random.ts';
import { readPage } from '../crawler/extract/page.ts';
import { BadUrlError, parseUrl } from '../domain/url.ts';
import { falseDomains, WAYS } from './lookalike/generate.ts';

const { values } = parseArgs({
  options: {
    urls: { type: 'string' },
    each: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    missed: { type: 'boolean', default: false },
    alarms: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
if (values.urls === undefined) {
  console.error('Give the addresses: --urls FILE, one {"url","label"} a line.');
  process.exit(2);
}

const model = loadModel();
const brands = readBrands();
const signalOf = (url: string): string | null => {
  const page = readPage('', parseUrl(url).href);
  return assessPage(page, model).signals.find((it) => it.family === 'brand')?.excerpt ?? null;
};

const random = seededRandom(Number(values.seed));
const owned = brands.all
  .filter((brand) => brand.kind !== 'global')
  .flatMap((brand) => brand.domains.filter((it) => /^[^.]{3,}\.kz$/.test(it) && it !== 'gov.kz'));
const made = owned
  .flatMap((own) => falseDomains(own, Number(values.each), random))
  .filter(({ host }) => brands.ownerOf(host) === null)
  .map((it) => ({ ...it, isSeen: signalOf(it.host) !== null }));
const ownAccused = owned.filter((own) => signalOf(own) !== null || signalOf(`my.${own}`) !== null);

const honest = readFileSync(values.urls, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { url: string; label: string })
  .filter((row) => row.label === 'legit');
const started = performance.now();
const accused = honest.flatMap(({ url }) => {
  try {
    const why = signalOf(url);
    return why === null ? [] : [{ url, why }];
  } catch (cause) {
    if (cause instanceof BadUrlError) return [];
    throw cause;
  }
});
const perSecond = Math.round((honest.length * 1000) / (performance.now() - started));

const isShort = (own: string): boolean => own.indexOf('.') <= 4;
const recall = (rows: readonly { isSeen: boolean }[]): number =>
  rows.length === 0 ? 1 : rows.filter((it) => it.isSeen).length / rows.length;
const rows = WAYS.map((way) => {
  const list = made.filter((it) => it.way === way);
  return {
    way,
    made: list.length,
    seen: recall(list),
    longNames: recall(list.filter((it) => !isShort(it.own))),
    shortNames: recall(list.filter((it) => isShort(it.own))),
  };
});
const result = {
  domains: owned.length,
  made: made.length,
  recall: recall(made),
  recallLongNames: recall(made.filter((it) => !isShort(it.own))),
  recallShortNames: recall(made.filter((it) => isShort(it.own))),
  honest: honest.length,
  accused: accused.length,
  falseAlarmRate: accused.length / honest.length,
  ownAccused,
  addressesASecond: perSecond,
  rows,
};

if (values.json) console.log(JSON.stringify(result));
else {
  console.table(
    rows.map((row) => ({
      ...row,
      seen: percent(row.seen),
      longNames: percent(row.longNames),
      shortNames: percent(row.shortNames),
    })),
  );
  const { rows: _, ...totals } = result;
  console.log(totals);
}
if (values.missed)
  for (const it of made.filter(({ isSeen }) => !isSeen))
    console.log(`missed ${it.host} (${it.own}, ${it.way})`);
if (values.alarms) for (const { url, why } of accused) console.log(`accused ${url}: ${why}`);

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
