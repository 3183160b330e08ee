/**
 * Sites that very many people visit: one of them on its way to operators asks for care (OB8, soft), however sure a
 * model is. Which ones is data with its source said: a list that ships (`popular.json`), and one that an operator
 * brings, such as a published ranking.
 */
import { siteOf } from '../../domain/url.ts';
import table from './popular.json' with { type: 'json' };

export interface PopularSites {
  /** Where it is from, as an officer is told: the same in every language. */
  readonly source: string;
  /** Whether a host's registrable domain is in it. */
  has(host: string): boolean;
}

/** Lines read of a list: a million and some, as published rankings have. */
const MOST_LINES = 2_000_000;

export const SHIPPED: PopularSites = {
  source: table.source,
  has: hasSite(new Set(table.domains)),
};

/** A list that cannot be what it was given for. */
export class PopularListError extends Error {
  override readonly name = 'PopularListError';
  readonly facts: { readonly source: string; readonly line: number };

  constructor(source: string, line: number, why: string) {
    super(`The list of widely visited sites ${source}, line ${line}: ${why}.`);
    this.facts = { source, line };
  }
}

/**
 * One domain a line, or `rank,domain` as Tranco and the like publish; `#` starts a remark.
 *
 * @param source told with every finding: the file's name, so name it after the list and its day.
 * @throws PopularListError at the first line that holds no domain, and for a list that is empty or endless.
 */
export function popularSites(text: string, source: string): PopularSites {
  const domains = new Set<string>();
  let number = 0;
  for (const raw of text.split('\n')) {
    number += 1;
    if (number > MOST_LINES) throw new PopularListError(source, number, `more than ${MOST_LINES} lines`);
    const line = raw.replace(/#.*$/, '').trim().toLowerCase();
    if (line === '') continue;
    const domain = /^(?:\d+,)?((?:[a-z0-9_-]+\.)+[a-z0-9-]+)\.?$/.exec(line)?.[1];
    if (domain === undefined)
      throw new PopularListError(source, number, `"${line.slice(0, 60)}" is no domain`);
    domains.add(domain.replace(/^www\./, ''));
  }
  if (domains.size === 0) throw new PopularListError(source, 1, 'it holds no domain');
  return { source, has: hasSite(domains) };
}

function hasSite(domains: ReadonlySet<string>): PopularSites['has'] {
  return (host) => domains.has(siteOf(host));
}
