/** `kuzet market`: the index of listings made anew, and alerts that reached nobody. */
import { withHouse } from './around.ts';
import { needed } from './cases.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { progressLine } from './progress.ts';
import { safe } from './words.ts';

export const marketCommand: Command = {
  name: 'market',
  usage: 'reindex | undelivered [--limit N] | resend EVENT --tenant ID',
  summary: 'Index listings anew; see and resend alerts that reached nobody.',
  about: [
    '"reindex" makes the index from the database\'s log and from nothing else; listings that visits saw before there was a log are taken into it first, and nobody is alerted of them. It may be broken off and goes on where it was. The same log gives the same index, told by its SHA-256. Every process that runs goes over to the new one; one on another machine makes it of the log, and answers with its own until then.',
    '"undelivered" tells of alerts whose tries are over, with what the last one was answered; "resend" sends one again under its own id.',
  ],
  options: [
    { name: 'limit', value: 'N', about: 'At most N (default 50).' },
    { name: 'tenant', value: 'ID', about: 'Marketplace whose alert is sent again.' },
  ],
  examples: [
    ['kuzet market reindex', 'after an upgrade from a store that knew no marketplaces'],
    ['kuzet market undelivered', 'which alerts did not arrive, and why'],
    ['kuzet market resend msg_0192 --tenant bazar', 'try one again'],
  ],
  async run(words, around) {
    const [verb, event, ...more] = words.positionals;
    if (more.length > 0) throw wrong();
    if (verb === 'reindex' && event === undefined) return reindexed(around);
    if (verb === 'undelivered' && event === undefined) return undelivered(words, around);
    if (verb === 'resend' && event !== undefined) return resent(event, words, around);
    throw wrong();
  },
};

function wrong(): UsageError {
  return new UsageError(
    'market',
    'Say what to do: "kuzet market reindex", "undelivered" or "resend EVENT --tenant ID".',
  );
}

async function reindexed(around: Around): Promise<number> {
  const { io, signal } = around;
  const line = progressLine(io);
  return withHouse(around, async (house) => {
    for await (const step of house.ask('marketReindex', {}, signal)) {
      if (io.json) io.out(JSON.stringify(step));
      else if (step.is === 'taking') {
        line.show({ done: step.visits, of: step.of, words: `visits ${step.visits} of ${step.of}` });
      } else if (step.is === 'indexing') {
        line.show({ done: step.row, of: step.of, words: `rows of the log ${step.row} of ${step.of}` });
      } else if (step.is === 'done') {
        line.clear();
        if (step.sealed > 0) io.out(`${step.sealed} listings held a telephone in clear, and hold none now.`);
        io.out(
          `${step.rows} rows of the log are in the index; ${step.taken} listings of crawled sites were new to it.`,
        );
        io.out(`SHA-256 of the index: ${step.sha256}`);
      }
    }
    return 0;
  });
}

async function undelivered(words: Words, around: Around): Promise<number> {
  const { io } = around;
  const limit = numberIn(words, 'market', 'limit', { least: 1, most: 10_000, whole: true }) ?? 50;
  return withHouse(around, async (house) => {
    let count = 0;
    for await (const it of house.ask('marketUndelivered', { limit })) {
      count += 1;
      const last = it.at === null ? 'never tried' : `${it.at} ${it.status ?? 'no answer'}`;
      const told = [it.detail, it.disabled === null ? null : `endpoint: ${it.disabled}`];
      const why = told.flatMap((each) => (each === null || each === '' ? [] : [safe(each)])).join('; ');
      io.out(
        io.json
          ? JSON.stringify(it)
          : `${it.event}  ${it.tenant.padEnd(16)}  ${it.type}  ${it.tries} tries, ${last}  ${safe(it.url)}  ${why}`,
      );
    }
    if (count === 0 && !io.json) io.out('No alert was given up.');
    return 0;
  });
}

async function resent(event: string, words: Words, around: Around): Promise<number> {
  const { io } = around;
  const tenant = needed(words, 'market', 'tenant');
  const { sent } = await withHouse(around, async (house) =>
    only(house.ask('marketResend', { tenant, event })),
  );
  if (io.json) io.out(JSON.stringify({ sent }));
  else
    io.out(
      sent === 0
        ? `Nothing was sent: ${tenant} has no alert "${event}", or no endpoint that takes any.`
        : `${event} is on its way to ${sent} endpoint${sent === 1 ? '' : 's'}.`,
    );
  return sent === 0 ? 1 : 0;
}
