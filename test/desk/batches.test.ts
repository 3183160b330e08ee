/** Batches at the desk: the next one looked at, built as it was seen, taken along, handed over, answered, issued again. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { type Client, loggedIn, refusal } from './client.ts';
import { type House, hire, openHouse } from './house.ts';
import { openRiver, type River } from './river.ts';
import { enter } from './tour.ts';

const hasBrowser = chromiumPath() !== null;
const where = hasBrowser ? '' : ' (skipped: no Chromium; set CHROMIUM to the path of one)';
const NEXT = '/api/batches/next?channel=operator_block';

describe('batches at the desk', () => {
  let house: House;
  let river: River;
  /** Null where there is none; then what needs it is left out. */
  let browser: Browser | null = null;
  let desk: Desk;
  let boss: Client;
  let officer: Client;
  const approve = (n: number, text?: string) => river.approve(n, text);

  beforeAll(async () => {
    house = await openHouse();
    river = await openRiver(house);
    desk = await house.open({ actions: river.actions, evidence: river.evidence });
    await hire(house, 'boss', 'supervisor');
    for (const login of ['aigerim', 'bolat']) await hire(house, login, 'officer');
    browser = await openBrowser();
    [boss, officer] = await Promise.all([loggedIn(desk, 'boss'), loggedIn(desk, 'aigerim')]);
  });
  afterAll(async () => {
    await browser?.close();
    await house.close();
    river.close();
  });

  const build = async (over: object = {}) => {
    const { digest } = await (await boss.get(NEXT)).json();
    const answer = await boss.json('POST', '/api/batches', { quarantine: true, expects: digest, ...over });
    return ((await answer.json()) as { batch: string }).batch;
  };

  test('are looked at by every reader, built by seniors and supervisors, and built as they were seen or not at all', async () => {
    const id = await approve(1);
    const seen = await (await officer.get(NEXT)).json();
    expect(seen).toMatchObject({ channel: 'operator_block', last: null, refused: [], isMore: false });
    expect(seen.columns).toHaveLength(13);
    expect(seen.rows).toMatchObject([{ caseId: id, isNew: true, sentBefore: [] }]);
    expect(seen.rows[0].cells.slice(0, 2)).toEqual(['Site 1', 'https://piramida-1.test/kirisu']);
    expect(await refusal(await officer.json('POST', '/api/batches', { expects: seen.digest }))).toBe(
      '403 not_allowed',
    );
    await approve(2);
    expect(await refusal(await boss.json('POST', '/api/batches', { expects: seen.digest }))).toBe(
      '409 batch_changed',
    );
    expect((await (await boss.get('/api/batches')).json()).batches).toEqual([]);
    expect(await build()).toBe('KN_EXAMPLE_20261120_001');
    expect((await (await officer.get(NEXT)).json()).rows).toEqual([]);
  });

  test('tell in the officer’s language what may not leave, and go without it only when that is said', async () => {
    const id = await approve(3, 'Income of 3 % a day, 10 % for everyone you bring.');
    const inLang = async (lang: string) => {
      const { refused } = await (await officer.get(NEXT, { 'accept-language': lang })).json();
      expect(refused).toMatchObject([{ caseId: id, rule: 'OB11', isSoft: true }]);
      return refused[0].why as string;
    };
    expect(await inLang('ru')).toContain('не показывает связи с Казахстаном');
    expect(await inLang('kk')).toContain('Қазақстанмен байланысын көрсетпейді');
    expect(await inLang('en')).toContain('shows no tie to Kazakhstan');
    const fit = await approve(4);
    expect(await build({ quarantine: false })).toBe(null);
    const batch = await build();
    const { rows } = await (await officer.get(`/api/batches/${batch}`)).json();
    expect(rows).toMatchObject([{ n: 1, caseId: fit, state: 'batched', isMoved: false }]);
  });

  test('leave as the very file, and the ledger is told who took it', async () => {
    const id = 'KN_EXAMPLE_20261120_001';
    expect(await refusal(await officer.get(`/api/batches/${id}/file`))).toBe('403 not_allowed');
    const answer = await boss.get(`/api/batches/${id}/file`);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${id}_v1.zip"`);
    const { sha256 } = await (await boss.get(`/api/batches/${id}`)).json();
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    const told = await house.stores.custody.of(id);
    expect(told.map(({ entry }) => JSON.parse(entry))).toContainEqual({
      ...{ by: 'boss', of: id, what: 'downloaded' },
    });
  });

  test('are handed over, and what the addressee answers stands on each row and on the case', async () => {
    const id = 'KN_EXAMPLE_20261120_001';
    expect((await boss.json('POST', `/api/batches/${id}/handover`)).status).toBe(200);
    expect(readdirSync(river.out)).toEqual([`${id}_v1.zip`]);
    const csv = 'title;status\nSite 1;принято\nSite 2;непонятно\nSite 7;принято\n';
    const file = Buffer.from(csv).toString('base64');
    house.clock.move(3600);
    const taken = await (await officer.json('POST', '/api/receipts', { file, batch: id })).json();
    expect(taken.rows).toMatchObject([
      { n: 1, caseId: 'K-000001', outcome: 'acknowledged', why: null },
      { n: 2, caseId: 'K-000002', outcome: null, why: 'it tells no outcome that is known here' },
      { n: 3, caseId: null, outcome: 'acknowledged', why: 'it matches no referral that left' },
    ]);
    const again = await (await officer.json('POST', '/api/receipts', { file, batch: id })).json();
    expect(again).toEqual({ known: true, rows: [] });
    const { rows, handovers } = await (await officer.get(`/api/batches/${id}`)).json();
    expect(rows.map((row: { state: string }) => row.state)).toEqual(['acknowledged', 'handed_over']);
    expect(handovers).toMatchObject([{ n: 1, by: 'boss' }]);
    const { sent } = await (await officer.get('/api/cases/K-000001/passage')).json();
    expect(sent).toMatchObject({ batch: id, row: 1, state: 'acknowledged', late: null });
    expect(sent.events.map((it: { kind: string; by: string }) => [it.kind, it.by])).toEqual([
      ['handed_over', 'boss'],
      ['acknowledged', 'kuzet'],
    ]);
    const broken = Buffer.from('{"rows": ').toString('base64');
    expect(await refusal(await officer.json('POST', '/api/receipts', { file: broken }))).toBe(
      '422 bad_receipt',
    );
  });

  test('that something holds back are refused, and issued again without it; one that nothing holds is not', async () => {
    const [gone, other] = [await approve(5), await approve(6)];
    const batch = await build();
    const reissue = (client: Client) => client.json('POST', `/api/batches/${batch}/reissue`);
    expect(await refusal(await reissue(officer))).toBe('403 not_allowed');
    expect(await refusal(await reissue(boss))).toBe('409 nothing_held');
    const url = 'https://piramida-5.test/kirisu';
    const subject = { kind: 'site', key: 'piramida-5.test' } as const;
    const appeal = { url, words: 'Это учебная страница.', contact: '', lang: 'ru', subject } as const;
    await house.stores.appeals.send(appeal, house.clock.now());
    const held = await (await boss.get(`/api/batches/${batch}`)).json();
    expect(held.heldBack).toEqual([{ caseId: gone, why: 'appeal' }]);
    const { sent } = await (await officer.get(`/api/cases/${other}/passage`)).json();
    expect(sent).toMatchObject({ batch, isHeld: true });
    expect(await refusal(await boss.json('POST', `/api/batches/${batch}/handover`))).toBe(
      '409 not_handed_over',
    );
    const next = await (await reissue(boss)).json();
    expect(next).toEqual({ batch: 'KN_EXAMPLE_20261120_004', moved: [other], left: [gone] });
    expect(await (await boss.get(`/api/batches/${next.batch}`)).json()).toMatchObject({
      replaces: batch,
      rows: [{ caseId: other, isMoved: false }],
    });
    expect(await refusal(await reissue(boss))).toBe('409 nothing_left');
  });

  describe.skipIf(!hasBrowser)(`on screen${where}`, () => {
    const at = async (login: string, path: string): Promise<Page> => {
      const page = await browser!.newPage({ locale: 'ru-KZ', reducedMotion: 'reduce' });
      await enter(page, desk, login);
      await page.goto(desk.url + path);
      return page;
    };

    test('a soft rule is let go by two officers, each with words', { timeout: 120_000 }, async () => {
      const first = await at('aigerim', '/cases/K-000003');
      await first.locator('.finding.holds textarea').fill('Реклама шла в группах Алматы.');
      await first.getByRole('button', { name: 'Просить об исключении' }).click();
      await first.getByText('Ждёт слова второго сотрудника.').waitFor();
      const second = await at('bolat', '/cases/K-000003');
      await second.locator('.finding.holds textarea').fill('Согласен.');
      await second.getByRole('button', { name: 'Допустить' }).click();
      await second.locator('.finding:not(.holds)').getByText('допущено').waitFor();
      await expect
        .poll(() => second.locator('.finding q').allInnerTexts())
        .toEqual(['Реклама шла в группах Алматы.', 'Согласен.']);
    });

    test('a batch is built as it was seen, handed over and answered, and its case tells so', {
      timeout: 120_000,
    }, async () => {
      const page = await at('boss', '/batches/next');
      await page.locator('.file-rows tbody tr').first().waitFor();
      await expect
        .poll(() => page.locator('.file-rows td').nth(1).innerText())
        .toBe('https://piramida-3.test/kirisu');
      await expect
        .poll(() => page.locator('.tally').innerText())
        .toContain('1 дело из отложенных в прошлый раз');
      await page.keyboard.press('b');
      await page.waitForURL(/batches\/KN_EXAMPLE_20261120_005$/);
      await page.getByRole('link', { name: 'Скачать файл' }).waitFor();
      await page.keyboard.press('h');
      await page.getByText(/^Передано: /).waitFor();
      const answer = { name: 'answer.csv', mimeType: 'text/csv' };
      const buffer = Buffer.from('title;status\nSite 1;принято\n');
      await page.locator('input[type=file]').setInputFiles({ ...answer, buffer });
      await page.getByRole('button', { name: 'Принять' }).click();
      await page.getByText('Принято строк: 1 из 1').waitFor();
      await page.locator('td', { hasText: 'принято' }).first().waitFor();
      await page.goto(`${desk.url}/cases/K-000003`);
      await page.locator('.history li', { hasText: 'принято' }).waitFor();
      await expect
        .poll(() => page.locator('.history li span').allInnerTexts())
        .toEqual([
          'Машина открыла дело',
          ...[expect.anything(), expect.anything(), expect.anything()],
          'передано · boss',
          'принято',
        ]);
      expect(await page.getByRole('link', { name: 'Партия задержана' }).count()).toBe(0);
    });

    test('a case whose batch another holds back leads to it, where it is issued again by a key', {
      timeout: 120_000,
    }, async () => {
      const [, other] = [await approve(7), await approve(8)];
      const batch = await build();
      const subject = { kind: 'site', key: 'piramida-7.test' } as const;
      const appeal = { url: 'https://piramida-7.test/', words: 'Это учебная страница.', contact: '' };
      await house.stores.appeals.send({ ...appeal, lang: 'ru', subject }, house.clock.now());
      const page = await at('boss', `/cases/${other}`);
      await page.getByRole('link', { name: 'Партия задержана' }).click();
      await page.waitForURL(`${desk.url}/batches/${batch}`);
      await page.getByRole('heading', { name: 'Партия задержана' }).waitFor();
      await page.keyboard.press('r');
      await page.waitForURL((url) => /\/batches\/KN_/.test(url.pathname) && !url.pathname.endsWith(batch));
      await page.getByRole('link', { name: other }).first().waitFor();
    });
  });

  test('are not at hand where the river is not', async () => {
    const alone = await house.open();
    const reader = await loggedIn(alone, 'aigerim');
    expect(await refusal(await reader.get(NEXT))).toBe('501 not_available');
    expect(await refusal(await reader.get('/api/batches/KN_EXAMPLE_20260101_009'))).toBe('404 not_found');
  });
});
