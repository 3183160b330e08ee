/** What reading one address works with. */
import type { Logger } from 'pino';
import type { Crawler } from '../../crawler/lanes.ts';
import type { Subject } from '../../domain/case.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import type { Clock } from '../clock.ts';
import type { AskFacts } from '../facts.ts';
import type { Judge, JudgedBy } from '../judge.ts';
import type { EarlierTools } from '../looks.ts';
import type { VisitLessons } from './lessons.ts';
import type { PrintParts } from './print-parts.ts';

export interface ReadingTools extends EarlierTools {
  readonly evidence: EvidenceStore;
  readonly crawler: Crawler;
  readonly judge: Judge;
  readonly judgedBy: JudgedBy;
  /** What a page belongs to: a site, or an account on a platform. */
  readonly subjectOf: (url: URL) => Subject;
  /** Cloak checks that this visit may still make; null for none. */
  readonly checks: ChecksLeft | null;
  /** What this visit knows of rendering its pages; null learns nothing, and renders whatever may need it. */
  readonly lessons: VisitLessons | null;
  /** Of one visit. */
  readonly parts: PrintParts;
  /** Name and version, written into every WARC. */
  readonly software: string;
  /** Of one visit. */
  readonly facts: AskFacts;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Cloak checks that a visit may still make; counts down. */
export interface ChecksLeft {
  left: number;
  /** The site has a case that nobody dismissed. */
  readonly isKnownSite: boolean;
  /** Proxy inside Kazakhstan; null for none. */
  readonly kzProxy: string | null;
}
