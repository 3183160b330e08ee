/** Every format by its name: what stands, as bytes. After one of them you know all. */
import { stableJson } from '../kibernadzor/json.ts';
import { dumpXml } from './dump.ts';
import { adguardRules, hostsFile, plainNames, rpzZone } from './lists.ts';
import { mispEvent } from './misp.ts';
import { noticesCsv, noticesOf } from './notices.ts';
import { type PaymentSource, paymentIndicators, paymentsCsv } from './payments.ts';
import { blockedNames, type Sender, type Standing, standing } from './standing.ts';
import { stixBundle } from './stix.ts';
import { xarfLines, xarfReports } from './xarf.ts';

export interface FeedOrder {
  readonly all: readonly Standing[];
  readonly sender: Sender;
  readonly now: Date;
  /** Screenshots by their SHA-256, for formats that carry pictures. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
  /** What the page of a case says, for formats that tell where money goes; undefined when it is not kept. */
  readonly pages: ReadonlyMap<string, Pick<PaymentSource, 'text' | 'wallets'>>;
}

interface Format {
  readonly about: string;
  /** What it needs to be read beforehand. */
  readonly needs?: 'pictures' | 'pages';
  write(order: FeedOrder): string;
}

const names = ({ all, now }: FeedOrder) => blockedNames(standing(all, now));

export const FORMATS = {
  xarf: {
    about: 'XARF v4 reports, one a line: hosts, registrars',
    needs: 'pictures',
    write: ({ all, sender, now, pictures }) => xarfLines(xarfReports(standing(all, now), sender, pictures)),
  },
  notices: {
    about: 'notices to platforms, JSON',
    write: ({ all, sender, now }) => stableJson(noticesOf(standing(all, now), sender)),
  },
  'notices-csv': {
    about: 'notices to platforms, CSV',
    write: ({ all, sender, now }) => noticesCsv(noticesOf(standing(all, now), sender)),
  },
  stix: {
    about: 'STIX 2.1 bundle',
    write: ({ all, sender, now }) => stableJson(stixBundle(standing(all, now), sender.org, now)),
  },
  misp: {
    about: 'MISP event',
    write: ({ all, sender, now }) => stableJson(mispEvent(standing(all, now), sender.org, now)),
  },
  rpz: { about: 'DNS response policy zone', write: (order) => rpzZone(names(order), order.now) },
  hosts: { about: 'hosts file', write: (order) => hostsFile(names(order), order.now) },
  adguard: { about: 'AdGuard rules', write: (order) => adguardRules(names(order), order.now) },
  domains: { about: 'names, one a line', write: (order) => plainNames(names(order)) },
  dump: {
    about: 'register, dump.xml 2.4',
    write: ({ all, sender, now }) => dumpXml(standing(all, now), sender.org, now),
  },
  payments: {
    about: 'accounts, masked cards, wallets and phones, JSON',
    needs: 'pages',
    write: (order) => stableJson(paymentsOf(order)),
  },
  'payments-csv': {
    about: 'accounts, masked cards, wallets and phones, CSV',
    needs: 'pages',
    write: (order) => paymentsCsv(paymentsOf(order)),
  },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

export function needsOf(name: FormatName): 'pictures' | 'pages' | null {
  const format: Format = FORMATS[name];
  return format.needs ?? null;
}

function paymentsOf({ all, now, pages }: FeedOrder) {
  return paymentIndicators(
    standing(all, now).flatMap((referral) => {
      const page = pages.get(referral.caseId);
      return page === undefined ? [] : [{ referral, ...page }];
    }),
  );
}
