/**
 * Photos: what is found again after each edit, and how often two different photos are taken for one.
 *
 * All pictures below a folder that are 200 pixels wide and high at least; of those that are one picture for an eye
 * that sees 16 x 16 grey squares, mirrored or not, the first. That eye knows nothing of the hash that is judged.
 * Every other one is of the half that the bits of a match were chosen on; figures are told of both halves.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import {
  LEAST_DETAIL,
  type PhotoPrint,
  type Pixels,
  printOf,
  SIDE,
} from '../../classifiers/duplicates/photo-hash.ts';
import { photoIndex } from '../../classifiers/duplicates/photo-index.ts';
import { photoPairs } from '../../classifiers/duplicates/photo-pairs.ts';
import { readPixels } from '../../classifiers/duplicates/photo-read.ts';
import type { Table } from './table.ts';

const LEAST_SIDE = 200;
const EYE = 16;
/** Correlation of two such eyes from which on they see one picture. */
const ONE_PICTURE = 0.93;
const MARK =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="W" height="H" preserveAspectRatio="none"><rect y="330" width="400" height="44" fill="#000" fill-opacity="0.5"/><text x="20" y="364" font-size="34" fill="#fff">market.example 2026</text></svg>';

/** By name: the photo as somebody else would put it up. */
const EDITS: Readonly<Record<string, (it: Sharp, width: number, height: number) => Sharp>> = {
  recompress: (it) => it.jpeg({ quality: 40 }),
  resize: (it, width) => it.resize({ width: Math.round(width / 2) }).jpeg({ quality: 80 }),
  grey: (it) => it.greyscale().jpeg({ quality: 80 }),
  brighter: (it) => it.modulate({ brightness: 1.2, saturation: 1.3 }).jpeg({ quality: 80 }),
  watermark: (it, width, height) =>
    it
      .composite([{ input: Buffer.from(MARK.replace('"W"', `"${width}"`).replace('"H"', `"${height}"`)) }])
      .jpeg({ quality: 80 }),
  flip: (it) => it.flop().jpeg({ quality: 80 }),
  'crop 5 %': (it, width, height) => cropped(it, width, height, 0.05),
  'crop 15 %': (it, width, height) => cropped(it, width, height, 0.15),
};

function cropped(it: Sharp, width: number, height: number, share: number): Sharp {
  const [w, h] = [Math.round(width * (1 - share)), Math.round(height * (1 - share))];
  return it
    .extract({ left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h })
    .jpeg({ quality: 80 });
}

/** @param edited so many photos are edited in each way, evenly out of all. */
export async function photos(folder: string, most: number, edited: number, { note }: Table): Promise<void> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:jpe?g|png|webp)$/i.test(name))
    .sort((a, b) => Number(isDrawn(a)) - Number(isDrawn(b)) || (a < b ? -1 : 1));
  const kept: Kept[] = [];
  const eyes: Float32Array[] = [];
  let [seconds, read] = [0, 0];
  for (const name of names) {
    if (kept.length === most) break;
    const path = join(folder, name);
    const { width = 0, height = 0 } = await sharp(path)
      .metadata()
      .catch(() => ({ width: 0, height: 0 }));
    if (width < LEAST_SIDE || height < LEAST_SIDE) continue;
    const start = process.cpuUsage();
    const pixels = await readPixels(path).catch(() => null);
    if (pixels === null) continue;
    const print = printOf(pixels);
    const { user, system } = process.cpuUsage(start);
    seconds += (user + system) / 1e6;
    read += 1;
    if (print.detail < LEAST_DETAIL) continue;
    const [eye, mirrored] = [eyeOf(pixels, false), eyeOf(pixels, true)];
    if (eyes.some((other) => alike(other, eye) > ONE_PICTURE || alike(other, mirrored) > ONE_PICTURE))
      continue;
    eyes.push(eye);
    kept.push({ path, print });
  }
  note('photos: different ones', kept.length, '');
  note('photos: unpacked and hashed with all crops', read / seconds, '/s');
  const isChosenOn = (_: unknown, at: number) => at % 2 === 0;
  await half('the half chosen on', kept.filter(isChosenOn), edited, { note });
  await half(
    'the other half',
    kept.filter((it, at) => !isChosenOn(it, at)),
    edited,
    { note },
  );
}

interface Kept {
  readonly path: string;
  readonly print: PhotoPrint;
}

async function half(
  name: string,
  kept: readonly Kept[],
  edited: number,
  { note }: Pick<Table, 'note'>,
): Promise<void> {
  const found = photoPairs(kept.map(({ print }) => print));
  const all = (kept.length * (kept.length - 1)) / 2;
  note(`photos, ${name}: different ones`, kept.length, '');
  note(`photos, ${name}: false matches of all pairs`, found.length / all, '');
  note(`photos, ${name}: false matches`, found.length, '');
  const index = photoIndex();
  for (const [at, { print }] of kept.entries()) index.insert(at, print.hash);
  const step = Math.max(1, Math.floor(kept.length / edited));
  const asked = kept.flatMap((it, at) => (at % step === 0 ? [{ ...it, at }] : []));
  for (const [edit, make] of Object.entries(EDITS)) {
    let [hits, near] = [0, 0];
    for (const { path, print, at } of asked) {
      const plain = await sharp(path)
        .autoOrient()
        .flatten({ background: '#ffffff' })
        .png({ compressionLevel: 0 })
        .toBuffer();
      const { width, height } = await sharp(plain).metadata();
      const made = printOf(await readPixels(await make(sharp(plain), width!, height!).toBuffer()));
      if (photoPairs([print, made]).length > 0) hits += 1;
      if (index.near(made.hash).has(at)) near += 1;
    }
    note(`photos, ${name}: found after ${edit}`, hits / asked.length, '');
    note(`photos, ${name}: found after ${edit}, by one plain hash in the index`, near / asked.length, '');
  }
}

/** Photos come as JPEG or WebP; what is drawn, and some photos too, as PNG: these fill up what is missing. */
function isDrawn(name: string): boolean {
  return /\.png$/i.test(name);
}

/** Grey squares, their mean taken off, of length 1. */
function eyeOf(pixels: Pixels, isMirrored: boolean): Float32Array {
  const eye = new Float32Array(EYE * EYE);
  const wide = SIDE / EYE;
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const column = isMirrored ? SIDE - 1 - x : x;
      eye[Math.floor(y / wide) * EYE + Math.floor(x / wide)]! += pixels[y * SIDE + column]!;
    }
  }
  const mean = eye.reduce((sum, it) => sum + it, 0) / eye.length;
  const length = Math.sqrt(eye.reduce((sum, it) => sum + (it - mean) ** 2, 0)) || 1;
  return eye.map((it) => (it - mean) / length);
}

function alike(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
