/** What `kuzet serve` runs: workers and the officers' desk over open rooms, until it is stopped. */
import { randomBytes } from 'node:crypto';
import { oidcDoor } from '../desk/oidc.ts';
import { type DeskOptions, startDesk } from '../desk/server.ts';
import { DEFAULT_SETTINGS } from '../domain/source.ts';
import { systemClock } from '../queues/clock.ts';
import { addressHistory } from '../queues/history.ts';
import { type MarketWork, startMarket } from '../queues/market/worker.ts';
import { startUpkeep } from '../queues/upkeep.ts';
import { askRun, startWatch, syncSchedules } from '../queues/watch.ts';
import { askOverride, weighedFindings } from '../queues/weigh.ts';
import { accountStore } from '../store/accounts.ts';
import { allowanceStore } from '../store/allowance.ts';
import { cloakCheckStore } from '../store/cloak-checks.ts';
import { foldCounts } from '../store/counts.ts';
import { deskLog } from '../store/desk-log.ts';
import { endpointStore } from '../store/endpoints.ts';
import { feedbackStore } from '../store/feedback.ts';
import { houseFigures } from '../store/figures.ts';
import { handoverStore } from '../store/handovers.ts';
import { lookalikeStore } from '../store/lookalikes.ts';
import { marketStore } from '../store/market.ts';
import { queueStore } from '../store/queue.ts';
import { recheckStore } from '../store/rechecks.ts';
import { rereadStore } from '../store/rereads.ts';
import { ringViews } from '../store/ring-views.ts';
import { ringStore } from '../store/rings.ts';
import { scanViews } from '../store/scan-views.ts';
import { statisticsStore } from '../store/statistics.ts';
import { tenantStore } from '../store/tenants.ts';
import { waysInStore } from '../store/ways-in.ts';
import { needOfficer } from './asked.ts';
import { batchActions } from './batch-actions.ts';
import type { Around } from './command.ts';
import { localOperations } from './operations.ts';
import type { Rooms } from './rooms.ts';
import { showWork } from './watching.ts';

export async function serve(
  rooms: Rooms,
  part: 'workers' | 'desk' | undefined,
  port: number,
  around: Around,
): Promise<void> {
  const { io, signal } = around;
  const hasWorkers = part !== 'desk';
  // The desk first: a port that is taken should be said before any site is asked.
  const desk = part === 'workers' ? null : await openDesk(rooms, { port, hasWorkers }, around);
  let worker: { close(): Promise<void> } | null = null;
  try {
    if (hasWorkers) worker = await startWorkers(rooms, around);
    if (desk !== null) say(io, { event: 'desk', url: desk.url }, `Desk: ${desk.url}`);
    if (rooms.database.engine === 'pglite') {
      say(
        io,
        { event: 'embedded' },
        'The store is the embedded one: for a trial. It survives a killed process, not a power cut; DATABASE_URL moves it to PostgreSQL.',
      );
    }
    await untilStopped(signal);
  } finally {
    await desk?.close();
    await worker?.close();
  }
}

/** Resolves when the command is told to end. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function startWorkers(rooms: Rooms, { io, config }: Around): Promise<{ close(): Promise<void> }> {
  // Said before any site is asked, and not at nine in the morning.
  if (config.refer.at.length > 0) await needOfficer(rooms, config.refer.by, 'batch.build');
  const tools = await rooms.visitTools();
  const { browser } = tools.crawler;
  const river = await rooms.river();
  const worker = river.work(tools, config.hostsAtOnce);
  const keeper = await river.keep(rooms.keepTools());
  const upkeep = await startUpkeep(await rooms.queues(), {
    ...tools,
    aftercare: rooms.aftercareTools(),
    dispatch: rooms.dispatchTools(),
    tell: rooms.tellTools(),
    revisit: rooms.revisitTools(),
    modelRows: rooms.modelRows,
    wake: (now) => rooms.cases.wake(now),
    count: () => foldCounts(rooms.database),
    forget: (now) => marketStore(rooms.database).forget(now),
  });
  const market = await startMarket(await rooms.queues(), marketWork(rooms), {
    clock: systemClock,
    log: rooms.log,
  });
  const watch = await startWatch(await rooms.queues(), await rooms.watchTools(), () => river.sweep());
  await river.sweep();
  const seen =
    browser.is === 'ready'
      ? `${browser.name} ${browser.version}`
      : `no browser (${browser.why}): pages over HTTP only`;
  say(
    io,
    { event: 'working', browser },
    `Working on up to ${config.hostsAtOnce} hosts at a time, with ${seen}.`,
  );
  const stopShowing = showWork(rooms, io);
  return {
    async close() {
      stopShowing();
      await Promise.all([worker.close(), keeper.close(), upkeep.close(), market.close(), watch.close()]);
    },
  };
}

/** The index is opened when there is something to look through, or a marketplace to tell. */
function marketWork({ database, market }: Rooms): MarketWork {
  const [rings, listings, tenants] = [ringStore(database), marketStore(database), tenantStore(database)];
  const isServed = async () => (await tenants.list()).length > 0;
  return {
    isBehind: async () => (await rings.judged()) < (await listings.head()),
    settle: async () => (await market()).market.settle(),
    async tellDue() {
      if (await isServed()) await (await market()).tellDue();
    },
    send: async (signal) => ((await isServed()) ? (await market()).send(signal) : 0),
  };
}

/** Starts the desk over open rooms, and lets other commands find its local API. */
export async function openDesk(
  rooms: Rooms,
  how: { readonly port: number; readonly hasWorkers: boolean; readonly openAs?: DeskOptions['openAs'] },
  { io, config }: Pick<Around, 'io' | 'config'>,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const accounts = accountStore(rooms.database);
  const operations = localOperations(rooms);
  const tenants = tenantStore(rooms.database);
  const token = randomBytes(32).toString('base64url');
  const isNew = how.openAs === undefined && (await accounts.count()) === 0;
  const setup = isNew ? randomBytes(16).toString('base64url') : null;
  const desk = await startDesk({
    stores: {
      cases: rooms.cases,
      queue: queueStore(rooms.database),
      log: deskLog(rooms.database),
      custody: rooms.custody,
      lookalikes: lookalikeStore(rooms.database),
      captures: rooms.captures,
      batches: rooms.batches,
      passages: rooms.passages,
      handovers: handoverStore(rooms.database),
      rechecks: recheckStore(rooms.database),
      rereads: rereadStore(rooms.database),
      cloakChecks: cloakCheckStore(rooms.database),
      appeals: rooms.appeals,
      overrides: rooms.overrides,
      visits: rooms.visits,
      scans: scanViews(rooms.database),
      sources: rooms.sources,
      tips: rooms.tips,
      statistics: statisticsStore(rooms.database),
      accounts,
      allowance: allowanceStore(rooms.database),
      once: rooms.once,
      waysIn: waysInStore(rooms.database),
      rings: ringViews(rooms.database),
      marks: marketStore(rooms.database),
      endpoints: endpointStore(rooms.database),
      feedback: feedbackStore(rooms.database),
      tenants,
    },
    evidence: rooms.evidence,
    clock: systemClock,
    host: config.host,
    port: how.port,
    lang: config.lang,
    trustProxy: config.trustProxy,
    isSecondLookBlind: config.secondLook === 'blind',
    ...(config.publicUrl === null ? {} : { publicUrl: config.publicUrl }),
    ...(setup === null ? {} : { firstRun: { token: setup } }),
    ...(how.openAs === undefined ? {} : { openAs: how.openAs }),
    figures: { token: config.metricsToken, count: () => houseFigures(rooms.database, systemClock.now()) },
    ...(config.oidc === null ? {} : { oidc: oidcDoor(config.oidc) }),
    market: {
      tenantOf: (key) => tenants.byKey(key),
      service: async () => (await rooms.market()).service,
      alerts: async () => (await rooms.market()).alerts,
      identifiers: async () => (await rooms.market()).identifiers,
    },
    actions: deskActions(rooms, operations),
    local: {
      token,
      operations: {
        ...operations,
        scan: (input: Parameters<typeof operations.scan>[0], signal: AbortSignal) =>
          operations.scan(how.hasWorkers ? { ...input, work: false } : input, signal),
        sourceRun: (input: Parameters<typeof operations.sourceRun>[0], signal: AbortSignal) =>
          operations.sourceRun(how.hasWorkers ? { ...input, work: false } : input, signal),
      },
    },
  });
  const { port } = new URL(desk.url);
  await rooms.database.lock?.announce({ port: Number(port), token, version: config.version });
  if (setup !== null) {
    say(
      io,
      { event: 'setup', url: `${desk.url}/setup?token=${setup}` },
      `Make the first account: ${desk.url}/setup?token=${setup}`,
    );
  }
  return desk;
}

/** What a button of the desk starts: the same operations as the command line's. */
function deskActions(
  rooms: Rooms,
  operations: ReturnType<typeof localOperations>,
): NonNullable<DeskOptions['actions']> {
  const signal = new AbortController().signal;
  return {
    async scan(urls) {
      const seeds = urls.map((text, at) => ({ line: at + 1, text }));
      const order = { seeds, settings: DEFAULT_SETTINGS, work: false, resume: false, detach: true };
      let scan = '';
      for await (const event of operations.scan(order, signal)) {
        if (event.event === 'started') scan = event.scans[0] ?? '';
      }
      return { scan };
    },
    ...batchActions(() => rooms.reissueTools()),
    findings: (id) => weighedFindings(id, rooms.weighTools()),
    askOverride: (it) => askOverride(it, rooms.weighTools()),
    history: (url, limit) => addressHistory(url, limit, rooms),
    runSource: async (name) => askRun(await rooms.queues(), name),
    syncSources: async () => syncSchedules(await rooms.queues(), rooms.sources, systemClock.now()),
  };
}

function say(io: Around['io'], event: object, sentence: string): void {
  io.out(io.json ? JSON.stringify(event) : sentence);
}
