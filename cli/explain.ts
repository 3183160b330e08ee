/** `kuzet explain URL`: why an address was or was not fetched, rendered, visited again. */
import type { PlainReason } from '../domain/capture.ts';
import type { UrlStory, UrlVisit } from '../store/story.ts';
import { withHouse } from './around.ts';
import type { Plain } from './asks/plain.ts';
import type { UrlExplained } from './asks/scans.ts';
import { type Command, UsageError } from './command.ts';
import { only } from './house.ts';
import { safe } from './words.ts';

export const explainCommand: Command = {
  name: 'explain',
  usage: 'URL',
  summary: 'Tell why an address was or was not fetched, rendered, visited.',
  about: [
    'Tells who brought the address, what became of it in each visit, what robots.txt of its host says of it, and until when the host is left alone. Nothing is asked for: all of it is read from what is kept.',
  ],
  options: [],
  examples: [['kuzet explain https://example.com/plans', 'one address']],
  async run(words, around) {
    const [url, ...more] = words.positionals;
    if (url === undefined || more.length > 0) throw new UsageError('explain', 'Give one address.');
    const { io } = around;
    return withHouse(around, async (house) => {
      const it = await only(house.ask('explain', { url }));
      if (io.json) io.out(JSON.stringify(it));
      else for (const line of explainText(it, new Date())) io.out(safe(line));
      return it.known ? 0 : 1;
    });
  },
};

export function explainText(it: UrlExplained, now: Date): string[] {
  const { url, key, refusal, robots, story } = it;
  const lines = [key === url ? url : `${url}, known as ${key}`];
  if (refusal !== null) lines.push(`It is never asked for: ${refusal}.`);
  for (const { source, why, at } of story.broughtBy)
    lines.push(`Brought by source "${source}" at ${at}: ${why}.`);
  if (story.visits.length === 0)
    lines.push(
      it.unlinked === null
        ? 'No visit knows it: nobody gave it, and no page visited led to it.'
        : `No visit knows it: nobody gave it, and a link to it is not followed, as it ${it.unlinked}.`,
    );
  for (const visit of story.visits) lines.push(...visitText(visit));
  const lesson = lessonText(story.lesson);
  if (lesson !== null) lines.push(lesson);
  lines.push(robots);
  const next = story.host?.nextAt ?? null;
  if (next !== null && new Date(next) > now) lines.push(`Its host is not asked before ${next}.`);
  if (story.isPaused) lines.push('All visits are held; "kuzet resume" lets them go on.');
  return lines;
}

function visitText(visit: Plain<UrlVisit>): string[] {
  const by = visit.source === null ? 'by hand' : `for source "${visit.source}"`;
  const how = visit.seed ? 'given by name' : `found ${visit.depth} links away`;
  return [`Scan of ${visit.requestedAt} ${by}, ${how}: ${whatBecame(visit)}.`];
}

function whatBecame({ outcome, notBefore, tries, ...seen }: Plain<UrlVisit>): string {
  if (outcome === null) {
    const tried = tries === 0 ? 'not yet asked for' : `asked for ${tries} times without an answer`;
    return notBefore === null ? `due, ${tried}` : `due, ${tried}, not before ${notBefore}`;
  }
  if (outcome.is === 'unchanged') return 'not modified since it was captured, as its server says';
  if (outcome.is !== 'captured') return `${outcome.is}, ${outcome.reason}: ${outcome.detail}`;
  return `captured at ${seen.capturedAt} with status ${seen.status}, ${renderText(seen)}, judged ${seen.verdict}`;
}

function renderText({
  renderReason,
  leftPlain,
}: Pick<Plain<UrlVisit>, 'renderReason' | 'leftPlain'>): string {
  if (renderReason !== null) return `rendered, as ${SHOWN[renderReason] ?? renderReason}`;
  return `not rendered, as ${leftPlain === null ? 'its bytes show it' : PLAIN[leftPlain]}`;
}

/** Why a browser showed a page, in words that follow "as": see `crawler/render-decision.ts`. */
const SHOWN: Readonly<Record<string, string>> = {
  asked: 'the scan asked for it',
  evidence: 'an officer will want to see it',
  empty_shell: 'its bytes are an empty shell',
  script_built: 'its scripts build it',
  packed: 'its scripts unpack it',
  client_redirect: 'it leads on by itself',
  only_looks_plain: 'pages like it only looked plain',
  sample: 'one in fifty is, by lot',
  cloak_check: 'it may show others something else',
};

const PLAIN: Readonly<Record<PlainReason, string>> = {
  unwanted: 'the scan wanted nothing rendered',
  no_browser: 'there was no browser',
  render_failed: 'the browser could not show it',
  gatekeeper: 'a gatekeeper stands before it and nothing is solved',
  like_others: 'pages like it showed no more in a browser than their bytes',
  pictured_enough:
    'enough pages of its site were photographed on that visit, and it is not clearly riskier than they are',
};

/** Null where nothing like it was ever shown. */
function lessonText({ shape, doubted, trusted }: Plain<UrlStory>['lesson']): string | null {
  const shown = doubted.shown + trusted.shown;
  if (shown === 0) return null;
  return `Of the last ${shown} pages like it (${shape}) that a browser showed, ${doubted.helped + trusted.helped} held more than their bytes.`;
}
