/** Looks into a PNG just far enough to tell whether it shows anything. */
import { inflateSync } from 'node:zlib';

/**
 * Whether every pixel has one colour: a page that painted nothing. False for what is no 8-bit, non-interlaced
 * PNG. Source: PNG, third edition (W3C), sections 7.2 and 9 (filters).
 */
export function isSingleColour(png: Uint8Array): boolean {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (bytes.length < 45 || bytes.readUInt32BE(0) !== 0x89504e47) return false;
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const channels = ({ 0: 1, 2: 3, 4: 2, 6: 4 } as const)[bytes[25] as 0 | 2 | 4 | 6];
  if (bytes[24] !== 8 || bytes[28] !== 0 || channels === undefined || width * height > 20_000_000)
    return false;
  const rows = pixels(bytes, (width * channels + 1) * height);
  return rows !== null && hasOneColour(rows, width * channels, height, channels);
}

function pixels(png: Buffer, size: number): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  try {
    const raw = inflateSync(Buffer.concat(parts), { maxOutputLength: size });
    return raw.length === size ? raw : null;
  } catch {
    return null;
  }
}

/** Undoes the filters row by row and stops at the first pixel that differs. */
function hasOneColour(rows: Buffer, stride: number, height: number, channels: number): boolean {
  let above = Buffer.alloc(stride);
  const first = Buffer.alloc(channels);
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1);
    const filter = rows[start]!;
    const row = Buffer.alloc(stride);
    for (let x = 0; x < stride; x += 1) {
      const left = x >= channels ? row[x - channels]! : 0;
      const up = above[x]!;
      const corner = x >= channels ? above[x - channels]! : 0;
      const predicted =
        filter === 0
          ? 0
          : filter === 1
            ? left
            : filter === 2
              ? up
              : filter === 3
                ? (left + up) >> 1
                : paeth(left, up, corner);
      row[x] = (rows[start + 1 + x]! + predicted) & 0xff;
      if (y === 0 && x < channels) first[x] = row[x]!;
      else if (row[x] !== first[x % channels]) return false;
    }
    above = row;
  }
  return true;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
