import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { type CheerioAPI, load } from 'cheerio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDocs, pageOf, sources } from '../../bin/docs.mjs';
import { helpSite } from '../../desk/help-site.ts';
import { type House, openHouse } from '../desk/house.ts';

describe('the documents as a site', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-docs-'));
  const pages = new Map<string, CheerioAPI>();
  let files: readonly string[];
  let house: House;

  beforeAll(async () => {
    buildDocs(folder);
    files = JSON.parse(readFileSync(join(folder, 'site.json'), 'utf8')) as string[];
    for (const file of files.filter((name) => name.endsWith('.html')))
      pages.set(file, load(readFileSync(join(folder, file), 'utf8')));
    house = await openHouse();
  });
  afterAll(async () => {
    await house.close();
    rmSync(folder, { recursive: true });
  });

  test('have a page in each language for every document', () => {
    const wanted = ['en', 'kk', 'ru'].flatMap((lang) => sources().map((path) => `${lang}/${pageOf(path)}`));
    expect([...pages.keys()].sort()).toEqual(wanted.sort());
  });

  test('have no link that leads nowhere, be it to a page, to a place in it or to a picture', () => {
    const dead: string[] = [];
    for (const [page, $] of pages) {
      const targets = [
        ...$('a[href], link[href]')
          .toArray()
          .map((it) => $(it).attr('href')!),
        ...$('img')
          .toArray()
          .map((it) => $(it).attr('src')!),
      ];
      for (const target of targets) {
        if (/^(https?:|mailto:|\/$)/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path));
        const isThere = files.includes(file);
        const to = pages.get(file);
        const isNamed = anchor === undefined || (to !== undefined && to(`[id="${anchor}"]`).length === 1);
        if (!isThere || !isNamed) dead.push(`${page}: ${target}`);
      }
    }
    expect(dead).toEqual([]);
  });

  test('have no script, no style of their own and nothing from elsewhere', () => {
    const bad = [...pages].filter(
      ([, $]) => $('script, style, [style], iframe, img[src^="http"], link[href^="http"]').length > 0,
    );
    expect(bad.map(([page]) => page)).toEqual([]);
  });

  test('lead about in the language of the reader', () => {
    const menu = (lang: string) => pages.get(`${lang}/index.html`)!('.help-menu h2').first().text();
    expect(['ru', 'kk', 'en'].map(menu)).toEqual(['Сотруднику', 'Қызметкерге', 'For an officer']);
  });

  test('are served by the desk under /help to anybody, with its policy, and nothing beside them is', async () => {
    const desk = await house.open({ help: helpSite(folder) });
    const get = (path: string) =>
      fetch(desk.url + path, { redirect: 'manual', headers: { 'accept-language': 'kk' } });
    for (const path of ['/help', '/help/'])
      expect((await get(path)).headers.get('location')).toBe('/help/kk/index.html');
    const page = await get('/help/kk/guides/operations.html');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self'/);
    expect(await page.text()).toContain('kuzet evidence scrub');
    expect((await get('/help/desk.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
    for (const path of ['/help/site.json', '/help/..%2f..%2fpackage.json', '/help/kk/nothing.html'])
      expect((await get(path)).status).toBe(404);
  });

  test('are told to be missing where they were not built', async () => {
    const desk = await house.open({ help: null });
    const answer = await fetch(`${desk.url}/help?lang=en`);
    expect([answer.status, await answer.text()]).toEqual([
      404,
      expect.stringContaining('&quot;npm run docs&quot; builds them'),
    ]);
  });
});
