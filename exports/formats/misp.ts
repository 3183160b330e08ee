/**
 * A MISP event with an object a referral, for teams that share through MISP.
 * Source: MISP core format (draft-dulaunoy-misp-core-format), sections 2.2 to 2.6; object templates `url` and
 * `domain-ip` of github.com/MISP/misp-objects; taxonomy `rsit`.
 */
import type { Referral } from '../../domain/record.ts';
import { addressOf, OWN_SPACE, uuid5 } from './names.ts';

const TEMPLATES = {
  url: { uuid: '60efb77b-40b5-4c46-871b-ed1ed999fce5', version: '10' },
  'domain-ip': { uuid: '43b3b146-77eb-4931-b4cc-b66c60f28734', version: '11' },
} as const;

export function mispEvent(referrals: readonly Referral[], org: string, now: Date): object {
  const seconds = String(Math.floor(now.getTime() / 1000));
  return {
    Event: {
      uuid: uuid5(OWN_SPACE, `misp ${org} ${now.toISOString()}`),
      info: `${org}: ${referrals.length} sites that two officers decided on`,
      date: now.toISOString().slice(0, 10),
      timestamp: seconds,
      // 2 is medium, 2 completed, 0 this organisation only: whoever takes it in says how far it goes.
      threat_level_id: '2',
      analysis: '2',
      distribution: '0',
      published: false,
      Orgc: { name: org, uuid: uuid5(OWN_SPACE, `organisation ${org}`) },
      Tag: [{ name: 'tlp:amber' }],
      // Asked for by the schema, though all that is told is in objects.
      Attribute: [],
      Object: referrals.flatMap((each) => [urlObject(each), hostObject(each)]),
    },
  };
}

interface Cell {
  readonly relation: string;
  readonly type: 'url' | 'domain' | 'ip-dst' | 'datetime' | 'text';
  readonly category: 'Network activity' | 'Other';
  readonly value: string;
  readonly isIndicator: boolean;
}

function urlObject(it: Referral): object {
  return object('url', it, [
    { relation: 'url', type: 'url', category: 'Network activity', value: it.url, isIndicator: true },
    time('first-seen', it.firstSeenAt),
    time('last-seen', it.lastSeenAliveAt),
  ]);
}

function hostObject(it: Referral): object {
  const ips = it.network.map(
    ({ ip }): Cell => ({
      relation: 'ip',
      type: 'ip-dst',
      category: 'Network activity',
      value: ip,
      // Others may share it: it is told, not to be blocked by.
      isIndicator: false,
    }),
  );
  const isWhole = it.effectiveBlockScope.level === 'host' && it.channel === 'operator_block';
  const address = addressOf(it.hostname);
  const host: Cell = {
    ...(address === null ? { relation: 'domain', type: 'domain' } : { relation: 'ip', type: 'ip-dst' }),
    category: 'Network activity',
    value: address ?? it.hostname,
    isIndicator: isWhole,
  };
  return object('domain-ip', it, [host, ...ips.filter(({ value }) => value !== address)]);
}

function time(relation: string, value: string): Cell {
  return { relation, type: 'datetime', category: 'Other', value, isIndicator: false };
}

function object(name: keyof typeof TEMPLATES, it: Referral, cells: readonly Cell[]): object {
  const { uuid, version } = TEMPLATES[name];
  const timestamp = String(Math.floor(new Date(it.decision.secondDecidedAt).getTime() / 1000));
  return {
    name,
    'meta-category': 'network',
    template_uuid: uuid,
    template_version: version,
    uuid: uuid5(OWN_SPACE, `${name} ${it.referralId}`),
    timestamp,
    comment: `${it.caseId}: ${it.signs.map(({ quote }) => quote).join('; ')}`,
    Attribute: cells.map(({ relation, type, category, value, isIndicator }, at) => ({
      uuid: uuid5(OWN_SPACE, `${name} ${it.referralId} ${at}`),
      object_relation: relation,
      type,
      category,
      value,
      to_ids: isIndicator,
      timestamp,
      Tag: at === 0 ? [{ name: it.taxonomy.misp }, { name: `kuzet:fraud="${it.taxonomy.fraudType}"` }] : [],
    })),
  };
}
