/** Features of pairs: a table of values that were counted by hand or by eye once, and laws of whatever pair. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FEATURES } from '../../../classifiers/duplicates/features.ts';
import { type Frequencies, frequencies } from '../../../classifiers/duplicates/frequencies.ts';
import { runFinder } from '../../../classifiers/duplicates/longest-run.ts';
import { pairFeatures, pairReader } from '../../../classifiers/duplicates/pair-reader.ts';
import { agreement, numbersShared, placedNumbers } from '../../../classifiers/duplicates/placed-numbers.ts';
import { type Profile, profileOf } from '../../../classifiers/duplicates/profile.ts';
import { openedSet, setOf } from '../../../classifiers/duplicates/sets.ts';
import { hashWord, tokensOf } from '../../../classifiers/duplicates/skeleton.ts';
import { isWithin } from '../../../classifiers/duplicates/spelling.ts';
import type { Listing } from '../../../domain/listing.ts';

const listing = (id: string, title: string, text: string, rest: Partial<Listing> = {}): Listing => ({
  ...{ id, url: '', title, text, price: 95_000, currency: 'KZT', category: 'Недвижимость', city: 'Алматы' },
  ...{ seller: { id: `s-${id}`, name: '', accountAgeDays: 300 }, phone: null, images: [] },
  ...{ postedAt: new Date('2026-03-01T10:00:00Z'), ip: '198.18.0.1', device: `d-${id}` },
  ...rest,
});

/** What is known of a pair, to five digits. */
function told(row: Float32Array): Record<string, number> {
  return Object.fromEntries(
    [...row].flatMap((value, at) =>
      Number.isNaN(value) ? [] : [[FEATURES[at]!, Number(value.toPrecision(5))]],
    ),
  );
}

function countsOf(profiles: readonly Profile[]): Frequencies {
  const counts = frequencies(null, 12);
  for (const it of profiles) counts.add(it);
  return counts;
}

describe('features of made-up pairs', () => {
  const flat = profileOf(
    listing(
      'f',
      'Квартира 54 м², 2 комнаты',
      'Этаж 3 из 9, дом 2015 года. Светлая кухня, новый ремонт, рядом школа и парк.',
      {
        price: 21_000_000,
        attributes: { комнат: '2', этаж: '3', дом: 'кирпич' },
        photoHashes: ['0f'.repeat(32), '33cc'.repeat(16)],
      },
    ),
  );
  const again = profileOf(
    listing(
      'g',
      'КВАРТИРА 54 м2, 2 комнаты',
      'Этаж 5 из 9, дом 2015 года. Светлая кухна, новый ремонт, школа рядом. Тел. 8 701 000 00 07',
      {
        price: 19_500_000,
        city: 'Астана',
        phone: '+77010000007',
        attributes: { комнат: '2', этаж: '5', дом: 'кирпич' },
        photoHashes: ['0e'.repeat(32)],
      },
    ),
  );
  const sofa = profileOf(
    listing('h', 'Диван угловой', '', {
      price: null,
      category: null,
      postedAt: null,
      seller: null,
      device: 'd-f',
    }),
  );
  const counts = countsOf([flat, again, again, sofa, again]);

  test('a flat placed again on another floor, a word misspelt, in another city', () => {
    expect(told(pairFeatures(flat, again, counts))).toEqual({
      'title.same': 1,
      'title.meanings': 1,
      'title.weighted': 1,
      'title.contained': 1,
      'title.letters': 1,
      'title.common': 1.3863,
      'title.words': 6,
      'text.same': 0,
      'text.exact': 0,
      'text.common': 1.0986,
      'text.meanings': 0.72727,
      'text.weighted': 0.68718,
      'text.contained': 0.83244,
      'text.containedLess': 0.79748,
      'text.letters': 0.69912,
      'text.lettersContained': 0.84043,
      'text.pairs': 0.42308,
      'text.pairsContained': 0.61111,
      'text.pairsRare': 2.4849,
      'text.body': 0.60163,
      'text.soft': 0.77857,
      'text.softContained': 0.88829,
      'text.rarestShared': 3.912,
      'text.rareShared': 0,
      'text.sharedRarity': 4.1525,
      'text.rarestApart': 4.1997,
      'text.sharedMean': 3.912,
      'text.apartMean': 4.749,
      'text.wordsLess': 3.0445,
      'text.wordsRatio': 0.95238,
      'text.run': 0.35,
      'text.disguise': 0,
      'text.disguiseApart': 0,
      'numbers.shared': 4,
      'numbers.jaccard': 0.66667,
      'numbers.apartLess': 1,
      'numbers.apartMore': 1,
      'numbers.agreeBefore': 3,
      'numbers.conflictBefore': 1,
      'numbers.agreeAfter': 4,
      'numbers.conflictAfter': 1,
      'numbers.conflictBoth': 1,
      'numbers.agreeBoth': 3,
      'numbers.conflictShare': 0.22222,
      'numbers.titleShared': 2,
      'numbers.titleApart': 0,
      'numbers.closest': 0.4,
      'numbers.rarestShared': 3.912,
      'numbers.shareOfApart': 0.33333,
      'contacts.samePhone': 0,
      'contacts.bothHave': 0,
      'contacts.oneHas': 1,
      'photos.nearest': 32,
      'photos.near': 1,
      'photos.shareNear': 1,
      'photos.less': 1,
      'photos.more': 2,
      'price.ratio': 0.074108,
      'price.same': 0,
      'price.missing': 0,
      'fields.category': 1,
      'fields.city': 0,
      'fields.agree': 2,
      'fields.conflict': 1,
      'fields.agreeShare': 0.66667,
      'fields.namesShared': 3,
      'fields.less': 3,
      'fields.numberConflict': 1,
      'fields.close': 1,
      'actor.seller': 0,
      'actor.phoneInText': 0,
      'actor.device': 0,
      'actor.ip': 0.41906,
      'actor.ipCommon': 1.6094,
      'actor.ages': 1,
      'actor.youngest': 5.7071,
      'actor.oldest': 5.7071,
      'actor.apart': 0,
      'actor.count': 1,
    });
  });

  test('that flat and a sofa of which little is said, from one device', () => {
    expect(told(pairFeatures(flat, sofa, counts))).toEqual({
      'title.same': 0,
      'title.meanings': 0,
      'title.weighted': 0,
      'title.contained': 0,
      'title.letters': 0,
      'title.common': 1.3863,
      'title.words': 2,
      'text.same': 0,
      'text.exact': 0,
      'text.common': 0,
      'text.meanings': 0,
      'text.weighted': 0,
      'text.contained': 0,
      'text.containedLess': 0,
      'text.letters': 0,
      'text.lettersContained': 0,
      'text.pairs': 0,
      'text.pairsContained': 0,
      'text.pairsRare': 0,
      'text.soft': 0,
      'text.softContained': 0,
      'text.rarestShared': 0,
      'text.rareShared': 0,
      'text.sharedRarity': 0,
      'text.rarestApart': 5.2983,
      'text.apartMean': 4.2421,
      'text.wordsLess': 1.0986,
      'text.wordsRatio': 0.095238,
      'text.run': 0,
      'text.disguise': 0,
      'text.disguiseApart': 0,
      'numbers.shared': 0,
      'numbers.jaccard': 0,
      'numbers.apartLess': 0,
      'numbers.apartMore': 5,
      'numbers.agreeBefore': 0,
      'numbers.conflictBefore': 0,
      'numbers.agreeAfter': 0,
      'numbers.conflictAfter': 0,
      'numbers.conflictBoth': 0,
      'numbers.agreeBoth': 0,
      'numbers.titleShared': 0,
      'numbers.titleApart': 0,
      'numbers.rarestShared': 0,
      'numbers.shareOfApart': 0.2381,
      'contacts.samePhone': 0,
      'contacts.bothHave': 0,
      'contacts.oneHas': 0,
      'photos.less': 0,
      'photos.more': 2,
      'price.missing': 1,
      'fields.city': 1,
      'fields.agree': 0,
      'fields.conflict': 0,
      'fields.namesShared': 0,
      'fields.less': 0,
      'fields.numberConflict': 0,
      'fields.close': 0,
      'actor.phoneInText': 0,
      'actor.device': 1,
      'actor.ip': 0.41906,
      'actor.ipCommon': 1.6094,
      'actor.count': 2,
    });
  });
});

describe('features of whatever pair', () => {
  const word = fc.constantFrom(
    ...[
      'дом',
      'дома',
      'кухня',
      'кухна',
      'ремонт',
      'ремнот',
      'этаж',
      'год',
      'м²',
      'срочно',
      'тенге',
      'торг',
      'Д0м',
    ],
    ...['3', '5', '9', '54', '2015', '2016', '1,5', '120 000', '12 тыс', '87010000007', 'a'],
  );
  const words = (most: number) => fc.array(word, { maxLength: most }).map((all) => all.join(' '));
  const photo = fc.constantFrom('0f', '0e', '33', 'f1', '00').map((of) => of.repeat(32));
  const or = <T>(it: fc.Arbitrary<T>) => fc.option(it, { nil: null });
  const people = fc.record({
    seller: or(
      fc.constantFrom('s1', 's2').map((id) => ({ id, name: '', accountAgeDays: id === 's1' ? 3 : null })),
    ),
    phone: or(fc.constantFrom('+77010000007', '+77020000002')),
    ip: or(fc.constantFrom('198.18.0.1', '198.18.0.2')),
    device: or(fc.constantFrom('d1', 'd2')),
  });
  const offer = fc.record({
    price: or(fc.constantFrom(100, 120, 5_000)),
    city: or(fc.constantFrom('Алматы', 'Астана')),
    attributes: fc.dictionary(fc.constantFrom('этаж', 'цвет'), fc.constantFrom('3', '5', 'синий'), {
      maxKeys: 2,
    }),
    photoHashes: fc.array(photo, { maxLength: 3 }),
  });
  const profile = fc
    .tuple(words(4), words(60), people, offer)
    .map(([title, text, who, what]) => listing('', title, text, { ...who, ...what }));
  const some = fc
    .array(profile, { minLength: 2, maxLength: 6 })
    .map((all) => all.map((it, at) => profileOf(it, `l${at}`)));

  test('are the same whichever of the two comes first', () => {
    fc.assert(
      fc.property(some, (all) => {
        const counts = countsOf(all);
        expect(pairFeatures(all[0]!, all[1]!, counts)).toEqual(pairFeatures(all[1]!, all[0]!, counts));
      }),
    );
  });

  test('are the same whoever was compared before, and by the counts as they are now', () => {
    const steps = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(some, steps, (all, asked) => {
        const counts = countsOf(all);
        const reader = pairReader(counts);
        for (const [one, other, isMore] of asked) {
          const [a, b] = [all[one % all.length]!, all[other % all.length]!];
          if (isMore) counts.add(a);
          expect(reader.read(a, b).slice()).toEqual(pairFeatures(a, b, counts));
        }
      }),
    );
  });

  test('of a listing and itself tell of nothing apart', () => {
    fc.assert(
      fc.property(some, ([it]) => {
        const row = told(pairFeatures(it!, it!, countsOf([it!])));
        expect(row).toMatchObject({
          'title.same': 1,
          'text.exact': 1,
          'text.rarestApart': 0,
          'fields.conflict': 0,
        });
        expect(row).toMatchObject({
          'numbers.apartMore': 0,
          'numbers.conflictBefore': 0,
          'numbers.titleApart': 0,
        });
        if (it!.length > 0) expect(row).toMatchObject({ 'text.meanings': 1, 'text.run': 1 });
        if (it!.photos.length > 0) expect(row['photos.nearest']).toBe(0);
      }),
    );
  });
});

test('the longest run is one that both have, and none is longer', () => {
  const text = fc.array(fc.nat(3), { maxLength: 40 });
  const finder = runFinder();
  fc.assert(
    fc.property(text, text, (a, b) => {
      finder.open(Uint16Array.from(a), 4);
      const run = finder.longest(Uint16Array.from(b), Int32Array.of(0, 1, 2, 3));
      const has = (length: number) =>
        a.some((_, at) => at + length <= a.length && `,${b},`.includes(`,${a.slice(at, at + length)},`));
      expect(run === 0 || has(run)).toBe(true);
      expect(has(run + 1)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('a set that was opened knows its own and nothing else, whatever was opened before', () => {
  const hashes = fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer()), { maxLength: 200 });
  const opened = openedSet();
  fc.assert(
    fc.property(hashes, hashes, (a, b) => {
      const [own, other] = [setOf(a), setOf(b)];
      opened.open(own);
      for (const hash of [...own, ...other]) expect(opened.placeOf(hash)).toBe(own.indexOf(hash));
      expect(opened.shared(other)).toBe([...other].filter((hash) => own.includes(hash)).length);
    }),
  );
});

describe('numbers of two texts', () => {
  const read = (text: string) => {
    const tokens = tokensOf(text);
    return placedNumbers(
      tokens,
      Int32Array.from(tokens, ({ word }) => hashWord(word)),
      2,
    );
  };

  test('agree and differ by the words beside them', () => {
    const [a, b] = [read('этаж 3 из 9 дом 2015 года'), read('этаж 5 из 9 дом 2015 года')];
    expect(agreement(a.before, b.before)).toEqual({ agree: 2, conflict: 1 });
    expect(agreement(a.after, b.after)).toEqual({ agree: 2, conflict: 1 });
    expect(agreement(a.both, b.both)).toEqual({ agree: 2, conflict: 1 });
    const seen: number[] = [];
    expect(numbersShared(a, b, (hash) => seen.push(hash))).toEqual({
      ...{ shared: 2, titleShared: 0, apartA: 1, apartB: 1, closest: 0.4 },
    });
    expect(seen).toEqual([hashWord('9'), hashWord('2015')]);
  });

  test('that are apart are each as far as the nearest of the other', () => {
    const number = fc.integer({ min: 0, max: 99 });
    const numbers = fc.array(number, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [one, other] = [new Set(a), new Set(b)];
        const [x, y] = [[...one].filter((it) => !other.has(it)), [...other].filter((it) => !one.has(it))];
        const [few, many] = x.length <= y.length ? [x, y] : [y, x];
        const far = few.map((v) => Math.min(1, ...many.map((w) => Math.abs(v - w) / Math.max(v, w))));
        const { closest } = numbersShared(read(a.join(' and ')), read(b.join(' and ')), () => undefined);
        if (few.length === 0) expect(closest).toBeNaN();
        else expect(closest).toBeCloseTo(far.reduce((sum, it) => sum + it, 0) / few.length, 10);
      }),
    );
  });

  test('of hundreds of digits are beyond comparing', () => {
    const [a, b] = [read(`цена ${'9'.repeat(400)}`), read('цена 5')];
    expect(numbersShared(a, b, () => undefined).closest).toBeNaN();
    expect(numbersShared(b, a, () => undefined).closest).toBeNaN();
  });
});

describe('letters in which two words differ', () => {
  test('are counted with swaps as one', () => {
    expect(isWithin('kuxnia', 'kuxnai', 1)).toBe(true);
    expect(isWithin('kuxnia', 'kxunai', 1)).toBe(false);
    expect(isWithin('kuxnia', 'kxunai', 2)).toBe(true);
    expect(isWithin('', 'ab', 2)).toBe(true);
    expect(isWithin('', 'ab', 1)).toBe(false);
    expect(isWithin('dom', 'dom', 0)).toBe(true);
  });

  const word = fc.string({ unit: fc.constantFrom(...'abc'), maxLength: 90 });
  test('are as many one way as the other, and no more than were changed', () => {
    const edit = fc.record({ at: fc.nat(90), letter: fc.constantFrom('', 'a', 'b', 'aa') });
    fc.assert(
      fc.property(word, fc.array(edit, { maxLength: 3 }), word, (a, edits, b) => {
        const changed = edits.reduce(
          (now, { at, letter }) => now.slice(0, at) + letter + now.slice(at + 1),
          a,
        );
        expect(isWithin(a, changed, edits.length * 2)).toBe(true);
        for (const most of [0, 1, 2, 3]) {
          expect(isWithin(a, b, most)).toBe(isWithin(b, a, most));
          if (isWithin(a, b, most)) expect(isWithin(a, b, most + 1)).toBe(true);
        }
      }),
    );
  });
});
