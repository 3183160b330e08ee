/** `kuzet models`: the life of a model, from a trained candidate to the one that judges, and back. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Interval } from '../classifiers/bootstrap.ts';
import { type Comparison, compare, type Fault } from '../classifiers/promotion.ts';
import type { ShadowReport } from '../classifiers/shadow.ts';
import type { DriftReport } from '../queues/drift.ts';
import { withHouse } from './around.ts';
import type { ModelLine } from './asks/models.ts';
import { needed } from './cases.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import { type HeldOut, readHeldOut, sayingsOf } from './held-out.ts';
import { type House, only } from './house.ts';
import { modelShelf } from './model-shelf.ts';
import { safe } from './words.ts';

const VERBS = 'list, add, evaluate, shadow, promote, rollback or drift';

export const modelsCommand: Command = {
  name: 'models',
  usage:
    'list | add FOLDER | evaluate NAME --rows F | shadow NAME|off|report | promote NAME | rollback | drift',
  summary: 'Try, promote, roll back and watch models.',
  about: [
    '"add" takes a copy of what "kuzet train" wrote. "evaluate" lets the candidate and the model that serves judge the same held-out rows, which neither learnt from, and notes what it found; exit code 1 when the candidate is worse in anything that counts.',
    '"promote" puts an evaluated candidate to work. It refuses, with exit code 1, when the lower end of any category (95 %, bootstrap over sources) falls or more hard negatives are flagged. "rollback" goes back to the model before. Running workers follow with their next visit.',
    '"shadow NAME" lets a candidate judge every page that is scanned, without showing what it says; "shadow report" compares; "shadow off" ends it.',
    '"drift" compares what was judged with what the model was put to work on, and verdicts with officers\' decisions. "kuzet serve" does so every Monday at 6 in Almaty.',
  ],
  options: [
    {
      name: 'rows',
      value: 'F',
      many: true,
      about: 'Held-out rows, NDJSON, as "kuzet decisions export --held-out" writes them.',
    },
    { name: 'by', value: 'OFFICER', about: 'Who changes the model.' },
    { name: 'reason', value: 'TEXT', about: 'Why, in words.' },
    { name: 'days', value: 'N', about: 'How far drift looks back (default 7).' },
  ],
  examples: [
    ['kuzet models add ./models', 'take a trained model in'],
    ['kuzet models evaluate kuzet-2026-1a2b3c4d --rows judge.ndjson', 'is it better?'],
    ['kuzet models promote kuzet-2026-1a2b3c4d --by aigerim --reason "Жаңа белгілер"', 'let it judge'],
    ['kuzet models drift --json', 'is it still right?'],
  ],
  async run(words, around) {
    const [verb, name, ...more] = words.positionals;
    if (more.length === 0) {
      if (verb === 'list' && name === undefined) return list(around);
      if (verb === 'add' && name !== undefined) return add(name, around);
      if (verb === 'evaluate' && name !== undefined) return evaluate(name, words, around);
      if (verb === 'shadow' && name === 'report') return shadowReport(around);
      if (verb === 'shadow' && name !== undefined) return shadow(name, words, around);
      if (verb === 'promote' && name !== undefined) return promote(name, words, around);
      if (verb === 'rollback' && name === undefined) return rollBack(words, around);
      if (verb === 'drift' && name === undefined) return drift(words, around);
    }
    throw new UsageError('models', `Say what to do: ${VERBS}; with one NAME where one is needed.`);
  },
};

/** Held-out rows that one of the two models learnt from would judge memory, not understanding. */
export class HeldOutLearntError extends Error {
  override readonly name = 'HeldOutLearntError';
  readonly facts: { readonly path: string; readonly model: string };

  constructor(path: string, model: string) {
    super(
      `${model} learnt from ${path}, so it cannot be judged by it. Give rows that no model was trained on, such as those of "kuzet decisions export --held-out".`,
    );
    this.facts = { path, model };
  }
}

function list(around: Around): Promise<number> {
  return withHouse(around, async (house) => {
    for await (const line of house.ask('models', {})) {
      if (around.io.json) around.io.out(JSON.stringify(line));
      else for (const text of modelText(line)) around.io.out(text);
    }
    if (around.io.json) return 0;
    for await (const change of house.ask('modelChanges', { limit: 10 })) {
      const { at, by, kind, was, now, facts } = change;
      const bundled = kind === 'promoted' || kind === 'rolled_back' ? 'the bundled one' : 'none';
      around.io.out(
        `${at}  ${kind}  ${was ?? bundled} -> ${now ?? bundled}, by ${safe(by)}: ${safe(String(facts['reason'] ?? ''))}`,
      );
    }
    return 0;
  });
}

function modelText({ name, is, isBundled, evaluation, unreadable }: ModelLine): string[] {
  const lines = [`${is.padEnd(9)}  ${name}${isBundled ? '  (came with the program)' : ''}`];
  if (unreadable !== null) lines.push(`           ${unreadable}`);
  if (evaluation === null) return lines;
  const { faults, at, current } = evaluation;
  lines.push(
    `           evaluated ${at} against ${current}: ${faults.length === 0 ? 'may be promoted' : faults.join('; ')}`,
  );
  return lines;
}

async function add(folder: string, { config, io }: Around): Promise<number> {
  const name = modelShelf(join(config.home, 'models')).add(resolve(folder));
  io.out(io.json ? JSON.stringify({ event: 'added', name }) : `${name} is a candidate.`);
  return 0;
}

const SEED = 2026;

function evaluate(name: string, words: Words, around: Around): Promise<number> {
  const { io, config } = around;
  const paths = words.texts('rows');
  if (paths.length === 0) throw new UsageError('models', 'Give held-out rows: --rows FILE.');
  return withHouse(around, async (house) => {
    const serves = await servingLine(house);
    const shelf = modelShelf(join(config.home, 'models'));
    const candidate = shelf.load(name);
    const current = shelf.load(serves.isBundled ? null : serves.name);
    const rows: HeldOut[] = [];
    const sums: string[] = [];
    for (const path of paths) {
      const file = await readHeldOut(path);
      if (shelf.learntFrom(name).includes(file.sha256)) throw new HeldOutLearntError(path, name);
      if (shelf.learntFrom(serves.isBundled ? null : serves.name).includes(file.sha256)) {
        throw new HeldOutLearntError(path, serves.name);
      }
      rows.push(...file.rows);
      sums.push(file.sha256);
    }
    const found = compare(rows, sayingsOf(rows, current), sayingsOf(rows, candidate), SEED);
    const faults = found.faults.map(faultText);
    const evaluation = {
      candidate: candidate.name,
      current: current.name,
      rowsSha256: createHash('sha256').update(sums.sort().join('\n')).digest('hex'),
      faults,
      figures: found,
    };
    await only(house.ask('modelEvaluated', evaluation));
    if (io.json) io.out(JSON.stringify({ ...evaluation, ...found, faults }));
    else
      for (const line of comparisonText(evaluation.current, evaluation.candidate, found, faults))
        io.out(line);
    return faults.length === 0 ? 0 : 1;
  });
}

async function servingLine(house: House): Promise<ModelLine> {
  for await (const line of house.ask('models', {})) if (line.is === 'serves') return line;
  throw new Error('No model serves: its folder is missing. Put it back, or run "kuzet models rollback".');
}

function faultText(fault: Fault): string {
  switch (fault.what) {
    case 'category_falls':
      return `${fault.label} falls: lower end of F1 ${figure(fault.was)} -> ${figure(fault.is)}`;
    case 'hard_negatives_rise':
      return `hard negatives flagged rise: ${share(fault.was)} -> ${share(fault.is)}`;
    case 'too_few_rows':
      return `${fault.rows} held-out rows are too few: at least ${fault.least} are needed`;
    case 'one_sided':
      return 'held-out rows need legit ones and fraud';
  }
}

function comparisonText(
  current: string,
  candidate: string,
  it: Comparison,
  faults: readonly string[],
): string[] {
  const { hardNegatives: hard } = it;
  return [
    `${it.rows} rows of ${it.sources} sources; F1 with its 95 % interval`,
    `${''.padEnd(18)}${'rows'.padStart(6)}  ${current.padEnd(26)}${candidate}`,
    ...it.categories.map(
      ({ label, rows, current: was, candidate: is }) =>
        `${label.padEnd(18)}${String(rows).padStart(6)}  ${interval(was).padEnd(26)}${interval(is)}`,
    ),
    `${hard.areMarked ? 'hard negatives' : 'legit rows'} flagged, of ${hard.rows}: ${share(hard.current)} -> ${share(hard.candidate)}`,
    faults.length === 0
      ? `${candidate} may be promoted.`
      : `${candidate} may not be promoted: ${faults.join('; ')}.`,
  ];
}

function interval({ value, low, high }: Interval): string {
  return `${figure(value)} (${figure(low)}..${figure(high)})`;
}

async function promote(name: string, words: Words, around: Around): Promise<number> {
  const order = { name, ...orderOf(words) };
  return withHouse(around, async (house) => {
    const change = await only(house.ask('modelPromote', order));
    say(around, change, `${name} judges from the next visit on.`);
    return 0;
  });
}

async function rollBack(words: Words, around: Around): Promise<number> {
  const order = orderOf(words);
  return withHouse(around, async (house) => {
    const change = await only(house.ask('modelRollBack', order));
    say(
      around,
      change,
      `${change.now ?? 'The model that came with the program'} judges again, from the next visit on.`,
    );
    return 0;
  });
}

async function shadow(name: string, words: Words, around: Around): Promise<number> {
  const order = { name: name === 'off' ? null : name, ...orderOf(words) };
  return withHouse(around, async (house) => {
    const change = await only(house.ask('modelShadow', order));
    say(
      around,
      change,
      order.name === null ? 'The shadow is empty.' : `${name} judges in the shadow from the next visit on.`,
    );
    return 0;
  });
}

function orderOf(words: Words): { by: string; reason: string } {
  return { by: needed(words, 'models', 'by'), reason: needed(words, 'models', 'reason') };
}

function shadowReport(around: Around): Promise<number> {
  return withHouse(around, async (house) => {
    const report = await only(house.ask('shadowReport', {}));
    if (around.io.json) around.io.out(JSON.stringify(report));
    else for (const line of shadowText(report)) around.io.out(line);
    return 0;
  });
}

function shadowText(it: ShadowReport & { readonly current: string; readonly shadow: string }): string[] {
  return [
    `${it.pages} pages judged by ${it.current} and, in its shadow, by ${it.shadow}: ${share(it.agreement)} the same verdict`,
    ...it.verdicts
      .filter(({ current, shadow }) => current !== shadow)
      .map(({ current, shadow, pages }) => `  ${current} -> ${shadow}: ${pages}`),
    `Stability of scores: ${figure(it.drift.scorePsi)} (${it.drift.is})`,
    `As officers decided, of ${it.decided.pages} pages: ${it.decided.current} by ${it.current}, ${it.decided.shadow} by ${it.shadow}`,
    ...it.differ.map(
      ({ url, current, shadow }) =>
        `  ${safe(url)}: ${current.verdict} ${current.label} ${figure(current.score)} -> ${shadow.verdict} ${shadow.label} ${figure(shadow.score)}`,
    ),
  ];
}

function drift(words: Words, around: Around): Promise<number> {
  const days = numberIn(words, 'models', 'days', { least: 1, most: 366, whole: true }) ?? 7;
  return withHouse(around, async (house) => {
    const report = await only(house.ask('drift', { days }));
    if (around.io.json) around.io.out(JSON.stringify(report));
    else for (const line of driftText(report)) around.io.out(line);
    return 0;
  });
}

const MEANING: Readonly<Record<DriftReport['drift']['is'], string>> = {
  stable: 'nothing moved',
  look: 'something moved: look closer',
  moved: 'what comes in is not what the model was put to work on: train anew, or find out why',
  too_few: 'too few pages to tell',
};

function driftText({ model, from, to, reference, drift: it, bounds, quality }: DriftReport): string[] {
  const rate = (estimate: Interval | null) =>
    estimate === null
      ? 'not known yet'
      : `${share(estimate.value)} (${share(estimate.low)}..${share(estimate.high)})`;
  return [
    `${model}, ${from.slice(0, 10)} to ${to.slice(0, 10)}: ${MEANING[it.is]}`,
    reference === null
      ? `It has judged too few pages to be measured against (${bounds.leastPages} at least).`
      : `Against ${reference.pages} pages (${reference.takenFrom.replace('_', ' ')}), ${it.pages.is} new ones: stability of scores ${figure(it.scorePsi)}; look from ${bounds.look}, moved from ${bounds.moved}`,
    ...it.signals.map(
      (signal) =>
        `  ${signal.id}: ${share(signal.was)} -> ${share(signal.is)} of pages, ${figure(signal.psi)}`,
    ),
    `Abstained: ${share(it.abstention.was)} -> ${share(it.abstention.is)}`,
    `Precision of flags by officers: ${rate(quality.precision)}; recall: ${rate(quality.recall)}`,
    ...quality.strata.map(
      ({ verdict, all, looked, fraud }) =>
        `  ${verdict}: ${all} subjects, ${looked} counted, ${fraud} of them fraud`,
    ),
  ];
}

function say({ io }: Around, change: object, sentence: string): void {
  io.out(io.json ? JSON.stringify(change) : sentence);
}

function figure(value: number): string {
  return value.toFixed(3);
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
