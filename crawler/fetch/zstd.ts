/**
 * Zstandard bodies (RFC 8878), which Node 20 cannot undo itself. The decoder is an optional package: without it
 * zstd is not offered to servers and a body that comes in it all the same is refused by name.
 *
 * The decoder takes the memory that a frame asks for and moves all of it for every block. So frames are walked
 * first, which costs nothing: their headers say how large a window they want and how many blocks they have.
 */

/** The part of `fzstd` that is used. */
interface Zstd {
  readonly Decompress: new (
    ondata: (data: Uint8Array) => void,
  ) => { push(chunk: Uint8Array, isFinal?: boolean): void };
}

const zstd = await decoder();

/** Whether such bodies can be undone here. */
export const HAS_ZSTD = zstd !== null;

async function decoder(): Promise<Zstd | null> {
  // As a variable, so that the type checker does not ask for a package that need not be there.
  const name: string = 'fzstd';
  try {
    return (await import(name)) as Zstd;
  } catch {
    return null;
  }
}

/** Windows above this need not be supported (RFC 9659, section 3). */
const LARGEST_WINDOW = 8 * 1024 * 1024;
/** Bytes moved over all blocks; an honest page of 5 MB moves less than a third of it. */
const MOST_MOVED = 1_000_000_000;

/**
 * @throws as Node's own decoders do: an error with the code `ERR_BUFFER_TOO_LARGE` when it unpacks to more than
 *   `maxOutputLength`, or would cost too much; any other error when it is no Zstandard.
 */
export async function fromZstd(
  bytes: Uint8Array,
  { maxOutputLength }: { readonly maxOutputLength: number },
): Promise<Buffer> {
  if (zstd === null) throw new Error('no decoder for zstd is installed');
  refuseCostly(bytes);
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = new zstd.Decompress((part) => {
    length += part.length;
    if (length > maxOutputLength) throw tooLarge(`more than ${maxOutputLength} bytes`);
    parts.push(part.slice());
  });
  stream.push(bytes, true);
  return Buffer.concat(parts, length);
}

const MAGIC = 0xfd2fb528;
/** The low four bits of a skippable frame's magic number are its own. */
const SKIPPABLE = 0x184d2a50;

function tooLarge(what: string): Error {
  return Object.assign(new RangeError(what), { code: 'ERR_BUFFER_TOO_LARGE' });
}

/** @throws as `fromZstd` does; whatever reads beyond the end is no Zstandard. */
function refuseCostly(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let moved = 0;
  while (at < bytes.length) {
    const magic = view.getUint32(at, true);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    if (magic !== MAGIC) throw new Error('no Zstandard frame');
    const frame = frameAt(view, at + 4);
    if (frame.window > LARGEST_WINDOW) throw tooLarge(`a window of ${frame.window} bytes`);
    at = frame.blocksAt;
    for (let isLast = false; !isLast; ) {
      const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      isLast = (head & 1) === 1;
      const isRepeated = ((head >> 1) & 3) === 1;
      at += 3 + (isRepeated ? 1 : head >> 3);
      moved += frame.window + 1_000;
      if (moved > MOST_MOVED) throw tooLarge('more blocks than it is worth');
    }
    at += frame.hasChecksum ? 4 : 0;
  }
}

/** Section 3.1.1.1 of RFC 8878; `at` is behind the magic number. */
function frameAt(view: DataView, at: number) {
  const descriptor = view.getUint8(at);
  const isSingle = (descriptor & 0x20) !== 0;
  const windowBytes = isSingle ? 0 : 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const sizeAt = at + 1 + windowBytes + dictionaryBytes;
  return {
    window: isSingle ? sizeOf(view, sizeAt, sizeBytes) : windowOf(view.getUint8(at + 1)),
    blocksAt: sizeAt + sizeBytes,
    hasChecksum: (descriptor & 4) !== 0,
  };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function sizeOf(view: DataView, at: number, bytes: number): number {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}
