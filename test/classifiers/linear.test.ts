import { describe, expect, test } from 'vitest';
import { logit, trainLinear } from '../../classifiers/linear.ts';
import { headLogit, quantise } from '../../classifiers/model.ts';
import { idfOf, ngramReader } from '../../classifiers/ngrams.ts';
import { seededRandom, shuffled } from '../../classifiers/random.ts';

const reader = ngramReader(12, [
  { kind: 'char', min: 2, max: 4 },
  { kind: 'word', min: 1, max: 2 },
]);
const texts = [
  'доход без риска',
  'гарантия дохода',
  'вложи и получи',
  'погода на завтра',
  'рецепт пирога',
  'расписание поездов',
];
const isIn = [true, true, true, false, false, false];
const vectors = texts.map((text) => reader.read(text, null));
const task = { vectors, isIn, rowWeight: texts.map(() => 1), size: 4096, c: 10 };

describe('n-grams', () => {
  test('bring each block to length one', () => {
    const { value } = reader.read('қазақстан халқы', null);
    expect(value.reduce((sum, it) => sum + it * it, 0)).toBeCloseTo(2, 5);
  });

  test('are the same for the same text, whatever was read between', () => {
    const before = reader.read('тәуекелсіз табыс', null);
    reader.read('something else entirely', null);
    expect(reader.read('тәуекелсіз табыс', null)).toEqual(before);
  });

  test('of an empty text are none, or the edge of a word alone', () => {
    expect(reader.read('', null).at.length).toBeLessThanOrEqual(2);
  });

  test('idf is higher for what fewer texts hold', () => {
    const idf = idfOf([reader.read('доход', null), reader.read('доход табыс', null)], 12);
    const shared = reader.read('доход', null).at[1]!;
    const rare = [...reader.read('табыс', null).at].find(
      (bucket) => !reader.read('доход', null).at.includes(bucket),
    )!;
    expect(idf[rare]).toBeGreaterThan(idf[shared]!);
  });
});

describe('logistic regression', () => {
  const model = trainLinear({ ...task, random: seededRandom(1) });

  test('learns what it was shown and carries it over', () => {
    expect(vectors.map((vector) => logit(model, vector) > 0)).toEqual(isIn);
    expect(logit(model, reader.read('доход без вложений', null))).toBeGreaterThan(
      logit(model, reader.read('погода завтра', null)),
    );
  });

  test('gives the same weights for the same seed', () => {
    expect(trainLinear({ ...task, random: seededRandom(1) })).toEqual(model);
  });

  test('keeps its logits close when weights become bytes', () => {
    const head = quantise(model.weights, model.bias);
    for (const vector of vectors)
      expect(Math.abs(headLogit(head, vector) - logit(model, vector))).toBeLessThan(0.15);
  });
});

describe('seeded chance', () => {
  test('repeats for a seed and is a permutation', () => {
    expect(shuffled(50, seededRandom(3))).toEqual(shuffled(50, seededRandom(3)));
    expect([...shuffled(50, seededRandom(3))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
  });
});
