import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import * as cheerio from 'cheerio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoSite, type DemoWeb, readMarketplace, readSites, startDemoWeb } from '../../demo/serve.ts';
import { LABELS } from '../../domain/assessment.ts';
import { isReferable } from '../../domain/referral.ts';

/** All pages of the web by address, found by following links from the seeds as a visitor would. */
const pages = new Map<string, { readonly html: string; readonly $: cheerio.CheerioAPI }>();
/** Addresses that something on a page points at and that answered otherwise than with 200, with the page. */
const broken: string[] = [];
/** What is on a page and leads out of the web. */
const outward = new Set<string>();

let web: DemoWeb;
let sites: readonly DemoSite[];

beforeAll(async () => {
  sites = await readSites();
  web = await startDemoWeb();
  const waiting = web.seeds.map((url) => ({ url, from: 'a seed' }));
  const seen = new Set<string>();
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (seen.has(next.url)) continue;
    seen.add(next.url);
    const answer = await ask(next.url);
    if (answer.status !== 200) broken.push(`${next.url} from ${next.from}: ${answer.status}`);
    if (!answer.contentType.startsWith('text/html')) continue;
    const $ = cheerio.load(answer.body);
    pages.set(next.url, { html: answer.body, $ });
    for (const url of pointedAt($, next.url)) {
      if (url.hostname.endsWith('.test')) waiting.push({ url: url.href, from: next.url });
      else outward.add(url.href);
    }
  }
});

afterAll(() => web.close());

describe('the demo web', () => {
  test('has the sites of sites.json and no other folders', async () => {
    const folders = await readdir(new URL('../../demo/web/', import.meta.url), { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(names.sort()).toEqual(sites.map((site) => site.host).sort());
    expect(web.hosts).toEqual(sites.map((site) => site.host));
    expect(sites).toHaveLength(20);
  });

  test('shows every label that a page can have but fake_listing, which is one of listings', () => {
    const shown = new Set(sites.map((site) => site.label));
    expect(LABELS.filter((label) => !shown.has(label))).toEqual(['fake_listing', 'spam']);
    expect(sites.filter((site) => site.label === 'legit')).toHaveLength(10);
    expect(sites.filter((site) => isReferable(site.label))).toHaveLength(9);
  });

  test('serves its seeds in the language that the table says', () => {
    const langs = web.seeds.map((seed) => pages.get(seed)?.$('html').attr('lang'));
    expect(langs).toEqual(sites.map((site) => site.lang));
  });

  test('has no link, picture, style or form that leads nowhere', () => {
    expect(broken).toEqual([]);
  });

  test('leads out of itself only to messengers, under numbers that nobody has', () => {
    expect([...outward].filter((href) => !/^https:\/\/wa\.me\/7700000\d{4}$/.test(href))).toEqual([]);
    expect(outward.size).toBe(4);
  });

  test('shows no phone but those kept for made-up people', () => {
    const phones = [...pages.values()].flatMap(({ html }) => html.match(/\+\d[\d ()-]{9,16}\d/g) ?? []);
    const real = phones
      .map((phone) => phone.replace(/[^+\d]/g, ''))
      .filter((phone) => !/^(\+7700000\d{4}|\+447700900\d{3}|\+120255501\d{2})$/.test(phone));
    expect(phones.length).toBeGreaterThan(160);
    expect(real).toEqual([]);
  });

  test('has two to six pages a site that links reach without scripts, each with a title of its own', () => {
    for (const { host, needsScripts } of sites) {
      const own = [...pages].filter(
        ([url]) => hostOf(url) === host && !url.includes('?') && !isCatalogue(url),
      );
      expect(own.length, host).toBeGreaterThanOrEqual(needsScripts ? 1 : 2);
      expect(own.length, host).toBeLessThanOrEqual(6);
      const titles = own.map(([, { $ }]) => $('title').text());
      expect(new Set(titles).size, `titles of ${host}`).toBe(titles.length);
    }
  });

  test('closes every element that it opens', () => {
    const torn = [...pages].filter(([, { html }]) => unclosed(html).length > 0);
    expect(torn.map(([url, { html }]) => `${url}: ${unclosed(html).join(' ')}`)).toEqual([]);
  });

  test('keeps the words of a script-built site out of what is sent', () => {
    const scripted = sites.filter((site) => site.needsScripts).map((site) => site.host);
    expect(scripted).toEqual(['nurtap.test']);
    const page = pages.get('http://nurtap.test/');
    expect(page?.$('#app').text()).toBe('');
    expect(page?.html).not.toMatch(/доход|реферал|₸/i);
  });
});

describe('the marketplace', () => {
  const adsOf = () => [...pages].filter(([url]) => /^http:\/\/bazarlyk\.test\/ad\/\d+\.html$/.test(url));

  test('links 80 listings from its eight catalogue pages', () => {
    expect(adsOf()).toHaveLength(80);
    expect([...pages.keys()].filter((url) => url.startsWith('http://bazarlyk.test/page/'))).toHaveLength(7);
  });

  test('says of each listing in JSON-LD what it is, what it costs and who sells it', () => {
    for (const [url, { $ }] of adsOf()) {
      const product = JSON.parse($('script[type="application/ld+json"]').text());
      expect(product['@type'], url).toBe('Product');
      expect(product.name, url).toBe($('h1').text());
      expect(product.offers.priceCurrency, url).toBe('KZT');
      expect(product.offers.url, url).toBe(url);
      expect(product.offers.seller.identifier, url).toMatch(/^s\d{3}$/);
    }
  });

  test('has one ad from six accounts, on three phones', async () => {
    const { listings, truth } = await readMarketplace();
    const same = listings.filter(({ id }) => truth.sameAd.includes(id));
    expect(new Set(same.map(({ seller }) => seller.id)).size).toBe(6);
    expect([...new Set(same.map(({ phone }) => phone))]).toEqual([
      '+447700900121',
      '+77000000412',
      '+447700900134',
    ]);
    expect(new Set(same.map(({ text }) => text)).size).toBe(3);
  });

  test('has one car at a fifth of what five others cost', async () => {
    const { listings, truth } = await readMarketplace();
    const cars = listings.filter(({ title }) => title.includes('Желмая') && title.includes('2020'));
    expect(cars.map(({ price }) => price)).toEqual([
      7_900_000, 8_150_000, 7_600_000, 8_020_000, 7_700_000, 1_450_000,
    ]);
    expect(truth.tooCheap).toEqual([cars[5]?.id]);
  });

  test('has foreign numbers on the listings that the table says, and on no others', async () => {
    const { listings, truth } = await readMarketplace();
    const foreign = listings.filter(({ phone }) => !phone.startsWith('+7')).map(({ id }) => id);
    expect(foreign).toEqual(truth.foreignNumber);
    expect(foreign).toHaveLength(6);
  });

  test('gives away in no page which listings are not what they seem', () => {
    const sent = [...pages].filter(([url]) => hostOf(url) === 'bazarlyk.test').map(([, { html }]) => html);
    expect(sent.filter((html) => /sameAd|editedCopies|tooCheap/.test(html))).toEqual([]);
  });

  test('asks robots to stay out of /admin/', async () => {
    const robots = await ask('http://bazarlyk.test/robots.txt');
    expect(robots.contentType).toBe('text/plain; charset=utf-8');
    expect(robots.body).toContain('User-agent: *\nDisallow: /admin/\n');
  });
});

describe('its server', () => {
  test.each([
    ['http://nobody.test/', 404],
    ['http://tumarbank.test/nothing.html', 404],
    ['http://tumarbank.test/../sites.json', 404],
    ['http://tumarbank.test/..%2f..%2fserve.ts', 404],
    ['http://tumarbank.test/%2e%2e/%2e%2e/serve.ts', 404],
    ['http://..%2f/', 404],
    ['http://tumarbank.test/index.html?from=test', 200],
  ])('answers %s with %i', async (url, status) => {
    const { host, path } = /^http:\/\/(?<host>[^/]+)(?<path>.*)$/.exec(url)?.groups ?? {};
    expect((await ask('http://x.test/', { host: host ?? '', path: path ?? '' })).status).toBe(status);
  });

  test('takes nothing that is sent to it, and counts who tried', async () => {
    const answer = await ask('http://tumar-bank-online.test/sms.html', { method: 'POST' });
    expect(answer.status).toBe(405);
    expect(web.hits.get('POST http://tumar-bank-online.test/sms.html')).toBe(1);
  });

  test('answers as a proxy to absolute addresses', async () => {
    const answer = await ask('http://tumarbank.test/', {
      path: 'http://tumarbank.test/rates.html',
      host: 'x.test',
    });
    expect(answer.status).toBe(200);
    expect(cheerio.load(answer.body)('h1').text()).toBe('Депозиты для физических лиц');
  });

  test('counts each address, and documents in flight on a host', async () => {
    const own = await startDemoWeb({ latencyMs: 30 });
    await Promise.all([
      ask('http://mektep12.test/', { port: own.port }),
      ask('http://mektep12.test/sabaq.html', { port: own.port }),
      ask('http://mektep12.test/chalk.svg', { port: own.port }),
    ]);
    await own.close();
    expect([...own.hits.values()]).toEqual([1, 1, 1]);
    expect(own.manners.get('mektep12.test')).toMatchObject({
      documents: 2,
      mostInFlight: 2,
      smallestGapMs: 0,
    });
  });

  test('has its own bytes in each file', async () => {
    const file = await readFile(new URL('../../demo/web/tumarbank.test/rates.html', import.meta.url), 'utf8');
    expect((await ask('http://tumarbank.test/rates.html')).body).toBe(file);
  });
});

interface Asked {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly port?: number;
}

/** One request to the web under the address's own name; `asked` overrides what is sent as it stands. */
function ask(url: string, asked: Asked = {}): Promise<{ status: number; contentType: string; body: string }> {
  const { host, pathname, search } = new URL(url);
  const { method = 'GET', path = pathname + search, port = web.port } = asked;
  return new Promise((resolve, reject) => {
    const sent = request(
      { port, host: '127.0.0.1', method, path, headers: { host: asked.host ?? host } },
      (got) => {
        const chunks: Buffer[] = [];
        got.on('data', (chunk: Buffer) => chunks.push(chunk));
        got.on('end', () =>
          resolve({
            status: got.statusCode ?? 0,
            contentType: got.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

function pointedAt($: cheerio.CheerioAPI, base: string): URL[] {
  const written = $('[href], [src], form[action]')
    .toArray()
    .map((it) => $(it).attr('href') ?? $(it).attr('src') ?? $(it).attr('action') ?? '');
  const styles =
    $('style')
      .text()
      .match(/(?<=url\()[^)]+/g) ?? [];
  return [...written, ...styles]
    .filter((href) => !/^(tel:|mailto:|#)/.test(href))
    .map((href) => new URL(href, base))
    .map((url) => new URL(url.href.replace(/#.*$/, '')));
}

/** Elements that HTML does not close by itself and that the page leaves open, in order. */
function unclosed(html: string): string[] {
  const bare = html.replace(/<script\b[^>]*>[\s\S]*?<\/script>|<style\b[^>]*>[\s\S]*?<\/style>/g, '');
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name = ''] of bare.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/gi)) {
    if (/^(meta|link|img|input|br|hr)$/.test(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) wrong.push(`</${name}>`);
  }
  return [...wrong, ...open];
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}

function isCatalogue(url: string): boolean {
  return /^http:\/\/bazarlyk\.test\/(ad|page)\//.test(url) || url === 'http://bazarlyk.test/index.html';
}
