import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPage } from '../../../crawler/extract/page.ts';

const read = (html: string) => {
  const { text, hiddenText } = readPage(html, '');
  return { text, hiddenText };
};

describe('what a reader does not see', () => {
  test.each([
    'display:none',
    'DISPLAY : NONE !important',
    'visibility:hidden',
    'opacity:0',
    'opacity:0.01',
    'font-size:0',
    'font-size:1px',
    'position:absolute;left:-9999px',
    'position:absolute;left:-999em',
    'margin-left:-10000px',
    'transform:scale(0)',
    'text-indent:-9999px',
    'clip-path:inset(50%)',
    'color:transparent',
    'height:0;overflow:hidden',
    'color:#fff;background:#ffffff',
    'background-color:white;color:rgb(250, 250, 255)',
  ])('is under "%s"', (style) => {
    expect(read(`<p>Ставки</p><div style="${style}">Банк</div>`)).toEqual({
      text: 'Ставки',
      hiddenText: 'Банк',
    });
  });

  test.each([
    'opacity:0.9',
    'font-size:11px',
    'font-size:100%',
    'left:-20px',
    'color:#fff;background:#000',
    'color:#fff',
    'color:#fff;background:url(a.png)',
  ])('is not under "%s"', (style) => {
    expect(read(`<div style="${style}">Банк</div>`)).toEqual({ text: 'Банк', hiddenText: '' });
  });

  test('is letters in the colour of what an element further out stands on', () => {
    const html =
      '<div style="background:#FFF"><section><font color="white">Банк</font> Ставки</section></div>';
    expect(read(html)).toEqual({ text: 'Ставки', hiddenText: 'Банк' });
    expect(read('<body bgcolor="#ffffff"><b style="color:#fefefe">Банк</b>').hiddenText).toBe('Банк');
  });

  test('is read again where a picture is put under it', () => {
    const html =
      '<div style="background:#fff"><p style="background:url(a.png)"><b style="color:#fff">Банк</b></p></div>';
    expect(read(html).text).toBe('Банк');
  });

  test('is what a class or id of the page hides', () => {
    const html =
      '<style>.q7 , #z { display:none } p{color:red}</style><p class="big q7">Банк</p><p id="z">Депозит</p><p>Ставки</p>';
    expect(read(html)).toEqual({ text: 'Ставки', hiddenText: 'Банк\nДепозит' });
  });

  test('is not a class that some other rule shows, nor one that only print hides', () => {
    const html =
      '<style>.tab{display:none}.tab.on{display:block}@media print{.menu{display:none}}</style><p class="tab on">Вклады</p><p class="menu">Карты</p>';
    expect(read(html)).toEqual({ text: 'Вклады\nКарты', hiddenText: '' });
  });

  test('is never read twice, whatever the styles', () => {
    const style = fc.constantFrom(
      '',
      'display:none',
      'color:#fff;background:#fff',
      'opacity:0',
      'left:-5px',
      '{}:;',
    );
    fc.assert(
      fc.property(fc.array(style, { maxLength: 8 }), (styles) => {
        const { text, hiddenText } = read(styles.map((it, at) => `<p style="${it}">w${at}w</p>`).join(''));
        expect(`${text}\n${hiddenText}`.match(/w\d+w/g) ?? []).toHaveLength(styles.length);
      }),
    );
  });
});
