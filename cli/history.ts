/** `kuzet history URL`: what each look at an address found, and what changed. */
import type { AddressHistory, Look } from '../domain/history.ts';
import { withHouse } from './around.ts';
import type { Plain } from './asks/plain.ts';
import { type Command, numberIn, UsageError } from './command.ts';
import { only } from './house.ts';
import { percent, safe } from './words.ts';

export const historyCommand: Command = {
  name: 'history',
  usage: 'URL [--limit N]',
  summary: 'Tell what each look at an address found, and what changed.',
  about: [
    'Each look is a line: when, what the address was (live, parked, for_sale, suspended, gone, unreachable), what changed since the look before, what the machine thought, and the capture. A look that was answered by "not modified" names the capture that still holds. Below stands, line by line, what differs between the last two pages that differ, read from their stored bytes.',
    '"kuzet serve" looks again by itself, the sooner the riskier an address is and the more it changes; see KUZET_REVISITS.',
  ],
  options: [{ name: 'limit', value: 'N', about: 'Most looks told, newest first (default 50).' }],
  examples: [
    ['kuzet history https://example.com/plans', 'one address'],
    ['kuzet history https://example.com/ --json', 'for a program to read'],
  ],
  async run(words, around) {
    const [url, ...more] = words.positionals;
    if (url === undefined || more.length > 0) throw new UsageError('history', 'Give one address.');
    const limit = numberIn(words, 'history', 'limit', { least: 1, most: 1000, whole: true }) ?? 50;
    const { io } = around;
    return withHouse(around, async (house) => {
      const it = await only(house.ask('history', { url, limit }));
      if (io.json) io.out(JSON.stringify(it));
      else for (const line of historyText(it)) io.out(safe(line));
      return it.known === null ? 1 : 0;
    });
  },
};

export function historyText(it: Plain<AddressHistory>): string[] {
  const { url, key, known, looks, difference } = it;
  const lines = [key === url ? url : `${url}, known as ${key}`];
  if (known === null) return [...lines, 'Nobody looked at it.'];
  lines.push(`First seen ${known.firstAt}, ${known.state} at ${known.lastAt}, next look ${known.dueAt}.`);
  for (const look of looks) lines.push(lookText(look));
  if (difference === null) return lines;
  const { before, after } = difference;
  lines.push('', `- ${before.at}  ${before.captureId}`, `+ ${after.at}  ${after.captureId}`);
  if (difference.lines.length === 0) lines.push('What differs is not in the words.');
  for (const { is, text } of difference.lines)
    lines.push(`${is === 'gone' ? '-' : is === 'new' ? '+' : ' '} ${text}`);
  return lines;
}

function lookText(look: Plain<Look>): string {
  const { at, state, change, status, reason, verdict, score, textAlike, captureId } = look;
  const answer = status === null ? 'no answer' : `status ${status}`;
  const why = reason === null ? '' : ` (${reason})`;
  const thought = verdict === null ? '' : `  ${verdict}${score === null ? '' : ` ${percent(score)}`}`;
  const alike =
    textAlike === null || change === 'same' ? '' : `, ${percent(textAlike)} of its words the same`;
  return `${at}  ${state.padEnd(11)}  ${change}${alike}  ${answer}${why}${thought}${captureId === null ? '' : `  ${captureId}`}`;
}
