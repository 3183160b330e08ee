/** Cases as operations tell them: a line of a list, or all of one. */
import type { Case } from '../domain/case.ts';
import { plain } from './asked.ts';
import type { CaseLine, CaseView } from './asks/cases.ts';
import type { Rooms } from './rooms.ts';

export function caseLine(it: Case): CaseLine {
  return {
    id: it.id,
    subject: it.subject,
    label: it.label,
    score: it.score,
    state: plain(it.state),
    updatedAt: it.updatedAt.toISOString(),
    reasons: it.reasons.slice(0, 5),
  };
}

export async function caseView(rooms: Rooms, it: Case): Promise<CaseView> {
  const acts = await rooms.cases.acts(it.id);
  const pages = await rooms.captures.ofCase(it.id);
  const siblings = it.subject.kind === 'site' ? await rooms.lookalikes.of(it.subject.key) : [];
  return {
    ...caseLine(it),
    openedAt: it.openedAt.toISOString(),
    siblings: siblings.map((each) => ({
      ...each,
      reasons: each.reasons as CaseView['siblings'][0]['reasons'],
    })),
    acts: acts.map((act) => plain(act)),
    pages: pages.map(({ capture, page }) => ({
      captureId: capture.id,
      url: capture.url,
      finalUrl: capture.finalUrl,
      capturedAt: capture.capturedAt.toISOString(),
      title: page.title,
      label: page.assessment.label,
      score: page.assessment.score,
      verdict: page.assessment.verdict,
      lang: page.assessment.lang,
      signals: page.assessment.signals,
      warc: capture.warc,
      screenshot: capture.screenshot,
    })),
  };
}
