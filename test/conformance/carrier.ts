/** What every way out of the house does: `queues/carriers/`. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { zip } from '../../domain/zip.ts';
import type { BatchFile, Carrier } from '../../queues/carriers/carrier.ts';

export interface CarrierPlace {
  readonly carrier: Carrier;
  /** A carrier to where nobody listens. */
  readonly deaf: Carrier;
  /** What arrived, by name, as SHA-256 of the file that it is or speaks of. */
  arrived(): Promise<ReadonlyMap<string, string>>;
}

const AT = new Date('2026-11-22T10:00:00.000Z');

async function batch(name: string, words: string): Promise<BatchFile> {
  const files = new Map([
    ['manifest.json', Buffer.from('{"profile":"kibernadzor-batch/1.0.0"}')],
    [
      'referrals.xml',
      Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<referrals>${words}</referrals>\n`),
    ],
    ['form/screens/1.png', createHash('sha512').update(words).digest()],
  ]);
  const bytes = await zip(files, AT);
  return { name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function carrierConformance(name: string, open: () => Promise<CarrierPlace>): void {
  describe(`a carrier: ${name}`, () => {
    let place: CarrierPlace;
    beforeAll(async () => {
      place = await open();
    }, 120_000);

    test('brings a file, and brings the same file again without changing anything', async () => {
      const file = await batch('KN_EXAMPLE_20261122_001_v1.zip', 'бір');
      await place.carrier.carry(file);
      expect((await place.arrived()).get(file.name)).toBe(file.sha256);
      const before = [...(await place.arrived())];
      await place.carrier.carry(file);
      expect([...(await place.arrived())]).toEqual(before);
    }, 120_000);

    test('brings two at once, each whole', async () => {
      const files = [
        await batch('KN_EXAMPLE_20261122_002_v1.zip', 'екі'),
        await batch('KN_EXAMPLE_20261122_003_v1.zip', 'үш'),
      ];
      await Promise.all(files.map((file) => place.carrier.carry(file)));
      const arrived = await place.arrived();
      expect(files.map((file) => arrived.get(file.name))).toEqual(files.map(({ sha256 }) => sha256));
    }, 120_000);

    test('fails in a way that is tried again where nobody answers, and names no secret', async () => {
      const file = await batch('KN_EXAMPLE_20261122_004_v1.zip', 'төрт');
      const failed = await place.deaf.carry(file).catch((cause: Error) => cause);
      expect(failed).toMatchObject({ name: 'CarryFailedError', facts: { file: file.name } });
      expect(`${(failed as Error).message} ${place.deaf.target} ${place.carrier.target}`).not.toContain(
        's3cret',
      );
    }, 120_000);
  });
}
