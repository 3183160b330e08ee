import { describe, expect, test } from 'vitest';
import { seenOf } from '../../classifiers/seen.ts';
import { seenChanged } from '../../domain/case.ts';

const TEXT =
  'Вложите деньги в проект и получайте доход каждый день вместе с нами, приглашайте друзей и стройте команду по всей стране';

describe('seenOf', () => {
  test('sorts the signals, each once, and keeps at most 128 hashes in rising order', () => {
    const long = Array.from(
      { length: 400 },
      (_, i) => `слово${String.fromCharCode(1072 + (i % 32))}${String.fromCharCode(1072 + ((i * 7) % 31))}`,
    ).join(' ');
    const seen = seenOf(
      'pyramid',
      [{ id: 'yield.percent' }, { id: 'referral.link' }, { id: 'yield.percent' }],
      [long],
    );
    expect(seen.signals).toEqual(['referral.link', 'yield.percent']);
    expect(seen.sketch.length).toBe(128);
    expect([...seen.sketch].sort((a, b) => a - b)).toEqual(seen.sketch);
  });

  test('is the same when a clock, a counter or the order of pages changes', () => {
    const then = seenOf(
      'pyramid',
      [],
      [`${TEXT} осталось 14 мест 12:44`, 'Контакты компании в городе Астана'],
    );
    const now = seenOf('pyramid', [], ['Контакты компании в городе Астана', `${TEXT} осталось 3 мест 18:02`]);
    expect(now).toEqual(then);
    expect(seenChanged(then, now)).toBe(false);
  });

  test('changes with the label, a new signal or other words', () => {
    const then = seenOf('pyramid', [{ id: 'yield.percent' }], [TEXT]);
    expect(seenChanged(then, seenOf('phishing', [{ id: 'yield.percent' }], [TEXT]))).toBe(true);
    expect(seenChanged(then, seenOf('pyramid', [{ id: 'money.wallet' }], [TEXT]))).toBe(true);
    expect(
      seenChanged(then, seenOf('pyramid', [], ['Сайт закрыт, домен продается, пишите владельцу на почту'])),
    ).toBe(true);
  });

  test('is whole for an empty text', () => {
    expect(seenOf('legit', [], [''])).toEqual({ label: 'legit', signals: [], sketch: [] });
  });
});
