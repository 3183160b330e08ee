/** A table that scrolls by itself: names of columns, rows. */
import type { ComponentChildren } from 'preact';
import { spokenWords } from '../words.ts';
import { Scroller } from './scroller.tsx';

export type Row = readonly ComponentChildren[];

/** The first cell of a row names it; numbers are written as the language does. */
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
                {head}
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
