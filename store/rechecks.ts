/**
 * Rows of looking again. What is due is told by the records that left, so a schedule cannot get lost: after a
 * standstill each case is looked at once, for the latest of the looks it missed.
 */
import { type CaseId, caseId, caseNumber } from '../domain/case.ts';
import type { PassageEvent } from '../domain/passage.ts';
import { afterSight, type Sight } from '../domain/recheck.ts';
import type { ScanSettings } from '../domain/source.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { readSent, writeEvents } from './passages.ts';

export interface DueRecheck {
  readonly caseId: CaseId;
  /** Place in the record's plan, from 1. */
  readonly n: number;
  readonly url: string;
  /** The capture it went out on. */
  readonly captureId: string;
}

export interface AskedRecheck extends DueRecheck {
  readonly scanId: string;
}

export interface NewMirror {
  readonly parent: CaseId;
  readonly child: CaseId;
  readonly childKey: string;
}

export interface RecheckStore {
  /** Referrals that are out and whose next look is due; at most `limit`. */
  due(now: Date, limit: number): Promise<DueRecheck[]>;
  /** False when somebody asked already. */
  ask(it: Pick<DueRecheck, 'caseId' | 'n'>, scanId: string, now: Date): Promise<boolean>;
  /** Asked, and nothing seen yet. */
  asked(): Promise<AskedRecheck[]>;
  /** Keeps a sight and what follows from it; null when it was kept before, or nothing follows. */
  see(
    id: CaseId,
    sight: Sight & { readonly n: number | null; readonly captureId: string | null },
    facts: Readonly<Record<string, unknown>>,
  ): Promise<PassageEvent | null>;
  /** Oldest first. */
  sights(id: CaseId): Promise<Sight[]>;
  /** Cases of sites that look like one that is blocked or removed, opened after it. */
  newMirrors(): Promise<NewMirror[]>;
  /** Links them, and moves the parent's passage on where that follows. */
  adopt(it: Pick<NewMirror, 'parent' | 'child'>, how: 'redirect' | 'look_alike', now: Date): Promise<void>;
  childrenOf(id: CaseId): Promise<CaseId[]>;
  /** Decided cases that wait for a batch, nothing of which was seen since `seenBefore` nor asked since `askedBefore`. */
  stale(seenBefore: Date, askedBefore: Date, limit: number): Promise<CaseId[]>;
  noteRefresh(id: CaseId, scanId: string, now: Date): Promise<void>;
  /** How the scan that made a capture went about it; null when there is no such capture. */
  settingsOf(captureId: string): Promise<ScanSettings | null>;
}

export function recheckStore(db: Database): RecheckStore {
  return {
    async due(now, limit) {
      const rows = await db.query<DueRow>(
        `select distinct on (k.case_id) k.case_id, plan.n, k.referral ->> 'url' as url,
           k.referral -> 'detection' ->> 'captureId' as capture
         from batch_case k
         cross join lateral jsonb_array_elements_text(k.referral -> 'review' -> 'recheckAt')
           with ordinality as plan (at, n)
         where plan.at::timestamptz <= $1
           and plan.n > coalesce((select max(r.n) from recheck r where r.case_id = k.case_id), 0)
           and exists (select 1 from passage_event e where e.case_id = k.case_id and e.kind = 'handed_over')
           and coalesce((select e.kind from passage_event e where e.case_id = k.case_id order by e.n desc limit 1), '')
             not in ('resumed', 'withdrawn', 'declined')
         order by k.case_id, plan.n desc limit $2`,
        [now, limit],
      );
      return rows.map(asDue);
    },
    async ask(it, scanId, now) {
      const added = await db.query(
        `insert into recheck (case_id, n, asked_at, scan_id) values ($1, $2, $3, $4)
         on conflict do nothing returning 1 as added`,
        [caseNumber(it.caseId), it.n, now, scanId],
      );
      return added.length > 0;
    },
    async asked() {
      const rows = await db.query<DueRow & { scan_id: string }>(
        `select r.case_id, r.n, r.scan_id, k.referral ->> 'url' as url,
           k.referral -> 'detection' ->> 'captureId' as capture
         from recheck r join batch_case k on k.case_id = r.case_id
         where not exists (select 1 from sight s where s.case_id = r.case_id and s.n = r.n)
         order by r.asked_at, r.case_id`,
      );
      return rows.map((row) => ({ ...asDue(row), scanId: row.scan_id }));
    },
    async see(id, sight, facts) {
      return db.transaction(async (tx) => {
        await tx.query('select 1 from cases where id = $1 for update', [caseNumber(id)]);
        const earlier = await readSights(tx, id);
        const added = await tx.query(
          `insert into sight (case_id, at, vantage, n, what, detail, capture_id)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning 1 as added`,
          [caseNumber(id), sight.at, sight.vantage, sight.n, sight.what, sight.detail, sight.captureId],
        );
        if (added.length === 0) return null;
        const { passage } = await readSent(tx, id);
        const kind = afterSight(passage, sight, earlier);
        if (kind === null) return null;
        const { vantage, what, detail } = sight;
        const event = { at: sight.at, by: 'kuzet', kind, facts: { vantage, what, detail, ...facts } };
        await appendToLedger(tx, (await writeEvents(tx, passage, [event])).told);
        return event;
      });
    },
    sights: (id) => readSights(db, id),
    async newMirrors() {
      const rows = await db.query<{ parent: number; child: number; child_key: string }>(
        `select distinct p.id as parent, c.id as child, c.subject_key as child_key
         from look_alike l
         join cases p on p.subject_kind = 'site' and p.subject_key in (l.site, l.other) and p.state = 'referred'
         join cases c on c.subject_kind = 'site' and c.subject_key in (l.site, l.other) and c.id <> p.id
         where c.opened_at > p.opened_at
           and not exists (select 1 from case_child k where k.parent = p.id and k.child = c.id)
           and (select e.kind from passage_event e where e.case_id = p.id order by e.n desc limit 1)
             in ('restricted', 'removed', 'content_gone', 'relapsed')
         order by parent, child`,
      );
      return rows.map((row) => ({
        parent: caseId(Number(row.parent)),
        child: caseId(Number(row.child)),
        childKey: row.child_key,
      }));
    },
    async adopt({ parent, child }, how, now) {
      await db.transaction(async (tx) => {
        await tx.query('select 1 from cases where id = $1 for update', [caseNumber(parent)]);
        const added = await tx.query(
          `insert into case_child (parent, child, at, how) values ($1, $2, $3, $4)
           on conflict do nothing returning 1 as added`,
          [caseNumber(parent), caseNumber(child), now, how],
        );
        if (added.length === 0) return;
        const { passage } = await readSent(tx, parent);
        const kind = afterSight(passage, { at: now, vantage: 'here', what: 'moved', detail: child }, []);
        if (kind === null) return;
        const event = { at: now, by: 'kuzet', kind, facts: { child, how } };
        await appendToLedger(tx, (await writeEvents(tx, passage, [event])).told);
      });
    },
    async childrenOf(id) {
      const rows = await db.query<{ child: number }>(
        'select child from case_child where parent = $1 order by child',
        [caseNumber(id)],
      );
      return rows.map((row) => caseId(Number(row.child)));
    },
    async stale(seenBefore, askedBefore, limit) {
      const rows = await db.query<{ id: number }>(
        `select c.id from cases c
         where c.state in ('confirmed', 'approved') and c.subject_kind <> 'ring'
           and not exists (select 1 from capture p where p.site_kind = c.subject_kind
             and md5(p.site_key) = md5(c.subject_key) and p.site_key = c.subject_key and p.captured_at > $1)
           and not exists (select 1 from refresh r where r.case_id = c.id and r.asked_at > $2)
         order by c.updated_at, c.id limit $3`,
        [seenBefore, askedBefore, limit],
      );
      return rows.map((row) => caseId(Number(row.id)));
    },
    async noteRefresh(id, scanId, now) {
      await db.query('insert into refresh (case_id, asked_at, scan_id) values ($1, $2, $3)', [
        caseNumber(id),
        now,
        scanId,
      ]);
    },
    async settingsOf(captureId) {
      const [row] = await db.query<{ settings: ScanSettings }>(
        // What is evidence is received whole.
        `select s.settings - 'again' as settings from capture c join visit v on v.id = c.visit_id join scan s on s.id = v.scan_id
         where c.id = $1`,
        [captureId],
      );
      return row?.settings ?? null;
    },
  };
}

async function readSights(db: Queryable, id: CaseId): Promise<Sight[]> {
  return db.query<Sight>('select at, vantage, what, detail from sight where case_id = $1 order by at, id', [
    caseNumber(id),
  ]);
}

interface DueRow {
  case_id: number;
  n: number;
  url: string;
  capture: string;
}

function asDue(row: DueRow): DueRecheck {
  return { caseId: caseId(Number(row.case_id)), n: Number(row.n), url: row.url, captureId: row.capture };
}
