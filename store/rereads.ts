/**
 * Rows of the sample that is read again. What is drawn is written in the transaction of its decision; an answer in one
 * transaction with what follows for the case and with the ledger.
 */
import { type CaseId, caseId, caseNumber, type OfficerId, officerId } from '../domain/case.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import { type Reread, RereadRefusedError, readAgain, type SecondReading } from '../domain/reread.ts';
import { asCase, type CaseRow, writeCase } from './cases.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { rereadEvent } from './ledger-told.ts';

export interface HeldReread {
  readonly id: number;
  readonly caseId: CaseId;
  readonly until: Date;
}

export interface RereadFigures {
  readonly drawn: number;
  readonly answered: number;
  readonly agreed: number;
}

export interface RereadStore {
  /**
   * Gives an officer the case that waits longest and that this officer neither decided nor saw since; the one held
   * already comes first. Null when there is none.
   */
  take(by: OfficerId, now: Date): Promise<HeldReread | null>;
  /** What this officer holds of a case now; null for nothing. */
  heldOf(id: CaseId, by: OfficerId, now: Date): Promise<HeldReread | null>;
  /**
   * What the second reader says.
   *
   * @throws RereadRefusedError, CaseRefusedError
   */
  answer(
    id: number,
    reading: SecondReading,
    now: Date,
  ): Promise<{ readonly agrees: boolean; readonly decided: Reread['verdict']; readonly reopened: boolean }>;
  /** Cases that this officer holds now, to be shown nowhere as decided. */
  heldBy(by: OfficerId, now: Date): Promise<CaseId[]>;
  /** Drawn, of a decision that still stands, and not answered; counted up to `most`. */
  waiting(most: number): Promise<number>;
  /** Of those, what this officer could take now. */
  waitingFor(by: OfficerId, most: number, now: Date): Promise<number>;
  /** Of decisions drawn from `from` on and before `to`. */
  figures(from: Date, to: Date): Promise<RereadFigures>;
}

const HOLD_SECONDS = 1800;

/** The decision that was drawn is the case's own still, and nobody read it again. */
const STANDS = `not r.is_answered and c.state in ('dismissed', 'approved', 'referred')
  and (c.state_facts ->> 'at')::timestamptz = r.decided_at`;
/** Officer $1 neither decided it nor saw it since, and nobody else holds it at $2. */
const CAN_TAKE = `not ($1 = any(r.decided_by))
  and (r.taken_by = $1 or r.taken_until is null or r.taken_until <= $2)
  and (r.taken_by = $1 or not exists (select 1 from desk_event e
    where e.case_id = r.case_id and e.by = $1 and e.at >= r.decided_at and e.kind in ('viewed', 'fetched')))`;

export function rereadStore(db: Database): RereadStore {
  return {
    async take(by, now) {
      const until = new Date(now.getTime() + HOLD_SECONDS * 1000);
      const rows = await db.query<{ id: number; case_id: number; taken_until: Date }>(
        `update reread set taken_by = $1, taken_until = $3 where id = (
           select r.id from reread r join cases c on c.id = r.case_id
           where ${STANDS} and ${CAN_TAKE}
           order by (r.taken_by is not distinct from $1 and r.taken_until > $2) desc, r.drawn_at, r.id limit 1
           for update of r skip locked)
         returning id, case_id, taken_until`,
        [officerId(by), now, until],
      );
      return rows[0] === undefined ? null : asHeld(rows[0]);
    },
    async heldOf(id, by, now) {
      const [row] = await db.query<{ id: number; case_id: number; taken_until: Date }>(
        `select id, case_id, taken_until from reread
         where case_id = $1 and taken_by = $2 and taken_until > $3 and not is_answered order by id limit 1`,
        [caseNumber(id) ?? 0, officerId(by), now],
      );
      return row === undefined ? null : asHeld(row);
    },
    async heldBy(by, now) {
      const rows = await db.query<{ case_id: number }>(
        'select case_id from reread where taken_by = $1 and taken_until > $2 and not is_answered',
        [officerId(by), now],
      );
      return rows.map((row) => caseId(Number(row.case_id)));
    },
    answer: (id, reading, now) => db.transaction((tx) => answer(tx, id, reading, now)),
    async waiting(most) {
      const [row] = await db.query<{ n: number }>(
        `select count(*) as n from (select 1 from reread r join cases c on c.id = r.case_id where ${STANDS} limit $1) w`,
        [most],
      );
      return Number(row?.n ?? 0);
    },
    async waitingFor(by, most, now) {
      const [row] = await db.query<{ n: number }>(
        `select count(*) as n from (select 1 from reread r join cases c on c.id = r.case_id
           where ${STANDS} and ${CAN_TAKE} limit $3) w`,
        [officerId(by), now, most],
      );
      return Number(row?.n ?? 0);
    },
    async figures(from, to) {
      const [row] = await db.query<{ drawn: number; answered: number; agreed: number }>(
        `select count(*) as drawn, count(a.reread_id) as answered, count(*) filter (where a.agrees) as agreed
         from reread r left join reread_answer a on a.reread_id = r.id where r.drawn_at >= $1 and r.drawn_at < $2`,
        [from, to],
      );
      return { drawn: Number(row!.drawn), answered: Number(row!.answered), agreed: Number(row!.agreed) };
    },
  };
}

async function answer(tx: Queryable, id: number, reading: SecondReading, now: Date) {
  const [row] = await tx.query<RereadRow>('select * from reread where id = $1 for update', [id]);
  if (row === undefined)
    throw new RereadRefusedError(id, 'no_reread', 'nothing was drawn under this number.');
  if (row.is_answered) throw new RereadRefusedError(id, 'answered', 'it was read already.');
  const by = officerId(reading.by);
  if (row.taken_by !== by) throw new RereadRefusedError(id, 'not_yours', 'take it first.');
  const drawn = asReread(row);
  const [found] = await tx.query<CaseRow>('select * from cases where id = $1 for update', [row.case_id]);
  const { agrees, reopened } = readAgain(asCase(found!), drawn, reading, now);
  const ground = reading.verdict === 'confirm' ? reading.ground.trim().toUpperCase() : null;
  const reason = reading.reason.trim();
  await tx.query('update reread set is_answered = true where id = $1', [id]);
  await tx.query(
    `insert into reread_answer (reread_id, at, by, verdict, ground, reason, agrees) values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, now, by, reading.verdict, ground, reason, agrees],
  );
  const said = { by, verdict: reading.verdict, ground, reason, agrees };
  const told: LedgerEvent[] = [rereadEvent({ id, caseId: drawn.caseId, at: now, ...said })];
  if (reopened !== null) {
    const facts = { reason, verdict: reading.verdict, isBlind: true, reread: id };
    told.push(await writeCase(tx, reopened, { at: now, by, kind: 'disagreed', facts }));
  }
  await appendToLedger(tx, told);
  return { agrees, decided: drawn.verdict, reopened: reopened !== null };
}

interface RereadRow {
  id: number;
  case_id: number;
  drawn_at: Date;
  decided_at: Date;
  decided_by: string[];
  verdict: 'confirm' | 'dismiss';
  ground: string | null;
  taken_by: string | null;
  is_answered: boolean;
}

function asReread({ id, case_id, drawn_at, decided_at, decided_by, verdict, ground }: RereadRow): Reread {
  return {
    id: Number(id),
    caseId: caseId(Number(case_id)),
    drawnAt: drawn_at,
    decidedAt: decided_at,
    decidedBy: decided_by,
    verdict: { is: verdict, ground },
  };
}

function asHeld({
  id,
  case_id,
  taken_until,
}: {
  id: number;
  case_id: number;
  taken_until: Date;
}): HeldReread {
  return { id: Number(id), caseId: caseId(Number(case_id)), until: taken_until };
}
