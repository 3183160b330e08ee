/** `kuzet source`: what is watched, and what came of it. */
import { readFile } from 'node:fs/promises';
import { text as streamText } from 'node:stream/consumers';
import { parse as parseYaml } from 'yaml';
import { SOURCE_KINDS } from '../domain/watch.ts';
import type { SourceRun } from '../store/sources.ts';
import { withHouse } from './around.ts';
import type { Plain } from './asks/plain.ts';
import type { SourceLine } from './asks/sources.ts';
import { type Around, type Command, numberIn, type Option, UsageError, type Words } from './command.ts';
import { only } from './house.ts';
import { personOf } from './person.ts';
import { isFailure, scanText } from './scan.ts';
import { safe } from './words.ts';

const HOW_TO_WRITE = `A file of sources is YAML or JSON: a list under "sources", each with "name", "kind" and, as the kind asks, "url" (sitemap, section), "urls", "channel" (@name), "brands" (lookalikes), "from" with "words" (feed: a file or an address of JSON lines). Kinds: ${SOURCE_KINDS.join(', ')}. All may have "every" (a cron line, Almaty's time), "only" and "not" (patterns of host and path), "budget" (new addresses a run), "requests" (to find them), "scan" (pages, depth, delaySeconds, render, proxy, resolve) and "robots": {stance: obey}, or {stance: ignore, reason: ...}, which the ledger keeps.`;

const OPTIONS: readonly Option[] = [
  { name: 'by', value: 'NAME', about: 'Who does it (default: the user of this machine).' },
  { name: 'kind', value: 'KIND', about: `add: one of ${SOURCE_KINDS.join(', ')}.` },
  {
    name: 'url',
    value: 'URL',
    about: 'add: of a sitemap or section; repeated, a list of addresses.',
    many: true,
  },
  { name: 'channel', value: '@NAME', about: 'add: a public Telegram channel.' },
  {
    name: 'brand',
    value: 'NAME',
    about: 'add: a brand whose false names are looked for. Repeatable.',
    many: true,
  },
  { name: 'from', value: 'FILE|URL', about: 'add: JSON lines of a feed.' },
  {
    name: 'word',
    value: 'W',
    about: 'add: a word that a feed is looked through for. Repeatable.',
    many: true,
  },
  { name: 'every', value: 'CRON', about: 'add: when to look, e.g. "0 */6 * * *", in Almaty\'s time.' },
  { name: 'budget', value: 'N', about: 'add: most new addresses a run (default 500).' },
  { name: 'pages', value: 'N', about: 'add: most pages captured a site (default 20).' },
  { name: 'depth', value: 'N', about: 'add: most links away from an address found (default 3).' },
  { name: 'delay', value: 'S', about: 'add: seconds between an answer and the next request (default 1).' },
  {
    name: 'resolve',
    value: 'HOST=IP:PORT',
    about: 'add: reach a host at this address. Repeatable.',
    many: true,
  },
  { name: 'ignore-robots', value: 'REASON', about: 'add: do not do what robots.txt asks, for this reason.' },
  { name: 'detach', value: null, about: 'run: queue the visits for workers elsewhere and return.' },
  { name: 'limit', value: 'N', about: 'show: so many runs (default 10).' },
];

export const sourceCommand: Command = {
  name: 'source',
  usage: 'add NAME --kind K ... | import FILE | list | show|pause|resume|run|remove NAME',
  summary: 'Watch lists, sitemaps, markets, channels, brands and feeds.',
  about: [
    '"run" looks for addresses now, politely, and visits those that the source did not bring before. A source with a schedule is run by "kuzet serve". "list" and "show" tell what was found, what was new, and how many of the pages captured were flagged.',
    HOW_TO_WRITE,
  ],
  options: OPTIONS,
  examples: [
    ['kuzet source import sources.yaml', 'add or change all sources of a file'],
    [
      'kuzet source add bazar --kind section --url https://bazar.test/uslugi --every "0 */6 * * *"',
      'watch a section',
    ],
    ['kuzet source run bazar', 'look now'],
  ],
  async run(words, around) {
    const [verb, name, ...more] = words.positionals;
    if (more.length === 0) {
      if (verb === 'list' && name === undefined) return list(around);
      if (name !== undefined) {
        if (verb === 'add') return put([written(name, words)], words, around);
        if (verb === 'import') return put(await fromFile(name, around), words, around);
        if (verb === 'show') return show(name, words, around);
        if (verb === 'pause' || verb === 'resume') return hold(name, verb === 'pause', words, around);
        if (verb === 'remove') return remove(name, words, around);
        if (verb === 'run') return run(name, words, around);
      }
    }
    throw new UsageError('source', 'Say what to do: add, import, list, show, pause, resume, run or remove.');
  },
};

/** The source that options spell out, as a file would. */
function written(name: string, words: Words): Record<string, unknown> {
  const number = (option: string, least: number, most: number, whole = true) =>
    numberIn(words, 'source', option, { least, most, whole });
  const kind = words.text('kind');
  const urls = words.texts('url');
  const given: Record<string, unknown> = {
    name,
    kind,
    every: words.text('every'),
    budget: number('budget', 1, 100_000),
    channel: words.text('channel'),
    from: words.text('from'),
    brands: atLeastOne(words.texts('brand')),
    words: atLeastOne(words.texts('word')),
    ...(kind === 'urls' ? { urls } : { url: urls[0] }),
  };
  const scan = {
    pages: number('pages', 1, 100_000),
    depth: number('depth', 0, 50),
    delaySeconds: number('delay', 0, 3600, false),
    resolve: Object.fromEntries(words.texts('resolve').map(pairOf)),
  };
  const reason = words.text('ignore-robots');
  const robots = reason === undefined ? undefined : { stance: 'ignore', reason };
  return defined({ ...given, scan: defined(scan), robots });
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError('source', `--resolve takes HOST=IP:PORT, not "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function atLeastOne(texts: readonly string[]): readonly string[] | undefined {
  return texts.length === 0 ? undefined : texts;
}

function defined(it: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(it).filter(([, value]) => value !== undefined));
}

/** YAML is read for both: JSON is a part of it. */
async function fromFile(file: string, { io }: Around): Promise<unknown[]> {
  const text = file === '-' ? await streamText(io.stdin) : await readFile(file, 'utf8');
  let value: unknown;
  try {
    value = parseYaml(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw new UsageError(
      'source',
      `${file} is neither YAML nor JSON: ${(cause as Error).message.split('\n')[0]}`,
    );
  }
  const { sources } = (value ?? {}) as { sources?: unknown };
  return Array.isArray(value) ? value : Array.isArray(sources) ? sources : [value];
}

function put(sources: readonly unknown[], words: Words, around: Around): Promise<number> {
  return withHouse(around, async (house) => {
    for await (const it of house.ask('sourcePut', { sources, by: personOf(words) })) {
      around.io.out(around.io.json ? JSON.stringify(it) : `${it.is.padEnd(8)}${it.name}`);
    }
    return 0;
  });
}

function list(around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    let count = 0;
    for await (const it of house.ask('sources', {})) {
      count += 1;
      io.out(io.json ? JSON.stringify(it) : sourceText(it));
    }
    if (count === 0 && !io.json) io.out('Nothing is watched. "kuzet help source" shows how to add a source.');
    return 0;
  });
}

function show(name: string, words: Words, around: Around): Promise<number> {
  const limit = numberIn(words, 'source', 'limit', { least: 1, most: 1000, whole: true }) ?? 10;
  const { io } = around;
  return withHouse(around, async (house) => {
    const it = await only(house.ask('sources', { name }));
    const runs: Plain<SourceRun>[] = [];
    for await (const each of house.ask('sourceRuns', { name, limit })) runs.push(each);
    if (io.json) io.out(JSON.stringify({ ...it, runs }));
    else {
      io.out(sourceText(it));
      io.out(`    ${safe(JSON.stringify(it.source))}`);
      for (const each of runs) for (const line of runText(each)) io.out(`    ${line}`);
    }
    return 0;
  });
}

function hold(name: string, paused: boolean, words: Words, around: Around): Promise<number> {
  return withHouse(around, async (house) => {
    const it = await only(house.ask('sourcePause', { name, paused, by: personOf(words) }));
    const state = paused ? 'is held' : 'is watched';
    around.io.out(
      around.io.json ? JSON.stringify(it) : `${name} ${state}${it.already ? ', as before' : ''}.`,
    );
    return 0;
  });
}

function remove(name: string, words: Words, around: Around): Promise<number> {
  return withHouse(around, async (house) => {
    const it = await only(house.ask('sourceRemove', { name, by: personOf(words) }));
    around.io.out(
      around.io.json ? JSON.stringify(it) : `${name} is watched no more; what it brought stays known.`,
    );
    return 0;
  });
}

function run(name: string, words: Words, around: Around): Promise<number> {
  const { io, signal } = around;
  const detach = words.isOn('detach');
  return withHouse(around, async (house) => {
    let hasFailed = false;
    for await (const event of house.ask('sourceRun', { name, work: !detach, detach }, signal)) {
      if (event.event === 'progress') continue;
      if (event.event !== 'ran') hasFailed ||= isFailure(event);
      if (io.json) io.out(JSON.stringify(event));
      else for (const line of event.event === 'ran' ? runText(event) : scanText(event)) io.out(line);
    }
    return hasFailed ? 1 : 0;
  });
}

function sourceText({ source, isPaused, figures }: SourceLine): string {
  const when = isPaused ? 'held' : (source.every ?? 'by hand');
  const { found, fresh, captured, flagged, lastRun } = figures;
  const last = lastRun === null ? 'never run' : `last ${lastRun.endedAt}`;
  const robots = source.robots.stance === 'obey' ? '' : '  robots.txt not obeyed';
  return `${source.name}  ${source.kind}  ${when}  found ${found}, new ${fresh}, captured ${captured}, flagged ${flagged}  ${last}${robots}`;
}

function runText({ endedAt, found, fresh, requests, notes }: Plain<SourceRun>): string[] {
  const line = `${endedAt}  found ${found}, new ${fresh}, requests ${requests}`;
  return [line, ...notes.map((note) => `  ${safe(note)}`)];
}
