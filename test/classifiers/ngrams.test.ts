import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldedTo, ngramReader, plainText } from '../../classifiers/ngrams.ts';

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

describe('weigh', () => {
  const reader = ngramReader(10, [
    { kind: 'char', min: 1, max: 2 },
    { kind: 'char', min: 3, max: 4 },
    { kind: 'word', min: 1, max: 2 },
  ]);
  const idf = Uint8Array.from({ length: 2 ** 10 }, (_, bucket) => 1 + (bucket % 200));
  const weights = Int8Array.from({ length: 2 ** 10 }, (_, bucket) => ((bucket * 37) % 255) - 127);
  const texts = fc.array(fc.constantFrom('Табыс', ' ', '\n', 'a', 'Б', '5', '₸', 'é'), { maxLength: 40 });

  test('says of several weights over fewer buckets what the vector folded says', () => {
    fc.assert(
      fc.property(texts, (parts) => {
        const plain = plainText(parts.join(''));
        const { at, value } = foldedTo(6, reader.read(plain, idf));
        const sum = at.reduce((total, bucket, i) => total + weights[bucket]! * value[i]!, 0);
        const [one, none] = reader.weighEach(plain, idf, 6, [weights, new Int8Array(64)]);
        expect(one).toBeCloseTo(sum, 2);
        expect(none).toBe(0);
      }),
    );
  });

  test('says of a text, and of a part of it, what weights and its vector say', () => {
    fc.assert(
      fc.property(texts, fc.nat(40), fc.nat(40), (parts, a, b) => {
        const plain = plainText(parts.join(''));
        const [from, to] = [Math.min(a, b, plain.length), Math.min(Math.max(a, b), plain.length)];
        const { at, value } = reader.read(plain.slice(from, to), idf);
        const sum = at.reduce((total, bucket, i) => total + weights[bucket]! * value[i]!, 0);
        expect(reader.weigh(plain, idf, weights, from, to)).toBeCloseTo(sum, 2);
      }),
    );
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
