/** `kuzet appeals list|send|judge`: who objects, and what another officer found. */
import { APPEAL_OUTCOMES } from '../domain/appeal.ts';
import { withHouse } from './around.ts';
import { needed, oneOf } from './cases.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { safe } from './words.ts';

export const appealsCommand: Command = {
  name: 'appeals',
  usage: 'list | send URL --words T | judge CODE --verdict V --by O --reason T',
  summary: 'Take in objections; judge them.',
  about: [
    'Anybody objects at the desk\'s page /appeal, without a log-in; "send" takes in one that came by letter or by telephone. While an appeal waits its case goes into no batch.',
    '"judge" is done by an officer who neither confirmed nor approved the case. "overturned" opens the case again if it has not left, else begins the way to lifting the block; cases that stand on the same ground and have not left open again too, and training learns that the pages were honest. "unmatched" answers an appeal that is about none of the cases.',
  ],
  options: [
    { name: 'limit', value: 'N', about: 'At most N (default 200).' },
    { name: 'words', value: 'TEXT', about: 'What the sender says.' },
    { name: 'contact', value: 'TEXT', about: 'How to reach the sender.' },
    { name: 'verdict', value: 'V', about: `One of ${APPEAL_OUTCOMES.join(', ')}.` },
    { name: 'by', value: 'OFFICER', about: 'Who judges.' },
    { name: 'reason', value: 'TEXT', about: 'Why, in words.' },
  ],
  examples: [
    ['kuzet appeals list', 'those that wait come first'],
    [
      'kuzet appeals judge A-0123456789ABCDEF --verdict overturned --by dana --reason "Обычный магазин"',
      'the decision falls',
    ],
  ],
  async run(words, around) {
    const [verb, first, ...more] = words.positionals;
    if (verb === 'list' && first === undefined) return list(words, around);
    if (verb === 'send' && first !== undefined && more.length === 0) return send(first, words, around);
    if (verb === 'judge' && first !== undefined && more.length === 0) return judge(first, words, around);
    throw new UsageError('appeals', 'Say what to do: "kuzet appeals list", "send URL" or "judge CODE".');
  },
};

function list(words: Words, { io, ...around }: Around): Promise<number> {
  const limit = numberIn(words, 'appeals', 'limit', { least: 1, most: 10_000, whole: true }) ?? 200;
  return withHouse({ io, ...around }, async (house) => {
    let count = 0;
    for await (const it of house.ask('appeals', { limit })) {
      count += 1;
      if (io.json) io.out(JSON.stringify(it));
      else {
        const state = it.judged === null ? 'waits' : `${it.judged.verdict} by ${it.judged.by}`;
        io.out(`${it.code}  ${it.at}  ${it.caseId ?? 'no case'}  ${state}  ${safe(it.url)}`);
        io.out(`    ${safe(it.words).slice(0, 200)}`);
      }
    }
    if (count === 0 && !io.json) io.out('Nobody objects.');
    return 0;
  });
}

function send(url: string, words: Words, around: Around): Promise<number> {
  const said = needed(words, 'appeals', 'words');
  return withHouse(around, async (house) => {
    const it = await only(
      house.ask('appealSend', { url, words: said, contact: words.text('contact') ?? '' }),
    );
    around.io.out(around.io.json ? JSON.stringify(it) : `${it.code}  ${it.caseId ?? 'no case'}`);
    return 0;
  });
}

function judge(code: string, words: Words, around: Around): Promise<number> {
  const verdict = oneOf(words, 'appeals', 'verdict', APPEAL_OUTCOMES);
  if (verdict === undefined) throw new UsageError('appeals', '--verdict is missing.');
  const by = needed(words, 'appeals', 'by');
  const reason = needed(words, 'appeals', 'reason');
  return withHouse(around, async (house) => {
    const { appeal, reopened } = await only(
      house.ask('appealJudge', { code: code.toUpperCase(), verdict, by, reason }),
    );
    if (around.io.json) around.io.out(JSON.stringify({ appeal, reopened }));
    else {
      around.io.out(`${appeal.code}  ${appeal.caseId ?? 'no case'}  ${verdict}`);
      if (reopened.length > 0) around.io.out(`Opened again, on the same ground: ${reopened.join(', ')}`);
    }
    return 0;
  });
}
