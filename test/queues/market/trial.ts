/** A market on any store, with made-up listings. */
import { loadPairModel } from '../../../classifiers/duplicates/pair-model.ts';
import type { Listing } from '../../../domain/listing.ts';
import { type MarketIndex, marketIndex } from '../../../queues/market/index.ts';
import { type Market, type MarketTools, openMarket } from '../../../queues/market/market.ts';
import { snapshotFolder } from '../../../queues/market/snapshots.ts';
import type { Database } from '../../../store/database.ts';
import { type MarketStore, marketStore } from '../../../store/market.ts';
import { ringStore } from '../../../store/rings.ts';

export const KEY = Buffer.alloc(32, 7);
export const NOW = new Date('2026-11-20T06:00:00Z');

export function trialMarket(db: Database, tools: Partial<MarketTools> = {}): Market {
  return openMarket({
    store: marketStore(db),
    rings: ringStore(db),
    pairModel: loadPairModel(),
    key: KEY,
    clock: { now: () => NOW, sleep: async () => undefined },
    ...tools,
  });
}

/** An index whose reading was worth nothing: it sees no row of the log before the first snapshot it finds. */
export function lostIndex(store: MarketStore, folder: string): MarketIndex {
  return marketIndex({
    market: { ...store, log: async (after, limit) => (after === 0 ? [] : store.log(after, limit)) },
    pairModel: loadPairModel(),
    snapshots: snapshotFolder(folder),
  });
}

export function ad(seller: string | null, title: string, text: string, more: Partial<Listing> = {}): Listing {
  return {
    id: null,
    url: '',
    title,
    text,
    price: 250_000,
    currency: 'KZT',
    category: 'phones',
    city: 'Алматы',
    seller: seller === null ? null : { id: seller, name: '' },
    phone: null,
    images: [],
    postedAt: NOW,
    ...more,
  };
}

/** What fraudsters post again and again. */
export const BAIT =
  'Срочно отдаю телефон дочери, подарили второй, пользовались неделю, зеркальный экран без царапин, коробка и чек из магазина на Саина, торга нет, отправлю курьером после брони';

/** Listings that have nothing to do with each other. */
export const HONEST: readonly (readonly [title: string, text: string])[] = [
  [
    'Диван угловой',
    'Продаю угловой диван, раскладывается, обивка велюр, самовывоз из Талгара, пятый этаж без лифта',
  ],
  [
    'Щенки лабрадора',
    'Щенки палевого окраса, родились в сентябре, привиты, с документами клуба, смотреть в Каскелене',
  ],
  [
    'Велосипед горный',
    'Рама алюминий девятнадцать дюймов, дисковые тормоза, катался два сезона по Медеу, есть насос',
  ],
  [
    'Репетитор физики',
    'Готовлю к ЕНТ и олимпиадам, стаж двадцать лет, занятия у метро Абая или онлайн, первое бесплатно',
  ],
  [
    'Сервант румынский',
    'Советский сервант с посудой, лак без сколов, стекла целые, помогу донести до машины, Тастак',
  ],
  [
    'Косметолог на дом',
    'Чистка лица и массаж, выезд по Бостандыкскому району, стерильные инструменты, запись вечером',
  ],
];

/** Empties the market's tables: much sooner done than a new store. */
export async function emptyMarket(db: Database): Promise<void> {
  const tables = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'kuzet'::regnamespace and c.relkind = 'r'
       and (c.relname like 'market%' or c.relname like 'ring%' or c.relname in ('alert_event', 'endpoint', 'alert_delivery', 'alert_try'))`,
  );
  await db.query(`truncate ${tables.map(({ name }) => name).join(', ')} restart identity`);
}
