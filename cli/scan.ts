/** `kuzet scan`: visit sites and say what became of every address given. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseResolve } from '../crawler/guard.ts';
import { DEFAULT_SETTINGS, RENDER_MODES, type RenderMode, type ScanSettings } from '../domain/source.ts';
import { withHouse } from './around.ts';
import type { ScanEvent } from './asks/scans.ts';
import { type Around, type Command, numberIn, UsageError, type Words } from './command.ts';
import type { Io } from './io.ts';
import { progressLine } from './progress.ts';
import { progressOf, workTally } from './tally.ts';
import { caseText, safe, urlLine } from './words.ts';

/** A list longer than this is split by its owner: one scan is read as a whole. */
const MOST_SEEDS = 200_000;

export const scanCommand: Command = {
  name: 'scan',
  usage: 'URL... | --file F | - | --resume',
  summary: 'Visit sites, keep evidence, assess pages, open cases.',
  about: [
    'Visits every given address and, within its host, the links it leads to. One visit at a time goes to a host, no faster than --delay; robots.txt is obeyed. Every address ends as a line that says what became of it; the rest of the scan goes on.',
    'A host that asks for more than three minutes of patience is left alone until then: the scan ends without it, and goes on with --resume.',
    'A killed scan goes on where it was with --resume, and in the background of any other scan or "kuzet serve" on the same store. "kuzet scans stop" ends one for good.',
  ],
  options: [
    {
      name: 'file',
      value: 'F',
      about:
        'Read addresses from file F, one a line; "-" is standard input. Empty lines and lines that start with # are passed over.',
    },
    { name: 'pages', value: 'N', about: `Most pages captured a site (default ${DEFAULT_SETTINGS.pages}).` },
    {
      name: 'depth',
      value: 'N',
      about: `Most links away from a given address (default ${DEFAULT_SETTINGS.depth}).`,
    },
    {
      name: 'delay',
      value: 'S',
      about: `Seconds between the end of an answer and the next request to the same host (default ${DEFAULT_SETTINGS.delaySeconds}).`,
    },
    {
      name: 'render',
      value: 'auto|never|always',
      about: 'Load pages in a browser: where it is needed, never, or always (default auto).',
    },
    {
      name: 'cloak-check',
      value: 'auto|never',
      about:
        'Ask for few pages again as other visitors, where these may be shown something else (default auto).',
    },
    { name: 'proxy', value: 'URL', about: 'HTTP or SOCKS5 proxy for all requests.' },
    {
      name: 'resolve',
      value: 'HOST=IP:PORT',
      about: 'Reach a host (or *.suffix) at this address instead of asking DNS; may be private. Repeatable.',
      many: true,
    },
    {
      name: 'ignore-robots',
      value: null,
      about: 'Visit what robots.txt asks not to; written into the scan.',
    },
    { name: 'resume', value: null, about: 'Go on with the scans that were not finished.' },
    { name: 'detach', value: null, about: 'Queue the scan for workers elsewhere and return.' },
    { name: 'no-work', value: null, about: 'Do no visits in this process; follow the workers elsewhere.' },
  ],
  examples: [
    ['kuzet scan example.com --pages 5', 'visit one site'],
    ['kuzet scan --file sites.txt --json > lines.ndjson', 'visit a list, for a program to read'],
    ["kuzet scan http://a.test --resolve '*.test=127.0.0.1:8080'", 'visit a test web on this machine'],
  ],
  run: runScan,
};

const PROXIES = ['http:', 'socks5:', 'socks5h:'];

async function runScan(words: Words, around: Around): Promise<number> {
  const { io, signal } = around;
  const settings = readSettings(words);
  const resume = words.isOn('resume');
  if (resume && (words.positionals.length > 0 || words.text('file') !== undefined)) {
    throw new UsageError('scan', 'Give addresses or --resume, not both.');
  }
  const seeds = resume ? [] : await readSeeds(words, io);
  return withHouse(around, async (house) => {
    const progress = progressLine(io);
    const tally = workTally(Date.now());
    let hasFailed = false;
    const work = !words.isOn('no-work') && !words.isOn('detach');
    try {
      const detach = words.isOn('detach');
      for await (const event of house.ask('scan', { seeds, settings, work, resume, detach }, signal)) {
        hasFailed ||= isFailure(event);
        if (event.event === 'url') tally.take(event, Date.now());
        if (event.event === 'progress')
          progress.show(progressOf(event.counts, tally.figures(Date.now()), event.waiting));
        else {
          progress.clear();
          if (io.json) io.out(JSON.stringify(event));
          else for (const line of scanText(event)) io.out(line);
        }
      }
    } finally {
      progress.clear();
    }
    return hasFailed ? 1 : 0;
  });
}

/** What was asked for by name and did not happen; a link found on the way that fails is no failure of the scan. */
export function isFailure(event: ScanEvent): boolean {
  if (event.event === 'refused' || event.event === 'resting') return true;
  if (event.event !== 'url' || !event.seed) return false;
  const { outcome } = event;
  return (
    outcome.is === 'failed' ||
    (outcome.is === 'skipped' &&
      ['bad_url', 'private_address', 'host_down', 'budget', 'stopped'].includes(outcome.reason))
  );
}

export function scanText(event: ScanEvent): string[] {
  switch (event.event) {
    case 'started':
      return event.browserWhy === null
        ? []
        : [`Pages are read over HTTP only, without pictures: ${event.browserWhy}`];
    case 'refused':
      return [`refused   ${safe(event.url)}  (line ${event.line}: ${event.detail})`];
    case 'url':
      return [urlLine(event)];
    case 'progress':
      return [];
    case 'resting': {
      const hosts = event.hosts === 1 ? '1 host' : `${event.hosts} hosts`;
      return event.isPaused
        ? [`${hosts} not finished: all visits are held. "kuzet resume", then "kuzet scan --resume".`]
        : [
            `${hosts} left alone for now, the first until ${event.until}. "kuzet scan --resume" goes on from then, "kuzet serve" by itself.`,
          ];
    }
    case 'done': {
      const { captured, unchanged, failed, skipped, hosts } = event.counts;
      return [
        '',
        `${captured} captured, ${unchanged === 0 ? '' : `${unchanged} unchanged, `}${failed} failed, ${skipped} skipped on ${hosts} hosts; ${event.cases.length} cases.`,
        ...event.cases.flatMap(caseText),
      ];
    }
  }
}

function readSettings(words: Words): ScanSettings {
  const number = (name: string, least: number, most: number, whole: boolean) =>
    numberIn(words, 'scan', name, { least, most, whole });
  const render = words.text('render') ?? DEFAULT_SETTINGS.render;
  if (!RENDER_MODES.includes(render as RenderMode)) {
    throw new UsageError('scan', `--render takes auto, never or always, not "${render}".`);
  }
  const cloakCheck = words.text('cloak-check') ?? 'auto';
  if (cloakCheck !== 'auto' && cloakCheck !== 'never') {
    throw new UsageError('scan', `--cloak-check takes auto or never, not "${cloakCheck}".`);
  }
  const proxy = words.text('proxy') ?? null;
  if (proxy !== null && !(URL.canParse(proxy) && PROXIES.includes(new URL(proxy).protocol))) {
    const examples =
      'http://127.0.0.1:3128 or socks5://127.0.0.1:1080 (socks5h: names are resolved by the proxy)';
    throw new UsageError('scan', `--proxy takes an address such as ${examples}, not "${proxy}".`);
  }
  const resolve: Record<string, string> = {};
  for (const typed of words.texts('resolve')) {
    try {
      Object.assign(resolve, parseResolve(typed));
    } catch (cause) {
      throw new UsageError('scan', (cause as Error).message);
    }
  }
  return {
    pages: number('pages', 1, 100_000, true) ?? DEFAULT_SETTINGS.pages,
    depth: number('depth', 0, 50, true) ?? DEFAULT_SETTINGS.depth,
    delaySeconds: number('delay', 0, 3600, false) ?? DEFAULT_SETTINGS.delaySeconds,
    render: render as RenderMode,
    proxy,
    resolve,
    robots: !words.isOn('ignore-robots'),
    cloakCheck,
  };
}

async function readSeeds(words: Words, io: Io): Promise<{ line: number; text: string }[]> {
  const file =
    words.text('file') ?? (words.positionals.length === 1 && words.positionals[0] === '-' ? '-' : undefined);
  if (file !== undefined && words.positionals.some((word) => word !== '-')) {
    throw new UsageError('scan', 'Give addresses or --file, not both.');
  }
  const seeds =
    file === undefined
      ? words.positionals.map((text, at) => ({ line: at + 1, text }))
      : await readLines(file === '-' ? io.stdin : await openFile(file));
  if (seeds.length === 0) {
    throw new UsageError(
      'scan',
      file === undefined ? 'Give at least one address.' : `"${file}" names no address.`,
    );
  }
  return seeds;
}

async function openFile(file: string): Promise<NodeJS.ReadableStream> {
  const found = await stat(file).catch(() => null);
  if (found?.isDirectory() === true) throw new UsageError('scan', `"${file}" is a folder, not a file.`);
  const stream = createReadStream(file);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'does not exist' : cause.message;
      reject(new UsageError('scan', `The file "${file}" ${why}.`));
    });
  });
  return stream;
}

async function readLines(stream: NodeJS.ReadableStream): Promise<{ line: number; text: string }[]> {
  const seeds: { line: number; text: string }[] = [];
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    const trimmed = (line === 1 ? text.replace(/^\ufeff/, '') : text).trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (seeds.length >= MOST_SEEDS)
      throw new UsageError('scan', `The list is longer than ${MOST_SEEDS} addresses. Split it.`);
    seeds.push({ line, text: trimmed });
  }
  return seeds;
}
