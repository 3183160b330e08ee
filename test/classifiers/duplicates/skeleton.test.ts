import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokensOf } from '../../../classifiers/duplicates/skeleton.ts';
import { sketch, sketchSimilarity } from '../../../classifiers/duplicates/sketch.ts';
import { isNear, mayBeNear, outlineOf, startOf } from '../../../classifiers/duplicates/spelling.ts';
import { meaningOf } from '../../../classifiers/duplicates/vocabulary.ts';

const words = (text: string): string[] => tokensOf(text).map((token) => token.word);

describe('the skeleton of a text', () => {
  test.each([
    ['look-alike letters', 'Прoдaм кoляcку', 'Продам коляску'],
    ['Latin letters', 'Prodam kolyasku', 'Продам коляску'],
    ['letters that no reader sees', 'Про\u200bдам ко\u00adляску', 'Продам коляску'],
    ['capitals and signs', 'ПРОДАМ!!! 🔥 коляску', 'продам коляску'],
    ['small capitals', 'продаᴍ ᴋоляску', 'продам коляску'],
    ['Russian letters for Kazakh ones', 'Сатамын кокейлек удемели', 'Сатамын көкейлек үдемелі'],
    ['doubled letters', 'коляссску', 'коляску'],
  ])('is the same with %s', (_, one, other) => {
    expect(words(one)).toEqual(words(other));
  });

  test('keeps different words apart', () => {
    expect(words('шкаф')).not.toEqual(words('диван'));
    expect(words('тойота')).not.toEqual(words('хонда'));
  });

  test('reads numbers as sellers write them', () => {
    const values = (text: string) => tokensOf(text).flatMap((token) => token.value ?? []);
    expect(values('120 000 км, 1,6 л, 2018 год')).toEqual([120_000, 1.6, 2018]);
    expect(values('цена 250 тыс или 1.5 млн')).toEqual([250_000, 1_500_000]);
    expect(values('64gb ③ комнаты 5️⃣ этаж')).toEqual([64, 3, 5]);
  });

  test('never throws, and gives words of small letters and digits only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const word of words(text)) expect(word).toMatch(/^(?:[a-z]+|[\d.e+]+|Infinity)$/);
      }),
    );
  });
});

test('words of one meaning share a hash in three languages', () => {
  const meaning = (word: string) => meaningOf(words(word)[0]!);
  expect(meaning('продам')).toBe(meaning('сатамын'));
  expect(meaning('продам')).toBe(meaning('selling'));
  expect(meaning('айфон')).toBe(meaning('iPhone'));
  expect(meaning('айфон')).not.toBe(meaning('самсунг'));
});

test('a misspelt or inflected word is near, another one is not', () => {
  expect(isNear('koliaska', 'kolaiska')).toBe(true);
  expect(isNear('koliasku', 'koliaskoi')).toBe(true);
  expect(isNear('dom', 'sad')).toBe(false);
  expect(isNear('kpovat', 'kpan')).toBe(false);
});

test('words that are near are never passed over by their letters', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcden'), minLength: 3, maxLength: 10 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      if (isNear(a, b)) expect(mayBeNear(outlineOf(a), startOf(a), outlineOf(b), startOf(b))).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

describe('sketch', () => {
  const sketchOf = (numbers: readonly number[], bins = 128): Uint32Array => {
    const made = new Uint32Array(bins);
    sketch(Int32Array.from(numbers), numbers.length, made);
    return made;
  };
  const run = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, at) => Math.imul(from + at + 1, 2_654_435_761));

  test('estimates Jaccard similarity: half of the elements shared gives a third', () => {
    const shares = Array.from({ length: 20 }, (_, at) => {
      const base = at * 10_000;
      return sketchSimilarity(sketchOf(run(base, base + 200)), sketchOf(run(base + 100, base + 300)));
    });
    const mean = shares.reduce((sum, it) => sum + it, 0) / shares.length;
    expect(mean).toBeGreaterThan(0.28);
    expect(mean).toBeLessThan(0.39);
  });

  test('does not depend on order or repetition', () => {
    const numbers = run(0, 50);
    expect(sketchOf([...numbers].reverse())).toEqual(sketchOf(numbers));
    expect(sketchOf([...numbers, ...numbers])).toEqual(sketchOf(numbers));
  });

  test('of few elements fills every bin, and differs where they differ', () => {
    expect([...sketchOf([7])].includes(0xffffffff)).toBe(false);
    expect(sketchSimilarity(sketchOf([7]), sketchOf([8]))).toBeLessThan(0.1);
    expect([...sketchOf([])].every((bin) => bin === 0xffffffff)).toBe(true);
  });
});
