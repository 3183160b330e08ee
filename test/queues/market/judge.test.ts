import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Listing } from '../../../domain/listing.ts';
import type { Market } from '../../../queues/market/market.ts';
import type { Database } from '../../../store/database.ts';
import { feedbackStore } from '../../../store/feedback.ts';
import { openDatabase } from '../../../store/open.ts';
import { tenantStore } from '../../../store/tenants.ts';
import { ad, BAIT, emptyMarket, HONEST, NOW, trialMarket } from './trial.ts';

let db: Database;
let market: Market;

beforeAll(async () => {
  db = await openDatabase({ memory: true });
});
afterAll(() => db.close());
beforeEach(async () => {
  await emptyMarket(db);
  market = trialMarket(db);
});

async function put(id: string, listing: Listing, of = 'bazar'): Promise<void> {
  const sealed = market.seal(listing, of);
  await market.store.place(
    [{ market: of, listingId: id, listing: sealed, isQuiet: false, captureId: null }],
    NOW,
  );
}

async function putHonest(): Promise<void> {
  for (const [at, [title, text]] of HONEST.entries()) await put(`h${at}`, ad(`honest-${at}`, title, text));
}

/** Open rings: relation and members. */
async function rings(): Promise<Record<string, string[]>> {
  const all = await market.rings.list(100);
  const told: Record<string, string[]> = {};
  for (const { id } of all)
    told[id] = (await market.rings.members(id)).map(({ listingId }) => listingId).sort();
  return told;
}
const memberships = async () => Object.values(await rings()).sort();
const bait = (seller: string, extra = '') => ad(seller, 'iPhone 15 Pro срочно', `${BAIT}${extra}`);

describe('the log looked through', () => {
  test('makes one ring of copies, however disguised, and leaves honest listings alone', async () => {
    await putHonest();
    await put('a', bait('s1'));
    await put('b', ad('s2', 'iPhone 15 Рro cрочно', BAIT.replaceAll('о', 'o').replaceAll('е', 'e')));
    await put('c', bait('s3', ' 🔥🔥'));
    await market.settle();
    expect(await memberships()).toEqual([['a', 'b', 'c']]);
    const [ring] = await market.rings.list(1);
    expect(ring).toMatchObject({ relation: 'duplicate_ad', state: 'open', members: 3, actors: 3 });
    expect(ring!.score).toBeGreaterThan(0.8);
  });

  test('lets a ring grow under the name it has, and shrink when a member is edited or taken down', async () => {
    await putHonest();
    for (const id of ['a', 'b', 'c']) await put(id, bait(`s-${id}`));
    await market.settle();
    const before = Object.keys(await rings());
    await put('d', bait('s-d'));
    await market.settle();
    expect(await rings()).toEqual({ [before[0]!]: ['a', 'b', 'c', 'd'] });
    await put(
      'a',
      ad('s-a', 'Кресло-качалка', 'Кресло из ротанга, привезли из Вьетнама, подушка в комплекте, Ақсай'),
    );
    await market.store.takeDown({ market: 'bazar', listingId: 'b' }, NOW);
    await market.settle();
    expect(await rings()).toEqual({ [before[0]!]: ['c', 'd'] });
    await market.store.takeDown({ market: 'bazar', listingId: 'c' }, NOW);
    await market.settle();
    expect(await rings()).toEqual({});
    expect(await market.rings.get(before[0]!)).toMatchObject({ state: 'withdrawn', why: 'changed' });
  });

  test('counts an honest seller on two marketplaces, known by one phone, as one person', async () => {
    await putHonest();
    const own = { phone: '+77000000011' };
    await put('a', ad('s1', 'Пианино «Беларусь»', BAIT.replace('телефон', 'пианино'), own), 'bazar');
    await put(
      'b',
      ad('other-name', 'Пианино «Беларусь»', BAIT.replace('телефон', 'пианино'), own),
      'tolkuchka',
    );
    await market.settle();
    expect(await market.rings.list(5)).toMatchObject([{ members: 2, actors: 1 }]);
  });

  test('finds the same again in a process that starts anew, and goes on where the last one was', async () => {
    await putHonest();
    await put('a', bait('s1'));
    await put('b', bait('s2'));
    await market.settle();
    const before = await rings();
    market = trialMarket(db);
    await put('c', bait('s3'));
    await market.settle();
    expect(await rings()).toEqual({ [Object.keys(before)[0]!]: ['a', 'b', 'c'] });
  });

  test('does a stretch whole or not at all when its process dies in it', async () => {
    class Killed extends Error {}
    await putHonest();
    for (const id of ['a', 'b', 'c']) await put(id, bait(`s-${id}`));
    let deaths = 0;
    const dying = trialMarket(db, {
      onRings: async () => {
        deaths += 1;
        throw new Killed();
      },
    });
    await expect(dying.settle()).rejects.toThrow(Killed);
    expect(deaths).toBe(1);
    expect(await db.query('select * from market_link')).toEqual([]);
    expect(await market.rings.judged()).toBe(0);
    await market.settle();
    expect(await memberships()).toEqual([['a', 'b', 'c']]);
    expect(await market.rings.judged()).toBe(await market.store.head());
  });

  test('is done once by two processes that do it at the same time', async () => {
    await putHonest();
    for (const id of ['a', 'b', 'c']) await put(id, bait(`s-${id}`));
    const told: string[] = [];
    const heard = (who: string) =>
      trialMarket(db, { onRings: async (_, news) => void told.push(...news.map(() => who)) });
    await Promise.all([heard('one').settle(), heard('other').settle()]);
    expect(told).toHaveLength(1);
    expect(await memberships()).toEqual([['a', 'b', 'c']]);
  });

  test('forgets nothing that people denied: the pair is never of one ring again', async () => {
    await putHonest();
    await put('a', bait('s1'));
    await put('b', bait('s2'));
    await market.settle();
    await market.rings.amend((findings) =>
      market.rings.deny(
        findings,
        [
          [
            { market: 'bazar', listingId: 'b' },
            { market: 'bazar', listingId: 'a' },
          ],
        ],
        { at: NOW, by: 'bazar', reason: 'own stock' },
      ),
    );
    await put('a', bait('s1', ' Торг.'));
    await market.settle();
    expect(await memberships()).toEqual([]);
  });
});

describe('the log', () => {
  test('takes a version that says nothing new for the one that stands', async () => {
    await put('a', bait('s1'));
    await put('a', bait('s1'));
    expect(await market.store.head()).toBe(1);
    await put('a', bait('s1', ' Торг.'));
    expect(await market.store.log(1, 10)).toMatchObject([{ number: 2, listingId: 'a', was: { number: 1 } }]);
  });

  test('holds no identifier in clear text, wherever it was written', async () => {
    const phone = '+77000000042';
    await put(
      'a',
      ad('seller-777', 'Звоните 8 700 000 00 43', `${BAIT} тел. семь ноль ноль 000 00 44`, {
        phone,
        ip: '198.18.7.7',
        device: 'device-888',
      }),
    );
    const kept = JSON.stringify([
      await db.query('select * from market_log'),
      await db.query('select * from market_mark'),
    ]);
    for (const clear of [
      '77000000042',
      '7000000043',
      '700 000 00 43',
      '000 00 44',
      'seller-777',
      '198.18.7.7',
      'device-888',
    ]) {
      expect(kept).not.toContain(clear);
    }
    expect(await market.store.countMarked(market.seal(ad(null, '', '', { phone }), 'bazar').marks)).toEqual([
      1,
    ]);
  });

  test('refuses to be changed', async () => {
    await put('a', bait('s1'));
    await expect(db.query("update market_log set market = 'x'")).rejects.toThrow('only ever added');
  });
});

describe('what a check asks of the market', () => {
  test('tells prices of the first group that has enough of them, the newest first, of listings that stand', async () => {
    const place = async (id: string, price: number, priceGroups: string[]) => {
      const listing = market.seal(ad('s', 'Кресло', 'Кресло из ротанга', { price }), 'bazar');
      const row = { market: 'bazar', listingId: id, listing, isQuiet: false, captureId: null, priceGroups };
      await market.store.place([row], NOW);
    };
    await place('a', 100, ['wide', 'narrow']);
    await place('b', 250.5, ['wide']);
    await place('c', 300, ['wide']);
    await place('d', 400, ['wide']);
    await market.store.takeDown({ market: 'bazar', listingId: 'c' }, NOW);
    expect(await market.store.prices(['narrow', 'wide'], 2)).toEqual([400, 250.5, 100]);
    expect(await market.store.prices(['narrow', 'wide'], 1)).toEqual([100]);
    expect(await market.store.prices(['narrow', 'wide'], 4)).toEqual([]);
  });

  test('brings what is near as it is read of the store, whether the reading was kept or not', async () => {
    await putHonest();
    await put('a', bait('s1'));
    await put('b', bait('s2', ' Торг'));
    await market.index.follow();
    const [a, b] = await market.store.standing([HONEST.length + 1, HONEST.length + 2]);
    const own = market.index.profile(a!);
    const anew = trialMarket(db).index;
    await anew.follow();
    const forgetful = await anew.near(own, a!.number);
    expect(forgetful.map(({ number, listingId }) => [number, listingId])).toEqual([[b!.number, 'b']]);
    expect(forgetful).toEqual(await market.index.near(own, a!.number));
    expect(await market.store.named([a!.number, b!.number, 999], [b!.number])).toEqual([
      { number: a!.number, market: 'bazar', listingId: 'a', listing: null },
      { number: b!.number, market: 'bazar', listingId: 'b', listing: b!.listing },
    ]);
    await market.store.takeDown({ market: 'bazar', listingId: 'b' }, NOW);
    expect(await market.index.near(own, a!.number)).toEqual([]);
  });
});

test('what marketplaces say of rings becomes labelled pairs: the last word counts, and removal says nothing', async () => {
  await tenantStore(db).add({ id: 'bazar', name: 'Bazar', isDry: false, sites: [] }, NOW);
  const words = feedbackStore(db);
  for (const id of ['a', 'b']) await put(id, bait(`s-${id}`));
  const open = { ...market.seal(bait('s-c'), 'bazar'), attributes: { Телефон: '+7 700 000 00 77' } };
  await market.store.place(
    [{ market: 'bazar', listingId: 'c', listing: open, isQuiet: false, captureId: null }],
    NOW,
  );
  await market.settle();
  const [ring] = await market.rings.list(1);
  const [a, b, c] = (await market.rings.members(ring!.id)).map(({ number }) => number) as [
    number,
    number,
    number,
  ];
  const say = (verdict: 'confirm' | 'dispute' | 'removed', pairs: [number, number][]) =>
    db.transaction((tx) =>
      words.note(
        tx,
        { tenant: 'bazar', ringId: ring!.id, verdict, reason: 'seen', listings: [] },
        pairs,
        NOW,
      ),
    );
  await say('confirm', [
    [a, b],
    [a, c],
  ]);
  await say('dispute', [[a, c]]);
  await say('removed', [[b, c]]);
  const labels = [];
  for await (const it of words.labels()) labels.push(it);
  expect(labels.map(({ label }) => label)).toEqual([1, 0]);
  expect(labels[0]!.a.seller).not.toBe(labels[0]!.b.seller);
  // What an older version held in clear is not learnt from.
  expect(labels[1]!.b.attributes).toEqual({ Телефон: ' · ' });
  await expect(db.query('delete from ring_feedback')).rejects.toThrow();
});
