/** What a model in the shadow said of a page, written in the transaction of its capture. */
import type { Assessment } from '../domain/assessment.ts';
import type { Queryable } from './database.ts';

export async function insertShadow(tx: Queryable, captureId: string, said: Assessment): Promise<void> {
  const { model, verdict, label, score, signals } = said;
  const ids = signals.map((signal) => signal.id);
  await tx.query(
    `insert into shadow_page (model, capture_id, verdict, label, score, signals)
     values ($1, $2, $3, $4, $5, $6::jsonb)`,
    [model, captureId, verdict, label, score, JSON.stringify(ids)],
  );
}
