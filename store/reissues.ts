/**
 * Batches issued again. A case that was withdrawn, or that somebody objects to, holds its batch back; the others go on
 * in a new batch, in one transaction with their acts, the new batch's row of the ledger and the delivery that goes over
 * to it. Records stay as they were first frozen, so the new file is as much a function of rows as the old one.
 */
import { type CaseId, caseId, caseNumber, officerId, referAgain } from '../domain/case.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import { edge } from '../domain/passage.ts';
import type { Referral } from '../domain/record.ts';
import { type BatchFacts, NoSuchBatchError, newBatch } from './batches.ts';
import { asCase, type CaseRow, writeCase } from './cases.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { batchEvent } from './ledger-told.ts';
import { readSent } from './passages.ts';

export type ReissueRefusal = 'no_officer' | 'nothing_held' | 'nothing_left';

/** The batch is not to be issued again. */
export class ReissueRefusedError extends Error {
  override readonly name = 'ReissueRefusedError';
  readonly facts: { readonly batch: string; readonly code: ReissueRefusal };

  constructor(batch: string, code: ReissueRefusal, why: string) {
    super(`Batch ${batch} is not issued again: ${why}`);
    this.facts = { batch, code };
  }
}

export interface Reissue {
  /** The new batch. */
  readonly batch: string;
  readonly of: string;
  readonly at: Date;
  readonly by: string;
  /** Cases that go on in the new batch, in the order of its rows. */
  readonly moved: readonly CaseId[];
  /** Cases that stay behind. */
  readonly left: readonly CaseId[];
}

export interface ReissueStore {
  /**
   * Takes what may still leave out of a batch that something holds back.
   *
   * @throws NoSuchBatchError, ReissueRefusedError
   */
  reissue(order: {
    readonly batch: string;
    readonly by: string;
    readonly software: BatchFacts['software'];
    readonly now: Date;
  }): Promise<Reissue>;
}

export function reissueStore(db: Database): ReissueStore {
  return { reissue: (order) => db.transaction((tx) => reissueIn(tx, order)) };
}

async function reissueIn(
  tx: Queryable,
  { batch: of, by: typed, software, now }: Parameters<ReissueStore['reissue']>[0],
): Promise<Reissue> {
  const by = officerId(typed);
  if (by === '') throw new ReissueRefusedError(of, 'no_officer', 'name the officer (--by OFFICER).');
  const [old] = await tx.query<{ org: string; channel: string; sha256: string | null }>(
    'select org, channel, sha256 from batch where id = $1 for update',
    [of],
  );
  if (old === undefined) throw new NoSuchBatchError(of);
  const { going, left } = await sorted(tx, of);
  if (left.length === 0) {
    const why = 'nothing holds it back. Hand it over ("kuzet refer handover").';
    throw new ReissueRefusedError(of, 'nothing_held', why);
  }
  if (going.length === 0)
    throw new ReissueRefusedError(of, 'nothing_left', 'no case of it is left that may leave.');

  const { id, facts } = await newBatch(tx, {
    ...{ org: old.org, channel: old.channel, software, now },
    replaces: { batch: of, sha256: old.sha256 },
  });
  await tx.query('insert into reissue (batch_id, of, at, by) values ($1, $2, $3, $4)', [id, of, now, by]);
  const acts: LedgerEvent[] = [];
  for (const [at, { case_id }] of going.entries()) {
    await tx.query(
      `insert into reissue_row (batch_id, n, case_id, turn)
       values ($1, $2, $3, 1 + (select coalesce(max(turn), 0) from reissue_row where case_id = $3))`,
      [id, at + 1, case_id],
    );
    const [row] = await tx.query<CaseRow>('select * from cases where id = $1 for update', [case_id]);
    const next = referAgain(asCase(row!), id, now);
    const told = { batch: id, row: at + 1, insteadOf: of };
    acts.push(await writeCase(tx, next, { at: now, by, kind: 'referred', facts: told }));
  }
  await tx.query(
    `insert into delivery (batch_id, asked_at, by, due_at)
     select $1, $2, by, $2 from delivery where batch_id = $3`,
    [id, now, of],
  );
  await tx.query('delete from delivery where batch_id = $1', [of]);
  const taken = going.map(({ case_id, referral }, at) => ({ n: at + 1, case_id, referral }));
  const event = batchEvent({ id, channel: old.channel, built_at: now, facts }, taken);
  await appendToLedger(tx, [event, ...acts]);
  const moved = going.map(({ case_id }) => caseId(case_id));
  return { batch: id, of, at: now, by, moved, left };
}

/** What of a batch may still leave, and what stays: withdrawn, answered already, or appealed and not yet judged. */
async function sorted(tx: Queryable, batch: string) {
  const rows = await tx.query<{ case_id: number; referral: Referral; is_appealed: boolean }>(
    `select k.case_id, k.referral,
       exists (select 1 from appeal a where a.case_id = k.case_id and a.judged_at is null)
         and not exists (select 1 from appeal a where a.case_id = k.case_id and a.verdict = 'upheld')
         as is_appealed
     from batch_row k where k.batch_id = $1 and not k.is_moved order by k.n`,
    [batch],
  );
  const going: { case_id: number; referral: Referral }[] = [];
  const left: CaseId[] = [];
  for (const { case_id, referral, is_appealed } of rows) {
    const id = caseId(Number(case_id));
    // Its row held: what becomes of it meanwhile waits for this to be done.
    await tx.query('select 1 from cases where id = $1 for update', [caseNumber(id)]);
    const { passage } = await readSent(tx, id);
    const mayLeave = edge(passage.state, 'handed_over') !== null && !is_appealed;
    if (mayLeave) going.push({ case_id: Number(case_id), referral });
    else left.push(id);
  }
  return { going, left };
}
