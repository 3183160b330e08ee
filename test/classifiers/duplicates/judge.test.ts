import { describe, expect, test } from 'vitest';
import { scoreAnyPairs, trainAnyPairs } from '../../../classifiers/duplicates/any-pairs.ts';
import { FEATURES } from '../../../classifiers/duplicates/features.ts';
import { frequencies } from '../../../classifiers/duplicates/frequencies.ts';
import { matcher } from '../../../classifiers/duplicates/matcher.ts';
import { loadPairModel } from '../../../classifiers/duplicates/pair-model.ts';
import { pairFeatures } from '../../../classifiers/duplicates/pair-reader.ts';
import { profileOf } from '../../../classifiers/duplicates/profile.ts';
import { askTrees, explainTrees, trainTrees } from '../../../classifiers/duplicates/trees.ts';
import { seededRandom } from '../../../classifiers/random.ts';
import type { Listing } from '../../../domain/listing.ts';

const listing = (id: string, title: string, text: string, rest: Partial<Listing> = {}): Listing => ({
  id,
  url: '',
  title,
  text,
  price: 95_000,
  currency: 'KZT',
  category: 'Хобби и спорт',
  city: 'Алматы',
  seller: { id: `s-${id}`, name: '', accountAgeDays: 300 },
  phone: null,
  images: [],
  postedAt: new Date('2026-03-01T10:00:00Z'),
  ip: `198.18.0.${id.length}`,
  device: `d-${id}`,
  ...rest,
});

const BIKE_TEXT =
  'Продам горный велосипед, рама 19 дюймов, дисковый тормоз спереди, катался одно лето по Медеу. ' +
  'В комплекте фара, насос и замок. Цепь заменена весной, колеса 26 дюймов без восьмерок. Торг при осмотре.';
const bike = profileOf(listing('a', 'Велосипед Азимут 26', BIKE_TEXT));

describe('the judge of listings', () => {
  const model = loadPairModel();
  const engine = matcher({ model, fields: 'all' });
  engine.count(bike);
  engine.insert(0, bike);
  const judge = (other: Listing) => engine.judge(bike, profileOf(other));

  test('knows a copy in look-alike letters under another account', () => {
    const copy = BIKE_TEXT.replaceAll('о', 'o').replaceAll('е', 'e').replace('Торг при осмотре.', '');
    const judged = judge(listing('b', 'Beлосипед Aзимут 26', copy, { device: 'd-a' }));
    const { score, relation } = judged;
    const reasons = engine.reasonsOf(judged);
    expect(score).toBeGreaterThan(0.9);
    expect(relation).toBe('duplicate_ad');
    expect(reasons.length).toBeGreaterThan(2);
    for (const { feature } of reasons) expect(FEATURES).toContain(feature);
  });

  test('takes another thing of another person for nothing', () => {
    const sofa = listing('c', 'Диван угловой', 'Бежевая ткань, механизм дельфин, самовывоз из Астаны', {
      category: 'Мебель',
      price: 40_000,
    });
    const { score, relation } = judge(sofa);
    expect(score).toBeLessThan(0.1);
    expect(relation).toBe('none');
  });

  test('tells one person behind two different things', () => {
    const tent = listing('d', 'Палатка на двоих', 'Новая, в чехле, вес два килограмма', {
      device: 'd-a',
      price: 20_000,
    });
    expect(judge(tent).relation).toBe('same_actor');
  });

  test('asks the same whichever of the two comes first', () => {
    const other = profileOf(listing('e', 'Велосипед Азимут 24', BIKE_TEXT.replace('19 дюймов', '17 дюймов')));
    expect(engine.judge(bike, other)).toEqual(engine.judge(other, bike));
  });

  test('brings a copy up as a candidate, and no longer once the original is gone', () => {
    const copy = profileOf(listing('f', 'Горный велосипед Азимут', BIKE_TEXT));
    expect(engine.candidates(copy)).toEqual([0]);
    engine.remove(0, bike);
    expect(engine.candidates(copy)).toEqual([]);
  });
});

test('features of a pair are as many as their names, and count conflicts of numbers', () => {
  const counts = frequencies();
  const flat = (id: string, floor: number) =>
    profileOf(listing(id, '2-комнатная квартира', `Площадь 54 м². Этаж ${floor} из 9. Дом 2015 года.`));
  const row = pairFeatures(flat('x', 3), flat('y', 5), counts);
  expect(row.length).toBe(FEATURES.length);
  expect(row[FEATURES.indexOf('numbers.conflictBefore')]).toBe(1);
  expect(pairFeatures(flat('x', 3), flat('y', 3), counts)[FEATURES.indexOf('numbers.conflictBefore')]).toBe(
    0,
  );
});

describe('boosted trees', () => {
  const random = seededRandom(1);
  const x = Float32Array.from({ length: 600 }, () => random() * 4 - 2);
  const y = Float32Array.from({ length: 600 }, (_, at) => (at % 5 === 0 ? Number.NaN : random() * 4 - 2));
  const isIn = Uint8Array.from(x, (value, at) => (value * (Number.isNaN(y[at]!) ? 1 : y[at]!) > 0 ? 1 : 0));
  const task = {
    columns: [x, y],
    isIn,
    rowWeight: new Float32Array(600).fill(1),
    features: [0, 1],
    rounds: 60,
    leaves: 8,
    rate: 0.2,
    leastHessian: 1,
    l2: 1,
    featureShare: 1,
    rowShare: 1,
  };
  const trees = trainTrees({ ...task, random: seededRandom(2) });

  test('learn what no line can part, missing values too', () => {
    const right = Array.from(x, (value, at) => {
      const row = Float32Array.of(value, y[at]!);
      return askTrees(trees, row) > 0 === (isIn[at] === 1);
    }).filter(Boolean);
    expect(right.length).toBeGreaterThan(570);
  });

  test('are the same for the same seed', () => {
    expect(trainTrees({ ...task, random: seededRandom(2) })).toEqual(trees);
  });

  test('take every answer apart into its features', () => {
    const base = trees.bias + [...trees.roots].reduce((sum, root) => sum + trees.value[root]!, 0);
    for (const row of [Float32Array.of(1, 1), Float32Array.of(-1.5, 0.3), Float32Array.of(0.2, Number.NaN)]) {
      const parts = explainTrees(trees, row);
      expect(base + parts[0]! + parts[1]!).toBeCloseTo(askTrees(trees, row), 4);
    }
  });
});

describe('pairs of anything', () => {
  const brands = ['Tulpar', 'Samruk', 'Barys', 'Kyran', 'Zhetysu', 'Altyn', 'Qyzyl', 'Aral'];
  const things = ['printer', 'camera', 'kettle', 'lamp', 'drill'];
  const item = (at: number) => ({
    name: `${brands[at % 8]} ${things[at % 5]} ${String.fromCharCode(65 + (at % 26))}${100 + at * 7}`,
    price: String(20 + at),
  });
  const shop = (at: number) => ({
    name: `${item(at).name.toLowerCase()} by ${brands[at % 8]}`,
    price: item(at).price,
  });
  const pairs = Array.from({ length: 160 }, (_, at) =>
    at % 2 === 0
      ? { a: item(at), b: shop(at), isOne: true }
      : { a: item(at), b: shop(at + 40), isOne: false },
  );

  test('learns from labelled records, and scores new ones on both sides of one half', () => {
    const { file, heldOut } = trainAnyPairs({ pairs, seed: 1 });
    expect(heldOut.auc).toBeGreaterThan(0.95);
    const [one, other] = scoreAnyPairs(file, [
      { a: item(301), b: shop(301) },
      { a: item(301), b: shop(341) },
    ]);
    expect(one).toBeGreaterThan(0.5);
    expect(other).toBeLessThan(0.5);
  });
});
