/** `kuzet feed`: what left and stands, in the formats of others. */
import { FORMAT_NAMES, FORMATS } from '../exports/formats/feed.ts';
import { withHouse } from './around.ts';
import { oneOf } from './cases.ts';
import { type Command, UsageError } from './command.ts';
import { decoded, writeWhole } from './draft.ts';

export const feedCommand: Command = {
  name: 'feed',
  usage: '--format F --out FILE',
  summary: 'Write what was referred and stands in formats of others.',
  about: [
    `Formats: ${FORMAT_NAMES.map((name) => `${name} (${FORMATS[name].about})`).join('; ')}.`,
    'A feed holds what was handed over and is neither appealed, withdrawn, resumed nor expired. Lists of names hold whole hosts that go to operators only, each until its own end, under the names that are never filtered. Nothing is sent anywhere.',
    'XARF names whom to answer: set KUZET_CONTACT to mailto:NAME@DOMAIN.',
  ],
  options: [
    { name: 'format', value: 'F', about: 'Which format.' },
    { name: 'out', value: 'FILE', about: 'Where to write it.' },
  ],
  examples: [
    ['kuzet feed --format rpz --out kuzet.rpz', 'for a name server'],
    ['kuzet feed --format payments-csv --out payments.csv', 'where pages ask money to be sent'],
  ],
  async run(words, around) {
    const format = oneOf(words, 'feed', 'format', FORMAT_NAMES);
    const out = words.text('out');
    if (format === undefined)
      throw new UsageError('feed', `--format takes one of ${FORMAT_NAMES.join(', ')}.`);
    if (out === undefined) throw new UsageError('feed', '--out is missing.');
    return withHouse(around, async (house) => {
      const { bytes } = await writeWhole(out, decoded(house.ask('feed', { format }, around.signal)));
      const told = { event: 'written', file: out, bytes };
      around.io.out(around.io.json ? JSON.stringify(told) : `${out}: ${bytes} bytes.`);
      return 0;
    });
  },
};
