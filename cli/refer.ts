/** `kuzet refer build|show`: approved cases leave the house as a batch file. */
import { copyFile } from 'node:fs/promises';
import { CHANNELS } from '../domain/referral.ts';
import { LANGS } from '../exports/overblock/words.ts';
import { withHouse } from './around.ts';
import { needed, oneOf } from './cases.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { batchText } from './refer-words.ts';
import { safe } from './words.ts';

export const referCommand: Command = {
  name: 'refer',
  usage: 'build [--channel C] [--quarantine] | handover BATCH --by O | reissue BATCH --by O | show [BATCH]',
  summary: 'Build a referral batch of approved cases; show batches.',
  about: [
    '"build" takes the approved cases of one channel into a batch and writes its file. A case that may not leave (a whole platform, a protected institution, no screenshot of its own ...) refuses the batch with a list; --quarantine leaves such cases out instead. Building again writes the same bytes again.',
    '"handover" puts a batch\'s file into the folder of KUZET_REFER_TO and tells so of every case in it; again is the same file under the same ids, for one that was lost or returned. At the times of KUZET_REFER_AT "kuzet serve" builds, signs and hands over by itself; a time it missed is caught up once.',
    '"reissue" is for a batch that is held back by a case that was withdrawn, or that somebody objects to: its other cases go on in a batch of their own, under the same ids, and the held one never leaves.',
    '"show" lists batches and what is on its way, or the rows of one.',
  ],
  options: [
    { name: 'channel', value: 'C', about: `One of ${CHANNELS.join(', ')} (default ${CHANNELS[0]}).` },
    { name: 'quarantine', value: null, about: 'Leave out cases that may not leave; they stay approved.' },
    { name: 'limit', value: 'N', about: 'At most N rows (default 50, at most 500).' },
    { name: 'by', value: 'OFFICER', about: 'Who hands it over, or issues it again.' },
    { name: 'lang', value: 'L', about: 'Language of "build": ru, kk or en (default KUZET_LANG).' },
    { name: 'out', value: 'FILE', about: 'Copy the batch file to FILE too.' },
  ],
  examples: [
    ['kuzet refer build', 'build the next batch'],
    ['kuzet refer show', 'list batches'],
  ],
  async run(words, around) {
    const [verb, id] = words.positionals;
    if (verb === 'build' && words.positionals.length === 1) return build(words, around);
    if (verb === 'handover' && id !== undefined && words.positionals.length === 2)
      return handover(id, words, around);
    if (verb === 'reissue' && id !== undefined && words.positionals.length === 2)
      return reissue(id, words, around);
    if (verb === 'show' && words.positionals.length <= 2) return show(id, words, around);
    throw new UsageError(
      'refer',
      'Say what to do: "kuzet refer build", "handover BATCH", "reissue BATCH" or "show [BATCH]".',
    );
  },
};

async function build(words: Words, around: Around): Promise<number> {
  const { io } = around;
  const channel = oneOf(words, 'refer', 'channel', CHANNELS) ?? CHANNELS[0];
  const limit = numberIn(words, 'refer', 'limit', { least: 1, most: 500, whole: true }) ?? 50;
  const lang = oneOf(words, 'refer', 'lang', LANGS) ?? around.config.lang;
  return withHouse(around, async (house) => {
    let isBuilt = false;
    let hasFailed = false;
    let refusals = 0;
    for await (const event of house.ask('referBuild', {
      channel,
      quarantine: words.isOn('quarantine'),
      limit,
    })) {
      io.out(io.json ? JSON.stringify(event) : batchText(event, lang));
      hasFailed ||= event.event === 'unfinished' || (event.event === 'nothing' && refusals > 0);
      if (event.event === 'refused') refusals += 1;
      if (event.event !== 'built') continue;
      isBuilt = true;
      const out = words.text('out');
      if (out !== undefined && !event.again) await copyFile(event.file, out);
    }
    return isBuilt && !hasFailed ? 0 : 1;
  });
}

function handover(batch: string, words: Words, around: Around): Promise<number> {
  const by = needed(words, 'refer', 'by');
  return withHouse(around, async (house) => {
    const it = await only(house.ask('handover', { batch, by }));
    const time = it.n === 1 ? '' : ` again (${it.n} times now)`;
    around.io.out(
      around.io.json
        ? JSON.stringify(it)
        : `${it.batch} handed over to ${it.target}${time}\n  SHA-256 ${it.sha256}`,
    );
    return 0;
  });
}

function reissue(batch: string, words: Words, around: Around): Promise<number> {
  const by = needed(words, 'refer', 'by');
  return withHouse(around, async (house) => {
    const it = await only(house.ask('reissue', { batch, by }));
    if (around.io.json) around.io.out(JSON.stringify(it));
    else {
      around.io.out(
        `${it.batch}: ${it.moved.length} cases of ${it.of}\n  ${it.file}\n  SHA-256 ${it.sha256}`,
      );
      around.io.out(`Stay behind: ${it.left.join(', ')}`);
    }
    return 0;
  });
}

async function show(id: string | undefined, words: Words, around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    if (id === undefined) {
      let count = 0;
      for await (const it of house.ask('batches', {})) {
        count += 1;
        io.out(
          io.json ? JSON.stringify(it) : `${it.batch}  ${it.channel}  ${it.cases} cases  built ${it.builtAt}`,
        );
      }
      if (count === 0 && !io.json)
        io.out('No batches yet. "kuzet refer build" builds one of approved cases.');
      for await (const it of house.ask('deliveries', {})) {
        const state = it.givenUpAt === null ? `tried again at ${it.dueAt}` : 'GIVEN UP, hand it over by hand';
        const tried =
          it.tries === 0 ? 'on its way' : `${it.tries} tries, ${state}: ${safe(it.lastError ?? '')}`;
        io.out(io.json ? JSON.stringify(it) : `${it.batch}  ${tried}`);
      }
      return 0;
    }
    const it = await only(house.ask('batch', { id }));
    const out = words.text('out');
    if (out !== undefined) await copyFile(it.file, out);
    if (io.json) io.out(JSON.stringify(it));
    else {
      io.out(`${it.batch}  ${it.channel}  built ${it.builtAt}\n  ${it.file}\n  SHA-256 ${it.sha256}`);
      for (const [at, row] of it.rows.entries()) {
        io.out(`  ${String(at + 1).padStart(3)}  ${row.caseId}  ${safe(row.url)}  ${row.offence}`);
        io.out(`       confirmed by ${row.decidedBy}, approved by ${row.approvedBy}: ${safe(row.reason)}`);
      }
    }
    return 0;
  });
}
