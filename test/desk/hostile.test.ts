/** 100 hostile payloads wherever others' words reach an officer: none runs, none asks for anything, none hides. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { hire, openHouse, see, signal } from './house.ts';
import { enter, goTo } from './tour.ts';

const hasBrowser = chromiumPath() !== null;
const where = hasBrowser ? '' : ' (skipped: no Chromium; set CHROMIUM to the path of one)';

/** Where pages try to call home: whatever arrives here has left. */
const arrived: string[] = [];
const home = createServer((asked, answer) => {
  arrived.push(asked.url ?? '');
  answer.end();
});
await new Promise<void>((resolve) => home.listen(0, '127.0.0.1', resolve));
const HOME = `http://127.0.0.1:${(home.address() as AddressInfo).port}`;
afterAll(() => {
  home.close();
});

/** What a page may try, each telling that it ran by `ran` or by calling home. */
const ACTS = [
  '<script>top.ran=1;alert(1)</script>',
  `<img src=x onerror="top.ran=1;fetch('${HOME}/b')">`,
  `<svg onload="top.ran=1"><image href="${HOME}/i"/></svg>`,
  '<svg><script>top.ran=1</script></svg>',
  '<iframe srcdoc="<script>parent.ran=1</script>"></iframe>',
  `<iframe src="${HOME}/f"></iframe>`,
  `<object data="${HOME}/o"></object>`,
  `<embed src="${HOME}/e">`,
  `<video src="${HOME}/v" autoplay></video>`,
  `<link rel=stylesheet href="${HOME}/c.css">`,
  `<link rel=preload as=image href="${HOME}/p">`,
  `<style>@import "${HOME}/i.css"; body{background:url(${HOME}/bg)}</style>`,
  `<meta http-equiv="refresh" content="0;url=${HOME}/r">`,
  `<base href="${HOME}/">`,
  `<form action="${HOME}/s"><input autofocus onfocus="top.ran=1"></form>`,
  '<details open ontoggle="top.ran=1">x</details>',
  '<body onload="top.ran=1">',
  '<a href="javascript:top.ran=1" autofocus onfocus="top.ran=1">x</a>',
  '<math><mtext></mtext><script>top.ran=1</script></math>',
  `<template><script>top.ran=1</script></template><img src="${HOME}/t">`,
] as const;
/** How it may try to break out of where it stands. */
const BREAKS = ['', '">', "'>", '</textarea></title></style></script>', '--><!--'] as const;
const PAYLOADS = BREAKS.flatMap((out) => ACTS.map((act) => `${out}${act}`));

describe.skipIf(!hasBrowser)(`hostile words at the desk${where}`, async () => {
  const house = await openHouse();
  let browser: Browser;
  let desk: Desk;
  const misdeeds: string[] = [];
  let id = '';
  let hostileDom = '';

  beforeAll(async () => {
    browser = (await openBrowser())!;
    desk = await house.open();
    await hire(house, 'aigerim', 'officer', PAYLOADS[1]!.slice(0, 100));
    const at = (n: number) => PAYLOADS[n % PAYLOADS.length]!;
    const it = await see(
      house,
      'pyramid',
      Array.from({ length: 4 }, (_, page) => ({
        url: `https://hostile.test/${page}?q=${encodeURIComponent(at(page))}&r=${at(page + 20)}`,
        title: PAYLOADS.slice(page * 25, page * 25 + 25).join(' '),
        text: `${PAYLOADS.join('\n')}\n\u202egnp.exe\u2066 \u200bhidden`,
        score: 0.95 - page / 100,
        signals: PAYLOADS.slice(page * 25, page * 25 + 25).map((text, n) => ({
          ...signal(text, text, 3 - n / 20, text),
          id: text,
        })),
        // A picture that is a document with a script in it.
        picture: new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        lang: at(page + 5),
        hops: [{ url: `https://hostile.test/${at(page + 7)}`, status: 302, location: at(page + 9) }],
      })),
    );
    ({ id } = it);
    hostileDom = house.keep(new TextEncoder().encode(`<!doctype html><body>${PAYLOADS.join('\n')}`));
    const reason = PAYLOADS.slice(0, 15).join(' ').slice(0, 1900);
    await house.stores.cases.act(id, { is: 'escalate', by: 'boss', reason }, house.clock.now());
    for (const words of [PAYLOADS.slice(0, 50), PAYLOADS.slice(50)]) {
      const appeal = { url: `https://hostile.test/${words[2]}`, words: words.join(' '), contact: words[3]! };
      await house.stores.appeals.send({ ...appeal, lang: 'ru', subject: it.subject }, house.clock.now());
    }
    const filter = { state: 'open' } as const;
    for (const name of PAYLOADS.slice(0, 5)) {
      const queue = { id: crypto.randomUUID(), name: name.slice(0, 80), filter, owner: null, madeBy: 'boss' };
      await house.stores.queue.save(queue, house.clock.now());
    }
  });
  afterAll(async () => {
    await browser?.close();
    await house.close();
  });

  const newPage = async (): Promise<Page> => {
    const page = await (await browser.newContext({ locale: 'ru-KZ' })).newPage();
    page.on('request', (asked) => {
      if (!asked.url().startsWith(`${desk.url}/`)) misdeeds.push(`asked ${asked.url()}`);
    });
    page.on('dialog', (dialog) => {
      misdeeds.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => misdeeds.push(`error ${error.message}`));
    page.on('console', (message) => {
      if (/Trusted Type/.test(message.text())) misdeeds.push(message.text());
    });
    await enter(page, desk, 'aigerim');
    return page;
  };

  test('there are 100 payloads, each different', () => {
    expect(new Set(PAYLOADS).size).toBe(100);
  });

  test('are words on every screen: nothing runs, loads, links or hides', async () => {
    const page = await newPage();
    const paths = [
      '/cases?queue=senior',
      `/cases?search=${encodeURIComponent(PAYLOADS[40]!)}`,
      `/cases/${id}`,
      '/appeals',
    ];
    for (const path of paths) {
      await goTo(page, desk, { path });
      expect(await page.evaluate(() => 'ran' in window)).toBe(false);
      const links = await page
        .locator('a[href]')
        .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
      expect(links.filter((href) => !href.startsWith(`${desk.url}/`))).toEqual([]);
      const foreign =
        'main iframe, object, embed, base, form[action^="http"], main meta, main script, main link, style, [style], [onerror], [onload], [onclick]';
      expect(await page.locator(foreign).count()).toBe(0);
      expect(await page.locator('body').textContent()).not.toMatch(/[\u202e\u200b\u2066]/);
    }
    await page.goto(`${desk.url}/cases/${id}`);
    await page.locator('.text').first().waitFor();
    const text = await page.locator('.text').first().textContent();
    expect(text).toContain('<script>top.ran=1;alert(1)</script>');
    expect(text).toContain('⟨U+202E⟩gnp.exe⟨U+2066⟩ ⟨U+200B⟩hidden');
    expect(misdeeds).toEqual([]);
    expect(arrived).toEqual([]);
  });

  test('act no more when their page is shown in its frame, or opened by itself', async () => {
    // The capture's document is the hostile one.
    const [first] = await house.stores.captures.ofCase(id);
    const captures = { ...house.stores.captures, get: async () => withDom(first!, hostileDom) };
    const inner = await house.open({ stores: { ...house.stores, captures } });
    const page = await newPage();
    await enter(page, inner, 'aigerim');
    misdeeds.length = 0;
    await page.goto(`${inner.url}/cases/${id}`);
    await page.locator('.text').first().waitFor();
    await page.keyboard.press('o');
    await page.locator('.structure').waitFor();
    await page.keyboard.press('p');
    const frame = page.frameLocator('iframe.inert');
    await frame.locator('body').waitFor();
    await expect
      .poll(() => frame.locator('body').evaluate((it) => it.ownerDocument.readyState), { timeout: 60_000 })
      .toBe('complete');
    expect(await page.evaluate(() => 'ran' in window)).toBe(false);
    const links = await page
      .locator('a[href]')
      .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
    expect(links.filter((href) => !href.startsWith(`${inner.url}/`))).toEqual([]);

    await page.goto(`${inner.url}/api/captures/${first!.capture.id}/document`);
    expect(new URL(page.url()).pathname).toContain('/document');
    expect(misdeeds.filter((it) => !it.startsWith('asked '))).toEqual([]);
    // Last of all comes a request that does leave: what left before it has arrived by now.
    await fetch(`${HOME}/last`);
    expect(arrived).toEqual(['/last']);
  });
});

function withDom<T extends { readonly capture: object }>(it: T, dom: string): T {
  return { ...it, capture: { ...it.capture, dom } };
}
