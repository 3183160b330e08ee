import { describe, expect, test } from 'vitest';
import { foldedTo, ngramReader } from '../../classifiers/ngrams.ts';

const words = { kind: 'word', min: 1, max: 1 } as const;
const length = (values: Iterable<number>): number =>
  Math.sqrt([...values].reduce((sum, it) => sum + it * it, 0));

describe('ngramReader', () => {
  test('gives each block the length 1, however long it is', () => {
    const reader = ngramReader(16, [{ kind: 'char', min: 1, max: 1 }, words]);
    const { value } = reader.read('тез табыс кепілі', null);
    expect(length(value)).toBeCloseTo(Math.SQRT2, 5);
  });

  test('counts a word said again by its logarithm', () => {
    const { value } = ngramReader(16, [words]).read('табыс табыс кепілі', null);
    expect(value[0]! / value[1]!).toBeCloseTo(1 + Math.log(2), 5);
  });

  test('keeps runs of characters inside words, a space at either end', () => {
    const reader = ngramReader(16, [{ kind: 'char', min: 3, max: 3 }]);
    expect(reader.read('аб вг', null).at).toHaveLength(4);
    expect(reader.read('вг аб', null).at.toSorted()).toEqual(reader.read('аб вг', null).at.toSorted());
  });

  test('reads words, names of elements and attributes alike as a source', () => {
    const html = '<div class="plan-price">Deposit now</div>';
    expect(ngramReader(16, [{ kind: 'source', min: 1, max: 1 }]).read(html, null).at).toHaveLength(6);
  });

  test('sees no difference in the case of a source', () => {
    const reader = ngramReader(16, [{ kind: 'source', min: 1, max: 2 }]);
    expect(reader.read('<DIV ID=Top>', null)).toEqual(reader.read('<div id=top>', null));
  });

  test('gives an empty vector for an empty text', () => {
    expect(ngramReader(16, [words]).read('', null).at).toHaveLength(0);
  });

  test('remembers nothing between texts', () => {
    const reader = ngramReader(16, [{ kind: 'char', min: 1, max: 4 }, words]);
    const alone = ngramReader(16, reader.blocks).read('екінші мәтін', null);
    reader.read('бірінші мәтін', null);
    expect(reader.read('екінші мәтін', null)).toEqual(alone);
  });
});

describe('foldedTo', () => {
  test('keeps the lowest bits of every bucket and the values', () => {
    const vector = { at: Int32Array.of(5, 70), value: Float32Array.of(0.6, 0.8) };
    expect([...foldedTo(6, vector).at]).toEqual([5, 6]);
    expect(foldedTo(6, vector).value).toBe(vector.value);
  });
});

describe('white space', () => {
  test('of any kind and length is one space', () => {
    const reader = ngramReader(16, [{ kind: 'char', min: 1, max: 4 }, words]);
    expect(reader.read('тез \n\t табыс\u2003кепілі  ', null)).toEqual(reader.read('тез табыс кепілі', null));
  });
});
