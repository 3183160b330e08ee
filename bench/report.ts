/**
 * Writes docs/figures.md: every bar with its figure, read off the one page where it stands.
 *
 *     npm run report
 *
 * Nothing is measured here and nothing is copied by hand: a page that tells a figure no more is said to.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BARS, type Bar, type CellPlace } from './report/bars.ts';

export type Pages = (name: string) => string;

export interface Told {
  readonly bar: Bar;
  /** As the page writes it. */
  readonly figure: string | null;
  readonly says: 'meets it' | 'falls short' | 'not measured' | 'told no more';
}

/** @param pages text of a page; '' where there is none. */
export function tell(bars: readonly Bar[], pages: Pages): Told[] {
  return bars.map((bar): Told => {
    if (bar.at === null) return { bar, figure: null, says: 'not measured' };
    const figure =
      'row' in bar.at ? cellOf(pages, bar.at) : writtenIn(bar.at.pattern.exec(pages(bar.at.page))?.[1]);
    const limit = limitOf(bar, pages);
    if (figure === null || limit === null) return { bar, figure, says: 'told no more' };
    const value = numberOf(figure);
    const isMet = 'most' in bar.passes ? value <= limit : value >= limit;
    return { bar, figure, says: isMet ? 'meets it' : 'falls short' };
  });
}

function limitOf({ passes }: Bar, pages: Pages): number | null {
  if ('most' in passes) return passes.most;
  if (passes.times === undefined) return passes.least;
  const peer = cellOf(pages, passes.times);
  return peer === null ? null : passes.least * numberOf(peer);
}

/** The number in a cell of the first table that has such a row and such a column; null when none has. */
export function cellOf(pages: Pages, { page, row, column }: CellPlace): string | null {
  const tables = pages(page).match(/(?:^\|.*\|$\n?)+/gm) ?? [];
  for (const table of tables) {
    const [head = [], , ...rows] = table
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((it) => it.trim()),
      );
    const at = head.findIndex((it) => it.startsWith(column));
    const found = rows.find((cells) => cells[0]?.startsWith(row));
    if (at !== -1 && found !== undefined) return writtenIn(found[at]);
  }
  return null;
}

function writtenIn(text: string | undefined): string | null {
  return /-?\d[\d,]*(\.\d+)?/.exec(text ?? '')?.[0] ?? null;
}

function numberOf(written: string): number {
  return Number(written.replaceAll(',', ''));
}

export function reportPage(told: readonly Told[]): string {
  const count = (says: Told['says']) => told.filter((it) => it.says === says).length;
  const rows = told.map(
    ({ bar, figure, says }) =>
      `| ${bar.about} | ${bar.what} | ${barWords(bar)} | ${figure ?? '—'} | ${says === 'meets it' ? says : `**${says}**`} | ${bar.at === null ? '—' : pageLink(bar.at.page)} | \`${bar.command}\` |`,
  );
  return `# Figures

Made by \`npm run report\` of the pages where the figures stand; each of those says with which data, on which machine and
under what load they were measured, and what peer stood beside. Change those pages, not this one.

Of ${told.length} bars ${count('meets it')} are met, ${count('falls short')} fall short, ${count('not measured')} have no figure on any page. ${count('told no more') === 0 ? '' : `${count('told no more')} are told no more by the page that told them. `}Figures of the model's card are of the data it was made of,
with sources or texts left out: they are no proof for others. Bars that are laws (nothing lost, nobody let in, every byte
found) are tests and not figures: \`npm test\`, and [the checklist of security](security/asvs.md).

| about | what | bar | figure | | page | command |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

function barWords({ passes }: Bar): string {
  if ('most' in passes) return `at most ${passes.most}`;
  return passes.times === undefined
    ? `at least ${passes.least}`
    : `at least ${passes.least} x ${passes.times.row}`;
}

function pageLink(page: string): string {
  return `[${page}](${page.startsWith('docs/') ? page.slice(5) : `../${page}`})`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const told = tell(BARS, (name) => readFileSync(root + name, 'utf8'));
  writeFileSync(`${root}docs/figures.md`, reportPage(told));
  for (const { bar, figure, says } of told)
    if (says !== 'meets it') console.log(`${says}: ${bar.what} (${figure ?? '—'})`);
}
