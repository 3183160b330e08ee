/** A piece of the statistics: its name, its chart where it has one, the table behind it, and the way to take it along. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { say, sayIfKnown } from '../words.ts';
import { type Row, Table } from './table.tsx';

export type { Row } from './table.tsx';

/** @param heads names of `statistics.NAME`, a column each; numbers are written as the language does. */
export function Figures({
  title,
  help,
  csv,
  heads,
  rows,
  children,
}: {
  readonly title: string;
  readonly help?: string;
  /** Address of the same table as CSV. */
  readonly csv: string;
  readonly heads: readonly string[];
  readonly rows: readonly Row[];
  readonly children?: ComponentChildren;
}) {
  const said = heads.map((head) => sayIfKnown(`statistics.${head}`, head));
  const name = useId();
  return (
    <section class="verdict figures" aria-labelledby={name}>
      <header>
        <h2 id={name}>{title}</h2>
        <a href={csv} download>
          {say('statistics.csv')}
        </a>
      </header>
      {help === undefined ? null : <p class="aside">{help}</p>}
      {rows.length === 0 ? <p class="aside">{say('statistics.empty')}</p> : children}
      {rows.length === 0 ? null : children === undefined ? (
        <Table heads={said} rows={rows} name={title} />
      ) : (
        <details>
          <summary>{say('statistics.table')}</summary>
          <Table heads={said} rows={rows} name={title} />
        </details>
      )}
    </section>
  );
}
