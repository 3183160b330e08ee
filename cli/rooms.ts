/** Opens the rooms a command needs, each once and only when asked for, and closes what was opened. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Logger, pino } from 'pino';
import { readBrands } from '../classifiers/brands.ts';
import { loadPairModel } from '../classifiers/duplicates/pair-model.ts';
import type { SitePrint } from '../classifiers/lookalike-sites.ts';
import { type Model, ModelUnreadableError } from '../classifiers/model.ts';
import type { Config } from '../config.ts';
import { resolveBySystem } from '../crawler/dial.ts';
import type { Crawler } from '../crawler/lanes.ts';
import type { Printing } from '../crawler/print.ts';
import { evidenceKey } from '../evidence/keys.ts';
import { openEvidence } from '../evidence/open.ts';
import { localSigner, ncanodeSigner, noSigner, type Signer } from '../evidence/signers.ts';
import { httpAuthority } from '../evidence/stamp.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import { institutionOf } from '../exports/overblock/institutions.ts';
import { platformOf, subjectOf } from '../exports/overblock/platforms.ts';
import { type PopularSites, popularSites, SHIPPED } from '../exports/overblock/popular.ts';
import type { AftercareTools } from '../queues/aftercare.ts';
import { carrierTo } from '../queues/carriers/open.ts';
import { systemClock } from '../queues/clock.ts';
import { openQueues, type Queues } from '../queues/connection.ts';
import type { DispatchTools } from '../queues/dispatch.ts';
import { type Judge, type JudgedBy, judgeInThread } from '../queues/judge.ts';
import type { KeepTools } from '../queues/keep.ts';
import type { ReindexTools } from '../queues/market/reindex.ts';
import { snapshotFolder } from '../queues/market/snapshots.ts';
import { mail, webhook } from '../queues/messengers.ts';
import { openRiver, type River } from '../queues/pipeline.ts';
import type { ReissueTools } from '../queues/reissue.ts';
import type { RevisitTools } from '../queues/revisit.ts';
import type { TellTools } from '../queues/tell.ts';
import type { VisitTools } from '../queues/visit.ts';
import type { WatchTools } from '../queues/watch.ts';
import type { WeighTools } from '../queues/weigh.ts';
import { type AppealStore, appealStore } from '../store/appeals.ts';
import { type BatchStore, batchStore } from '../store/batches.ts';
import { type CaptureStore, captureStore } from '../store/captures.ts';
import { type CaseStore, caseStore } from '../store/cases.ts';
import { cloakCheckStore } from '../store/cloak-checks.ts';
import { type CustodyStore, custodyStore } from '../store/custody.ts';
import type { Database } from '../store/database.ts';
import { faultStore } from '../store/faults.ts';
import { handoverStore } from '../store/handovers.ts';
import { type LedgerStore, ledgerStore } from '../store/ledger.ts';
import { listingStore } from '../store/listings.ts';
import { type LookalikeStore, lookalikeStore } from '../store/lookalikes.ts';
import { type LookStore, lookStore } from '../store/looks.ts';
import { messageStore } from '../store/messages.ts';
import { type ModelStore, modelStore } from '../store/models.ts';
import { type OnceStore, onceStore } from '../store/once.ts';
import { openDatabase } from '../store/open.ts';
import { type OverrideStore, overrideStore } from '../store/overrides.ts';
import { type PassageStore, passageStore } from '../store/passages.ts';
import { type PauseStore, pauseStore } from '../store/pause.ts';
import { recheckStore } from '../store/rechecks.ts';
import { reissueStore } from '../store/reissues.ts';
import { renderLessonStore } from '../store/render-lessons.ts';
import { type RetentionStore, retentionStore } from '../store/retention.ts';
import { type ReviewStore, reviewStore } from '../store/reviews.ts';
import { type SourceStore, sourceStore } from '../store/sources.ts';
import { type StampStore, stampStore } from '../store/stamps.ts';
import { type TipStore, tipStore } from '../store/tips.ts';
import { type VisitStore, visitStore } from '../store/visits.ts';
import { waczStore } from '../store/waczs.ts';
import { type MarketRooms, openMarketRooms } from './market-rooms.ts';
import { type ModelShelf, modelShelf } from './model-shelf.ts';
import { openFactSources } from './site-facts.ts';

export interface Rooms {
  readonly config: Config;
  readonly log: Logger;
  readonly database: Database;
  readonly evidence: EvidenceStore;
  readonly visits: VisitStore;
  readonly captures: CaptureStore;
  readonly cases: CaseStore;
  readonly batches: BatchStore;
  readonly overrides: OverrideStore;
  readonly passages: PassageStore;
  readonly appeals: AppealStore;
  readonly ledger: LedgerStore;
  readonly stamps: StampStore;
  readonly retention: RetentionStore;
  readonly once: OnceStore;
  readonly custody: CustodyStore;
  readonly pauses: PauseStore;
  readonly sources: SourceStore;
  readonly tips: TipStore;
  readonly looks: LookStore;
  /** Folder of finished batch files. */
  readonly batchFolder: string;
  queues(): Promise<Queues>;
  river(): Promise<River>;
  crawler(): Promise<Crawler>;
  /** What judges now, and what stands in its shadow; looked up anew each time, loaded once each. */
  models(): Promise<{
    readonly model: Model;
    readonly shadow: Model | null;
    readonly judgedBy: JudgedBy;
  }>;
  /** Reads and assesses pages in a thread of its own. */
  judge(): Promise<Judge>;
  readonly shelf: ModelShelf;
  readonly modelRows: ModelStore;
  readonly reviews: ReviewStore;
  readonly lookalikes: LookalikeStore<SitePrint>;
  /** All listings and their rings; the index is made when it is first asked for. */
  market(): Promise<MarketRooms>;
  reindexTools(): Promise<ReindexTools>;
  visitTools(): Promise<VisitTools>;
  keepTools(): KeepTools;
  aftercareTools(): AftercareTools;
  dispatchTools(): DispatchTools;
  reissueTools(): ReissueTools & DispatchTools;
  weighTools(): WeighTools;
  watchTools(): Promise<WatchTools>;
  tellTools(): TellTools;
  /** Null where nothing is looked at again by itself. */
  revisitTools(): RevisitTools | null;
  close(): Promise<void>;
}

/**
 * @param connections to a database server, at most; what a desk and its workers need when absent.
 * @throws StoreInUseError when another process owns the embedded store.
 */
export async function openRooms(config: Config, connections?: number): Promise<Rooms> {
  const log = openLog(config);
  const database = await openDatabase(
    config.databaseUrl === null ? { folder: join(config.home, 'store') } : { url: config.databaseUrl },
    connections,
  );
  const evidence = await openEvidence(config.evidence.place, evidenceOptions(config)).catch(async (cause) => {
    await database.close();
    throw cause;
  });
  const visits = visitStore(database);
  const captures = captureStore(database);
  // No officer can foresee which decision is drawn.
  const lot = () => randomInt(1_000_000) / 1_000_000;
  const cases = caseStore(database, { share: config.rereadShare, lot });
  const stamps = stampStore(database);

  let queues: Promise<Queues> | null = null;
  let crawler: Promise<Crawler> | null = null;
  let judge: Promise<Judge> | null = null;
  const shelf = modelShelf(join(config.home, 'models'));
  const modelRows = modelStore(database);
  const reviews = reviewStore(database);
  const lookalikes = lookalikeStore<SitePrint>(database);
  const popular = popularOf(config);
  let river: Promise<River> | null = null;
  let market: Promise<MarketRooms> | null = null;

  const rooms: Rooms = {
    config,
    log,
    database,
    evidence,
    visits,
    captures,
    cases,
    batches: batchStore(database),
    overrides: overrideStore(database),
    passages: passageStore(database),
    appeals: appealStore(database),
    ledger: ledgerStore(database),
    stamps,
    retention: retentionStore(database),
    once: onceStore(database),
    custody: custodyStore(database, (err) => log.error({ err }, 'who looked at evidence was not told')),
    pauses: pauseStore(database),
    sources: sourceStore(database),
    tips: tipStore(database),
    looks: lookStore(database),
    batchFolder: join(config.home, 'batches'),
    queues() {
      queues ??= openQueues({
        database,
        onError: (cause) => log.warn({ why: cause.message }, 'the queue lost its engine for a while'),
        ...(config.redisUrl === null ? {} : { redisUrl: config.redisUrl }),
      });
      return queues;
    },
    river() {
      river ??= rooms.queues().then((opened) => openRiver(opened, visits, log));
      return river;
    },
    crawler() {
      crawler ??= openCrawler(config, log);
      return crawler;
    },
    shelf,
    modelRows,
    reviews,
    lookalikes,
    async models() {
      const { current, shadow } = await modelRows.serving();
      const model = shelf.load(current);
      const candidate = shadow === null ? null : shadowOf(shadow, shelf, log);
      const judgedBy = {
        model: shelf.placeOf(current).href,
        shadow: candidate === null ? null : shelf.placeOf(shadow).href,
      };
      return { model, shadow: candidate, judgedBy };
    },
    judge() {
      judge ??= judgeInThread();
      return judge;
    },
    market() {
      market ??= openMarketRooms(config, database, rooms.queues, log);
      return market;
    },
    async reindexTools() {
      const folder = join(config.home, 'market');
      const { market, key } = await rooms.market();
      return {
        market,
        key,
        listings: listingStore(database),
        pairModel: loadPairModel(),
        snapshots: snapshotFolder(folder),
        drafts: snapshotFolder(join(folder, 'drafts')),
        clock: systemClock,
      };
    },
    async visitTools() {
      return {
        visits,
        captures,
        cases,
        listings: listingStore(database),
        market: async () => (await rooms.market()).market,
        evidence,
        crawler: await rooms.crawler(),
        judge: await rooms.judge(),
        models: rooms.models,
        reviews,
        lookalikes,
        looks: rooms.looks,
        cloakChecks: cloakCheckStore(database),
        renderLessons: renderLessonStore(database),
        kzProxy: config.kzProxy,
        subjectOf,
        software: `kuzet/${config.version}`,
        factSources: await openFactSources(config, await rooms.crawler()),
        clock: systemClock,
        log,
      };
    },
    keepTools() {
      return {
        evidence,
        waczs: waczStore(database),
        stamps,
        ledger: rooms.ledger,
        authorities: config.timeAuthorities.map((url) => httpAuthority(url)),
        retention: rooms.retention,
        once: rooms.once,
        key: () => evidenceKey(join(config.home, 'keys', 'evidence.pem')),
        software: `kuzet/${config.version}`,
        clock: systemClock,
        log,
      };
    },
    aftercareTools() {
      return {
        passages: rooms.passages,
        rechecks: recheckStore(database),
        faults: faultStore(database),
        cases,
        captures,
        visits,
        subjectOf,
        sweep: async () => (await rooms.river()).sweep(),
        clock: systemClock,
        log,
      };
    },
    dispatchTools() {
      const { org, version, publicUrl, refer } = config;
      return {
        batches: rooms.batches,
        captures,
        overrides: rooms.overrides,
        evidence,
        folder: rooms.batchFolder,
        org,
        software: { name: 'kuzet', version },
        clock: systemClock,
        signer: signerOf(config),
        authorities: rooms.keepTools().authorities,
        print: (pages, at) => print(config, pages, at),
        archive: rooms.keepTools(),
        appealUrl: publicUrl === null ? null : new URL('/appeal', publicUrl).href,
        popular,
        handovers: handoverStore(database),
        passages: rooms.passages,
        carrier: refer.to === null ? null : carrierTo(refer.to, () => systemClock.now()),
        plan: { times: refer.at, by: refer.by },
        log,
      };
    },
    reissueTools() {
      return { ...rooms.dispatchTools(), reissues: reissueStore(database) };
    },
    weighTools() {
      return { ...rooms.dispatchTools(), cases, overrides: rooms.overrides };
    },
    async watchTools() {
      const { sources, tips } = rooms;
      return {
        sources,
        tips,
        visits,
        evidence,
        crawler: await rooms.crawler(),
        brands: readBrands(),
        lookup: resolveBySystem,
        isKnownGood: (url) => platformOf(url.hostname) !== null || institutionOf(url.hostname) !== null,
        clock: systemClock,
        log,
      };
    },
    tellTools() {
      const { webhook: hook, mail: post } = config.tell;
      return {
        messages: messageStore(database),
        cases,
        appeals: rooms.appeals,
        handovers: handoverStore(database),
        faults: faultStore(database),
        messengers: [
          ...(hook === null ? [] : [webhook(hook.url, hook.secret, () => systemClock.now())]),
          ...(post === null ? [] : [mail(post.url, post.from, post.to)]),
        ],
        lang: config.lang,
        deskUrl: config.publicUrl,
        clock: systemClock,
        log,
      };
    },
    revisitTools() {
      if (config.revisits.mostADay === 0) return null;
      const sweep = async () => (await rooms.river()).sweep();
      return { looks: rooms.looks, ...config.revisits, sweep, clock: systemClock };
    },
    async close() {
      await rooms.custody.flush();
      if (crawler !== null) await (await crawler).close();
      await (await judge?.catch(() => null))?.close();
      if (queues !== null) await (await queues).close();
      await database.close();
    },
  };
  return rooms;
}

/** The operator's own list, read when it is first asked for, in place of the one that ships. */
function popularOf({ popular }: Pick<Config, 'popular'>): () => PopularSites {
  let sites: PopularSites | null = popular === null ? SHIPPED : null;
  return () => {
    sites ??= popularSites(readFileSync(popular!, 'utf8'), basename(popular!));
    return sites;
  };
}

/** The same for every place that evidence is in or is copied to. */
export function evidenceOptions({ evidence, diskReserveBytes }: Config) {
  const { endpoint, region, lockDays } = evidence;
  return { endpoint, region, lockDays, reserveBytes: diskReserveBytes };
}

function signerOf({ sign }: Config): Signer {
  if (sign === null) return noSigner;
  return sign.is === 'local' ? localSigner(sign) : ncanodeSigner(sign);
}

/** A candidate that this machine cannot read costs no visit: its judgements are missing, and the log says so. */
function shadowOf(name: string, shelf: ModelShelf, log: Logger): Model | null {
  try {
    return shelf.load(name);
  } catch (cause) {
    if (!(cause instanceof ModelUnreadableError)) throw cause;
    log.warn({ model: name, why: cause.message }, 'the model in the shadow cannot be read');
    return null;
  }
}

/** Crawlee and Playwright take a while to load, so only those who visit pay for it. */
async function openCrawler(config: Config, log: Logger): Promise<Crawler> {
  const { createCrawler } = await import('../crawler/lanes.ts');
  const crawler = await createCrawler({
    version: config.version,
    contact: config.contact,
    chromium: config.chromium,
    fetchesAtOnce: config.hostsAtOnce,
    rendersAtOnce: config.rendersAtOnce,
    evidenceChromium: config.evidenceChromium,
  });
  const { evidenceBrowser } = crawler;
  if (evidenceBrowser?.is === 'none')
    log.warn({ why: evidenceBrowser.why }, 'another browser takes evidence');
  return crawler;
}

/** Playwright takes a while to load, so only those who print pay for it. */
export async function print({ chromium }: Config, pages: readonly string[], at: Date): Promise<Printing> {
  const { printPages } = await import('../crawler/print.ts');
  return printPages(pages, at, { chromium });
}

function openLog(config: Config): Logger {
  return pino({ level: config.log, base: { app: 'kuzet' } }, pino.destination({ fd: 2, sync: true }));
}
