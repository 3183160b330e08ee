/** `kuzet recheck run|import|show`: is what was referred still up, and from where? */
import { readFile } from 'node:fs/promises';
import { withHouse } from './around.ts';
import { needed } from './cases.ts';
import { type Around, type Command, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { safe } from './words.ts';

export const recheckCommand: Command = {
  name: 'recheck',
  usage: 'run | import FILE --vantage V --by O | show CASE | faults | retry CASE',
  summary: 'Look again at what was referred; take in measurements.',
  about: [
    '"run" does what "kuzet serve" does each minute: notes what is late (an order after 2 hours, a platform after 24, a receipt after 7 days), starts the looks that are due (2 hours, 24 hours, 7, 30 and 90 days after approval) and takes in those that ended, makes new look-alikes of blocked sites child cases, and scans again what waits for a batch and was not seen for 20 hours.',
    '"import" takes in measurements from where a block can be seen, one JSON object a line: as OONI writes them (input, measurement_start_time, test_keys), or {"url","at","failure","stage"}. From outside Kazakhstan a blocked site looks alive.',
    '"faults" lists cases for which some of that failed: tried again later and later, given up after nine tries; "retry" has the next round try anew.',
    'Content that is gone only proposes to lift the block: an officer says "kuzet receipts say CASE resume_proposed".',
  ],
  options: [
    { name: 'vantage', value: 'V', about: 'Who measured, and from where: a name of your own.' },
    { name: 'by', value: 'OFFICER', about: 'Who takes the file in.' },
  ],
  examples: [
    ['kuzet recheck import probe.ndjson --vantage kz-probe-1 --by dana', 'what is blocked in Kazakhstan'],
    ['kuzet recheck show K-000001', 'all that was seen of it since it left'],
  ],
  async run(words, around) {
    const [verb, first, ...more] = words.positionals;
    if (verb === 'run' && first === undefined) return run(around);
    if (verb === 'import' && first !== undefined && more.length === 0) return take(first, words, around);
    if (verb === 'faults' && first === undefined) return faults(around);
    if (verb === 'retry' && first !== undefined && more.length === 0) return retry(first, around);
    if (verb === 'show' && first !== undefined && more.length === 0) return show(first, around);
    throw new UsageError(
      'recheck',
      'Say what to do: "kuzet recheck run", "import FILE", "show CASE", "faults" or "retry CASE".',
    );
  },
};

function run({ io, ...around }: Around): Promise<number> {
  return withHouse({ io, ...around }, async (house) => {
    const news = await only(house.ask('recheckRun', {}));
    if (io.json) io.out(JSON.stringify(news));
    else {
      for (const { caseId, event } of news.late) io.out(`${caseId}  late: ${event}`);
      for (const { caseId, step, why, isGivenUp } of news.failed)
        io.out(`${caseId}  FAILED (${step}${isGivenUp ? ', given up' : ''}): ${safe(why)}`);
      for (const { caseId, what, event } of news.seen)
        io.out(`${caseId}  seen: ${what}${event === null ? '' : `, so ${event}`}`);
      io.out(
        `${news.asked} looks asked for, ${news.seen.length} taken in, ${news.mirrors} mirrors, ${news.refreshed} scanned again before a batch.`,
      );
    }
    return 0;
  });
}

async function take(file: string, words: Words, around: Around): Promise<number> {
  const vantage = needed(words, 'recheck', 'vantage');
  const by = needed(words, 'recheck', 'by');
  if (vantage === 'here') throw new UsageError('recheck', '"here" is this house itself: name the vantage.');
  const text = await readFile(file, 'utf8');
  return withHouse(around, async (house) => {
    const news = await only(house.ask('recheckImport', { text, vantage, by }));
    around.io.out(
      around.io.json
        ? JSON.stringify(news)
        : `${news.known} of ${news.rows} measurements are of referrals; ${news.moved} changed how one stands.`,
    );
    return 0;
  });
}

function faults({ io, ...around }: Around): Promise<number> {
  return withHouse({ io, ...around }, async (house) => {
    let count = 0;
    for await (const it of house.ask('faults', {})) {
      count += 1;
      const state = it.givenUpAt === null ? `tried again at ${it.dueAt}` : 'GIVEN UP';
      io.out(
        io.json
          ? JSON.stringify(it)
          : `${it.caseId}  ${it.step}  ${it.tries} tries, ${state}: ${safe(it.lastError)}`,
      );
    }
    if (count === 0 && !io.json) io.out('Nothing failed.');
    return 0;
  });
}

function retry(id: string, { io, ...around }: Around): Promise<number> {
  return withHouse({ io, ...around }, async (house) => {
    const { cleared } = await only(house.ask('faultsClear', { id }));
    io.out(
      io.json ? JSON.stringify({ cleared }) : `${cleared} failures forgotten; the next round tries anew.`,
    );
    return 0;
  });
}

function show(id: string, { io, ...around }: Around): Promise<number> {
  return withHouse({ io, ...around }, async (house) => {
    const it = await only(house.ask('recheckShow', { id }));
    if (io.json) io.out(JSON.stringify(it));
    else {
      io.out(`${it.caseId}  ${it.state}`);
      for (const { at, vantage, what, detail } of it.sights)
        io.out(`  ${at}  ${vantage}  ${what}  ${safe(detail)}`);
      if (it.children.length > 0) io.out(`Goes on as: ${it.children.join(', ')}`);
    }
    return 0;
  });
}
