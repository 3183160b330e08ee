/**
 * XARF v4: one abuse report a referral, for hosts, registrars and content networks, who can remove a page at its
 * source. What leaves is what they need: no officer's name, no score's features, no `_internal`.
 * Source: github.com/xarf/xarf-spec, `schemas/v4/xarf-core.json` and `types/content-fraud.json` (2026-03).
 */
import type { Referral } from '../../domain/record.ts';
import { addressOf } from './names.ts';
import type { Sender } from './standing.ts';

/** The sender has no e-mail address, and a report without one is none. */
export class NoContactError extends Error {
  override readonly name = 'NoContactError';
  readonly facts: { readonly contact: string };

  constructor(contact: string) {
    super(`"${contact}" is no e-mail address to be reached at. Set KUZET_CONTACT to mailto:NAME@DOMAIN.`);
    this.facts = { contact };
  }
}

/** Bytes of one piece of evidence, and pieces, that a report may carry. */
const MOST_BYTES = 5_242_880;
const LONGEST_DESCRIPTION = 1000;

/**
 * @param pictures by their SHA-256; a report without its picture still stands.
 * @throws NoContactError
 */
export function xarfReports(
  referrals: readonly Referral[],
  sender: Sender,
  pictures: ReadonlyMap<string, Uint8Array> = new Map(),
): object[] {
  const domain = /^[^\s@]+@([^\s@]+\.[^\s@]+)$/.exec(sender.contact)?.[1];
  if (domain === undefined) throw new NoContactError(sender.contact);
  const who = { org: sender.org, contact: sender.contact, domain };
  return referrals.map((referral) => report(referral, who, pictures));
}

/** One report a line. */
export function xarfLines(reports: readonly object[]): string {
  return reports.map((each) => `${JSON.stringify(each)}\n`).join('');
}

function report(
  it: Referral,
  who: { readonly org: string; readonly contact: string; readonly domain: string },
  pictures: ReadonlyMap<string, Uint8Array>,
): object {
  const [kind = '', fraudType] = it.taxonomy.xarf.split(':');
  const [category = '', type = ''] = kind.split('/');
  const evidence = evidenceOf(it, pictures);
  return {
    xarf_version: '4.2.0',
    report_id: it.referralId,
    timestamp: it.lastSeenAliveAt,
    reporter: who,
    sender: who,
    source_identifier: it.network[0]?.ip ?? it.hostname,
    category,
    type,
    evidence_source: 'researcher_analysis',
    url: it.url,
    ...(addressOf(it.hostname) === null ? { domain: it.registrableDomain ?? it.hostname } : {}),
    ...(fraudType === undefined ? {} : { fraud_type: fraudType }),
    ...(it.impersonated === null
      ? {}
      : type === 'phishing'
        ? { target_brand: it.impersonated.name }
        : { claimed_entity: it.impersonated.name }),
    confidence: it.detection.classifier.score,
    description: it.signs
      .map(({ code, quote }) => `${code}: "${quote}"`)
      .join('; ')
      .slice(0, LONGEST_DESCRIPTION),
    tags: tagsOf(it),
    ...(evidence.length === 0 ? {} : { evidence }),
  };
}

function tagsOf({ taxonomy }: Referral): string[] {
  return [`fraud:${taxonomy.fraudType}`, 'country:kz', 'decision:two_officers'];
}

function evidenceOf(it: Referral, pictures: ReadonlyMap<string, Uint8Array>): object[] {
  const part = it.evidence.find(({ id }) => id === it.screenshotMain);
  const bytes = part === undefined ? undefined : pictures.get(part.sha256);
  if (part === undefined || bytes === undefined || bytes.byteLength > MOST_BYTES) return [];
  return [
    {
      content_type: part.mediaType,
      description: `Screenshot taken ${part.capturedAt}`,
      payload: Buffer.from(bytes).toString('base64'),
      hash: `sha256:${part.sha256}`,
      size: bytes.byteLength,
    },
  ];
}
