/** The bars that Kuzet is measured by, each with the one page its figure stands on and the command that makes it. */

export interface Bar {
  readonly about: 'fraud' | 'crawler' | 'duplicates' | 'desk' | 'evidence' | 'faults';
  readonly what: string;
  /** The figure passes from here on, or up to here; `times` a peer's figure of the same run. */
  readonly passes: { readonly least: number; readonly times?: CellPlace } | { readonly most: number };
  /** Where the figure stands: a cell of a table, or the first group of a pattern; null where nobody has measured it. */
  readonly at: CellPlace | { readonly page: string; readonly pattern: RegExp } | null;
  readonly command: string;
}

export interface CellPlace {
  readonly page: string;
  /** How the row's first cell and the column's head begin. */
  readonly row: string;
  readonly column: string;
}

const CARD = 'models/card.md';
const COPIES = 'docs/duplicates-figures.md';
const SPEED = 'docs/crawl-speed.md';
const DESK = 'docs/desk-figures.md';
const EVIDENCE = 'docs/evidence.md';
const FRAUD = 'docs/fraud-figures.md';
const CHAOS = 'docs/chaos.md';
const RENDER = 'docs/render.md';
const DECISIONS = 'node --import tsx bench/render-decisions.ts PAGES.jsonl --kept FOLDER';
const KILLS = 'KUZET_KILL_ROUNDS=100 npx vitest run test/flow/killed.test.ts';
const SCALE = 'docs/scale.md';
const CLASSIFY = 'npm run bench:classify';
const TRAIN = 'npx kuzet train';
const DUPLICATES = 'npm run bench:duplicates';
const CRAWL = 'npm run bench:crawl';
const LOAD = 'npm run bench:load';

const cell = (page: string, row: string, column: string): CellPlace => ({ page, row, column });
const card = (line: RegExp) => ({ page: CARD, pattern: line });

/** Of the card's lines "| real | rows | macro-F1 | F1 | AUC | recall | ECE | coverage | accuracy |": pages come first, posts second. */
const real = (which: 'Pages' | 'Posts', column: number) =>
  card(new RegExp(`## ${which}, each[\\s\\S]*?\\| real \\|(?:[^|]*\\|){${column}} ([\\d.]+)`));

export const BARS: readonly Bar[] = [
  {
    about: 'fraud',
    what: 'pages: macro-F1, source left out',
    passes: { least: 0.8 },
    at: real('Pages', 1),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'pages: AUC fraud against legit, source left out',
    passes: { least: 0.98 },
    at: real('Pages', 3),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'pages: recall at 1 % false alarms, source left out',
    passes: { least: 0.75 },
    at: real('Pages', 4),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'pages: share of verdicts given',
    passes: { least: 0.8 },
    at: real('Pages', 6),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'pages: accuracy of verdicts given',
    passes: { least: 0.95 },
    at: real('Pages', 7),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'posts: macro-F1, text left out',
    passes: { least: 0.965 },
    at: real('Posts', 1),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'posts: AUC, text left out',
    passes: { least: 0.996 },
    at: real('Posts', 3),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'posts: recall at 1 % false alarms, text left out',
    passes: { least: 0.96 },
    at: real('Posts', 4),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'posts: calibration error (ECE)',
    passes: { most: 0.01 },
    at: real('Posts', 5),
    command: TRAIN,
  },
  {
    about: 'fraud',
    what: 'speed: texts a second, times scikit-learn',
    passes: { least: 4 },
    at: cell(FRAUD, 'ours, times scikit-learn', 'posts a second'),
    command: CLASSIFY,
  },
  {
    about: 'fraud',
    what: 'speed: pages a second, times scikit-learn on their source',
    passes: { least: 4 },
    at: cell(FRAUD, 'ours, times scikit-learn', 'pages a second'),
    command: CLASSIFY,
  },
  {
    about: 'fraud',
    what: 'attacks by look-alikes, spacing, emoji, Kazakh in Latin letters: points of recall lost, the worst of them',
    passes: { most: 5 },
    at: cell(FRAUD, 'the worst of the above', 'posts'),
    command: 'node --import tsx bench/attacks.ts',
  },
  {
    about: 'fraud',
    what: 'look-alike names: recall at 0.1 % false alarms, %',
    passes: { least: 95 },
    at: cell(FRAUD, 'all names', 'seen, %'),
    command: 'node --import tsx bench/lookalike.ts',
  },
  {
    about: 'fraud',
    what: 'language: Kazakh told rightly, pairs of words, %',
    passes: { least: 96 },
    at: cell(FRAUD, 'kk', 'right, %'),
    command: 'node --import tsx bench/langid.ts',
  },
  {
    about: 'fraud',
    what: 'language: Russian told rightly, pairs of words, %',
    passes: { least: 99.5 },
    at: cell(FRAUD, 'ru', 'right, %'),
    command: 'node --import tsx bench/langid.ts',
  },

  {
    about: 'crawler',
    what: 'fetch and read: times less CPU than Scrapy',
    passes: { least: 10 },
    at: cell(SPEED, 'ours bare', 'CPU beside Scrapy'),
    command: CRAWL,
  },
  {
    about: 'crawler',
    what: 'fetch and read: pages a second, times Scrapy',
    passes: { least: 13 },
    at: cell(SPEED, 'ours bare', 'pages/s beside Scrapy'),
    command: CRAWL,
  },
  {
    about: 'crawler',
    what: 'fetch and read: pages a second, times CheerioCrawler as it comes',
    passes: { least: 20 },
    at: cell(SPEED, 'ours bare', 'pages/s beside CheerioCrawler'),
    command: CRAWL,
  },
  {
    about: 'crawler',
    what: 'the whole visit, embedded engines: pages a second',
    passes: { least: 4, times: cell(SPEED, 'Scrapy, tuned, links only', 'pages/s') },
    at: cell(SPEED, 'embedded', 'pages/s'),
    command: CRAWL,
  },
  {
    about: 'crawler',
    what: 'the whole visit, PostgreSQL and Redis: pages a second',
    passes: { least: 6, times: cell(SPEED, 'Scrapy, tuned, links only', 'pages/s') },
    at: cell(SPEED, 'PostgreSQL, Redis', 'pages/s'),
    command: CRAWL,
  },
  {
    about: 'crawler',
    what: 'a year of 38,000 sites of 5 pages, in hours, run whole',
    passes: { most: 1 },
    at: cell(SPEED, 'run whole', 'hours'),
    command: CRAWL,
  },
  {
    about: 'crawler',
    what: 'an address at a million known, times at a thousand: embedded store',
    passes: { most: 1.2 },
    at: cell(SPEED, '1,000,000', 'beside 1,000'),
    command: 'node --import tsx bench/crawl/grow.ts 1000 1000000',
  },
  {
    about: 'crawler',
    what: 'an address at a million known, times at a thousand: PostgreSQL',
    passes: { most: 1.2 },
    at: cell(SPEED, '1,000,000', 'beside a thousand'),
    command: 'node --import tsx bench/crawl/grow.ts 1000 1000000',
  },

  {
    about: 'crawler',
    what: 'a render for text: pages a second, times PlaywrightCrawler as it comes',
    passes: { least: 2 },
    at: cell(SPEED, 'ours for text', 'pages/s beside'),
    command: CRAWL,
  },
  {
    about: 'crawler',
    what: 'a render for text: CPU, times PlaywrightCrawler as it comes',
    passes: { most: 0.45 },
    at: cell(SPEED, 'ours for text', 'CPU beside'),
    command: CRAWL,
  },
  {
    about: 'crawler',
    what: 'rendering as Kuzet decides: pages rendered, % (of pages of which 30 % are fraud)',
    passes: { most: 15 },
    at: cell(RENDER, 'pages rendered, of these', '%'),
    command: DECISIONS,
  },
  {
    about: 'crawler',
    what: 'rendering as Kuzet decides: findings lost beside rendering all, %',
    passes: { most: 1 },
    at: cell(RENDER, 'findings of rendering all', '%'),
    command: DECISIONS,
  },
  {
    about: 'duplicates',
    what: 'scorer, all fields: AUC',
    passes: { least: 0.998 },
    at: cell(COPIES, 'AUC', 'all fields'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'scorer, all fields: recall at precision 0.99',
    passes: { least: 0.97 },
    at: cell(COPIES, 'recall at precision 0.99', 'all fields'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'scorer, text alone: AUC',
    passes: { least: 0.985 },
    at: cell(COPIES, 'AUC', 'text alone'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'weakest kind of copies at 1 % false alarms, all fields',
    passes: { least: 0.98 },
    at: cell(COPIES, 'weakest kind', 'all fields'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'weakest kind of copies at 1 % false alarms, text alone',
    passes: { least: 0.98 },
    at: cell(COPIES, 'weakest kind', 'text alone'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'worst kind of look-alikes of three corpora, all fields, %',
    passes: { most: 4 },
    at: { page: COPIES, pattern: /copies in more than [\d.]+, ([\d.]+) and [\d.]+ %/ },
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'end to end: pairs found',
    passes: { least: 0.97 },
    at: { page: COPIES, pattern: /([\d.]+) of the pairs found at precision/ },
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'end to end: precision',
    passes: { least: 0.98 },
    at: { page: COPIES, pattern: /pairs found at precision ([\d.]+\d)/ },
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'candidates a listing',
    passes: { most: 40 },
    at: { page: COPIES, pattern: /([\d.]+)\s+candidates a listing/ },
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'rings: B-cubed F1',
    passes: { least: 0.97 },
    at: { page: COPIES, pattern: /B-cubed F1 ([\d.]+\d)/ },
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'signatures a second, times the fastest peer',
    passes: { least: 60 },
    at: cell(COPIES, 'signatures/s', 'times the fastest'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'checked and inserted a second, times the fastest peer',
    passes: { least: 20 },
    at: cell(COPIES, 'checked and inserted/s', 'times the fastest'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'bytes a listing in memory, at a million',
    passes: { most: 300 },
    at: { page: COPIES, pattern: /([\d.]+) bytes a\s+listing/ },
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'checked and inserted a second, at a million',
    passes: { least: 60_000 },
    at: cell(COPIES, 'checked and put in, a second', 'median'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'a check among a million, 99 of 100 within so many ms of the processor',
    passes: { most: 2 },
    at: cell(COPIES, 'the same, 99 of 100', 'median'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'the index of a million back from disk, seconds',
    passes: { most: 2 },
    at: cell(COPIES, 'the way back from a snapshot', 'median'),
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'a check over HTTP at 100 a second, 99 of 100 within so many ms',
    passes: { most: 20 },
    at: cell(COPIES, '100', '99 of 100 within'),
    command: 'node --import tsx bench/listing-check.ts',
  },
  {
    about: 'duplicates',
    what: 'phones hidden in words: F1',
    passes: { least: 0.95 },
    at: { page: COPIES, pattern: /no phone of anybody[^.]*F1 ([\d.]+\d)/ },
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'photos: mirrored found',
    passes: { least: 0.9 },
    at: { page: COPIES, pattern: /\| the others \|(?:[^|]*\|){6} ([\d.]+)/ },
    command: DUPLICATES,
  },
  {
    about: 'duplicates',
    what: 'photos: false matches in ten thousand pairs',
    passes: { most: 1 },
    at: { page: COPIES, pattern: /\| the others \|[^(|]*\(([\d.]+) in ten thousand/ },
    command: DUPLICATES,
  },
  ...(
    [
      ['Abt-Buy', 'F1', 0.78],
      ['Amazon-Google', 'F1', 0.68],
      ['Walmart-Amazon', 'F1', 0.77],
      ['WDC', 'F1', 0.78],
      ['ParaPhraser', 'AUC', 0.82],
    ] as const
  ).map(
    ([set, measure, least]): Bar => ({
      about: 'duplicates',
      what: `${set}, labelled by people: ${measure}`,
      passes: { least },
      at: cell(COPIES, set, measure),
      command: DUPLICATES,
    }),
  ),
  {
    about: 'desk',
    what: 'decision to next case painted, times the same case from memory, at 100,000 cases',
    passes: { most: 2 },
    at: cell(DESK, 'decision to next case', 'ratio'),
    command: 'npm run bench:desk',
  },
  ...(
    [
      ['first page', 'the first page of the queue'],
      ['a page of one label', 'a page of one label'],
      ['a page far down', 'a page far down the queue'],
    ] as const
  ).map(
    ([row, what]): Bar => ({
      about: 'desk',
      what: `${what} among a million cases, times among a thousand, on PostgreSQL`,
      passes: { most: 2 },
      at: cell(DESK, row, 'ratio'),
      command: 'npm run bench:queue',
    }),
  ),
  {
    about: 'desk',
    what: 'requests of officers answered a second of 100, among a million cases, a scan going on',
    passes: { least: 100 },
    at: cell(SCALE, 'the desk, all together', 'answered'),
    command: LOAD,
  },
  {
    about: 'desk',
    what: 'at 100 requests a second among a million cases, a scan going on: p95, ms',
    passes: { most: 200 },
    at: cell(SCALE, 'the desk, all together', 'p95'),
    command: LOAD,
  },
  {
    about: 'desk',
    what: 'memory of the desk meanwhile, change from the first quarter to the last, %',
    passes: { most: 10 },
    at: { page: SCALE, pattern: /a desk's memory, from the first quarter to the last, % \| ([\d.]+)/ },
    command: LOAD,
  },
  {
    about: 'desk',
    what: 'checks of listings a second over HTTP that one desk bears',
    passes: { least: 2000 },
    at: cell(SCALE, 'checks alone at 800', 'answered'),
    command: LOAD,
  },
  {
    about: 'desk',
    what: 'checks of listings over HTTP at that rate: p99, ms',
    passes: { most: 20 },
    at: cell(SCALE, 'checks alone at 800', 'p99'),
    command: LOAD,
  },
  ...(['two screens', 'four screens', 'eighteen screens'] as const).map(
    (height): Bar => ({
      about: 'evidence',
      what: `keeping a page of 2 MB and ${height}: times loading it`,
      passes: { most: 2 },
      at: cell(EVIDENCE, height, 'times the load'),
      command: 'node --import tsx bench/archive-cost.ts',
    }),
  ),
  ...(
    [
      ['the embedded engines', 'embedded'],
      ['PostgreSQL and Redis', 'PostgreSQL'],
    ] as const
  ).flatMap(([engines, column]): Bar[] => [
    {
      about: 'faults',
      what: `chaos on ${engines}: rounds`,
      passes: { least: 200 },
      at: cell(CHAOS, 'rounds', column),
      command: 'npm run test:chaos',
    },
    {
      about: 'faults',
      what: `chaos on ${engines}: acknowledged records lost, half states, things twice`,
      passes: { most: 0 },
      at: cell(CHAOS, 'lost, by half or twice', column),
      command: 'npm run test:chaos',
    },
    {
      about: 'faults',
      what: `a scan killed at random moments, on ${engines}: kills`,
      passes: { least: 100 },
      at: cell(CHAOS, 'kills', column),
      command: KILLS,
    },
    {
      about: 'faults',
      what: `a scan killed at random moments, on ${engines}: pages lost or captured twice`,
      passes: { most: 0 },
      at: cell(CHAOS, 'pages lost', column),
      command: KILLS,
    },
  ]),
];
