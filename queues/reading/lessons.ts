/**
 * What one visit knows of rendering its pages: what pages like each showed before, and how many of a site were
 * photographed. Read when it is first asked for; most visits never do.
 */
import type { Subject } from '../../domain/case.ts';
import { type LessonKind, NO_LESSON, type RenderLesson } from '../../domain/render-lesson.ts';
import { shapeOf } from '../../domain/trap.ts';
import { hostOf } from '../../domain/url.ts';
import type { CaptureStore } from '../../store/captures.ts';
import type { RenderLessonStore } from '../../store/render-lessons.ts';
import type { Clock } from '../clock.ts';

/** Pages of one site that a visit photographs; a page riskier than all of them is photographed too. */
export const PICTURES_A_SITE = 5;

export interface VisitLessons {
  /** Of pages with this address's shape on its host. */
  of(url: URL): Promise<RenderLesson>;
  note(url: URL, kind: LessonKind, hasHelped: boolean): Promise<void>;
  /** @param score of the page: 0..1. */
  isPicturedEnough(subject: Subject, score: number): Promise<boolean>;
  pictured(subject: Subject, score: number): void;
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
  const pictures = new Map<string, { readonly taken: number; readonly riskiest: number }>();
  async function ofHost(host: string): Promise<Map<string, RenderLesson>> {
    const known = hosts.get(host) ?? (await renderLessons.ofHost(host));
    hosts.set(host, known);
    return known;
  }
  return {
    of: async (url) => (await ofHost(hostOf(url))).get(shapeOf(url)) ?? NO_LESSON,
    async note(url, kind, hasHelped) {
      const [host, shape] = [hostOf(url), shapeOf(url)];
      const lesson = await renderLessons.note({ host, shape, kind, hasHelped }, clock.now());
      (await ofHost(host)).set(shape, lesson);
    },
    async isPicturedEnough(subject, score) {
      const key = keyOf(subject);
      const known = pictures.get(key) ?? (await captures.picturesOf(visitId, subject));
      pictures.set(key, known);
      return known.taken >= PICTURES_A_SITE && score <= known.riskiest;
    },
    pictured(subject, score) {
      const known = pictures.get(keyOf(subject)) ?? { taken: 0, riskiest: 0 };
      pictures.set(keyOf(subject), {
        taken: known.taken + 1,
        riskiest: Math.max(known.riskiest, score),
      });
    },
    lot,
  };
}

function keyOf({ kind, key }: Subject): string {
  return `${kind} ${key}`;
}
