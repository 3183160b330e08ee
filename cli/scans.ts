/** `kuzet scans`: the last scans and how far they are; ends one before it is through. */
import type { Stopping } from '../store/scan-stops.ts';
import { withHouse } from './around.ts';
import type { ScanToldLine } from './asks/scans.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { personOf } from './person.ts';
import { safe } from './words.ts';

const LAST = 20;
const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

export const scansCommand: Command = {
  name: 'scans',
  usage: '[--limit N] | stop ID --reason TEXT',
  summary: 'List the last scans; stop one before it is through.',
  about: [
    'Lists scans, newest first: since when, how many of their hosts are done, what was captured, failed and skipped, and who stopped them.',
    '"stop" ends a scan for good. What it had not asked for ends as skipped ("stopped"), and no request more goes out for it than the one under way. What it captured stays and is judged, and its cases stand; what a source brought it is not brought again. Who stopped it, when and why stands in the ledger. To hold all visits for a while, see "kuzet pause".',
  ],
  options: [
    { name: 'limit', value: 'N', about: `So many scans (default ${LAST}).` },
    { name: 'reason', value: 'TEXT', about: 'stop: why, for the ledger and for who asks.' },
    { name: 'by', value: 'NAME', about: 'stop: who does it (default: the user of this machine).' },
  ],
  examples: [
    ['kuzet scans', 'see what is under way'],
    ['kuzet scans stop 018f3c1e-0000-7000-8000-000000000001 --reason "the wrong list"', 'end it'],
  ],
  async run(words, around) {
    const [verb, id, ...more] = words.positionals;
    if (verb === undefined) return list(words, around);
    if (verb === 'stop' && id !== undefined && more.length === 0) return stop(id, words, around);
    throw new UsageError('scans', 'Give nothing to list scans, or "stop" and the id of one.');
  },
};

async function list(words: Words, around: Around): Promise<number> {
  const { io } = around;
  const limit = numberIn(words, 'scans', 'limit', { least: 1, most: 200, whole: true }) ?? LAST;
  return withHouse(around, async (house) => {
    let isNone = true;
    for await (const it of house.ask('scans', { limit })) {
      isNone = false;
      if (io.json) io.out(JSON.stringify(it));
      else for (const line of scanLines(it)) io.out(line);
    }
    if (isNone && !io.json) io.out('There are no scans yet: "kuzet scan URL" starts one.');
    return 0;
  });
}

async function stop(id: string, words: Words, around: Around): Promise<number> {
  const { io } = around;
  const reason = words.text('reason')?.trim() ?? '';
  if (reason === '') throw new UsageError('scans', 'Say why with --reason: the ledger keeps it.');
  if (!ID.test(id)) throw new UsageError('scans', `"${id}" is no id of a scan: "kuzet scans" lists them.`);
  const { is, scan } = await withHouse(around, async (house) =>
    only(house.ask('scanStop', { id, by: personOf(words), reason })),
  );
  if (io.json) io.out(JSON.stringify({ is, scan }));
  else for (const line of [STOPPING[is], ...scanLines(scan)]) io.out(line);
  return 0;
}

const STOPPING: Readonly<Record<Stopping, string>> = {
  stopped: 'Stopped: nothing more is asked for it.',
  stopped_already: 'It was stopped before.',
  ended: 'It was through already; nothing is stopped.',
};

function scanLines({ id, requestedAt, source, stopped, ...it }: ScanToldLine): string[] {
  const state = it.hostsDone >= it.hosts ? 'done' : 'under way';
  const from = source === null ? '' : `  source ${safe(source)}`;
  const hosts = `hosts ${it.hostsDone}/${it.hosts}`;
  return [
    `${id}  ${requestedAt}  ${state}  ${hosts}  ${it.captured} captured, ${it.failed} failed, ${it.skipped} skipped${from}`,
    ...(stopped === null
      ? []
      : [`    stopped by ${safe(stopped.by)} at ${stopped.at}: ${safe(stopped.reason)}`]),
  ];
}
