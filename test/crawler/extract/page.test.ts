import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPage, UNKNOWN_BASE } from '../../../crawler/extract/page.ts';

const at = 'https://invest.example/kk/index.html';

describe('readPage', () => {
  test('reads what a reader sees, a block a line, and what is hidden apart', () => {
    const page = readPage(
      `<!doctype html><html lang="KK"><head><title> Тез
       табыс </title><meta name="Description" content="Күніне 5%"><style>p{}</style></head><body>
       <h1>Тез табыс</h1><p>Күніне&nbsp;5% <b>кепілді</b></p><ul><li>Бір<li>Екі</ul>
       <div hidden>Құпия</div><div style="color:red; display : NONE">Тағы құпия</div>
       <script>var no = "мәтін емес";</script><noscript>Скрипт қосыңыз</noscript></body></html>`,
      at,
    );
    expect(page.declaredLang).toBe('kk');
    expect(page.title).toBe('Тез табыс');
    expect(page.description).toBe('Күніне 5%');
    expect(page.text).toBe('Тез табыс\nКүніне 5% кепілді\nБір\nЕкі');
    expect(page.hiddenText).toBe('Құпия\nТағы құпия');
  });

  test('does not let aria-hidden hide a page from us', () => {
    expect(readPage('<div aria-hidden="true">100% кепіл</div>', at).text).toBe('100% кепіл');
  });

  test('makes every address absolute by base, and leaves script addresses out', () => {
    const page = readPage(
      '<base href="/app/"><a href="join?a=1" rel="NoFollow">Қосылу</a><a href="javascript:go()">x</a>' +
        '<a href="//other.example/x"><img src="logo.png" alt="Логотип"></a><iframe src="frame.html"></iframe>' +
        '<script src="https://cdn.example/a.js"></script><script>abc</script>',
      at,
    );
    expect(page.links).toEqual([
      { href: 'https://invest.example/app/join?a=1', text: 'Қосылу', rel: 'nofollow' },
      { href: 'https://other.example/x', text: 'Логотип', rel: '' },
    ]);
    expect(page.images).toEqual([{ src: 'https://invest.example/app/logo.png', alt: 'Логотип' }]);
    expect(page.frames).toEqual(['https://invest.example/app/frame.html']);
    expect(page.scripts).toEqual([
      { src: 'https://cdn.example/a.js', inlineLength: 0 },
      { src: null, inlineLength: 3 },
    ]);
  });

  test('hangs relative addresses on a stand-in when the page has no address', () => {
    const page = readPage('<a href="/plans">Пакеты</a><form><input name="tel" type="tel"></form>', '');
    expect(page.url).toBe('');
    expect(page.links[0]?.href).toBe(`${UNKNOWN_BASE}plans`);
    expect(page.forms[0]?.action).toBe(UNKNOWN_BASE);
  });

  test('reads forms with their labels, wherever the label stands', () => {
    const { forms } = readPage(
      `<form method=POST action="/send"><label for="p">Телефон</label><input id="p" type="TEL" name="phone"
        placeholder="+7"><label>Пароль <input type=password name=pw autocomplete="Current-Password"></label>
        <input type=hidden name=offer value=7><input type="submit" value=" Войти "><button>Отправить</button></form>`,
      at,
    );
    expect(forms).toEqual([
      {
        action: 'https://invest.example/send',
        method: 'post',
        fields: [
          { name: 'phone', type: 'tel', label: 'Телефон +7', autocomplete: '' },
          { name: 'pw', type: 'password', label: 'Пароль', autocomplete: 'current-password' },
          { name: 'offer', type: 'hidden', label: '', autocomplete: '' },
        ],
        buttons: ['Войти', 'Отправить'],
      },
    ]);
  });

  test('gathers fields outside any form into one form of their own', () => {
    const { forms } = readPage('<input type="password" aria-label="Құпиясөз"><button>Кіру</button>', at);
    expect(forms).toEqual([
      {
        action: at,
        method: 'get',
        fields: [{ name: '', type: 'password', label: 'Құпиясөз', autocomplete: '' }],
        buttons: ['Кіру'],
      },
    ]);
  });

  test('keeps JSON-LD that can be parsed and leaves broken or absurdly deep blocks out', () => {
    const ld = (json: string) => `<script type="application/ld+json">${json}</script>`;
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    const { structured } = readPage(ld('{"@type":"Product"}') + ld('{broken') + ld(deep), at);
    expect(structured).toEqual([{ '@type': 'Product' }]);
  });

  test('keeps the first meta of a name, also one called __proto__', () => {
    const { metas } = readPage(
      '<meta property="OG:Title" content="A"><meta name="og:title" content="B"><meta name="__proto__" content="x">',
      at,
    );
    expect(Object.entries(metas)).toEqual([
      ['og:title', 'A'],
      ['__proto__', 'x'],
    ]);
  });

  test('reads contacts out of links and text', () => {
    const { contacts } = readPage(
      `<a href="tel:+77000000011">call</a><a href="mailto:Help@Invest.Example?subject=x">mail</a>
       <a href="https://t.me/invest_kz">tg</a><a href="https://wa.me/77000000022?text=hi">wa</a>
       <a href="https://www.instagram.com/invest.kz/">ig</a><a href="https://t.me/share/url?url=x">share</a>
       <p>8 (700) 000-00-33, t.me/+AbCdEfGhIjKlMn, 7 000 000 000 000 тенге, picture@2x.png</p>`,
      at,
    );
    expect(contacts).toEqual({
      phones: ['+77000000011', '87000000033'],
      emails: ['help@invest.example'],
      messengers: [
        'telegram:invest_kz',
        'whatsapp:77000000022',
        'instagram:invest.kz',
        'telegram:+AbCdEfGhIjKlMn',
      ],
    });
  });

  test('does not take an example for a title: an icon names itself', () => {
    expect(readPage('<svg><title>Icon</title></svg><title>Банк</title>', at).title).toBe('Банк');
  });

  test('is bounded: text, source, links and depth', () => {
    const page = readPage(`${'<a href="/x">сөз</a> '.repeat(120_000)}`, at);
    expect(page.html.length).toBe(2_000_000);
    expect(page.links.length).toBe(5_000);
    expect(page.text.length).toBeLessThanOrEqual(200_000);
    expect(readPage(`${'<div>'.repeat(300_000)}терең`, at).text).toBe('терең');
  });

  test('reads the same page from its own source again', () => {
    const page = readPage('<p>Бір <i>екі</i></p><a href="/a">үш</a>', at);
    expect(readPage(page.html, at)).toEqual(page);
  });

  test('throws on nothing', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '<',
        '>',
        '</',
        '<!--',
        '-->',
        '<script',
        '</script>',
        '<p style="',
        '"',
        "'",
        '<svg>',
        '<title>',
        '</p>',
        '<form>',
        '<input ',
        '<label for=a>',
        '<a href=',
        '&#x110000;',
        '&amp',
        '<![CDATA[',
        '\ud800',
        '<base href="http://[">',
        '<meta name="x" content',
        '<template>',
        '<select><option>',
        '0x',
        'bc1',
        't.me/',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.webUrl(), (pieces, url) => {
        const page = readPage(pieces.join(''), url);
        expect(page.text).toBe(page.text.trim());
        for (const { href } of page.links) expect(URL.canParse(href)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
