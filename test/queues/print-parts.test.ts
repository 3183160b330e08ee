import { expect, test } from 'vitest';
import { PRINTED_PAGES, printParts } from '../../queues/reading/print-parts.ts';

const part = (run: number) => ({ runs: Int32Array.of(run), paths: new Int32Array(0), marks: [] });

test('of a visit the riskiest pages are kept for its print, of equal ones the first', () => {
  const parts = printParts();
  for (let n = 0; n < PRINTED_PAGES + 2; n += 1) parts.note(`capture-${n}`, n === 3 ? 0.1 : 0.5, part(n));
  parts.note('riskiest', 0.9, part(100));
  expect(parts.of('riskiest')).toEqual(part(100));
  expect(parts.of('capture-0')).toEqual(part(0));
  expect(parts.of('capture-3')).toBeNull();
  const kept = Array.from({ length: PRINTED_PAGES + 2 }, (_, n) => n).filter(
    (n) => parts.of(`capture-${n}`) !== null,
  );
  expect(kept).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
});

test('a page of too many words is not kept, and is read again from its evidence', () => {
  const parts = printParts();
  parts.note('capture', 0.5, null);
  expect(parts.of('capture')).toBeNull();
});
