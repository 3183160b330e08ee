/** `kuzet ledger verify|seal|export`: the chain over evidence and acts, checked, sealed, taken along. */
import { LANGS } from '../exports/overblock/words.ts';
import { withHouse } from './around.ts';
import { oneOf } from './cases.ts';
import { type Around, type Command, UsageError, type Words } from './command.ts';
import { asLines, writeWhole } from './draft.ts';
import { only } from './house.ts';
import { deletionLines, WORDS } from './verify-words.ts';

export const ledgerCommand: Command = {
  name: 'ledger',
  usage: 'verify | seal | export --out FILE',
  summary: 'Check, seal or export the chain over evidence and acts.',
  about: [
    '"verify" reads the whole chain and compares it with every act, capture and batch: a row that was edited, removed or put elsewhere is named at its place, and so is a piece of evidence that is not there. What two officers decided away is told as such. Exit code 1 when anything is at fault.',
    '"seal" writes the root of all rows so far, once a day by itself while "kuzet serve" runs: print it, or have it stamped (KUZET_TSA), and the rows above it can never be rewritten unseen.',
    '"export" writes the chain and its stamps as NDJSON, which "kuzet verify FILE" checks on any machine.',
  ],
  options: [
    { name: 'out', value: 'FILE', about: 'Where to write the export.' },
    { name: 'lang', value: 'L', about: 'Language of "verify": ru, kk or en (default KUZET_LANG).' },
  ],
  examples: [
    ['kuzet ledger verify', 'is anything altered?'],
    ['kuzet ledger export --out ledger.ndjson', 'for whoever wants to check it elsewhere'],
  ],
  async run(words, around) {
    const [verb, ...more] = words.positionals;
    if (more.length === 0 && verb === 'verify') return verify(words, around);
    if (more.length === 0 && verb === 'seal') return seal(around);
    if (more.length === 0 && verb === 'export') return exportLedger(words, around);
    throw new UsageError('ledger', 'Say what to do: "kuzet ledger verify", "seal" or "export --out FILE".');
  },
};

/** Faults printed; all are in the answer of --json. */
const MOST_TOLD = 50;

async function verify(words: Words, around: Around): Promise<number> {
  const { io, config } = around;
  const says = WORDS[oneOf(words, 'ledger', 'lang', LANGS) ?? config.lang];
  return withHouse(around, async (house) => {
    const verdict = await only(house.ask('ledgerVerify', {}));
    const { ok, rows, head, faults, deletions, before } = verdict;
    if (io.json) {
      io.out(JSON.stringify(verdict));
      return ok ? 0 : 1;
    }
    for (const { seq, detail } of faults.slice(0, MOST_TOLD)) {
      io.out(seq === 0 ? `✗ ${detail}` : `✗ ${says.row} ${seq}: ${detail}`);
    }
    if (faults.length > MOST_TOLD) io.out(says.ledger.more(faults.length - MOST_TOLD));
    if (before > 0) io.out(says.ledger.before(before));
    for (const line of deletionLines(deletions, says)) io.out(line);
    if (ok) io.out(`✓ ${says.ledger.complete}`);
    io.out(ok ? `✓ ${says.ledger.fine(rows, head)}` : says.ledger.broken(faults.length, rows));
    return ok ? 0 : 1;
  });
}

async function seal(around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    const root = await only(house.ask('ledgerSeal', {}));
    if (io.json) io.out(JSON.stringify(root));
    else if (root.hash === null) io.out('Nothing new since the last root.');
    else io.out(`Root of ${root.day}: ${root.rows} rows\n  ${root.hash}`);
    return 0;
  });
}

async function exportLedger(words: Words, around: Around): Promise<number> {
  const out = words.text('out');
  if (out === undefined) throw new UsageError('ledger', '--out is missing.');
  return withHouse(around, async (house) => {
    const { pieces: lines } = await writeWhole(out, asLines(house.ask('ledgerLines', {}, around.signal)));
    around.io.out(
      around.io.json ? JSON.stringify({ event: 'exported', file: out, lines }) : `${out}: ${lines} lines.`,
    );
    return 0;
  });
}
