/** `kuzet tips send|import|list|show`: what people send in, and what they are told. */
import { readFile } from 'node:fs/promises';
import type { Tip } from '../domain/tip.ts';
import { BadTipsError, readTips, type WrittenTip } from '../exports/tips.ts';
import { withHouse } from './around.ts';
import type { Plain } from './asks/plain.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import type { Operations } from './house.ts';
import { safe } from './words.ts';

export const tipsCommand: Command = {
  name: 'tips',
  usage: 'send URL [--words T] [--contact T] | import FILE | list | show CODE',
  summary: 'Take in addresses that people send; tell what became of them.',
  about: [
    'Anybody sends a tip over the desk (POST /api/tips) and asks by its code what became of it; "import" takes in a file: CSV with a column "url" and perhaps "words" and "contact", or a JSON list of such. An address that is sent in twice is visited once. Tips are visited by a source of kind "tips".',
    'Answers: waiting, unreachable, nothing_found, being_checked, acted_on.',
  ],
  options: [
    { name: 'words', value: 'TEXT', about: 'What the sender says.' },
    { name: 'contact', value: 'TEXT', about: 'How to reach the sender.' },
    { name: 'limit', value: 'N', about: 'At most N (default 200).' },
  ],
  examples: [
    ['kuzet tips import tips.csv', 'what volunteers found'],
    ['kuzet source add citizens --kind tips --every "*/10 * * * *"', 'visit tips every ten minutes'],
  ],
  async run(words, around) {
    const [verb, first, ...more] = words.positionals;
    if (more.length === 0) {
      if (verb === 'send' && first !== undefined) {
        const tip = { url: first, words: words.text('words') ?? '', contact: words.text('contact') ?? '' };
        return send([tip], around);
      }
      if (verb === 'import' && first !== undefined)
        return send(tipsIn(await readFile(first, 'utf8')), around);
      if (verb === 'show' && first !== undefined)
        return list({ limit: 1, code: first.toUpperCase() }, around);
      if (verb === 'list' && first === undefined) return list({ limit: limitOf(words) }, around);
    }
    throw new UsageError(
      'tips',
      'Say what to do: "kuzet tips send URL", "import FILE", "list" or "show CODE".',
    );
  },
};

function limitOf(words: Words): number {
  return numberIn(words, 'tips', 'limit', { least: 1, most: 100_000, whole: true }) ?? 200;
}

/** @throws UsageError */
function tipsIn(text: string): WrittenTip[] {
  try {
    return readTips(text);
  } catch (cause) {
    if (cause instanceof BadTipsError) throw new UsageError('tips', cause.message);
    throw cause;
  }
}

function send(tips: readonly WrittenTip[], around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    let hasFailed = false;
    for await (const it of house.ask('tipSend', { tips })) {
      if ('refused' in it) hasFailed = true;
      if (io.json) io.out(JSON.stringify(it));
      else io.out('refused' in it ? `refused   ${safe(it.url)}  (${safe(it.refused)})` : tipText(it));
    }
    return hasFailed ? 1 : 0;
  });
}

function list(order: Operations['tips']['input'], around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    for await (const it of house.ask('tips', order)) io.out(io.json ? JSON.stringify(it) : tipText(it));
    return 0;
  });
}

function tipText({ code, at, answer, url }: Plain<Tip>): string {
  return `${code}  ${at}  ${answer.padEnd(13)}  ${safe(url)}`;
}
