/** Who looked at which case, held it, or took it from whom: rows that are only ever added. */
import { type CaseId, caseId, caseNumber, type OfficerId } from '../domain/case.ts';
import type { Database, Queryable } from './database.ts';

export interface DeskEvent {
  readonly at: Date;
  readonly by: OfficerId;
  /** `fetched`: told to a program or ahead of a look; `viewed`: shown on a screen. */
  readonly kind:
    | 'fetched'
    | 'viewed'
    | 'claimed'
    | 'stolen'
    | 'released'
    | 'previewed'
    /** By a telephone, address, device or account in clear. */
    | 'searched'
    /** Identifiers of a ring were shown in clear. */
    | 'revealed';
  readonly caseId: CaseId | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface DeskLog {
  /** Looks of the same person at the same case within a minute are one. */
  look(
    event: Pick<DeskEvent, 'at' | 'by' | 'caseId'> & { readonly kind: 'fetched' | 'viewed' },
  ): Promise<void>;
  /** The same of what is no case: a ring, somebody by mark. `kind` tells how it was looked at. */
  saw(
    event: Pick<DeskEvent, 'at' | 'by'> & {
      readonly kind: 'viewed' | 'searched' | 'revealed';
      readonly what: string;
      /** In words; looks for which words were given are told each time. */
      readonly why?: string;
    },
  ): Promise<void>;
  /** Newest first, of one case or of one person; with `since` what came since then, oldest first. */
  list(
    of: { readonly caseId?: CaseId; readonly by?: OfficerId; readonly since?: Date },
    limit: number,
  ): Promise<DeskEvent[]>;
}

export function deskLog(db: Database): DeskLog {
  return {
    async look({ at, by, caseId: id, kind }) {
      await db.query(
        `insert into desk_event (at, by, kind, case_id, facts) select $1, $2, $3, $4, '{}'::jsonb
         where not exists (select 1 from desk_event
           where case_id = $4 and by = $2 and kind = $3 and at > $5)`,
        [at, by, kind, caseNumber(id ?? '') ?? null, new Date(at.getTime() - 60_000)],
      );
    },
    async saw({ at, by, kind, what, why }) {
      await db.query(
        `insert into desk_event (at, by, kind, case_id, facts) select $1, $2, $3, null, $4::jsonb
         where $5 or not exists (select 1 from desk_event
           where by = $2 and kind = $3 and case_id is null and facts ->> 'what' = $6 and at > $7)`,
        [
          at,
          by,
          kind,
          JSON.stringify(why === undefined ? { what } : { what, why }),
          why !== undefined,
          what,
          new Date(at.getTime() - 60_000),
        ],
      );
    },
    async list(of, limit) {
      const rows = await db.query<Omit<DeskEvent, 'caseId'> & { case_id: number | null }>(
        `select at, by, kind, case_id, facts from desk_event
         where ($1::bigint is null or case_id = $1) and ($2::text is null or by = $2)
           and ($4::timestamptz is null or at >= $4)
         order by ${of.since === undefined ? 'seq desc' : 'at, seq'} limit $3`,
        [
          of.caseId === undefined ? null : (caseNumber(of.caseId) ?? 0),
          of.by ?? null,
          limit,
          of.since ?? null,
        ],
      );
      return rows.map(({ case_id, ...row }) => ({
        ...row,
        caseId: case_id === null ? null : caseId(Number(case_id)),
      }));
    },
  };
}

export async function addDeskEvent(
  tx: Queryable,
  { at, by, kind, caseId: id, facts }: DeskEvent,
): Promise<void> {
  await tx.query('insert into desk_event (at, by, kind, case_id, facts) values ($1, $2, $3, $4, $5::jsonb)', [
    at,
    by,
    kind,
    id === null ? null : caseNumber(id),
    JSON.stringify(facts),
  ]);
}
