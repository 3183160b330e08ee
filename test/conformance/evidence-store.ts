/** What every evidence store owes, whatever keeps its bytes. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { copyEvidence } from '../../evidence/copy.ts';
import {
  EvidenceAlteredError,
  EvidenceMissingError,
  type EvidenceStore,
  scrub,
} from '../../evidence/store.ts';

export interface KeptPlace {
  /** A store on an empty place of its own. */
  open(): Promise<EvidenceStore>;
  /** Puts other bytes under a name of the store opened last, past the store. */
  alter(name: string, bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** SHA-256 of `күзет` in UTF-8. */
const NAME = '925cfbc88116437399e0bf511007129cd2c9b0f97fe3cec40fd9783f153c4ff8';
const BYTES = Buffer.from('күзет');

export function evidenceStoreConformance(what: string, prepare: () => Promise<KeptPlace>): void {
  describe(`evidence in ${what}`, () => {
    let place: KeptPlace;
    let store: EvidenceStore;
    beforeAll(async () => {
      place = await prepare();
    });
    beforeEach(async () => {
      store = await place.open();
    });
    afterAll(() => place.close());

    test('keeps bytes under their SHA-256', async () => {
      expect(await store.put(BYTES)).toBe(NAME);
      expect(await store.read(NAME)).toEqual(BYTES);
      expect(await store.has(NAME)).toBe(true);
    });

    test('gives back any bytes it was given', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
          const name = await store.put(bytes);
          expect([...(await store.read(name))]).toEqual([...bytes]);
        }),
        { numRuns: 25 },
      );
    });

    test('keeps the same bytes once, put ten times at once', async () => {
      const names = await Promise.all(Array.from({ length: 10 }, () => store.put(BYTES)));
      expect(new Set(names)).toEqual(new Set([NAME]));
      expect(await all(store)).toEqual([NAME]);
    });

    test('lists names in ascending order', async () => {
      const names = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => store.put(Buffer.from(text))));
      expect(await all(store)).toEqual([...names].sort());
    });

    test('says that a blob is missing, and where it should be', async () => {
      const missing = await store.read(NAME).catch((error: unknown) => error);
      expect(missing).toBeInstanceOf(EvidenceMissingError);
      expect(String(missing)).toContain(store.place);
      expect(await store.has(NAME)).toBe(false);
    });

    test('takes no path for a name', async () => {
      expect(await store.has('../secret')).toBe(false);
      await expect(store.read('../secret')).rejects.toBeInstanceOf(EvidenceMissingError);
      expect(await store.erase('../secret')).toBe(false);
    });

    test('refuses to hand out an altered blob', async () => {
      await store.put(BYTES);
      await place.alter(NAME, Buffer.from('күзең'));
      await expect(store.read(NAME)).rejects.toBeInstanceOf(EvidenceAlteredError);
    });

    test('refuses to call bytes kept when others stand in their place, and leaves those for the inquiry', async () => {
      await store.put(BYTES);
      await place.alter(NAME, Buffer.from('cut'));
      await expect(store.put(BYTES)).rejects.toBeInstanceOf(EvidenceAlteredError);
      await expect(store.read(NAME)).rejects.toBeInstanceOf(EvidenceAlteredError);
    });

    test('takes a blob away when told to, once, and takes it in again', async () => {
      await store.put(BYTES);
      expect(await store.erase(NAME)).toBe(true);
      expect(await store.erase(NAME)).toBe(false);
      expect([await store.has(NAME), await all(store)]).toEqual([false, []]);
      expect(await store.put(BYTES)).toBe(NAME);
    });

    test('a scrub names what was altered, what is missing, and what was deleted by decision', async () => {
      await store.put(Buffer.from('a'));
      await store.put(BYTES);
      await place.alter(NAME, Buffer.from('altered'));
      const [missing, deleted] = ['1'.repeat(64), '2'.repeat(64)];
      const report = await scrub(store, [NAME, missing, deleted], async (name) => name === deleted);
      expect([report.blobs, report.bytes, report.deleted]).toEqual([3, 1, 1]);
      expect(report.faults.map(({ name, facts }) => [name, facts.sha256])).toEqual([
        ['EvidenceAlteredError', NAME],
        ['EvidenceMissingError', missing],
      ]);
    });

    test('is copied to another one, and what is there already is not read again', async () => {
      const names = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => store.put(Buffer.from(text))));
      const other = await place.open();
      await other.put(Buffer.from('c'));
      const read: string[] = [];
      const watched: EvidenceStore = {
        ...store,
        read(name) {
          read.push(name);
          return store.read(name);
        },
      };
      const told = [];
      for await (const progress of copyEvidence(watched, other, { every: 2 })) told.push(progress);
      expect(told.map(({ seen, isDone }) => [seen, isDone])).toEqual([
        [2, false],
        [4, false],
        [5, true],
      ]);
      expect(told.at(-1)).toMatchObject({ copied: 4, copiedBytes: 4, faults: [] });
      expect(read.sort()).toEqual(names.filter((name) => name !== names[2]).sort());
      expect(await all(other)).toEqual([...names].sort());
      for await (const progress of copyEvidence(watched, other)) expect(progress.copied).toBe(0);
    });

    test('finds a flipped byte in every one of 100 blobs, and no fault in 20 others', async () => {
      const names: string[] = [];
      for (let n = 0; n < 120; n += 1) names.push(await store.put(Buffer.from(`blob ${n}`.repeat(20))));
      const flipped = names.slice(0, 100);
      for (const [n, name] of flipped.entries()) {
        const bytes = Buffer.from(`blob ${n}`.repeat(20));
        const at = (n * 7) % bytes.length;
        bytes[at]! ^= 1 << (n % 8);
        await place.alter(name, bytes);
      }
      const { faults } = await scrub(store);
      expect(faults.map(({ facts }) => facts.sha256)).toEqual([...flipped].sort());
    });
  });
}

async function all(store: EvidenceStore): Promise<string[]> {
  const names: string[] = [];
  for await (const name of store.list()) names.push(name);
  return names;
}
