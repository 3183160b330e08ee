/**
 * The house as an operator runs it, with people at it: processes that are started again when they end, two
 * officers, a supervisor and a marketplace that ask until they are answered, and the list of what was
 * acknowledged to them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OFFENCES } from '../../domain/referral.ts';
import { systemClock } from '../../queues/clock.ts';
import { accountStore } from '../../store/accounts.ts';
import type { Where } from '../../store/open.ts';
import { openDatabase } from '../../store/open.ts';
import { tenantStore } from '../../store/tenants.ts';
import { client } from '../desk/client.ts';
import { PASSWORD } from '../desk/house.ts';
import { freePort } from '../engines/places.ts';
import { type Home, openHome, type Running } from '../flow/kuzet.ts';

/** What somebody was told is done. */
export interface Acknowledged {
  /** Ids of scans. */
  readonly scans: string[];
  /** Ids of cases. */
  readonly confirmed: string[];
  readonly approved: string[];
  readonly batches: string[];
  /** Ids of listings of the marketplace. */
  readonly listings: string[];
}

export interface Process {
  readonly name: string;
  readonly running: Running;
  kill(): Promise<void>;
}

export interface ChaosHouse {
  readonly home: Home;
  readonly where: Where;
  readonly evidence: string;
  /** The folder of batch files. */
  readonly batches: string;
  readonly processes: readonly Process[];
  readonly acknowledged: Acknowledged;
  /** Scans of which every host is done. */
  readonly done: Set<string>;
  /** The last of what the processes logged. */
  said(): string;
  readonly clock: { jump(milliseconds: number): void; catchUp(): void };
  scan(args: readonly string[], seeds: readonly string[]): Promise<void>;
  list(id: string, listing: object): Promise<void>;
  /** Officers decide what is open, let soft rules go, approve; the supervisor builds a batch. */
  work(): Promise<void>;
  /** Cases that are not referred, and what keeps them. */
  held(): Promise<string>;
  ask<Answer>(path: string): Promise<Answer>;
  feed(): Promise<{ id: string; type: string; subject: string }[]>;
  /** Ends all in order. */
  stop(): Promise<void>;
  /** Ends what still runs, and removes its folder. */
  close(): Promise<void>;
}

const CLOCK = fileURLToPath(new URL('./clock.mjs', import.meta.url));
/** Between two tries of somebody who got no answer. */
const AGAIN_MS = 250;
/** Until whoever runs the house starts again what ended, as systemd does. */
const RESTART_MS = 500;
const HOUR_MS = 3_600_000;
const PEOPLE = { aigerim: 'officer', daniyar: 'officer', saule: 'supervisor' } as const;

export async function openChaosHouse(engines: {
  /** None for the embedded one. */
  readonly databaseUrl?: string;
  /** The database past the wire that is cut: for who sets up, and who audits. */
  readonly directUrl?: string;
  readonly redisUrl?: string;
  readonly receiverPort: number;
  readonly authorityUrl: string;
  /** Where evidence is kept; null for the house's own folder. */
  readonly evidence: string | null;
}): Promise<ChaosHouse> {
  const port = await freePort();
  const env: Record<string, string> = {
    NODE_OPTIONS: `--import ${CLOCK}`,
    KUZET_PORT: String(port),
    KUZET_HOOKS: `hook.test=127.0.0.1:${engines.receiverPort}`,
    KUZET_TSA: engines.authorityUrl,
    KUZET_DISK_RESERVE_MB: '1',
    // Nothing is asked for but what the rounds ask for, so that it can be recounted.
    KUZET_REVISITS: '0',
    KUZET_REREAD: '0',
    ...(engines.databaseUrl === undefined ? {} : { DATABASE_URL: engines.databaseUrl }),
    ...(engines.redisUrl === undefined ? {} : { REDIS_URL: engines.redisUrl }),
    ...(engines.evidence === null ? {} : { KUZET_EVIDENCE: engines.evidence }),
  };
  const home = openHome(env);
  env['KUZET_TEST_CLOCK'] = join(home.folder, 'clock');
  let offMs = 0;
  let furthestMs = 0;
  const tellClock = () => writeFileSync(env['KUZET_TEST_CLOCK']!, String(offMs));
  tellClock();

  const isEmbedded = engines.directUrl === undefined;
  mkdirSync(join(home.folder, 'home'));
  const where: Where = isEmbedded
    ? { folder: join(home.folder, 'home', 'store') }
    : { url: engines.directUrl! };
  const key = await furnish(where);

  let isStopping = false;
  const log: string[] = [];
  const keepRunning = async (name: string, args: readonly string[], ready: RegExp): Promise<Process> => {
    const start = () => {
      const it = home.start(args);
      it.process.stderr?.on('data', (piece: string) => {
        log.push(`${name}: ${piece}`);
        if (log.length > 400) log.shift();
      });
      void it.ended.then(async () => {
        await pause(RESTART_MS);
        if (!isStopping) process.running = start();
      });
      return it;
    };
    const process = {
      name,
      running: undefined as unknown as Running,
      async kill() {
        await this.running.kill();
      },
    };
    process.running = start();
    await process.running.said(ready);
    return process;
  };
  const processes = isEmbedded
    ? [await keepRunning('house', ['serve'], /^Desk/)]
    : await Promise.all([
        keepRunning('desk', ['serve', '--only', 'desk'], /^Desk/),
        keepRunning('worker 1', ['serve', '--only', 'workers'], /^Working/),
        keepRunning('worker 2', ['serve', '--only', 'workers'], /^Working/),
      ]);

  const acknowledged: Acknowledged = { scans: [], confirmed: [], approved: [], batches: [], listings: [] };
  const desk = { url: `http://127.0.0.1:${port}` };
  const people = new Map(Object.keys(PEOPLE).map((login) => [login, client(desk)]));
  /** Asks until the desk answers, logging in where it has to. @returns the answer, 4xx and all. */
  const asks = async (login: string, method: string, path: string, body?: object, once?: string) => {
    const person = people.get(login)!;
    for (;;) {
      if (isStopping) throw new Error('The house is being stopped.');
      const headers = once === undefined ? {} : { 'idempotency-key': once };
      const answer = await person
        .json(method, path, body, { ...headers, connection: 'close' })
        .catch(() => null);
      if (answer !== null && answer.status === 401)
        await person.json('POST', '/api/session', { login, password: PASSWORD }).catch(() => null);
      else if (answer !== null && answer.status < 500 && answer.status !== 429) return answer;
      await pause(AGAIN_MS);
    }
  };
  const ask = async <Answer>(path: string): Promise<Answer> =>
    (await (await asks('aigerim', 'GET', path)).json()) as Answer;
  const casesIn = async (state: string) =>
    (await ask<{ cases: CaseTold[] }>(`/api/cases?state=${state}&limit=200`)).cases.filter(isReferable);

  const findingsOf = async (id: string) =>
    (await ask<{ findings: Finding[] }>(`/api/cases/${id}/findings`)).findings.filter((it) => !it.isLetGo);
  /** What an officer asked for already, and got no answer about, is not asked for again. */
  const letGo = async (id: string) => {
    const soft = async () => (await findingsOf(id)).filter(({ kind }) => kind === 'soft');
    const unasked = (await soft()).filter(({ override }) => override === null);
    for (const rule of new Set(unasked.map((it) => it.rule)))
      await asks('aigerim', 'POST', `/api/cases/${id}/overrides`, { rule, why: 'Учебный пример' });
    for (const { rule, override } of await soft()) {
      const answer = { verdict: 'confirmed', asked: [override?.n] };
      await asks('daniyar', 'POST', `/api/cases/${id}/overrides/${rule}/answer`, answer);
    }
  };

  const market = async (method: string, path: string, body?: object): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      connection: 'close',
    };
    for (;;) {
      if (isStopping) throw new Error('The house is being stopped.');
      const answer = await fetch(desk.url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch(() => null);
      if (answer !== null && answer.status < 500 && answer.status !== 429) return answer;
      await pause(AGAIN_MS);
    }
  };
  const added = await market('POST', '/v1/endpoints', { url: 'http://hook.test/' });
  if (added.status !== 201) throw new Error(`No endpoint: ${await added.text()}`);

  return {
    home,
    where,
    evidence: engines.evidence ?? join(home.folder, 'home', 'evidence'),
    batches: join(home.folder, 'home', 'batches'),
    processes,
    acknowledged,
    done: new Set(),
    said: () => log.join('').slice(-6_000),
    clock: {
      jump(milliseconds) {
        offMs += milliseconds;
        furthestMs = Math.max(furthestMs, offMs);
        tellClock();
      },
      catchUp() {
        furthestMs += 2 * HOUR_MS;
        offMs = furthestMs;
        tellClock();
      },
    },
    async scan(args, seeds) {
      for (;;) {
        const { lines } = await home.ask<{ event: string; scans?: string[] }>(
          ['scan', '--file', '-', '--detach', ...(isEmbedded ? [] : ['--no-work']), ...args],
          seeds.join('\n'),
        );
        const scans = lines.find((line) => line.event === 'started')?.scans ?? [];
        acknowledged.scans.push(...scans);
        if (scans.length > 0) return;
        await pause(AGAIN_MS);
      }
    },
    async list(id, listing) {
      if ((await market('PUT', `/v1/listings/${id}`, listing)).ok) acknowledged.listings.push(id);
    },
    async work() {
      for (const { id, label } of await casesIn('open')) {
        const ground = OFFENCES[label]!.grounds[0]!;
        const words = { verdict: 'confirm', ground, reason: 'Выплаты из взносов новых вкладчиков' };
        const answer = await asks('aigerim', 'POST', `/api/cases/${id}/decision`, words, `confirm-${id}`);
        if (answer.ok) acknowledged.confirmed.push(id);
      }
      for (const { id } of await casesIn('confirmed')) {
        const answer = await asks('daniyar', 'POST', `/api/cases/${id}/approval`, {}, `approve-${id}`);
        if (answer.ok) acknowledged.approved.push(id);
      }
      const approved = await casesIn('approved');
      // Officers who are this quick are asked to look again (OB17), which they say they did.
      for (const { id } of approved) await letGo(id);
      if (approved.length === 0) return;
      const built = await asks('saule', 'POST', '/api/batches', {});
      const { batch } = (await built.json()) as { batch?: string | null };
      if (built.ok && batch != null) acknowledged.batches.push(batch);
    },
    async held() {
      const { cases } = await ask<{ cases: (CaseTold & { state: { is: string } | string })[] }>(
        '/api/cases?limit=200',
      );
      const told: string[] = [];
      for (const it of cases) {
        const kept = (await findingsOf(it.id)).map(({ rule, why }) => `${rule} ${why}`);
        const state = typeof it.state === 'string' ? it.state : it.state.is;
        if (state !== 'referred') told.push(` ${it.id} ${it.label} ${state} ${kept.join(' ')}`);
      }
      return told.join(',');
    },
    ask,
    async feed() {
      const events: { id: string; type: string; subject: string }[] = [];
      for (let cursor = '0'; ; ) {
        const page = (await (await market('GET', `/v1/feed?cursor=${cursor}`)).json()) as {
          events: typeof events;
          cursor: string;
        };
        events.push(...page.events);
        if (page.cursor === cursor || page.events.length === 0) return events;
        cursor = page.cursor;
      }
    },
    async stop() {
      isStopping = true;
      for (const { running } of processes) running.process.kill('SIGTERM');
      await Promise.all(processes.map(({ running }) => running.ended));
    },
    async close() {
      isStopping = true;
      await home.close();
    },
  };
}

interface CaseTold {
  readonly id: string;
  readonly label: keyof typeof OFFENCES;
  readonly subject: { readonly kind: string };
}

interface Finding {
  readonly rule: string;
  readonly why: string;
  readonly kind: 'hard' | 'soft';
  readonly isLetGo: boolean;
  readonly override: { readonly n: number } | null;
}

const isReferable = (it: CaseTold) => it.subject.kind === 'site' && OFFENCES[it.label] !== undefined;

/** Accounts and a marketplace, before anything runs. @returns the marketplace's key. */
async function furnish(where: Where): Promise<string> {
  const db = await openDatabase(where);
  try {
    const accounts = accountStore(db);
    for (const [login, role] of Object.entries(PEOPLE))
      await accounts.add({ login, name: login, role }, PASSWORD, systemClock.now());
    const made = await tenantStore(db).add(
      { id: 'bazar', name: 'Bazar', isDry: false, sites: [] },
      systemClock.now(),
    );
    return made.key;
  } finally {
    await db.close();
  }
}
