/**
 * An evidence store in a folder:
 *
 *     sha256/ab/abcd…      a blob, read-only, named by the SHA-256 of its bytes
 *     sha256/ab/cd/abcd…   the same, as earlier stores wrote it; read, erased and listed like the others
 *     tmp/…                bytes still being written; never read, swept when a day old
 *
 * A blob is written under tmp/, flushed to disk, renamed into place, and the folder entry flushed as well:
 * a name that can be seen always has all its bytes, and a name that was answered survives a power cut.
 * Several processes may write at once: they rename equal bytes to equal names.
 *
 * 256 folders and no more: to make and flush a folder costs as much as to write a blob, and with 65,536 of them nearly
 * every blob of a store's first hundred thousand had made its own. Ten million blobs are 40,000 names in each.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Sha256 } from '../domain/capture.ts';
import {
  EvidenceAlteredError,
  EvidenceMissingError,
  type EvidenceStore,
  EvidenceWriteError,
  isSha256,
  sha256Of,
} from './store.ts';

const SWEEP_AFTER_MS = 24 * 3600 * 1000;

export interface FolderOptions {
  /** With fewer bytes free on its disk there is no room; 0 unless told. */
  readonly reserveBytes?: number;
  /** Bytes free where a folder is. */
  readonly freeBytes?: (folder: string) => Promise<number>;
  /** Milliseconds, never going back. */
  readonly now?: () => number;
}

/** A disk does not fill up faster than we look at it. */
const LOOK_AFTER_MS = 5_000;

/**
 * Opens the folder, making it when absent.
 *
 * @throws EvidenceWriteError when it cannot be made.
 */
export async function openEvidenceFolder(
  folder: string,
  options: FolderOptions = {},
): Promise<EvidenceStore> {
  const { reserveBytes = 0, freeBytes = freeIn, now = () => performance.now() } = options;
  let lastLook: { readonly at: number; readonly hasRoom: boolean } | null = null;
  const blobs = join(folder, 'sha256');
  const temporary = join(folder, 'tmp');
  await keeping(folder, 0, async () => {
    await makeFolder(blobs);
    await makeFolder(temporary);
  });
  await sweep(temporary);
  // No other writer has it: a draft is named by it and a number.
  const writer = `${process.pid}-${randomBytes(8).toString('hex')}`;
  let drafts = 0;
  const ready = new Map<string, Promise<{ readonly mayBeDeep: boolean }>>();
  const readyFolder = (at: string) => {
    const known = ready.get(at);
    if (known !== undefined) return known;
    const made = makeReady(at);
    ready.set(at, made);
    made.catch(() => ready.delete(at));
    return made;
  };
  const write = async (name: Sha256, bytes: Uint8Array) => {
    const file = pathOf(blobs, name);
    const { mayBeDeep } = await readyFolder(dirname(file));
    for (const at of mayBeDeep ? [file, deepPathOf(blobs, name)] : [file]) {
      if (await standsThere(at, name, bytes)) return flushFolder(dirname(at));
    }
    drafts += 1;
    await writeOnce(join(temporary, `${writer}-${drafts}`), file, bytes);
    await flushFolder(dirname(file));
  };

  return {
    place: folder,

    async put(bytes) {
      const name = sha256Of(bytes);
      await keeping(folder, bytes.byteLength, async () => {
        try {
          await write(name, bytes);
        } catch (cause) {
          // Somebody took away a folder that was there.
          if (codeOf(cause) !== 'ENOENT' || !ready.delete(dirname(pathOf(blobs, name)))) throw cause;
          await write(name, bytes);
        }
      });
      return name;
    },

    async has(name) {
      if (!isSha256(name)) return false;
      return (await placesOf(blobs, name)).length > 0;
    },

    async read(name) {
      const place = pathOf(blobs, name);
      let bytes: Buffer;
      try {
        if (!isSha256(name)) throw new Error(`"${name}" is no SHA-256 in lower-case hex.`);
        bytes = (await readFile(place).catch(absent)) ?? (await readFile(deepPathOf(blobs, name)));
      } catch (cause) {
        if (isSha256(name) && codeOf(cause) !== 'ENOENT') throw cause;
        throw new EvidenceMissingError({ sha256: name, place }, { cause });
      }
      const found = sha256Of(bytes);
      if (found !== name) throw new EvidenceAlteredError({ sha256: name, found, place });
      return bytes;
    },

    async erase(name) {
      if (!isSha256(name)) return false;
      const places = await placesOf(blobs, name);
      for (const file of places) {
        await rm(file, { force: true });
        await flushFolder(dirname(file));
      }
      return places.length > 0;
    },

    async hasRoom() {
      if (reserveBytes === 0) return true;
      if (lastLook === null || now() - lastLook.at >= LOOK_AFTER_MS) {
        const free = await freeBytes(folder);
        lastLook = { at: now(), hasRoom: free >= reserveBytes };
      }
      return lastLook.hasRoom;
    },

    async *list() {
      for (const first of await namesIn(blobs, /^[0-9a-f]{2}$/)) {
        const inside = (await readdir(join(blobs, first)).catch(absent)) ?? [];
        const names = new Set(inside.filter((name) => isSha256(name) && name.startsWith(first)));
        for (const second of inside.filter((name) => /^[0-9a-f]{2}$/.test(name))) {
          const shape = new RegExp(`^${first}${second}[0-9a-f]{60}$`);
          for (const name of await namesIn(join(blobs, first, second), shape)) names.add(name);
        }
        yield* [...names].sort();
      }
    },
  };
}

async function freeIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function pathOf(blobs: string, name: Sha256): string {
  return join(blobs, name.slice(0, 2), name);
}

/** Where it stands when an earlier store wrote it. */
function deepPathOf(blobs: string, name: Sha256): string {
  return join(blobs, name.slice(0, 2), name.slice(2, 4), name);
}

/** The files of a blob: none, one, or two where an older process wrote the same bytes at the same time. */
async function placesOf(blobs: string, name: Sha256): Promise<string[]> {
  const found: string[] = [];
  for (const file of [pathOf(blobs, name), deepPathOf(blobs, name)]) {
    if ((await stat(file).catch(absent)) !== null) found.push(file);
  }
  return found;
}

/** Whether the blob is kept already; the whole file is compared, since bytes in hand are the last chance to. */
async function standsThere(file: string, name: Sha256, bytes: Uint8Array): Promise<boolean> {
  const kept = await readFile(file).catch(absent);
  if (kept === null) return false;
  if (kept.equals(bytes)) return true;
  throw new EvidenceAlteredError({ sha256: name, found: sha256Of(kept), place: file });
}

async function writeOnce(draft: string, file: string, bytes: Uint8Array): Promise<void> {
  try {
    const handle = await open(draft, 'wx', 0o444);
    try {
      await writeAll(handle, bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    at += (await handle.write(bytes, at, bytes.byteLength - at)).bytesWritten;
  }
}

/**
 * A folder that blobs may be written to by this process; `mayBeDeep` where folders may stand in it. A folder has a link
 * of its own, one of its parent and one of each folder in it (inode(7)); file systems that do not count say 1.
 */
async function makeReady(folder: string): Promise<{ readonly mayBeDeep: boolean }> {
  await makeFolder(folder);
  return { mayBeDeep: (await stat(folder)).nlink !== 2 };
}

/**
 * Makes a folder and flushes its name, and those of the parents made with it, to disk. One that is there already may
 * have been made by another process a moment ago, which has not flushed it yet.
 */
async function makeFolder(folder: string): Promise<void> {
  const topmost = (await mkdir(folder, { recursive: true })) ?? folder;
  for (let at = folder; ; at = dirname(at)) {
    await flushFolder(dirname(at));
    if (at === topmost || at === dirname(at)) return;
  }
}

async function flushFolder(folder: string): Promise<void> {
  // Windows has no handle on a folder to flush.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what killed writers left; a draft younger than a day may still be in use. */
async function sweep(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const draft = join(temporary, name);
    const facts = await stat(draft).catch(absent);
    if (facts !== null && Date.now() - facts.mtimeMs > SWEEP_AFTER_MS) await rm(draft, { force: true });
  }
}

async function namesIn(folder: string, shape: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(absent);
  return (names ?? []).filter((name) => shape.test(name)).sort();
}

/** Runs a write; what the file system throws comes out as EvidenceWriteError. */
async function keeping<T>(folder: string, bytes: number, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === null) throw cause;
    const freeBytes = await statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => null,
    );
    throw new EvidenceWriteError({ place: folder, bytes, freeBytes, code }, { cause });
  }
}

function absent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
