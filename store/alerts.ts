/**
 * Rows of what marketplaces are told: how far they were told of each ring, and the events themselves with one delivery
 * for each endpoint. Events are written under their table's lock, so that their numbers are in the order of
 * commits and a feed read by number misses none.
 */
import type { Queryable } from './database.ts';

export type AlertType = 'ring.opened' | 'ring.grown' | 'ring.merged' | 'ring.withdrawn' | 'endpoint.test';

export interface NewEvent {
  /** The same however often it is sent. */
  readonly id: string;
  readonly tenant: string;
  readonly type: AlertType;
  readonly at: Date;
  /** As it is sent and signed. */
  readonly body: string;
}

/** How far a marketplace was told of a ring. */
export interface Told {
  readonly ringId: string;
  readonly tenant: string;
  readonly level: number;
  readonly toldAt: Date | null;
  readonly dueAt: Date | null;
}

/** Those of these markets that are marketplaces to be alerted. */
export async function alertedTenants(tx: Queryable, markets: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'select id from tenant where id = any($1::text[]) and revoked_at is null and not is_dry order by id',
    [markets],
  );
  return rows.map(({ id }) => id);
}

/** What was told of a ring, locked until the transaction ends. */
export async function toldOf(tx: Queryable, ringId: string): Promise<Told[]> {
  return tx.query<Told>(
    `select ring_id as "ringId", tenant, level, told_at as "toldAt", due_at as "dueAt"
     from ring_alert where ring_id = $1 order by tenant for update`,
    [ringId],
  );
}

export async function noteTold(tx: Queryable, it: Told): Promise<void> {
  await tx.query(
    `insert into ring_alert (ring_id, tenant, level, told_at, due_at) values ($1, $2, $3, $4, $5)
     on conflict (ring_id, tenant) do update set level = excluded.level, told_at = excluded.told_at, due_at = excluded.due_at`,
    [it.ringId, it.tenant, it.level, it.toldAt, it.dueAt],
  );
}

/** Rings of which there is more to tell, and it is time. */
export async function dueRings(tx: Queryable, now: Date, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'select distinct ring_id as id from ring_alert where due_at <= $1 order by ring_id limit $2',
    [now, limit],
  );
  return rows.map(({ id }) => id);
}

/** Nothing of a ring waits any more that was due by now: what is left belongs to marketplaces that are told nothing. */
export async function endDue(tx: Queryable, ringId: string, now: Date): Promise<void> {
  await tx.query('update ring_alert set due_at = null where ring_id = $1 and due_at <= $2', [ringId, now]);
}

/** Writes events in order, each with a delivery to every endpoint of its marketplace; or to the one named. */
export async function writeEvents(
  tx: Queryable,
  events: readonly NewEvent[],
  endpoint: string | null = null,
): Promise<void> {
  if (events.length === 0) return;
  await tx.query('lock table alert_event in share row exclusive mode');
  for (const { id, tenant, type, at, body } of events) {
    const [row] = await tx.query<{ seq: number }>(
      'insert into alert_event (id, tenant, type, at, body) values ($1, $2, $3, $4, $5) returning seq',
      [id, tenant, type, at, body],
    );
    await tx.query(
      `insert into alert_delivery (event_seq, endpoint, state, tries, next_at)
       select $1, e.id, 'waiting', 0, $3 from endpoint e
       where e.tenant = $2 and e.disabled_at is null and ($4::text is null or e.id = $4)`,
      [row!.seq, tenant, at, endpoint],
    );
  }
}
