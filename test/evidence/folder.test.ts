import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import {
  EvidenceAlteredError,
  EvidenceMissingError,
  type EvidenceStore,
  EvidenceWriteError,
  scrub,
} from '../../evidence/store.ts';
import { evidenceStoreConformance } from '../conformance/evidence-store.ts';

const run = promisify(execFile);

/** SHA-256 of `күзет` in UTF-8. */
const NAME = '925cfbc88116437399e0bf511007129cd2c9b0f97fe3cec40fd9783f153c4ff8';
const BYTES = Buffer.from('күзет');

let folder: string;
let store: EvidenceStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kuzet-evidence-'));
  store = await openEvidenceFolder(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const fileOf = (name: string, place = folder) => join(place, 'sha256', name.slice(0, 2), name);
/** Where earlier stores put it. */
const deepFileOf = (name: string) => join(folder, 'sha256', name.slice(0, 2), name.slice(2, 4), name);
async function putDeep(name: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(deepFileOf(name)), { recursive: true });
  await writeFile(deepFileOf(name), bytes, { mode: 0o444 });
}

async function listed(): Promise<string[]> {
  const names: string[] = [];
  for await (const name of store.list()) names.push(name);
  return names;
}

evidenceStoreConformance('a folder', async () => {
  const places: string[] = [];
  return {
    async open() {
      places.push(await mkdtemp(join(tmpdir(), 'kuzet-evidence-')));
      return openEvidenceFolder(places.at(-1)!);
    },
    async alter(name, bytes) {
      const file = fileOf(name, places.at(-1));
      await chmod(file, 0o644);
      await writeFile(file, bytes);
    },
    async close() {
      for (const place of places) await rm(place, { recursive: true, force: true });
    },
  };
});

describe('openEvidenceFolder', () => {
  test('keeps bytes under their SHA-256, in the folder of its first two digits', async () => {
    expect(await store.put(BYTES)).toBe(NAME);
    expect(await readFile(fileOf(NAME))).toEqual(BYTES);
  });

  test('makes blobs read-only', async () => {
    await store.put(BYTES);
    expect((await stat(fileOf(NAME))).mode & 0o222).toBe(0);
  });

  test('keeps the same bytes once and leaves the first file alone', async () => {
    await store.put(BYTES);
    const first = await stat(fileOf(NAME));
    await store.put(BYTES);
    expect((await stat(fileOf(NAME))).ino).toBe(first.ino);
    expect(await listed()).toEqual([NAME]);
  });

  test('reads, lists and takes away what earlier stores kept two folders deep', async () => {
    await putDeep(NAME, BYTES);
    const other = await store.put(Buffer.from('other'));
    expect(await store.has(NAME)).toBe(true);
    expect(await store.read(NAME)).toEqual(BYTES);
    expect(await listed()).toEqual([other, NAME].sort());
    expect(await store.erase(NAME)).toBe(true);
    expect([await store.has(NAME), await listed()]).toEqual([false, [other]]);
  });

  test('keeps bytes once that stand two folders deep already, and refuses others in their place', async () => {
    await putDeep(NAME, BYTES);
    expect(await store.put(BYTES)).toBe(NAME);
    expect(await readdir(dirname(fileOf(NAME)))).toEqual([NAME.slice(2, 4)]);
    await chmod(deepFileOf(NAME), 0o644);
    await writeFile(deepFileOf(NAME), 'cut');
    await expect(store.put(BYTES)).rejects.toBeInstanceOf(EvidenceAlteredError);
  });

  test('a blob that stands in both places is one, and goes from both', async () => {
    await store.put(BYTES);
    await putDeep(NAME, BYTES);
    expect(await listed()).toEqual([NAME]);
    expect(await store.erase(NAME)).toBe(true);
    expect([await store.has(NAME), await listed()]).toEqual([false, []]);
  });

  test('makes a folder again that somebody took away', async () => {
    await store.put(BYTES);
    await rm(dirname(fileOf(NAME)), { recursive: true });
    expect(await store.put(BYTES)).toBe(NAME);
    expect(await store.read(NAME)).toEqual(BYTES);
  });

  test('finds 1,000 of 1,000 flipped bytes, whichever blob and place they are in', async () => {
    const blobs = Array.from({ length: 20 }, (_, n) => Buffer.alloc(500 + 37 * n, `мазмұн ${n} `));
    const names = await Promise.all(blobs.map((bytes) => store.put(bytes)));
    let found = 0;
    for (let n = 0; n < 1_000; n += 1) {
      const [bytes, name] = [blobs[n % 20]!, names[n % 20]!];
      const flipped = Buffer.from(bytes);
      const at = (n * 7919) % bytes.length;
      flipped[at] = flipped[at]! ^ (1 << (n % 8));
      await chmod(fileOf(name), 0o644);
      await writeFile(fileOf(name), flipped);
      const one = { read: store.read, list: () => Readable.from([name]) };
      const { faults } = await scrub(one);
      if (faults[0]?.facts.sha256 === name) found += 1;
      await writeFile(fileOf(name), bytes);
    }
    expect(found).toBe(1_000);
    expect((await scrub(store)).faults).toEqual([]);
  });

  test('lists names in ascending order, and nothing that is no blob', async () => {
    const names = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => store.put(Buffer.from(text))));
    await writeFile(join(folder, 'sha256', 'README'), 'not a blob');
    await writeFile(join(folder, 'tmp', '1-feed'), 'half of a blo');
    expect(await listed()).toEqual([...names].sort());
  });

  test('never shows what a killed writer left, and sweeps it after a day', async () => {
    const fresh = join(folder, 'tmp', '1-aa');
    const old = join(folder, 'tmp', '1-bb');
    await writeFile(fresh, 'half');
    await writeFile(old, 'half');
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3600 * 1000);
    await utimes(old, twoDaysAgo, twoDaysAgo);
    store = await openEvidenceFolder(folder);
    expect(await listed()).toEqual([]);
    expect(await readdir(join(folder, 'tmp'))).toEqual(['1-aa']);
  });

  test('takes no path for a name', async () => {
    await writeFile(join(folder, 'secret'), 'x');
    expect(await store.has('../secret')).toBe(false);
    await expect(store.read('../secret')).rejects.toBeInstanceOf(EvidenceMissingError);
  });

  test('two processes that write the same blobs at once end with one good file each', async () => {
    const writer = join(import.meta.dirname, 'writer.ts');
    await Promise.all([1, 2].map(() => run(process.execPath, ['--import', 'tsx', writer, folder, '40'])));
    const report = await scrub(store);
    expect([report.blobs, report.faults]).toEqual([40, []]);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  test('a writer killed at any moment leaves only whole blobs, and every one it answered for', async () => {
    const writer = join(import.meta.dirname, 'writer.ts');
    for (const lines of [1, 7, 30]) {
      const acknowledged = await untilKilled(['--import', 'tsx', writer, folder, '100000'], lines);
      for (const name of acknowledged) expect(await store.has(name)).toBe(true);
      expect((await scrub(store)).faults).toEqual([]);
    }
  });

  test('a file system that takes no more ends as EvidenceWriteError with the space left, and no half blob', async () => {
    const writer = join(import.meta.dirname, 'writer.ts');
    // A limit on file size is the refusal that a test can set up without a disk of its own.
    const script = 'ulimit -f 100; exec "$0" --import tsx "$@"';
    const { stdout } = await run('bash', ['-c', script, process.execPath, writer, folder, '1', '9000000'], {
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    });
    const told: unknown = JSON.parse(stdout);
    expect(told).toEqual({ name: 'EvidenceWriteError', code: 'EFBIG', freeBytes: expect.any(Number) });
    expect(await listed()).toEqual([]);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  test('has no room once less is free than is kept back, and looks again after 5 seconds', async () => {
    let free = 1_000;
    let now = 0;
    const looks: string[] = [];
    const own = await openEvidenceFolder(folder, {
      reserveBytes: 500,
      freeBytes: async (where) => {
        looks.push(where);
        return free;
      },
      now: () => now,
    });
    expect(await own.hasRoom()).toBe(true);
    free = 499;
    now = 4_999;
    expect(await own.hasRoom()).toBe(true);
    now = 5_000;
    expect(await own.hasRoom()).toBe(false);
    free = 500;
    now = 10_000;
    expect(await own.hasRoom()).toBe(true);
    expect(looks).toEqual([folder, folder, folder]);
  });

  test('has room on this very disk when one byte is kept back', async () => {
    expect(await (await openEvidenceFolder(folder, { reserveBytes: 1 })).hasRoom()).toBe(true);
  });

  test('a place where no folder can be made is told at once', async () => {
    await writeFile(join(folder, 'file'), '');
    const refused = await openEvidenceFolder(join(folder, 'file', 'evidence')).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(EvidenceWriteError);
  });
});

/** Runs node until it has printed that many lines, kills it, and gives all the lines it printed. */
function untilKilled(args: string[], lines: number): Promise<string[]> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args);
    let printed = '';
    child.stdout?.on('data', (chunk: string) => {
      printed += chunk;
      if (printed.split('\n').length > lines) child.kill('SIGKILL');
    });
    child.on('close', () => resolve(printed.split('\n').slice(0, -1)));
  });
}
