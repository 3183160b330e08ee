/**
 * The officers' desk: one HTTP server with the screens, API v1 and the local operations.
 *
 * It listens on loopback unless told otherwise and speaks plain HTTP; beyond one machine it stands behind a
 * proxy that ends TLS, and `publicUrl` tells it its name there.
 */
import { createServer, type Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { type DeskApp, deskApp } from './app.ts';
import { trusting } from './caller.ts';
import { isLoopback } from './gate.ts';
import { helpSite } from './help-site.ts';
import { officeFiles } from './office-files.ts';
import type { DeskActions, DeskStores, DeskTools } from './tools.ts';
import type { Lang } from './web/words.ts';

export type { DeskActions, DeskStores, LocalOperations } from './tools.ts';

export interface DeskOptions {
  readonly stores: DeskStores;
  readonly evidence: DeskTools['evidence'];
  readonly clock: { now(): Date };
  /** Address to listen on; 127.0.0.1 when not given. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where officers reach the desk behind a proxy, e.g. `https://kuzet.example/`; https makes cookies secure. */
  readonly publicUrl?: string;
  /** Addresses or networks of proxies that are believed whom they speak for; nobody when not given. */
  readonly trustProxy?: readonly string[];
  /** Spoken to those who have not chosen a language; Russian when not given. */
  readonly lang?: Lang;
  /** Opens /setup?token=… while there are no accounts. */
  readonly firstRun?: { readonly token: string };
  /** Lets anybody on this machine read without a log-in: for demonstrations, on loopback only. */
  readonly openAs?: { readonly login: string; readonly role: 'viewer' };
  /** What `POST /local/{operation}` runs for whoever holds the token, from this machine. */
  readonly local?: NonNullable<DeskTools['local']>;
  readonly actions?: DeskActions;
  /** Serves numbers at /metrics. */
  readonly figures?: NonNullable<DeskTools['figures']>;
  /** The second officer decides without being told the first decision; told when not given. */
  readonly isSecondLookBlind?: boolean;
  /** Lets people in by another house's word. */
  readonly oidc?: NonNullable<DeskTools['oidc']>;
  /** Serves marketplaces at /v1. */
  readonly market?: NonNullable<DeskTools['market']>;
  /** The documents; those beside the program when not given. */
  readonly help?: DeskTools['help'];
  /** Hears of errors that no rule expected; they are written to standard error when not given. */
  readonly onError?: DeskTools['onError'];
}

/** The address cannot be listened on. */
export class DeskAddressError extends Error {
  override readonly name = 'DeskAddressError';
  readonly facts: { readonly host: string; readonly port: number };

  constructor(facts: DeskAddressError['facts'], cause: unknown) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    super(
      `The desk cannot listen on ${facts.host}:${facts.port} (${why}). Choose another port with --port, or stop what holds this one.`,
      { cause },
    );
    this.facts = facts;
  }
}

/** A demonstration must not be open to other machines. */
export class OpenDeskRefusedError extends Error {
  override readonly name = 'OpenDeskRefusedError';
  readonly facts: { readonly host: string };

  constructor(host: string) {
    super(`A desk without a log-in listens on this machine only, not on ${host}. Give 127.0.0.1.`);
    this.facts = { host };
  }
}

export interface Desk {
  /** E.g. `http://127.0.0.1:7070`, without a slash at its end. */
  readonly url: string;
  readonly app: DeskApp;
  /** Ends what still runs and stops listening. */
  close(): Promise<void>;
}

/** @throws DeskAddressError, OpenDeskRefusedError, OfficeNotBuiltError */
export async function startDesk(options: DeskOptions): Promise<Desk> {
  const host = options.host ?? '127.0.0.1';
  const isHere = host === 'localhost' || isLoopback(host);
  if (options.openAs !== undefined && !isHere) throw new OpenDeskRefusedError(host);
  const office = await officeFiles();
  const closing = new AbortController();
  let app: DeskApp | null = null;
  const server = createAdaptorServer({
    fetch: (request, env) => app?.fetch(request, env) ?? new Response(null, { status: 503 }),
    createServer,
    // Headers must come soon; bodies of local operations may take a while.
    serverOptions: { headersTimeout: 15_000, requestTimeout: 120_000, maxHeaderSize: 16_384 },
  }) as Server;
  const port = await listening(server, host, options.port);
  const tools: DeskTools = {
    stores: options.stores,
    evidence: options.evidence,
    clock: options.clock,
    firstRun: options.firstRun ?? null,
    openAs: options.openAs ?? null,
    local: options.local ?? null,
    actions: options.actions ?? {},
    figures: options.figures ?? null,
    isBehindProxy: options.publicUrl !== undefined,
    oidc: options.oidc ?? null,
    market: options.market ?? null,
    office,
    help: options.help === undefined ? helpSite() : options.help,
    isSecondLookBlind: options.isSecondLookBlind ?? false,
    lang: options.lang ?? 'ru',
    ownHosts: ownHosts(options.publicUrl, isHere, port),
    isTrusted: trusting(options.trustProxy ?? []),
    isSecure: options.publicUrl?.startsWith('https:') === true,
    onError: options.onError ?? toStandardError,
  };
  app = deskApp(tools, closing.signal);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    app,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      }),
  };
}

/** On loopback the names are known; beyond it only a given `publicUrl` tells them. */
function ownHosts(publicUrl: string | undefined, isHere: boolean, port: number): string[] | null {
  const named = publicUrl === undefined ? [] : [new URL(publicUrl).host];
  const here = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  return isHere || named.length > 0 ? [...named, ...here] : null;
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new DeskAddressError({ host, port }, cause)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function toStandardError(error: unknown, about: { readonly method: string; readonly path: string }): void {
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`desk: ${about.method} ${about.path}: ${shown}\n`);
}
