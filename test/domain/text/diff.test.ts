import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LineChange, lineDiff } from '../../../domain/text/diff.ts';

const shown = (changes: readonly LineChange[]) =>
  changes.map(({ is, text }) => `${{ gone: '-', new: '+', kept: ' ' }[is]}${text}`);

describe('what changed between two texts', () => {
  test('is nothing when only spaces and empty lines differ', () => {
    expect(lineDiff('Доход\n\n  3% в день', 'Доход\n3% в день  \n')).toEqual([]);
  });

  test('tells of a long paragraph only the sentence that changed', () => {
    const said = 'Клуб платит каждую пятницу, без риска и без опыта. Приглашайте друзей, родных и соседей. ';
    const after = 'Вопросы задавайте куратору.';
    expect(shown(lineDiff(`${said}Осталось 3 дня! ${after}`, `${said}Осталось 2 часа! ${after}`))).toEqual([
      ' Приглашайте друзей, родных и соседей.',
      '-Осталось 3 дня!',
      '+Осталось 2 часа!',
      ' Вопросы задавайте куратору.',
    ]);
  });

  test('is told line by line, with the line before and after', () => {
    const before = 'Круг дохода\nПлатим 3% в день\nБез риска\nКошелёк: TAbc\nКонтакты';
    const after = 'Круг дохода\nПлатим 5% в день\nБез риска\nКонтакты';
    expect(shown(lineDiff(before, after))).toEqual([
      ' Круг дохода',
      '-Платим 3% в день',
      '+Платим 5% в день',
      ' Без риска',
      '-Кошелёк: TAbc',
      ' Контакты',
    ]);
  });

  test('leaves out what stands far from any change', () => {
    const far = ['а', 'б', 'в', 'г'].join('\n');
    expect(shown(lineDiff(`${far}\nд`, `${far}\nе`))).toEqual([' г', '-д', '+е']);
  });

  test('turns the first text into the second', () => {
    const text = fc.array(fc.constantFrom('бір', 'екі', 'үш', 'төрт'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const changes = lineDiff(a.join('\n'), b.join('\n'));
        const count = (all: readonly string[], line: string) => all.filter((each) => each === line).length;
        for (const line of ['бір', 'екі', 'үш', 'төрт']) {
          const of = (is: LineChange['is']) =>
            changes.filter((it) => it.is === is && it.text === line).length;
          expect(count(b, line) - count(a, line)).toBe(of('new') - of('gone'));
        }
        expect(changes.length === 0).toBe(a.join('\n') === b.join('\n'));
      }),
    );
  });

  test('of two long texts with nothing in common is all of both', () => {
    const long = (word: string) => Array.from({ length: 2000 }, (_, at) => `${word} ${at}`).join('\n');
    expect(lineDiff(long('а'), long('б'))).toHaveLength(4000);
  });
});
