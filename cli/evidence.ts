/** `kuzet evidence wacz|act|scrub|keep|copy`: what is kept, taken along, read again, looked after, moved. */
import { resolve } from 'node:path';
import { bucketPlace } from '../evidence/bucket.ts';
import { LANGS } from '../exports/overblock/words.ts';
import { withHouse } from './around.ts';
import type { CopyLine } from './asks/evidence.ts';
import { oneOf } from './cases.ts';
import { type Around, type Command, UsageError, type Words } from './command.ts';
import { decoded, writeWhole } from './draft.ts';
import { keeping } from './evidence-keeping.ts';
import { type House, only } from './house.ts';
import { personOf } from './person.ts';

export const evidenceCommand: Command = {
  name: 'evidence',
  usage:
    'wacz ID --out FILE | act ID --out FILE | scrub | keep | copy --to PLACE | custody ID | hold ID | release ID | retention | delete ID | expire | approve N | reject N',
  summary: 'Write, check, sign, stamp, copy, hold and delete evidence.',
  about: [
    '"wacz" writes the page that a case stands on, or any capture, as one signed WACZ file, which replays offline and which "kuzet verify FILE" checks on any machine.',
    '"act" writes the act of inspection of such a page in the language of --lang: what was seen, when, by which means, the hashes, who turned to it, and how to verify. FILE ends with .html or .pdf; a PDF needs a browser.',
    '"scrub" reads and hashes every piece of evidence again, and looks for what captures name and the folder lacks. Exit code 1 when anything is altered or missing.',
    '"keep" does what "kuzet serve" does each minute: seals the ledger once a day, signs new evidence, asks the time authorities of KUZET_TSA for stamps. It also tells the fingerprint of the key that signs: publish it.',
    '"copy" brings every piece to another folder or bucket, hashed on the way out and in. What is there already is passed over, so a copy that was stopped goes on. Point KUZET_EVIDENCE there when it is done.',
    '"custody" tells who captured, saw, took along or deleted the evidence of a capture or case, from the ledger.',
    '"retention" lists holds, what is due by the periods of KUZET_RETENTION, and deletions that wait. "delete" proposes one capture and "expire" all that is due; nothing goes before another officer says "approve". What is on hold, undecided, on its way, standing or appealed stays. Rows stay as well: the ledger says who deleted what, when and why.',
  ],
  options: [
    { name: 'out', value: 'FILE', about: 'Where to write the WACZ or the act.' },
    { name: 'lang', value: 'L', about: 'Language of the act: ru, kk or en (default KUZET_LANG).' },
    { name: 'to', value: 'PLACE', about: 'A folder, or s3://bucket/prefix.' },
    { name: 'by', value: 'NAME', about: 'Who does it (default: the user of this machine).' },
    { name: 'reason', value: 'TEXT', about: 'Why it is held, released or to be deleted.' },
  ],
  examples: [
    ['kuzet evidence wacz K-000001 --out K-000001.wacz', 'the page of a case, for a court'],
    ['kuzet evidence act K-000001 --out act.pdf --lang kk', 'the act of inspection, to print and sign'],
    ['kuzet evidence scrub', 'is every byte as it was?'],
    [
      'kuzet evidence hold K-000001 --by aigerim --reason "суд"',
      'nothing of the case goes before it is released',
    ],
    ['kuzet evidence expire --by aigerim --reason "срок истёк"', 'propose all that is due'],
    ['kuzet evidence approve 1 --by daniyar', 'the second yes: now it goes'],
    ['kuzet evidence copy --to s3://evidence/2026', 'to a bucket, before KUZET_EVIDENCE names it'],
  ],
  async run(words, around) {
    const [verb, id, ...more] = words.positionals;
    if (verb === 'wacz' && id !== undefined && more.length === 0) return wacz(id, words, around);
    if (verb === 'act' && id !== undefined && more.length === 0) return act(id, words, around);
    if (verb === 'scrub' && id === undefined) return scrub(around);
    if (verb === 'keep' && id === undefined) return keep(around);
    if (verb === 'copy' && id === undefined) return copy(words, around);
    if (more.length === 0) {
      const code = await keeping(verb, id, words, around);
      if (code !== null) return code;
    }
    throw new UsageError(
      'evidence',
      'Say what to do: "kuzet evidence wacz CASE --out FILE", "act CASE --out FILE", "scrub", "keep", "copy --to PLACE", "custody ID", "hold ID", "release ID", "retention", "delete ID", "expire", "approve N" or "reject N".',
    );
  },
};

function wacz(id: string, words: Words, around: Around): Promise<number> {
  const out = outIn(words);
  return written(out, around, (house) => house.ask('wacz', { id, by: personOf(words) }, around.signal));
}

function act(id: string, words: Words, around: Around): Promise<number> {
  const out = outIn(words);
  const as = /\.(html|pdf)$/i.exec(out)?.[1]?.toLowerCase();
  if (as !== 'html' && as !== 'pdf') throw new UsageError('evidence', '--out ends with .html or .pdf.');
  const lang = oneOf(words, 'evidence', 'lang', LANGS) ?? around.config.lang;
  const order = { id, lang, as, by: personOf(words) } as const;
  return written(out, around, (house) => house.ask('act', order, around.signal));
}

function outIn(words: Words): string {
  const out = words.text('out');
  if (out === undefined) throw new UsageError('evidence', '--out is missing.');
  return out;
}

function written(
  out: string,
  around: Around,
  pieces: (house: House) => AsyncIterable<{ readonly chunk: string }>,
): Promise<number> {
  return withHouse(around, async (house) => {
    const { bytes } = await writeWhole(out, decoded(pieces(house)));
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
          ? `✓ ${report.blobs} pieces, ${report.bytes} bytes, each as it was put there${report.deleted === 0 ? '' : `; ${report.deleted} more were deleted by decision`}`
          : `${report.faults.length} of ${report.blobs} pieces are altered or missing.`,
      );
    }
    return report.faults.length === 0 ? 0 : 1;
  });
}

async function copy(words: Words, around: Around): Promise<number> {
  const { io, config } = around;
  const given = words.text('to');
  if (given === undefined) throw new UsageError('evidence', '--to is missing.');
  const to = bucketPlace(given) === null ? resolve(given) : given;
  if (to === config.evidence.place) throw new UsageError('evidence', 'The evidence is there already.');
  return withHouse(around, async (house) => {
    let last: CopyLine | null = null;
    for await (const line of house.ask('evidenceCopy', { to }, around.signal)) {
      last = line;
      if (io.json) io.out(JSON.stringify(line));
      else if (!line.isDone) io.out(`  ${line.seen} seen, ${line.copied} copied, ${line.copiedBytes} bytes`);
    }
    const { seen, copied, copiedBytes, faults } = last!;
    if (!io.json) {
      for (const { why } of faults) io.out(`✗ ${why}`);
      io.out(
        `${seen} pieces here; ${copied} copied to ${to}, ${copiedBytes} bytes; ${faults.length} faults.`,
      );
    }
    return faults.length === 0 ? 0 : 1;
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
