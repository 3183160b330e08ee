/** `kuzet evidence wacz|scrub|keep`: what is kept, taken along, read again, looked after. */
import { withHouse } from './around.ts';
import { type Around, type Command, UsageError, type Words } from './command.ts';
import { decoded, writeWhole } from './draft.ts';
import { only } from './house.ts';

export const evidenceCommand: Command = {
  name: 'evidence',
  usage: 'wacz CASE|CAPTURE --out FILE | scrub | keep',
  summary: 'Write evidence as WACZ; read it all again; sign and stamp.',
  about: [
    '"wacz" writes the page that a case stands on, or any capture, as one signed WACZ file, which replays offline and which "kuzet verify FILE" checks on any machine.',
    '"scrub" reads and hashes every piece of evidence again, and looks for what captures name and the folder lacks. Exit code 1 when anything is altered or missing.',
    '"keep" does what "kuzet serve" does each minute: seals the ledger once a day, signs new evidence, asks the time authorities of KUZET_TSA for stamps. It also tells the fingerprint of the key that signs: publish it.',
  ],
  options: [{ name: 'out', value: 'FILE', about: 'Where to write the WACZ.' }],
  examples: [
    ['kuzet evidence wacz K-000001 --out K-000001.wacz', 'the page of a case, for a court'],
    ['kuzet evidence scrub', 'is every byte as it was?'],
  ],
  async run(words, around) {
    const [verb, id, ...more] = words.positionals;
    if (verb === 'wacz' && id !== undefined && more.length === 0) return wacz(id, words, around);
    if (verb === 'scrub' && id === undefined) return scrub(around);
    if (verb === 'keep' && id === undefined) return keep(around);
    throw new UsageError(
      'evidence',
      'Say what to do: "kuzet evidence wacz CASE --out FILE", "scrub" or "keep".',
    );
  },
};

async function wacz(id: string, words: Words, around: Around): Promise<number> {
  const out = words.text('out');
  if (out === undefined) throw new UsageError('evidence', '--out is missing.');
  return withHouse(around, async (house) => {
    const { bytes } = await writeWhole(out, decoded(house.ask('wacz', { id }, around.signal)));
    around.io.out(
      around.io.json ? JSON.stringify({ event: 'written', file: out, bytes }) : `${out}: ${bytes} bytes.`,
    );
    return 0;
  });
}

async function scrub(around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    const report = await only(house.ask('scrub', {}, around.signal));
    if (io.json) io.out(JSON.stringify(report));
    else {
      for (const { why } of report.faults) io.out(`✗ ${why}`);
      io.out(
        report.faults.length === 0
          ? `✓ ${report.blobs} pieces, ${report.bytes} bytes, each as it was put there`
          : `${report.faults.length} of ${report.blobs} pieces are altered or missing.`,
      );
    }
    return report.faults.length === 0 ? 0 : 1;
  });
}

async function keep(around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    const news = await only(house.ask('keep', {}, around.signal));
    if (io.json) io.out(JSON.stringify(news));
    else {
      if (news.root !== null) io.out(`Root of the ledger: ${news.root}`);
      io.out(`${news.signed} captures signed; ${news.stamped} stamps came, ${news.waiting} wait.`);
      if (news.lastError !== null) io.out(`  ${news.lastError}`);
      io.out(`Key of this house: ${news.key}`);
    }
    return 0;
  });
}
