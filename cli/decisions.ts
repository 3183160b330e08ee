/** `kuzet decisions export`: what officers decided, as labelled rows that `kuzet train --decisions` takes. */
import { withHouse } from './around.ts';
import { type Command, UsageError } from './command.ts';
import { draftOf } from './draft.ts';
import { safe } from './words.ts';

export const decisionsCommand: Command = {
  name: 'decisions',
  usage: 'export --out FILE [--held-out FILE]',
  summary: 'Write decided pages and listings as rows to learn from.',
  about: [
    'A confirmed case gives its pages its label; a dismissed one, or one overturned by an appeal, makes them legit. Pages are read again from evidence. Each row is {"id","kind","label","lang","source","url","html","text","case","how","reason","ground","at","sha256","isHard"}; who decided is left out.',
    'With --held-out, the pages of one site in five go to that file instead. It is always the same fifth, so that it can judge models ("kuzet models evaluate") that learnt from the rest.',
  ],
  options: [
    { name: 'out', value: 'FILE', about: 'Rows to train on.' },
    { name: 'held-out', value: 'FILE', about: 'Rows to judge on, never to train on.' },
  ],
  examples: [
    ['kuzet decisions export --out learn.ndjson --held-out judge.ndjson', 'both parts'],
    ['kuzet train --pages pages.jsonl --posts posts.jsonl --decisions learn.ndjson', 'learn from them'],
  ],
  async run(words, around) {
    const [verb, ...more] = words.positionals;
    if (verb !== 'export' || more.length > 0) {
      throw new UsageError('decisions', 'Say what to do: "kuzet decisions export --out FILE".');
    }
    const out = words.text('out');
    if (out === undefined) throw new UsageError('decisions', '--out is missing.');
    const heldOut = words.text('held-out');
    if (heldOut === out) throw new UsageError('decisions', '--out and --held-out name the same file.');
    const { io, signal } = around;
    return withHouse(around, async (house) => {
      const learn = await draftOf(out);
      const judge = heldOut === undefined ? null : await draftOf(heldOut);
      const counts = { rows: 0, heldOut: 0, skipped: 0 };
      try {
        for await (const event of house.ask('lessons', {}, signal)) {
          if ('skipped' in event) {
            counts.skipped += 1;
            io.err(`${event.skipped.case}: ${safe(event.skipped.url)} is left out: ${event.skipped.why}`);
          } else if (event.isHeldOut && judge !== null) {
            counts.heldOut += 1;
            await judge.file.writeFile(`${JSON.stringify(event.row)}\n`);
          } else {
            counts.rows += 1;
            await learn.file.writeFile(`${JSON.stringify(event.row)}\n`);
          }
        }
      } catch (cause) {
        await learn.drop();
        await judge?.drop();
        throw cause;
      }
      await learn.keep();
      await judge?.keep();
      if (io.json) io.out(JSON.stringify({ event: 'exported', file: out, heldOut: heldOut ?? null, counts }));
      else {
        io.out(`${out}: ${counts.rows} rows to learn from.`);
        if (heldOut !== undefined) io.out(`${heldOut}: ${counts.heldOut} rows to judge on.`);
      }
      return counts.skipped > 0 ? 1 : 0;
    });
  },
};
