/** Log-in by another house's word, as a browser walks it: two addresses, bound together by a cookie. */
import { createHash, randomBytes } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { AccountRefusedError } from '../../store/accounts.ts';
import { ownOrigin } from '../acts.ts';
import { callerAt, may, startSession } from '../gate.ts';
import { type Begun, OidcRefusedError } from '../oidc.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { logInScreen } from './door.ts';
import { noticed, screen, trouble } from './layout.ts';
import type { Words } from './words.ts';

type Desk = Context<DeskEnv>;
type Kept = { readonly begun: Begun; readonly next: string };

/** `ID.SECRET` of the attempt. Lax, since the browser comes back from another site. */
const COOKIE = 'kuzet_way';
const PATH = '/log-in/oidc';
/** Log-ins begun from one address in an hour: each is a row for ten minutes. An office shares one address. */
const MOST_TRIES = 200;

export function addWaysIn(app: OpenAPIHono<DeskEnv>, inside: (next: string | undefined) => string): void {
  app.get(PATH, may('desk.enter'), async (c) => {
    const { stores, clock, oidc, isSecure } = c.get('tools');
    if (oidc === null) throw new DeskRefusedError(501, 'not_available', 'No other house is named here.');
    if (!(await stores.allowance.takes(`oidc ${callerAt(c)}`, MOST_TRIES, clock.now())))
      throw new DeskRefusedError(
        429,
        'throttled',
        'Too many log-ins were begun from this address. Wait an hour.',
      );
    const { url, begun } = await refused(c, () => oidc.begin(`${ownOrigin(c)}${PATH}/answer`));
    const secret = randomBytes(32).toString('base64url');
    const kept: Kept = { begun, next: inside(c.req.query('next')) };
    const id = await stores.waysIn.begin('oidc', sha256(secret), kept, clock.now());
    setCookie(c, COOKIE, `${id}.${secret}`, {
      ...{ path: PATH, httpOnly: true, sameSite: 'Lax', secure: isSecure, maxAge: 600 },
    });
    return c.redirect(url, 303);
  });

  app.get(`${PATH}/answer`, may('desk.enter'), async (c) => {
    const { stores, clock, oidc } = c.get('tools');
    if (oidc === null) throw new DeskRefusedError(501, 'not_available', 'No other house is named here.');
    const [id = '', secret = ''] = (getCookie(c, COOKIE) ?? '').split('.');
    deleteCookie(c, COOKIE, { path: PATH });
    const kept = await stores.waysIn.take<Kept>(id, 'oidc', sha256(secret), clock.now());
    if (kept === null) return turnedAway(c, (words) => words.say('log_in.elsewhere_again'));
    const asked = new URL(c.req.url);
    const current = new URL(`${asked.pathname}${asked.search}`, ownOrigin(c));
    try {
      const person = await refused(c, () => oidc.finish(current, kept.begun));
      if (person.role === null) {
        await stores.waysIn.bar(person, clock.now());
        return turnedAway(c, (words) => words.say('log_in.no_role'));
      }
      const account = await stores.waysIn.meet(person, clock.now());
      const entered = await stores.accounts.enter(account.login, clock.now());
      if (entered.is !== 'in') return turnedAway(c, (words) => words.say('log_in.refused'));
      startSession(c, entered.token);
    } catch (error) {
      if (!(error instanceof AccountRefusedError)) throw error;
      c.status(403);
      return page(c, kept.next, trouble(c.get('words'), error.facts.code));
    }
    // Not a redirect: the session's cookie is Strict, and a browser that comes from elsewhere would not send it on.
    return c.html(onwards(kept.next, c.get('words')));
  });
}

/** Tells whoever runs the desk why, and the person that it did not work. */
async function refused<T>(c: Desk, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OidcRefusedError)) throw error;
    c.get('tools').onError(error, { method: c.req.method, path: c.req.path });
    // What the other house said is for the log: anybody may write it into the address that comes back.
    throw new DeskRefusedError(401, 'elsewhere_refused', 'The log-in elsewhere failed. Begin again.');
  }
}

function turnedAway(c: Desk, why: (words: Words) => string) {
  c.status(403);
  return page(c, '/cases', noticed(why(c.get('words'))));
}

function page(c: Desk, next: string, said: ReturnType<typeof noticed>) {
  const elsewhere = c.get('tools').oidc?.name ?? null;
  return c.html(screen(c, logInScreen(c.get('words'), { next, hasAccounts: true, said, elsewhere })));
}

function onwards(next: string, words: Words) {
  return html`<!doctype html><html lang="${words.lang}"><head><meta charset="utf-8"><title>${words.say('app.name')}</title><meta http-equiv="refresh" content="0;url=${next}"></head><body><p><a href="${next}">${words.say('log_in.onwards')}</a></p></body></html>`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
