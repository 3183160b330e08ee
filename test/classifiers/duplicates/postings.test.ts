import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Postings, postings } from '../../../classifiers/duplicates/postings.ts';
import { mix } from '../../../classifiers/mix.ts';

const under = (index: Postings, key: number, from = 0): number[] => {
  const into = new Int32Array(64).fill(-1);
  const found = index.look(key, into, from);
  return [...into.subarray(from, from + found)].sort((a, b) => a - b);
};

describe('postings', () => {
  test('gives the numbers under a key, and none under another', () => {
    const index = postings(4);
    index.insert(0xfffffff0, 7);
    index.insert(0xfffffff0, 9);
    expect(under(index, 0xfffffff0)).toEqual([7, 9]);
    expect(under(index, 0x7ffffff0)).toEqual([]);
  });

  test('keeps the newest of a key, and one that is older than all of them does not come in', () => {
    const index = postings(3);
    for (const number of [5, 6, 7, 8, 2]) index.insert(1, number);
    expect(under(index, 1)).toEqual([6, 7, 8]);
  });

  test('a number stands once under a key, however often it is put there', () => {
    const index = postings(3);
    for (let again = 0; again < 3; again += 1) index.insert(1, 5);
    expect(under(index, 1)).toEqual([5]);
  });

  test('what is taken out is gone from under all its keys, and its place is used again', () => {
    const index = postings(60);
    for (let number = 0; number < 10; number += 1) index.insert(1, number);
    index.insert(2, 3);
    index.remove(3);
    expect(under(index, 1)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
    expect(under(index, 2)).toEqual([]);
    const size = index.size();
    index.insert(1, 10);
    expect(index.size()).toBe(size);
  });

  test('writes from the place asked for', () => {
    const index = postings(4);
    index.insert(1, 7);
    expect(under(index, 1, 30)).toEqual([7]);
  });

  test('finds seven hundred thousand postings again after a good many splits, and nothing under keys that were never given', () => {
    const index = postings(8);
    const keyOf = (at: number) => mix(at * 3 + 1) >>> 0;
    for (let at = 0; at < 700_000; at += 1) index.insert(keyOf(at), at);
    let [missed, strange] = [0, 0];
    const into = new Int32Array(64);
    for (let at = 0; at < 700_000; at += 1) {
      const found = index.look(keyOf(at), into, 0);
      if (found !== 1 || into[0] !== at) missed += 1;
      strange += index.look(keyOf(at + 700_000), into, 0);
    }
    expect([missed, strange, index.size()]).toEqual([0, 0, 700_000]);
    // At most ten bytes a posting, the least table among them.
    expect(index.bytes()).toBeLessThan(8_000_000);
  });

  test('answers as a list of everything would, from a snapshot too', () => {
    // Few buckets and many numbers, so that lines overflow.
    const step = fc.record({ key: fc.nat({ max: 12 }), number: fc.nat({ max: 200 }), isIn: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const index = postings(20);
        const truth = new Map<number, Set<number>>();
        const gone = new Set<number>();
        for (const { key, number, isIn } of steps) {
          // All keys fall into one bucket. A number that was taken out is never given again.
          const own = key * 65_536 + 9;
          if (!isIn && number % 3 === 0) {
            index.remove(number);
            gone.add(number);
          } else if (!gone.has(number)) {
            index.insert(own, number);
            const all = [...(truth.get(own) ?? []), number].filter((it) => !gone.has(it));
            truth.set(own, new Set([...new Set(all)].sort((a, b) => b - a).slice(0, 20)));
          }
        }
        for (const it of [index, postings(20, index.freeze())]) {
          for (const [key, numbers] of truth) {
            const alive = [...numbers].filter((number) => !gone.has(number)).sort((a, b) => a - b);
            expect(under(it, key)).toEqual(alive);
          }
        }
      }),
    );
  });
});
