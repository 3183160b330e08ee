/** A piece of the statistics: its name, its chart where it has one, the table behind it, and the way to take it along. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { say, sayIfKnown, spokenWords } from '../words.ts';
import { Scroller } from './scroller.tsx';

export type Row = readonly ComponentChildren[];

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
        <Table heads={heads} rows={rows} name={title} />
      ) : (
        <details>
          <summary>{say('statistics.table')}</summary>
          <Table heads={heads} rows={rows} name={title} />
        </details>
      )}
    </section>
  );
}

export function Table({
  heads,
  rows,
  name,
}: {
  readonly heads: readonly string[];
  readonly rows: readonly Row[];
  readonly name: string;
}) {
  return (
    <Scroller class="table" aria-label={name}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {sayIfKnown(`statistics.${head}`, head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, at) => (
            <tr key={at}>
              {cells.map((cell, column) =>
                column === 0 ? (
                  <th key={column} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={column} class={typeof cell === 'number' ? 'figure' : undefined}>
                    {typeof cell === 'number' ? spokenWords().number(cell) : cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
