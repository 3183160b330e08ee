/**
 * The index of listings on disk, so that a process that starts again need not read the whole log: a file holds all of
 * it up to one number of the log, and what came after is followed from there. The log is the truth: a file that is
 * missing, cut short, altered, or of another model is as good as none.
 *
 *     {"format":3,"model":…,"position":…,"arrays":[["lines","Int32Array",65536,580], …]}\n
 *     the arrays, each so many pages of so many numbers, one after another, little-endian
 *     SHA-256 of all before it, 32 bytes
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SavedMatcher } from '../../classifiers/duplicates/matcher.ts';

export interface Snapshot {
  /** Name of the pair model: another one's counters mean something else. */
  readonly model: string;
  /** Which index it is, as the store counts them: an older one has lost its place. Stands in the file's name alone. */
  readonly generation: number;
  /** The last number of the log that is in. */
  readonly position: number;
  readonly engine: SavedMatcher;
}

export interface SnapshotFolder {
  /** @returns SHA-256 of all that was written, hexadecimal: equal for equal engines at one number. */
  save(snapshot: Snapshot): Promise<string>;
  /** The newest whole one of this model and generation; null when there is none. */
  load(model: string, generation: number): Promise<Snapshot | null>;
  /** Throws all away. */
  clear(): Promise<void>;
}

const KINDS = { Int32Array, Uint32Array, Uint16Array, Uint8Array } as const;
type Kind = keyof typeof KINDS;
type Numbers = Int32Array | Uint32Array | Uint16Array | Uint8Array;

const header = z.strictObject({
  format: z.literal(3),
  model: z.string(),
  position: z.int().nonnegative(),
  size: z.int().nonnegative(),
  /** Name, kind, numbers a page, pages. */
  arrays: z.array(
    z.tuple([
      z.string(),
      z.enum(Object.keys(KINDS) as [Kind, ...Kind[]]),
      z.int().nonnegative(),
      z.int().nonnegative(),
    ]),
  ),
});

/** Generation and position; one without a generation is of before there were any. */
const NAME = /^index-(?:(\d+)-)?(\d+)\.bin$/;
/** The one before stays until the next: if the newest is cut short, little has to be followed again. */
const KEPT = 2;
const HASH = 32;
/** A longer first line is none of ours. */
const LONGEST_HEADER = 4_096;
/** Pages read before they are asked for. */
const READ_AHEAD = 4;

export function snapshotFolder(folder: string): SnapshotFolder {
  const names = async (): Promise<string[]> => {
    const found = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw cause;
    });
    return found
      .filter((name) => NAME.test(name))
      .sort((a, b) => generationOf(b) - generationOf(a) || positionOf(b) - positionOf(a));
  };
  return {
    async save(snapshot) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, `index-${snapshot.generation}-${snapshot.position}.bin`);
      const draft = `${path}.${randomUUID()}.part`;
      const file = await open(draft, 'w', 0o600);
      const hash = createHash('sha256');
      let digest: Buffer;
      try {
        for (const piece of piecesOf(snapshot)) {
          hash.update(piece);
          await file.writeFile(piece);
        }
        digest = hash.digest();
        await file.writeFile(digest);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
      for (const old of (await names()).slice(KEPT)) await rm(join(folder, old), { force: true });
      return digest.toString('hex');
    },
    async load(model, generation) {
      for (const name of await names()) {
        if (generationOf(name) !== generation) continue;
        const file = await open(join(folder, name), 'r');
        try {
          const snapshot = await snapshotIn(file, model, generation);
          if (snapshot !== null) return snapshot;
        } finally {
          await file.close();
        }
      }
      return null;
    },
    async clear() {
      for (const name of await names()) await rm(join(folder, name), { force: true });
    },
  };
}

function generationOf(name: string): number {
  return Number(NAME.exec(name)![1] ?? 0);
}

function positionOf(name: string): number {
  return Number(NAME.exec(name)![2]);
}

/** What is written of an engine: each name with its pages, all of one kind and length. */
function arraysOf({ postings, words, counted, photos }: SavedMatcher): [string, readonly Numbers[]][] {
  return Object.entries<readonly Numbers[]>({
    lines: postings.lines,
    spares: postings.spares,
    dead: [postings.dead],
    state: [postings.state],
    readerWords: [words],
    words: [counted.words],
    pairs: [counted.pairs],
    fields: [counted.fields],
    photos: photos.pages,
    photoHeads: [photos.heads],
    photoState: [photos.state],
  });
}

function* piecesOf({ model, position, engine }: Snapshot): Generator<Uint8Array> {
  const arrays = arraysOf(engine);
  const told = arrays.map(([name, pages]) => [name, kindOf(pages[0]), pages[0]?.length ?? 0, pages.length]);
  const line = { format: 3, model, position, size: engine.counted.size, arrays: told };
  yield Buffer.from(`${JSON.stringify(line)}\n`);
  for (const [, pages] of arrays) for (const page of pages) yield bytesIn(page);
}

function kindOf(page: Numbers | undefined): Kind {
  return (Object.keys(KINDS) as Kind[]).find((kind) => page instanceof KINDS[kind]) ?? 'Int32Array';
}

function bytesIn(page: Numbers): Uint8Array {
  return new Uint8Array(page.buffer, page.byteOffset, page.byteLength);
}

/** Null for what is not whole, or of another model. Arrays are read to where they stay. */
async function snapshotIn(file: FileHandle, model: string, generation: number): Promise<Snapshot | null> {
  const { size } = await file.stat();
  const start = Buffer.alloc(Math.min(LONGEST_HEADER, size));
  await file.read(start, 0, start.length, 0);
  const end = start.indexOf(10);
  const told = end < 0 ? null : headerIn(start.toString('utf8', 0, end));
  if (told === null || told.model !== model) return null;
  const bytes = told.arrays.reduce(
    (sum, [, kind, length, pages]) => sum + KINDS[kind].BYTES_PER_ELEMENT * length * pages,
    0,
  );
  if (end + 1 + bytes + HASH !== size) return null;
  const hash = createHash('sha256').update(start.subarray(0, end + 1));
  const found = new Map(
    told.arrays.map(([name, kind, length, pages]): [string, Numbers[]] => [
      name,
      Array.from({ length: pages }, () => new KINDS[kind](length)),
    ]),
  );
  // While one page is hashed the next are read.
  let at = end + 1;
  const ahead: Promise<Uint8Array>[] = [];
  for (const numbers of [...found.values()].flat()) {
    const page = bytesIn(numbers);
    const read = readAll(file, page, at).then(() => page);
    // One that fails is told where it is waited for.
    read.catch(() => undefined);
    ahead.push(read);
    at += page.byteLength;
    if (ahead.length > READ_AHEAD) hash.update(await ahead.shift()!);
  }
  for (const page of ahead) hash.update(await page);
  const sum = new Uint8Array(HASH);
  await readAll(file, sum, at);
  if (!hash.digest().equals(sum)) return null;
  const all = <T>(name: string) => (found.get(name) ?? []) as T[];
  const one = <T>(name: string) => all<T>(name)[0]!;
  return {
    model,
    generation,
    position: told.position,
    engine: {
      postings: { lines: all('lines'), spares: all('spares'), dead: one('dead'), state: one('state') },
      words: one('readerWords'),
      counted: { size: told.size, words: one('words'), pairs: one('pairs'), fields: one('fields') },
      photos: { pages: all('photos'), heads: one('photoHeads'), state: one('photoState') },
    },
  };
}

function headerIn(line: string): z.infer<typeof header> | null {
  try {
    return header.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** Fills `into` from `position` on, or leaves zeros where the file ends. */
async function readAll(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at);
    if (bytesRead === 0) return;
    at += bytesRead;
  }
}
