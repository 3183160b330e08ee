/**
 * What a visit makes of an address that is known: whether it must be sent again at all, what was found there beside
 * what was there before, and when to come back. Facts in, facts out; only `earlierPage` reads, of what is kept.
 */
import { comparePages } from '../classifiers/page-print.ts';
import type { Fetched, IfChanged } from '../crawler/fetch.ts';
import type { Assessment } from '../domain/assessment.ts';
import type { Capture } from '../domain/capture.ts';
import {
  type AskedBefore,
  afterAnswer,
  changeOf,
  nextInterval,
  nextLook,
  type PageState,
  stateWithoutPage,
  validatorsIn,
  validatorsToSend,
} from '../domain/revisit.ts';
import type { FailureReason } from '../domain/source.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from '../evidence/store.ts';
import type { WarcReference } from '../evidence/warc.ts';
import { responseOf, WarcDamagedError } from '../evidence/warc-read.ts';
import type { CaptureStore } from '../store/captures.ts';
import type { DueUrl } from '../store/frontier.ts';
import type { KnownAddress, NewLook } from '../store/known-addresses.ts';
import type { Visit } from '../store/lease.ts';
import type { LookStore } from '../store/looks.ts';

/** The page that was received before, when its server may be asked whether it changed. */
export interface EarlierPage {
  readonly captureId: string;
  readonly ifChanged: IfChanged;
  /** Where it is archived. */
  readonly response: WarcReference;
}

export interface EarlierTools {
  readonly captures: Pick<CaptureStore, 'get'>;
  readonly looks: Pick<LookStore, 'isOfCase'>;
  readonly evidence: Pick<EvidenceStore, 'read'>;
}

/**
 * Null when the page must be received whole: it is not known, not only looked at again, may be evidence, its server's
 * word is worth nothing, or what is kept of it cannot be read.
 */
export async function earlierPage(
  visit: Visit,
  due: DueUrl,
  tools: EarlierTools,
): Promise<EarlierPage | null> {
  const { known } = due;
  if (visit.settings.again !== true || visit.settings.render === 'always') return null;
  if (known === null || known.captureId === null) return null;
  if (validatorsToSend({ ...known, isOfCase: false }) === null) return null;
  const isOfCase = await tools.looks.isOfCase(known.captureId);
  const validators = validatorsToSend({ ...known, isOfCase });
  const page = validators === null ? null : await tools.captures.get(known.captureId);
  const url = page?.capture.hops.at(-1)?.url;
  if (validators === null || page == null || url === undefined) return null;
  const response = await archived(page.capture, url, tools.evidence);
  return response === null ? null : { captureId: known.captureId, ifChanged: { url, validators }, response };
}

async function archived(
  { warc }: Pick<Capture, 'warc'>,
  url: string,
  evidence: EarlierTools['evidence'],
): Promise<WarcReference | null> {
  try {
    return responseOf(await evidence.read(warc), url);
  } catch (cause) {
    const isLost =
      cause instanceof EvidenceMissingError ||
      cause instanceof EvidenceAlteredError ||
      cause instanceof WarcDamagedError;
    if (!isLost) throw cause;
    return null;
  }
}

/** What asking for an address came to. */
export type Seen =
  | SeenPage
  /** Its server was asked whether it changed, and said no; `warc` archives that. */
  | { readonly is: 'unchanged'; readonly warc: string }
  /** No page, for a reason that is the host's. */
  | {
      readonly is: 'nothing';
      readonly reason: FailureReason;
      readonly status: number | null;
      /** What a notice that came with an error says; null where there was none. */
      readonly away: Exclude<PageState, 'live' | 'gone' | 'unreachable'> | null;
    };

/** A page that came whole. */
export interface SeenPage {
  readonly is: 'page';
  readonly fetched: Pick<Fetched, 'status' | 'headers' | 'exchanges'>;
  readonly capture: Pick<Capture, 'id' | 'bodySha256' | 'renderReason'>;
  readonly assessment: Pick<Assessment, 'score' | 'verdict'>;
  readonly state: Exclude<PageState, 'gone' | 'unreachable'>;
  readonly print: Uint8Array;
  /** Of what a browser made of it; null when none did. */
  readonly seenPrint: Uint8Array | null;
}

interface At {
  readonly key: Buffer;
  readonly known: KnownAddress | null;
  readonly now: Date;
  /** The host is not asked before. */
  readonly hostRests: Date | null;
}

/** A look, and what is known after it; null where what was not asked for is called unchanged. */
export function lookAt(at: At, seen: Seen): NewLook | null {
  if (seen.is === 'page') return lookAtPage(at, seen);
  if (seen.is === 'nothing') return lookAtNothing(at, seen);
  return at.known === null ? null : lookAtUnchanged({ ...at, known: at.known }, seen.warc);
}

/** Whether what stands there is new as a whole, so that it should be followed like a site never seen. */
export function isAnew(
  known: KnownAddress | null,
  page: Pick<SeenPage, 'state' | 'print' | 'seenPrint'>,
): boolean {
  const change = changeOf(known, page.state, likenessOf(known, page)?.is ?? null);
  return change === 'first' || change === 'replaced' || change === 'revived';
}

function lookAtPage(at: At, page: SeenPage): NewLook {
  const { known } = at;
  const { fetched, capture, assessment, state } = page;
  const likeness = likenessOf(known, page);
  const change = changeOf(known, state, likeness?.is ?? null);
  const isSameBytes = known?.bodySha256 === capture.bodySha256;
  const isSamePage = likeness === null || likeness.is === 'same';
  const asked = fetched.exchanges.at(-1)?.requestHeaders.some(([name]) => name.startsWith('if-')) === true;
  const word = afterAnswer(known ?? NEVER_ASKED, {
    asked,
    is: isSameBytes ? 'same_bytes' : isSamePage ? 'same_page' : 'other_page',
    validators: validatorsIn(fetched.headers),
  });
  return ended(at, {
    state,
    change,
    status: fetched.status,
    reason: null,
    verdict: assessment.verdict,
    score: assessment.score,
    textAlike: likeness?.text ?? null,
    markupAlike: likeness?.markup ?? null,
    captureId: capture.id,
    warc: null,
    known: {
      ...word,
      risk: assessment.score,
      verdict: assessment.verdict,
      captureId: capture.id,
      bodySha256: capture.bodySha256,
      wasRendered: capture.renderReason !== null,
      // The last live page is what a page that comes back is compared with.
      print: state === 'live' ? page.print : (known?.print ?? null),
      seenPrint: state === 'live' ? page.seenPrint : (known?.seenPrint ?? null),
    },
  });
}

/** The server was asked whether the page changed, and said no. The page that is kept still holds; nothing new is. */
function lookAtUnchanged(at: At & { readonly known: KnownAddress }, warc: string): NewLook {
  const { known } = at;
  const word = afterAnswer(known, { asked: true, is: 'not_modified', validators: null });
  return ended(at, {
    state: known.state,
    change: 'same',
    status: 304,
    reason: null,
    verdict: known.verdict,
    score: known.risk,
    textAlike: null,
    markupAlike: null,
    captureId: known.captureId,
    warc,
    known: { ...known, ...word },
  });
}

/** No page came of it. */
function lookAtNothing(at: At, { reason, status, away }: Extract<Seen, { is: 'nothing' }>): NewLook {
  const { known } = at;
  const wasUnreachable = known?.state === 'unreachable' || known?.state === 'gone';
  const state = away ?? stateWithoutPage(reason, status, wasUnreachable);
  return ended(at, {
    state,
    change: changeOf(known, state, null),
    status,
    reason,
    verdict: null,
    score: null,
    textAlike: null,
    markupAlike: null,
    captureId: null,
    warc: null,
    known: known ?? NOTHING_KNOWN,
  });
}

const NEVER_ASKED: AskedBefore = { validators: null, notModified: 0, wasted: 0, lies: 0 };

type Remembered = Omit<KnownAddress, 'firstAt' | 'lastAt' | 'intervalSeconds' | 'state' | 'settled'>;

const NOTHING_KNOWN: Remembered = {
  ...NEVER_ASKED,
  risk: 0,
  verdict: null,
  captureId: null,
  bodySha256: null,
  wasRendered: false,
  print: null,
  seenPrint: null,
};

type Found = Omit<NewLook['look'], 'at' | 'intervalSeconds'> & { readonly known: Remembered };

/** What both kinds of look end with: how long until the next. */
function ended({ key, known, now, hostRests }: At, { known: remembered, ...look }: Found): NewLook {
  const firstAt = known?.firstAt ?? now;
  const intervalSeconds = nextInterval({
    state: look.state,
    change: look.change,
    risk: remembered.risk,
    ageSeconds: secondsBetween(firstAt, now),
    before: known?.intervalSeconds ?? null,
    elapsedSeconds: secondsBetween(known?.lastAt ?? now, now),
  });
  const spread = key.length < 2 ? 0 : key.readUInt16BE(0) / 0xffff;
  return {
    look: { ...look, at: now, intervalSeconds },
    known: {
      ...remembered,
      firstAt,
      lastAt: now,
      state: look.state,
      settled: look.state === 'unreachable' ? (known?.settled ?? null) : look.state,
      intervalSeconds,
    },
    ...nextLook(now, intervalSeconds, spread, hostRests),
  };
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
}

/** Like with like: what a browser showed both times, else what was sent; null where nothing was kept. */
function likenessOf(known: KnownAddress | null, page: Pick<SeenPage, 'state' | 'print' | 'seenPrint'>) {
  if (known === null || page.state !== 'live') return null;
  if (known.seenPrint !== null && page.seenPrint !== null) {
    return comparePages(known.seenPrint, page.seenPrint);
  }
  return known.print === null ? null : comparePages(known.print, page.print);
}
