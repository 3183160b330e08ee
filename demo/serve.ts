/**
 * The demo web: small sites written for Kuzet, served on loopback by their Host header.
 *
 * Every name ends in `.test` (RFC 6761), so nothing here can be reached by accident, and nobody's site is
 * shown as a fraud. Phones are +7 700 000 xx xx, foreign ones are those kept for fiction (Ofcom's drama
 * numbers, 555-01xx); the wallets are nobody's: TRON's address of zeros and the test vector of BIP-173.
 * Shops, banks, firms and people are made up.
 * `web/sites.json` says what each site is; a site's folder holds it as plain files, and the marketplace's
 * listings are drawn from `web/marketplace.json`.
 *
 * All files are read at the start and looked up by exact path, so a request never reaches the disk.
 * The server answers as an origin, and as an HTTP proxy (absolute addresses, CONNECT to port 80).
 */
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, relative, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Label } from '../domain/assessment.ts';
import { countVisits, type Manners } from './visits.ts';
import { type Marketplace, marketplacePages } from './web/marketplace.ts';

const WEB = new URL('./web/', import.meta.url);

export interface DemoSite {
  readonly host: string;
  readonly title: string;
  /** What the site truly is. */
  readonly label: Label;
  /** Main language of its text. */
  readonly lang: 'ru' | 'kk' | 'en';
  /** Whether its words appear only after scripts have run. */
  readonly needsScripts: boolean;
  /** What it is there to show, in one sentence. */
  readonly shows: string;
}

export interface DemoWeb {
  readonly port: number;
  readonly hosts: readonly string[];
  /** Front page of every site. */
  readonly seeds: readonly string[];
  readonly sites: readonly DemoSite[];
  /** As `--resolve` takes it: `*.test=127.0.0.1:PORT`. */
  readonly resolve: string;
  /** Address -> times asked, e.g. `http://tumarbank.test/rates.html`. */
  readonly hits: ReadonlyMap<string, number>;
  /** Host -> how politely it was asked. */
  readonly manners: ReadonlyMap<string, Manners>;
  close(): Promise<void>;
}

/**
 * @param options.port 0 or nothing for any free one.
 * @param options.latencyMs waited before every answer.
 */
export async function startDemoWeb(options: { port?: number; latencyMs?: number } = {}): Promise<DemoWeb> {
  const sites = await readSites();
  const files = await readFiles(sites);
  const visits = countVisits();
  const closing = new AbortController();
  const server = createServer((request, response) => {
    const url = visits.note(request, response);
    void pause(options.latencyMs ?? 0, undefined, { signal: closing.signal }).then(
      () => answer(request, response, files.get(url.hostname)?.get(url.pathname)),
      () => response.destroy(),
    );
  });
  server.on('connect', (request, socket, head) => {
    if (!request.url?.endsWith(':80')) {
      socket.end('HTTP/1.1 502 Only port 80 is served here\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connected\r\n\r\n');
    socket.unshift(head);
    server.emit('connection', socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const hosts = sites.map((site) => site.host);
  return {
    port,
    hosts,
    seeds: hosts.map((host) => `http://${host}/`),
    sites,
    resolve: `*.test=127.0.0.1:${port}`,
    hits: visits.hits,
    manners: visits.manners,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The table of what each site is. */
export async function readSites(): Promise<readonly DemoSite[]> {
  return JSON.parse(await readFile(new URL('sites.json', WEB), 'utf8')) as DemoSite[];
}

/** The marketplace's listings, and which of them are not what they seem. */
export async function readMarketplace(): Promise<Marketplace> {
  return JSON.parse(await readFile(new URL('marketplace.json', WEB), 'utf8')) as Marketplace;
}

interface WebFile {
  readonly bytes: Buffer;
  readonly contentType: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml; charset=utf-8',
};

type Files = ReadonlyMap<string, ReadonlyMap<string, WebFile>>;

/** Host -> path -> file. */
async function readFiles(sites: readonly DemoSite[]): Promise<Files> {
  const marketplace = await readMarketplace();
  const hosts = sites.map(async ({ host }) => {
    const paths = new Map<string, WebFile>();
    const folder = fileURLToPath(new URL(`${host}/`, WEB));
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      put(paths, `/${relative(folder, file).replaceAll(sep, '/')}`, await readFile(file));
    }
    if (host === marketplace.host) {
      for (const [path, html] of marketplacePages(marketplace)) put(paths, path, Buffer.from(html));
    }
    return [host, paths] as const;
  });
  return new Map(await Promise.all(hosts));
}

function put(paths: Map<string, WebFile>, path: string, bytes: Buffer): void {
  const file = { bytes, contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream' };
  paths.set(path, file);
  if (path.endsWith('/index.html')) paths.set(path.slice(0, -'index.html'.length), file);
}

function answer(request: IncomingMessage, response: ServerResponse, file: WebFile | undefined): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain; charset=utf-8' });
    response.end('This web is only read.\n');
    return;
  }
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('Nothing is here.\n');
    return;
  }
  response.writeHead(200, {
    'content-type': file.contentType,
    'content-length': file.bytes.length,
    'last-modified': 'Mon, 02 Nov 2026 06:00:00 GMT',
  });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}
