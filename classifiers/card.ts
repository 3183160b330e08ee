/** The model card: what a model was made of, how well it does on sources it has not seen, and where it fails. */
import { createHash } from 'node:crypto';
import { CLEAR_TO, FLAG_FROM } from './assess.ts';
import {
  type Ablation,
  ablationOf,
  BOUNDED,
  boundedFigures,
  type Figures,
  figuresOf,
  type Judged,
} from './figures.ts';
import type { ModelFile } from './model.ts';
import type { OutOfFold } from './train.ts';

export interface CardInput {
  readonly file: ModelFile;
  readonly outOfFold: OutOfFold;
  readonly data: readonly { readonly what: string; readonly rows: number; readonly sha256: string }[];
  /** Label -> stems that tell it apart. */
  readonly stems: ReadonlyMap<string, readonly string[]>;
  readonly seconds: number;
}

export interface Card {
  readonly model: string;
  readonly sha256: string;
  readonly data: CardInput['data'];
  readonly bounds: { readonly flagFrom: number; readonly clearTo: number };
  readonly prior: number;
  readonly trainedInSeconds: number;
  readonly pages: Part;
  readonly posts: Part;
  /** Of real pages: what is left without a family of signals. */
  readonly ablation: readonly Ablation[];
  readonly stems: Readonly<Record<string, readonly string[]>>;
  readonly limits: readonly string[];
}

interface Part {
  readonly all: Figures;
  /** 95 % intervals of the figures of real rows: over sources for pages, over rows for posts. */
  readonly bounds: ReturnType<typeof boundedFigures>;
  readonly synthetic: Figures;
  /** Posts only: real ones, each judged with all texts like it left out. */
  readonly unlike?: Figures;
  readonly byLabel: readonly Row[];
  readonly byLanguage: readonly Row[];
  readonly bySource: readonly Row[];
}

interface Row {
  readonly name: string;
  readonly rows: number;
  readonly flagged: number;
  readonly cleared: number;
  readonly abstained: number;
  readonly rightLabel: number;
}

const LIMITS = [
  'Figures of pages are of sources left out of training whole. Where a label has one source (investment_fraud, phishing), leaving it out leaves own examples alone to learn the label from, so these figures are a lower bound.',
  'Figures of posts are of texts left out, equal texts together; nearly all spam has one source, so they say little of other channels. With all like texts left out (groups by likeness) they say more: what a source with other subjects and manners would bring.',
  'Kazakh fraud, droppers, recovery, fake shops and state or bank phishing are known from own examples alone (marked synthetic, counted apart).',
  'Words in pictures are not read. Languages other than Russian, Kazakh and English are judged by signs and source, not by words.',
  'The score is a posterior under the expected share (prior). It is right as a chance only where that share is.',
  'A score is a reason to look, never a decision.',
];

export function cardOf({ file, outOfFold, data, stems, seconds }: CardInput): Card {
  return {
    model: file.name,
    sha256: file.sha256,
    data,
    bounds: { flagFrom: FLAG_FROM, clearTo: CLEAR_TO },
    prior: file.prior,
    trainedInSeconds: Math.round(seconds),
    pages: partOf(outOfFold.pages, 'source'),
    ablation: ablationOf(outOfFold.pages.filter((row) => !row.isSynthetic)),
    posts: {
      ...partOf(outOfFold.posts, 'row'),
      unlike: figuresOf(outOfFold.unlikePosts.filter((row) => !row.isSynthetic)),
    },
    stems: Object.fromEntries(stems),
    limits: LIMITS,
  };
}

function partOf(rows: readonly Judged[], by: 'row' | 'source'): Part {
  const real = rows.filter((row) => !row.isSynthetic);
  return {
    all: figuresOf(real),
    bounds: boundedFigures(real, by),
    synthetic: figuresOf(rows.filter((row) => row.isSynthetic)),
    byLabel: grouped(rows, (row) => `${row.truth}${row.isSynthetic ? ' (synthetic)' : ''}`),
    byLanguage: grouped(real, (row) => row.lang),
    bySource: grouped(real, (row) => `${row.truth} ${sourceName(row.source)}`),
  };
}

/** A source under a short stable name: the card tells sources apart and accuses nobody by name. */
function sourceName(source: string): string {
  return createHash('sha256').update(source).digest('hex').slice(0, 8);
}

function grouped(rows: readonly Judged[], nameOf: (row: Judged) => string): Row[] {
  const groups = groupBy(rows, nameOf);
  return [...groups]
    .map(([name, list]) => ({
      name,
      rows: list.length,
      flagged: list.filter((row) => row.verdict === 'flag').length,
      cleared: list.filter((row) => row.verdict === 'clear').length,
      abstained: list.filter((row) => row.verdict === 'abstain').length,
      rightLabel: list.filter((row) => row.said === row.truth).length,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function groupBy(rows: readonly Judged[], nameOf: (row: Judged) => string): Map<string, Judged[]> {
  const groups = new Map<string, Judged[]>();
  for (const row of rows) groups.set(nameOf(row), [...(groups.get(nameOf(row)) ?? []), row]);
  return groups;
}

export function cardMarkdown(card: Card): string {
  return [
    `# Model card: ${card.model}`,
    '',
    'What the machine thinks of pages and posts: pyramids, fraud with investments, phishing, fake shops and listings, illegal casinos, droppers, recovery fraud, spam. A person decides.',
    '',
    `- Weights: SHA-256 \`${card.sha256}\`, trained in ${card.trainedInSeconds} s by \`kuzet train\``,
    `- Flag from score ${card.bounds.flagFrom}, clear up to ${card.bounds.clearTo}, abstain between (and where the reason says so)`,
    `- Expected share of anything but legit (prior): ${card.prior}; \`kuzet classify --prior\` sets another`,
    '',
    '## Made of',
    '',
    table(
      ['data', 'rows', 'SHA-256'],
      card.data.map((it) => [it.what, it.rows, `\`${it.sha256.slice(0, 16)}…\``]),
    ),
    '',
    ...part('Pages, each judged with its source left out', card.pages),
    ...part('Posts, each judged with its text left out', card.posts),
    '## Pages without a family of signals',
    '',
    'Taken away from the sum, nothing trained again. `text` and `code` include the models of words and of source.',
    '',
    table(
      ['without', 'pages it speaks on', 'AUC', 'recall at 1 % FPR'],
      card.ablation.map((it) => [it.family, it.rows, it.auc.toFixed(3), it.recallAt1.toFixed(3)]),
    ),
    '',
    '## Reliability',
    '',
    '![Score against share of fraud](reliability.svg)',
    '',
    '## Stems that tell labels apart (TF-IDF)',
    '',
    ...Object.entries(card.stems).map(([label, list]) => `- ${label}: ${list.join(', ')}`),
    '',
    '## Limits',
    '',
    ...card.limits.map((limit) => `- ${limit}`),
    '',
  ].join('\n');
}

function part(title: string, it: Part): string[] {
  const counts = ['rows', 'flagged', 'cleared', 'abstained', 'right label'];
  const cells = (row: Row) => [row.name, row.rows, row.flagged, row.cleared, row.abstained, row.rightLabel];
  return [
    `## ${title}`,
    '',
    table(
      [
        '',
        'rows',
        'macro-F1',
        'F1 fraud/legit',
        'AUC',
        'recall at 1 % FPR',
        'ECE',
        'coverage',
        'accuracy of verdicts',
      ],
      [
        figureCells('real', it.all),
        ...(it.unlike === undefined ? [] : [figureCells('real, all like texts left out', it.unlike)]),
        figureCells('synthetic', it.synthetic),
      ],
    ),
    '',
    `95 % intervals of the real ones: ${BOUNDED.map((name) => {
      const { low, high } = it.bounds[name];
      return `${FIGURE_NAMES[name]} ${low.toFixed(3)}-${high.toFixed(3)}`;
    }).join(', ')}.`,
    '',
    table(['label', ...counts], it.byLabel.map(cells)),
    '',
    table(['language', ...counts], it.byLanguage.map(cells)),
    '',
    table(['source', ...counts], it.bySource.map(cells)),
    '',
  ];
}

const FIGURE_NAMES = {
  macroF1: 'macro-F1',
  auc: 'AUC',
  recallAt1: 'recall at 1 % FPR',
  calibrationError: 'ECE',
} as const;

function figureCells(name: string, it: Figures): (string | number)[] {
  const { rows, ...figures } = it;
  return [
    name,
    rows,
    ...Object.values(figures).map((value) => (Number.isFinite(value) ? value.toFixed(3) : '-')),
  ];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
