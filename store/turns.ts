/**
 * Rows of hosts: whose turn it is to ask one, and what politeness and robots.txt are known to want of it.
 *
 * What they owe: of all visits in all processes one at a time has the turn to ask a host; a host is never asked
 * earlier than any visit said; what is known of a host outlives restarts.
 */
import type { Database, Queryable } from './database.ts';
import type { Visit } from './lease.ts';

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
  return {
    async hostMemory(host) {
      const [row] = await db.query<{ next_at: Date | null; politeness: unknown; robots: unknown }>(
        'select next_at, politeness, robots from host where host = $1',
        [host],
      );
      return row === undefined
        ? null
        : { nextAt: row.next_at, politeness: row.politeness, robots: row.robots };
    },

    async takeTurn(visit, host, now, until) {
      const [taken] = await db.query<{ next_at: Date | null; politeness: unknown; robots: unknown }>(
        `insert into host (host, politeness, busy_by, busy_until)
         select $1, '{}'::jsonb, $2::uuid, $4::timestamptz where not exists (select 1 from pause)
         on conflict (host) do update set busy_by = excluded.busy_by, busy_until = excluded.busy_until
           where (host.next_at is null or host.next_at <= $3::timestamptz)
             and (host.busy_until is null or host.busy_until <= $3::timestamptz)
         returning next_at, politeness, robots`,
        [host, visit.id, now, until],
      );
      if (taken !== undefined) {
        const { next_at: nextAt, politeness, robots } = taken;
        return { is: 'taken', memory: { nextAt, politeness, robots } };
      }
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
    },

    async giveTurn(visit, host, memory) {
      await rememberHost(db, visit, host, memory);
    },
  };
}

/** How soon to look again at a host that another visit is asking, in milliseconds. */
const LOOK_AGAIN_MS = 100;

/** Written by a visit that has asked nothing, it leaves the moment and the turn of another as they are. */
export async function rememberHost(
  tx: Queryable,
  visit: Visit,
  host: string,
  memory: HostMemory,
): Promise<void> {
  await tx.query(
    `insert into host (host, next_at, politeness, robots) values ($1, $2, $3::jsonb, $4::jsonb)
     on conflict (host) do update set next_at = greatest(host.next_at, excluded.next_at),
       politeness = excluded.politeness, robots = coalesce(excluded.robots, host.robots),
       busy_until = case when host.busy_by = $5 then null else host.busy_until end,
       busy_by = case when host.busy_by = $5 then null else host.busy_by end`,
    [
      host,
      memory.nextAt,
      JSON.stringify(memory.politeness),
      memory.robots === null ? null : JSON.stringify(memory.robots),
      visit.id,
    ],
  );
}
