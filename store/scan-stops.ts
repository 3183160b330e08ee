/**
 * Scans that somebody stopped. What such a scan had not asked for yet ends as skipped, `stopped`; what it captured stays,
 * is judged, and its cases stand.
 *
 *     never begun ──────────────────────► ended here, at once
 *     begun ──► its worker learns of it with the next address (`frontier.ts`) ──► the rest skipped, then judged
 *     put off ──► wakes, and the same
 *
 * Who stopped it, when and why goes into the ledger.
 */
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { storable } from './storable.ts';

export interface ScanStop {
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
}

/** Nothing changed unless it is `stopped`. */
export type Stopping = 'stopped' | 'stopped_already' | 'ended';

export class NoSuchScanError extends Error {
  override readonly name = 'NoSuchScanError';
  readonly facts: { readonly scan: string };

  constructor(scan: string) {
    super(`There is no scan ${scan}. "kuzet scans" lists the last ones.`);
    this.facts = { scan };
  }
}

export interface ScanStops {
  /** @throws NoSuchScanError */
  stopScan(scanId: string, stop: ScanStop): Promise<Stopping>;
}

export function scanStops(db: Database): ScanStops {
  return {
    async stopScan(scanId, { at, by, reason }) {
      return db.transaction(async (tx): Promise<Stopping> => {
        const [scan] = await tx.query<{ has_ended: boolean }>(
          'select hosts_done >= hosts as has_ended from scan where id = $1',
          [scanId],
        );
        if (scan === undefined) throw new NoSuchScanError(scanId);
        if (scan.has_ended) return 'ended';
        const written = await tx.query(
          `insert into scan_stop (scan_id, at, by, reason) values ($1, $2, $3, $4)
           on conflict do nothing returning scan_id`,
          [scanId, at, by, storable(reason)],
        );
        if (written.length === 0) return 'stopped_already';
        // As everybody takes them: visits by their id, then addresses, then the scan.
        await tx.query("select 1 from visit where scan_id = $1 and state <> 'done' order by id for update", [
          scanId,
        ]);
        await endUnbegun(tx, scanId, stoppedDetail({ by, reason }), at);
        await wakeBegun(tx, scanId);
        await appendToLedger(tx, [
          { at, kind: 'scan', subject: scanId, entry: { is: 'stopped', by, reason } },
        ]);
        return 'stopped';
      });
    },
  };
}

/** What a line says of an address that was not asked for. */
export function stoppedDetail({ by, reason }: Pick<ScanStop, 'by' | 'reason'>): string {
  return reason === '' ? `${by} stopped the scan` : `${by} stopped the scan: ${reason}`;
}

/** Nobody has been there: nothing to judge, so no worker is needed. One that takes a visit up meanwhile has it. */
async function endUnbegun(tx: Queryable, scanId: string, detail: string, now: Date): Promise<void> {
  await tx.query(
    `with ended as (
       update visit set state = 'done', finished_at = $3, skipped = due, due = 0
       where scan_id = $1 and state = 'queued' and started_at is null returning id, seeds, skipped),
     told as (
       update frontier f set state = 'done', outcome = 'skipped', reason = 'stopped', detail = $2, scan_id = $1,
         finished_seq = nextval('frontier_finished')
       from ended where f.visit_id = ended.id and f.state = 'due'),
     n as (
       select count(*)::int as hosts, coalesce(sum(seeds), 0)::int as seeds, coalesce(sum(skipped), 0)::int as skipped
       from ended)
     update scan set hosts_done = hosts_done + n.hosts, due = due - n.seeds, skipped = scan.skipped + n.skipped
     from n where id = $1`,
    [scanId, storable(detail), now],
  );
}

/** What waits for a moment is handed out at once, to be ended. */
async function wakeBegun(tx: Queryable, scanId: string): Promise<void> {
  await tx.query(
    `with awake as (
       update visit set not_before = case when state = 'queued' then null else not_before end
       where scan_id = $1 and state <> 'done' returning id)
     update frontier f set not_before = null from awake
     where f.visit_id = awake.id and f.state = 'due' and f.not_before is not null`,
    [scanId],
  );
}
