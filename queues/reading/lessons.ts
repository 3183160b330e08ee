/**
 * What one visit knows of rendering its pages: what pages like each showed before, and how many of a site were
 * photographed. Read when it is first asked for; most visits never do.
 */
import type { Assessment } from '../../domain/assessment.ts';
import type { Subject } from '../../domain/case.ts';
import { type LessonKind, NO_LESSON, type RenderLesson } from '../../domain/render-lesson.ts';
import { isPicturedEnough, type SitePictures, withPicture } from '../../domain/site-pictures.ts';
import { shapeOf } from '../../domain/trap.ts';
import { hostOf } from '../../domain/url.ts';
import type { CaptureStore } from '../../store/captures.ts';
import type { RenderLessonStore } from '../../store/render-lessons.ts';
import type { Clock } from '../clock.ts';

type Judged = Pick<Assessment, 'verdict' | 'score'>;

export interface VisitLessons {
  /** Of pages with this address's shape on its host. */
  of(url: URL): Promise<RenderLesson>;
  note(url: URL, kind: LessonKind, hasHelped: boolean): Promise<void>;
  /** Whether a page that is judged so needs no picture any more: see `domain/site-pictures.ts`. */
  isPicturedEnough(subject: Subject, judged: Judged): Promise<boolean>;
  pictured(subject: Subject, judged: Judged): Promise<void>;
  /** 0 <= lot < 1, anew each time. */
  lot(): number;
}

export interface LessonTools {
  readonly renderLessons: RenderLessonStore;
  readonly captures: Pick<CaptureStore, 'picturesOf'>;
  readonly clock: Clock;
}

/** @param lot `Math.random`, but for tests. */
export function lessonsOfVisit(
  visitId: string,
  { renderLessons, captures, clock }: LessonTools,
  lot: () => number = Math.random,
): VisitLessons {
  const hosts = new Map<string, Map<string, RenderLesson>>();
  const pictures = new Map<string, SitePictures>();
  async function ofHost(host: string): Promise<Map<string, RenderLesson>> {
    const known = hosts.get(host) ?? (await renderLessons.ofHost(host));
    hosts.set(host, known);
    return known;
  }
  async function picturesOf(subject: Subject): Promise<SitePictures> {
    const known = pictures.get(keyOf(subject)) ?? (await captures.picturesOf(visitId, subject));
    pictures.set(keyOf(subject), known);
    return known;
  }
  return {
    of: async (url) => (await ofHost(hostOf(url))).get(shapeOf(url)) ?? NO_LESSON,
    async note(url, kind, hasHelped) {
      const [host, shape] = [hostOf(url), shapeOf(url)];
      const lesson = await renderLessons.note({ host, shape, kind, hasHelped }, clock.now());
      (await ofHost(host)).set(shape, lesson);
    },
    isPicturedEnough: async (subject, judged) => isPicturedEnough(await picturesOf(subject), judged),
    async pictured(subject, judged) {
      pictures.set(keyOf(subject), withPicture(await picturesOf(subject), judged));
    },
    lot,
  };
}

function keyOf({ kind, key }: Subject): string {
  return `${kind} ${key}`;
}
