/**
 * Whether an address shows a page at all, or only says that nobody is at home: parked by its registrar, offered for
 * sale, suspended by its hoster.
 *
 * Such a page has few words; whoever writes at length about parked names is not one. It is known by what it says (the
 * patterns of `away.json`, in the language of `lexicon.ts`) and by whose advertisements it shows: parking is an
 * industry of few suppliers, and their hosts tell more than words do.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Page } from '../domain/page.ts';
import type { PageState } from '../domain/revisit.ts';
import { finderOf } from './lexicon.ts';

const STATES = ['parked', 'for_sale', 'suspended'] as const;
export type AwayState = (typeof STATES)[number] & PageState;

const state = z.enum(STATES);
const examples = z.array(z.string()).min(1);

/** `away.json`. */
export const awayFile = z.strictObject({
  version: z.int().positive(),
  /** Host, and all under it, that a parked page loads, frames or leads to first. */
  hosts: z.record(z.string(), state),
  /** Beginning of an address without scheme, of a host or any under it. */
  addresses: z.record(z.string(), state),
  entries: z.array(
    z.strictObject({
      id: z.string().regex(/^[a-z_]+\.[a-z_]+$/),
      state,
      patterns: z.strictObject({ ru: z.array(z.string()), kk: z.array(z.string()), en: z.array(z.string()) }),
      examples,
      counterExamples: examples,
    }),
  ),
});

export function readAway(): z.infer<typeof awayFile> {
  return awayFile.parse(JSON.parse(readFileSync(new URL('./away.json', import.meta.url), 'utf8')));
}

/** A notice is this short; a page that says so among more words says it of something else. */
const MOST_WORDS = 120;
/** Pages of advertisements are longer, and are known by their suppliers. */
const MOST_WORDS_WITH_HOST = 400;
const MOST_CHARACTERS = 8000;

/** Null for a page like any other. */
export type AwayFinder = (page: Page) => AwayState | null;

export function awayFinder(data: z.infer<typeof awayFile> = readAway()): AwayFinder {
  const stateOf = new Map(data.entries.map(({ id, state }) => [id, state]));
  // A notice reports of nobody, and "not" belongs to what it says.
  const find = finderOf(data.entries.map((entry) => ({ ...entry, framed: false, negatable: false })));
  return (page) => {
    if (page.text.length > MOST_CHARACTERS || asksForSecrets(page)) return null;
    const said = `${page.title}\n${page.text}`;
    const { byEntry, words } = find(said);
    const supplier = words > MOST_WORDS_WITH_HOST ? null : supplierOf(page, data);
    const told = words > MOST_WORDS ? [] : [...byEntry.keys()].map((id) => stateOf.get(id)!);
    // What is offered is said to be parked too, and what lapsed is offered: what is said last in this list is told first.
    const all = [...told, ...(supplier === null ? [] : [supplier])];
    return (['suspended', 'for_sale', 'parked'] as const).find((each) => all.includes(each)) ?? null;
  };
}

/** Behind a password there is something. */
function asksForSecrets({ forms }: Page): boolean {
  return forms.some(({ fields }) => fields.some(({ type }) => type === 'password'));
}

function supplierOf(page: Page, { hosts, addresses }: z.infer<typeof awayFile>): AwayState | null {
  const loaded = [page.url, ...page.scripts.flatMap(({ src }) => src ?? []), ...page.frames];
  for (const address of loaded) {
    const bare = /^https?:\/\/(.+)$/i.exec(address)?.[1]?.toLowerCase() ?? '';
    const host = bare.split(/[/?#:]/, 1)[0]!;
    const byHost = Object.entries(hosts).find(([name]) => host === name || host.endsWith(`.${name}`));
    if (byHost !== undefined) return byHost[1];
    const byAddress = Object.entries(addresses).find(([start]) => {
      const at = bare.indexOf(start);
      return at === 0 || (at > 0 && bare[at - 1] === '.' && bare.indexOf('/') >= at);
    });
    if (byAddress !== undefined) return byAddress[1];
  }
  return null;
}
