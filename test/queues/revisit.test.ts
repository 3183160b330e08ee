import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { plain } from '../../cli/asked.ts';
import { historyText } from '../../cli/history.ts';
import { type Crawler, createCrawler } from '../../crawler/lanes.ts';
import { DEFAULT_SETTINGS, type ScanSettings } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { type EvidenceStore, scrub } from '../../evidence/store.ts';
import { readWarc, verifyWarc } from '../../evidence/warc-read.ts';
import { systemClock } from '../../queues/clock.ts';
import { addressHistory } from '../../queues/history.ts';
import { judgeHere } from '../../queues/judge.ts';
import { dayOf, revisitRound } from '../../queues/revisit.ts';
import { type VisitTools, visitJob } from '../../queues/visit.ts';
import type { Database, Queryable } from '../../store/database.ts';
import { urlKey } from '../../store/frontier.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { type LookStore, lookStore } from '../../store/looks.ts';
import { openDatabase } from '../../store/open.ts';
import type { Engine } from '../engines/places.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { visitTools } from './tools.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Site {
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Answers 304 to whoever sends this etag; `anybody` to whoever asks. */
  etag?: string | 'anybody';
  moved?: string;
}

/** Host and path -> what stands there now. */
const web = new Map<string, Site>();
/** What was asked, with the validators that were sent. */
let asked: { url: string; etag: string | undefined; since: string | undefined }[] = [];
const server = createServer((request, response) => {
  const url = `${request.headers.host}${request.url}`;
  if (request.url === '/robots.txt') {
    response.end('');
    return;
  }
  const { 'if-none-match': etag, 'if-modified-since': since } = request.headers;
  asked.push({ url, etag, since });
  const site = web.get(url) ?? { status: 404 };
  if (site.moved !== undefined) {
    response.writeHead(302, { location: site.moved }).end();
    return;
  }
  const headers = {
    ...site.headers,
    ...(site.etag === undefined || site.etag === 'anybody' ? {} : { etag: site.etag }),
  };
  if (site.etag === 'anybody' || (site.etag !== undefined && etag === site.etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(site.status ?? 200, { 'content-type': 'text/html; charset=utf-8', ...headers });
  response.end(site.body ?? '');
});

const lamps = (more = '') =>
  `<html><head><title>Лампы</title></head><body><h1>Магазин ламп</h1><p>Настольные лампы из дерева и стекла, доставка по
  городу за два дня, гарантия год. Мастерская работает с понедельника по субботу.</p>${more}</body></html>`;
const PYRAMID = `<html><body><h1>Круг дохода</h1><p>Гарантированный доход 3% в день без риска. Приглашай друзей и получай
  10% от вкладов каждого приглашённого, выплаты из взносов новых участников. Вложи сегодня, удвоим за месяц!</p>
  <a href="/join">Вступить</a></body></html>`;

const engines = [
  ['PGlite', null],
  ['PostgreSQL', postgresMissing],
] as const;

describe.each(engines)('known addresses, on %s', (name, missing) => {
  describe.skipIf(missing !== null)(
    missing === null ? 'are looked at again' : `(skipped: ${missing})`,
    () => {
      let ahead = 0;
      const clock = { ...systemClock, now: () => new Date(Date.now() + ahead) };
      let engine: Engine | null = null;
      let db: Database;
      let crawler: Crawler;
      let folder: string;
      let evidence: EvidenceStore;
      let tools: VisitTools;
      let looks: LookStore;
      let settings: ScanSettings;
      const signal = new AbortController().signal;

      beforeAll(async () => {
        await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
        const resolve = { '*.test': `127.0.0.1:${(server.address() as AddressInfo).port}` };
        // Requests are counted, and other visitors' would be among them.
        settings = { ...DEFAULT_SETTINGS, delaySeconds: 0, pages: 5, depth: 1, cloakCheck: 'never', resolve };
        engine = name === 'PGlite' ? null : await startPostgres();
        db = await openDatabase(engine === null ? { memory: true } : { url: engine.url });
        folder = await mkdtemp(join(tmpdir(), 'kuzet-revisit-'));
        evidence = await openEvidenceFolder(folder);
        crawler = await createCrawler({ version: '0.0.0', browser: { is: 'none', why: 'not wanted here' } });
        looks = lookStore(db);
        tools = visitTools(db, { evidence, crawler, judge: judgeHere(), clock });
      }, 120_000);
      afterAll(async () => {
        await crawler.close();
        await db.close();
        await engine?.stop();
        await rm(folder, { recursive: true });
        await new Promise((closed) => server.close(closed));
      });
      beforeEach(async () => {
        web.clear();
        asked = [];
        // What another test left due is not this one's.
        await db.query("update known_address set due_at = 'infinity', look_by = 'infinity'");
      });

      const scan = async (url: string, own: Partial<ScanSettings> = {}) => {
        await tools.visits.startScan({
          id: randomUUID(),
          visitIds: randomUUID,
          seeds: [new URL(url)],
          refusals: [],
          settings: { ...settings, ...own },
          now: clock.now(),
        });
        await visitAll();
      };
      const visitAll = async () => {
        for (const host of await tools.visits.openHosts(100)) await visitJob({ host }, tools, signal);
      };
      const round = (own: { mostADay?: number; mostAHost?: number } = {}) =>
        revisitRound({
          looks,
          mostADay: own.mostADay ?? 1000,
          mostAHost: own.mostAHost ?? 20,
          sweep: async () => undefined,
          clock,
        });
      /** Lets the interval pass, and looks. */
      const lookAgain = async (days: number) => {
        ahead += days * DAY;
        const { addresses } = await round();
        await visitAll();
        return addresses;
      };
      const looksAt = (url: string) => looks.of(urlKey(new URL(url)), 50);
      const changes = async (url: string) => (await looksAt(url)).map(({ change }) => change).reverse();

      test('when their moment has come, not before, and once', async () => {
        web.set('lamps.test/', { body: lamps() });
        const seq = await tools.visits.newestSeq();
        await scan('http://lamps.test/');
        expect(await tools.visits.newestSeq()).toBe(seq + 1);
        expect(await lookAgain(1)).toBe(0);
        expect(await lookAgain(8)).toBe(1);
        expect((await round()).addresses).toBe(0);
        expect(await changes('http://lamps.test/')).toEqual(['first', 'same']);
        expect(asked.map(({ url }) => url)).toEqual(['lamps.test/', 'lamps.test/']);
      });

      test('and what changed is told: words, forms, all of it, parked, back, gone', async () => {
        const url = 'http://moods.test/';
        web.set('moods.test/', { body: lamps() });
        await scan(url);
        const become = async (site: Site) => {
          web.set('moods.test/', site);
          await lookAgain(15);
        };
        const words =
          'Теперь у нас есть люстры, бра, торшеры, ночники и гирлянды; скидки до конца недели на всё стекло.';
        await become({ body: lamps(`<p>${words}</p>`) });
        await become({
          body: lamps(`<p>${words}</p><form action="/buy" method="post"><input type="tel"></form>`),
        });
        await become({
          body: '<html><body><p>Домен moods.test продаётся. Предложите цену.</p></body></html>',
        });
        await become({ body: PYRAMID });
        await become({ status: 404 });
        await become({ status: 403 });
        expect(await changes(url)).toEqual([
          'first',
          'text',
          'structure',
          'for_sale',
          'revived',
          'gone',
          'unreachable',
        ]);
        const [last] = await looksAt(url);
        expect(last).toMatchObject({
          state: 'unreachable',
          status: 403,
          reason: 'http_status',
          captureId: null,
        });
        expect(await looks.known(urlKey(new URL(url)))).toMatchObject({
          settled: 'gone',
          verdict: 'flag',
        });
      });

      test('and a notice that comes with an error is told for what it says', async () => {
        const url = 'http://notice.test/';
        web.set('notice.test/', { body: PYRAMID });
        await scan(url);
        for (const site of [
          { status: 403, body: '<h1>This account has been suspended</h1>' },
          { status: 404, body: '<p>Домен notice.test припаркован</p>' },
          { status: 503, body: '<p>Домен notice.test продаётся. Предложите цену.</p>' },
          { status: 402, body: '<p>Срок регистрации домена notice.test истёк</p>' },
          { status: 403, body: '<h1>403 Forbidden</h1>' },
        ]) {
          web.set('notice.test/', site);
          await lookAgain(15);
        }
        const told = (await looksAt(url)).map(({ state, status }) => `${status} ${state}`).reverse();
        expect(told).toEqual([
          '200 live',
          '403 suspended',
          '404 parked',
          '503 for_sale',
          '402 suspended',
          '403 unreachable',
        ]);
        const rows = await db.query<{ detail: string }>(
          "select detail from frontier where url = $1 and detail like '%says that%' order by detail",
          [url],
        );
        expect(rows[1]?.detail).toBe('the server answered 403, and says that the site is suspended');
      });

      test('those that came anew are followed like a site never seen, the others are not', async () => {
        web.set('anew.test/', { body: lamps('<a href="/a">Каталог</a>') });
        web.set('anew.test/a', { body: lamps() });
        web.set('anew.test/join', { body: lamps() });
        await scan('http://anew.test/', { pages: 1 });
        asked = [];
        await lookAgain(8);
        expect(asked.map(({ url }) => url)).toEqual(['anew.test/']);
        web.set('anew.test/', { body: PYRAMID });
        asked = [];
        await lookAgain(30);
        expect(asked.map(({ url }) => url)).toEqual(['anew.test/', 'anew.test/join']);
        const history = await addressHistory(new URL('http://anew.test/'), 10, { ...tools, looks });
        expect(history.looks.map(({ change }) => change)).toEqual(['replaced', 'same', 'first']);
        expect(history.difference?.lines).toContainEqual({ is: 'gone', text: 'Магазин ламп' });
        expect(history.difference?.lines).toContainEqual({ is: 'new', text: 'Круг дохода' });
        expect(historyText(plain(history)).filter((line) => /replaced|^[-+] [КМ]/.test(line))).toEqual([
          expect.stringMatching(/ live {9}replaced, .* of its words the same {2}status 200 {2}flag /),
          '- Магазин ламп',
          '- Мастерская работает с понедельника по субботу.',
          '- Каталог',
          '+ Круг дохода',
        ]);
      });

      test('the risky ones first, within the budget of a day and of a host, and the rest tomorrow', async () => {
        web.set('calm.test/', { body: lamps() });
        web.set('risky.test/', { body: PYRAMID });
        for (const path of ['/a', '/b', '/c']) {
          web.set(`many.test${path}`, { body: lamps() });
          await scan(`http://many.test${path}`);
        }
        await scan('http://calm.test/');
        await scan('http://risky.test/', { depth: 0 });
        ahead += 20 * DAY;
        asked = [];
        expect((await round({ mostADay: 1 })).addresses).toBe(1);
        expect((await round({ mostADay: 1 })).addresses).toBe(0);
        await visitAll();
        expect(asked.map(({ url }) => url)).toEqual(['risky.test/']);
        expect((await round({ mostAHost: 2 })).addresses).toBe(3);
        await visitAll();
        expect((await round({ mostAHost: 2 })).addresses).toBe(0);
        expect(asked.filter(({ url }) => url.startsWith('many.test'))).toHaveLength(2);
        ahead += DAY;
        await round({ mostAHost: 2 });
        await visitAll();
        expect(asked.filter(({ url }) => url.startsWith('many.test'))).toHaveLength(3);
      });

      test('two rounds at once ask for nothing twice, and none while a visit to the host is open', async () => {
        for (const n of [1, 2, 3]) {
          web.set(`twice-${n}.test/`, { body: lamps() });
          await scan(`http://twice-${n}.test/`);
        }
        ahead += 20 * DAY;
        const rounds = await Promise.all([round(), round(), round()]);
        expect(rounds.map(({ addresses }) => addresses).sort()).toEqual([0, 0, 3]);
        // The queue is emptied, and the host's visit hangs for a month: its addresses wait with it.
        ahead += 30 * DAY;
        expect((await round()).addresses).toBe(0);
        await visitAll();
        expect(await changes('http://twice-1.test/')).toEqual(['first', 'same']);
      });

      test('are found by their keys and moments, however much else is known', async () => {
        web.set('among.test/', { body: lamps() });
        await scan('http://among.test/');
        ahead += 20 * DAY;
        await db.query(
          `insert into known_address (url_key, url, host, visit_id, first_at, last_at, state, risk, interval_seconds,
             due_at, look_by, was_rendered, not_modified, wasted, lies)
           select sha256(n::text::bytea), 'http://other.test/' || n, 'other.test', v.id, $1, $1, 'live', 0, 86400,
             $1::timestamptz + interval '1 day', $1::timestamptz + interval '2 days', false, 0, 0, 0
           from generate_series(1, 20000) n, (select id from visit limit 1) v`,
          [clock.now()],
        );
        await db.query('analyze known_address');
        const plans: string[] = [];
        const listening = {
          transaction: <T>(work: (tx: Queryable) => Promise<T>) =>
            db.transaction((tx) =>
              work({
                query: async <Row extends object>(sql: string, params: readonly unknown[] = []) => {
                  if (/from known_address|update known_address/.test(sql)) {
                    const plan = await tx.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, params);
                    plans.push(plan.map((row) => row['QUERY PLAN']).join('\n'));
                  }
                  return tx.query<Row>(sql, params);
                },
              } as Queryable),
            ),
        } as unknown as Database;
        const order = { now: clock.now(), day: '2030-01-01', mostADay: 10, mostAHost: 5, newId: randomUUID };
        expect((await lookStore(listening).ask(order)).addresses).toBe(1);
        await db.query("delete from known_address where host = 'other.test'");
        await visitAll();
        expect(plans).toHaveLength(2);
        for (const plan of plans) {
          expect(plan).toMatch(/Index Scan (using|on) known_address_(due|pkey)/);
          expect(plan).not.toMatch(/Seq Scan on known_address/);
        }
      });

      test('a page that did not change is not sent again, and that is archived as a revisit', async () => {
        const url = 'http://tagged.test/';
        web.set('tagged.test/', { body: lamps(), etag: '"v1"' });
        await scan(url);
        const [first] = await looksAt(url);
        asked = [];
        await lookAgain(8);
        expect(asked).toEqual([{ url: 'tagged.test/', etag: '"v1"', since: undefined }]);
        const [second] = await looksAt(url);
        expect(second).toMatchObject({
          change: 'same',
          status: 304,
          captureId: first!.captureId,
          verdict: 'clear',
        });

        const warc = await evidence.read(second!.warc!);
        expect(verifyWarc(warc)).toMatchObject({ ok: true });
        const revisit = [...readWarc(warc)].find(({ headers }) => headers['warc-type'] === 'revisit')!;
        const capture = (await tools.captures.get(first!.captureId!))!.capture;
        const original = [...readWarc(await evidence.read(capture.warc))].find(
          ({ headers }) => headers['warc-type'] === 'response',
        )!;
        expect(revisit.headers).toMatchObject({
          'warc-profile': 'http://netpreservefoundation.org/warc/1.1/revisit/server-not-modified',
          'warc-target-uri': url,
          'warc-refers-to': original.headers['warc-record-id'],
          'warc-refers-to-target-uri': url,
          'warc-refers-to-date': original.headers['warc-date'],
          'warc-payload-digest': original.headers['warc-payload-digest'],
        });
        expect(revisit.block.toString()).toMatch(/^HTTP\/1\.1 304 /);
      });

      test('such a look is no evidence: no capture is made, no age renewed; and it is in the ledger all the same', async () => {
        const url = 'http://tagged-2.test/';
        web.set('tagged-2.test/', { body: lamps(), etag: '"v1"' });
        await scan(url);
        const captures = async () =>
          Number((await db.query<{ n: number }>('select count(*) as n from capture'))[0]!.n);
        const before = await captures();
        await lookAgain(8);
        expect(await captures()).toBe(before);
        const [look] = await looksAt(url);
        const rows = (await ledgerStore(db).list(0, 10_000)).filter(({ kind }) => kind === 'look');
        expect(rows.at(-1)?.entry).toContain(look!.warc);
        expect(await ledgerStore(db).verify()).toMatchObject({ ok: true });
        const blobs: string[] = [];
        for await (const name of tools.captures.blobs()) blobs.push(name);
        expect(blobs).toContain(look!.warc);
        expect((await scrub(evidence, tools.captures.blobs())).faults).toEqual([]);
        await db.query('alter table look disable trigger look_stays');
        await db.query('update look set at = at + interval $$1 day$$ where warc = $1', [look!.warc]);
        expect((await ledgerStore(db).verify()).faults).toMatchObject([{ what: 'record_differs' }]);
        await db.query('update look set at = at - interval $$1 day$$ where warc = $1', [look!.warc]);
        await db.query('alter table look enable trigger look_stays');
      });

      test('a page of a site with a case, or of any doubt, is always received whole', async () => {
        web.set('fraud.test/', { body: PYRAMID, etag: '"v1"' });
        web.set('fraud.test/about', { body: lamps(), etag: '"v2"' });
        await scan('http://fraud.test/', { depth: 0 });
        await scan('http://fraud.test/about');
        asked = [];
        await lookAgain(20);
        expect(asked.map(({ url, etag }) => [url, etag]).sort()).toEqual([
          ['fraud.test/', undefined],
          ['fraud.test/about', undefined],
        ]);
      });

      test('a server that calls everything unmodified is found out, one that was not asked is not believed', async () => {
        const url = 'http://liar.test/';
        web.set('liar.test/', { body: lamps(), headers: { etag: '"v1"' } });
        await scan(url);
        web.set('liar.test/', { etag: 'anybody' });
        for (let n = 0; n < 6; n += 1) await lookAgain(100);
        const looks = (await looksAt(url)).reverse();
        expect(looks.map(({ status }) => status)).toEqual([200, 304, 304, 304, 304, 304, 304]);
        expect(looks.at(-1)).toMatchObject({ state: 'unreachable', reason: 'protocol' });
        expect(asked.at(-1)!.etag).toBeUndefined();
        // What it hid comes to light with the first whole page, and its word is worth nothing from then on.
        web.set('liar.test/', {
          body: `${lamps()}<form action="/x" method="post"><input type="password"></form>`,
          headers: { etag: '"v1"' },
        });
        await lookAgain(100);
        expect((await looksAt(url))[0]).toMatchObject({ change: 'structure', status: 200 });
        await lookAgain(100);
        expect(asked.at(-1)!.etag).toBeUndefined();
      });

      test('a server that names the same page anew each time is not asked for ever', async () => {
        const url = 'http://restless.test/';
        for (let n = 0; n < 6; n += 1) {
          web.set('restless.test/', { body: lamps(), etag: `"t${n}"` });
          if (n === 0) await scan(url);
          else await lookAgain(100);
        }
        expect(asked.map(({ etag }) => etag)).toEqual([
          undefined,
          '"t0"',
          '"t1"',
          '"t2"',
          undefined,
          undefined,
        ]);
        expect(await changes(url)).toEqual(['first', ...Array(5).fill('same')]);
      });

      test('behind a redirect the page itself is asked, and not what leads there', async () => {
        web.set('door.test/', { moved: 'http://door.test/home' });
        web.set('door.test/home', {
          body: lamps(),
          headers: { 'last-modified': 'Mon, 04 May 2026 06:00:00 GMT' },
        });
        await scan('http://door.test/');
        asked = [];
        await lookAgain(8);
        expect(asked).toEqual([
          { url: 'door.test/', etag: undefined, since: undefined },
          { url: 'door.test/home', etag: undefined, since: 'Mon, 04 May 2026 06:00:00 GMT' },
        ]);
      });

      test('where what is kept of a page cannot be read, it is received whole', async () => {
        const url = 'http://lost.test/';
        web.set('lost.test/', { body: lamps(), etag: '"v1"' });
        await scan(url);
        const [look] = await looksAt(url);
        const { warc } = (await tools.captures.get(look!.captureId!))!.capture;
        await rm(join(folder, 'sha256', warc.slice(0, 2), warc));
        asked = [];
        await lookAgain(8);
        expect(asked).toEqual([{ url: 'lost.test/', etag: undefined, since: undefined }]);
      });
    },
  );
});

test('a day begins at midnight in Almaty', () => {
  expect(dayOf(new Date('2026-05-04T18:59:59Z'))).toBe('2026-05-04');
  expect(dayOf(new Date('2026-05-04T19:00:00Z'))).toBe('2026-05-05');
});
