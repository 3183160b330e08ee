/** Rows of what renders have taught: see `domain/render-lesson.ts`. */
import { type LessonKind, MOST_REMEMBERED, type RenderLesson } from '../domain/render-lesson.ts';
import type { Database } from './database.ts';

export interface RenderLessonStore {
  /** By shape of address (`domain/trap.ts`); the newest, at most 500. */
  ofHost(host: string): Promise<Map<string, RenderLesson>>;
  /** Adds one render, and tells what is known with it. */
  note(
    it: {
      readonly host: string;
      readonly shape: string;
      readonly kind: LessonKind;
      readonly hasHelped: boolean;
    },
    now: Date,
  ): Promise<RenderLesson>;
}

interface Row {
  doubted_shown: number;
  doubted_helped: number;
  trusted_shown: number;
  trusted_helped: number;
}

const COLUMNS = 'doubted_shown, doubted_helped, trusted_shown, trusted_helped';

export function renderLessonStore(db: Database): RenderLessonStore {
  return {
    async ofHost(host) {
      const rows = await db.query<Row & { shape: string }>(
        `select shape, ${COLUMNS} from render_lesson where host = $1 order by last_at desc, shape limit 500`,
        [host],
      );
      return new Map(rows.map((row) => [row.shape, asLesson(row)]));
    },
    async note({ host, shape, kind, hasHelped }, now) {
      const [shown, helped] = [`${kind}_shown`, `${kind}_helped`];
      const [row] = await db.query<Row>(
        `insert into render_lesson as l (host, shape, ${shown}, ${helped}, last_at) values ($1, $2, 1, $3::int, $4)
         on conflict (host, shape) do update set
           ${shown} = case when l.${shown} >= ${MOST_REMEMBERED} then l.${shown} / 2 else l.${shown} end + 1,
           ${helped} = case when l.${shown} >= ${MOST_REMEMBERED} then l.${helped} / 2 else l.${helped} end + $3::int,
           last_at = $4
         returning ${COLUMNS}`,
        [host, shape, hasHelped ? 1 : 0, now],
      );
      return asLesson(row!);
    },
  };
}

function asLesson(row: Row): RenderLesson {
  return {
    doubted: { shown: row.doubted_shown, helped: row.doubted_helped },
    trusted: { shown: row.trusted_shown, helped: row.trusted_helped },
  };
}
