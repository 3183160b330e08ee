/**
 * A photo as 256 bits that recompression, resizing and greying leave nearly alone: signs of its 256 lowest
 * waves against their median.
 *
 * A thief mirrors and crops, which a single hash does not survive. So a photo that is asked about is hashed
 * again for its mirror image and for a lattice of crops, and whichever is nearest counts. Mirroring costs
 * nothing: it turns the sign of every other wave.
 * Source: E. Zauner, "Implementation and benchmarking of perceptual image hash functions" (2010), chapter 3.2;
 * the 16 x 16 waves without the constant ones follow PDQ (facebook/ThreatExchange, hashing/hashing.pdf).
 */
import { photoDistance } from './photo-distance.ts';

/** Grey values 0..255 of a photo brought to `SIDE` x `SIDE`, row by row. */
export type Pixels = Uint8Array;
export const SIDE = 128;

/** Side of the picture that waves are taken of, and how many waves each way. */
const SMALL = 32;
const WAVES = 16;

export interface PhotoPrint {
  /** Of the whole photo. */
  readonly hash: Uint32Array;
  /** Of its mirror image. */
  readonly mirrored: Uint32Array;
  /** Of the lattice of crops. */
  readonly crops: readonly Uint32Array[];
  /** Mean difference of neighbouring grey values; a blank wall has next to none and no hash worth comparing. */
  readonly detail: number;
}

/** Photos of less detail than this are not compared. */
export const LEAST_DETAIL = 1.2;

/** Part of a photo: offsets and lengths as shares of its sides. */
interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const WHOLE: Window = { left: 0, top: 0, width: 1, height: 1 };

/** What is left when a rim is cut off: all round, in a corner, or at one side. */
export const CROPS: readonly Window[] = [
  ...[0.95, 0.9, 0.85].flatMap((kept) => {
    const cut = 1 - kept;
    return [
      [cut / 2, cut / 2],
      [0, 0],
      [cut, 0],
      [0, cut],
      [cut, cut],
    ].map(([left, top]) => ({ left: left!, top: top!, width: kept, height: kept }));
  }),
  { left: 0, top: 0, width: 0.93, height: 1 },
  { left: 0.07, top: 0, width: 0.93, height: 1 },
  { left: 0, top: 0, width: 1, height: 0.93 },
  { left: 0, top: 0.07, width: 1, height: 0.93 },
];

export function printOf(pixels: Pixels): PhotoPrint {
  const sums = summed(pixels);
  const whole = wavesOf(sums, WHOLE);
  return {
    hash: bitsOf(whole),
    mirrored: bitsOf(mirror(whole)),
    crops: CROPS.map((window) => bitsOf(wavesOf(sums, window))),
    detail: detailOf(pixels),
  };
}

export type Edit = 'same' | 'mirrored' | 'cropped';

/** The nearest way in which one photo is the other, the plainest first among equals. */
export function comparePhotos(a: PhotoPrint, b: PhotoPrint): { readonly bits: number; readonly edit: Edit } {
  let bits = photoDistance(a.hash, b.hash);
  let edit: Edit = 'same';
  const see = (x: Uint32Array, y: Uint32Array, how: Edit): void => {
    const it = photoDistance(x, y);
    if (it >= bits) return;
    bits = it;
    edit = how;
  };
  see(a.hash, b.mirrored, 'mirrored');
  for (const crop of a.crops) {
    see(crop, b.hash, 'cropped');
    see(crop, b.mirrored, 'cropped');
  }
  for (const crop of b.crops) {
    see(a.hash, crop, 'cropped');
    see(a.mirrored, crop, 'cropped');
  }
  return { bits, edit };
}

export function hexOf(hash: Uint32Array): string {
  return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('');
}

/** Sums of all that lies left of and above a place, so that the mean of any rectangle is four look-ups. */
function summed(pixels: Pixels): Float64Array {
  const wide = SIDE + 1;
  const sums = new Float64Array(wide * wide);
  for (let y = 0; y < SIDE; y += 1) {
    let row = 0;
    for (let x = 0; x < SIDE; x += 1) {
      row += pixels[y * SIDE + x]!;
      sums[(y + 1) * wide + x + 1] = sums[y * wide + x + 1]! + row;
    }
  }
  return sums;
}

/** The sum up to a place between pixels, by linear interpolation. */
function sumAt(sums: Float64Array, x: number, y: number): number {
  const wide = SIDE + 1;
  const [x0, y0] = [Math.min(SIDE - 1, Math.floor(x)), Math.min(SIDE - 1, Math.floor(y))];
  const [fx, fy] = [x - x0, y - y0];
  const at = y0 * wide + x0;
  const top = sums[at]! * (1 - fx) + sums[at + 1]! * fx;
  const bottom = sums[at + wide]! * (1 - fx) + sums[at + wide + 1]! * fx;
  return top * (1 - fy) + bottom * fy;
}

const COSINES = Float64Array.from({ length: WAVES * SMALL }, (_, at) => {
  const [wave, place] = [Math.floor(at / SMALL) + 1, at % SMALL];
  return Math.cos((Math.PI / SMALL) * (place + 0.5) * wave);
});

/** Waves 1..16 down by waves 1..16 across of a window. */
function wavesOf(sums: Float64Array, { left, top, width, height }: Window): Float64Array {
  const small = new Float64Array(SMALL * SMALL);
  const corners = new Float64Array((SMALL + 1) * (SMALL + 1));
  for (let y = 0; y <= SMALL; y += 1) {
    for (let x = 0; x <= SMALL; x += 1) {
      corners[y * (SMALL + 1) + x] = sumAt(
        sums,
        SIDE * (left + (width * x) / SMALL),
        SIDE * (top + (height * y) / SMALL),
      );
    }
  }
  for (let y = 0; y < SMALL; y += 1) {
    for (let x = 0; x < SMALL; x += 1) {
      const at = y * (SMALL + 1) + x;
      small[y * SMALL + x] =
        corners[at + SMALL + 2]! - corners[at + 1]! - corners[at + SMALL + 1]! + corners[at]!;
    }
  }
  const across = new Float64Array(SMALL * WAVES);
  for (let y = 0; y < SMALL; y += 1) {
    for (let wave = 0; wave < WAVES; wave += 1) {
      let sum = 0;
      for (let x = 0; x < SMALL; x += 1) sum += small[y * SMALL + x]! * COSINES[wave * SMALL + x]!;
      across[y * WAVES + wave] = sum;
    }
  }
  const waves = new Float64Array(WAVES * WAVES);
  for (let down = 0; down < WAVES; down += 1) {
    for (let wave = 0; wave < WAVES; wave += 1) {
      let sum = 0;
      for (let y = 0; y < SMALL; y += 1) sum += across[y * WAVES + wave]! * COSINES[down * SMALL + y]!;
      waves[down * WAVES + wave] = sum;
    }
  }
  return waves;
}

/** Left and right changed places: odd waves across turn their sign. */
function mirror(waves: Float64Array): Float64Array {
  return waves.map((value, at) => ((at % WAVES) % 2 === 0 ? -value : value));
}

function bitsOf(waves: Float64Array): Uint32Array {
  const sorted = waves.slice().sort();
  const median = (sorted[127]! + sorted[128]!) / 2;
  const bits = new Uint32Array(8);
  for (let at = 0; at < 256; at += 1) {
    if (waves[at]! > median) bits[at >> 5] = (bits[at >> 5]! | (1 << (at & 31))) >>> 0;
  }
  return bits;
}

function detailOf(pixels: Pixels): number {
  let sum = 0;
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 1; x < SIDE; x += 1) sum += Math.abs(pixels[y * SIDE + x]! - pixels[y * SIDE + x - 1]!);
  }
  return sum / (SIDE * (SIDE - 1));
}
