import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kazakhStem } from '../../domain/kazakh-stem.ts';

describe('kazakhStem', () => {
  test.each([
    ['балаларымыздан', 'бала'],
    ['мектептерде', 'мектеп'],
    ['салымшылар', 'салымшы'],
    ['кітабымыз', 'кітап'],
    ['қалаға', 'қала'],
    ['mektepterde', 'мектеп'],
  ])('"%s" has the stem "%s"', (word, stem) => {
    expect(kazakhStem(word)).toBe(stem);
  });

  test('leaves short words and words of other scripts alone', () => {
    expect(kazakhStem('ел')).toBe('ел');
    expect(kazakhStem('学校')).toBe('学校');
  });

  test('never takes away the whole word, and answers any word', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[а-яәғқңөұүһі]{1,40}$/), (word) => {
        const stem = kazakhStem(word);
        expect(stem.length).toBeGreaterThan(0);
        expect(stem.length).toBeLessThanOrEqual(word.length);
      }),
    );
  });
});
