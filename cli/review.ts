/** `kuzet review`: what a person should look at first so that the machine learns most, and what the look said. */
import { LABELS, type Label } from '../domain/assessment.ts';
import { readableHost } from '../domain/url.ts';
import { withHouse } from './around.ts';
import { needed, oneOf } from './cases.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { percent, safe } from './words.ts';

const WHY = {
  uncertain: 'the machine would not say, or nearly said otherwise',
  novel: 'its words are far from what training saw',
  audit: 'drawn by lot from what was cleared',
} as const;

export const reviewCommand: Command = {
  name: 'review',
  usage: 'list | answer ID --label L --by OFFICER --reason TEXT',
  summary: 'See what to look at first to learn most; answer it.',
  about: [
    'Three kinds in turn: uncertain ones, novel ones, and one in ten of all that was cleared, drawn by lot each month. The drawn ones are a random sample, so they tell how much fraud goes unseen ("kuzet models drift").',
    '"answer" says what it is: "legit", or a kind of fraud, which opens a case for two officers to decide. An answer is a label that "kuzet decisions export" gives to training.',
  ],
  options: [
    { name: 'limit', value: 'N', about: 'At most N (default 50).' },
    { name: 'label', value: 'L', about: `What it is: ${LABELS.join(', ')}.` },
    { name: 'by', value: 'OFFICER', about: 'Who looked.' },
    { name: 'reason', value: 'TEXT', about: 'Why, in words.' },
  ],
  examples: [
    ['kuzet review list', 'what to look at first'],
    ['kuzet review answer R-12 --label legit --by aigerim --reason "Обычный магазин"', 'it was nothing'],
  ],
  async run(words, around) {
    const [verb, id, ...more] = words.positionals;
    if (verb === 'list' && id === undefined) return list(words, around);
    if (verb === 'answer' && id !== undefined && more.length === 0) return answer(id, words, around);
    throw new UsageError('review', 'Say what to do: "kuzet review list", or "answer ID --label L …".');
  },
};

function list(words: Words, around: Around): Promise<number> {
  const limit = numberIn(words, 'review', 'limit', { least: 1, most: 10_000, whole: true }) ?? 50;
  return withHouse(around, async (house) => {
    let count = 0;
    for await (const it of house.ask('reviews', { limit })) {
      count += 1;
      if (around.io.json) around.io.out(JSON.stringify(it));
      else {
        around.io.out(
          `${it.id.padEnd(8)}  ${it.why.padEnd(9)}  ${percent(it.score).padStart(6)}  ${safe(readableHost(it.subject.key))}: ${WHY[it.why]}`,
        );
      }
    }
    if (count === 0 && !around.io.json) around.io.out('Nothing waits for a look.');
    return 0;
  });
}

function answer(id: string, words: Words, around: Around): Promise<number> {
  const label = oneOf<Label>(words, 'review', 'label', LABELS);
  if (label === undefined) throw new UsageError('review', '--label is missing.');
  const by = needed(words, 'review', 'by');
  const reason = needed(words, 'review', 'reason');
  return withHouse(around, async (house) => {
    const done = await only(house.ask('reviewAnswer', { id, label, by, reason }));
    if (around.io.json) around.io.out(JSON.stringify(done));
    else if (done.case === null) around.io.out(`${done.review.id} is answered: legit.`);
    else
      around.io.out(
        `${done.review.id} is answered: ${label}. Case ${done.case} waits for its first officer.`,
      );
    return 0;
  });
}
