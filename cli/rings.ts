/** `kuzet rings`: rings of copied listings, who is behind them, and pairs to learn from. */
import { withHouse } from './around.ts';
import type { RingLine } from './asks/markets.ts';
import { needed } from './cases.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import { asLines, writeWhole } from './draft.ts';
import { only } from './house.ts';
import { percent, safe } from './words.ts';

export const ringsCommand: Command = {
  name: 'rings',
  usage: 'list | show ID [--clear --by O --reason T] | labels --out FILE',
  summary: 'Rings of copied listings and who is behind them.',
  about: [
    'Who placed a listing is kept as keyed hashes; with --clear the phones, addresses and accounts of listings that marketplaces fed are shown too, as long as the law lets them be kept, and who looked and why goes into the ledger. What crawled sites show is in their captures.',
    '"labels" writes what marketplaces confirmed and disputed as pairs for "kuzet pairs train".',
  ],
  options: [
    { name: 'limit', value: 'N', about: 'At most N (default 50).' },
    { name: 'clear', value: null, about: 'Show identifiers in clear.' },
    { name: 'by', value: 'OFFICER', about: 'Who looks.' },
    { name: 'reason', value: 'TEXT', about: 'Why.' },
    { name: 'out', value: 'FILE', about: 'Where labelled pairs are written.' },
  ],
  examples: [
    ['kuzet rings list', 'those of most people come first'],
    ['kuzet rings show ring-0123456789ab --clear --by dana --reason "запрос следователя"', 'with phones'],
  ],
  async run(words, around) {
    const [verb, id, ...more] = words.positionals;
    if (verb === 'list' && id === undefined) return list(words, around);
    if (verb === 'labels' && id === undefined) return labels(words, around);
    if (verb === 'show' && id !== undefined && more.length === 0) return show(id, words, around);
    throw new UsageError('rings', 'Say what to do: "kuzet rings list", "show ID" or "labels --out FILE".');
  },
};

async function list(words: Words, around: Around): Promise<number> {
  const { io } = around;
  const limit = numberIn(words, 'rings', 'limit', { least: 1, most: 10_000, whole: true }) ?? 50;
  return withHouse(around, async (house) => {
    let count = 0;
    for await (const it of house.ask('rings', { limit })) {
      count += 1;
      io.out(io.json ? JSON.stringify(it) : lineOf(it));
    }
    if (count === 0 && !io.json) io.out('There is no ring.');
    return 0;
  });
}

async function show(id: string, words: Words, around: Around): Promise<number> {
  const { io } = around;
  const clear = words.isOn('clear')
    ? { by: needed(words, 'rings', 'by'), reason: needed(words, 'rings', 'reason') }
    : null;
  const ring = await withHouse(around, async (house) => only(house.ask('ring', { id, clear })));
  if (io.json) io.out(JSON.stringify(ring));
  else {
    io.out(lineOf(ring));
    for (const it of ring.listings) {
      io.out(`  ${safe(it.market)}/${safe(it.id)}  ${safe(it.title)}`);
      for (const { kind, hash, flags } of it.marks)
        io.out(`    ${kind} ${hash} ${flags.join(' ')}`.trimEnd());
      if (it.clear !== null) io.out(`    ${safe(JSON.stringify(it.clear))}`);
    }
  }
  return 0;
}

async function labels(words: Words, around: Around): Promise<number> {
  const { io, signal } = around;
  const out = needed(words, 'rings', 'out');
  const { pieces } = await withHouse(around, (house) =>
    writeWhole(out, asLines(house.ask('ringLabels', {}, signal))),
  );
  io.out(
    io.json ? JSON.stringify({ event: 'exported', file: out, pairs: pieces }) : `${out}: ${pieces} pairs.`,
  );
  return 0;
}

function lineOf({ id, relation, state, members, actors, score }: RingLine): string {
  return `${id}  ${relation}  ${state}  ${members} listings, ${actors} people at least, ${percent(score)}`;
}
