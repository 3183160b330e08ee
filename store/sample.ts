/** Draws what is read again (`rereads.ts`) by lot, in the transaction of the decision. */
import { type Case, caseNumber } from '../domain/case.ts';
import { drawable, isDrawn } from '../domain/reread.ts';
import type { Queryable } from './database.ts';

/** How much of what is decided is read again. */
export interface Sample {
  /** 0..1. */
  readonly share: number;
  /** 0 up to 1, excluded; another each time. */
  lot(): number;
}

/** Draws a case that was just decided, if its lot falls so. */
export async function draw(tx: Queryable, it: Case, { share, lot }: Sample, now: Date): Promise<void> {
  const found = drawable(it);
  if (found === null || !isDrawn(share, lot())) return;
  const { decidedAt, decidedBy, verdict } = found;
  await tx.query(
    `insert into reread (case_id, drawn_at, decided_at, decided_by, verdict, ground) values ($1, $2, $3, $4, $5, $6)`,
    [caseNumber(it.id), now, decidedAt, decidedBy, verdict.is, verdict.ground],
  );
}
