import { expect, test } from 'vitest';
import { readPage } from '../../crawler/extract/page.ts';
import { needsRender } from '../../crawler/render-decision.ts';

const reason = (html: string) => needsRender(readPage(html, 'https://site.test/'));
const words = 'Компания работает с 2010 года и продаёт мебель для дома. '.repeat(20);

test('a page whose bytes show it needs no render', () => {
  expect(reason(`<p>${words}</p><script src="/app.js"></script>`)).toBe(null);
  expect(reason('<h1>All is well</h1>')).toBe(null);
});

test('a root that waits for a script is an empty shell', () => {
  expect(reason('<div id="root"></div><script src="/static/js/main.3f2a.js"></script>')).toBe('empty_shell');
  expect(reason('<div id=app></div><script src="/script.js"></script>')).toBe('empty_shell');
});

test('a page that asks for JavaScript is built by scripts', () => {
  expect(reason('<p>Для работы сайта включите JavaScript</p><script>1</script>')).toBe('script_built');
});

test('a page that leaves by itself is a client redirect', () => {
  expect(reason('<meta http-equiv="refresh" content="0; url=/next"><p>Переход')).toBe('client_redirect');
  expect(reason('<script>window.location.href = "https://other.test/";</script>')).toBe('client_redirect');
});
