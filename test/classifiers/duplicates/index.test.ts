import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CandidateIndex, candidateIndex } from '../../../classifiers/duplicates/candidates.ts';
import { type Filed, KEY_KINDS, keyReader } from '../../../classifiers/duplicates/keys.ts';
import { photoDistance, readPhoto } from '../../../classifiers/duplicates/photo-distance.ts';
import { photoIndex } from '../../../classifiers/duplicates/photo-index.ts';
import { skeletonBytes } from '../../../classifiers/duplicates/skeleton.ts';
import { meaningOf } from '../../../classifiers/duplicates/vocabulary.ts';
import { mix } from '../../../classifiers/mix.ts';

const filed = (title: string, text = '', rest: Partial<Filed> = {}): Filed => ({
  title,
  text,
  phones: [],
  device: null,
  seller: null,
  ...rest,
});
const BIKE = filed(
  'Велосипед горный Азимут',
  'Рама 19 дюймов, дисковый тормоз, катался одно лето в Караганде, комплект фар',
);

function filled(listings: readonly Filed[]): { index: CandidateIndex; find: (it: Filed) => number[] } {
  const reader = keyReader();
  const index = candidateIndex();
  for (const it of listings) reader.count(it, 1);
  for (const [number, it] of listings.entries()) index.insert(number, reader.keys(it));
  return { index, find: (it) => [...index.candidates(reader.keys(it), 20)] };
}

describe('the index of candidates', () => {
  const others = [
    BIKE,
    filed('Коляска детская', 'Пользовались год, состояние отличное, складывается книжкой'),
    filed('Диван угловой', 'Самовывоз, ткань бежевая, механизм дельфин, царапин нет'),
  ];

  test('finds a text with look-alike letters, words dropped and words put in front', () => {
    const copy = filed(
      'Вeлocипeд гopный Aзимyт',
      'Срочно! Рама 19 дюймов, дисковый тормоз, катался одно лето в Караганде',
    );
    expect(filled(others).find(copy)[0]).toBe(0);
  });

  test('finds the same phone under another text', () => {
    const listings = [...others, filed('Шкаф', 'Белый', { phones: ['+77000000012'] })];
    expect(filled(listings).find(filed('Палатка', 'На двоих', { phones: ['+77000000012'] }))).toEqual([3]);
  });

  test('does not find what was taken out, and finds what was put in again', () => {
    const { index, find } = filled(others);
    index.remove(0);
    expect(find(BIKE)).toEqual([]);
    const reader = keyReader();
    index.insert(9, reader.keys(BIKE));
    expect(find(BIKE)).toContain(9);
  });

  test('passes over what everyone writes', () => {
    const many = Array.from({ length: 100 }, (_, at) => filed('Продам квартиру срочно', `дом ${at + 1000}`));
    expect(filled(many).find(filed('Продам квартиру срочно', 'участок'))).toEqual([]);
  });

  test('gives the same answers from a snapshot', () => {
    const { index, find } = filled(others);
    const before = find(BIKE);
    index.remove(1);
    const again = candidateIndex(index.freeze());
    const reader = keyReader();
    for (const it of others) reader.count(it, 1);
    expect([...again.candidates(reader.keys(BIKE), 20)]).toEqual(before);
    expect([...again.candidates(reader.keys(others[1]!), 20)]).toEqual([]);
  });

  test('answers as a list of everything would, however it was filled and emptied', () => {
    const step = fc.record({ key: fc.nat({ max: 40 }), number: fc.nat({ max: 30 }), isIn: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const index = candidateIndex();
        const truth = new Map<number, Set<number>>();
        const gone = new Set<number>();
        const keys = (key: number) => ({
          hashes: Uint32Array.of(Math.imul(key + 1, 0x9e3779b1) >>> 0),
          kinds: Uint8Array.of(0),
          count: 1,
        });
        for (const [at, { key, number, isIn }] of steps.entries()) {
          if (isIn) {
            index.insert(number, keys(key));
            truth.set(key, (truth.get(key) ?? new Set()).add(number));
            gone.delete(number);
          } else {
            index.remove(number);
            gone.add(number);
          }
          if (at % 37 === 36) index.freeze();
        }
        for (const [key, numbers] of truth) {
          const alive = [...numbers].filter((number) => !gone.has(number));
          const found = [...index.candidates(keys(key), 100)];
          // What was taken out, merged away and put in under another key is not brought back.
          for (const number of found) expect(alive).toContain(number);
        }
      }),
    );
  });
});

test('keys read words as the skeleton does', () => {
  const reader = keyReader();
  const keysOf = (it: Filed) => [...reader.keys(it).hashes.slice(0, reader.keys(it).count)];
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      const { bytes, length } = skeletonBytes(text);
      const words = new TextDecoder('latin1').decode(bytes.slice(0, length)).replaceAll('\u0000', ' ');
      expect(keysOf(filed('', text))).toEqual(keysOf(filed('', words)));
    }),
  );
});

test('a word that is rare is a key by the meaning of its skeleton, wherever it ends', () => {
  const rare = KEY_KINDS.indexOf('rare');
  const letter = fc.constantFrom(...'абжщяюьъсстzg12 \n-', '\u200b', '①', '⑩', 'ﬃ', '\ud83d', '5️⃣');
  const text = fc.oneof(
    fc.string({ unit: letter, maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, text, (title, rest) => {
      const { hashes, kinds, count } = keyReader().keys(filed(title, rest));
      const read = [...hashes.slice(0, count)].filter((_, at) => kinds[at] === rare);
      const meanings = [title, rest].flatMap((part) => {
        const { bytes, length } = skeletonBytes(part);
        const words = new TextDecoder('latin1').decode(bytes.slice(0, length)).split('\u0000');
        return words.filter((word) => word !== '').map(meaningOf);
      });
      const least = [...new Set(meanings)].sort((a, b) => a - b).slice(0, 8);
      const keys = least.map((meaning) => mix(meaning ^ Math.imul(rare + 1, 0x9e3779b1)) >>> 0);
      expect(read).toEqual(keys);
    }),
    { numRuns: 300 },
  );
});

describe('the index of photos', () => {
  const photo = (seed: number): Uint32Array =>
    Uint32Array.from({ length: 8 }, (_, at) => Math.imul(seed * 8 + at + 1, 0x9e3779b1) >>> 0);
  const turned = (of: Uint32Array, bits: number): Uint32Array => {
    const copy = of.slice();
    for (let i = 0; i < bits; i += 1) {
      const bit = (i * 101) % 256;
      copy[bit >> 5] = (copy[bit >> 5]! ^ (1 << (bit & 31))) >>> 0;
    }
    return copy;
  };

  test('finds a photo of which forty bits changed, and says about how many', () => {
    const index = photoIndex();
    for (let at = 0; at < 50; at += 1) index.insert(at, photo(at));
    const near = index.near(turned(photo(7), 40));
    expect([...near.keys()]).toEqual([7]);
    expect(near.get(7)).toBeGreaterThan(30);
    expect(near.get(7)).toBeLessThan(50);
  });

  test('leaves out listings that were taken out', () => {
    const index = photoIndex();
    index.insert(1, photo(1));
    index.remove(1);
    expect(index.near(photo(1)).size).toBe(0);
  });

  test('photos of listings taken out leave, and the others are found as before', () => {
    const index = photoIndex();
    for (let at = 0; at < 16_384; at += 1) index.insert(at, photo(at));
    for (let at = 0; at < 16_384; at += 2) index.remove(at);
    index.insert(20_000, photo(20_000));
    expect(index.size()).toBe(8_193);
    const again = photoIndex(index.kept());
    for (const at of [1, 8_191, 16_383, 20_000]) expect(again.near(turned(photo(at), 20)).has(at)).toBe(true);
    expect(again.near(photo(2)).has(2)).toBe(false);
  });

  test('a hash is 64 hexadecimal digits, and distance counts bits', () => {
    expect(readPhoto('zz')).toBeNull();
    const zero = readPhoto('0'.repeat(64))!;
    expect(photoDistance(zero, readPhoto('f'.repeat(64))!)).toBe(256);
    expect(photoDistance(zero, readPhoto(`${'0'.repeat(63)}7`)!)).toBe(3);
  });
});
