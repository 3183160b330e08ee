/**
 * A visit and the lease it is held by: what every write of a visit carries, so that a worker whose visit was given
 * to another can no longer write.
 */
import type { ScanSettings } from '../domain/source.ts';
import type { Queryable } from './database.ts';

export interface Visit {
  readonly id: string;
  readonly scanId: string;
  readonly host: string;
  /** The token that every write of this visit must carry. */
  readonly lease: string;
  readonly settings: ScanSettings;
  /** Pages captured so far, by this worker or one before it. */
  readonly captured: number;
  /** It was put off before, since its host asked for patience. */
  readonly wasPutOff: boolean;
}

/** The visit was given to another worker meanwhile; nothing was written. Stop this visit, the other goes on. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly facts: { readonly host: string; readonly visitId: string };

  constructor(visit: Pick<Visit, 'host' | 'id'>) {
    super(`The visit to ${visit.host} was taken over by another worker, which goes on with it.`);
    this.facts = { host: visit.host, visitId: visit.id };
  }
}

/** Holds the rows of these visits until the transaction ends; tells the leases that are still theirs. */
export async function holdLeases(tx: Queryable, visits: readonly Visit[]): Promise<ReadonlySet<string>> {
  const held = await tx.query<{ lease: string }>(
    `select lease from visit
     where (id, lease) in (select * from unnest($1::uuid[], $2::uuid[])) and state = 'running'
     order by id for update`,
    [visits.map(({ id }) => id), visits.map(({ lease }) => lease)],
  );
  return new Set(held.map(({ lease }) => lease));
}

/** Holds the row of the visit until the transaction ends. @throws LeaseLostError */
export async function holdLease(tx: Queryable, visit: Visit): Promise<void> {
  if (!(await holdLeases(tx, [visit])).has(visit.lease)) throw new LeaseLostError(visit);
}
