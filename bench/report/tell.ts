/** What the pages tell of each bar. */
import type { Bar, CellPlace } from './bars.ts';

export type Pages = (name: string) => string;

export interface Told {
  readonly bar: Bar;
  /** As the page writes it. */
  readonly figure: string | null;
  readonly value: number | null;
  /** What the bar asks for, in the figure's own unit; null where the peer's figure is missing. */
  readonly limit: number | null;
  readonly says: 'meets it' | 'falls short' | 'not measured' | 'told no more';
}

/** @param pages text of a page; '' where there is none. */
export function tell(bars: readonly Bar[], pages: Pages): Told[] {
  return bars.map((bar): Told => {
    const limit = limitOf(bar, pages);
    if (bar.at === null) return { bar, figure: null, value: null, limit, says: 'not measured' };
    const figure =
      'row' in bar.at ? cellOf(pages, bar.at) : writtenIn(bar.at.pattern.exec(pages(bar.at.page))?.[1]);
    const value = figure === null ? null : numberOf(figure);
    if (value === null || limit === null) return { bar, figure, value, limit, says: 'told no more' };
    const isMet = 'most' in bar.passes ? value <= limit : value >= limit;
    return { bar, figure, value, limit, says: isMet ? 'meets it' : 'falls short' };
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
