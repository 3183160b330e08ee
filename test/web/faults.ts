/**
 * A web that does everything wrong, on loopback, for tests of whatever reads the web.
 *
 * It answers under any name; give it one that ends in `.test` through `resolve`. Nothing in it outlives
 * `close()`. Paths (S = the site, e.g. `http://faulty.test`):
 *
 *     /ok /links                a plain page; a page that links to every fault below
 *     /status/500               any status, with a short page
 *     /redirect/loop            two addresses that point at each other; /redirect/self at itself
 *     /redirect/chain/12        12 hops, then a page
 *     /redirect/loopback        to http://127.0.0.1/          /redirect/metadata to http://169.254.169.254/
 *     /redirect/file            to file:///etc/passwd         /redirect/nowhere  302 without Location
 *     /redirect/meta            by meta refresh, /redirect/script by script, both to http://127.0.0.1/
 *     /big /big/declared        50 MB of page, without and with Content-Length
 *     /bomb/gzip /bomb/br       200 MB of page in some KB
 *     /slow/body /slow/headers  a byte now and then, for ever; no answer at all
 *     /slow/first/300           a page after 300 ms
 *     /broken/reset             the connection is reset mid-body; /broken/empty: closed without an answer
 *     /broken/short             Content-Length larger than the body; /broken/long smaller
 *     /broken/gzip /broken/gzip-cut   not gzip at all; gzip without its end
 *     /broken/headers           not HTTP; /broken/huge-header one header of 1 MB
 *     /charset/NAME/HOW         NAME of CHARSETS; HOW: header, meta, bom (utf only), none, lie
 *     /calendar/2026/11         links to its days and to the months before and after, without end
 *     /nodes /deep              100,000 elements beside each other; inside each other
 *     /alert /hang /popups      scripts: dialogs without end, a loop without end, windows
 *     /script-built             a page whose words are put in by script
 *     /inside                   asks for /secret of this very server on 127.0.0.1, localhost and [::ffff:127.0.0.1]
 *                               by picture, frame, fetch and form
 *     /download                 an attachment; /download/script starts one by script
 *     /image /image/lie         a PNG, declared as such; declared as HTML
 *     /no-type                  a page without Content-Type
 *     /hits/NAME                a page that says how often it was asked for
 *     /busy/2 /busy/2/date      429 with Retry-After (2 seconds; as a date) the first 2 times, then a page
 *
 * robots.txt by name of the host: `robots-500.` answers 500, `robots-closed.` forbids all, `robots-slow.`
 * asks for Crawl-delay 2, `robots-part.` forbids /hits/, `robots-huge.` sends 1 MB, `robots-away.` redirects to
 * /robots-elsewhere.txt; any other name has none (404).
 *
 * `https://tls.test/` has a certificate that it signed itself; `http://refused.test/` a port where nobody listens.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { createBrotliCompress, createGzip, gzipSync, constants as zlib } from 'node:zlib';
import { selfSigned } from '../../crawler/certificate.ts';
import { countVisits, type Manners } from '../../demo/visits.ts';

export interface FaultyWeb {
  readonly port: number;
  readonly tlsPort: number;
  /** As a scan's settings take it; `*.test`, `tls.test` and `refused.test`. */
  readonly resolve: Readonly<Record<string, string>>;
  /** Address without port -> times asked, e.g. `http://faulty.test/ok`. */
  readonly hits: ReadonlyMap<string, number>;
  readonly manners: ReadonlyMap<string, Manners>;
  /** `http://127.0.0.1:PORT` + path: past any resolver. */
  direct(path: string): string;
  close(): Promise<void>;
}

/** In all CHARSETS; 57 characters, enough for a guess by letter pairs. */
export const CHARSET_TEXT = 'Съешь же ещё этих мягких французских булок, да выпей чаю.';

export const CHARSETS = [
  'utf-8',
  'windows-1251',
  'koi8-r',
  'iso-8859-5',
  'ibm866',
  'utf-16le',
  'utf-16be',
] as const;
export type Charset = (typeof CHARSETS)[number];

/** One address a fault, for walks over all of them. Sorted as in the table above. */
export const FAULT_PATHS: readonly string[] = [
  '/ok',
  '/status/404',
  '/status/500',
  '/redirect/loop',
  '/redirect/self',
  '/redirect/chain/12',
  '/redirect/loopback',
  '/redirect/metadata',
  '/redirect/file',
  '/redirect/nowhere',
  '/redirect/meta',
  '/redirect/script',
  '/big',
  '/big/declared',
  '/bomb/gzip',
  '/bomb/br',
  '/slow/body',
  '/slow/headers',
  '/slow/first/300',
  '/broken/reset',
  '/broken/empty',
  '/broken/short',
  '/broken/long',
  '/broken/gzip',
  '/broken/gzip-cut',
  '/broken/headers',
  '/broken/huge-header',
  ...CHARSETS.flatMap((charset) => [`/charset/${charset}/header`, `/charset/${charset}/lie`]),
  '/calendar/2026/11',
  '/nodes',
  '/deep',
  '/alert',
  '/hang',
  '/popups',
  '/script-built',
  '/inside',
  '/download',
  '/download/script',
  '/image',
  '/image/lie',
  '/no-type',
  '/hits/one',
  '/busy/2',
];

export async function startFaultyWeb(): Promise<FaultyWeb> {
  const visits = countVisits();
  const timers = new Set<NodeJS.Timeout>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = visits.note(request, response);
    const parts = url.pathname.split('/').slice(1);
    const fault = url.pathname === '/robots.txt' ? robots : FAULTS[parts[0] ?? ''];
    const asked = { url, parts: parts.slice(1), response, hits: visits.hits, port, every, later };
    if (fault === undefined) page(response, 'Nothing is here', 404);
    else fault(asked);
  };
  const server = createServer(answer);
  const tls = createTlsServer(selfSigned('tls.test'), answer);
  const port = await listen(server);
  const tlsPort = await listen(tls);
  return {
    port,
    tlsPort,
    resolve: {
      'tls.test': `127.0.0.1:${tlsPort}`,
      // Port 1 (tcpmux, RFC 1078) needs root to listen on, and nothing does.
      'refused.test': '127.0.0.1:1',
      '*.test': `127.0.0.1:${port}`,
    },
    hits: visits.hits,
    manners: visits.manners,
    direct: (path) => `http://127.0.0.1:${port}${path}`,
    async close() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all([stop(server), stop(tls)]);
    },
  };

  /** Runs `act` again and again until the answer is over. */
  function every(ms: number, response: ServerResponse, act: () => void): void {
    const timer = setInterval(act, ms);
    timers.add(timer);
    response.once('close', () => {
      clearInterval(timer);
      timers.delete(timer);
    });
  }

  function later(ms: number, response: ServerResponse, act: () => void): void {
    const timer = setTimeout(act, ms);
    timers.add(timer);
    response.once('close', () => {
      clearTimeout(timer);
      timers.delete(timer);
    });
  }
}

interface Asked {
  readonly url: URL;
  /** Path segments after the first. */
  readonly parts: readonly string[];
  readonly response: ServerResponse;
  readonly hits: ReadonlyMap<string, number>;
  readonly port: number;
  readonly every: (ms: number, response: ServerResponse, act: () => void) => void;
  readonly later: (ms: number, response: ServerResponse, act: () => void) => void;
}

type Fault = (asked: Asked) => void;

/** First path segment -> what it does. */
const FAULTS: Readonly<Record<string, Fault>> = {
  ok: ({ response }) => page(response, 'All is well'),
  links: ({ response }) => html(response, `<h1>Faults</h1>${FAULT_PATHS.map(anchor).join('\n')}`),
  status: ({ parts, response }) => page(response, `Status ${parts[0]}`, Number(parts[0])),
  redirect,
  big,
  bomb,
  slow,
  broken,
  charset,
  calendar,
  nodes: ({ response }) => html(response, `<h1>Many</h1>${'<div>x</div>'.repeat(100_000)}`),
  deep: ({ response }) => html(response, `<h1>Deep</h1>${'<div>'.repeat(100_000)}x`),
  alert: ({ response }) => script(response, 'for (;;) alert("Вы выиграли!");'),
  hang: ({ response }) => script(response, 'for (;;);'),
  popups: ({ response }) => script(response, 'for (let n = 0; n < 20; n += 1) open("/hits/popup" + n);'),
  'script-built': ({ response }) => html(response, '<div id="app"></div><script src="/script.js"></script>'),
  'script.js': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/javascript' });
    response.end(
      'document.title = "Built"; document.getElementById("app").textContent = "Put in by script";',
    );
  },
  inside,
  secret: ({ response }) => page(response, 'A secret of the house'),
  download,
  image: ({ parts, response }) => {
    response.writeHead(200, { 'content-type': parts[0] === 'lie' ? 'text/html' : 'image/png' });
    response.end(ONE_PIXEL);
  },
  'no-type': ({ response }) => response.end('<title>No type</title><p>A page without a type'),
  hits: ({ url, hits, response }) => page(response, `Asked ${hits.get(url.href)} times`),
  busy,
  'robots-elsewhere.txt': ({ response }) => plain(response, 'User-agent: *\nDisallow: /hits/\n'),
};

function redirect({ parts, response }: Asked): void {
  const [kind = '', count = '0'] = parts;
  const left = Number(count);
  if (kind === 'meta') {
    html(response, '<meta http-equiv="refresh" content="0; url=http://127.0.0.1/"><p>One moment');
  } else if (kind === 'script') {
    script(response, 'location = "http://127.0.0.1/";');
  } else if (kind === 'chain' && left === 0) {
    page(response, 'End of the chain');
  } else {
    const location = kind === 'chain' ? `/redirect/chain/${left - 1}` : TARGETS[kind];
    response.writeHead(302, location === undefined ? {} : { location });
    response.end();
  }
}

const TARGETS: Readonly<Record<string, string>> = {
  loop: '/redirect/loop-back',
  'loop-back': '/redirect/loop',
  self: '/redirect/self',
  loopback: 'http://127.0.0.1/',
  metadata: 'http://169.254.169.254/latest/meta-data/',
  file: 'file:///etc/passwd',
};

const MEGABYTE = Buffer.alloc(1 << 20, '<p>Много слов ни о чём. </p>');

function big({ parts, response }: Asked): void {
  const times = 50;
  const length = parts[0] === 'declared' ? { 'content-length': times * MEGABYTE.length } : {};
  response.writeHead(200, { ...HTML, ...length });
  pour(response, times, () => response.end());
}

/** Compressed while it is sent, so that 200 MB are never held. */
function bomb({ parts, response }: Asked): void {
  const isBrotli = parts[0] === 'br';
  response.writeHead(200, { ...HTML, 'content-encoding': isBrotli ? 'br' : 'gzip' });
  const squeeze = isBrotli
    ? createBrotliCompress({ params: { [zlib.BROTLI_PARAM_QUALITY]: 4 } })
    : createGzip({ level: 6 });
  squeeze.pipe(response);
  response.once('close', () => squeeze.destroy());
  pour(squeeze, 200, () => squeeze.end());
}

/** Writes one megabyte `times` times, no faster than it is taken. */
function pour(into: NodeJS.WritableStream & { destroyed?: boolean }, times: number, done: () => void): void {
  let left = times;
  const more = (): void => {
    while (left > 0) {
      if (into.destroyed === true) return;
      left -= 1;
      if (!into.write(MEGABYTE)) {
        into.once('drain', more);
        return;
      }
    }
    done();
  };
  more();
}

function slow({ parts, response, every, later }: Asked): void {
  if (parts[0] === 'first') {
    later(Number(parts[1]), response, () => page(response, 'Here at last'));
  } else if (parts[0] === 'body') {
    response.writeHead(200, HTML);
    response.write('<title>Slow</title>');
    every(100, response, () => response.write('.'));
  }
}

function broken({ parts, response }: Asked): void {
  const socket = response.socket!;
  switch (parts[0]) {
    case 'reset':
      response.writeHead(200, { ...HTML, 'content-length': 100_000 });
      response.write('<title>Reset</title><p>So far, so good', () => socket.resetAndDestroy());
      break;
    case 'short':
      raw(response, 'Content-Length: 1000\r\n', '<title>Short</title><p>Less than was said');
      break;
    case 'long':
      raw(response, 'Content-Length: 19\r\n', '<title>Long</title><p>More than was said');
      break;
    case 'gzip':
      raw(response, 'Content-Encoding: gzip\r\n', '<title>Not gzip</title>');
      break;
    case 'gzip-cut': {
      const whole = gzipSync(randomBytes(3000).toString('hex'));
      response.writeHead(200, { ...HTML, 'content-encoding': 'gzip' });
      response.end(whole.subarray(0, whole.length - 500));
      break;
    }
    case 'headers':
      socket.end('This is not HTTP at all\r\n\r\n');
      break;
    case 'huge-header':
      raw(response, `X-Huge: ${'a'.repeat(1 << 20)}\r\n`, '<title>Huge header</title>');
      break;
    default:
      socket.end();
  }
}

function charset({ parts, response }: Asked): void {
  const [name = '', how = 'header'] = parts;
  const real = CHARSETS.find((known) => known === name) ?? 'utf-8';
  const said = how === 'lie' ? (real === 'utf-8' ? 'windows-1251' : 'utf-8') : real;
  const bom = how === 'bom' ? '\uFEFF' : '';
  const meta = how === 'meta' ? `<meta charset="${said}">` : '';
  const isDeclared = how === 'header' || how === 'lie';
  response.writeHead(200, { 'content-type': isDeclared ? `text/html; charset=${said}` : 'text/html' });
  response.end(encode(`${bom}${meta}<title>${CHARSET_TEXT}</title><p>${CHARSET_TEXT}`, real));
}

/** @throws RangeError for a character that the charset has not. */
export function encode(text: string, charset: Charset): Buffer {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8');
  if (charset === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (charset === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  const decoder = new TextDecoder(charset);
  const byteOf = new Map(
    Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]),
  );
  return Buffer.from(
    Array.from(text, (character) => {
      const byte = byteOf.get(character);
      if (byte === undefined) throw new RangeError(`${charset} has no "${character}"`);
      return byte;
    }),
  );
}

function calendar({ parts, response }: Asked): void {
  const [year = '', month = '', day] = parts;
  const monthAt = (by: number) => {
    const at = Number(year) * 12 + Number(month) - 1 + by;
    return `/calendar/${Math.floor(at / 12)}/${(at % 12) + 1}`;
  };
  const days = Array.from({ length: 28 }, (_, before) => `${monthAt(0)}/${before + 1}`);
  const links = [monthAt(-1), monthAt(1), ...(day === undefined ? days : [])];
  html(response, `<h1>Nothing is planned for ${parts.join('/')}</h1>${links.map(anchor).join('\n')}`);
}

function inside({ port, response }: Asked): void {
  const ways = [`127.0.0.1:${port}`, `localhost:${port}`, `[::ffff:127.0.0.1]:${port}`].map(
    (host) => `http://${host}/secret`,
  );
  html(
    response,
    `<h1>From inside</h1>
    ${ways.map((way) => `<img src="${way}?picture" alt=""><iframe src="${way}?frame"></iframe>`).join('\n')}
    <form id="f" method="post" action="${ways[0]}?form" target="sink"></form><iframe name="sink"></iframe>
    <script>
      for (const way of ${JSON.stringify(ways)}) fetch(way + '?fetch', { mode: 'no-cors' }).catch(() => {});
      document.getElementById('f').submit();
    </script>`,
  );
}

function download({ parts, response }: Asked): void {
  if (parts[0] === 'script') {
    script(response, 'location = "/download";');
  } else {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="prize.apk"',
    });
    response.end(Buffer.alloc(4096, 7));
  }
}

function busy({ url, parts, hits, response }: Asked): void {
  if ((hits.get(url.href) ?? 0) > Number(parts[0])) {
    page(response, 'Free again');
  } else {
    const after = parts[1] === 'date' ? new Date(Date.now() + 2000).toUTCString() : '2';
    response.writeHead(429, { ...HTML, 'retry-after': after });
    response.end('<title>Too many requests</title><p>Come back later');
  }
}

function robots({ url, response }: Asked): void {
  const kind = url.hostname.split('.')[0] ?? '';
  const text = ROBOTS[kind];
  if (text !== undefined) {
    plain(response, text);
  } else if (kind === 'robots-away') {
    response.writeHead(301, { location: '/robots-elsewhere.txt' });
    response.end();
  } else {
    page(response, 'No robots.txt', kind === 'robots-500' ? 500 : 404);
  }
}

/** First label of the host -> its robots.txt. */
const ROBOTS: Readonly<Record<string, string>> = {
  'robots-closed': 'User-agent: *\nDisallow: /\n',
  'robots-slow': 'User-agent: *\nCrawl-delay: 2\n',
  'robots-part': 'User-agent: *\nDisallow: /hits/\nAllow: /hits/one\n',
  'robots-huge': `User-agent: *\nDisallow: /hits/\n${'# nothing\n'.repeat(100_000)}Disallow: /ok\n`,
};

const HTML = { 'content-type': 'text/html; charset=utf-8' } as const;

/** A PNG of one pixel. */
const ONE_PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function page(response: ServerResponse, words: string, status = 200): void {
  html(response, `<h1>${words}</h1>`, status, words);
}

function html(response: ServerResponse, body: string, status = 200, title = 'Faulty web'): void {
  response.writeHead(status, HTML);
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>${body}`);
}

function script(response: ServerResponse, source: string): void {
  html(response, `<h1>Before the script</h1><script>${source}</script>`);
}

function plain(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

function anchor(path: string): string {
  return `<a href="${path}">${path}</a>`;
}

/** Past Node's own checks, which would mend what is meant to be wrong. */
function raw(response: ServerResponse, headers: string, body: string): void {
  response.socket!.end(
    `HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n${headers}\r\n${body}`,
  );
}

export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

function stop(server: NetServer & { closeAllConnections(): void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
