/** `kuzet export` and `kuzet import`: a whole store, between engines. */
import { createReadStream } from 'node:fs';
import { withHouse } from './around.ts';
import { type Command, UsageError } from './command.ts';
import { decoded, writeWhole } from './draft.ts';
import { personOf } from './person.ts';

export const exportCommand: Command = {
  name: 'export',
  usage: '--out FILE [--no-evidence] [--by PERSON]',
  summary: 'Write the whole store into one file.',
  about: [
    'Rows and evidence, as gzip NDJSON closed by a SHA-256. The file appears under its name only when it is whole.',
    'The ledger tells who took the copy along, and the copy has that row.',
  ],
  options: [
    { name: 'out', value: 'FILE', about: 'Where to write.' },
    { name: 'no-evidence', value: null, about: 'Rows only; evidence stays in its folder.' },
    {
      name: 'by',
      value: 'PERSON',
      about: 'Who takes it along, for the ledger; else the user of this machine.',
    },
  ],
  examples: [['kuzet export --out store.ndjson.gz', 'a full copy']],
  async run(words, around) {
    const out = words.text('out');
    if (out === undefined) throw new UsageError('export', '--out is missing.');
    const order = { evidence: !words.isOn('no-evidence'), by: personOf(words) };
    return withHouse(around, async (house) => {
      const chunks = house.ask('export', order, around.signal);
      const { bytes } = await writeWhole(out, decoded(chunks));
      around.io.out(
        around.io.json ? JSON.stringify({ event: 'exported', file: out, bytes }) : `${out}: ${bytes} bytes.`,
      );
      return 0;
    });
  },
};

export const importCommand: Command = {
  name: 'import',
  usage: 'FILE',
  summary: 'Fill an empty store from a file of "kuzet export".',
  about: ['The store must be empty. All rows come in or none do; a cut or altered file is refused.'],
  options: [],
  examples: [['DATABASE_URL=postgres://localhost/kuzet kuzet import store.ndjson.gz', 'move to PostgreSQL']],
  async run(words, around) {
    const [file, ...more] = words.positionals;
    if (file === undefined || more.length > 0) throw new UsageError('import', 'Name one file.');
    const [{ importStore }, { openRooms }] = await Promise.all([
      import('../store/transfer.ts'),
      import('./rooms.ts'),
    ]);
    const rooms = await openRooms(around.config);
    try {
      const { rows, blobs } = await importStore(rooms.database, rooms.evidence, createReadStream(file));
      around.io.out(
        around.io.json
          ? JSON.stringify({ event: 'imported', rows, blobs })
          : `${rows} rows and ${blobs} pieces of evidence.`,
      );
      return 0;
    } finally {
      await rooms.close();
    }
  },
};
