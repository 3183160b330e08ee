/**
 * Serves a file of pages as a web of its own, on loopback, so that a scan can be measured on real pages.
 *
 *     node --import tsx bench/pages-web.ts FILE [--port N] [--listing index|seeds] [--names readable|neutral]
 *
 * prints the seeds, one a line, then serves until Ctrl-C; what to give `--resolve` goes to stderr.
 *
 * FILE has one JSON object a line: `{id, label, source, html}`; other keys are left alone. Each `source` is a
 * host, each page of it `/p/1.html`, `/p/2.html` … in the order of the file, sent byte for byte as in `html`
 * (as UTF-8, said in the header, whatever its own `<meta>` claims).
 * The pages do not link to each other, so something has to name them:
 *
 *     index  the host's `/` is a plain list of links and the one seed; it is no page, and `truth` has it not
 *     seeds  there is no `/`; every page is a seed, so that what is captured is exactly what is in the file
 *
 * A host's name comes from its source alone, so it is the same in every run and for every file:
 * readable `t-space-company-team-301.p4f0c21d9.test`, neutral `p4f0c21d9.test`. Take neutral when host names
 * may count as features: readable ones give words of the source away.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { countVisits, type Manners } from '../demo/visits.ts';

export interface PagesWebOptions {
  readonly file: string;
  /** 0 or nothing for any free one. */
  readonly port?: number;
  readonly listing?: 'index' | 'seeds';
  readonly names?: 'readable' | 'neutral';
  /** Serves each n-th page of the file only; all unless told. */
  readonly every?: number;
}

export interface PagesWeb {
  readonly port: number;
  readonly hosts: readonly PagesHost[];
  readonly seeds: readonly string[];
  /** Address of a page, as it is asked for by name -> what it is. */
  readonly truth: ReadonlyMap<string, PageTruth>;
  /** As `--resolve` takes it. */
  readonly resolve: string;
  readonly hits: ReadonlyMap<string, number>;
  readonly manners: ReadonlyMap<string, Manners>;
  close(): Promise<void>;
}

export interface PagesHost {
  readonly host: string;
  readonly source: string;
  readonly pages: number;
  /** Each label once, in order of first sight. */
  readonly labels: readonly string[];
}

export interface PageTruth {
  readonly id: string;
  readonly label: string;
  readonly source: string;
}

/** A line that is no page. */
export class PagesFileError extends Error {
  override readonly name = 'PagesFileError';
  readonly facts: { readonly file: string; readonly line: number };

  constructor(file: string, line: number, why: string, cause?: unknown) {
    super(`${file}, line ${line}: ${why}. Each line is {"id","label","source","html"}, all of them texts.`, {
      cause,
    });
    this.facts = { file, line };
  }
}

/** @throws PagesFileError at the first line that is no page, before anything is served. */
export async function startPagesWeb(options: PagesWebOptions): Promise<PagesWeb> {
  const { file, listing = 'index', names = 'readable', every = 1 } = options;
  const bodies = new Map<string, Buffer>();
  const truth = new Map<string, PageTruth>();
  const bySource = new Map<string, { host: string; pages: number; labels: Set<string> }>();

  let line = 0;
  for await (const { html, ...page } of readPages(file)) {
    line += 1;
    if (line % every !== 0) continue;
    const known = bySource.get(page.source);
    const it = known ?? { host: hostFor(page.source, names), pages: 0, labels: new Set<string>() };
    if (known === undefined) bySource.set(page.source, it);
    it.pages += 1;
    it.labels.add(page.label);
    const url = `http://${it.host}/p/${it.pages}.html`;
    truth.set(url, page);
    bodies.set(url, Buffer.from(html));
  }
  const hosts = [...bySource].map(([source, { host, pages, labels }]) => ({
    host,
    source,
    pages,
    labels: [...labels],
  }));
  if (listing === 'index') {
    for (const { host, pages } of hosts) bodies.set(`http://${host}/`, Buffer.from(indexOf(host, pages)));
  }

  const visits = countVisits();
  const server = createServer((request, response) => {
    const url = visits.note(request, response);
    send(response, bodies.get(`http://${url.hostname}${url.pathname}`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    hosts,
    seeds: listing === 'index' ? hosts.map(({ host }) => `http://${host}/`) : [...truth.keys()],
    truth,
    resolve: `*.test=127.0.0.1:${port}`,
    hits: visits.hits,
    manners: visits.manners,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * The name under which a source is served. The last label but `test` is `p` and the first 32 bits of the
 * source's SHA-256, so two sources are two sites and not only two hosts of one.
 */
export function hostFor(source: string, names: 'readable' | 'neutral' = 'readable'): string {
  const site = `p${createHash('sha256').update(source).digest('hex').slice(0, 8)}.test`;
  const slug = source
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
  return names === 'neutral' || slug === '' ? site : `${slug}.${site}`;
}

async function* readPages(file: string): AsyncGenerator<PageTruth & { readonly html: string }> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (line.trim() !== '') yield pageOf(line, file, number);
  }
}

/** Split at line feeds only: node:readline may also split at U+2028, which JSON allows inside a text. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

function pageOf(line: string, file: string, number: number): PageTruth & { readonly html: string } {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (cause) {
    throw new PagesFileError(file, number, 'is not JSON', cause);
  }
  const { id, label, source, html } = (row ?? {}) as Record<string, unknown>;
  if (typeof id !== 'string') throw new PagesFileError(file, number, '"id" is missing');
  if (typeof label !== 'string') throw new PagesFileError(file, number, '"label" is missing');
  if (typeof source !== 'string') throw new PagesFileError(file, number, '"source" is missing');
  if (typeof html !== 'string') throw new PagesFileError(file, number, '"html" is missing');
  return { id, label, source, html };
}

function indexOf(host: string, pages: number): string {
  const links = Array.from(
    { length: pages },
    (_, at) => `<li><a href="/p/${at + 1}.html">${at + 1}</a></li>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${host}</title><ul>\n${links.join('\n')}\n</ul>\n`;
}

function send(response: ServerResponse, body: Buffer | undefined): void {
  if (body === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('Nothing is here.\n');
  } else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length });
    response.end(body);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, listing: { type: 'string' }, names: { type: 'string' } },
  });
  const file = positionals[0];
  if (file === undefined) {
    console.error(
      'Usage: node --import tsx bench/pages-web.ts FILE [--port N] [--listing index|seeds] [--names readable|neutral]',
    );
    process.exitCode = 2;
    return;
  }
  const web = await startPagesWeb({
    file,
    port: Number(values.port ?? 0),
    listing: values.listing === 'seeds' ? 'seeds' : 'index',
    names: values.names === 'neutral' ? 'neutral' : 'readable',
  });
  for (const seed of web.seeds) console.log(seed);
  console.error(
    `${web.truth.size} pages on ${web.hosts.length} hosts. Reach them with: --resolve '${web.resolve}'`,
  );
  process.once('SIGINT', () => void web.close());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main().catch((fault: unknown) => {
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 1;
  });
}
