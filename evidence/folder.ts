/**
 * An evidence store in a folder:
 *
 *     sha256/ab/cd/abcd…   a blob, read-only, named by the SHA-256 of its bytes
 *     tmp/…                bytes still being written; never read, swept when a day old
 *
 * A blob is written under tmp/, flushed to disk, renamed into place, and the folder entry flushed as well:
 * a name that can be seen always has all its bytes, and a name that was answered survives a power cut.
 * Several processes may write at once: they rename equal bytes to equal names.
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

  return {
    place: folder,

    async put(bytes) {
      const name = sha256Of(bytes);
      const file = pathOf(blobs, name);
      await keeping(folder, bytes.byteLength, async () => {
        await makeFolder(dirname(file));
        if (!(await standsThere(file, name, bytes))) await writeOnce(temporary, file, bytes);
        await flushFolder(dirname(file));
      });
      return name;
    },

    async has(name) {
      if (!isSha256(name)) return false;
      return (await stat(pathOf(blobs, name)).catch(absent)) !== null;
    },

    async read(name) {
      const place = pathOf(blobs, name);
      let bytes: Buffer;
      try {
        if (!isSha256(name)) throw new Error(`"${name}" is no SHA-256 in lower-case hex.`);
        bytes = await readFile(place);
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
      const file = pathOf(blobs, name);
      if ((await stat(file).catch(absent)) === null) return false;
      await rm(file, { force: true });
      await flushFolder(dirname(file));
      return true;
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
        for (const second of await namesIn(join(blobs, first), /^[0-9a-f]{2}$/)) {
          yield* await namesIn(join(blobs, first, second), new RegExp(`^${first}${second}[0-9a-f]{60}$`));
        }
      }
    },
  };
}

async function freeIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function pathOf(blobs: string, name: Sha256): string {
  return join(blobs, name.slice(0, 2), name.slice(2, 4), name);
}

/** Whether the blob is kept already; the whole file is compared, since bytes in hand are the last chance to. */
async function standsThere(file: string, name: Sha256, bytes: Uint8Array): Promise<boolean> {
  const kept = await readFile(file).catch(absent);
  if (kept === null) return false;
  if (kept.equals(bytes)) return true;
  throw new EvidenceAlteredError({ sha256: name, found: sha256Of(kept), place: file });
}

async function writeOnce(temporary: string, file: string, bytes: Uint8Array): Promise<void> {
  const draft = join(temporary, `${process.pid}-${randomBytes(8).toString('hex')}`);
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

/** Makes a folder and flushes its name, and those of the parents made with it, to disk. */
async function makeFolder(folder: string): Promise<void> {
  const topmost = await mkdir(folder, { recursive: true });
  if (topmost === undefined) return;
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
