/**
 * A source: what we watch, how often, how far, and with which manners.
 *
 *     kind        where its addresses come from
 *     urls        a list that stands in the source itself
 *     sitemap     a sitemap, or a site whose robots.txt names some
 *     section     pages of a marketplace that list advertisements, page after page
 *     channel     the public preview of a Telegram channel: what its posts lead to
 *     tips        what people send in
 *     links       what confirmed fraud sites lead to
 *     lookalikes  names that false sites of a brand would bear, those of them that exist
 *     feed        lines of JSON from certificate logs or lists of new domains
 *
 * What people write down (YAML or JSON) is parsed here once; everything after trusts it.
 */
import { z } from 'zod';
import { DEFAULT_SETTINGS, RENDER_MODES, type ScanSettings } from './source.ts';
import { BadUrlError, hostOf, parseUrl, siteOf } from './url.ts';

export const SOURCE_KINDS = [
  'urls',
  'sitemap',
  'section',
  'channel',
  'tips',
  'links',
  'lookalikes',
  'feed',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Schedules are told in this zone. */
export const TIME_ZONE = 'Asia/Almaty';

const SOURCE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const address = z.string().transform((text, context) => {
  try {
    return parseUrl(text).href;
  } catch (cause) {
    if (!(cause instanceof BadUrlError)) throw cause;
    context.addIssue({ code: 'custom', message: cause.facts.why });
    return z.NEVER;
  }
});
/** `name`, `@name`, `t.me/name` or the address of a preview. */
const channel = z.string().transform((text, context) => {
  const bare = text.trim().replace(/^@/, '');
  const preview = /^[a-z]\w{3,31}$/i.test(bare)
    ? `https://t.me/s/${bare}`
    : bare.replace(/^(?:https:\/\/)?t\.me\/(?:s\/)?(\w+)\/?$/i, 'https://t.me/s/$1');
  const url = URL.canParse(preview) ? new URL(preview) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && /^\/s\/\w{4,32}$/.test(url.pathname)) return url.href;
  context.addIssue({ code: 'custom', message: 'is no public channel such as @name or https://t.me/s/name' });
  return z.NEVER;
});

const common = {
  name: z.string().regex(SOURCE_NAME, 'must be small Latin letters, digits and hyphens, at most 63'),
  /** cron with five fields, in Almaty's time; null runs by command alone. */
  every: z
    .string()
    .refine(isCron, 'must be a cron line of five fields, e.g. "0 */6 * * *"')
    .nullable()
    .default(null),
  /** How much of each round of visits it has: half as much as usual, or four times. */
  priority: z.enum(['low', 'normal', 'high']).default('normal'),
  /** Patterns of host and path, `*` for anything: `bazar.test/item/*`. An empty `only` takes all. */
  only: z.array(z.string().min(1).max(500)).max(100).default([]),
  not: z.array(z.string().min(1).max(500)).max(100).default([]),
  /** Most new addresses a run brings, 1..100,000. */
  budget: z.int().min(1).max(100_000).default(500),
  /** Most requests a run makes to find them, 1..10,000. */
  requests: z.int().min(1).max(10_000).default(50),
  scan: z
    .strictObject({
      pages: z.int().min(1).max(100_000).default(DEFAULT_SETTINGS.pages),
      depth: z.int().min(0).max(50).default(DEFAULT_SETTINGS.depth),
      delaySeconds: z.number().min(0).max(3600).default(DEFAULT_SETTINGS.delaySeconds),
      render: z.enum(RENDER_MODES).default('auto'),
      proxy: z.string().nullable().default(null),
      resolve: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  /** What robots.txt asks for is done, unless a reason is given why not. */
  robots: z
    .discriminatedUnion('stance', [
      z.strictObject({ stance: z.literal('obey') }),
      z.strictObject({ stance: z.literal('ignore'), reason: z.string().trim().min(10).max(500) }),
    ])
    .default({ stance: 'obey' }),
};

const sourceShape = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('urls'), urls: z.array(address).min(1).max(200_000) }),
  z.strictObject({ ...common, kind: z.literal('sitemap'), url: address }),
  z.strictObject({
    ...common,
    kind: z.literal('section'),
    url: address,
    /** Most pages of the section that a run turns over. */
    turns: z.int().min(1).max(500).default(5),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('channel'),
    channel,
    /** Most pages of posts that a run goes back. */
    turns: z.int().min(1).max(100).default(3),
  }),
  z.strictObject({ ...common, kind: z.literal('tips') }),
  z.strictObject({ ...common, kind: z.literal('links') }),
  z.strictObject({
    ...common,
    kind: z.literal('lookalikes'),
    /** Names as the brand file has them; empty for all of Kazakhstan's banks, brokers and state services. */
    brands: z.array(z.string()).max(500).default([]),
    /** Most names that a run asks DNS about; the next run goes on where it ended. */
    names: z.int().min(1).max(100_000).default(2000),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('feed'),
    /** A file on this machine, read on from where the last run ended; or an address, read whole. */
    from: z.string().min(1).max(4096),
    /** Domains are taken that play a brand or hold one of these words; `all` takes every one. */
    words: z.array(z.string().min(3).max(60)).max(1000).default([]),
    all: z.boolean().default(false),
  }),
]);

/** As it is kept and worked with. */
export type Source = z.infer<typeof sourceShape>;
export type SourceOf<Kind extends SourceKind> = Extract<Source, { readonly kind: Kind }>;

/** What was written down is no source. */
export class BadSourceError extends Error {
  override readonly name = 'BadSourceError';
  readonly facts: { readonly source: string; readonly field: string };

  constructor(facts: BadSourceError['facts'], why: string) {
    super(`Source "${facts.source}": "${facts.field}" ${why}. "kuzet help source" shows how one is written.`);
    this.facts = facts;
  }
}

/** @throws BadSourceError naming the first field at fault. */
export function readSource(written: unknown): Source {
  const read = sourceShape.safeParse(written);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const named = written !== null && typeof written === 'object' ? (written as { name?: unknown }).name : null;
  throw new BadSourceError(
    { source: typeof named === 'string' ? named.slice(0, 80) : '?', field: issue?.path.join('.') || 'kind' },
    issue?.message.replace(/^./, (first) => first.toLowerCase()) ?? 'is malformed',
  );
}

/** `{sources: [...]}`, a list, or one source. @throws BadSourceError, also when a name comes twice. */
export function readSources(written: unknown): Source[] {
  const holder = written as { sources?: unknown } | null;
  const given = Array.isArray(written)
    ? written
    : Array.isArray(holder?.sources)
      ? holder.sources
      : [written];
  const sources = given.map(readSource);
  const names = new Set<string>();
  for (const { name } of sources) {
    if (names.has(name)) throw new BadSourceError({ source: name, field: 'name' }, 'is there twice');
    names.add(name);
  }
  return sources;
}

/** How its addresses are visited. */
export function settingsOf({ scan, robots }: Source): ScanSettings {
  return { ...scan, robots: robots.stance === 'obey' };
}

/** Whether an address is within what the source is for. */
export function isInScope(url: URL, { only, not }: Pick<Source, 'only' | 'not'>): boolean {
  const place = `${hostOf(url)}${url.pathname}${url.search}`;
  const fits = (pattern: string) => matches(place, pattern);
  return (only.length === 0 || only.some(fits)) && !not.some(fits);
}

/** `*` stands for any run; a pattern without a slash is a site with all under it. Never backtracks. */
function matches(place: string, pattern: string): boolean {
  if (!pattern.includes('/') && !pattern.includes('*')) {
    return siteOf(place.split('/', 1)[0]!) === siteOf(pattern) && isUnder(place.split('/', 1)[0]!, pattern);
  }
  const pieces = pattern.split('*');
  const last = pieces.pop()!;
  const first = pieces.shift();
  if (first === undefined) return place === last;
  if (!place.startsWith(first) || !place.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = place.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= place.length - last.length;
}

function isUnder(host: string, name: string): boolean {
  const bare = host.replace(/:\d+$/, '');
  return bare === name || bare.endsWith(`.${name}`);
}

const CRON_BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Five fields of numbers, ranges, steps and lists: minute, hour, day of month, month, day of week. */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== CRON_BOUNDS.length) return false;
  return fields.every((field, at) => {
    const [least, most] = CRON_BOUNDS[at]!;
    return field.split(',').every((part) => {
      const found = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
      if (found === null) return false;
      const from = found[1] === undefined ? least : Number(found[1]);
      const to = found[2] === undefined ? from : Number(found[2]);
      return from >= least && to <= most && from <= to && (found[3] === undefined || Number(found[3]) > 0);
    });
  });
}
