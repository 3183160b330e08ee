import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, checkChain, LEDGER_START, type LedgerRow, nextRow } from '../../domain/ledger.ts';

const at = new Date('2026-05-04T06:00:00Z');

function chain(length: number): LedgerRow[] {
  const rows: LedgerRow[] = [];
  for (let n = 1; n <= length; n += 1) {
    const entry = { case: 'K-000001', revision: n, by: 'aigerim' };
    rows.push(nextRow(rows.at(-1) ?? null, { at, kind: 'act', subject: `K-000001/${n}`, entry }));
  }
  return rows;
}

function faultsOf(rows: readonly LedgerRow[]): [number, string][] {
  const check = checkChain();
  return rows.flatMap((row) => check.take(row)).map(({ seq, what }) => [seq, what]);
}

describe('a row of the ledger', () => {
  test('hashes its own words and the hash of the row before', () => {
    const first = nextRow(null, {
      at,
      kind: 'scrub',
      subject: '2026-05-04',
      entry: { blobs: 2, faults: [] },
    });
    expect(first).toEqual({
      seq: 1,
      at: '2026-05-04T06:00:00.000Z',
      kind: 'scrub',
      subject: '2026-05-04',
      entry: '{"blobs":2,"faults":[]}',
      prev: LEDGER_START,
      // printf '%s' '[1,"2026-05-04T06:00:00.000Z","scrub","2026-05-04","{\"blobs\":2,\"faults\":[]}","000…"]' | sha256sum
      hash: '0bd2852ee67bd281073c8718bfbb987cb6464cf297d2b14a75ef8b991e7886f3',
    });
    expect(nextRow(first, { at, kind: 'scrub', subject: '2026-05-05', entry: {} }).prev).toBe(first.hash);
  });

  test('has the same words whatever order the keys came in', () => {
    expect(canonicalJson({ b: 1, a: { d: at, c: [2, undefined] } })).toBe(
      '{"a":{"c":[2,null],"d":"2026-05-04T06:00:00.000Z"},"b":1}',
    );
  });
});

describe('a chain', () => {
  test('that nobody touched has no fault', () => {
    const check = checkChain();
    const rows = chain(5);
    expect(rows.flatMap((row) => check.take(row))).toEqual([]);
    expect(check).toMatchObject({ rows: 5, head: rows[4]!.hash });
  });

  test('tells which row was edited', () => {
    const rows = chain(5);
    rows[2] = { ...rows[2]!, entry: rows[2]!.entry.replace('aigerim', 'daniyar') };
    expect(faultsOf(rows)).toEqual([[3, 'altered']]);
  });

  test('tells that a row was edited though its hash was made anew', () => {
    const rows = chain(5);
    rows[2] = nextRow(rows[1]!, { at, kind: 'act', subject: 'K-000001/3', entry: { by: 'daniyar' } });
    expect(faultsOf(rows)).toEqual([[4, 'unlinked']]);
  });

  test('tells which rows are gone', () => {
    const rows = chain(6);
    expect(faultsOf(rows.filter(({ seq }) => seq !== 3 && seq !== 4))).toEqual([[3, 'missing']]);
    expect(faultsOf(rows.slice(2))).toEqual([[1, 'missing']]);
  });

  test('tells which rows changed places, with their numbers or without', () => {
    const rows = chain(5);
    const swapped = [rows[0]!, rows[2]!, rows[1]!, rows[3]!, rows[4]!];
    expect(faultsOf(swapped)).toContainEqual([2, 'out_of_order']);
    const renumbered = swapped.map((row, n) => ({ ...row, seq: n + 1 }));
    expect(faultsOf(renumbered)).toEqual([
      [2, 'altered'],
      [3, 'altered'],
      [4, 'unlinked'],
    ]);
  });

  test('of which one letter changed anywhere is found at that row', () => {
    const rows = chain(20);
    const place = fc.record({
      n: fc.nat(19),
      field: fc.constantFrom('at', 'subject', 'entry', 'prev', 'hash' as const),
      place: fc.nat(1000),
    });
    fc.assert(
      fc.property(place, ({ n, field, place }) => {
        const row = rows[n]!;
        const text = row[field];
        const where = place % text.length;
        const other = text[where] === '0' ? '1' : '0';
        const edited = { ...row, [field]: text.slice(0, where) + other + text.slice(where + 1) };
        const faults = faultsOf(rows.map((each, k) => (k === n ? edited : each)));
        expect(faults[0]).toEqual([n + 1, 'altered']);
      }),
      { numRuns: 1000 },
    );
  });

  test('has roots that answer for all rows above them', () => {
    const rows = chain(2);
    const entry = { day: '2026-05-04', rows: 2, head: rows[1]!.hash };
    const root = nextRow(rows[1]!, { at, kind: 'root', subject: '2026-05-04', entry });
    expect(faultsOf([...rows, root])).toEqual([]);
    const untrue = nextRow(rows[1]!, {
      at,
      kind: 'root',
      subject: '2026-05-04',
      entry: { ...entry, rows: 1 },
    });
    expect(faultsOf([...rows, untrue])).toEqual([[3, 'root_differs']]);
  });
});
