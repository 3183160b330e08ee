/**
 * A STIX 2.1 bundle for teams that share indicators. Names are made from what they name, so that the same referral
 * told twice is one object; of a person there is nothing in it.
 * Source: OASIS, "STIX Version 2.1" (2021): 2.9 identifiers, 3.1 common properties, 4.7 indicator, 4.16 report,
 * 6.4 domain name, 6.5 IPv4 address, 6.16 URL, 7.2.1.4 TLP markings.
 */

import { canonicalJson } from '../../domain/ledger.ts';
import type { Referral } from '../../domain/record.ts';
import { addressOf, OWN_SPACE, uuid5 } from './names.ts';

/** Of observable objects: section 2.9. */
const SCO_SPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7';
const TLP_AMBER = {
  type: 'marking-definition',
  spec_version: '2.1',
  id: 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
  created: '2017-01-20T00:00:00.000Z',
  definition_type: 'tlp',
  name: 'TLP:AMBER',
  definition: { tlp: 'amber' },
} as const;

export function stixBundle(referrals: readonly Referral[], org: string, now: Date): object {
  const identity = {
    ...common('identity', `identity ${org}`, EPOCH, EPOCH),
    name: org,
    identity_class: 'organization',
  };
  const objects = referrals.flatMap((each) => objectsOf(each, identity.id));
  const seen = new Map<string, object>();
  for (const each of [identity, TLP_AMBER, ...objects]) seen.set(each.id, each);
  return {
    type: 'bundle',
    id: `bundle--${uuid5(OWN_SPACE, `bundle ${org} ${now.toISOString()}`)}`,
    objects: [...seen.values()],
  };
}

/** An organisation was always there: the bundle must not change with the day it is made on. */
const EPOCH = '2026-01-01T00:00:00.000Z';

interface StixObject {
  readonly id: string;
  readonly type: string;
}

function common(type: string, name: string, created: string, modified: string) {
  return { type, spec_version: '2.1', id: `${type}--${uuid5(OWN_SPACE, name)}`, created, modified } as const;
}

function observable(
  type: 'url' | 'domain-name' | 'ipv4-addr' | 'ipv6-addr',
  value: string,
): StixObject & object {
  const id = `${type}--${uuid5(SCO_SPACE, canonicalJson({ value }))}`;
  return { type, spec_version: '2.1', id, value } as StixObject;
}

function objectsOf(it: Referral, identity: string): StixObject[] {
  const at = it.decision.secondDecidedAt;
  const marks = { created_by_ref: identity, object_marking_refs: [TLP_AMBER.id] };
  const address = addressOf(it.hostname);
  const addresses = new Set([...(address === null ? [] : [address]), ...it.network.map(({ ip }) => ip)]);
  const observables = [
    observable('url', it.url),
    ...(address === null ? [observable('domain-name', it.hostname)] : []),
    ...[...addresses].map((ip) => observable(ip.includes(':') ? 'ipv6-addr' : 'ipv4-addr', ip)),
  ];
  const indicator = {
    ...common('indicator', `indicator ${it.referralId}`, at, at),
    ...marks,
    name: it.title,
    description: it.signs.map(({ code, quote }) => `${code}: "${quote}"`).join('; '),
    indicator_types: ['malicious-activity'],
    pattern: `[url:value = '${literal(it.url)}']`,
    pattern_type: 'stix',
    valid_from: at,
    valid_until: it.review.expiresAt,
    labels: [it.taxonomy.fraudType.replaceAll('_', '-')],
    confidence: Math.round(it.detection.classifier.score * 100),
  };
  const report = {
    ...common('report', `report ${it.referralId}`, at, at),
    ...marks,
    name: it.title,
    report_types: ['indicator'],
    published: at,
    object_refs: [indicator.id, ...observables.map(({ id }) => id)],
    external_references: [{ source_name: 'kuzet', external_id: it.caseId }],
  };
  return [...observables, indicator, report];
}

/** A string of a pattern: section 9.3, quotes and backslashes are escaped. */
function literal(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
