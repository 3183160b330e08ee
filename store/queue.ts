/**
 * The queue as officers meet it: pages in the order of `domain/queue.ts`, who holds which case, saved searches.
 *
 * A page is read off an index by the rank of its last row, so it costs the same wherever it stands and however many
 * cases there are. A hold is a row with an end: what was not decided by then is free again by itself.
 */
import { type Case, type CaseId, caseId, caseNumber, type OfficerId } from '../domain/case.ts';
import { CLAIM_SECONDS, type Claim, MOST_CLAIMS, type QueueFilter } from '../domain/queue.ts';
import { asCase, type CaseRow, NoSuchCaseError } from './cases.ts';
import type { Database, Queryable } from './database.ts';
import { addDeskEvent } from './desk-log.ts';

export interface QueuedCase {
  readonly case: Case;
  readonly reach: number;
  /** Null for one that nobody holds now. */
  readonly claim: Claim | null;
}

export interface QueuePage {
  readonly items: readonly QueuedCase[];
  /** Where the next page begins; null on the last. */
  readonly next: QueueCursor | null;
}

export interface QueueCursor {
  readonly rank: number;
  readonly id: number;
}

export interface SavedQueue {
  /** UUID. */
  readonly id: string;
  readonly name: string;
  readonly filter: QueueFilter;
  /** Whose it is; null for everybody's. */
  readonly owner: OfficerId | null;
  readonly madeBy: OfficerId;
}

/** What one asks for is held by another. */
export class HeldError extends Error {
  override readonly name = 'HeldError';
  readonly facts: Claim;

  constructor(held: Claim) {
    super(`${held.by} is at work on ${held.caseId}. Wait, or take it over with a reason.`);
    this.facts = held;
  }
}

/** More cases are held than one person can have on the table. */
export class TooManyClaimsError extends Error {
  override readonly name = 'TooManyClaimsError';

  constructor() {
    super(`You hold ${MOST_CLAIMS} cases. Decide one, or give one back.`);
  }
}

export interface QueueStore {
  page(filter: QueueFilter, after: QueueCursor | null, limit: number, now: Date): Promise<QueuePage>;
  /** How many match, counted up to `most` and no further. */
  count(filter: QueueFilter, most: number): Promise<number>;
  /** What changed since, oldest change first, by moment and id. */
  changed(since: Date, afterId: number, limit: number): Promise<Case[]>;
  /**
   * Takes the first cases of a queue that nobody holds and this officer may work on; fewer when there are fewer.
   * Those held already stay held, longer.
   *
   * @param want cases to hold in all, at most `MOST_CLAIMS`.
   */
  claimNext(by: OfficerId, filter: QueueFilter, want: number, now: Date): Promise<Claim[]>;
  /**
   * Holds one case, or goes on holding it.
   *
   * @param steal why it is taken from whoever holds it; null leaves it there.
   * @throws HeldError, NoSuchCaseError, TooManyClaimsError
   */
  claim(id: CaseId, by: OfficerId, steal: string | null, now: Date): Promise<Claim>;
  /** Gives a case back. */
  release(id: CaseId, by: OfficerId, now: Date): Promise<void>;
  held(by: OfficerId, now: Date): Promise<Claim[]>;
  holder(id: CaseId, now: Date): Promise<Claim | null>;
  /** How many told of a case; 1 for one that nobody knows. */
  reach(id: CaseId): Promise<number>;
  /** Everybody's and this person's own, by name. */
  saved(by: OfficerId): Promise<SavedQueue[]>;
  save(queue: SavedQueue, now: Date): Promise<void>;
  /** True when there was one that this person may remove: an own one, or with `isKeeper` everybody's. */
  unsave(id: string, by: OfficerId, isKeeper: boolean): Promise<boolean>;
}

export function queueStore(db: Database): QueueStore {
  return {
    async page(filter, after, limit, now) {
      const { tests, params } = conditions(filter);
      if (after !== null) {
        const [rank, id] = [place(params, after.rank), place(params, after.id)];
        tests.push(`c.rank <= ${rank} and (c.rank < ${rank} or c.id > ${id})`);
      }
      const at = place(params, now);
      const rows = await db.query<CaseRow & { held_by: string | null; held_until: Date | null }>(
        `select c.*, k.by as held_by, k.until as held_until
         from (select * from cases c ${where(tests)} order by c.rank desc, c.id limit ${place(params, limit + 1)}) c
         left join claim k on k.case_id = c.id and k.until > ${at} order by c.rank desc, c.id`,
        params,
      );
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        items: shown.map((row) => {
          const it = asCase(row);
          const claim =
            row.held_by === null ? null : { caseId: it.id, by: row.held_by, until: row.held_until! };
          return { case: it, reach: row.reach, claim };
        }),
        next: last === undefined ? null : { rank: last.rank, id: Number(last.id) },
      };
    },
    async count(filter, most) {
      const { tests, params } = conditions(filter);
      const [row] = await db.query<{ n: number }>(
        `select count(*) as n from (select 1 from cases c ${where(tests)} limit ${place(params, most)}) counted`,
        params,
      );
      return Number(row?.n ?? 0);
    },
    async changed(since, afterId, limit) {
      const rows = await db.query<CaseRow>(
        `select * from cases where updated_at >= $1 and (updated_at > $1 or id > $2)
         order by updated_at, id limit $3`,
        [since, afterId, limit],
      );
      return rows.map(asCase);
    },
    claimNext: (by, filter, want, now) =>
      db.transaction(async (tx) => {
        const until = new Date(now.getTime() + CLAIM_SECONDS * 1000);
        const own = await tx.query<ClaimRow>(
          'update claim set until = $3 where by = $1 and until > $2 returning *',
          [by, now, until],
        );
        const claims = own.map(asClaim);
        while (claims.length < Math.min(want, MOST_CLAIMS)) {
          const lacking = Math.min(want, MOST_CLAIMS) - claims.length;
          const free = await firstFree(tx, by, filter, lacking, now);
          if (free.length === 0) break;
          const taken = await hold(tx, free, by, now, until);
          claims.push(...taken.map(asClaim));
        }
        return claims;
      }),
    claim: (id, by, steal, now) =>
      db.transaction(async (tx) => {
        const number = caseNumber(id);
        const [it] =
          number === null
            ? []
            : await tx.query<{ id: number }>('select id from cases where id = $1 for update', [number]);
        if (it === undefined) throw new NoSuchCaseError(id);
        const until = new Date(now.getTime() + CLAIM_SECONDS * 1000);
        const [held] = await tx.query<ClaimRow>('select * from claim where case_id = $1 and until > $2', [
          it.id,
          now,
        ]);
        if (held !== undefined && held.by !== by && steal === null) throw new HeldError(asClaim(held));
        if (held?.by !== by) {
          const [{ n } = { n: 0 }] = await tx.query<{ n: number }>(
            'select count(*) as n from claim where by = $1 and until > $2',
            [by, now],
          );
          if (Number(n) >= MOST_CLAIMS) throw new TooManyClaimsError();
          const kind = held === undefined ? 'claimed' : 'stolen';
          const facts = held === undefined ? {} : { from: held.by, reason: steal };
          await addDeskEvent(tx, { at: now, by, kind, caseId: id, facts });
        }
        const [row] = await tx.query<ClaimRow>(
          `insert into claim (case_id, by, taken_at, until) values ($1, $2, $3, $4)
           on conflict (case_id) do update set by = excluded.by, until = excluded.until,
             taken_at = case when claim.by = excluded.by then claim.taken_at else excluded.taken_at end
           returning *`,
          [it.id, by, now, until],
        );
        return asClaim(row!);
      }),
    release: (id, by, now) =>
      db.transaction(async (tx) => {
        const gone = await tx.query('delete from claim where case_id = $1 and by = $2 returning 1 as gone', [
          caseNumber(id) ?? 0,
          by,
        ]);
        if (gone.length > 0) await addDeskEvent(tx, { at: now, by, kind: 'released', caseId: id, facts: {} });
      }),
    async held(by, now) {
      const rows = await db.query<ClaimRow>(
        'select * from claim where by = $1 and until > $2 order by taken_at, case_id',
        [by, now],
      );
      return rows.map(asClaim);
    },
    async holder(id, now) {
      const [row] = await db.query<ClaimRow>('select * from claim where case_id = $1 and until > $2', [
        caseNumber(id) ?? 0,
        now,
      ]);
      return row === undefined ? null : asClaim(row);
    },
    async reach(id) {
      const [row] = await db.query<{ reach: number }>('select reach from cases where id = $1', [
        caseNumber(id) ?? 0,
      ]);
      return row?.reach ?? 1;
    },
    async saved(by) {
      const rows = await db.query<QueueRow>(
        'select * from queue where owner is null or owner = $1 order by name, id',
        [by],
      );
      return rows.map(({ id, name, filter, owner, made_by }) => ({
        id,
        name,
        filter,
        owner,
        madeBy: made_by,
      }));
    },
    async save({ id, name, filter, owner, madeBy }, now) {
      await db.query(
        'insert into queue (id, name, filter, owner, made_by, made_at) values ($1, $2, $3::jsonb, $4, $5, $6)',
        [id, name, JSON.stringify(filter), owner, madeBy, now],
      );
    },
    async unsave(id, by, isKeeper) {
      const gone = await db.query(
        'delete from queue where id = $1 and (owner = $2 or (owner is null and $3)) returning 1 as gone',
        [id, by, isKeeper],
      );
      return gone.length > 0;
    },
  };
}

/** Rows of cases at the head of a queue that nobody holds, locked; those that another claims this moment are passed over. */
async function firstFree(
  tx: Queryable,
  by: OfficerId,
  filter: QueueFilter,
  most: number,
  now: Date,
): Promise<number[]> {
  const { tests, params } = conditions(filter);
  const [at, me] = [place(params, now), place(params, by)];
  tests.push(`not exists (select 1 from claim k where k.case_id = c.id and k.until > ${at})`);
  // A second look is another's; so is one at what this officer disagreed on.
  tests.push(`c.state_facts ->> 'by' is distinct from ${me}`);
  tests.push(`not coalesce(c.state_facts -> 'escalated' -> 'between' ? ${me}, false)`);
  const rows = await tx.query<{ id: number }>(
    `select c.id from cases c ${where(tests)} order by c.rank desc, c.id limit ${place(params, most)}
     for update of c skip locked`,
    params,
  );
  return rows.map(({ id }) => Number(id));
}

/** The holds that were got: one taken between the look and the lock is not among them. */
async function hold(
  tx: Queryable,
  ids: readonly number[],
  by: OfficerId,
  now: Date,
  until: Date,
): Promise<ClaimRow[]> {
  return tx.query<ClaimRow>(
    `insert into claim (case_id, by, taken_at, until) select id, $2, $3, $4 from unnest($1::int8[]) id
     on conflict (case_id) do update set by = excluded.by, taken_at = excluded.taken_at, until = excluded.until
       where claim.until <= $3 returning *`,
    [ids, by, now, until],
  );
}

function conditions(filter: QueueFilter): { tests: string[]; params: unknown[] } {
  const params: unknown[] = [];
  const tests: string[] = [];
  if (filter.state !== undefined) {
    tests.push(`c.state = ${place(params, filter.state)}`);
    // One lane after another, so that the index gives the order.
    if (filter.state === 'open' || filter.lane !== undefined)
      tests.push(`c.lane = ${place(params, filter.lane ?? 'desk')}`);
    else tests.push("c.lane = 'desk'");
  }
  if (filter.label !== undefined) tests.push(`c.label = ${place(params, filter.label)}`);
  if (filter.leastScore !== undefined) tests.push(`c.score >= ${place(params, filter.leastScore)}`);
  if (filter.search !== undefined && filter.search !== '')
    tests.push(`strpos(c.subject_key, lower(${place(params, filter.search)})) > 0`);
  return { tests, params };
}

function place(params: unknown[], value: unknown): string {
  params.push(value);
  return `$${params.length}`;
}

function where(tests: readonly string[]): string {
  return tests.length === 0 ? '' : `where ${tests.join(' and ')}`;
}

interface ClaimRow {
  case_id: number;
  by: string;
  taken_at: Date;
  until: Date;
}

function asClaim({ case_id, by, until }: ClaimRow): Claim {
  return { caseId: caseId(Number(case_id)), by, until };
}

interface QueueRow {
  id: string;
  name: string;
  filter: QueueFilter;
  owner: string | null;
  made_by: string;
}
