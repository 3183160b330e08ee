/** The story of one address: who brought it, what became of it in each visit, and what its host allows now. */
import type { PlainReason } from '../domain/capture.ts';
import { NO_LESSON, type RenderLesson } from '../domain/render-lesson.ts';
import type { UrlOutcome } from '../domain/source.ts';
import { shapeOf } from '../domain/trap.ts';
import { hostOf } from '../domain/url.ts';
import type { Database } from './database.ts';
import { urlKey } from './frontier.ts';
import { renderLessonStore } from './render-lessons.ts';
import type { HostMemory } from './turns.ts';

export interface UrlStory {
  /** Sources that brought it, oldest first. */
  readonly broughtBy: readonly { readonly source: string; readonly why: string; readonly at: Date }[];
  /** Visits that knew it, newest first; at most 50. */
  readonly visits: readonly UrlVisit[];
  readonly host: HostMemory | null;
  /** What renders of pages with its shape of address on its host have shown. */
  readonly lesson: { readonly shape: string } & RenderLesson;
  /** All visits are held. */
  readonly isPaused: boolean;
}

export interface UrlVisit {
  readonly scanId: string;
  /** Name of the source that asked for the visit; null for a person. */
  readonly source: string | null;
  readonly requestedAt: Date;
  /** Given by name, and not found on the way. */
  readonly seed: boolean;
  /** Links away from an address given by name. */
  readonly depth: number;
  readonly tries: number;
  /** Null while it is due. */
  readonly outcome: UrlOutcome | null;
  /** Not before then; null for as soon as its turn comes. */
  readonly notBefore: Date | null;
  readonly capturedAt: Date | null;
  readonly status: number | null;
  /** Why it was shown in a browser; null when it was not. */
  readonly renderReason: string | null;
  /** Why it was not, where its bytes alone were no reason; null otherwise. */
  readonly leftPlain: PlainReason | null;
  readonly verdict: string | null;
}

export async function urlStory(db: Database, url: URL): Promise<UrlStory> {
  const key = urlKey(url);
  const shape = shapeOf(url);
  const broughtBy = await db.query<{ source: string; why: string; at: Date }>(
    'select source, why, found_at as at from source_address where url_key = $1 order by found_at, source',
    [key],
  );
  const visits = await db.query<VisitRow>(
    `select s.id as scan_id, s.source, s.requested_at, f.seed, f.depth, f.tries, f.outcome, f.reason, f.detail,
       f.capture_id, coalesce(f.not_before, v.not_before) as not_before, c.captured_at, c.status, c.render_reason,
       c.left_plain, p.verdict
     from frontier f join visit v on v.id = f.visit_id join scan s on s.id = v.scan_id
       left join capture c on c.id = f.capture_id left join page p on p.capture_id = f.capture_id
     where f.url_key = $1 order by s.requested_at desc, s.id desc limit 50`,
    [key],
  );
  const [host] = await db.query<{ next_at: Date | null; politeness: unknown; robots: unknown }>(
    'select next_at, politeness, robots from host where host = $1',
    [hostOf(url)],
  );
  const [pause] = await db.query<{ held: boolean }>('select exists (select 1 from pause) as held');
  return {
    broughtBy,
    visits: visits.map(asVisit),
    host:
      host === undefined ? null : { nextAt: host.next_at, politeness: host.politeness, robots: host.robots },
    lesson: { shape, ...((await renderLessonStore(db).ofHost(hostOf(url))).get(shape) ?? NO_LESSON) },
    isPaused: pause?.held === true,
  };
}

interface VisitRow {
  scan_id: string;
  source: string | null;
  requested_at: Date;
  seed: boolean;
  depth: number;
  tries: number;
  outcome: UrlOutcome['is'] | null;
  reason: string | null;
  detail: string | null;
  capture_id: string | null;
  not_before: Date | null;
  captured_at: Date | null;
  status: number | null;
  render_reason: string | null;
  left_plain: PlainReason | null;
  verdict: string | null;
}

function asVisit(row: VisitRow): UrlVisit {
  const ended =
    row.outcome === 'captured' || row.outcome === 'unchanged'
      ? { is: row.outcome, captureId: row.capture_id }
      : { is: row.outcome, reason: row.reason, detail: row.detail };
  return {
    scanId: row.scan_id,
    source: row.source,
    requestedAt: row.requested_at,
    seed: row.seed,
    depth: row.depth,
    tries: row.tries,
    outcome: row.outcome === null ? null : (ended as UrlOutcome),
    notBefore: row.not_before,
    capturedAt: row.captured_at,
    status: row.status,
    renderReason: row.render_reason,
    leftPlain: row.left_plain,
    verdict: row.verdict,
  };
}
