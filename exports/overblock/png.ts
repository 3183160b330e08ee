/**
 * Whether a screenshot shows anything: a picture all of one colour is no evidence.
 *
 * Reads what browsers write: PNG, 8 or 16 bits a sample, not interlaced.
 * Source: PNG specification (W3C, third edition), sections 5 (chunks) and 9 (filters).
 */
import { inflateSync } from 'node:zlib';

export type Picture = 'shows_something' | 'blank' | 'unreadable';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Samples a pixel by colour type; a palette's index counts as one. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const MOST_BYTES = 512 * 1024 * 1024;

export function lookAt(bytes: Uint8Array): Picture {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = headerOf(file);
  if (header === null) return 'unreadable';
  const { rowBytes, pixelBytes, height } = header;
  let rows: Buffer;
  try {
    rows = inflateSync(Buffer.concat(dataChunks(file)), { maxOutputLength: (rowBytes + 1) * height });
  } catch {
    // Whatever is wrong inside, nobody can see such a picture.
    return 'unreadable';
  }
  if (rows.byteLength !== (rowBytes + 1) * height) return 'unreadable';
  return isOneColour(rows, header, pixelBytes) ? 'blank' : 'shows_something';
}

/** `1280x800`; null for what is no PNG. */
export function sizeOf(bytes: Uint8Array): string | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.byteLength < 33 || !file.subarray(0, 8).equals(SIGNATURE)) return null;
  return `${file.readUInt32BE(16)}x${file.readUInt32BE(20)}`;
}

interface Header {
  readonly height: number;
  readonly rowBytes: number;
  readonly pixelBytes: number;
}

function headerOf(file: Buffer): Header | null {
  if (file.byteLength < 33 || !file.subarray(0, 8).equals(SIGNATURE)) return null;
  if (file.toString('latin1', 12, 16) !== 'IHDR') return null;
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  const depth = file[24];
  const samples = SAMPLES[file[25] ?? -1];
  const isInterlaced = file[28] !== 0;
  if ((depth !== 8 && depth !== 16) || samples === undefined || isInterlaced) return null;
  const pixelBytes = (samples * depth) / 8;
  const rowBytes = width * pixelBytes;
  if (rowBytes === 0 || height === 0 || (rowBytes + 1) * height > MOST_BYTES) return null;
  return { height, rowBytes, pixelBytes };
}

function dataChunks(file: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 8; at + 12 <= file.byteLength; ) {
    const length = file.readUInt32BE(at);
    if (at + 12 + length > file.byteLength) break;
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      chunks.push(file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return chunks;
}

/** Undoes the filters row by row, up to the first pixel that differs from the first of all. */
function isOneColour(rows: Buffer, { height, rowBytes }: Header, pixelBytes: number): boolean {
  let above: Uint8Array = new Uint8Array(rowBytes);
  const first = new Uint8Array(pixelBytes);
  for (let y = 0; y < height; y += 1) {
    const start = y * (rowBytes + 1);
    const row = unfiltered(
      rows[start] ?? 0,
      rows.subarray(start + 1, start + 1 + rowBytes),
      above,
      pixelBytes,
    );
    if (y === 0) first.set(row.subarray(0, pixelBytes));
    for (let x = 0; x < rowBytes; x += 1) {
      if (row[x] !== first[x % pixelBytes]) return false;
    }
    above = row;
  }
  return true;
}

function unfiltered(filter: number, row: Uint8Array, above: Uint8Array, pixelBytes: number): Uint8Array {
  const out = new Uint8Array(row.length);
  for (let x = 0; x < row.length; x += 1) {
    const left = x >= pixelBytes ? out[x - pixelBytes]! : 0;
    const up = above[x]!;
    const corner = x >= pixelBytes ? above[x - pixelBytes]! : 0;
    out[x] = row[x]! + predicted(filter, left, up, corner);
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const guess = left + up - corner;
      const [toLeft, toUp, toCorner] = [left, up, corner].map((it) => Math.abs(guess - it)) as [
        number,
        number,
        number,
      ];
      return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
    default:
      return 0;
  }
}
