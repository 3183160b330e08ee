import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessPage, assessPost } from '../../classifiers/assess.ts';
import { loadModel } from '../../classifiers/model.ts';
import { readingsOf } from '../../classifiers/readings.ts';
import { markupOf, readSource, visibleText } from '../../classifiers/signals/facts.ts';
import { readPage } from '../../crawler/extract/page.ts';
import { foldForMatching } from '../../domain/text/matching.ts';

const model = loadModel();
const readings = (text: string) => readingsOf(text, foldForMatching(text));

const LOGIN =
  '<title>Вход</title><body><form action="login.php" method="post"><input name="login"><input type="password" name="pass"><input name="cvv" placeholder="CVV"><button>Войти</button></form>';
const BANK =
  'Лицензия Агентства Республики Казахстан по регулированию и развитию финансового рынка № 1.2.3. Полиция предупреждает о мошенниках, прокуратура и суд рассмотрели дело. ';

function contributionOf(html: string, family: string): number {
  return assessPage(readPage(html, ''), model)
    .signals.filter((it) => it.family === family)
    .reduce((sum, it) => sum + it.contribution, 0);
}

describe('a page stuffed with the words of a bank', () => {
  test('is told by what is hidden, and read as if it were not there', () => {
    const stuffed = `${LOGIN}<div style="display:none">${BANK.repeat(20)}</div>`;
    expect(visibleText(readPage(stuffed, ''))).toBe(visibleText(readPage(LOGIN, '')));
    const ids = assessPage(readPage(stuffed, ''), model).signals.map((it) => it.id);
    expect(ids).toContain('code.hidden_text');
    expect(ids).not.toContain('counter.legal_details');
  });

  test('gains no more by saying a sentence many times than by saying it once', () => {
    const once = readPage(`${LOGIN}<p>${BANK}</p>`, '');
    const often = readPage(`${LOGIN}<p>${BANK.repeat(50)}</p>`, '');
    expect(visibleText(often).replace(/\s+/g, ' ')).toBe(visibleText(once).replace(/\s+/g, ' '));
  });

  test('gains nothing by comments, templates or its description', () => {
    const bare = assessPage(readPage(LOGIN, ''), model).score;
    for (const addition of [`<!--${BANK}-->`, `<template>${BANK}</template>`]) {
      const source = readSource(LOGIN + addition, 25_000);
      expect(source).not.toContain('Лицензия');
    }
    const described = `<meta name="description" content="${BANK}">${LOGIN}`;
    expect(visibleText(readPage(described, ''))).not.toContain('Лицензия');
    expect(assessPage(readPage(`${LOGIN}<!--${BANK.repeat(30)}-->`, ''), model).score).toBeCloseTo(bare, 9);
  });

  test('is acquitted less by its words when its code asks for a password and a card', () => {
    const asking = contributionOf(`${LOGIN}<p>${BANK}</p>`, 'counter');
    const plain = contributionOf(
      `<title>Вход</title><body><form><button>Войти</button></form><p>${BANK}</p>`,
      'counter',
    );
    expect(asking).toBeLessThan(0);
    expect(asking).toBeGreaterThan(plain);
  });
});

describe('the source that its model reads', () => {
  test('is the whole source where nothing in it is hidden from a browser', () => {
    expect(readSource('<p class="a">б</p>', 100)).toBe('<p class="a">б</p>');
  });

  test('goes on behind a comment and ends at one that never closes', () => {
    expect(readSource('<b><!-- x --><i>', 100)).toBe('<b> <i>');
    expect(readSource('<b><!-- <i>', 100)).toBe('<b> ');
  });

  test('goes on where a browser goes on', () => {
    expect(readSource('<!--><b>', 100)).toBe(' <b>');
    expect(readSource('<!-- x --!><b>', 100)).toBe(' <b>');
    expect(readSource('<template>x</TEMPLATE ><b>', 100)).toBe(' <b>');
    expect(markupOf('<script>a</SCRIPT><b>c</b>')).toBe('<script>a</script> <b> </b>');
  });

  test('is never longer than asked for by more than its gaps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<!--', '-->', '<template>', '</template>', 'ab', '<p>')),
        fc.nat(60),
        (parts, most) => {
          const read = readSource(parts.join(''), most);
          expect(read.replaceAll(' ', '').length).toBeLessThanOrEqual(most);
        },
      ),
    );
  });
});

describe('a page that is pictures', () => {
  test('is not judged, and the reason says that they were not read', () => {
    const html = '<title>Акция</title><body><img src="a.jpg"><img src="b.jpg"><p>Подробности на картинке</p>';
    const it = assessPage(readPage(html, ''), model);
    expect(it.verdict).toBe('abstain');
    expect(it.abstainReason).toBe('too little text to judge, and its pictures were not read');
  });
});

describe('a post', () => {
  const offer =
    'Пассивный доход от 500 $ в день, без вложений, гарантия! Пишите в личные сообщения прямо сейчас';
  const talk =
    'Сегодня в городе прошёл дождь, вечером обещают прояснение. Соседи собрались во дворе и обсудили ремонт подъезда. ';

  test('is read piece by piece when it is long', () => {
    expect(readings(offer).pieces).toEqual([]);
    const { asWritten, pieces } = readings(talk.repeat(3) + offer);
    const read = pieces.map(({ start, end }) => asWritten.slice(start, end));
    expect(read.join('')).toBe((talk.repeat(3) + offer).toLowerCase());
    expect(Math.max(...read.map((it) => it.length))).toBeLessThan(220);
  });

  test('does not hide an offer behind harmless talk', () => {
    expect(assessPost(offer, model).verdict).toBe('flag');
    expect(assessPost(talk.repeat(8) + offer, model).verdict).toBe('flag');
    expect(assessPost(talk.repeat(8), model).verdict).toBe('clear');
  });

  test('is shown by the piece of it that told', () => {
    const shown = assessPost(talk.repeat(8) + offer, model).signals.find((it) => it.id === 'text.words');
    expect(shown?.excerpt).toContain('доход');
  });

  test('is read without its emoji where they are many, and with letters for digits', () => {
    expect(readings('Доход 🔥 без 💰 вложений 🚀 пиши 👉').others).toEqual([
      'доход   без   вложений   пиши  ',
    ]);
    expect(readings('Лёгкий зараб0ток').others).toEqual(['лёгкий заработок']);
  });

  test('in Latin Kazakh is read in Cyrillic', () => {
    const { asWritten } = readings('Siz úshin kepildik bar, tabys kúnine 5000 teńge, qazir jazyńyz');
    expect(asWritten).toMatch(/кепілдік бар/);
    expect(asWritten).not.toMatch(/[a-z]{3}/);
  });
});
