/**
 * Rows of batches. A case is taken into a batch in one transaction with its own change of state, so that
 * it is in exactly one batch or in none; the records a batch was first built from are kept as they were.
 */
import type { Sha256 } from '../domain/capture.ts';
import { type Case, type CaseId, CaseRefusedError, caseId, caseNumber, refer } from '../domain/case.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import type { Referral } from '../domain/record.ts';
import type { Channel } from '../domain/referral.ts';
import { asCase, type CaseRow, writeCase } from './cases.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { batchEvent } from './ledger-told.ts';

export interface Batch {
  /** `KN_{org}_{YYYYMMDD}_{seq}`; the file is this with `_v1.zip`. */
  readonly id: string;
  readonly channel: Channel;
  readonly org: string;
  readonly seq: number;
  readonly builtAt: Date;
  readonly facts: BatchFacts;
  /** Of the finished file; null until it was written once. */
  readonly sha256: string | null;
  readonly referrals: readonly Referral[];
}

export interface BatchFacts {
  /** SHA-256 of the newest finished batch before this one; null for an organisation's first. */
  readonly prevBatchSha256: string | null;
  readonly software: { readonly name: string; readonly version: string };
  /** The batch whose cases go on in this one; left out for one that takes cases for the first time. */
  readonly replaces?: { readonly batch: string; readonly sha256: string | null };
}

export interface BatchSeal {
  readonly manifestSha256: string;
  readonly signature: Buffer | null;
  readonly stamps: readonly Buffer[];
}

/** The letters of a batch on paper: names below `letters/` and their blobs; null where no browser printed them. */
export interface BatchPrint {
  readonly files: Readonly<Record<string, Sha256>> | null;
  /** Why there are none. */
  readonly why: string | null;
}

export interface BatchSummary {
  readonly id: string;
  readonly channel: Channel;
  readonly builtAt: Date;
  readonly sha256: string | null;
  readonly cases: number;
}

export class NoSuchBatchError extends Error {
  override readonly name = 'NoSuchBatchError';
  readonly facts: { readonly batch: string };

  constructor(batch: string) {
    super(`There is no batch ${batch}. "kuzet refer show" lists the ones there are.`);
    this.facts = { batch };
  }
}

export interface BatchStore {
  /** Newest first; all, or those built since. */
  list(since?: Date): Promise<BatchSummary[]>;
  /** @throws NoSuchBatchError */
  get(id: string): Promise<Batch>;
  /** Approved cases in no batch, longest waiting first; those that somebody objects to wait until that is judged,
   * once: who objects again and again to what an officer upheld holds nothing up. */
  waiting(limit: number, offset: number): Promise<Case[]>;
  /**
   * Takes cases into a new batch: numbers it, writes its records, marks every case referred. All or nothing.
   *
   * @throws CaseRefusedError when a case is no longer approved, was approved anew since its record was made, or is
   *   objected to by now.
   */
  take(order: {
    readonly org: string;
    readonly channel: Channel;
    readonly software: BatchFacts['software'];
    /** `revision`: of the case that the record was made of; another one by now refuses the batch. */
    readonly rows: readonly {
      readonly caseId: CaseId;
      readonly revision?: number;
      readonly referral: Referral;
    }[];
    readonly now: Date;
  }): Promise<Batch>;
  /** Batches in which any of these addresses already went out. */
  sentIn(urls: readonly string[]): Promise<string[]>;
  /** Of hosts and accounts that went out before, the batches they went out in, oldest first. */
  scopesSentIn(scopes: readonly string[]): Promise<Map<string, string[]>>;
  /** Approved cases that wait because somebody objects: those that `waiting` passes over. */
  objected(): Promise<CaseId[]>;
  /** Other cases that stand on the very same screenshot. */
  screenshotAlsoOf(sha256: string, except: CaseId): Promise<CaseId[]>;
  /** Batches whose file was never finished, oldest first: a builder died in between. */
  unfinished(): Promise<string[]>;
  /** What was printed of its letters; null until somebody tried. */
  print(id: string): Promise<BatchPrint | null>;
  /** Keeps the first print of a batch, and answers with it. */
  keepPrint(id: string, print: BatchPrint, now: Date): Promise<BatchPrint>;
  /** Names of all blobs that batches rely on; some come more than once. */
  blobs(): AsyncIterable<Sha256>;
  /** What was signed and stamped of its manifest; null until it was. */
  seal(id: string): Promise<BatchSeal | null>;
  /** Keeps the first seal of a batch, and answers with it. */
  keepSeal(id: string, seal: BatchSeal, now: Date): Promise<BatchSeal>;
  /** Cases that an officer approved on the UTC day of `at`. */
  approvedOn(officer: string, at: Date): Promise<number>;
  /** Notes the file's hash the first time; later calls change nothing. */
  finish(id: string, sha256: string, now: Date): Promise<void>;
}

/** Who objects again and again to what an officer upheld holds nothing up. */
const OBJECTED = `exists (select 1 from appeal a where a.case_id = c.id and a.judged_at is null)
  and not exists (select 1 from appeal a where a.case_id = c.id and a.verdict = 'upheld')`;

export function batchStore(db: Database): BatchStore {
  const store: BatchStore = {
    async list(since) {
      const rows = await db.query<{
        id: string;
        channel: Channel;
        built_at: Date;
        sha256: string | null;
        cases: number;
      }>(
        `select id, channel, built_at, sha256, (select count(*) from batch_row where batch_id = id) as cases
         from batch where $1::timestamptz is null or built_at >= $1 order by built_at desc, id desc`,
        [since ?? null],
      );
      return rows.map((row) => ({
        id: row.id,
        channel: row.channel,
        builtAt: row.built_at,
        sha256: row.sha256,
        cases: Number(row.cases),
      }));
    },
    async get(id) {
      const [row] = await db.query<BatchRow>('select * from batch where id = $1', [
        id.replace(/(_v1)?(\.zip)?$/, ''),
      ]);
      if (row === undefined) throw new NoSuchBatchError(id);
      const referrals = await db.query<{ referral: Referral }>(
        'select referral from batch_row where batch_id = $1 order by n',
        [row.id],
      );
      return {
        id: row.id,
        channel: row.channel,
        org: row.org,
        seq: row.seq,
        builtAt: row.built_at,
        facts: row.facts,
        sha256: row.sha256,
        referrals: referrals.map((each) => each.referral),
      };
    },
    async waiting(limit, offset) {
      const rows = await db.query<CaseRow>(
        `select * from cases c where state = 'approved' and not (${OBJECTED})
         order by updated_at, id limit $1 offset $2`,
        [limit, offset],
      );
      return rows.map(asCase);
    },
    async take({ org, channel, software, rows, now }) {
      const id = await db.transaction(async (tx) => {
        const { id: batchId, facts: batchFacts } = await newBatch(tx, { org, channel, software, now });
        const acts: LedgerEvent[] = [];
        for (const [at, { caseId, revision, referral }] of rows.entries()) {
          const [row] = await tx.query<CaseRow>('select * from cases where id = $1 for update', [
            caseNumber(caseId),
          ]);
          const it = asCase(row!);
          if (revision !== undefined && revision !== it.revision)
            throw new CaseRefusedError(
              caseId,
              'changed',
              'it was decided anew while the batch was made. Build it again.',
            );
          const [objection] = await tx.query(`select 1 as is from cases c where c.id = $1 and ${OBJECTED}`, [
            caseNumber(caseId),
          ]);
          if (objection !== undefined)
            throw new CaseRefusedError(
              caseId,
              'changed',
              'somebody objected to it while the batch was made. Build it again, without it, or judge the appeal first ("kuzet appeals list").',
            );
          const next = refer(it, batchId, now);
          const facts = { batch: batchId, row: at + 1 };
          acts.push(await writeCase(tx, next, { at: now, by: 'kuzet', kind: 'referred', facts }));
          await tx.query(
            'insert into batch_case (batch_id, n, case_id, referral) values ($1, $2, $3, $4::jsonb)',
            [batchId, at + 1, caseNumber(caseId), JSON.stringify(referral)],
          );
        }
        const taken = rows.map(({ caseId, referral }, at) => ({
          n: at + 1,
          case_id: caseNumber(caseId)!,
          referral,
        }));
        await appendToLedger(tx, [
          batchEvent({ id: batchId, channel, built_at: now, facts: batchFacts }, taken),
          ...acts,
        ]);
        return batchId;
      });
      return store.get(id);
    },
    async sentIn(urls) {
      const rows = await db.query<{ batch_id: string }>(
        "select distinct batch_id from batch_case where md5(referral ->> 'url') in (select md5(url) from unnest($1::text[]) as url) order by batch_id",
        [urls],
      );
      return rows.map((row) => row.batch_id);
    },
    async scopesSentIn(scopes) {
      const rows = await db.query<{ scope: string; batches: string[] }>(
        `select referral -> 'effectiveBlockScope' ->> 'value' as scope, array_agg(distinct batch_id order by batch_id) as batches
         from batch_case where md5(referral -> 'effectiveBlockScope' ->> 'value') in (select md5(s) from unnest($1::text[]) s)
         group by 1`,
        [scopes],
      );
      return new Map(rows.map(({ scope, batches }) => [scope, batches]));
    },
    async objected() {
      const rows = await db.query<{ id: number }>(
        `select c.id from cases c where state = 'approved' and ${OBJECTED} order by c.updated_at, c.id`,
      );
      return rows.map(({ id }) => caseId(Number(id)));
    },
    async screenshotAlsoOf(sha256, except) {
      const rows = await db.query<{ id: number }>(
        `select distinct k.case_id as id from case_capture k join capture c on c.id = k.capture_id
         where c.screenshot = $1 and k.case_id <> $2 order by id`,
        [sha256, caseNumber(except)],
      );
      return rows.map((row) => caseId(Number(row.id)));
    },
    async unfinished() {
      const rows = await db.query<{ id: string }>(
        'select id from batch where sha256 is null order by built_at, id',
      );
      return rows.map((row) => row.id);
    },
    print: (id) => readPrint(db, id),
    async keepPrint(id, { files, why }, now) {
      await db.query(
        'insert into batch_print (batch_id, made_at, files, why) values ($1, $2, $3::jsonb, $4) on conflict do nothing',
        [id, now, files === null ? null : JSON.stringify(files), why],
      );
      return (await readPrint(db, id))!;
    },
    async *blobs() {
      for (let after = ''; ; ) {
        const rows = await db.query<{ id: string; names: Sha256[] }>(
          `select b.id, array(
               select part ->> 'sha256' from batch_case c, jsonb_array_elements(c.referral -> 'evidence') part
               where c.batch_id = b.id
               union select value from batch_print p, jsonb_each_text(p.files)
               where p.batch_id = b.id and p.files is not null) as names
           from batch b where b.id > $1 order by b.id limit 100`,
          [after],
        );
        for (const { names } of rows) yield* names;
        after = rows.at(-1)?.id ?? after;
        if (rows.length < 100) return;
      }
    },
    seal: (id) => readSeal(db, id),
    async keepSeal(id, { manifestSha256, signature, stamps }, now) {
      await db.query(
        `insert into batch_seal (batch_id, made_at, manifest_sha256, signature, stamps)
         values ($1, $2, $3, $4, $5::jsonb) on conflict do nothing`,
        [id, now, manifestSha256, signature, JSON.stringify(stamps.map((token) => token.toString('base64')))],
      );
      return (await readSeal(db, id))!;
    },
    async approvedOn(officer, at) {
      const [row] = await db.query<{ n: number }>(
        `select count(*) as n from act where kind = 'approved' and by = $1
           and at >= date_trunc('day', $2::timestamptz) and at < date_trunc('day', $2::timestamptz) + interval '1 day'`,
        [officer, at],
      );
      return Number(row?.n ?? 0);
    },
    async finish(id, sha256, now) {
      await db.transaction(async (tx) => {
        const first = await tx.query(
          'update batch set sha256 = $2 where id = $1 and sha256 is null returning 1 as first',
          [id, sha256],
        );
        if (first.length === 0) return;
        await appendToLedger(tx, [
          { at: now, kind: 'batch_file', subject: id, entry: { batch: id, sha256 } },
        ]);
      });
    },
  };
  return store;
}

/** A batch's own row, with the next number of its day. */
export async function newBatch(
  tx: Queryable,
  {
    org,
    channel,
    software,
    now,
    replaces,
  }: Pick<BatchFacts, 'software' | 'replaces'> & {
    readonly org: string;
    readonly channel: string;
    readonly now: Date;
  },
): Promise<{ readonly id: string; readonly facts: BatchFacts }> {
  await tx.query('lock table batch in share row exclusive mode');
  const day = now.toISOString().slice(0, 10);
  const [last] = await tx.query<{ seq: number }>(
    'select coalesce(max(seq), 0) as seq from batch where org = $1 and day = $2::date',
    [org, day],
  );
  const [prev] = await tx.query<{ sha256: string | null }>(
    'select sha256 from batch where org = $1 and sha256 is not null order by built_at desc, seq desc limit 1',
    [org],
  );
  const seq = Number(last?.seq ?? 0) + 1;
  const id = `KN_${org}_${day.replaceAll('-', '')}_${String(seq).padStart(3, '0')}`;
  const prevBatchSha256 = prev?.sha256 ?? null;
  const facts: BatchFacts = { prevBatchSha256, software, ...(replaces === undefined ? {} : { replaces }) };
  await tx.query(
    'insert into batch (id, channel, org, day, seq, built_at, facts) values ($1, $2, $3, $4::date, $5, $6, $7::jsonb)',
    [id, channel, org, day, seq, now, JSON.stringify(facts)],
  );
  return { id, facts };
}

async function readPrint(db: Queryable, id: string): Promise<BatchPrint | null> {
  const [row] = await db.query<BatchPrint>('select files, why from batch_print where batch_id = $1', [id]);
  return row ?? null;
}

async function readSeal(db: Queryable, id: string): Promise<BatchSeal | null> {
  const [row] = await db.query<{ manifestSha256: string; signature: Buffer | null; stamps: string[] }>(
    'select manifest_sha256 as "manifestSha256", signature, stamps from batch_seal where batch_id = $1',
    [id],
  );
  return row === undefined
    ? null
    : { ...row, stamps: row.stamps.map((token) => Buffer.from(token, 'base64')) };
}

interface BatchRow {
  id: string;
  channel: Channel;
  org: string;
  seq: number;
  built_at: Date;
  facts: BatchFacts;
  sha256: string | null;
}
