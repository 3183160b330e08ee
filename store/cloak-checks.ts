/** Rows of cloak checks. They are only ever added, each in one transaction with the captures it compares. */
import type { CheckReason, CloakCheck, Finding, VisitorReading } from '../domain/cloak-check.ts';
import type { Database, Queryable } from './database.ts';

export interface CloakCheckStore {
  /** How many pages of a visit were checked. */
  ofVisit(visitId: string): Promise<number>;
  /** Those of captures, by the first capture or by what another visitor was shown; the newest first. */
  ofCaptures(ids: readonly string[]): Promise<CloakCheck[]>;
}

export async function insertCloakCheck(tx: Queryable, check: CloakCheck): Promise<void> {
  await tx.query(
    `insert into cloak_check (capture_id, visit_id, at, why, finding, readings)
     select $1, visit_id, $2, $3, $4, $5::jsonb from capture where id = $1`,
    [check.captureId, check.at, check.why, check.finding, JSON.stringify(check.readings)],
  );
}

export function cloakCheckStore(db: Database): CloakCheckStore {
  return {
    async ofVisit(visitId) {
      const [row] = await db.query<{ n: number }>(
        'select count(*)::int as n from cloak_check where visit_id = $1',
        [visitId],
      );
      return row!.n;
    },
    async ofCaptures(ids) {
      const rows = await db.query<{
        capture_id: string;
        at: Date;
        why: CheckReason;
        finding: Finding;
        readings: VisitorReading[];
      }>(
        `select l.capture_id, l.at, l.why, l.finding, l.readings from cloak_check l
         where l.capture_id in (
           select first.id from capture c
             join capture first on first.visit_id = c.visit_id and first.url_key = c.url_key and first.profile is null
           where c.id = any($1::uuid[]))
         order by l.at desc, l.capture_id`,
        [ids],
      );
      return rows.map(({ capture_id: captureId, ...row }) => ({ captureId, ...row }));
    },
  };
}
