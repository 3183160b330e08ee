/**
 * What it costs to keep a page: rendering it with all that is recorded, and making its WACZ, against merely loading
 * it in the same browser. A made-up page of 2 MB on loopback, both ways in turn.
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
const page = `<!doctype html><title>2 MB</title><h1>Тез табыс</h1>${images}<p>${'Күніне 3% табыс. '.repeat(6000)}</p>`;
const server = createServer((asked, answer) => {
  const isPage = asked.url === '/';
  answer.writeHead(200, { 'content-type': isPage ? 'text/html; charset=utf-8' : 'image/png' });
  answer.end(isPage ? page : picture);
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });

const crawlers = await chromium.launch(launchOptions(found));
const { proxy: _, ...open } = launchOptions(found);
const plain = await chromium.launch(open);

/** The page as a reader's browser loads it: until nothing comes any more. */
async function load(browser: Browser): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const tab = await context.newPage();
  await tab.goto(`http://${address}/`, { waitUntil: 'networkidle' });
  await context.close();
}

async function keep(): Promise<{ wacz: number; making: number }> {
  const rendered = await renderPage(crawlers, new URL('http://page.test/'), 'bench', {
    reach: { resolve: { 'page.test': address }, proxy: null, lookup: async () => ['127.0.0.1'] },
    userAgent: 'Kuzet/bench',
  });
  const from = performance.now();
  const at = rendered.exchanges[0]!.startedAt;
  const warc = warcOf({
    context: { software: 'kuzet/bench', visit: 'v', at, browser: null },
    exchanges: rendered.exchanges,
    resources: [
      { uri: 'urn:view:http://page.test/', mediaType: 'image/png', bytes: rendered.pictures!.viewport },
    ],
  });
  const parts = waczParts({
    title: 'bench',
    description: '',
    createdAt: at,
    software: 'kuzet/bench',
    warcs: [warc],
    pages: [{ id: '1', url: 'http://page.test/', at, title: rendered.title }],
    evidence: new Map([['screenshot.png', rendered.pictures!.viewport]]),
  });
  const wacz = await waczFile(parts, signWacz(parts, privateKey, 'kuzet/bench', at), []);
  return { wacz: wacz.byteLength, making: performance.now() - from };
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
const loads: number[] = [];
const keeps: number[] = [];
const makings: number[] = [];
let bytes = 0;
await load(plain);
await keep();
for (let n = 0; n < rounds; n += 1) {
  const first = performance.now();
  await load(plain);
  const second = performance.now();
  const { wacz, making } = await keep();
  keeps.push(performance.now() - second);
  loads.push(second - first);
  makings.push(making);
  bytes = wacz;
}
await crawlers.close();
await plain.close();
server.closeAllConnections();
server.close();
const [loadMs, keepMs, makingMs] = [loads, keeps, makings].map((times) => Math.round(median(times)));
const result = {
  rounds,
  loadMs,
  keepMs,
  ofWhichWaczMs: makingMs,
  ratio: +(median(keeps) / median(loads)).toFixed(2),
  waczBytes: bytes,
};
console.log('page load | capture + WACZ | of which WARC and WACZ | ratio');
console.log(`${loadMs} ms | ${keepMs} ms | ${makingMs} ms | ${result.ratio}`);
console.log(JSON.stringify(result));
