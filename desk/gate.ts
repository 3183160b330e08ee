/**
 * The door of the desk: what every request passes before a route sees it.
 *
 * Host names are checked against those the desk answers to (a page of another name that points to this
 * address is turned away); requests that change anything must come from the desk's own pages (`Origin`,
 * beside `SameSite=Strict` cookies); the asker is known by a session; and `may` lets through whom the table
 * in `roles.ts` allows.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Tenant } from '../domain/market-service.ts';
import { callerOf } from './caller.ts';
import { doneOnce } from './once.ts';
import { DeskRefusedError } from './refusal.ts';
import { ACTIONS, type Action, isAllowed } from './roles.ts';
import { type DeskEnv, type DeskTools, roleOf, type Who } from './tools.ts';
import { chooseLang, wordsOf } from './web/words.ts';

type Middleware = MiddlewareHandler<DeskEnv>;

/** Scripts, styles and pictures from here only; nothing inline, no frames around it, and inside it none but the desk's own. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  // Captured pages, each under a policy of its own: inert.ts.
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': PAGE_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not `no-referrer`: browsers would then send `Origin: null` with the desk's own forms.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Cache-Control': 'no-store',
};

/** Sets the headers of safety, each unless the route has set its own. */
export const safeHeaders: Middleware = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  }
  if (c.get('tools').isSecure) c.res.headers.set('Strict-Transport-Security', 'max-age=31536000');
};

function bytesAtMost(maxSize: number): Middleware {
  const refuse = (): never => {
    throw new DeskRefusedError(413, 'too_large', `The body is larger than ${maxSize} bytes.`);
  };
  const counted = bodyLimit({ maxSize, onError: refuse });
  return (c, next) => {
    const length = c.req.header('content-length') ?? (isReading(c) ? '0' : undefined);
    // A length that is told is kept to by the server itself; looking at the body would open it as a stream.
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) return counted(c, next);
    return Number(length) <= maxSize ? next() : refuse();
  };
}
const smallBody = bytesAtMost(256 * 1024);
const localBody = bytesAtMost(64 * 1024 * 1024);

/** A marketplace's stock comes in pieces of this size; so may a file of receipts. */
const batchBody = bytesAtMost(8 * 1024 * 1024);

export const limitBody: Middleware = (c, next) => {
  if (isLocalPath(c)) return localBody(c, next);
  const isFile = c.req.path === '/v1/listings/batch' || c.req.path === '/api/receipts';
  return (isFile ? batchBody : smallBody)(c, next);
};

export const ownHostOnly: Middleware = async (c, next) => {
  const { ownHosts } = c.get('tools');
  const host = c.req.header('host')?.toLowerCase();
  if (host === undefined || (ownHosts !== null && !ownHosts.includes(host))) {
    throw new DeskRefusedError(421, 'bad_host', 'The desk does not answer to this host name.');
  }
  await next();
};

/** Methods that change something need the desk's own `Origin`; a missing one is refused too. */
export const ownOriginOnly: Middleware = async (c, next) => {
  // A browser never sends a key by itself, and no session opens /v1.
  if (!isReading(c) && !isLocalPath(c) && !isMarketPath(c)) {
    const origin = c.req.header('origin') ?? '';
    const isOwn = URL.canParse(origin) && new URL(origin).host === c.req.header('host')?.toLowerCase();
    if (!isOwn) {
      throw new DeskRefusedError(
        403,
        'bad_origin',
        "The request must carry the desk's own address in its Origin header.",
      );
    }
  }
  await next();
};

export const speak: Middleware = async (c, next) => {
  const query = c.req.query('lang');
  const lang = chooseLang({
    query,
    cookie: getCookie(c, LANG_COOKIE),
    header: c.req.header('accept-language'),
    otherwise: c.get('tools').lang,
  });
  if (query !== undefined) {
    setCookie(c, LANG_COOKIE, lang, { path: '/', sameSite: 'Lax', httpOnly: true, maxAge: 31_536_000 });
  }
  c.set('words', wordsOf(lang));
  await next();
};

const LANG_COOKIE = 'kuzet_lang';

/** Nobody is looked up for what is the same for all, so that it is answered even while the store is not. */
export const identify: Middleware = async (c, next) => {
  const isForAll = /^\/(assets\/|help$|help\/|local\/|healthz$|readyz$|metrics$)/.test(c.req.path);
  c.set('who', isForAll ? { is: 'nobody' } : isMarketPath(c) ? await whoseKey(c) : await whoAsks(c));
  await next();
};

async function whoseKey(c: Context<DeskEnv>): Promise<Who> {
  const tenant = await c.get('tools').market?.tenantOf(bearerOf(c));
  return tenant == null ? { is: 'nobody' } : { is: 'tenant', tenant };
}

async function whoAsks(c: Context<DeskEnv>): Promise<Who> {
  const { stores, clock, openAs } = c.get('tools');
  const token = getCookie(c, sessionCookie(c.get('tools')));
  if (token !== undefined && /^[\w-]{43}$/.test(token)) {
    const account = await stores.accounts.session(token, clock.now());
    if (account !== null) return { is: 'person', account, token };
  }
  if (openAs !== null && isLoopback(peerOf(c))) return { is: 'visitor', ...openAs };
  return { is: 'nobody' };
}

export function startSession(c: Context<DeskEnv>, token: string): void {
  const tools = c.get('tools');
  setCookie(c, sessionCookie(tools), token, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: tools.isSecure,
  });
}

export async function endSession(c: Context<DeskEnv>): Promise<void> {
  const tools = c.get('tools');
  const who = c.get('who');
  if (who.is === 'person') await tools.stores.accounts.logOut(who.token);
  deleteCookie(c, sessionCookie(tools), { path: '/', secure: tools.isSecure });
}

/** `__Host-` keeps other names of the same site from setting it; browsers take that over https only. */
function sessionCookie(tools: DeskTools): string {
  return tools.isSecure ? '__Host-kuzet_session' : 'kuzet_session';
}

const GATES = new WeakMap<object, Action>();

/** Lets through whom the table allows this action. Every route starts with one; what was done under the same key is not done again. */
export function may(action: Action): Middleware {
  const gate: Middleware = async (c, next) => {
    if (ACTIONS[action] === 'bearer') needBearer(c);
    else if (ACTIONS[action] === 'key') tenantOf(c);
    else if (ACTIONS[action] === 'scraper') needScraper(c);
    else if (!isAllowed(roleOf(c.get('who')), action)) {
      const isNobody = c.get('who').is === 'nobody';
      throw isNobody
        ? new DeskRefusedError(401, 'not_logged_in', 'Log in first.')
        : new DeskRefusedError(403, 'not_allowed', `Your role does not allow "${action}".`);
    }
    return doneOnce(c, next);
  };
  GATES.set(gate, action);
  return gate;
}

/** The action that a middleware made by `may` guards; undefined for any other. */
function actionOf(middleware: object): Action | undefined {
  return GATES.get(middleware);
}

/** The person who acts, for routes that a visitor of a demonstration must not pass. */
export function personOf(c: Context<DeskEnv>): Extract<Who, { is: 'person' }>['account'] {
  const who = c.get('who');
  if (who.is !== 'person') throw new DeskRefusedError(401, 'not_logged_in', 'Log in first.');
  return who.account;
}

/** The marketplace that asks. */
export function tenantOf(c: Context<DeskEnv>): Tenant {
  const who = c.get('who');
  if (who.is === 'tenant') return who.tenant;
  throw new DeskRefusedError(
    401,
    'bad_key',
    'Send the key of your marketplace: "Authorization: Bearer kzt_…".',
  );
}

function bearerOf(c: Context<DeskEnv>): string {
  return /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
}

/** A browser never sends this: a page cannot set the header without the desk's leave, and `Origin` gives it away. */
function needBearer(c: Context<DeskEnv>): void {
  const token = c.get('tools').local?.token;
  const isHere = isLoopback(peerOf(c)) && c.req.header('origin') === undefined;
  if (token === undefined || !isHere || !isSameSecret(bearerOf(c), token)) {
    throw new DeskRefusedError(401, 'not_logged_in', 'Only the owner of this process may ask this.');
  }
}

/** Behind a proxy of this machine everybody comes from loopback, so that only a token tells who asks. */
function needScraper(c: Context<DeskEnv>): void {
  const { figures, isBehindProxy } = c.get('tools');
  if (figures?.token != null && isSameSecret(bearerOf(c), figures.token)) return;
  if (figures?.token === null && !isBehindProxy && isLoopback(peerOf(c))) return;
  throw new DeskRefusedError(
    401,
    'not_logged_in',
    'Figures are told to this machine, or to whoever has the token: "Authorization: Bearer …".',
  );
}

/** Compares without telling by its time how much agrees. */
export function isSameSecret(given: string, kept: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(kept));
}

/** The address at the other end of the connection; '' when there is none. */
export function peerOf(c: Context<DeskEnv>): string {
  return c.env.incoming?.socket.remoteAddress ?? '';
}

/** From where it comes, for counting: what trusted proxies say of it. */
export function callerAt(c: Context<DeskEnv>): string {
  return callerOf(peerOf(c), c.req.header('x-forwarded-for'), c.get('tools').isTrusted);
}

export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address);
}

function isReading({ req: { method } }: Context<DeskEnv>): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isMarketPath(c: Context<DeskEnv>): boolean {
  return c.req.path.startsWith('/v1/');
}

function isLocalPath(c: Context<DeskEnv>): boolean {
  return c.req.path.startsWith('/local/');
}

/** A route was added without `may`. */
export class UnguardedRouteError extends Error {
  override readonly name = 'UnguardedRouteError';
  readonly facts: { readonly method: string; readonly path: string };

  constructor(method: string, path: string) {
    super(`The route ${method} ${path} names no action. Put may('…') first among its handlers.`);
    this.facts = { method, path };
  }
}

export interface GuardedRoute {
  readonly method: string;
  readonly path: string;
  readonly action: Action;
}

/**
 * Every route with its action.
 *
 * @throws UnguardedRouteError
 */
export function guardedRoutes(app: Pick<OpenAPIHono<DeskEnv>, 'routes'>): GuardedRoute[] {
  const actions = new Map<string, Action | undefined>();
  for (const { method, path, handler } of app.routes) {
    if (method === 'ALL' && path === '/*') continue;
    const key = `${method} ${path}`;
    // The first handler of a route decides: a gate after it would come too late.
    if (!actions.has(key)) actions.set(key, actionOf(handler));
  }
  return [...actions].map(([key, action]) => {
    const [method = '', path = ''] = key.split(' ');
    if (action === undefined) throw new UnguardedRouteError(method, path);
    return { method, path, action };
  });
}
