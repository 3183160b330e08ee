/**
 * Lines of JSON that tell of new names: certificate logs (as CertStream's clients and crt.sh write them) and lists
 * of newly registered domains. A line may also be a bare name.
 *
 * Known shapes: `{"domain": "x"}`, `{"domain_name": "x"}`, `{"name_value": "a\nb"}`, `{"common_name": "x"}`,
 * `{"all_domains": [...]}`, `{"data": {"leaf_cert": {"all_domains": [...]}}}`, `"x"`, `x`.
 */
import { domainToASCII } from 'node:url';

export interface FeedNames {
  /** In plain letters (punycode), without `*.`, each once, in order. */
  readonly names: readonly string[];
  /** Lines that say nothing that is known here. */
  readonly unread: number;
}

const LONGEST_LINE = 1_000_000;
const MOST_NAMES_OF_A_LINE = 2_000;

export function readFeed(lines: Iterable<string>): FeedNames {
  const names = new Set<string>();
  let unread = 0;
  for (const line of lines) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const found = text.length > LONGEST_LINE ? [] : namesOf(text);
    if (found.length === 0) unread += 1;
    for (const name of found) names.add(name);
  }
  return { names: [...names], unread };
}

function namesOf(text: string): string[] {
  if (!/^[[{"]/.test(text)) return hostsOf([text]);
  try {
    return hostsOf(namesIn(JSON.parse(text)));
  } catch {
    return [];
  }
}

function namesIn(value: unknown): unknown[] {
  if (typeof value === 'string') return value.split(/\s+/);
  if (value === null || typeof value !== 'object') return [];
  const it = value as Record<string, unknown>;
  const { data } = it as { data?: { leaf_cert?: { all_domains?: unknown } } };
  const lists = [it['all_domains'], it['domains'], data?.leaf_cert?.all_domains];
  const single = [it['domain'], it['domain_name'], it['name_value'], it['common_name']];
  return [
    ...lists.flatMap((list) => (Array.isArray(list) ? list : [])),
    ...single.flatMap((name) => (typeof name === 'string' ? name.split(/\s+/) : [])),
  ];
}

function hostsOf(given: readonly unknown[]): string[] {
  return given.slice(0, MOST_NAMES_OF_A_LINE).flatMap((name) => {
    if (typeof name !== 'string') return [];
    const ascii = domainToASCII(name.trim().replace(/^\*\./, '').replace(/\.$/, '')).toLowerCase();
    return /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/.test(
      ascii,
    )
      ? [ascii]
      : [];
  });
}
