/**
 * Notices to platforms: what is asked to be removed, exactly where, and why, in the shape of article 16 of the
 * Digital Services Act; a platform answers within 24 hours (Law on online platforms, art. 9 p. 4, as restated by
 * OONI and IFKZ, 2024).
 */
import type { Referral } from '../../domain/record.ts';
import { harmless, quoted } from '../kibernadzor/form-csv.ts';
import type { Sender } from './standing.ts';

export interface Notice {
  readonly noticeId: string;
  readonly platform: string;
  /** As the platform names the account or page; null when only the address does. */
  readonly account: string | null;
  readonly url: string;
  readonly kind: string;
  readonly reasonRu: string;
  readonly reasonKk: string;
  readonly facts: readonly string[];
  readonly law: readonly string[];
  readonly seenAt: string;
  readonly screenshotSha256: string;
  readonly answerWithinHours: 24;
  readonly goodFaith: string;
  readonly org: string;
  readonly contact: string;
}

const GOOD_FAITH =
  'Two officers looked at the page and its evidence independently, and hold what is said here to be right and complete.';

/** Those of what goes to platforms, by platform and case. */
export function noticesOf(referrals: readonly Referral[], { org, contact }: Sender): Notice[] {
  return referrals
    .filter(({ channel }) => channel === 'platform_notice')
    .map((it) => ({
      noticeId: it.referralId,
      platform: it.target.platform ?? it.hostname,
      account: it.target.platformObjectId,
      url: it.url,
      kind: it.taxonomy.dsaKeyword ?? it.taxonomy.dsaCategory,
      reasonRu: it.reasonRu,
      reasonKk: it.reasonKk,
      facts: it.signs.map(({ quote }) => quote),
      law: it.qualification.map(({ code }) => code),
      seenAt: it.lastSeenAliveAt,
      screenshotSha256: it.evidence.find(({ id }) => id === it.screenshotMain)?.sha256 ?? '',
      answerWithinHours: 24 as const,
      goodFaith: GOOD_FAITH,
      org,
      contact,
    }))
    .sort((a, b) => (a.platform + a.noticeId < b.platform + b.noticeId ? -1 : 1));
}

const COLUMNS = [
  'noticeId',
  'platform',
  'account',
  'url',
  'kind',
  'reasonRu',
  'seenAt',
  'screenshotSha256',
] as const;

export function noticesCsv(notices: readonly Notice[]): string {
  const rows = notices.map((it) => COLUMNS.map((column) => quoted(harmless(it[column] ?? ''))));
  return `\ufeff${[[...COLUMNS], ...rows].map((row) => `${row.join(';')}\r\n`).join('')}`;
}
