/**
 * The index of listings on disk, so that a process that starts again need not read the whole log: a file holds all of
 * it up to one number of the log, and what came after is followed from there. The log is the truth: a file that is
 * missing, cut short, altered, or of another model is as good as none.
 *
 *     {"format":1,"model":…,"position":…,"arrays":[["postings.keys","Uint32Array",27000000], …]}\n
 *     the arrays, one after another, little-endian
 *     SHA-256 of all before it, 32 bytes
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SavedMatcher } from '../../classifiers/duplicates/matcher.ts';

export interface Snapshot {
  /** Name of the pair model: another one's counters mean something else. */
  readonly model: string;
  /** The last number of the log that is in. */
  readonly position: number;
  readonly engine: SavedMatcher;
}

export interface SnapshotFolder {
  save(snapshot: Snapshot): Promise<void>;
  /** The newest whole one of this model; null when there is none. */
  load(model: string): Promise<Snapshot | null>;
}

const header = z.strictObject({
  format: z.literal(1),
  model: z.string(),
  position: z.int().nonnegative(),
  size: z.int().nonnegative(),
  arrays: z.array(z.tuple([z.string(), z.enum(['Uint32Array', 'Int32Array']), z.int().nonnegative()])),
});

const NAME = /^index-(\d+)\.bin$/;
/** The one before stays until the next: if the newest is cut short, little has to be followed again. */
const KEPT = 2;
const HASH = 32;

export function snapshotFolder(folder: string): SnapshotFolder {
  const names = async (): Promise<string[]> => {
    const found = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw cause;
    });
    return found
      .filter((name) => NAME.test(name))
      .sort((a, b) => Number(NAME.exec(b)![1]) - Number(NAME.exec(a)![1]));
  };
  return {
    async save(snapshot) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, `index-${snapshot.position}.bin`);
      const draft = `${path}.${randomUUID()}.part`;
      const file = await open(draft, 'w', 0o600);
      const hash = createHash('sha256');
      try {
        for (const piece of piecesOf(snapshot)) {
          hash.update(piece);
          await file.writeFile(piece);
        }
        await file.writeFile(hash.digest());
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
      for (const old of (await names()).slice(KEPT)) await rm(join(folder, old), { force: true });
    },
    async load(model) {
      for (const name of await names()) {
        const snapshot = snapshotIn(await readFile(join(folder, name)));
        if (snapshot?.model === model) return snapshot;
      }
      return null;
    },
  };
}

function arraysOf({ postings, words, counted, photos }: SavedMatcher) {
  return {
    keys: postings.keys,
    numbers: postings.numbers,
    deleted: postings.deleted,
    readerWords: words,
    words: counted.words,
    pairs: counted.pairs,
    fields: counted.fields,
    photos: photos.photos,
    owners: photos.owners,
  };
}

function* piecesOf({ model, position, engine }: Snapshot): Generator<Uint8Array> {
  const arrays = Object.entries(arraysOf(engine));
  const told = arrays.map(([name, array]) => [
    name,
    array instanceof Uint32Array ? 'Uint32Array' : 'Int32Array',
    array.length,
  ]);
  const line = JSON.stringify({ format: 1, model, position, size: engine.counted.size, arrays: told });
  // Arrays begin at a multiple of four, so that they can be read where they lie.
  yield Buffer.from(`${line.padEnd(Math.ceil((line.length + 1) / 4) * 4 - 1)}\n`);
  for (const [, array] of arrays) yield new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function snapshotIn(bytes: Buffer): Snapshot | null {
  const end = bytes.indexOf(10);
  const told = bytes.subarray(-HASH);
  const body = bytes.subarray(0, Math.max(0, bytes.length - HASH));
  if (end < 0 || !createHash('sha256').update(body).digest().equals(told)) return null;
  const read = header.safeParse(JSON.parse(bytes.toString('utf8', 0, end)));
  if (!read.success) return null;
  const found = new Map<string, Uint32Array | Int32Array>();
  let at = end + 1;
  for (const [name, kind, length] of read.data.arrays) {
    // A copy of its own, which counting may go on in.
    const own = body.buffer.slice(body.byteOffset + at, body.byteOffset + at + 4 * length);
    found.set(name, kind === 'Uint32Array' ? new Uint32Array(own) : new Int32Array(own));
    at += 4 * length;
  }
  const of = <T>(name: string) => found.get(name) as T;
  return {
    model: read.data.model,
    position: read.data.position,
    engine: {
      postings: { keys: of('keys'), numbers: of('numbers'), deleted: of('deleted') },
      words: of('readerWords'),
      counted: { size: read.data.size, words: of('words'), pairs: of('pairs'), fields: of('fields') },
      photos: { photos: of('photos'), owners: of('owners') },
    },
  };
}
