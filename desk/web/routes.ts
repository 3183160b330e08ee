/** The screens: pages drawn by the server, and the forms on them. A form's answer is a redirect, or the page again with what was wrong. */

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type Appeal, isAppealCode } from '../../domain/appeal.ts';
import { mainCapture } from '../../exports/kibernadzor/referral.ts';
import { ROLES } from '../../store/accounts.ts';
import { NoSuchAppealError } from '../../store/appeals.ts';
import { invitationLink, logIn, needFirstRun, screenshot, sendAppeal, sendTip } from '../acts.ts';
import { endSession, may, personOf } from '../gate.ts';
import { SCREENS } from '../office/screens.ts';
import { DeskRefusedError, refusalOf } from '../refusal.ts';
import { homeOf } from '../roles.ts';
import { type DeskEnv, roleOf } from '../tools.ts';
import { appealAnswer, appealForm, appealSent } from './appeals.ts';
import { asset } from './assets.ts';
import { joinScreen, logInScreen, setupScreen } from './door.ts';
import { helpPage } from './help.ts';
import { noticed, type Screen, screen, trouble } from './layout.ts';
import { peopleScreen } from './people.ts';
import { shell } from './shell.ts';
import { tipForm, tipSent, tipTold } from './tips.ts';
import { addWaysIn } from './ways-in.ts';

type Desk = Context<DeskEnv>;

const CASE = '/cases/:id{K-[0-9]{6,15}}';

export function addScreens(app: OpenAPIHono<DeskEnv>): void {
  app.get('/', may('desk.enter'), (c) => c.redirect(homeOf(roleOf(c.get('who'))), 303));
  app.get('/assets/:name', may('desk.enter'), (c) => asset(c, c.req.param('name')));
  app.get('/help', may('desk.enter'), (c) => helpPage(c, ''));
  app.get('/help/:path{.*}', may('desk.enter'), (c) => helpPage(c, c.req.param('path')));

  app.get(`${CASE}/thumbnail`, may('case.read'), async (c) => {
    const { cases, captures } = c.get('tools').stores;
    const it = await cases.get(c.req.param('id'));
    const main = mainCapture(it, await captures.ofCase(it.id));
    if (main === null || main.capture.screenshot === null) return asset(c, 'no-picture.svg');
    return screenshot(c, main.capture.id, 'window', 'no-cache');
  });
  for (const place of SCREENS) app.get(place.path, may(place.action), (c) => c.html(shell(c, place)));

  app.get('/people', may('people.read'), async (c) => shown(c, await peopleScreen(c)));
  app.post('/people', may('people.change'), async (c) => {
    const form = await typed(c);
    const role = ROLES.find((it) => it === form('role', 20));
    if (role === undefined) throw malformed('role');
    const person = { login: form('login', 100), name: form('name', 200), role };
    const { stores, clock } = c.get('tools');
    return invited(c, () => stores.accounts.invite(person, clock.now()));
  });
  app.post('/people/change', may('people.change'), async (c) => {
    const form = await typed(c);
    const login = form('login', 100);
    const { stores, clock } = c.get('tools');
    const act = form('act', 20);
    if (act === 'invite') return invited(c, () => stores.accounts.inviteAgain(login, clock.now()));
    if (act === 'role') {
      const role = ROLES.find((it) => it === form('role', 20));
      if (role === undefined) throw malformed('role');
      return backTo(c, '/people', null, () => stores.accounts.setRole(login, role, clock.now()));
    }
    if (act === 'marketplace') {
      const id = form('marketplace', 40);
      const by = personOf(c).login;
      return backTo(c, '/people', null, () =>
        stores.tenants.setLogin(login, id === '' ? null : id, by, clock.now()),
      );
    }
    if (act !== 'disable' && act !== 'enable') throw malformed('act');
    return backTo(c, '/people', null, () =>
      act === 'disable'
        ? stores.accounts.disable(login, clock.now())
        : stores.accounts.enable(login, clock.now()),
    );
  });

  addIntake(app);
  addTipForm(app);
  addDoor(app);
  addWaysIn(app, inside);
}

/** What anybody may do without a log-in: object to a decision, and ask what became of that. */
function addIntake(app: OpenAPIHono<DeskEnv>): void {
  app.get('/appeal', may('desk.enter'), async (c) => {
    const words = c.get('words');
    const code = (c.req.query('code') ?? '').trim().toUpperCase();
    if (code === '') return shown(c, appealForm(words, { url: c.req.query('url') ?? '' }));
    return shown(c, appealAnswer(words, await appealOrNull(c, code)));
  });
  app.post('/appeal', may('desk.enter'), async (c) => {
    const form = await typed(c);
    const words = c.get('words');
    const given = { url: form('url', 4096), words: form('words', 4000), contact: form('contact', 200) };
    try {
      const { code } = await sendAppeal(c, given);
      return shown(c, appealSent(words, code));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      c.status(refusal.status);
      return shown(c, appealForm(words, given, words.sayIfKnown(`appeal.${refusal.code}`, refusal.message)));
    }
  });
}

/** The same for tips; they arrive in a queue of their own. */
function addTipForm(app: OpenAPIHono<DeskEnv>): void {
  app.get('/tip', may('desk.enter'), async (c) => {
    const words = c.get('words');
    const code = (c.req.query('code') ?? '').trim().toUpperCase();
    if (code === '') return shown(c, tipForm(words, { url: c.req.query('url') ?? '' }));
    const isCode = /^T-[A-Z0-9]{16}$/.test(code);
    return shown(c, tipTold(words, isCode ? await c.get('tools').stores.tips.get(code) : null));
  });
  app.post('/tip', may('desk.enter'), async (c) => {
    const form = await typed(c);
    const words = c.get('words');
    const given = { url: form('url', 4096), words: form('words', 4000), contact: form('contact', 200) };
    try {
      const { code } = await sendTip(c, given);
      return shown(c, tipSent(words, code));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      c.status(refusal.status);
      return shown(c, tipForm(words, given, words.sayIfKnown(`appeal.${refusal.code}`, refusal.message)));
    }
  });
}

async function appealOrNull(c: Desk, code: string): Promise<Appeal | null> {
  if (!isAppealCode(code)) return null;
  try {
    return await c.get('tools').stores.appeals.get(code);
  } catch (error) {
    if (error instanceof NoSuchAppealError) return null;
    throw error;
  }
}

function addDoor(app: OpenAPIHono<DeskEnv>): void {
  app.get('/log-in', may('desk.enter'), async (c) => {
    const hasAccounts = (await c.get('tools').stores.accounts.count()) > 0;
    return shown(
      c,
      logInScreen(c.get('words'), {
        ...{ next: inside(c.req.query('next')), hasAccounts, said: '' },
        elsewhere: c.get('tools').oidc?.name ?? null,
      }),
    );
  });
  app.post('/log-in', may('desk.enter'), async (c) => {
    const form = await typed(c);
    const words = c.get('words');
    const next = inside(form('next', 2000));
    const result = await logIn(c, form('login', 100), form('password', 1000));
    if (result.is === 'in') return c.redirect(next === '/cases' ? homeOf(result.account.role) : next, 303);
    const isWaiting = result.is === 'throttled';
    if (isWaiting) c.header('Retry-After', String(result.waitSeconds));
    const said = isWaiting
      ? words.say('log_in.throttled', { n: result.waitSeconds })
      : words.say('log_in.refused');
    c.status(isWaiting ? 429 : 401);
    return shown(
      c,
      logInScreen(words, {
        ...{ next, hasAccounts: true, said: noticed(said) },
        elsewhere: c.get('tools').oidc?.name ?? null,
      }),
    );
  });
  app.post('/log-out', may('session.own'), async (c) => {
    await endSession(c);
    return c.redirect('/log-in', 303);
  });

  app.get('/setup', may('desk.enter'), async (c) => {
    const token = c.req.query('token') ?? '';
    await needFirstRun(c, token);
    return shown(c, setupScreen(c.get('words'), token, ''));
  });
  app.post('/setup', may('desk.enter'), async (c) => {
    const form = await typed(c);
    const token = form('token', 200);
    await needFirstRun(c, token);
    const { stores, clock } = c.get('tools');
    const login = form('login', 100);
    const password = form('password', 1000);
    try {
      await stores.accounts.addFirst({ login, name: form('name', 200) }, password, clock.now());
    } catch (error) {
      return again(c, error, (said) => setupScreen(c.get('words'), token, said));
    }
    await logIn(c, login, password);
    return c.redirect('/people', 303);
  });

  app.get('/join', may('desk.enter'), async (c) => {
    const token = c.req.query('token') ?? '';
    return shown(c, joinScreen(c.get('words'), token, await invitee(c, token), ''));
  });
  app.post('/join', may('desk.enter'), async (c) => {
    const form = await typed(c);
    const token = form('token', 200);
    const account = await invitee(c, token);
    const { stores, clock } = c.get('tools');
    const password = form('password', 1000);
    try {
      await stores.accounts.accept(token, password, clock.now());
    } catch (error) {
      return again(c, error, (said) => joinScreen(c.get('words'), token, account, said));
    }
    await logIn(c, account.login, password);
    return c.redirect(homeOf(account.role), 303);
  });
}

async function invitee(c: Desk, token: string) {
  const { stores, clock } = c.get('tools');
  const account = await stores.accounts.invited(token, clock.now());
  if (account === null)
    throw new DeskRefusedError(404, 'bad_invitation', 'The invitation was used or is out of date.');
  return account;
}

function shown(c: Desk, it: Screen) {
  return c.html(screen(c, it));
}

/** Does an act and goes back to its page, which says how it ended. */
async function backTo(
  c: Desk,
  path: string,
  done: string | null,
  act: () => Promise<unknown>,
): Promise<Response> {
  try {
    await act();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null || refusal.status === 404) throw error;
    return c.redirect(`${path}?error=${refusal.code}`, 303);
  }
  return c.redirect(done === null ? path : `${path}?done=${done}`, 303);
}

/** Shows an invitation on the answer itself: it is told once, so no address may lead to it. */
async function invited(
  c: Desk,
  act: () => Promise<{ account: Awaited<ReturnType<typeof invitee>>; token: string }>,
): Promise<Response> {
  try {
    const { account, token } = await act();
    return shown(c, await peopleScreen(c, { invitation: { account, link: invitationLink(c, token) } }));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    c.status(refusal.status);
    return shown(c, await peopleScreen(c, { error: refusal.code }));
  }
}

/** The form once more, with what was wrong with it. */
function again(c: Desk, error: unknown, draw: (said: ReturnType<typeof trouble>) => Screen) {
  const refusal = refusalOf(error);
  if (refusal === null) throw error;
  c.status(refusal.status);
  return shown(c, draw(trouble(c.get('words'), refusal.code)));
}

/** Fields of a form as text; one that is missing is '', one too long or with a NUL is refused. */
async function typed(c: Desk): Promise<(name: string, longest: number) => string> {
  const fields = await c.req.parseBody();
  return (name, longest) => {
    const value = fields[name] ?? '';
    if (typeof value !== 'string' || value.length > longest * 2 || value.includes('\u0000'))
      throw malformed(name);
    return value.replaceAll('\r\n', '\n').slice(0, longest);
  };
}

function malformed(field: string): DeskRefusedError {
  return new DeskRefusedError(400, 'bad_request', `The field "${field}" is malformed.`);
}

/** A path of this desk to go on to; anything else leads to the cases. */
function inside(next: string | undefined): string {
  return next !== undefined &&
    /^\/(cases|batches|appeals|people|statistics|sources|scans|tips|rings|actors|deliveries|feedback|audit)([/?][\w/?=&%.+-]*)?$/.test(
      next,
    )
    ? next
    : '/cases';
}
