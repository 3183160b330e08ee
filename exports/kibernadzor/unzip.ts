/**
 * Opens a zip from a stranger into memory: names that would leave the folder, links, encrypted and repeated
 * entries are refused, and sizes are bounded before anything is unpacked.
 */
import { fromBufferPromise } from 'yauzl';

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
