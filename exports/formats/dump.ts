/**
 * The records as a register that filters of operators in the region read already: `dump.xml`, format 2.4, in UTF-8.
 * Source: github.com/usher2/u2ckdump, `parse.go`: names of elements and attributes. What `entryType` numbers mean
 * is not public; 4 is what whole-resource entries bear there. No address is told: some filters would block it, and
 * others live on it (rule OB4).
 */
import { createHash } from 'node:crypto';
import type { Referral } from '../../domain/record.ts';
import { escaped } from '../kibernadzor/xml.ts';
import { blockedNames } from './standing.ts';

const ENTRY_TYPE = '4';

/** @param org named as who decided. */
export function dumpXml(referrals: readonly Referral[], org: string, now: Date): string {
  const names = new Map(blockedNames(referrals).map((each) => [each.caseId, each]));
  const rows = referrals.flatMap((referral) => {
    const blocked = names.get(referral.caseId);
    return blocked === undefined ? [] : [content(referral, blocked, org)];
  });
  const time = almaty(now);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<reg:register xmlns:reg="urn:kuzet:register" updateTime="${time}" updateTimeUrgently="${time}" formatVersion="2.4">`,
    ...rows,
    '</reg:register>',
    '',
  ].join('\n');
}

function content(
  { caseId, decision, urgency, url, hostname }: Referral,
  { isDomain }: { readonly isDomain: boolean },
  org: string,
): string {
  const decided = decision.secondDecidedAt;
  const inner = [
    `<decision date="${decided.slice(0, 10)}" number="${escaped(caseId)}" org="${escaped(org)}"/>`,
    `<url>${escaped(url)}</url>`,
    `<domain>${escaped(isDomain ? `*.${hostname}` : hostname)}</domain>`,
  ].join('');
  const hash = createHash('md5').update(inner).digest('hex').toUpperCase();
  const id = Number(/\d+$/.exec(caseId)?.[0] ?? 0);
  const kind = isDomain ? 'domain-mask' : 'domain';
  const urgent = urgency ? ' urgencyType="1"' : '';
  return `<content id="${id}" includeTime="${almaty(new Date(decided))}" entryType="${ENTRY_TYPE}"${urgent} blockType="${kind}" hash="${hash}">${inner}</content>`;
}

/** Kazakhstan keeps one time, UTC+5, since 1 March 2024. */
function almaty(at: Date): string {
  return `${new Date(at.getTime() + 5 * 3_600_000).toISOString().slice(0, 19)}+05:00`;
}
