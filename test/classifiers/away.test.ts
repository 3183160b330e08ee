import { describe, expect, test } from 'vitest';
import { awayFinder, readAway } from '../../classifiers/away.ts';
import { finderOf } from '../../classifiers/lexicon.ts';
import { readPage } from '../../crawler/extract/page.ts';

const data = readAway();
const away = awayFinder(data);
const at = (html: string, url = 'https://example.test/') => away(readPage(html, url));
const page = (title: string, body: string) =>
  `<html><head><title>${title}</title></head><body>${body}</body></html>`;

describe('an address where nobody is at home', () => {
  test.each([
    [
      'parked',
      'example.test',
      '<h1>Домен example.test припаркован</h1><p>Вы владелец? Войдите в панель управления.</p>',
    ],
    ['parked', 'Сайт не найден', '<p>Домен не прилинкован ни к одной из директорий на сервере.</p>'],
    ['parked', 'Домен зарегистрирован', '<p>Домен зарегистрирован, но сайт на нём ещё не опубликован.</p>'],
    ['parked', 'example.test', '<p>Бұл домен тіркелген, бірақ сайт әлі орналастырылмаған.</p>'],
    [
      'parked',
      'Welcome to nginx!',
      '<h1>Welcome to nginx!</h1><p>If you see this page, the web server works.</p>',
    ],
    [
      'for_sale',
      'Домен продаётся',
      '<h1>example.test</h1><p>Этот домен продаётся. Предложите свою цену.</p>',
    ],
    ['for_sale', 'example.test', '<p>example.test домені сатылады. Хабарласыңыз.</p>'],
    [
      'for_sale',
      'example.test is for sale',
      '<p>The domain name example.test is for sale. Make an offer.</p>',
    ],
    ['suspended', 'Хостинг', '<p>Хостинг-аккаунт заблокирован. Обратитесь в службу поддержки.</p>'],
    ['suspended', 'Сайт отключён', '<p>Работа сайта приостановлена. Срок оплаты хостинга истёк.</p>'],
    ['suspended', 'Сайт', '<p>Сайттың жұмысы уақытша тоқтатылған. Хостинг төленбеген.</p>'],
    [
      'suspended',
      'Account Suspended',
      '<h1>This Account has been suspended.</h1><p>Contact your hosting provider.</p>',
    ],
  ] as const)('is %s: %s', (state, title, body) => {
    expect(at(page(title, body))).toBe(state);
  });

  test('is known by whose advertisements it shows, without a word that says so', () => {
    const links = ['Курсы валют', 'Кредиты онлайн', 'Страхование']
      .map((it) => `<a href="/s?q=1">${it}</a>`)
      .join(' ');
    const feed = '<script src="https://www.google.com/adsense/domains/caf.js?pac=0"></script>';
    expect(at(page('example.test', links))).toBeNull();
    expect(at(page('example.test', links + feed))).toBe('parked');
    expect(
      at(
        page('example.test', `${links}<script src="https://img1.wsimg.com/parking-lander/app.js"></script>`),
      ),
    ).toBe('parked');
    expect(at(page('example.test', links), 'https://www.hugedomains.com/domain_profile.cfm?d=example')).toBe(
      'for_sale',
    );
  });

  test('is not one that writes about such names at length, or lets people in', () => {
    const long = `Домен продаётся, аккаунт заблокирован, домен припаркован. ${'Мы расскажем, как выбирать имя для сайта. '.repeat(30)}`;
    expect(at(page('Как купить домен', `<p>${long}</p>`))).toBeNull();
    const form = '<form method="post"><input name="login"><input type="password" name="p"></form>';
    expect(at(page('Вход', `<p>Ваш аккаунт отключён? Войдите.</p>${form}`))).toBeNull();
  });

  test('is not one with an offer of its own, nor one without a word', () => {
    expect(at(page('Квартира', '<p>Квартира продаётся без посредников, 3 комнаты.</p>'))).toBeNull();
    expect(at(page('Доход', '<p>2 % в день. Пригласи друга.</p>'))).toBeNull();
    expect(at('<html><body></body></html>')).toBeNull();
    expect(at('')).toBeNull();
  });

  test('a host that only ends like a supplier is none', () => {
    const script = (src: string) =>
      page('example.test', `<p>Добро пожаловать</p><script src="${src}"></script>`);
    expect(at(script('https://notbodis.com/a.js'))).toBeNull();
    expect(at(script('https://cdn.bodis.com/a.js'))).toBe('parked');
    expect(at(script('https://evil.test/google.com/adsense/domains/caf.js'))).toBeNull();
  });

  test.each(data.entries)('$id says what its examples say, and nothing of its counter-examples', (entry) => {
    const find = finderOf([{ ...entry, framed: false, negatable: false }]);
    for (const text of entry.examples) expect([text, find(text).byEntry.has(entry.id)]).toEqual([text, true]);
    for (const text of entry.counterExamples)
      expect([text, find(text).byEntry.has(entry.id)]).toEqual([text, false]);
  });
});
