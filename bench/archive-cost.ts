/**
 * What it costs to keep a page: rendering it with all that is recorded and photographed, and making its WARC and signed
 * WACZ, against merely loading it in the same browser. Made-up pages of 2 MB on loopback, both ways in turn: one as high
 * as is still photographed in full size, one in half size, and one that is cut, all of dense text, which costs most.
 *
 *     node --import tsx bench/archive-cost.ts [--rounds 7]
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright';
import { findBrowser, launchOptions } from '../crawler/browser.ts';
import { renderPage } from '../crawler/render.ts';
import { signWacz, waczFile, waczParts } from '../evidence/wacz.ts';
import { warcOf } from '../evidence/warc.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
const found = await findBrowser();
if (found.is === 'none') throw new Error(`No browser starts here: ${found.why}.`);

/** A picture of noise: nothing in it packs. */
const picture = png(250, 250);
const images = Array.from(
  { length: 10 },
  (_, n) => `<img src="/${n}.png" alt="" width="40" height="40">`,
).join('');
/** Repeats of a sentence: pages of about 1,600, 3,200 and 14,400 pixels. */
const PAGES = { '/': 590, '/longer': 1_265, '/long': 6_000 } as const;
type Path = keyof typeof PAGES;
const pageAt = (path: Path) =>
  `<!doctype html><title>2 MB</title><h1>Тез табыс</h1>${images}<p>${'Күніне 3% табыс. '.repeat(PAGES[path])}</p>`;
const server = createServer((asked, answer) => {
  const path = asked.url as Path;
  const isPage = path in PAGES;
  answer.writeHead(200, { 'content-type': isPage ? 'text/html; charset=utf-8' : 'image/png' });
  answer.end(isPage ? pageAt(path) : picture);
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });

const crawlers = await chromium.launch(launchOptions(found));
const { proxy: _, ...open } = launchOptions(found);
const plain = await chromium.launch(open);

/** The page as a reader's browser loads it: until nothing comes any more. */
async function load(browser: Browser, path: Path): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const tab = await context.newPage();
  await tab.goto(`http://${address}${path}`, { waitUntil: 'networkidle' });
  await context.close();
}

async function keep(path: Path) {
  const url = `http://page.test${path}`;
  const rendered = await renderPage(crawlers, new URL(url), 'bench', {
    reach: { resolve: { 'page.test': address }, proxy: null, lookup: async () => ['127.0.0.1'] },
    userAgent: 'Kuzet/bench',
  });
  const from = performance.now();
  const at = rendered.exchanges[0]!.startedAt;
  const { viewport, full, exposure } = rendered.pictures!;
  const dom = Buffer.from(rendered.dom, 'utf8');
  const text = Buffer.from(rendered.text ?? '', 'utf8');
  const warc = warcOf({
    context: { software: 'kuzet/bench', visit: 'v', at, browser: null },
    exchanges: rendered.exchanges,
    resources: [
      { uri: `urn:view:${url}`, mediaType: 'image/png', bytes: viewport },
      { uri: `urn:fullpage:${url}`, mediaType: 'image/png', bytes: full },
      { uri: `urn:dom:${url}`, mediaType: 'text/html; charset=utf-8', bytes: dom },
      { uri: `urn:text:${url}`, mediaType: 'text/plain; charset=utf-8', bytes: text },
    ],
  });
  const parts = waczParts({
    title: 'bench',
    description: '',
    createdAt: at,
    software: 'kuzet/bench',
    warcs: [warc],
    pages: [{ id: '1', url, at, title: rendered.title }],
    evidence: new Map([
      ['screenshot.png', viewport],
      ['fullpage.png', full],
      ['dom.html', dom],
      ['text.txt', text],
    ]),
  });
  const wacz = await waczFile(parts, signWacz(parts, privateKey, 'kuzet/bench', at), []);
  return { wacz: wacz.byteLength, making: performance.now() - from, exposure };
}

/** RGB, 8 bits a sample (PNG specification, section 5). */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.byteLength, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Array.from({ length: height }, () =>
    Buffer.concat([Buffer.from([0]), randomBytes(width * 3)]),
  );
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.concat(rows));
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

const median = (times: readonly number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
const results = [];
console.log(
  'page, pixels | page load | capture + WACZ | of which WARC and WACZ | times the load | quickest by quickest',
);
for (const path of Object.keys(PAGES) as Path[]) {
  const loads: number[] = [];
  const keeps: number[] = [];
  const makings: number[] = [];
  await load(plain, path);
  let { wacz, exposure } = await keep(path);
  for (let n = 0; n < rounds; n += 1) {
    const first = performance.now();
    await load(plain, path);
    const second = performance.now();
    const kept = await keep(path);
    keeps.push(performance.now() - second);
    loads.push(second - first);
    makings.push(kept.making);
    ({ wacz, exposure } = kept);
  }
  const [loadMs, keepMs, makingMs] = [loads, keeps, makings].map((times) => Math.round(median(times)));
  const ratio = +(median(keeps) / median(loads)).toFixed(2);
  // On a busy machine waiting dearly tells of the neighbours; the quickest of each does so least.
  const quickest = +(Math.min(...keeps) / Math.min(...loads)).toFixed(2);
  console.log(`${exposure.of} | ${loadMs} ms | ${keepMs} ms | ${makingMs} ms | ${ratio} | ${quickest}`);
  results.push({
    rounds,
    ...exposure,
    loadMs,
    keepMs,
    ofWhichWaczMs: makingMs,
    ratio,
    quickest,
    waczBytes: wacz,
  });
}
await crawlers.close();
await plain.close();
server.closeAllConnections();
server.close();
console.log(JSON.stringify(results));
