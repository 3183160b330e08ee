/**
 * A web to crawl at full speed, in a process of its own: pages of about 31 KB with 40 links each, spread over
 * many hosts of the loopback range, so that peers without a `--resolve` reach them too.
 *
 *     node --import tsx bench/crawl/web.ts PAGES HOSTS
 *
 * prints its port, then serves until it is ended. `/p/N` is page N of the whole web, on host `hostOf(N)`;
 * `/shell/N` the same words put in by script, with 12 pictures, a font and a style, for renders;
 * `/-/spent` the CPU seconds it has used itself.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync } from 'node:zlib';

export interface CrawlWeb {
  readonly pages: number;
  readonly hosts: number;
  readonly port: number;
}

/** `127.1.A.B`, the same for a page in every run. */
export function hostOf(page: number, hosts: number): string {
  const host = page % hosts;
  return `127.1.${host >> 8}.${host & 255}`;
}

export function addressOf(page: number, { hosts, port }: CrawlWeb, kind: 'p' | 'shell' = 'p'): string {
  return `http://${hostOf(page, hosts)}:${port}/${kind}/${page}`;
}

/** 40 of them: its 2 children in a tree, so that all are found from page 0, 5 on its own host, the rest by a stride. */
function linksOf(page: number, web: CrawlWeb): string[] {
  const own = Array.from({ length: 5 }, (_, at) => (page + (at + 1) * web.hosts) % web.pages);
  const strides = Array.from({ length: 33 }, (_, at) => (page * 31 + at * 977 + 1) % web.pages);
  return [2 * page + 1, 2 * page + 2, ...own, ...strides]
    .filter((to) => to < web.pages)
    .map((to) => `<li><a href="${addressOf(to, web)}">Бет ${to}</a></li>`);
}

const WORDS =
  'Жаңа пәтерлер сатылады, бағасы келісімді, құжаттары дайын. Продаём квартиры в новостройках города. ';

function pageOf(page: number, web: CrawlWeb): string {
  const paragraphs = Array.from(
    { length: 130 },
    (_, at) => `<p class="text-${at}">${WORDS}<b>${page}-${at}</b></p>`,
  );
  return `<!doctype html><html lang="kk"><meta charset="utf-8"><title>Бет ${page}</title><ul>${linksOf(page, web).join('')}</ul>${paragraphs.join('\n')}</html>`;
}

function shellOf(page: number): string {
  const pictures = Array.from({ length: 12 }, (_, at) => `<img src="/picture/${page}-${at}.png" width="90">`);
  return `<!doctype html><html lang="kk"><meta charset="utf-8"><title>Shell ${page}</title>
    <style>@font-face{font-family:F;src:url(/font.woff2)}body{font-family:F,sans-serif}</style>
    <link rel="stylesheet" href="/style.css"><div id="app"></div>${pictures.join('')}
    <script>for (let n = 0; n < 130; n += 1) { const p = document.createElement('p'); p.textContent = '${WORDS}' + n; document.getElementById('app').append(p); }</script>`;
}

async function serve(pages: number, hosts: number): Promise<void> {
  const picture = noise(100);
  const cache = new Map<number, Buffer>();
  const server = createServer((request, response) => {
    const [, kind = '', name = ''] = (request.url ?? '').split('/');
    const web = { pages, hosts, port: (server.address() as AddressInfo).port };
    if (kind === 'p') {
      const page = Number(name);
      const body = cache.get(page) ?? Buffer.from(pageOf(page, web));
      if (cache.size < 5_000) cache.set(page, body);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length });
      response.end(body);
    } else if (kind === 'shell') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(shellOf(Number(name)));
    } else if (kind === 'picture') {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.end(picture);
    } else if (kind === '-') {
      const { user, system } = process.cpuUsage();
      response.end(String((user + system) / 1e6));
    } else {
      response.writeHead(404).end();
    }
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((done) => server.listen(0, done));
  console.log((server.address() as AddressInfo).port);
}

/** A PNG of `size` by `size` pixels that no compression makes small (PNG, third edition, section 5). */
function noise(size: number): Buffer {
  let seed = 1;
  const raw = Buffer.alloc((size * 3 + 1) * size);
  for (let at = 0; at < raw.length; at += 1) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    raw[at] = at % (size * 3 + 1) === 0 ? 0 : seed >>> 24;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const chunks = [chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

if (import.meta.url === `file://${process.argv[1]}`)
  await serve(Number(process.argv[2]), Number(process.argv[3]));
