import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../classifiers/model.ts';
import { NOVEL_FROM, noveltyOf } from '../../classifiers/novelty.ts';

const RUSSIAN =
  'Инвестируйте от ста тысяч тенге и получайте стабильный доход каждый день. Приглашайте друзей и получайте бонус за каждого участника. Вывод средств на карту в любое время.';
const AZERI =
  'Şəhərin mərkəzindəki kitabxana bu həftə yenidən açıldı. Oxucular köhnə qəzetləri və əlyazmaları görə biləcəklər, uşaqlar üçün ayrıca otaq düzəldilib.';

describe('novelty', () => {
  const model = loadModel();

  test('of words such as training had is low, of a language it had not is high', () => {
    expect(noveltyOf(RUSSIAN, model)).toBeLessThan(NOVEL_FROM);
    expect(noveltyOf(AZERI, model)).toBeGreaterThan(NOVEL_FROM);
    expect(noveltyOf('電子図書館は今週再び開館しました。'.repeat(4), model)).toBeGreaterThan(
      noveltyOf(AZERI, model),
    );
  });

  test('of a text too short to tell is 0', () => {
    expect(noveltyOf('', model)).toBe(0);
    expect(noveltyOf('Сәлем!', model)).toBe(0);
  });

  test('is the same for the same text, and between 0 and 2 for any', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const novelty = noveltyOf(text, model);
        expect(novelty).toBeGreaterThanOrEqual(0);
        expect(novelty).toBeLessThan(2);
        expect(noveltyOf(text, model)).toBe(novelty);
      }),
    );
  });
});
