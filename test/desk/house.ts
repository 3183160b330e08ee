/** A desk on a store in memory, with made-up cases in it: what the tests and the pictures of the screens look at. */
import { createHash, randomUUID } from 'node:crypto';
import { type Desk, type DeskOptions, startDesk } from '../../desk/server.ts';
import type { Assessment, Label, Signal } from '../../domain/assessment.ts';
import type { Capture } from '../../domain/capture.ts';
import type { Case, Subject } from '../../domain/case.ts';
import type { CloakCheck } from '../../domain/cloak-check.ts';
import type { Look } from '../../domain/history.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { canonicalUrl, siteOf } from '../../domain/url.ts';
import { siteFactsBytes } from '../../evidence/site-facts.ts';
import { type AccountStore, accountStore, type Role } from '../../store/accounts.ts';
import { type Allowance, allowanceStore } from '../../store/allowance.ts';
import { type AppealStore, appealStore } from '../../store/appeals.ts';
import { type BatchStore, batchStore } from '../../store/batches.ts';
import { type CaptureStore, captureStore, type PageRow } from '../../store/captures.ts';
import { type CaseStore, caseStore } from '../../store/cases.ts';
import { type CloakCheckStore, cloakCheckStore } from '../../store/cloak-checks.ts';
import { type CustodyStore, custodyStore } from '../../store/custody.ts';
import type { Database } from '../../store/database.ts';
import { type DeskLog, deskLog } from '../../store/desk-log.ts';
import { type EndpointStore, endpointStore } from '../../store/endpoints.ts';
import { type FeedbackStore, feedbackStore } from '../../store/feedback.ts';
import { type HandoverStore, handoverStore } from '../../store/handovers.ts';
import type { NewLook } from '../../store/known-addresses.ts';
import { type LookalikeStore, lookalikeStore } from '../../store/lookalikes.ts';
import { type MarketStore, marketStore } from '../../store/market.ts';
import { type OnceStore, onceStore } from '../../store/once.ts';
import { openDatabase } from '../../store/open.ts';
import { type OverrideStore, overrideStore } from '../../store/overrides.ts';
import { type PassageStore, passageStore } from '../../store/passages.ts';
import { type QueueStore, queueStore } from '../../store/queue.ts';
import { type RecheckStore, recheckStore } from '../../store/rechecks.ts';
import { type RereadStore, rereadStore } from '../../store/rereads.ts';
import { type RingViews, ringViews } from '../../store/ring-views.ts';
import { type ScanViews, scanViews } from '../../store/scan-views.ts';
import { type SourceStore, sourceStore } from '../../store/sources.ts';
import { type StatisticsStore, statisticsStore } from '../../store/statistics.ts';
import { type TenantStore, tenantStore } from '../../store/tenants.ts';
import { type TipStore, tipStore } from '../../store/tips.ts';
import { type VisitStore, visitStore } from '../../store/visits.ts';
import { type WaysInStore, waysInStore } from '../../store/ways-in.ts';
import { siteFacts } from '../exports/samples.ts';

export interface House {
  readonly database: Database;
  readonly stores: {
    readonly cases: CaseStore;
    readonly queue: QueueStore;
    readonly log: DeskLog;
    readonly custody: CustodyStore;
    readonly lookalikes: LookalikeStore<never>;
    readonly captures: CaptureStore;
    readonly batches: BatchStore;
    readonly passages: PassageStore;
    readonly handovers: HandoverStore;
    readonly rechecks: RecheckStore;
    readonly rereads: RereadStore;
    readonly cloakChecks: CloakCheckStore;
    readonly appeals: AppealStore;
    readonly overrides: OverrideStore;
    readonly accounts: AccountStore;
    readonly allowance: Allowance;
    readonly once: OnceStore;
    readonly waysIn: WaysInStore;
    readonly visits: VisitStore;
    readonly scans: ScanViews;
    readonly sources: SourceStore;
    readonly tips: TipStore;
    readonly statistics: StatisticsStore;
    readonly rings: RingViews;
    readonly marks: MarketStore;
    readonly endpoints: EndpointStore;
    readonly feedback: FeedbackStore;
    readonly tenants: TenantStore;
  };
  /** Keeps bytes and gives their name. */
  keep(bytes: Uint8Array): string;
  readonly evidence: { read(sha256: string): Promise<Uint8Array> };
  /** Stands still until it is moved. */
  readonly clock: { now(): Date; move(seconds: number): void };
  open(options?: Partial<DeskOptions>): Promise<Desk>;
  close(): Promise<void>;
}

/** @param url of an empty PostgreSQL; null for a store in memory. */
export async function openHouse(
  startsAt = new Date('2026-11-20T04:30:00Z'),
  url: string | null = null,
): Promise<House> {
  const database = await openDatabase(url === null ? { memory: true } : { url });
  const stores = {
    cases: caseStore(database),
    queue: queueStore(database),
    log: deskLog(database),
    custody: custodyStore(database),
    lookalikes: lookalikeStore<never>(database),
    captures: captureStore(database),
    batches: batchStore(database),
    passages: passageStore(database),
    handovers: handoverStore(database),
    rechecks: recheckStore(database),
    rereads: rereadStore(database),
    cloakChecks: cloakCheckStore(database),
    appeals: appealStore(database),
    overrides: overrideStore(database),
    accounts: accountStore(database),
    allowance: allowanceStore(database),
    once: onceStore(database),
    waysIn: waysInStore(database),
    visits: visitStore(database),
    scans: scanViews(database),
    sources: sourceStore(database),
    tips: tipStore(database),
    statistics: statisticsStore(database),
    rings: ringViews(database),
    marks: marketStore(database),
    endpoints: endpointStore(database),
    feedback: feedbackStore(database),
    tenants: tenantStore(database),
  };
  const blobs = new Map<string, Uint8Array>();
  const evidence = {
    read: async (sha256: string) => {
      const bytes = blobs.get(sha256);
      if (bytes === undefined) throw new Error(`No blob ${sha256}`);
      return bytes;
    },
  };
  let now = startsAt.getTime();
  const clock = {
    now: () => new Date(now),
    move: (seconds: number) => {
      now += seconds * 1000;
    },
  };
  const desks: Desk[] = [];
  return {
    database,
    stores,
    evidence,
    clock,
    keep: (bytes) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      blobs.set(sha256, bytes);
      return sha256;
    },
    open: async (options = {}) => {
      const desk = await startDesk({ stores, evidence, clock, port: 0, ...options });
      desks.push(desk);
      return desk;
    },
    close: async () => {
      for (const desk of desks) await desk.close();
      await stores.custody.flush();
      await database.close();
    },
  };
}

export const PASSWORD = 'correct horse battery';

export async function hire(house: House, login: string, role: Role, name = login): Promise<void> {
  await house.stores.accounts.add({ login, name, role }, PASSWORD, house.clock.now());
}

export interface SeenPage {
  readonly url: string;
  readonly title: string;
  readonly text: string;
  readonly score: number;
  readonly signals: readonly Signal[];
  /** PNG of the window. */
  readonly picture: Uint8Array | null;
  readonly hops?: Capture['hops'];
  readonly lang?: string;
  /** What the visit found of the address, beside what was known of it. */
  readonly look?: Pick<Look, 'change' | 'textAlike'>;
  /** What a visitor with a telephone was shown instead. */
  readonly cloaked?: { readonly title: string; readonly text: string };
}

export function signal(family: string, excerpt: string, contribution: number, criterion = 'none'): Signal {
  return { id: `${family}.example`, family, criterion, excerpt, contribution };
}

/** Visits a made-up site, captures its pages and opens its case, all through the stores. */
export async function see(house: House, label: Label, pages: readonly SeenPage[]): Promise<Case> {
  const { stores, clock } = house;
  const seeds = pages.map(({ url }) => new URL(url));
  const host = seeds[0]!.hostname;
  const subject: Subject = { kind: 'site', key: siteOf(host) };
  const settings = { ...DEFAULT_SETTINGS, delaySeconds: 0 };
  await stores.visits.startScan({
    id: randomUUID(),
    visitIds: randomUUID,
    seeds,
    refusals: [],
    settings,
    now: clock.now(),
  });
  const visit = (await stores.visits.claim(host, randomUUID(), clock.now()))!;
  const captureIds: string[] = [];
  for (let due = await stores.visits.nextDue(visit); due !== null; due = await stores.visits.nextDue(visit)) {
    const page = pages.find(({ url }) => canonicalUrl(new URL(url)) === due?.url)!;
    const id = randomUUID();
    captureIds.push(id);
    clock.move(7);
    const capture = captured(house, id, visit.id, due.url, page);
    const row = { subject, title: page.title, text: page.text, assessment: assessed(label, page) };
    await stores.visits.finish(visit, due, {
      outcome: { is: 'captured', captureId: id },
      captured: {
        ...{ capture, page: row, listings: [] },
        cloaking: page.cloaked === undefined ? null : cloaking(house, capture, row, page.cloaked),
      },
      look: page.look === undefined ? null : lookAt(capture, page, page.look),
      found: [],
      host: { nextAt: null, politeness: {}, robots: null },
    });
  }
  await stores.visits.close(visit, clock.now());
  const score = Math.max(...pages.map((page) => page.score));
  const reasons = pages[0]!.signals.slice(0, 8);
  const seen = { label, signals: reasons.map(({ id }) => id).sort(), sketch: [] };
  return stores.cases.sight(subject, { label, score, seen, reasons }, captureIds, clock.now());
}

/** A telephone is shown another page, and is told so; a plain browser is turned away. */
function cloaking(house: House, capture: Capture, row: PageRow, shown: NonNullable<SeenPage['cloaked']>) {
  const body = new TextEncoder().encode(shown.text);
  const variant: Capture = {
    ...{ ...capture, id: randomUUID(), profile: 'mobile', screenshot: null },
    ...{ bodySha256: house.keep(body), bodyBytes: body.length },
  };
  const none = { captureId: null, finalUrl: null, text: null, structure: null, anchors: null, by: null };
  const check: CloakCheck = {
    ...{ captureId: capture.id, why: 'flagged', at: capture.capturedAt, finding: 'cloaked' },
    readings: [
      { ...none, profile: 'desktop', finding: 'blocked', detail: 'HTTP 403' },
      {
        ...{ profile: 'mobile', finding: 'cloaked', captureId: variant.id, finalUrl: capture.finalUrl },
        ...{ text: 0.08, structure: 0.2, anchors: 0, by: 'profile', detail: null },
      },
    ],
  };
  return { check, variants: [{ capture: variant, page: { ...row, ...shown } }] };
}

const DAY_MS = 86_400_000;

function lookAt(
  { id, capturedAt, bodySha256 }: Capture,
  { score }: SeenPage,
  { change, textAlike }: NonNullable<SeenPage['look']>,
): NewLook {
  const dueAt = new Date(capturedAt.getTime() + DAY_MS);
  return {
    look: {
      ...{
        at: capturedAt,
        state: 'live',
        change,
        status: 200,
        reason: null,
        verdict: 'flag',
        score,
        textAlike,
      },
      ...{ markupAlike: textAlike, intervalSeconds: DAY_MS / 1000, captureId: id, warc: null },
    },
    known: {
      ...{
        state: 'live',
        settled: 'live',
        firstAt: capturedAt,
        lastAt: capturedAt,
        risk: score,
        verdict: 'flag',
      },
      ...{ intervalSeconds: DAY_MS / 1000, captureId: id, bodySha256, wasRendered: false, print: null },
      ...{ seenPrint: null, validators: null, notModified: 0, wasted: 0, lies: 0 },
    },
    ...{ dueAt, lookBy: dueAt },
  };
}

function captured(house: House, id: string, visitId: string, url: string, page: SeenPage): Capture {
  const body = new TextEncoder().encode(page.text);
  return {
    id,
    visitId,
    url,
    finalUrl: url,
    capturedAt: house.clock.now(),
    status: 200,
    mediaType: 'text/html; charset=utf-8',
    peer: '198.18.0.7:443',
    bodySha256: house.keep(body),
    bodyBytes: body.length,
    warc: createHash('sha256').update(id).digest('hex'),
    screenshot: page.picture === null ? null : house.keep(page.picture),
    fullScreenshot: null,
    dom: null,
    renderReason: page.picture === null ? null : 'evidence',
    hops: page.hops ?? [{ url, status: 200, location: null }],
    facts: house.keep(siteFactsBytes(siteFacts(new URL(url).hostname))),
  };
}

function assessed(label: Label, page: SeenPage): Assessment {
  return {
    lang: page.lang ?? 'ru',
    label,
    score: page.score,
    verdict: 'flag',
    abstainReason: null,
    scores: { [label]: page.score, legit: 1 - page.score },
    signals: page.signals,
    model: 'kuzet-linear 0.1.0',
  };
}

/** 1 x 1 PNG, for tests that need any picture. */
export const DOT = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);
