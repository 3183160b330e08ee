/**
 * Rows of the way out. What is handed over is told in one transaction with the passage of every case in it, so that
 * a batch is either on its way or there.
 */
import { type CaseId, caseId } from '../domain/case.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import { edge } from '../domain/passage.ts';
import type { Channel } from '../domain/referral.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { readSent, writeEvents } from './passages.ts';
import { storable } from './storable.ts';

export interface Delivery {
  readonly batch: string;
  readonly by: string;
  readonly tries: number;
  readonly lastError: string | null;
  readonly dueAt: Date;
  readonly givenUpAt: Date | null;
}

export interface Handover {
  readonly batch: string;
  /** 1 for the first time; the same file each time. */
  readonly n: number;
  readonly at: Date;
  readonly by: string;
  readonly target: string;
  readonly sha256: string;
}

/**
 * Withdrawn; objected to for the first time; gone on in another batch; or here for a batch that arrived after all, just
 * when this one took its cases over.
 */
export type HeldBack = 'withdrawn' | 'appeal' | 'moved' | 'arrived';

/** A channel that a moment of the plan could not make a batch of. */
export interface Unbuilt {
  readonly slot: Date;
  readonly channel: Channel;
  /** When it failed first. */
  readonly at: Date;
  readonly tries: number;
  readonly lastError: string;
}

export interface HandoverStore {
  /** The last moment of the plan that was worked off; null before the plan began. */
  lastSlot(): Promise<Date | null>;
  endSlot(slot: Date, cases: number, now: Date): Promise<void>;
  /** The batch of a channel could not be made, once more. */
  noteUnbuilt(it: Omit<Unbuilt, 'at' | 'tries'>, now: Date): Promise<void>;
  /** It could be made, or there was nothing to make. */
  clearUnbuilt(channel: Channel): Promise<void>;
  /** Channels whose batch could not be made yet, longest failing first. */
  unbuilt(): Promise<Unbuilt[]>;
  /** Batches built since the plan began, whole or not, that nobody was asked to carry and nobody handed over; oldest first. */
  unsent(): Promise<string[]>;
  /** Asks for it once more from the start when that was given up. */
  ask(batch: string, by: string, now: Date): Promise<void>;
  /** On their way, those given up too, longest waiting first. */
  deliveries(): Promise<Delivery[]>;
  due(now: Date, limit: number): Promise<Delivery[]>;
  putOff(batch: string, error: string, until: Date): Promise<void>;
  giveUp(batch: string, error: string, now: Date): Promise<void>;
  /** What keeps a batch from being handed over, by its rows. */
  heldBack(batch: string): Promise<{ readonly caseId: CaseId; readonly why: HeldBack }[]>;
  /** Notes that the file is there, and that its referrals were handed over; ends the delivery. */
  done(it: Omit<Handover, 'n'>): Promise<Handover>;
  /** Handed over there last, and with a case of which nobody has answered; longest waiting first. */
  unanswered(target: string, limit: number): Promise<Handover[]>;
  handovers(batch: string): Promise<Handover[]>;
}

export function handoverStore(db: Database): HandoverStore {
  return {
    async lastSlot() {
      const [row] = await db.query<{ slot: Date | null }>('select max(slot) as slot from dispatch_slot');
      return row?.slot ?? null;
    },
    async endSlot(slot, cases, now) {
      await db.query(
        'insert into dispatch_slot (slot, at, cases) values ($1, $2, $3) on conflict do nothing',
        [slot, now, cases],
      );
    },
    async noteUnbuilt({ slot, channel, lastError }, now) {
      await db.query(
        `insert into unbuilt (slot, channel, at, tries, last_error) values ($1, $2, $3, 1, $4)
         on conflict (slot, channel) do update set tries = unbuilt.tries + 1, last_error = $4`,
        [slot, channel, now, storable(lastError)],
      );
    },
    async clearUnbuilt(channel) {
      await db.query('delete from unbuilt where channel = $1', [channel]);
    },
    async unbuilt() {
      return db.query<Unbuilt>(
        'select slot, channel, at, tries, last_error as "lastError" from unbuilt order by at, slot, channel',
      );
    },
    async unsent() {
      const rows = await db.query<{ id: string }>(
        `select b.id from batch b where not exists (select 1 from delivery d where d.batch_id = b.id)
           and not exists (select 1 from handover h where h.batch_id = b.id)
           and not exists (select 1 from passage_event e join batch_row k on k.case_id = e.case_id
             where k.batch_id = b.id and e.kind = 'handed_over')
           and not exists (select 1 from reissue r where r.of = b.id)
           and b.built_at >= (select min(at) from dispatch_slot)
         order by b.built_at, b.id`,
      );
      return rows.map(({ id }) => id);
    },
    async ask(batch, by, now) {
      await db.query(
        `insert into delivery (batch_id, asked_at, by, due_at) values ($1, $2, $3, $2)
         on conflict (batch_id) do update set asked_at = $2, by = $3, due_at = $2, tries = 0, last_error = null,
           given_up_at = null where delivery.given_up_at is not null`,
        [batch, now, by],
      );
    },
    async deliveries() {
      return (await db.query<DeliveryRow>('select * from delivery order by asked_at, batch_id')).map(
        asDelivery,
      );
    },
    async due(now, limit) {
      const rows = await db.query<DeliveryRow>(
        `select * from delivery where due_at <= $1 and given_up_at is null order by due_at, batch_id limit $2`,
        [now, limit],
      );
      return rows.map(asDelivery);
    },
    async putOff(batch, error, until) {
      await db.query(
        'update delivery set tries = tries + 1, last_error = $2, due_at = $3 where batch_id = $1',
        [batch, error, until],
      );
    },
    async giveUp(batch, error, now) {
      await db.query(
        'update delivery set tries = tries + 1, last_error = $2, given_up_at = $3 where batch_id = $1',
        [batch, error, now],
      );
    },
    async heldBack(batch) {
      const rows = await db.query<{ case_id: number; why: HeldBack | null }>(
        `select k.case_id, case
           when k.is_moved then 'moved'
           when exists (select 1 from passage_event e where e.case_id = k.case_id and e.kind = 'withdrawn')
             then 'withdrawn'
           when exists (select 1 from appeal a where a.case_id = k.case_id and a.judged_at is null)
             and not exists (select 1 from appeal a where a.case_id = k.case_id and a.verdict = 'upheld')
             then 'appeal'
           when exists (select 1 from reissue r join handover h on h.batch_id = r.of
             where r.batch_id = k.batch_id and h.at >= r.at) then 'arrived'
         end as why
         from batch_row k where k.batch_id = $1 order by k.n`,
        [batch],
      );
      return rows.flatMap(({ case_id, why }) =>
        why === null ? [] : [{ caseId: caseId(Number(case_id)), why }],
      );
    },
    async done(it) {
      return db.transaction((tx) => done(tx, it));
    },
    async unanswered(target, limit) {
      return db.query<Handover>(
        `select h.batch_id as batch, h.n, h.at, h.by, h.target, h.sha256 from handover h
         where h.target = $1 and h.n = (select max(n) from handover l where l.batch_id = h.batch_id)
           and exists (select 1 from batch_row k where k.batch_id = h.batch_id and not k.is_moved
             and (select e.kind from passage_event e where e.case_id = k.case_id order by e.n desc limit 1)
               = 'handed_over')
         order by h.at, h.batch_id limit $2`,
        [target, limit],
      );
    },
    async handovers(batch) {
      return db.query<Handover>(
        'select batch_id as batch, n, at, by, target, sha256 from handover where batch_id = $1 order by n',
        [batch],
      );
    },
  };
}

async function done(tx: Queryable, it: Omit<Handover, 'n'>): Promise<Handover> {
  const { batch, at, by, target, sha256 } = it;
  await tx.query('select 1 from batch where id = $1 for update', [batch]);
  const [last] = await tx.query<{ n: number }>(
    'select coalesce(max(n), 0) as n from handover where batch_id = $1',
    [batch],
  );
  const n = Number(last?.n ?? 0) + 1;
  await tx.query(
    'insert into handover (batch_id, n, at, by, target, sha256) values ($1, $2, $3, $4, $5, $6)',
    [batch, n, at, by, target, sha256],
  );
  // What was taken out of it while it was carried arrived with it: that batch will not leave.
  await tx.query(
    'delete from delivery where batch_id = $1 or batch_id in (select r.batch_id from reissue r where r.of = $1 and r.at <= $2)',
    [batch, at],
  );
  const cases = await tx.query<{ id: number }>(
    `select c.id from cases c join batch_row k on k.case_id = c.id where k.batch_id = $1 order by c.id
     for update of c`,
    [batch],
  );
  const told: LedgerEvent[] = [];
  for (const { id } of cases) {
    const { passage } = await readSent(tx, caseId(Number(id)));
    if (edge(passage.state, 'handed_over') === null) continue;
    const event = { at, by, kind: 'handed_over' as const, facts: { target, handover: n } };
    told.push(...(await writeEvents(tx, passage, [event])).told);
  }
  const entry = { batch, n, at, by, target, sha256 };
  const custody = await evidenceOf(tx, it);
  await appendToLedger(tx, [{ at, kind: 'handover', subject: `${batch}/${n}`, entry }, custody, ...told]);
  return { ...it, n };
}

/** That the evidence in a batch went out with it, so that each case and capture can tell where its evidence went. */
async function evidenceOf(
  tx: Queryable,
  { batch, at, by, target }: Omit<Handover, 'n'>,
): Promise<LedgerEvent> {
  const rows = await tx.query<{ case_id: number; capture: string | null }>(
    `select k.case_id, k.referral -> 'detection' ->> 'captureId' as capture from batch_row k
     where k.batch_id = $1 order by k.n`,
    [batch],
  );
  const cases = rows.map((row) => caseId(Number(row.case_id)));
  const captures = rows.flatMap(({ capture }) => (capture === null ? [] : [capture]));
  const entry = { what: 'exported', of: batch, by, to: target, cases, captures };
  return { at, kind: 'custody', subject: batch, entry };
}

interface DeliveryRow {
  batch_id: string;
  by: string;
  due_at: Date;
  tries: number;
  last_error: string | null;
  given_up_at: Date | null;
}

function asDelivery(row: DeliveryRow): Delivery {
  return {
    batch: row.batch_id,
    by: row.by,
    tries: row.tries,
    lastError: row.last_error,
    dueAt: row.due_at,
    givenUpAt: row.given_up_at,
  };
}
