/** A table in Markdown. */
export type Column<Row> = readonly [title: string, cell: (row: Row) => string];

export function markdown<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([title]) => title)),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row).replaceAll('|', '\\|')))),
    '',
  ].join('\n');
}
