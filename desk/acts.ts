/** The acts that both the screens and the API do, each once. */
import type { Context } from 'hono';
import type { Appeal, AppealOutcome } from '../domain/appeal.ts';
import { type Case, type CaseId, type Decision, isSameOfficer } from '../domain/case.ts';
import type { Tip, TipReply } from '../domain/tip.ts';
import { BadUrlError, parseUrl } from '../domain/url.ts';
import { readSource } from '../domain/watch.ts';
import { subjectOf } from '../exports/overblock/platforms.ts';
import { BadTipsError, readTips, type WrittenTip } from '../exports/tips.ts';
import type { LogIn } from '../store/accounts.ts';
import type { JudgedAppeal } from '../store/appeals.ts';
import type { ActTerms, CaseAct } from '../store/cases.ts';
import { NoSuchScanError } from '../store/scan-stops.ts';
import type { ScanSummary } from '../store/scan-views.ts';
import { callerAt, isSameSecret, personOf, startSession } from './gate.ts';
import { DeskRefusedError } from './refusal.ts';
import { isAllowed } from './roles.ts';
import type { DeskEnv } from './tools.ts';

type Desk = Context<DeskEnv>;

/** A decision without its officer: who acts is known by the session alone, never by what is sent. */
export type TypedDecision =
  | { readonly verdict: 'confirm'; readonly ground: string; readonly reason: string }
  | { readonly verdict: 'dismiss'; readonly reason: string };

/** Cases that whoever asks reads again, blind: meanwhile nothing tells how they were decided. */
export async function readBlind(c: Desk): Promise<ReadonlySet<string>> {
  const { stores, clock } = c.get('tools');
  const who = c.get('who');
  return new Set(who.is === 'person' ? await stores.rereads.heldBy(who.account.login, clock.now()) : []);
}

/** For a second reader it does not stand out whether a case was dismissed or referred. */
export function undecided(it: Case): Case {
  return { ...it, state: { is: 'open' } };
}

function termsOf(c: Desk, revision: number | undefined): ActTerms {
  return { revision, once: c.get('once') };
}

/** @param revision the one that the officer looked at; undefined to decide whatever stands there. */
export async function decideCase(
  c: Desk,
  id: CaseId,
  typed: TypedDecision,
  revision: number | undefined,
): Promise<Case> {
  const { stores, clock } = c.get('tools');
  const { login, role } = personOf(c);
  const act: Decision = { ...typed, by: login, isSenior: role === 'senior' };
  return stores.cases.decide(id, act, clock.now(), termsOf(c, revision));
}

export async function approveCase(c: Desk, id: CaseId, revision: number | undefined): Promise<Case> {
  const { stores, clock, isSecondLookBlind } = c.get('tools');
  const { login } = personOf(c);
  if (isSecondLookBlind)
    throw new DeskRefusedError(
      409,
      'look_blind',
      'Second looks are blind here: decide it as if you were the first.',
    );
  return stores.cases.approve(id, login, clock.now(), termsOf(c, revision));
}

/** An act without its officer. */
export type TypedAct = CaseAct extends infer A ? (A extends CaseAct ? Omit<A, 'by'> : never) : never;

export async function actOnCase(
  c: Desk,
  id: CaseId,
  typed: TypedAct,
  revision: number | undefined,
): Promise<Case> {
  const { stores, clock } = c.get('tools');
  const act = { ...typed, by: personOf(c).login } as CaseAct;
  return stores.cases.act(id, act, clock.now(), termsOf(c, revision));
}

/** Whether whoever asks looks second, and is not to know what was decided first. */
export function isBlindTo(c: Desk, it: Case): boolean {
  const who = c.get('who');
  if (!c.get('tools').isSecondLookBlind || it.state.is !== 'confirmed' || who.is !== 'person') return false;
  return isAllowed(who.account.role, 'case.approve') && !isSameOfficer(it.state.by, who.account.login);
}

/** Writes down that a case was looked at; a visitor of a demonstration leaves no trace. */
export async function noteLook(c: Desk, id: CaseId, kind: 'fetched' | 'viewed'): Promise<void> {
  const { stores, clock } = c.get('tools');
  const who = c.get('who');
  if (who.is === 'person') {
    await stores.log.look({ at: clock.now(), by: who.account.login, caseId: id, kind });
    if (kind === 'viewed') noteView(c, id);
  }
}

/**
 * Has the ledger tell that evidence was shown: a case that was opened, a capture, its picture or its page that went to
 * an officer's browser. What the browser keeps it does not ask for again; the case is told each time it is opened.
 */
export function noteView(c: Desk, what: string): void {
  const { stores, clock } = c.get('tools');
  const who = c.get('who');
  if (who.is === 'person') stores.custody.viewed(what, who.account.login, clock.now());
}

/** The same of what is no case: a ring, somebody behind one. @param why told with what was shown in clear. */
export async function noteSeen(
  c: Desk,
  kind: 'viewed' | 'searched' | 'revealed',
  what: string,
  why?: string,
): Promise<void> {
  const { stores, clock } = c.get('tools');
  const who = c.get('who');
  if (who.is !== 'person') return;
  await stores.log.saw({
    ...{ at: clock.now(), by: who.account.login, kind, what },
    ...(why === undefined ? {} : { why }),
  });
  noteView(c, what);
}

/** Somebody outside objects: no log-in, so it is counted by address. @throws DeskRefusedError */
export async function sendAppeal(
  c: Desk,
  typed: { readonly url: string; readonly words: string; readonly contact: string },
): Promise<Appeal> {
  const { stores, clock } = c.get('tools');
  const words = typed.words.trim();
  if (words.length < SHORTEST_APPEAL)
    throw new DeskRefusedError(422, 'too_short', `Write at least ${SHORTEST_APPEAL} characters.`);
  const url = typedUrl(typed.url);
  if (!(await stores.allowance.takes(`appeals ${callerAt(c)}`, MOST_LETTERS, clock.now())))
    throw new DeskRefusedError(429, 'throttled', 'Too many appeals came from this address.');
  const { lang } = c.get('words');
  const it = { url: url.href, words, contact: typed.contact.trim(), lang, subject: subjectOf(url) };
  return stores.appeals.send(it, clock.now());
}

const SHORTEST_APPEAL = 20;
/** Appeals, or tips, from one address in an hour. An office shares one; behind a proxy that is not named, all do. */
const MOST_LETTERS = 20;

function typedUrl(text: string): URL {
  try {
    return parseUrl(text);
  } catch (error) {
    if (error instanceof BadUrlError) throw new DeskRefusedError(422, 'bad_url', error.message);
    throw error;
  }
}

export async function judgeAppeal(
  c: Desk,
  code: string,
  typed: { readonly verdict: AppealOutcome; readonly reason: string },
): Promise<JudgedAppeal> {
  const { stores, clock } = c.get('tools');
  return stores.appeals.judge(code, { ...typed, by: personOf(c).login }, clock.now());
}

export async function logIn(c: Desk, login: string, password: string): Promise<LogIn> {
  const { stores, clock } = c.get('tools');
  const result = await stores.accounts.logIn({ login, password, address: callerAt(c), now: clock.now() });
  if (result.is === 'in') startSession(c, result.token);
  return result;
}

/** @throws DeskRefusedError unless there are no accounts yet and this is the token. */
export async function needFirstRun(c: Desk, token: string): Promise<void> {
  const { firstRun, stores } = c.get('tools');
  const isOpen =
    firstRun !== null && isSameSecret(token, firstRun.token) && (await stores.accounts.count()) === 0;
  if (!isOpen)
    throw new DeskRefusedError(403, 'not_allowed', 'The set-up link is not the right one, or was used.');
}

export function invitationLink(c: Desk, token: string): string {
  return `${ownOrigin(c)}/join?token=${token}`;
}

/** The desk's own address as the asker has it; its host name was checked at the door. */
export function ownOrigin(c: Desk): string {
  return `${c.get('tools').isSecure ? 'https' : 'http'}://${c.req.header('host') ?? ''}`;
}

export async function startScan(c: Desk, texts: readonly string[]): Promise<{ scan: string }> {
  const { scan } = c.get('tools').actions;
  if (scan === undefined) throw new DeskRefusedError(501, 'not_available', 'Scans cannot be started here.');
  try {
    return await scan(
      texts.map((text) => parseUrl(text).href),
      personOf(c).login,
    );
  } catch (error) {
    if (error instanceof BadUrlError) throw new DeskRefusedError(400, 'bad_request', error.message);
    throw error;
  }
}

/** Ends a scan before it is through; one that is stopped already stays as it is. @throws NoSuchScanError, DeskRefusedError */
export async function stopScan(c: Desk, id: string, reason: string): Promise<ScanSummary> {
  const { stores, clock } = c.get('tools');
  const is = await stores.visits.stopScan(id, { at: clock.now(), by: personOf(c).login, reason });
  if (is === 'ended') throw new DeskRefusedError(409, 'scan_ended', 'The scan is through already.');
  const scan = await stores.scans.get(id);
  if (scan === null) throw new NoSuchScanError(id);
  return scan;
}

/** Every source with its figures. */
export async function sourcesNow(c: Desk) {
  const { sources } = c.get('tools').stores;
  const all = await sources.list();
  return Promise.all(all.map(async (it) => ({ ...it, figures: await sources.figures(it.source.name) })));
}

/** @throws BadSourceError; DeskRefusedError when it would read a file of this machine, or go around DNS. */
export async function addSource(c: Desk, written: unknown) {
  const { stores, clock, actions } = c.get('tools');
  const source = readSource(written);
  const isFile = source.kind === 'feed' && !/^https?:\/\//i.test(source.from);
  const reaches = Object.keys(source.scan.resolve).length > 0 || source.scan.proxy !== null;
  if (isFile || reaches) {
    const what = isFile ? 'a file' : 'a way around DNS';
    throw new DeskRefusedError(
      422,
      'bad_request',
      `A source with ${what} is added by command on the machine.`,
    );
  }
  const is = await stores.sources.put(source, personOf(c).login, clock.now());
  await actions.syncSources?.();
  return { name: source.name, is };
}

export async function holdSource(c: Desk, name: string, isPaused: boolean): Promise<void> {
  const { stores, clock, actions } = c.get('tools');
  await stores.sources.pause(name, isPaused, personOf(c).login, clock.now());
  await actions.syncSources?.();
}

export async function runSourceNow(c: Desk, name: string): Promise<void> {
  const { stores, actions } = c.get('tools');
  await stores.sources.get(name);
  if (actions.runSource === undefined)
    throw new DeskRefusedError(501, 'not_available', 'Sources cannot be run here.');
  await actions.runSource(name);
}

/** Somebody outside sends an address: no log-in, so it is counted by address. @throws DeskRefusedError */
export async function sendTip(
  c: Desk,
  typed: { readonly url: string; readonly words: string; readonly contact: string },
): Promise<Tip> {
  const { stores, clock } = c.get('tools');
  const url = typedUrl(typed.url);
  if (!(await stores.allowance.takes(`tips ${callerAt(c)}`, MOST_LETTERS, clock.now())))
    throw new DeskRefusedError(429, 'throttled', 'Too many tips came from this address.');
  const sent = { url, words: typed.words.trim(), contact: typed.contact.trim(), via: 'desk' as const };
  return stores.tips.send({ ...sent, subject: subjectOf(url) }, clock.now());
}

/** Takes in a file of tips; an address that is none is refused alone. @throws DeskRefusedError */
export async function takeTips(
  c: Desk,
  text: string,
): Promise<{ readonly taken: number; readonly refused: { readonly url: string; readonly why: string }[] }> {
  const { stores, clock } = c.get('tools');
  const refused: { url: string; why: string }[] = [];
  let taken = 0;
  for (const { url: given, words, contact } of writtenTips(text)) {
    try {
      const url = parseUrl(given);
      const subject = subjectOf(url);
      await stores.tips.send({ url, words, contact, via: 'file', subject }, clock.now());
      taken += 1;
    } catch (error) {
      if (!(error instanceof BadUrlError)) throw error;
      refused.push({ url: given.slice(0, 200), why: error.facts.why });
    }
  }
  return { taken, refused };
}

function writtenTips(text: string): WrittenTip[] {
  try {
    return readTips(text);
  } catch (error) {
    if (error instanceof BadTipsError) throw new DeskRefusedError(422, 'bad_tips', error.message);
    throw error;
  }
}

/** Thanks the sender of a tip, or says what to look for next time; once. @throws DeskRefusedError */
export async function replyToTip(
  c: Desk,
  code: string,
  { is, words }: Pick<TipReply, 'is' | 'words'>,
): Promise<Tip> {
  const { stores, clock } = c.get('tools');
  if (is === 'feedback' && words.trim() === '')
    throw new DeskRefusedError(422, 'no_words', 'Say in words what to look for next time.');
  const by = personOf(c).login;
  const tip = await stores.tips.reply(code, { is, words: words.trim(), at: clock.now(), by });
  if (tip !== null) return tip;
  await tipAnswered(c, code);
  throw new DeskRefusedError(409, 'replied', 'Somebody replied to this tip before.');
}

export async function tipAnswered(c: Desk, code: string): Promise<Tip> {
  const tip = await c.get('tools').stores.tips.get(code);
  if (tip === null) throw new DeskRefusedError(404, 'not_found', 'There is no such tip.');
  return tip;
}

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/**
 * The picture of a capture, inert: nothing but PNG bytes, and told to be nothing but that.
 *
 * @param cache how a browser may keep it; a capture's own address always has the same bytes.
 */
export async function screenshot(
  c: Desk,
  captureId: string,
  of: 'window' | 'page',
  cache = 'max-age=31536000, immutable',
): Promise<Response> {
  const { stores, evidence } = c.get('tools');
  const found = await stores.captures.get(captureId);
  const sha256 = of === 'page' ? found?.capture.fullScreenshot : found?.capture.screenshot;
  if (sha256 === undefined || sha256 === null) {
    throw new DeskRefusedError(404, 'not_found', 'There is no such picture.');
  }
  const etag = `"${sha256}"`;
  const headers = {
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cache-Control': `private, ${cache}`,
    ETag: etag,
  };
  if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
  const bytes = await evidence.read(sha256);
  if (!PNG.every((byte, at) => bytes[at] === byte)) {
    throw new DeskRefusedError(404, 'not_found', 'What is kept as this picture is no PNG.');
  }
  return c.body(new Uint8Array(bytes), 200, { ...headers, 'Content-Type': 'image/png' });
}
