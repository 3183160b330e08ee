/**
 * Lessons as rows that training takes: every decided page read again from its evidence, as it was judged.
 *
 * Who decided is left out: a label is about a page. Rows of one site share a `source`, so that training never
 * learns from one page of a site and is judged on another.
 */
import { decode } from '../crawler/extract/decode.ts';
import { readPage } from '../crawler/extract/page.ts';
import type { Label } from '../domain/assessment.ts';
import { isHardNegative, isHeldOut, type Ruling } from '../domain/lesson.ts';
import { hostOf, siteOf } from '../domain/url.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from '../evidence/store.ts';
import type { CaptureStore } from '../store/captures.ts';
import type { Lesson, LessonStore } from '../store/lessons.ts';

export interface LessonTools {
  readonly lessons: LessonStore;
  readonly captures: Pick<CaptureStore, 'get'>;
  readonly evidence: Pick<EvidenceStore, 'read'>;
}

export interface LessonRow {
  readonly id: string;
  readonly kind: 'page' | 'post';
  readonly label: Label;
  readonly lang: string;
  /** Registrable domain or channel: rows of one source stay together. */
  readonly source: string;
  readonly url: string;
  readonly text: string;
  /** Absent for a post. */
  readonly html?: string;
  /** The case or review in which it was said. */
  readonly case: string;
  readonly host: string;
  readonly how: Ruling['how'];
  readonly reason: string;
  readonly ground: string | null;
  /** When it was decided, ISO 8601. */
  readonly at: string;
  /** Of the bytes that were read again. */
  readonly sha256: string;
  readonly isHard: boolean;
}

export type LessonEvent =
  | { readonly row: LessonRow; readonly isHeldOut: boolean }
  | { readonly skipped: { readonly case: string; readonly url: string; readonly why: string } };

/** Equal bytes under equal labels teach once a source. */
export async function* lessonRows({ lessons, captures, evidence }: LessonTools): AsyncIterable<LessonEvent> {
  const told = new Set<string>();
  for await (const lesson of lessons.all()) {
    const { capture, listing } = lesson;
    const sha256 = capture.dom ?? capture.bodySha256;
    const source = sourceOf(lesson);
    const what = listing === null ? sha256 : `${listing.title}\n${listing.text}`;
    const name = JSON.stringify([source, what, lesson.ruling.label]);
    if (told.has(name)) continue;
    told.add(name);
    const lang = (await captures.get(capture.id))?.page.assessment.lang ?? 'und';
    try {
      const row =
        listing === null
          ? pageRow(lesson, { sha256, lang, source }, await evidence.read(sha256))
          : { ...common(lesson, { sha256, lang, source }), kind: 'post' as const, text: what };
      yield { row, isHeldOut: isHeldOut(source) };
    } catch (cause) {
      if (!(cause instanceof EvidenceMissingError || cause instanceof EvidenceAlteredError)) throw cause;
      yield { skipped: { case: lesson.said, url: capture.finalUrl, why: cause.message } };
    }
  }
}

function pageRow(lesson: Lesson, facts: Facts, bytes: Uint8Array): LessonRow {
  const { capture } = lesson;
  // The DOM was written by us, in UTF-8; a body is in whatever its site says.
  const { html } = decode(bytes, capture.dom === null ? capture.mediaType : 'text/html; charset=utf-8');
  const { text } = readPage(html, capture.finalUrl);
  return { ...common(lesson, facts), kind: 'page', text, html };
}

interface Facts {
  readonly sha256: string;
  readonly lang: string;
  readonly source: string;
}

function common({ said, capture, ruling }: Lesson, facts: Facts) {
  return {
    id: `${said}/${capture.id}`,
    label: ruling.label,
    ...facts,
    url: capture.finalUrl,
    case: said,
    host: hostOf(new URL(capture.finalUrl)),
    how: ruling.how,
    reason: ruling.reason,
    ground: ruling.ground,
    at: ruling.at.toISOString(),
    isHard: isHardNegative(ruling),
  };
}

function sourceOf({ subject, capture }: Lesson): string {
  return subject.kind === 'ring' ? siteOf(hostOf(new URL(capture.finalUrl))) : subject.key;
}
