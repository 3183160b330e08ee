/** `kuzet pause` and `kuzet resume`: the switch that holds all visits of all workers. */
import { withHouse } from './around.ts';
import type { PauseLine } from './asks/scans.ts';
import { type Around, type Command, type Option, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { personOf } from './person.ts';
import { safe } from './words.ts';

const BY: Option = { name: 'by', value: 'NAME', about: 'Who does it (default: the user of this machine).' };

export const pauseCommand: Command = {
  name: 'pause',
  usage: '[--reason TEXT]',
  summary: 'Hold all visits: no worker asks any host until "kuzet resume".',
  about: [
    'The request that is under way is the last one, in every process on the same store. Nothing is lost: visits are laid down as they are. The desk, cases and batches go on. Who held the visits, when and why stands in the ledger.',
  ],
  options: [BY, { name: 'reason', value: 'TEXT', about: 'Why, for the ledger and for who asks.' }],
  examples: [['kuzet pause --reason "a site owner complained"', 'stop asking, at once']],
  async run(words, around) {
    noWords(words, 'pause');
    const order = { by: personOf(words), reason: words.text('reason') ?? '' };
    const line = await withHouse(around, async (house) => only(house.ask('pause', order)));
    tell(line, around, () => {
      const { at, by: who, reason } = line.pause!;
      const why = reason === '' ? '' : `: ${safe(reason)}`;
      return `${line.already ? 'Visits were held already' : 'All visits are held'} (${safe(who)}, ${at}${why}).`;
    });
    return 0;
  },
};

export const resumeCommand: Command = {
  name: 'resume',
  usage: '',
  summary: 'Let visits go on after "kuzet pause".',
  about: ['Workers take up what was laid down within seconds; "kuzet scan --resume" does it here and now.'],
  options: [BY],
  examples: [['kuzet resume', 'go on']],
  async run(words, around) {
    noWords(words, 'resume');
    const line = await withHouse(around, async (house) => only(house.ask('resume', { by: personOf(words) })));
    tell(line, around, () => (line.already ? 'Visits were not held.' : 'Visits go on.'));
    return 0;
  },
};

function noWords(words: Words, command: string): void {
  const [word] = words.positionals;
  if (word !== undefined) throw new UsageError(command, `"${command}" takes no "${word}".`);
}

function tell(line: PauseLine, { io }: Around, sentence: () => string): void {
  io.out(io.json ? JSON.stringify(line) : sentence());
}
