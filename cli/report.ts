/** `kuzet report`: what was done in a period, for everybody to read. */
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { transparencyCsv, transparencyMarkdown, transparencySvg } from '../exports/transparency.ts';
import { withHouse } from './around.ts';
import { type Command, UsageError } from './command.ts';
import { writeWhole } from './draft.ts';
import { only } from './house.ts';

export const reportCommand: Command = {
  name: 'report',
  usage: '--from DAY --to DAY --out FOLDER',
  summary: 'Write the public report of a period.',
  about: [
    'Counts by kind of fraud, channel, outcome and appeal, and median hours, of what was done from one day to another (both included, UTC): report.ru.md, report.kk.md, report.en.md, report.csv and a chart of each section. There are counts in it and nothing else: no address, no name, no words.',
  ],
  options: [
    { name: 'from', value: 'DAY', about: 'First day, such as 2026-10-01.' },
    { name: 'to', value: 'DAY', about: 'Last day.' },
    { name: 'out', value: 'FOLDER', about: 'Folder to write into; it has to be there.' },
  ],
  examples: [['kuzet report --from 2026-10-01 --to 2026-12-31 --out report', 'of a quarter']],
  async run(words, around) {
    const [from, to, out] = ['from', 'to', 'out'].map((name) => words.text(name));
    if (from === undefined || to === undefined || out === undefined)
      throw new UsageError('report', '--from, --to and --out are needed.');
    for (const day of [from, to]) {
      if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(new Date(day).getTime()))
        throw new UsageError('report', `"${day}" is no day. Give one such as 2026-10-01.`);
    }
    return withHouse(around, async (house) => {
      const it = await only(house.ask('transparency', { from, to }));
      const files = new Map([['report.csv', transparencyCsv(it)]]);
      for (const lang of ['ru', 'kk', 'en'] as const) {
        files.set(`report.${lang}.md`, transparencyMarkdown(it, lang));
        for (const { id } of it.sections) files.set(`${id}.${lang}.svg`, transparencySvg(it, id, lang));
      }
      for (const [name, text] of files) await writeWhole(join(out, name), Readable.from([text]));
      around.io.out(around.io.json ? JSON.stringify(it) : `${out}: ${files.size} files.`);
      return 0;
    });
  },
};
