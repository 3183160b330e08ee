import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localHouse } from '../../cli/operations.ts';
import { openRooms, type Rooms } from '../../cli/rooms.ts';
import { readConfig } from '../../config.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-export-'));
let rooms: Rooms;

beforeAll(async () => {
  rooms = await openRooms(readConfig({}, folder));
});
afterAll(async () => {
  await rooms.close();
  rmSync(folder, { recursive: true, force: true });
});

async function exported(evidence: boolean, by: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const { chunk } of localHouse(rooms).ask('export', { evidence, by }))
    chunks.push(Buffer.from(chunk, 'base64'));
  return gunzipSync(Buffer.concat(chunks)).toString('utf8');
}

test('a copy of the store is told in the ledger with who took it, and the copy has that row', async () => {
  const at = new Date('2026-11-22T09:00:00.000Z');
  await exported(true, 'early');
  await rooms.custody.left('downloaded', 'K-000001', 'bolat', at);
  rooms.custody.viewed('K-000001', 'bolat', at);
  const copy = await exported(true, ' Aigerim');
  await exported(false, 'dana');
  const told = (await rooms.custody.of('K-000001')).map(({ entry }) => {
    const { what, of, by } = JSON.parse(entry);
    return [what, of, by];
  });
  // The first copy was taken before anybody handled the case.
  expect(told).toEqual([
    ['downloaded', 'K-000001', 'bolat'],
    ['viewed', undefined, 'bolat'],
    ['exported', 'store', 'aigerim'],
    ['exported', 'store-rows', 'dana'],
  ]);
  expect(copy).toContain('aigerim');
  expect(copy).not.toContain('dana');
});
