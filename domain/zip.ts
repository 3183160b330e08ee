/**
 * Zips as the house writes and reads them, whole in memory.
 *
 * Written: names sorted, nothing compressed (zlib's output changes between versions, and pictures and WARCs are
 * compressed already), one time stamp, so that the same files give the same bytes.
 *
 * Read: from a stranger. Names that would leave the folder, links, encrypted and repeated entries are refused,
 * and sizes are bounded before anything is unpacked.
 */
import { fromBufferPromise } from 'yauzl';
import yazl from 'yazl';

/** @param at its UTC day is the time stamp of every entry. */
export function zip(files: ReadonlyMap<string, Uint8Array>, at: Date): Promise<Buffer> {
  // A zip has local time without a zone; noon of the UTC day exists in every zone and writes the same everywhere.
  const mtime = new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), 12);
  const file = new yazl.ZipFile();
  for (const path of [...files.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const bytes = files.get(path)!;
    file.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), path, {
      mtime,
      mode: 0o100644,
      compress: false,
      forceDosTimestamp: true,
    });
  }
  file.end();
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    file.on('error', reject);
    file.outputStream.on('error', reject);
    file.outputStream.on('data', (piece: Buffer) => pieces.push(piece));
    file.outputStream.on('end', () => resolve(Buffer.concat(pieces)));
  });
}

const MOST_FILES = 5000;
const MOST_BYTES = 1024 * 1024 * 1024;

export class BadZipError extends Error {
  override readonly name = 'BadZipError';
  readonly facts: { readonly why: string };

  constructor(why: string, options?: ErrorOptions) {
    super(`The zip cannot be trusted: ${why}. Ask whoever sent it for the original file.`, options);
    this.facts = { why };
  }
}

/** @throws BadZipError */
export async function unzip(
  bytes: Uint8Array,
  { mostFiles = MOST_FILES, mostBytes = MOST_BYTES }: { mostFiles?: number; mostBytes?: number } = {},
): Promise<Map<string, Buffer>> {
  try {
    return await readAll(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), mostFiles, mostBytes);
  } catch (cause) {
    if (cause instanceof BadZipError) throw cause;
    // yauzl throws plain errors for names, sizes and structure alike; its words say which.
    throw new BadZipError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function readAll(bytes: Buffer, mostFiles: number, mostBytes: number): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(bytes, {
    lazyEntries: true,
    strictFileNames: true,
    validateEntrySizes: true,
  });
  if (zip.entryCount > mostFiles) throw new BadZipError(`${zip.entryCount} files are more than ${mostFiles}`);
  const files = new Map<string, Buffer>();
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName } = entry;
    const unixType = (entry.externalFileAttributes >>> 16) & 0o170000;
    if (unixType !== 0 && unixType !== 0o100000) throw new BadZipError(`"${fileName}" is no plain file`);
    if (fileName.endsWith('/')) throw new BadZipError(`"${fileName}" is a folder`);
    if (entry.isEncrypted()) throw new BadZipError(`"${fileName}" is encrypted`);
    if (files.has(fileName)) throw new BadZipError(`"${fileName}" is there twice`);
    total += entry.uncompressedSize;
    if (total > mostBytes) throw new BadZipError(`it unpacks to more than ${mostBytes} bytes`);
    const pieces: Buffer[] = [];
    for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
    files.set(fileName, Buffer.concat(pieces));
  }
  return files;
}
