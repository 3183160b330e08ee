/** `kuzet cases`, `case`, `decide`, `approve`: see what was found, and decide it, four eyes. */
import { LABELS, type Label } from '../domain/assessment.ts';
import type { CaseStateName } from '../domain/case.ts';
import { OFFENCES } from '../domain/referral.ts';
import { withHouse } from './around.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { caseText, caseViewText } from './words.ts';

const STATES: readonly CaseStateName[] = ['open', 'confirmed', 'approved', 'dismissed', 'referred'];

export const casesCommand: Command = {
  name: 'cases',
  usage: '[--state S] [--label L] [--search TEXT]',
  summary: 'List cases, riskiest first, with their reasons.',
  about: [`States: ${STATES.join(', ')}. Labels: ${LABELS.filter((label) => label !== 'legit').join(', ')}.`],
  options: [
    { name: 'state', value: 'S', about: 'Only cases in this state.' },
    { name: 'label', value: 'L', about: 'Only cases with this label.' },
    { name: 'search', value: 'TEXT', about: 'Only subjects with TEXT in their name.' },
    { name: 'limit', value: 'N', about: 'At most N cases (default 50).' },
  ],
  examples: [['kuzet cases --state open', 'what waits for a decision']],
  async run(words, around) {
    const state = oneOf(words, 'cases', 'state', STATES);
    const label = oneOf<Label>(words, 'cases', 'label', LABELS);
    const limit = numberIn(words, 'cases', 'limit', { least: 1, most: 100_000, whole: true });
    return withHouse(around, async (house) => {
      let count = 0;
      for await (const it of house.ask('cases', { state, label, search: words.text('search'), limit })) {
        count += 1;
        if (around.io.json) around.io.out(JSON.stringify(it));
        else for (const line of caseText(it)) around.io.out(line);
      }
      if (count === 0 && !around.io.json) around.io.out('No cases. "kuzet scan URL" looks for some.');
      return 0;
    });
  },
};

export const caseCommand: Command = {
  name: 'case',
  usage: 'ID',
  summary: 'Show one case: reasons, pages, evidence, history.',
  about: [],
  options: [],
  examples: [['kuzet case K-000001', 'all about the first case']],
  async run(words, around) {
    const id = oneId(words, 'case');
    return withHouse(around, async (house) => {
      const it = await only(house.ask('case', { id }));
      if (around.io.json) around.io.out(JSON.stringify(it));
      else for (const line of caseViewText(it)) around.io.out(line);
      return 0;
    });
  },
};

const GROUNDS = [...new Set(Object.values(OFFENCES).flatMap((offence) => offence.grounds))];

export const decideCommand: Command = {
  name: 'decide',
  usage: 'ID confirm|dismiss --by OFFICER --ground CODE --reason TEXT',
  summary: 'Decide an open case as its first officer.',
  about: [
    `"confirm" says it is an offence and names its ground, one of ${GROUNDS.join(', ')}; another officer has to approve it. "dismiss" closes it until what is seen changes; it needs no ground.`,
  ],
  options: [
    { name: 'by', value: 'OFFICER', about: 'Who decides.' },
    { name: 'ground', value: 'CODE', about: 'Legal ground, for confirm.' },
    { name: 'reason', value: 'TEXT', about: 'Why, in words.' },
  ],
  examples: [
    [
      'kuzet decide K-000001 confirm --by aigerim --ground KZ-CC-217 --reason "Выплаты за счёт новых вкладчиков"',
      'confirm a pyramid',
    ],
    ['kuzet decide K-000002 dismiss --by aigerim --reason "Новость о пирамиде"', 'dismiss a mistake'],
  ],
  async run(words, around) {
    const [id, verdict] = words.positionals;
    if (
      id === undefined ||
      (verdict !== 'confirm' && verdict !== 'dismiss') ||
      words.positionals.length !== 2
    ) {
      throw new UsageError(
        'decide',
        'Name the case and the decision: kuzet decide K-000001 confirm|dismiss …',
      );
    }
    const by = needed(words, 'decide', 'by');
    const reason = needed(words, 'decide', 'reason');
    const ground = verdict === 'confirm' ? needed(words, 'decide', 'ground') : '';
    return withHouse(around, async (house) => {
      const it = await only(house.ask('decide', { id, verdict, by, ground, reason }));
      say(
        around,
        it,
        `${it.id} is ${it.state.is}.${it.state.is === 'confirmed' ? ' Another officer has to approve it.' : ''}`,
      );
      return 0;
    });
  },
};

export const approveCommand: Command = {
  name: 'approve',
  usage: 'ID --by OTHER',
  summary: 'Approve a confirmed case as its second officer.',
  about: ['The officer who confirmed a case cannot approve it.'],
  options: [{ name: 'by', value: 'OFFICER', about: 'Who approves.' }],
  examples: [['kuzet approve K-000001 --by daniyar', 'the second yes']],
  async run(words, around) {
    const id = oneId(words, 'approve');
    const by = needed(words, 'approve', 'by');
    return withHouse(around, async (house) => {
      const it = await only(house.ask('approve', { id, by }));
      say(around, it, `${it.id} is approved. "kuzet refer build" takes it into a batch.`);
      return 0;
    });
  },
};

function say({ io }: Around, it: object, sentence: string): void {
  io.out(io.json ? JSON.stringify(it) : sentence);
}

function oneId(words: Words, command: string): string {
  const [id, ...more] = words.positionals;
  if (id === undefined || more.length > 0) throw new UsageError(command, 'Name one case, such as K-000001.');
  return id;
}

export function needed(words: Words, command: string, name: string): string {
  const value = words.text(name);
  if (value === undefined || value.trim() === '') throw new UsageError(command, `--${name} is missing.`);
  return value;
}

export function oneOf<T extends string>(
  words: Words,
  command: string,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const value = words.text(name);
  if (value === undefined) return undefined;
  const found = allowed.find((each) => each === value);
  if (found === undefined)
    throw new UsageError(command, `--${name} takes one of ${allowed.join(', ')}, not "${value}".`);
  return found;
}
