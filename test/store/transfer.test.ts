import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import {
  exportStore,
  type Giver,
  importStore,
  StoreNotEmptyError,
  type Taker,
  TransferDamagedError,
  TransferVersionError,
} from '../../store/transfer.ts';
import type { Engine } from '../engines/places.ts';
import { freshDatabase, postgresMissing, startPostgres } from '../engines/postgres.ts';

let server: Engine | null = null;
let full: Database;
let empty: Database;
let file: Buffer;

const PICTURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 10, 13]);
const WARC = Buffer.from('WARC/1.1\r\nҚазақша\n');

beforeAll(async () => {
  server = await startPostgres();
  full = await openDatabase({ memory: true });
  empty = await openDatabase({ memory: true });
  await fill(full);
  file = await bytesOf(exportStore(full, giver([PICTURE, WARC])));
});
afterAll(async () => {
  await full.close();
  await empty.close();
  await server?.stop();
});

describe('an exported store', () => {
  test('is the same bytes each time', async () => {
    expect(await bytesOf(exportStore(full, giver([PICTURE, WARC])))).toEqual(file);
  });

  test('names its tables with their rows first, parents before children, and closes with the SHA-256 of it all', () => {
    const lines = gunzipSync(file).toString().split('\n').slice(0, -1);
    const header = JSON.parse(lines[0]!);
    expect(header).toMatchObject({ format: 'kuzet-store', version: 1 });
    const names: string[] = header.tables.map((table: { name: string }) => table.name);
    expect(names).not.toContain('migration');
    for (const [child, parent] of [
      ['visit', 'scan'],
      ['frontier', 'visit'],
      ['page', 'capture'],
      ['act', 'cases'],
    ]) {
      expect(names.indexOf(child!)).toBeGreaterThan(names.indexOf(parent!));
    }
    expect(header.tables.find((table: { name: string }) => table.name === 'host').rows).toBe(450);
    const before = lines.slice(0, -1).map((line) => `${line}\n`);
    const sha256 = createHash('sha256').update(before.join('')).digest('hex');
    expect(JSON.parse(lines.at(-1)!)).toEqual({ end: { rows: lines.length - 4, blobs: 2, sha256 } });
  });

  test('may be left half-way: the store goes on at once', async () => {
    for await (const chunk of exportStore(full, giver([PICTURE]))) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await full.query('select count(*) as n from host')).toEqual([{ n: 450 }]);
  });

  test('does not keep the store waiting for a slow reader', async () => {
    const slow = exportStore(full, null);
    await slow.next();
    expect(await full.query('select count(*) as n from host')).toEqual([{ n: 450 }]);
    await slow.return(undefined);
  });
});

describe('an imported store', () => {
  test('has every row and piece of evidence, value for value, and numbers on where the old one stood', async () => {
    const other = await openDatabase({ memory: true });
    const taken = taker();
    expect(await importStore(other, taken, pieces(file, 1000))).toEqual({ rows: 462, blobs: 2 });
    expect(taken.names()).toEqual([sha256(PICTURE), sha256(WARC)].sort());
    expect(await bytesOf(exportStore(other, giver([PICTURE, WARC])))).toEqual(file);
    const [row] = await other.query<{ id: number }>(
      `insert into cases (subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at)
       values ('site', 'next.test', 'pyramid', 0.5, 1, 'open', '{}', '{}', '[]', now(), now()) returning id`,
    );
    expect(row).toEqual({ id: 42 });
    expect(await other.query("select nextval('frontier_finished') as n")).toEqual([{ n: 8 }]);
    await other.close();
  });

  const skipped = postgresMissing === null ? '' : ` (skipped: ${postgresMissing})`;
  test.skipIf(postgresMissing !== null)(
    `is the same after PGlite, PostgreSQL and PGlite again${skipped}`,
    async () => {
      const postgres = await openDatabase({ url: await freshDatabase(server!) });
      const rows = await bytesOf(exportStore(full, null));
      await importStore(postgres, null, pieces(rows, 7));
      const there = await bytesOf(exportStore(postgres, null));
      expect(gunzipSync(there).toString()).toBe(gunzipSync(rows).toString());
      const back = await openDatabase({ memory: true });
      await importStore(back, null, pieces(there, 65_536));
      expect(gunzipSync(await bytesOf(exportStore(back, null))).toString()).toBe(gunzipSync(rows).toString());
      await postgres.close();
      await back.close();
    },
  );

  test('refuses a store that has rows', async () => {
    await expect(importStore(full, null, pieces(file, 1000))).rejects.toThrow(StoreNotEmptyError);
  });

  test('of an empty store is empty, and takes another afterwards', async () => {
    const nothing = await bytesOf(exportStore(empty, null));
    expect(await importStore(empty, null, pieces(nothing, 100))).toEqual({ rows: 0, blobs: 0 });
  });
});

describe('a file that is not as it was written', () => {
  const refused = async (bytes: Buffer, error: new (...facts: never[]) => Error = TransferDamagedError) => {
    await expect(importStore(empty, taker(), pieces(bytes, 4096))).rejects.toThrow(error);
    for (const { name } of await empty.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'kuzet' and tablename <> 'migration'",
    )) {
      expect(await empty.query(`select 1 from ${name}`)).toEqual([]);
    }
  };
  const lines = () => gunzipSync(file).toString().split('\n').slice(0, -1);
  const packed = (changed: readonly string[]) => gzipSync(changed.map((line) => `${line}\n`).join(''));

  test('is refused cut at any byte, and leaves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), (length) => refused(file.subarray(0, length))),
      { numRuns: 25, examples: [[0], [1], [file.length - 1]] },
    );
  });

  test('is refused without its last lines, any number of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(lines().length - 1), (count) => refused(packed(lines().slice(0, count)))),
      { numRuns: 15 },
    );
  });

  test('is refused with any line changed, left out, or twice', async () => {
    const change = fc.constantFrom('changed', 'left out', 'twice');
    await fc.assert(
      fc.asyncProperty(fc.nat(lines().length - 2), change, async (at, how) => {
        const all = lines();
        const line = all[at]!;
        // The last digit or letter before the closing brackets becomes another.
        const other = line.replace(/[0-9a-z](?=[^0-9a-z]*$)/, (letter) => (letter === '1' ? '2' : '1'));
        expect(other).not.toBe(line);
        all.splice(at, 1, ...{ changed: [other], 'left out': [], twice: [line, line] }[how]!);
        await refused(packed(all), Error);
      }),
      { numRuns: 40 },
    );
  });

  test('is refused when a value was changed and says at what line', async () => {
    const all = lines();
    const at = all.findIndex((line) => line.startsWith('["host"'));
    all[at] = all[at]!.replace('.test', '.teст');
    await expect(importStore(empty, null, pieces(packed(all), 999))).rejects.toThrow(`Line ${all.length}`);
  });

  test('is refused when something follows its end, or its bytes are none of ours', async () => {
    await refused(packed([...lines(), '["host",["late.test",null,"{}",null]]']));
    await refused(Buffer.from('id;host\n1;a.test\n'));
    await refused(packed(['{"format":"another"}']));
    await refused(packed(['not json']));
  });

  test('is refused by name when its format or its store is another version', async () => {
    const [header, ...rest] = lines();
    const as = (change: object) => packed([JSON.stringify({ ...JSON.parse(header!), ...change }), ...rest]);
    await refused(as({ version: 2 }), TransferVersionError);
    await refused(as({ migration: 9999 }), TransferVersionError);
  });

  test('gives the reading error itself when the file cannot be read', async () => {
    const broken = (async function* () {
      yield file.subarray(0, 100);
      throw new Error('the disk was pulled out');
    })();
    await expect(importStore(empty, null, broken)).rejects.toThrow('the disk was pulled out');
  });
});

/** 450 hosts, and a line of parents and children with every column type. */
async function fill(db: Database): Promise<void> {
  const scan = '018f3a00-0000-7000-8000-000000000001';
  const visit = '018f3a00-0000-7000-8000-000000000002';
  const capture = '018f3a00-0000-7000-8000-000000000003';
  await db.query(
    `insert into host (host, politeness) select 'h' || n || '.test', jsonb_build_object('n', n) from generate_series(1, 450) n`,
  );
  await db.query(`insert into scan values ($1, '2026-01-31 09:30:00.123456+05', '{"pages": 20}')`, [scan]);
  await db.query(
    `insert into visit (id, scan_id, host, state, queued_at) values ($1, $2, 'a.test', 'queued', now())`,
    [visit, scan],
  );
  for (const [n, state] of ['due', 'done'].entries()) {
    await db.query(
      `insert into frontier (visit_id, url_key, url, depth, priority, seed, state, outcome, detail, finished_seq)
       values ($1, $2, $3, 0, 0, true, $4, $5, $6, $7)`,
      [
        visit,
        Buffer.from([n, 0, 255]),
        `https://a.test/${n}`,
        state,
        state === 'done' ? 'failed' : null,
        'кавычки " обратная \\ строка\nтабуляция\t{a,b} NULL',
        state === 'done' ? 7 : null,
      ],
    );
  }
  await db.query("select setval('frontier_finished', 7)");
  await db.query(
    `insert into capture (id, visit_id, url_key, site_kind, site_key, url, final_url, captured_at, status, media_type,
       body_sha256, body_bytes, warc, hops)
     values ($1, $2, '\\x00', 'site', 'a.test', 'https://a.test/', 'https://a.test/', now(), 200, 'text/html',
       'aa', 9007199254740991, 'bb', '[{"url": "https://a.test/", "status": 200, "location": null}]')`,
    [capture, visit],
  );
  await db.query(
    `insert into cases (id, subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at)
     values (41, 'site', 'a.test', 'pyramid', 0.1::float8 + 0.2::float8, 1, 'open', '{}', '{}', '[]', now(), now())`,
  );
  await db.query("select setval(pg_get_serial_sequence('cases', 'id'), 41)");
  await db.query('insert into case_capture values (41, $1)', [capture]);
  await db.query(
    `insert into act (at, case_id, revision, by, kind, facts) values (now(), 41, 1, 'kuzet', 'opened', '{"ә": [1.50, null]}')`,
  );
  await db.query(
    `insert into batch (id, channel, org, day, seq, built_at, facts) values ('KN_T_20260131_001', 'kibernadzor', 'T', '2026-01-31', 1, now(), '{}')`,
  );
  await db.query(
    `insert into account (login, name, role, created_at) values ('a', 'Айгерім', 'officer', 'infinity')`,
  );
}

function giver(blobs: readonly Buffer[]): Giver {
  const byName = new Map(blobs.map((bytes) => [sha256(bytes), bytes]));
  return {
    async *list() {
      yield* [...byName.keys()].sort();
    },
    read: async (name) => byName.get(name)!,
  };
}

function taker(): Taker & { names(): string[] } {
  const names: string[] = [];
  return {
    put: async (bytes) => names.push(sha256(Buffer.from(bytes))),
    names: () => names.sort(),
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
