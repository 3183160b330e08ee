/**
 * A process that deletes one capture's evidence, proposed by one officer and approved by another, and is killed by the
 * system at one step of that, inside of a transaction or between two.
 */
import { join } from 'node:path';
import { pino } from 'pino';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import { sweepErased } from '../../queues/retention.ts';
import type { Database, Queryable } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { retentionStore } from '../../store/retention.ts';

/** A statement that has just been made, the commit that has just followed it, or the file that has just gone. */
export const DEATHS = [
  'kept insert into erasure_capture',
  'made insert into ledger',
  'kept insert into ledger',
  'gone',
  'kept update erased_blob',
] as const;

/** Long after every period. */
const NOW = new Date('2036-05-04T06:00:00Z');

if (process.argv[2] !== undefined) {
  const [home, captureId = '', death = ''] = process.argv.slice(2) as [string, string?, string?];
  await run(home, captureId, death);
}

async function run(home: string, captureId: string, death: string): Promise<void> {
  const db = mortal(await openDatabase({ folder: join(home, 'store') }), death);
  const evidence = await openEvidenceFolder(join(home, 'evidence'));
  const retention = retentionStore(db);
  // What an earlier one proposed and did not live to decide, an officer finds waiting.
  if (captureId !== '') await retention.propose([captureId], 'aigerim', 'срок истёк', NOW);
  for (const { id } of await retention.proposals()) await retention.approve(id, 'daniyar', NOW);
  await sweepErased(retention, mortalFiles(evidence, death), pino({ level: 'silent' }));
  await db.close();
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function mortal(db: Database, death: string): Database {
  const [when = '', statement] = [death.slice(0, 4), death.slice(5)];
  const isIt = (sql: string) => statement !== '' && sql.includes(statement);
  return {
    ...db,
    async transaction(work) {
      let wasIt = false;
      const answer = await db.transaction((tx) =>
        work({
          async query<Row extends object>(sql: string, params?: readonly unknown[]) {
            const rows = await tx.query<Row>(sql, params);
            wasIt ||= isIt(sql) && isDeciding(sql, params);
            if (wasIt && when === 'made') die();
            return rows;
          },
        } satisfies Queryable),
      );
      if (wasIt && when === 'kept') die();
      return answer;
    },
  };
}

/** Of the ledger's rows, the one of the approval. */
function isDeciding(sql: string, params: readonly unknown[] = []): boolean {
  return !sql.includes('into ledger') || JSON.stringify(params).includes('approved');
}

function mortalFiles(evidence: EvidenceStore, death: string): Pick<EvidenceStore, 'erase'> {
  return {
    async erase(name) {
      const went = await evidence.erase(name);
      if (death === 'gone') die();
      return went;
    },
  };
}
