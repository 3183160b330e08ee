import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MODELS } from '../../classifiers/model.ts';
import { findBrowser } from '../../crawler/browser.ts';
import type { FactSources } from '../../crawler/facts/site.ts';
import { type Crawler, createCrawler } from '../../crawler/lanes.ts';
import { NO_LESSON } from '../../domain/render-lesson.ts';
import { NO_PICTURES } from '../../domain/site-pictures.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { readSiteFacts } from '../../evidence/site-facts.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import { resourceIn } from '../../evidence/wacz.ts';
import { readWarc } from '../../evidence/warc-read.ts';
import { subjectOf } from '../../exports/overblock/platforms.ts';
import { systemClock } from '../../queues/clock.ts';
import { factsOfVisit } from '../../queues/facts.ts';
import { judgeHere } from '../../queues/judge.ts';
import { lessonsOfVisit, type VisitLessons } from '../../queues/reading/lessons.ts';
import { printParts } from '../../queues/reading/print-parts.ts';
import { readAddress } from '../../queues/reading.ts';
import { listen } from '../web/faults.ts';

const browser = await findBrowser();
const skipNote = browser.is === 'none' ? ' (skipped: no browser starts here)' : '';

const NEWS =
  '<h1>Новости района</h1><p>В районе открылась новая библиотека: три читальных зала, детская комната и кружок рисования. Часы работы с десяти до восьми, кроме понедельника. Директор рассказала, что фонд насчитывает двенадцать тысяч книг, а по субботам здесь проходят встречи с писателями.</p>';
const PYRAMID =
  'Инвестируйте в наш проект и получайте гарантированный доход 40% в месяц без риска! Пригласите друзей и получайте бонус 10% от вклада каждого партнёра первой линии и 5% со второй линии. Минимальный вклад 50 000 тенге, выплаты каждый день, матричный план, пассивный доход. Успей войти в первую линию! ';

describe.skipIf(browser.is === 'none')(`a page that its scripts build${skipNote}`, () => {
  let crawler: Crawler;
  let evidence: EvidenceStore;
  let resolve: Record<string, string>;
  const ends: (() => unknown)[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kuzet-reading-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const site = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const [, script] = /^\/(\w+)\.js$/.exec(request.url ?? '') ?? [];
      if (request.url === '/picture.png') {
        response.end('x');
      } else if (script === undefined) {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        response.end(`<div id="app"></div><script src="${request.url}.js"></script>`);
      } else {
        response.end(`
          document.getElementById('app').innerHTML = '${script === 'news' ? NEWS : PYRAMID}<img src="/picture.png">';
          fetch('/count', { method: 'POST', body: '1' }).catch(() => {});
        `);
      }
    });
    resolve = { 'built.test': `127.0.0.1:${await listen(site)}` };
    ends.push(() => site.close());
    crawler = await createCrawler({ version: '0.1.0', browser, rendersAtOnce: 1 });
    ends.push(() => crawler.close());
    evidence = await openEvidenceFolder(join(folder, 'evidence'));
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  async function read(path: string, lessons: VisitLessons | null = null) {
    asked.length = 0;
    let turns = 1;
    const reading = await readAddress(
      {
        id: '0196c2f0-0000-7000-8000-000000000001',
        scanId: '0196c2f0-0000-7000-8000-000000000002',
        host: 'built.test',
        lease: '0196c2f0-0000-7000-8000-000000000003',
        settings: { ...DEFAULT_SETTINGS, resolve },
        captured: 0,
        wasPutOff: false,
      },
      {
        key: Buffer.of(1),
        url: `http://built.test${path}`,
        depth: 0,
        seed: true,
        tries: 0,
        starts: 1,
        shape: null,
        known: null,
        stopped: null,
      },
      {
        evidence,
        crawler,
        judge: judgeHere(),
        judgedBy: { model: MODELS.href, shadow: null },
        captures: { get: async () => null },
        looks: { isOfCase: async () => true },
        subjectOf,
        checks: null,
        parts: printParts(),
        lessons,
        software: 'kuzet/0.1.0',
        facts: factsOfVisit({ factSources, evidence, log: pino({ level: 'silent' }) }),
        clock: systemClock,
        log: pino({ level: 'silent' }),
      },
      {
        courtesy: { before: async () => ({ is: 'go' }), after: () => {} },
        again: async () => {
          turns += 1;
        },
        heldSeconds: () => 0,
      } as unknown as Parameters<typeof readAddress>[3],
      new AbortController().signal,
    );
    const { captured } = reading.visited;
    if (captured === null) throw new Error(`${path} was not captured`);
    return { ...captured, turns };
  }

  test('is shown for its text alone when an officer need not see it', async () => {
    const { capture, page, turns } = await read('/news');
    expect(page.text).toContain('новая библиотека');
    expect([turns, capture.renderReason]).toEqual([2, 'empty_shell']);
    expect([capture.screenshot, capture.dom === null]).toEqual([null, false]);
    expect(asked).toEqual(['GET /news', 'GET /news', 'GET /news.js']);
  });

  test('is shown again, in its own turn, for pictures that an officer will want to see', async () => {
    const { capture, page, turns } = await read('/join');
    expect([page.assessment.verdict, turns]).toEqual(['flag', 3]);
    expect(capture.screenshot).not.toBe(null);
    expect(asked.filter((line) => !line.endsWith('.js'))).toEqual([
      'GET /join',
      'GET /join',
      'GET /join',
      'GET /picture.png',
    ]);
  });

  test('is left to its bytes once pages like it showed no more, and the capture says so', async () => {
    const lesson = { ...NO_LESSON, doubted: { shown: 9, helped: 0 } };
    const told: unknown[] = [];
    const lessons: VisitLessons = {
      of: async () => lesson,
      note: async (url, kind, hasHelped) => void told.push([url.pathname, kind, hasHelped]),
      isPicturedEnough: async () => false,
      pictured: async () => undefined,
      lot: () => 0.5,
    };
    const left = await read('/news', lessons);
    expect([left.capture.renderReason, left.capture.leftPlain]).toEqual([null, 'like_others']);
    expect([asked, told]).toEqual([['GET /news'], []]);
    const drawn = await read('/news', { ...lessons, lot: () => 0.05 });
    expect([drawn.capture.renderReason, 'leftPlain' in drawn.capture]).toEqual(['empty_shell', false]);
    expect(told).toEqual([['/news', 'doubted', true]]);
  });

  test('is shown for its text, and not photographed, once enough pages of its site were', async () => {
    const scores: number[] = [];
    const lessons: VisitLessons = {
      of: async () => NO_LESSON,
      note: async () => undefined,
      isPicturedEnough: async (_, { score }) => {
        scores.push(score);
        return true;
      },
      pictured: async () => undefined,
      lot: () => 0.5,
    };
    const { capture, page } = await read('/join', lessons);
    expect([page.assessment.verdict, capture.renderReason, capture.screenshot]).toEqual([
      'flag',
      'empty_shell',
      null,
    ]);
    expect(scores.at(-1)).toBe(page.assessment.score);
  });

  test('has in its WARC what it was kept from', async () => {
    const { capture } = await read('/join');
    const records = [...readWarc(await evidence.read(capture.warc))];
    const refused = records.find(
      ({ headers }) => headers['warc-target-uri'] === 'urn:refused:http://built.test/join',
    );
    expect(JSON.parse(refused!.block.toString())).toMatchObject([
      { what: 'request', method: 'POST', url: 'http://built.test/count', reason: 'method' },
    ]);
  });

  test('keeps what was learned of the host with a page that is flagged, and asks for it of no other', async () => {
    const clear = await read('/news');
    expect([clear.capture.facts, dnsAsked]).toEqual([undefined, 0]);
    const { capture } = await read('/join');
    const facts = readSiteFacts(await evidence.read(capture.facts!));
    expect(facts).toMatchObject({
      host: 'built.test',
      peer: { address: '127.0.0.1' },
      dns: { is: 'not_asked', why: 'the operator told its address' },
      from: { address: '198.18.0.44', clock: { source: 'chrony', offsetSeconds: -0.002 } },
    });
    const records = [...readWarc(await evidence.read(capture.warc))];
    expect(records[0]?.block.toString()).toMatch(
      /viewport: 1280x800\r\nlocale: ru-KZ\r\ntimezone: Asia\/Almaty\r\nfullpage: 1280x800 of 1280x800, at scale 1\r\nip: 198\.18\.0\.44\r\nclock-source: chrony\r\nclock-offset-seconds: -0\.002\r\n/,
    );
    const text = resourceIn(await evidence.read(capture.warc), 'urn:text:')!.toString();
    expect(text.trim().length).toBeGreaterThan(20);
    expect(text).not.toMatch(/<[a-z]/);
    const told = records.find(({ headers }) => headers['warc-target-uri'] === 'urn:facts:built.test');
    expect(JSON.parse(told!.block.toString())).toEqual(JSON.parse(JSON.stringify(facts)));
  });
});

describe('what a visit knows of rendering its pages', () => {
  const subject = { kind: 'site' as const, key: 'many.test' };

  test('counts what it photographed of each site, and what it had photographed before it was killed', async () => {
    const lessons = lessonsOfVisit('0196c2f0-0000-7000-8000-000000000001', {
      renderLessons: { ofHost: async () => new Map(), note: async () => NO_LESSON },
      captures: {
        picturesOf: async (_, { key }) =>
          key === 'many.test' ? { flagged: 1, doubtful: 0, riskiest: 0.9 } : NO_PICTURES,
      },
      clock: systemClock,
    });
    const flagged = { verdict: 'flag', score: 0.9 } as const;
    expect(await lessons.isPicturedEnough(subject, flagged)).toBe(false);
    await lessons.pictured(subject, flagged);
    expect(await lessons.isPicturedEnough(subject, flagged)).toBe(true);
    expect(await lessons.isPicturedEnough(subject, { ...flagged, score: 0.96 })).toBe(false);
    expect(await lessons.isPicturedEnough({ ...subject, key: 'other.test' }, flagged)).toBe(false);
  });

  test('asks once a host what was learned, and goes by what it has learned since', async () => {
    let asked = 0;
    const taught = { ...NO_LESSON, doubted: { shown: 1, helped: 0 } };
    const lessons = lessonsOfVisit('0196c2f0-0000-7000-8000-000000000001', {
      renderLessons: {
        ofHost: async () => {
          asked += 1;
          return new Map([['/#', { ...NO_LESSON, trusted: { shown: 2, helped: 1 } }]]);
        },
        note: async ({ host, shape, kind, hasHelped }) => {
          expect([host, shape, kind, hasHelped]).toEqual(['many.test', '/news/#', 'doubted', false]);
          return taught;
        },
      },
      captures: { picturesOf: async () => NO_PICTURES },
      clock: systemClock,
    });
    expect(await lessons.of(new URL('http://many.test/7'))).toMatchObject({
      trusted: { shown: 2, helped: 1 },
    });
    expect(await lessons.of(new URL('http://many.test/news/7'))).toEqual(NO_LESSON);
    await lessons.note(new URL('http://many.test/news/8'), 'doubted', false);
    expect([await lessons.of(new URL('http://many.test/news/9')), asked]).toEqual([taught, 1]);
  });
});

let dnsAsked = 0;
const factSources: FactSources = {
  async dns() {
    dnsAsked += 1;
    return [];
  },
  rdap: null,
  get: () => async () => {
    throw new Error('nobody is asked');
  },
  networkOf: () => null,
  from: async () => ({
    address: '198.18.0.44',
    network: null,
    clock: { source: 'chrony', offsetSeconds: -0.002 },
  }),
};

describe('what is learned of a host', () => {
  test('is asked for once a visit, and again after it could not be kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kuzet-facts-'));
    const evidence = await openEvidenceFolder(folder);
    let asked = 0;
    let isBroken = true;
    const ask = factsOfVisit({
      factSources: {
        ...factSources,
        async from() {
          asked += 1;
          if (isBroken) throw new Error('no clock');
          return factSources.from();
        },
      },
      evidence,
      log: pino({ level: 'silent' }),
    });
    const exchange = {
      url: 'http://altyn.test/',
      method: 'GET' as const,
      httpVersion: '1.1',
      requestHeaders: [],
      status: 200,
      statusText: 'OK',
      responseHeaders: [],
      body: Buffer.alloc(0),
      peer: '198.18.0.9:80',
      startedAt: new Date('2026-05-04T06:00:00Z'),
      truncated: null,
    };
    const settings = { proxy: null, resolve: { 'altyn.test': '198.18.0.9:80' } };
    const { signal } = new AbortController();
    await expect(ask(exchange, settings, signal)).rejects.toThrow('no clock');
    isBroken = false;
    const [one, two] = await Promise.all([ask(exchange, settings, signal), ask(exchange, settings, signal)]);
    expect([asked, two]).toEqual([2, one]);
    await rm(folder, { recursive: true });
  });
});
