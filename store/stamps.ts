/**
 * Rows of time stamps: which hash was asked to be stamped by whom, and the token that came. What an authority
 * that is down did not stamp stays due, a little later each time.
 */
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';

/** What a stamped hash is of: a root of the ledger, a WARC, a WACZ's manifest, a batch's. */
export type StampOf = 'root' | 'warc' | 'wacz' | 'manifest';

export interface DueStamp {
  readonly sha256: string;
  readonly authority: string;
  readonly of: StampOf;
  /** How often it was tried before. */
  readonly tries: number;
}

export interface Stamp {
  readonly sha256: string;
  readonly authority: string;
  readonly token: Buffer;
}

export interface StampCounts {
  readonly given: number;
  readonly waiting: number;
  /** Why the newest one that waits was not given; null when none was tried yet. */
  readonly lastError: string | null;
}

export interface StampStore {
  /** Asks for hashes to be stamped by each authority; what was asked before stays as it is. */
  ask(of: StampOf, hashes: readonly string[], authorities: readonly string[], now: Date): Promise<void>;
  /**
   * Asks each authority for every root of the ledger and every WARC that a case stands on: all of them the first time, and
   * then those that the ledger tells of since.
   */
  askForAll(authorities: readonly string[], now: Date): Promise<void>;
  /** Takes up to `limit` that are due; nobody else gets them for the next two minutes. */
  due(authorities: readonly string[], now: Date, limit: number): Promise<DueStamp[]>;
  /** Keeps a token; one that was kept already stays. */
  give(stamp: DueStamp, token: Buffer, now: Date): Promise<void>;
  putOff(stamp: DueStamp, why: string, until: Date): Promise<void>;
  /** Tokens for these hashes, oldest first. */
  of(hashes: readonly string[]): Promise<Stamp[]>;
  counts(): Promise<StampCounts>;
}

export function stampStore(db: Database): StampStore {
  return {
    async ask(of, hashes, authorities, now) {
      await db.query(
        `insert into stamp (sha256, authority, of, asked_at, due_at)
         select hash, authority, $3, $4, $4 from unnest($1::text[]) hash, unnest($2::text[]) authority
         on conflict do nothing`,
        [hashes, authorities, of, now],
      );
    },
    async askForAll(authorities, now) {
      for (const authority of authorities) await db.transaction((tx) => askOne(tx, authority, now));
    },
    async due(authorities, now, limit) {
      return db.query<DueStamp>(
        `update stamp s set due_at = $2::timestamptz + interval '2 minutes', tries = s.tries + 1
         from (select sha256, authority, tries from stamp
               where token is null and due_at <= $2 and authority = any($1::text[])
               order by case of when 'root' then 0 else 1 end, due_at, sha256 limit $3 for update skip locked) mine
         where s.sha256 = mine.sha256 and s.authority = mine.authority
         returning s.sha256, s.authority, s.of, mine.tries`,
        [authorities, now, limit],
      );
    },
    async give({ sha256, authority, of }, token, now) {
      await db.transaction(async (tx) => {
        const first = await tx.query(
          `update stamp set token = $3, stamped_at = $4, last_error = null
           where sha256 = $1 and authority = $2 and token is null returning 1 as first`,
          [sha256, authority, token, now],
        );
        if (first.length === 0) return;
        const entry = { sha256, authority, of, token: token.toString('base64') };
        await appendToLedger(tx, [{ at: now, kind: 'stamp', subject: sha256, entry }]);
      });
    },
    async putOff({ sha256, authority }, why, until) {
      await db.query(
        'update stamp set due_at = $3, last_error = $4 where sha256 = $1 and authority = $2 and token is null',
        [sha256, authority, until, why.slice(0, 500)],
      );
    },
    async of(hashes) {
      return db.query<Stamp>(
        `select sha256, authority, token from stamp where sha256 = any($1::text[]) and token is not null
         order by stamped_at, authority, sha256`,
        [hashes],
      );
    },
    async counts() {
      const [row] = await db.query<{ given: number; waiting: number; lastError: string | null }>(
        `select count(*) filter (where token is not null) as given,
           count(*) filter (where token is null) as waiting,
           (select last_error from stamp where token is null and last_error is not null
            order by due_at desc limit 1) as "lastError" from stamp`,
      );
      return {
        given: Number(row?.given ?? 0),
        waiting: Number(row?.waiting ?? 0),
        lastError: row?.lastError ?? null,
      };
    },
  };
}

async function askOne(tx: Queryable, authority: string, now: Date): Promise<void> {
  const first = await tx.query(
    'insert into stamp_asked (authority, seq) values ($1, 0) on conflict do nothing returning 1 as first',
    [authority],
  );
  // Two that ask at once take turns, and what is told after this is asked for in the next round.
  const [mark] = await tx.query<{ from: string; to: string }>(
    `select a.seq as from, coalesce((select max(seq) from ledger), 0) as to
     from stamp_asked a where authority = $1 for update of a`,
    [authority],
  );
  const { from, to } = mark!;
  if (from === to) return;
  await tx.query(
    `insert into stamp (sha256, authority, of, asked_at, due_at)
     select wanted.sha256, $1, wanted.of, $2, $2 from (
       select hash as sha256, 'root' as of from ledger where kind = 'root' and seq > $3 and seq <= $4
       union
       select c.warc, 'warc' from capture c where c.id in (${first.length > 0 ? ALL_EVIDENCE : NEW_EVIDENCE})
     ) wanted
     on conflict do nothing`,
    [authority, now, from, to],
  );
  await tx.query('update stamp_asked set seq = $2 where authority = $1', [authority, to]);
}

const ALL_EVIDENCE = 'select capture_id from case_capture';
const NEW_EVIDENCE = `select jsonb_array_elements_text(l.entry::jsonb -> 'captures')::uuid from ledger l
  where l.kind = 'evidence' and l.seq > $3 and l.seq <= $4`;
