/**
 * Which addresses may be reached at all. Kuzet reads the public web and must never be led, by a link, a
 * redirect or a name server, into the network it runs in.
 *
 * The rules stand here as pure functions; `dial.ts`, the only place that opens a socket, asks them about
 * the very address it is about to connect to. An operator's `resolve` entry is an explicit permission:
 * it takes the place of DNS and may point anywhere.
 *
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), RFC 6598 (shared space),
 * RFC 6052 and 8215 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo), RFC 6761 and 6762 (special names),
 * RFC 8375 (home.arpa).
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

/** Ports that web sites answer on; a target named by `resolve` may have any. */
export const WEB_PORTS: readonly number[] = [80, 443, 8080, 8443];

/** Pattern -> `ip:port`, as in `ScanSettings.resolve`. */
export type ResolveMap = Readonly<Record<string, string>>;

export type Route =
  /** Fixed by the operator. */
  | { readonly is: 'fixed'; readonly address: string; readonly port: number }
  /** An address in the URL, already found harmless. */
  | { readonly is: 'literal'; readonly address: string; readonly port: number }
  /** A name; every address it resolves to is still to be checked. */
  | { readonly is: 'named'; readonly host: string; readonly port: number }
  | { readonly is: 'refused'; readonly why: string };

/** The way to a URL as far as it can be told without asking DNS. */
export function routeOf(url: URL, resolve: ResolveMap): Route {
  const host = plainHost(url.hostname);
  const fixed = resolvedBy(host, resolve);
  if (fixed !== null) return { is: 'fixed', ...fixed };
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (!WEB_PORTS.includes(port)) {
    return { is: 'refused', why: `port ${port} is none of the ports of web sites (${WEB_PORTS.join(', ')})` };
  }
  if (isIP(host) !== 0) {
    const why = addressRefusal(host);
    return why === null ? { is: 'literal', address: host, port } : { is: 'refused', why };
  }
  const why = nameRefusal(host);
  return why === null ? { is: 'named', host, port } : { is: 'refused', why };
}

/** Names that only mean something inside a network, whatever DNS says of them. */
const INNER_SUFFIXES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'lan',
  'home',
  'home.arpa',
  'corp',
  'private',
];

/** RFC 1035, section 2.3.4. A SOCKS5 proxy is told a name's length in one byte: a longer one would say more than a name. */
const LONGEST_NAME = 253;

/** Why a host name may not be asked for; null when it may. `host` is lower case. */
export function nameRefusal(host: string): string | null {
  const name = plainHost(host);
  if (name.length > LONGEST_NAME) return `a name of ${name.length} characters is none that DNS has`;
  const inner = INNER_SUFFIXES.find((suffix) => name === suffix || name.endsWith(`.${suffix}`));
  if (inner !== undefined) return `"${name}" is a name of an inner network (.${inner})`;
  return name.includes('.') ? null : `"${name}" has no dot, so it can only be a machine of our own network`;
}

const FOURS: readonly (readonly [string, number, string])[] = [
  ['0.0.0.0', 8, 'this host'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared by a provider (CGNAT)'],
  ['127.0.0.0', 8, 'loopback'],
  ['168.63.129.16', 32, 'a cloud platform’s own'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'for documentation'],
  ['192.88.99.0', 24, 'a 6to4 relay'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'for benchmarks'],
  ['198.51.100.0', 24, 'for documentation'],
  ['203.0.113.0', 24, 'for documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];

/** Those inside 2000::/3 only, or with a name worth telling; all else outside 2000::/3 is refused anyway. */
const SIXES: readonly (readonly [string, number, string])[] = [
  ['::', 128, 'this host'],
  ['::1', 128, 'loopback'],
  ['::', 96, 'an IPv4 address in IPv6 clothes (compatible)'],
  ['::ffff:0:0', 96, 'an IPv4 address in IPv6 clothes (mapped)'],
  ['::ffff:0:0:0', 96, 'an IPv4 address in IPv6 clothes (translated)'],
  ['64:ff9b::', 96, 'an IPv4 address in IPv6 clothes (NAT64)'],
  ['64:ff9b:1::', 48, 'an IPv4 address in IPv6 clothes (NAT64)'],
  ['2001::', 32, 'an IPv4 address in IPv6 clothes (Teredo)'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'for documentation'],
  ['2002::', 16, 'an IPv4 address in IPv6 clothes (6to4)'],
  ['3fff::', 20, 'for documentation'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'site-local'],
  ['ff00::', 8, 'multicast'],
];

const REFUSED_FOURS = FOURS.map(([net, bits, what]) => ({ list: blockOf(net, bits, 'ipv4'), what }));
const REFUSED_SIXES = SIXES.map(([net, bits, what]) => ({ list: blockOf(net, bits, 'ipv6'), what }));
const GLOBAL_SIXES = blockOf('2000::', 3, 'ipv6');

/** Why an IP address may not be connected to; null when it may. Anything that is no IP address is refused. */
export function addressRefusal(address: string): string | null {
  const ip = plainHost(address);
  if (ip.includes('%')) return `${address} names a network interface`;
  if (isIP(ip) === 0) return `"${address}" is no IP address`;
  const family = isIPv4(ip) ? 'ipv4' : 'ipv6';
  const refused = family === 'ipv4' ? REFUSED_FOURS : REFUSED_SIXES;
  const found = refused.find(({ list }) => list.check(ip, family));
  if (found !== undefined) return `${ip} is not a public address: it is ${found.what}`;
  if (family === 'ipv6' && !GLOBAL_SIXES.check(ip, 'ipv6')) {
    return `${ip} is not a public address: it is outside 2000::/3`;
  }
  return null;
}

function blockOf(net: string, bits: number, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  list.addSubnet(net, bits, family);
  return list;
}

/** Lower case, without the brackets of an IPv6 literal and without the dot of the root. */
function plainHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** A `--resolve` text that cannot be read. */
export class BadResolveError extends Error {
  override readonly name = 'BadResolveError';
  readonly facts: { readonly text: string; readonly why: string };

  constructor(text: string, why: string) {
    super(`"${text}" ${why}. Write host=ip:port, e.g. shop.test=127.0.0.1:8080 or *.test=127.0.0.1:8080.`);
    this.facts = { text, why };
  }
}

/**
 * `host=ip:port`, `*.suffix=ip:port` or `*=ip:port`; several of them may be joined by commas.
 *
 * @throws BadResolveError naming the part that is wrong.
 */
export function parseResolve(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((part) => resolveEntry(part.trim())));
}

function resolveEntry(text: string): [pattern: string, target: string] {
  const at = text.indexOf('=');
  if (at < 0) throw new BadResolveError(text, 'has no "="');
  const pattern = text.slice(0, at).trim().toLowerCase().replace(/\.$/, '');
  const target = text.slice(at + 1).trim();
  if (pattern === '') throw new BadResolveError(text, 'names no host');
  if (!/^(?:\*|(?:\*\.)?[^\s*/:@?#]+|\[?[0-9a-f:.]+\]?)$/.test(pattern)) {
    throw new BadResolveError(text, `has "${pattern}" where a host name or *.suffix belongs`);
  }
  if (targetOf(target) === null) {
    throw new BadResolveError(text, `has "${target}" where an IP address and a port belong`);
  }
  return [asciiPattern(pattern, text), target];
}

/** Patterns are compared with host names as URLs carry them: in punycode. */
function asciiPattern(pattern: string, text: string): string {
  if (pattern === '*') return pattern;
  const [star, name] = pattern.startsWith('*.') ? ['*.', pattern.slice(2)] : ['', pattern];
  const bracketed = isIP(name) === 6 ? `[${name}]` : name;
  try {
    return star + plainHost(new URL(`http://${bracketed}/`).hostname);
  } catch {
    throw new BadResolveError(text, `has "${pattern}" where a host name or *.suffix belongs`);
  }
}

/** The operator's target for a host: its own entry, else the longest suffix that fits, else `*`. */
function resolvedBy(host: string, resolve: ResolveMap): { address: string; port: number } | null {
  const labels = host.split('.');
  const patterns = [host, ...labels.map((_, at) => `*.${labels.slice(at + 1).join('.')}`).slice(0, -1), '*'];
  const pattern = patterns.find((it) => Object.hasOwn(resolve, it));
  return pattern === undefined ? null : targetOf(resolve[pattern]!);
}

function targetOf(target: string): { address: string; port: number } | null {
  const found = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(target);
  if (found === null) return null;
  const address = found[1] ?? found[2] ?? '';
  const port = Number(found[3]);
  return isIP(address) !== 0 && port > 0 && port < 65_536 ? { address, port } : null;
}
