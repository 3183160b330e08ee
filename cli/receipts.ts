/** `kuzet receipts import|say|show`: what became of referrals once they left. */
import { readFile } from 'node:fs/promises';
import { PASSAGE_EVENTS } from '../domain/passage.ts';
import { withHouse } from './around.ts';
import type { PassageLine } from './asks/referrals.ts';
import { needed } from './cases.ts';
import { type Around, type Command, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { safe } from './words.ts';

export const receiptsCommand: Command = {
  name: 'receipts',
  usage: 'import FILE --by O | say CASE EVENT --by O | show [CASE]',
  summary: 'Take in answers to batches; show what became of referrals.',
  about: [
    '"import" reads CSV, JSON or XLSX, also the results of the public tool that fills the form, and matches each row by the referral\'s id, its address, or "Site N" of --batch. A row that matches nothing, or does not follow, is kept and told; a file taken in again changes nothing.',
    '"say" notes one event of one referral: handed_over when a batch was given to its addressee, appealed, upheld or overturned for an appeal (by an officer who did not decide the case, with --reason), and so on.',
    '"show" lists referrals with their states, and what is late.',
    `Events: ${PASSAGE_EVENTS.join(', ')}.`,
  ],
  options: [
    { name: 'by', value: 'OFFICER', about: 'Who says so.' },
    { name: 'batch', value: 'B', about: 'Batch that "Site N" refers to.' },
    { name: 'reason', value: 'TEXT', about: 'Why, in words; an appeal needs it.' },
  ],
  examples: [
    ['kuzet receipts say K-000001 handed_over --by aigerim', 'the batch was given over'],
    ['kuzet receipts import answer.csv --by aigerim --batch KN_EXAMPLE_20260504_001', 'what came back'],
  ],
  async run(words, around) {
    const [verb, first, second, ...more] = words.positionals;
    if (verb === 'import' && first !== undefined && second === undefined) return take(first, words, around);
    if (verb === 'say' && first !== undefined && second !== undefined && more.length === 0) {
      return say(first, second, words, around);
    }
    if (verb === 'show' && second === undefined) return show(first, around);
    throw new UsageError(
      'receipts',
      'Say what to do: "kuzet receipts import FILE", "say CASE EVENT" or "show".',
    );
  },
};

async function take(file: string, words: Words, around: Around): Promise<number> {
  const { io } = around;
  const by = needed(words, 'receipts', 'by');
  const bytes = await readFile(file);
  return withHouse(around, async (house) => {
    const order = {
      file: bytes.toString('base64'),
      by,
      batch: words.text('batch')?.replace(/(_v1)?(\.zip)?$/, ''),
    };
    const news = await only(house.ask('receive', order));
    const open = news.rows.filter(({ why }) => why !== null);
    if (io.json) io.out(JSON.stringify(news));
    else if (news.known) io.out('This very file was taken in before; nothing changed.');
    else {
      for (const { n, caseId, why } of open)
        io.out(`row ${n}${caseId === null ? '' : ` (${caseId})`}: ${why}`);
      io.out(`${news.rows.length - open.length} of ${news.rows.length} rows taken in.`);
    }
    return open.length === 0 ? 0 : 1;
  });
}

async function say(id: string, typed: string, words: Words, around: Around): Promise<number> {
  const event = PASSAGE_EVENTS.find((each) => each === typed);
  if (event === undefined) {
    throw new UsageError('receipts', `"${typed}" is no event. Events: ${PASSAGE_EVENTS.join(', ')}.`);
  }
  const by = needed(words, 'receipts', 'by');
  return withHouse(around, async (house) => {
    const line = await only(house.ask('passageSay', { id, event, by, reason: words.text('reason') ?? '' }));
    around.io.out(around.io.json ? JSON.stringify(line) : lineText(line));
    return 0;
  });
}

async function show(id: string | undefined, around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    let count = 0;
    for await (const line of house.ask('passages', { id })) {
      count += 1;
      io.out(io.json ? JSON.stringify(line) : lineText(line));
      if (io.json || id === undefined) continue;
      for (const { at, by, kind } of line.events) io.out(`  ${at}  ${kind}  ${by}`);
    }
    if (count === 0 && !io.json) io.out('Nothing left yet. "kuzet refer build" builds a batch.');
    return 0;
  });
}

function lineText({ caseId, batch, row, url, state, late }: PassageLine): string {
  return `${caseId}  ${batch} Site ${row}  ${state}${late === null ? '' : `  LATE: ${late}`}  ${safe(url)}`;
}
