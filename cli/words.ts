/** How findings read on a terminal. Hostile text is shown without its control characters. */
import { readableHost } from '../domain/url.ts';
import type { CaseLine, CaseView } from './asks/cases.ts';
import type { ScanEvent } from './asks/scans.ts';

/** A page's own words, safe to print: no escape sequences, no line breaks, no direction marks. */
export function safe(text: string): string {
  return text
    .replaceAll(/[\s]+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\ufeff]/gu, '')
    .trim();
}

export function percent(score: number): string {
  if (score > 0.999) return '>99.9%';
  return `${(score * 100).toFixed(1)}%`;
}

/** One address's line: what became of it and what the machine thinks. */
export function urlLine(event: Extract<ScanEvent, { event: 'url' }>): string {
  const { outcome } = event;
  const url = safe(event.url);
  if (outcome.is === 'failed') return `failed    ${url}  (${outcome.reason}: ${safe(outcome.detail)})`;
  if (outcome.is === 'skipped') return `skipped   ${url}  (${outcome.reason}: ${safe(outcome.detail)})`;
  if (outcome.is === 'unchanged') return `unchanged ${url}`;
  const thought =
    event.verdict === 'clear' ? 'clear' : `${event.verdict} ${event.label} ${percent(event.score ?? 0)}`;
  return `captured  ${url}  ${thought}${event.rendered ? '  [rendered]' : ''}`;
}

export function caseText(it: CaseLine): string[] {
  const shown = readableHost(it.subject.key);
  const name = shown === it.subject.key ? it.subject.key : `${it.subject.key} (${shown})`;
  return [
    `${it.id}  ${it.state.is.padEnd(9)}  ${percent(it.score).padStart(6)}  ${it.label.padEnd(16)}  ${safe(name)}`,
    ...it.reasons.map(
      (signal) => `          ${signal.id} [${signal.criterion}]: "${safe(signal.excerpt).slice(0, 110)}"`,
    ),
  ];
}

export function caseViewText(it: CaseView): string[] {
  return [
    ...caseText(it),
    '',
    'Pages:',
    ...it.pages.flatMap((page) => [
      `  ${safe(page.finalUrl)}`,
      `    "${safe(page.title)}", ${page.lang}, ${page.verdict} ${page.label} ${percent(page.score)}, seen ${page.capturedAt}`,
      `    WARC ${page.warc}${page.screenshot === null ? ', no screenshot' : `, screenshot ${page.screenshot}`}`,
    ]),
    ...(it.siblings.length === 0 ? [] : ['', 'Held to be one with:']),
    ...it.siblings.map(
      ({ site, score, reasons, caseId, state }) =>
        `  ${safe(readableHost(site))}  ${percent(score)}${caseId === null ? '' : `  ${caseId} ${state}`}: ${reasons.map(({ what, detail }) => `${what} ${safe(detail)}`).join(', ')}`,
    ),
    '',
    'History:',
    ...it.acts.map((act) => `  ${act.at}  ${act.by}  ${act.kind}  ${safe(JSON.stringify(act.facts))}`),
  ];
}
