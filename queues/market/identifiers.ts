/**
 * Identifiers as officers ask of them: the mark under which a telephone, address, device or account can be searched,
 * and, for whoever says why, what stands behind the marks of a ring. The ledger is told first, so that nobody sees what
 * it does not know of.
 */
import { openBox } from '../../domain/box.ts';
import { type IdentifierKind, identifierHash } from '../../domain/identifier.ts';
import { networkPart } from '../../domain/ip.ts';
import type { IdentifierService, RevealedListing } from '../../domain/market-service.ts';
import { findPhones, phoneOf } from '../../domain/phone.ts';
import { accountName } from '../../domain/sealed-listing.ts';
import type { LedgerStore } from '../../store/ledger.ts';
import { type MarketStore, nameText } from '../../store/market.ts';
import type { RingStore } from '../../store/rings.ts';
import type { Clock } from '../clock.ts';

export interface IdentifierTools {
  readonly market: Pick<MarketStore, 'clear'>;
  readonly rings: Pick<RingStore, 'members'>;
  readonly ledger: Pick<LedgerStore, 'append'>;
  /** What identifiers are hashed and boxed with. */
  readonly key: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
}

export function identifierService(tools: IdentifierTools): IdentifierService {
  return {
    mark: (kind, value, market) => markOf(tools.key, kind, value, market),
    reveal: (ringId, by, reason) => reveal(ringId, by, reason, tools),
  };
}

/** @param market whose account it is; of the other kinds no matter. */
export function markOf(key: Uint8Array, kind: IdentifierKind, value: string, market: string): string {
  const plain =
    kind === 'phone'
      ? (phoneOf(value) ?? value)
      : kind === 'ip'
        ? networkPart(value)
        : kind === 'account'
          ? accountName(market, value)
          : value;
  return identifierHash(key, kind, plain);
}

async function reveal(
  ringId: string,
  by: string,
  reason: string,
  { market, rings, ledger, key, clock }: IdentifierTools,
): Promise<RevealedListing[]> {
  const members = await rings.members(ringId);
  await ledger.append({
    at: clock.now(),
    kind: 'reveal',
    subject: ringId,
    entry: { by, reason, ring: ringId },
  });
  const byNumber = new Map(members.map((it) => [it.number, it]));
  const boxes = await market.clear(members.map(({ number }) => number));
  return boxes.map(({ number, box }) => {
    const name = byNumber.get(number)!;
    const clear = JSON.parse(openBox(key, box, nameText(name))) as ClearListing;
    const named: [IdentifierKind, string | null][] = [
      ['account', clear.seller],
      ['phone', clear.phone === null ? null : (phoneOf(clear.phone) ?? clear.phone)],
      ['ip', clear.ip],
      ['device', clear.device],
      ...findPhones(`${clear.title}\n${clear.text}`).map(({ e164 }): [IdentifierKind, string] => [
        'phone',
        e164,
      ]),
    ];
    const values = new Map(
      named.flatMap(([kind, value]) => {
        if (value === null) return [];
        const mark = markOf(key, kind, value, name.market);
        return [[`${kind} ${mark}`, { kind, mark, value }] as const];
      }),
    );
    return { number, market: name.market, listingId: name.listingId, clear, values: [...values.values()] };
  });
}

/** What a marketplace's listing is boxed as. */
type ClearListing = {
  readonly seller: string | null;
  readonly phone: string | null;
  readonly ip: string | null;
  readonly device: string | null;
  readonly title: string;
  readonly text: string;
};
