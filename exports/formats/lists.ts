/**
 * Names for machines that filter: a DNS response policy zone (RPZ), a hosts file, AdGuard rules, plain names.
 * Each opens with what must never be filtered, so that no mistake below it darkens a bank or a platform, and says
 * until when it holds: a reader that is not fed any more must not block for ever.
 * Source: P. Vixie, V. Schryver, "DNS Response Policy Zones" (draft-vixie-dnsop-dns-rpz), sections 3 and 4;
 * AdGuard, "DNS filtering rules syntax".
 */
import { INSTITUTIONS } from '../overblock/institutions.ts';
import { PLATFORMS } from '../overblock/platforms.ts';
import type { BlockedName } from './standing.ts';

/** Names that no list of ours filters, whatever is below. */
export function allowedNames(): string[] {
  const own = [...INSTITUTIONS.map(({ host }) => host), ...PLATFORMS.map(({ host }) => host)];
  return [...new Set(own)].filter((host) => host.includes('.')).sort();
}

/** Of no names, one that is past: a list that does not hold any more. */
function holdsUntil(names: readonly BlockedName[], now: Date): string {
  return names.reduce((first, { expiresAt }) => (expiresAt < first ? expiresAt : first), dayAfter(now));
}

function dayAfter(now: Date): string {
  return new Date(now.getTime() + 24 * 3_600_000).toISOString();
}

function head(mark: string, names: readonly BlockedName[], now: Date): string[] {
  return [
    `${mark} kuzet: ${names.length} names that two officers decided on`,
    `${mark} made ${now.toISOString()}, holds until ${holdsUntil(names, now)}: fetch it again before then`,
  ];
}

/** Allowed names and what is below one user's host of a platform do not meet: that one is more exact, and stands first. */
export function rpzZone(names: readonly BlockedName[], now: Date): string {
  const serial = Math.floor(now.getTime() / 1000);
  const blocked = new Set(names.map(({ name }) => name));
  const passes = allowedNames().flatMap((name) => [
    `${name} CNAME rpz-passthru.`,
    `*.${name} CNAME rpz-passthru.`,
  ]);
  const blocks = names.flatMap(({ name, isDomain, caseId, expiresAt }) => [
    `${name} CNAME . ; ${caseId} until ${expiresAt}`,
    ...(isDomain ? [`*.${name} CNAME .`] : []),
  ]);
  return [
    ...head(';', names, now),
    '$TTL 300',
    `@ SOA localhost. hostmaster.localhost. ${serial} 3600 600 86400 300`,
    '@ NS localhost.',
    ...passes.filter((line) => !blocked.has(line.split(' ', 1)[0]!)),
    ...blocks,
    '',
  ].join('\n');
}

/** A hosts file has no way to allow, nor names below a name: it holds the very names only. */
export function hostsFile(names: readonly BlockedName[], now: Date): string {
  return [...head('#', names, now), ...names.map(({ name }) => `0.0.0.0 ${name}`), ''].join('\n');
}

export function adguardRules(names: readonly BlockedName[], now: Date): string {
  const blocked = new Set(names.map(({ name }) => name));
  return [
    ...head('!', names, now),
    '! Expires: 1 days',
    ...allowedNames()
      .filter((name) => !blocked.has(name))
      .map((name) => `@@|${name}^`),
    ...names.map(({ name, isDomain }) => (isDomain ? `||${name}^` : `|${name}^`)),
    '',
  ].join('\n');
}

export function plainNames(names: readonly BlockedName[]): string {
  return names.map(({ name }) => `${name}\n`).join('');
}
