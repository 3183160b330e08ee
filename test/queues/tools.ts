/** What a visit works with, on a database of the test's own; what a test is about comes from the test. */
import { pino } from 'pino';
import { loadModel, MODELS } from '../../classifiers/model.ts';
import { subjectOf } from '../../exports/overblock/platforms.ts';
import type { VisitTools } from '../../queues/visit.ts';
import { captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import { cloakCheckStore } from '../../store/cloak-checks.ts';
import type { Database } from '../../store/database.ts';
import { listingStore } from '../../store/listings.ts';
import { lookalikeStore } from '../../store/lookalikes.ts';
import { lookStore } from '../../store/looks.ts';
import { renderLessonStore } from '../../store/render-lessons.ts';
import { reviewStore } from '../../store/reviews.ts';
import { visitStore } from '../../store/visits.ts';
import { trialMarket } from './market/trial.ts';

export function visitTools(
  db: Database,
  own: Pick<VisitTools, 'evidence' | 'crawler' | 'judge' | 'clock'>,
): VisitTools {
  return {
    visits: visitStore(db),
    captures: captureStore(db),
    cases: caseStore(db),
    listings: listingStore(db),
    cloakChecks: cloakCheckStore(db),
    renderLessons: renderLessonStore(db),
    kzProxy: null,
    market: async () => trialMarket(db),
    reviews: reviewStore(db),
    lookalikes: lookalikeStore(db),
    looks: lookStore(db),
    models: async () => ({ model: loadModel(), judgedBy: { model: MODELS.href, shadow: null } }),
    subjectOf,
    software: 'kuzet/0.1.0',
    log: pino({ level: 'silent' }),
    ...own,
  };
}
