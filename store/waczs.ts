/** Rows of signed WACZ manifests: one a capture, written once. */
import { type CapturedPage, type CaptureStore, captureStore } from './captures.ts';
import type { Database } from './database.ts';

export interface WaczRow {
  readonly captureId: string;
  readonly madeAt: Date;
  /** Of its datapackage.json. */
  readonly sha256: string;
  /** The `signedData` of its digest. */
  readonly signed: unknown;
}

export interface WaczStore {
  of(captureId: string): Promise<WaczRow | null>;
  /** Keeps the first one made of a capture, and answers with it. */
  keep(row: WaczRow): Promise<WaczRow>;
  /** Captures that cases stand on and of which none was made yet, oldest first. */
  missing(limit: number): Promise<CapturedPage[]>;
}

export function waczStore(db: Database, captures: Pick<CaptureStore, 'get'> = captureStore(db)): WaczStore {
  const read = async (captureId: string): Promise<WaczRow | null> => {
    const [row] = await db.query<WaczRow>(
      'select capture_id as "captureId", made_at as "madeAt", sha256, signed from wacz where capture_id = $1',
      [captureId],
    );
    return row ?? null;
  };
  return {
    of: read,
    async keep({ captureId, madeAt, sha256, signed }) {
      await db.query(
        'insert into wacz (capture_id, made_at, sha256, signed) values ($1, $2, $3, $4::jsonb) on conflict do nothing',
        [captureId, madeAt, sha256, JSON.stringify(signed)],
      );
      return (await read(captureId))!;
    },
    async missing(limit) {
      // Ids are in the order of time, and there is an index by them: by the moment itself all captures would be read.
      const rows = await db.query<{ id: string }>(
        `select distinct k.capture_id as id from case_capture k
         where not exists (select 1 from wacz w where w.capture_id = k.capture_id)
           and not exists (select 1 from erased_capture e where e.capture_id = k.capture_id)
         order by k.capture_id limit $1`,
        [limit],
      );
      const found = await Promise.all(rows.map(({ id }) => captures.get(id)));
      return found.filter((each) => each !== null);
    },
  };
}
