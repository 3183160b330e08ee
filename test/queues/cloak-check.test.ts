import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { findBrowser } from '../../crawler/browser.ts';
import { type Crawler, createCrawler } from '../../crawler/lanes.ts';
import { DEFAULT_SETTINGS, type ScanSettings } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import { readWarc } from '../../evidence/warc-read.ts';
import { mainCapture } from '../../exports/kibernadzor/referral.ts';
import { systemClock } from '../../queues/clock.ts';
import { type Judge, judgeHere, PageUnjudgedError } from '../../queues/judge.ts';
import { visitJob } from '../../queues/visit.ts';
import { captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import { cloakCheckStore } from '../../store/cloak-checks.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { visitStore } from '../../store/visits.ts';
import { id } from '../conformance/rows.ts';
import { type CloakedWeb, startCloakedWeb } from '../web/cloaked.ts';
import { visitTools } from './tools.ts';

const browser = await findBrowser();
const skipNote = browser.is === 'none' ? ' (skipped: no browser starts here)' : '';

let web: CloakedWeb;
let db: Database;
let evidence: EvidenceStore;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-cloak-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  web = await startCloakedWeb();
  ends.push(() => web.close());
  db = await openDatabase({ memory: true });
  ends.push(() => db.close());
  evidence = await openEvidenceFolder(join(folder, 'evidence'));
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});
beforeEach(() => {
  web.asked.length = 0;
});

/** Visits one page and tells what the cloak check found; null where there was none. */
async function look(
  crawler: Crawler,
  url: string,
  over: Partial<ScanSettings> = {},
  judge: Judge = judgeHere(),
) {
  const { host } = new URL(url);
  const settings = { ...DEFAULT_SETTINGS, delaySeconds: 0, depth: 0, resolve: web.resolve, ...over };
  await visitStore(db).startScan({
    id: id(),
    visitIds: id,
    seeds: [new URL(url)],
    refusals: [],
    settings,
    now: systemClock.now(),
  });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const tools = visitTools(db, { evidence, crawler, judge, clock: systemClock });
  await visitJob({ host }, tools, stop.signal);
  const captures = captureStore(db);
  const pages = await captures.newestOf({ kind: 'site', key: host }, 20);
  const [found = null] = await cloakCheckStore(db).ofCaptures(pages.map(({ capture }) => capture.id));
  const it = await caseStore(db).find({ kind: 'site', key: host });
  return { pages, found, case: it, ofCase: it === null ? [] : await captures.ofCase(it.id) };
}

describe('a page that shows Kuzet something else, read without a browser', () => {
  let crawler: Crawler;
  beforeAll(async () => {
    crawler = await createCrawler({ version: '0.1.0', browser: { is: 'none', why: 'none is wanted here' } });
    ends.push(() => crawler.close());
  });

  test('is found by the first visitor that is no robot, and both pages are the case’s evidence', async () => {
    const { found, case: it, ofCase } = await look(crawler, 'http://agent.test/?gclid=1');
    expect(found).toMatchObject({
      why: 'behind_ad',
      finding: 'cloaked',
      readings: [{ profile: 'desktop', finding: 'cloaked', by: 'profile', text: 0 }],
    });
    // Kuzet, the visitor, and Kuzet once more, to see that it was no accident.
    expect(web.asked).toEqual(['agent.test Kuzet', 'agent.test desktop', 'agent.test Kuzet']);
    expect(it).toMatchObject({ label: 'pyramid', state: { is: 'open' } });
    const sign = it!.reasons.find(({ family }) => family === 'cloak');
    expect(sign).toMatchObject({
      criterion: 'KZ-ARRFR-5',
      excerpt: '«Вкусно дома» → «Ваш доход 40% в месяц»',
    });
    expect(ofCase.map(({ capture, page }) => [capture.profile ?? null, page.title])).toEqual([
      ['desktop', 'Ваш доход 40% в месяц'],
      [null, 'Вкусно дома'],
    ]);
    expect(mainCapture(it!, ofCase)?.capture.profile).toBe('desktop');
    expect(found!.readings[0]!.captureId).toBe(ofCase[0]!.capture.id);
    const asked = [...readWarc(await evidence.read(ofCase[0]!.capture.warc))].map(({ block }) =>
      String(block),
    );
    expect(asked.some((block) => block.includes('Windows NT 10.0'))).toBe(true);
    expect(await ledgerStore(db).verify()).toMatchObject({ ok: true });
  });

  test.each([
    ['where the visitor comes from', 'referrer.test', ['desktop', 'ad-search'], 'profile'],
    ['the cookie of one who comes back', 'back.test', ['desktop', 'ad-search'], 'profile'],
    ['the number of the visit', 'first.test', ['desktop'], 'visit'],
    ['the language', 'language.test', ['desktop', 'ad-search', 'mobile'], 'profile'],
  ] as const)('is found by %s', async (_, host, asked, by) => {
    const { found, pages } = await look(crawler, `http://${host}/?gclid=1`);
    expect(found).toMatchObject({ finding: 'cloaked' });
    expect(found!.readings.map(({ profile }) => profile)).toEqual(asked);
    expect(found!.readings.at(-1)).toMatchObject({ finding: 'cloaked', by });
    expect(pages.map(({ capture }) => capture.profile ?? 'Kuzet')).toEqual([asked.at(-1), 'Kuzet']);
  });

  test('that leads telephones away has its offer kept under the site that it is on', async () => {
    const { found } = await look(crawler, 'http://away.test/?gclid=1');
    expect(found).toMatchObject({ finding: 'cloaked' });
    expect(found!.readings.at(-1)).toMatchObject({ profile: 'mobile', finalUrl: 'http://offer.test/go' });
    const [offer] = await captureStore(db).newestOf({ kind: 'site', key: 'offer.test' }, 5);
    expect(offer!.capture).toMatchObject({ url: 'http://away.test/?gclid=1', profile: 'mobile' });
    expect(await caseStore(db).find({ kind: 'site', key: 'offer.test' })).toMatchObject({ label: 'pyramid' });
  });

  test('is not looked at as one whom it blocks, and nothing is tried after that', async () => {
    const { found } = await look(crawler, 'http://blocks.test/?gclid=1');
    expect(found).toMatchObject({
      finding: 'blocked',
      readings: [{ profile: 'desktop', finding: 'blocked', captureId: null, detail: 'HTTP 403' }],
    });
    expect(web.asked).toEqual(['blocks.test Kuzet', 'blocks.test desktop']);
  });

  test('is not asked for by an address that its robots.txt forbids', async () => {
    const { found } = await look(crawler, 'http://forbids.test/?gclid=1');
    expect(found!.readings[0]).toMatchObject({ profile: 'desktop', finding: 'cloaked' });
    const flagged = await look(crawler, 'http://forbids.test/?fbclid=1&n=2');
    expect(web.asked.filter((line) => line.endsWith('phone'))).toEqual([]);
    expect(flagged.found).not.toBe(null);
  });
});

describe('a case that stands on what another visitor was shown', () => {
  let crawler: Crawler;
  beforeAll(async () => {
    crawler = await createCrawler({ version: '0.1.0', browser: { is: 'none', why: 'none is wanted here' } });
    ends.push(() => crawler.close());
  });

  test('is not called gone before that visitor says so', async () => {
    const alone = await look(crawler, 'http://turns-away.test/');
    expect(alone.pages).toEqual([]);
    const { pages } = await look(crawler, 'http://turns-away.test/', { seenAs: 'desktop' });
    expect(pages.map(({ capture, page }) => [capture.profile, page.assessment.verdict])).toEqual([
      ['desktop', 'flag'],
    ]);
    expect(web.asked.slice(1)).toEqual(['turns-away.test Kuzet', 'turns-away.test desktop']);
  });

  test('is looked at as that visitor too where Kuzet gets no answer at all', async () => {
    const { pages } = await look(crawler, 'http://hangs-up.test/', { seenAs: 'ad-social' });
    expect(pages.map(({ capture, page }) => [capture.profile, page.assessment.verdict])).toEqual([
      ['ad-social', 'flag'],
    ]);
    expect(new Set(web.asked)).toEqual(new Set(['hangs-up.test Kuzet', 'hangs-up.test phone']));
  });

  test('whose page kills what judges it is asked for once as each, and the visit goes on', async () => {
    const judge: Judge = {
      ...judgeHere(),
      judge: async ({ url }) => {
        throw new PageUnjudgedError({ url, why: 'answered nothing for 30 s' }, null);
      },
    };
    const url = 'http://hangs-up.test/heavy';
    await look(crawler, url, { seenAs: 'ad-social' }, judge);
    const rows = await db.query<{ outcome: string; reason: string; state: string }>(
      'select f.outcome, f.reason, v.state from frontier f join visit v on v.id = f.visit_id where f.url = $1',
      [url],
    );
    expect(rows).toEqual([{ outcome: 'failed', reason: 'unjudged', state: 'done' }]);
    expect(web.asked.filter((line) => line.endsWith('phone'))).toHaveLength(1);
  });

  test('is gone when that visitor is shown nothing either, or nothing but a harmless page', async () => {
    expect((await look(crawler, 'http://hangs-up.test/now', { seenAs: 'desktop' })).pages).toHaveLength(1);
    const [visit] = await db.query<{ outcome: string; reason: string }>(
      "select outcome, reason from frontier where url = 'http://hangs-up.test/now'",
    );
    expect(visit).toEqual({ outcome: 'failed', reason: 'protocol' });
  });

  test('has that visitor asked first where Kuzet is shown a white page', async () => {
    const { found } = await look(crawler, 'http://referrer.test/again', { seenAs: 'ad-messenger' });
    expect(found).toMatchObject({ why: 'known_site', finding: 'cloaked' });
    expect(found!.readings.map(({ profile }) => profile)).toEqual(['ad-messenger']);
  });
});

describe('a gatekeeper', () => {
  test('is told, left alone and asked more slowly: no browser is sent, nothing is solved', async () => {
    const crawler = await createCrawler({ version: '0.1.0', browser, rendersAtOnce: 1 });
    ends.push(() => crawler.close());
    const render = vi.spyOn(crawler, 'render');
    for (const [host, isPage] of [
      ['gate-403.test', false],
      ['gate-200.test', true],
    ] as const) {
      web.asked.length = 0;
      const { pages, case: it } = await look(crawler, `http://${host}/`, {
        pages: 5,
        depth: 1,
        render: 'always',
      });
      const [row] = await db.query<{ outcome: string; reason: string; detail: string }>(
        'select outcome, reason, detail from frontier where url = $1',
        [`http://${host}/`],
      );
      if (isPage) {
        expect(pages).toMatchObject([
          { capture: { leftPlain: 'gatekeeper' }, page: { assessment: { verdict: 'abstain' } } },
        ]);
      } else {
        expect(row).toMatchObject({
          outcome: 'failed',
          reason: 'challenge',
          detail: 'a gatekeeper (browser-check) holds robots up; it is left alone, an officer has to look',
        });
      }
      expect([it, web.asked]).toEqual([null, [`${host} Kuzet`]]);
      const [told] = await db.query<{ politeness: { strikes: number }; next_at: Date }>(
        'select politeness, next_at from host where host = $1',
        [host],
      );
      expect(told!.politeness.strikes).toBeGreaterThan(0);
      expect(told!.next_at.getTime()).toBeGreaterThan(Date.now());
    }
    expect(render).not.toHaveBeenCalled();
  });
});

describe('an honest page', () => {
  let crawler: Crawler;
  beforeAll(async () => {
    crawler = await createCrawler({ version: '0.1.0', browser: { is: 'none', why: 'none is wanted here' } });
    ends.push(() => crawler.close());
  });

  test('that follows its visitor’s language and screen is personalised, and nothing more is kept of it', async () => {
    const { found, pages, case: it } = await look(crawler, 'http://shop.test/?gclid=1');
    expect(found!.readings.map(({ profile, finding }) => [profile, finding])).toEqual([
      ['desktop', 'same'],
      ['ad-search', 'same'],
      ['mobile', 'personalised'],
    ]);
    expect([found!.finding, pages.length, it]).toEqual(['personalised', 1, null]);
  });

  test('that tests two headings is the same', async () => {
    const { found } = await look(crawler, 'http://tested.test/?gclid=1');
    expect(found).toMatchObject({ finding: 'same' });
  });

  test('without a hint is not checked, and none is when the scan says so', async () => {
    expect((await look(crawler, 'http://shop.test/plain')).found?.why).not.toBe('flagged');
    web.asked.length = 0;
    await look(crawler, 'http://agent.test/?gclid=2', { cloakCheck: 'never' });
    expect(web.asked).toEqual(['agent.test Kuzet']);
  });
});

describe.skipIf(browser.is === 'none')(
  `a page that shows others something else by its scripts${skipNote}`,
  () => {
    test('is shown as a telephone, and both are photographed', async () => {
      const crawler = await createCrawler({ version: '0.1.0', browser, rendersAtOnce: 1 });
      ends.push(() => crawler.close());
      const { found, ofCase, case: it } = await look(crawler, 'http://narrow.test/');
      expect(found).toMatchObject({ why: 'tests_visitor', finding: 'cloaked' });
      expect(found!.readings.at(-1)).toMatchObject({ finding: 'cloaked', by: 'profile' });
      expect(it).not.toBe(null);
      expect(ofCase.map(({ capture }) => capture.screenshot !== null)).toEqual([true, true]);
      expect(mainCapture(it!, ofCase)?.page.title).toBe('Ваш доход 40% в месяц');
      const picture = await evidence.read(ofCase[0]!.capture.screenshot!);
      // Width of a telephone, as its PNG says (PNG 1.2, section 4.1.1).
      expect(Buffer.from(picture).readUInt32BE(16)).toBe(412);
    });
  },
);
