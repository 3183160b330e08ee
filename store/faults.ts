/** Rows of what a round of aftercare could not do for one case: one that fails holds up none of the others. */
import { type CaseId, caseId, caseNumber } from '../domain/case.ts';
import type { Database } from './database.ts';
import { storable } from './storable.ts';

export const AFTERCARE_STEPS = ['late', 'ask', 'see', 'mirror', 'freshen'] as const;
export type AftercareStep = (typeof AFTERCARE_STEPS)[number];

export interface AftercareFault {
  readonly caseId: CaseId;
  readonly step: AftercareStep;
  /** When it failed first. */
  readonly at: Date;
  readonly tries: number;
  readonly lastError: string;
  readonly dueAt: Date;
  /** Nobody tries any more before a person says so; null while it is tried. */
  readonly givenUpAt: Date | null;
}

export interface FaultStore {
  /** Longest failing first. */
  list(): Promise<AftercareFault[]>;
  /** One more failure: due again at `dueAt`, or given up. */
  note(
    it: { readonly caseId: CaseId; readonly step: AftercareStep; readonly error: string },
    then: { readonly now: Date; readonly dueAt: Date; readonly isLast: boolean },
  ): Promise<void>;
  /** It went well, or a person wants it tried anew; all steps when none is named. @returns how many there were. */
  clear(id: CaseId, step?: AftercareStep): Promise<number>;
}

export function faultStore(db: Database): FaultStore {
  return {
    async list() {
      const rows = await db.query<{
        case_id: number;
        step: AftercareStep;
        at: Date;
        tries: number;
        last_error: string;
        due_at: Date;
        given_up_at: Date | null;
      }>('select * from aftercare_fault order by at, case_id, step');
      return rows.map((row) => ({
        caseId: caseId(Number(row.case_id)),
        step: row.step,
        at: row.at,
        tries: row.tries,
        lastError: row.last_error,
        dueAt: row.due_at,
        givenUpAt: row.given_up_at,
      }));
    },
    async note({ caseId: id, step, error }, { now, dueAt, isLast }) {
      await db.query(
        `insert into aftercare_fault (case_id, step, at, tries, last_error, due_at, given_up_at)
         values ($1, $2, $3, 1, $4, $5, $6)
         on conflict (case_id, step) do update set tries = aftercare_fault.tries + 1, last_error = $4, due_at = $5,
           given_up_at = $6`,
        [caseNumber(id), step, now, storable(error).slice(0, 2000), dueAt, isLast ? now : null],
      );
    },
    async clear(id, step) {
      const rows = await db.query(
        'delete from aftercare_fault where case_id = $1 and step = coalesce($2, step) returning 1 as gone',
        [caseNumber(id), step ?? null],
      );
      return rows.length;
    },
  };
}
