/**
 * Rows of hosts: whose turn it is to ask one, and what politeness and robots.txt are known to want of it.
 *
 * What they owe: of all visits in all processes one at a time has the turn to ask a host; a host is never asked
 * earlier than any visit said; what is known of a host outlives restarts.
 */
import type { Database, Queryable } from './database.ts';
import type { Visit } from './lease.ts';
import { roundsOf } from './rounds.ts';
import { together } from './together.ts';

/** An answer to who wants to ask a host. */
export type Turn =
  | { readonly is: 'taken'; readonly memory: HostMemory }
  /** Not before that moment; another visit may be asking. */
  | { readonly is: 'later'; readonly at: Date }
  /** This very visit has it, from a worker that died or was stopped in the middle of asking. */
  | { readonly is: 'left_over' }
  /** All visits are held. */
  | { readonly is: 'paused' };

/** Politeness and robots state as their room wrote them. */
export interface HostMemory {
  readonly nextAt: Date | null;
  readonly politeness: unknown;
  readonly robots: unknown;
}

export interface HostTurns {
  hostMemory(host: string): Promise<HostMemory | null>;
  /**
   * Takes the turn to ask a host, its own or one that it is led to, until it is given back by `finish`,
   * `putBack`, `giveTurn`, or by time.
   */
  takeTurn(visit: Visit, host: string, now: Date, until: Date): Promise<Turn>;
  /** Gives a turn back, with what was learnt. A host is never asked earlier than any visit said. */
  giveTurn(visit: Visit, host: string, memory: HostMemory): Promise<void>;
}

export function hostTurns(db: Database): HostTurns {
  const memoryOf = together<string, HostMemory | null>(async (hosts) => {
    const rows = await db.query<MemoryRow & { host: string }>(
      'select host, next_at, politeness, robots from host where host = any($1::text[])',
      [hosts],
    );
    const known = new Map(rows.map((row) => [row.host, asMemory(row)]));
    return hosts.map((host) => ({ answer: known.get(host) ?? null }));
  });
  const take = together<Asked, Turn>((asks) => takeTurns(db, asks));
  const give = together<Remembered, null>(async (them) => {
    await rememberHosts(db, them);
    return them.map(() => ({ answer: null }));
  });
  return {
    hostMemory: memoryOf,

    takeTurn: (visit, host, now, until) => take({ visit, host, now, until }),

    async giveTurn(visit, host, memory) {
      await give({ visit, host, memory });
    },
  };
}

interface Asked {
  readonly visit: Visit;
  readonly host: string;
  readonly now: Date;
  readonly until: Date;
}

interface MemoryRow {
  next_at: Date | null;
  politeness: unknown;
  robots: unknown;
}

function asMemory({ next_at: nextAt, politeness, robots }: MemoryRow): HostMemory {
  return { nextAt, politeness, robots };
}

/** Of two who ask for one host the first is served; whoever got none is told why. */
async function takeTurns(db: Queryable, asks: readonly Asked[]): Promise<{ answer: Turn }[]> {
  const first = new Map<string, Asked>();
  for (const ask of asks) if (!first.has(ask.host)) first.set(ask.host, ask);
  const once = [...first.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
  // The earliest moment of all: nobody gets a turn sooner than alone.
  const now = new Date(Math.min(...once.map((ask) => ask.now.getTime())));
  const rows = await db.query<MemoryRow & { host: string }>(
    `insert into host (host, politeness, busy_by, busy_until)
     select it.host, '{}'::jsonb, it.visit, it.until
     from unnest($1::text[], $2::uuid[], $3::timestamptz[]) as it (host, visit, until)
     where not exists (select 1 from pause)
     on conflict (host) do update set busy_by = excluded.busy_by, busy_until = excluded.busy_until
       where (host.next_at is null or host.next_at <= $4::timestamptz)
         and (host.busy_until is null or host.busy_until <= $4::timestamptz)
     returning host, next_at, politeness, robots`,
    [once.map(({ host }) => host), once.map(({ visit }) => visit.id), once.map(({ until }) => until), now],
  );
  const taken = new Map(rows.map((row) => [row.host, asMemory(row)]));
  return Promise.all(
    asks.map(async (ask) => {
      const memory = first.get(ask.host) === ask ? taken.get(ask.host) : undefined;
      return { answer: memory === undefined ? await notTaken(db, ask) : { is: 'taken', memory } };
    }),
  );
}

async function notTaken(db: Queryable, { visit, host, now }: Asked): Promise<Turn> {
  const [row] = await db.query<{
    is_paused: boolean;
    next_at: Date | null;
    busy_by: string | null;
    busy_until: Date | null;
  }>(
    `select exists (select 1 from pause) as is_paused, next_at, busy_by, busy_until
     from (select 1) as one left join host on host.host = $1`,
    [host],
  );
  if (row?.is_paused === true) return { is: 'paused' };
  const isBusy = (row?.busy_until?.getTime() ?? 0) > now.getTime();
  if (isBusy && row?.busy_by === visit.id) return { is: 'left_over' };
  const soon = now.getTime() + LOOK_AGAIN_MS;
  const nextAt = row?.next_at?.getTime() ?? 0;
  return { is: 'later', at: new Date(isBusy ? Math.max(soon, nextAt) : nextAt) };
}

/** How soon to look again at a host that another visit is asking, in milliseconds. */
const LOOK_AGAIN_MS = 100;

export interface Remembered {
  readonly visit: Pick<Visit, 'id'>;
  readonly host: string;
  readonly memory: HostMemory;
}

/**
 * Gives turns back, with what was learnt. Written by a visit that has asked nothing, it leaves the moment and the
 * turn of another as they are. Hosts are taken in one order, so that two transactions cannot wait for each other.
 */
export async function rememberHosts(tx: Queryable, them: readonly Remembered[]): Promise<void> {
  for (const once of roundsOf(them, ({ host }) => host)) {
    const rows = once.sort((a, b) => (a.host < b.host ? -1 : 1));
    await tx.query(
      // A host never asked before keeps the visit's name in busy_by, which means nothing without busy_until.
      `insert into host (host, next_at, politeness, robots, busy_by)
       select * from unnest($1::text[], $2::timestamptz[], $3::jsonb[], $4::jsonb[], $5::uuid[])
       on conflict (host) do update set next_at = greatest(host.next_at, excluded.next_at),
         politeness = excluded.politeness, robots = coalesce(excluded.robots, host.robots),
         busy_until = case when host.busy_by = excluded.busy_by then null else host.busy_until end,
         busy_by = case when host.busy_by = excluded.busy_by then null else host.busy_by end`,
      [
        rows.map(({ host }) => host),
        rows.map(({ memory }) => memory.nextAt),
        rows.map(({ memory }) => JSON.stringify(memory.politeness)),
        rows.map(({ memory }) => (memory.robots === null ? null : JSON.stringify(memory.robots))),
        rows.map(({ visit }) => visit.id),
      ],
    );
  }
}
