/** What the frontier owes (`store/frontier.ts`), whichever engine keeps it: each promise a test, the first two as laws. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SEED_PRIORITY } from '../../domain/priority.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { laneOf } from '../../domain/urgency.ts';
import type { Database } from '../../store/database.ts';
import { type DueUrl, type FoundUrl, urlKey } from '../../store/frontier.ts';
import { LeaseLostError, type Visit } from '../../store/lease.ts';
import type { NewScan } from '../../store/scans.ts';
import { urlStory } from '../../store/story.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id, idle } from './rows.ts';

const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);

export function frontierConformance(name: string, open: () => Promise<Database>): void {
  describe(`the frontier on ${name}`, () => {
    let db: Database;
    let hosts = 0;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const freshHost = () => {
      hosts += 1;
      return `frontier-${hosts}.test`;
    };
    const scan = async (urls: readonly string[], how: Partial<NewScan> = {}) => {
      const scanId = id();
      const seeds = urls.map((url) => new URL(url));
      const settings = DEFAULT_SETTINGS;
      await visitStore(db).startScan({
        ...{ id: scanId, visitIds: id, seeds, refusals: [], settings, now: at },
        ...how,
      });
      return scanId;
    };
    const take = async (host: string) => (await visitStore(db).claim(host, id(), at))!;
    const failed = { is: 'failed', reason: 'dns', detail: 'no such name' } as const;

    test('gives what is due in the order stated: priority, fewest links away, key', async () => {
      const entry = fc.record({ path: fc.nat({ max: 40 }), priority: fc.nat({ max: 3 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (entries) => {
          const visits = visitStore(db);
          const host = freshHost();
          await scan([`https://${host}/`]);
          const visit = await take(host);
          const seed = (await visits.nextDue(visit))!;
          const found = entries.map(({ path, priority }) => link(`https://${host}/${path}`, priority));
          await visits.finish(visit, seed, { outcome: failed, captured: null, found, host: idle });
          const first = new Map<string, FoundUrl>();
          for (const each of found.toSorted((a, b) => b.priority - a.priority))
            if (!first.has(each.url.href)) first.set(each.url.href, each);
          const order: string[] = [];
          for (let due = await visits.nextDue(visit); due !== null; due = await visits.nextDue(visit)) {
            order.push(due.url);
            await visits.finish(visit, due, { outcome: failed, captured: null, found: [], host: idle });
          }
          const keyOf = (url: URL) => urlKey(url).toString('hex');
          const stated = [...first.values()].sort(
            (a, b) => b.priority - a.priority || (keyOf(a.url) < keyOf(b.url) ? -1 : 1),
          );
          expect(order).toEqual(stated.map(({ url }) => url.href));
        }),
        { numRuns: 12 },
      );
    });

    test('loses nothing and captures nothing twice, in whatever order workers live and die', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(STEP, { minLength: 4, maxLength: 30 }), async (steps) => {
          const host = freshHost();
          const scanId = await scan([`https://${host}/0`]);
          const life = new Life(db, host, await take(host));
          for (const step of steps) await life.live(step);
          await life.drain();
          expect(await visitStore(db).counts([scanId])).toEqual({
            ...{ hosts: 1, hostsDone: 1, due: 0, unchanged: 0, skipped: 0 },
            ...life.tally(),
          });
          const kept = await db.query<{ url: string }>('select url from capture where visit_id = $1', [
            life.visitId,
          ]);
          expect(kept.map(({ url }) => url).sort()).toEqual(life.captured());
          const lines = await visitStore(db).news([scanId], 0);
          expect(lines.map(({ url }) => url).sort()).toEqual(life.known());
        }),
        { numRuns: 25 },
      );
    });

    test('refuses every word of a worker whose visit was taken, and nothing of it stays', async () => {
      const visits = visitStore(db);
      const host = freshHost();
      const scanId = await scan([`https://${host}/a`, `https://${host}/b`]);
      const slow = await take(host);
      const due = (await visits.nextDue(slow))!;
      await take(host);
      const found = [link(`https://${host}/c`, 5)];
      for (const word of [
        () => visits.finish(slow, due, captured(slow, due, found)),
        () => visits.putBack(slow, due, idle),
        () => visits.defer(slow, due, later(60)),
        () => visits.putOff(slow, due, later(60)),
        () => visits.skipRest(slow, 'budget', 'enough'),
        () => visits.close(slow, at),
      ]) {
        await expect(word()).rejects.toThrow(LeaseLostError);
      }
      expect(await visits.counts([scanId])).toMatchObject({ due: 2, captured: 0, skipped: 0, hostsDone: 0 });
    });

    test('hands out nothing before its moment', async () => {
      const visits = visitStore(db);
      const host = freshHost();
      await scan([`https://${host}/`]);
      const visit = await take(host);
      const due = (await visits.nextDue(visit))!;
      await visits.defer(visit, due, later(60));
      expect(await visits.nextDue(visit)).toBeNull();
      expect(await visits.wake(visit, later(59))).toEqual(later(60));
      expect(await visits.nextDue(visit)).toBeNull();
      await visits.putOff(visit, null, later(30));
      expect(await visits.claim(host, id(), later(29))).toBeNull();
      const again = (await visits.claim(host, id(), later(30)))!;
      expect(await visits.wake(again, later(60))).toEqual(later(60));
      expect(await visits.nextDue(again)).toMatchObject({ url: `https://${host}/`, starts: 1 });
    });

    test('gives every lane its share of each round, and within it the most urgent host first', async () => {
      const visits = visitStore(db);
      // What other tests left open is no part of this one.
      await db.query("update visit set state = 'done' where state <> 'done'");
      const many = Array.from({ length: 300 }, (_, n) => `https://many-${n}.test/`);
      const sitemap = laneOf({ name: 'map', kind: 'sitemap', priority: 'normal' });
      await scan(many, { lane: sitemap, urgencyOf: (host) => (host === 'many-250.test' ? 40 : 0) });
      const tips = laneOf({ name: 'tips', kind: 'tips', priority: 'normal' });
      await scan(['https://tip.test/'], { lane: tips, now: later(60) });
      await scan(['https://by-hand.test/'], { now: later(90) });
      const due = await visits.dueHosts(100, later(90));
      expect(due).toHaveLength(100);
      // The sitemap has two visits in a round: its own two, then those who came a minute later, then the rest.
      expect(due.slice(0, 4)).toEqual(['many-0.test', 'many-250.test', 'tip.test', 'by-hand.test']);
      expect(await visits.dueHosts(1, later(90))).toHaveLength(1);
    });

    test('takes up no more of one shape than its budget, and tells why of each beyond', async () => {
      const visits = visitStore(db);
      const host = freshHost();
      const scanId = await scan([`https://${host}/calendar`]);
      const visit = await take(host);
      const seed = (await visits.nextDue(visit))!;
      const days = (from: number) =>
        Array.from({ length: 3 }, (_, n) => ({
          ...link(`https://${host}/2026/11/${from + n}`, 0),
          shape: { name: '/#/#/#', most: 4 },
        }));
      await visits.finish(visit, seed, { outcome: failed, captured: null, found: days(1), host: idle });
      expect(await visits.counts([scanId])).toMatchObject({ due: 3, skipped: 0 });
      const day = (await visits.nextDue(visit))!;
      await visits.finish(visit, day, {
        ...{ outcome: failed, captured: null, host: idle },
        found: [
          ...days(1),
          ...days(4),
          { ...link(`https://${host}/loop/loop/loop`, 0), refusal: 'it loops' },
        ],
      });
      expect(await visits.counts([scanId])).toMatchObject({ due: 3, skipped: 3, failed: 2 });
      const told = (await visits.news([scanId], 0)).filter(({ outcome }) => outcome.is === 'skipped');
      expect(told.map(({ outcome }) => outcome)).toEqual([
        ...Array.from({ length: 2 }, () => ({
          ...{ is: 'skipped', reason: 'trap', detail: 'a visit reads 4 addresses like /#/#/#' },
        })),
        { is: 'skipped', reason: 'trap', detail: 'it loops' },
      ]);
      const story = await urlStory(db, new URL(`https://${host}/2026/11/6`));
      expect(story.visits[0]?.outcome).toMatchObject({ reason: 'trap' });
    });

    test('leaves a shape whose pages repeat each other, and no other', async () => {
      const visits = visitStore(db);
      const host = freshHost();
      const scanId = await scan([`https://${host}/`]);
      const visit = await take(host);
      const seed = (await visits.nextDue(visit))!;
      const shaped = (path: string, name: string) => ({
        ...link(`https://${host}/${path}`, name === 'p' ? 9 : 1),
        shape: { name, most: 100 },
      });
      const found = [...Array.from({ length: 15 }, (_, n) => shaped(`p/${n}`, 'p')), shaped('plans', 'q')];
      await visits.finish(visit, seed, captured(visit, seed, found));
      for (let page = 0; page < 9; page += 1) {
        const due = (await visits.nextDue(visit))!;
        expect(due.shape).toMatchObject({ shape: 'p', alike: Math.max(0, page - 1) });
        const it = captured(visit, due, [shaped(`p/more-${page}`, 'p')]);
        await visits.finish(visit, due, { ...it, captured: { ...it.captured, print: '00000000000000ff' } });
      }
      expect(await visits.nextDue(visit)).toMatchObject({ url: `https://${host}/plans` });
      // 15 links and 9 more, of which 9 were read.
      expect(await visits.counts([scanId])).toMatchObject({ captured: 10, due: 1, skipped: 15 });
    });
  });
}

function link(url: string, priority: number): FoundUrl {
  return { url: new URL(url), priority, shape: null, refusal: null };
}

/** What may happen to a visit, in any order. */
const STEP = fc.oneof(
  fc.constant({ is: 'take' } as const),
  fc.record({
    is: fc.constant('finish' as const),
    captures: fc.boolean(),
    finds: fc.array(fc.record({ path: fc.nat({ max: 9 }), priority: fc.nat({ max: 3 }) }), { maxLength: 4 }),
  }),
  fc.constant({ is: 'put back' } as const),
  fc.record({ is: fc.constant('defer' as const), seconds: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ is: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 9 }) }),
  fc.constant({ is: 'die' } as const),
  fc.constant({ is: 'a dead one speaks' } as const),
  fc.constant({ is: 'put off' } as const),
);
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

interface Known {
  readonly url: string;
  priority: number;
  readonly depth: number;
  until: number;
  end: 'captured' | 'failed' | null;
}

/** One visit, lived beside a model of it; every answer of the store is the model's. */
class Life {
  readonly #db: Database;
  readonly #host: string;
  readonly #model = new Map<string, Known>();
  readonly #dead: { visit: Visit; due: DueUrl }[] = [];
  #visit: Visit;
  #held: DueUrl | null = null;
  #seconds = 0;

  constructor(db: Database, host: string, visit: Visit) {
    this.#db = db;
    this.#host = host;
    this.#visit = visit;
    this.#learn(`https://${host}/0`, SEED_PRIORITY, 0);
  }

  get visitId(): string {
    return this.#visit.id;
  }

  tally(): { captured: number; failed: number } {
    const ends = [...this.#model.values()].map(({ end }) => end);
    return {
      captured: ends.filter((end) => end === 'captured').length,
      failed: ends.filter((end) => end === 'failed').length,
    };
  }

  captured(): string[] {
    return [...this.#model.values()].flatMap(({ url, end }) => (end === 'captured' ? [url] : [])).sort();
  }

  known(): string[] {
    return [...this.#model.values()].map(({ url }) => url).sort();
  }

  async live(step: Step): Promise<void> {
    const visits = visitStore(this.#db);
    const held = this.#held;
    switch (step.is) {
      case 'take':
        return this.#take();
      case 'wait':
        this.#seconds += step.seconds;
        return this.#wake();
      case 'die':
        if (held !== null) this.#dead.push({ visit: this.#visit, due: held });
        return this.#claim();
      case 'put off':
        await visits.putOff(this.#visit, held, null);
        return this.#claim();
      case 'a dead one speaks': {
        const dead = this.#dead.at(-1);
        if (dead === undefined) return;
        const word = captured(dead.visit, dead.due, [
          { url: new URL(`https://${this.#host}/stale`), priority: 9 },
        ]);
        await expect(visits.finish(dead.visit, dead.due, word)).rejects.toThrow(LeaseLostError);
        return;
      }
      case 'finish': {
        if (held === null) return;
        const found = step.finds.map(({ path, priority }) => link(`https://${this.#host}/${path}`, priority));
        const brought = captured(this.#visit, held, found);
        const none = { is: 'failed', reason: 'dns', detail: 'no such name' } as const;
        await visits.finish(
          this.#visit,
          held,
          step.captures ? brought : { ...brought, outcome: none, captured: null },
        );
        this.#model.get(held.url)!.end = step.captures ? 'captured' : 'failed';
        for (const { url, priority } of found.toSorted((a, b) => b.priority - a.priority))
          this.#learn(url.href, priority, held.depth + 1);
        this.#held = null;
        return;
      }
      case 'put back':
        if (held === null) return;
        await visits.putBack(this.#visit, held, idle);
        this.#model.get(held.url)!.priority -= 2_000;
        this.#held = null;
        return;
      case 'defer':
        if (held === null) return;
        await visits.defer(this.#visit, held, later(this.#seconds + step.seconds));
        this.#model.get(held.url)!.until = this.#seconds + step.seconds;
        this.#held = null;
        return;
    }
  }

  /** Goes on to the end. */
  async drain(): Promise<void> {
    this.#seconds += 1_000;
    await this.#claim();
    await this.#wake();
    for (let left = this.#due().length; left > 0; left = this.#due().length) {
      await this.#take();
      await this.live({ is: 'finish', captures: true, finds: [] });
    }
    await this.#take();
    expect(this.#held).toBeNull();
    await visitStore(this.#db).close(this.#visit, at);
  }

  async #take(): Promise<void> {
    this.#held = await visitStore(this.#db).nextDue(this.#visit);
    expect(this.#held?.url ?? null).toBe(this.#due()[0]?.url ?? null);
  }

  async #claim(): Promise<void> {
    this.#visit = (await visitStore(this.#db).claim(this.#host, id(), later(this.#seconds)))!;
    this.#held = null;
  }

  async #wake(): Promise<void> {
    const at = await visitStore(this.#db).wake(this.#visit, later(this.#seconds));
    for (const known of this.#model.values()) if (known.until <= this.#seconds) known.until = 0;
    const open = [...this.#model.values()].filter(({ end }) => end === null);
    const next = open.length === 0 ? null : Math.min(...open.map(({ until }) => until));
    const expected = next === null ? null : later(next === 0 ? this.#seconds : next);
    expect(at).toEqual(expected);
  }

  #due(): Known[] {
    const keyOf = ({ url }: Known) => urlKey(new URL(url)).toString('hex');
    return [...this.#model.values()]
      .filter(({ end, until }) => end === null && until === 0)
      .sort((a, b) => b.priority - a.priority || a.depth - b.depth || (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  #learn(url: string, priority: number, depth: number): void {
    if (!this.#model.has(url)) this.#model.set(url, { url, priority, depth, until: 0, end: null });
  }
}
