/**
 * What of `../meanings.ts` is AssemblyScript: letters in, meanings of words out. The same letters as `skeletonBytes` of
 * `../skeleton.ts` gives, hashed as they come, and the same meanings as `meaningOf` of `../vocabulary.ts`.
 *
 * `npm run assembly` makes `../meanings.wasm` of it.
 */

const SLOTS: u32 = 4_096;

/** For each UTF-16 unit its letters packed little-endian: `unitTable`. */
export const UNITS: usize = memory.data(4 * 65_536);
/** Open addressing, hash and meaning side by side: `meaningTable`. */
export const MEANINGS: usize = memory.data(8 * SLOTS);
/** What is found. */
export const WORDS: usize = memory.data(4 * 2_048);
/** UTF-16 units, from here to the end of the memory. */
export const TEXT: usize = memory.data(16);

const NOTHING: u32 = 0xffffff;
/** Offset basis and prime of FNV-1a. */
const START: u32 = 0x811c9dc5;
const PRIME: u32 = 0x01000193;

/** Reads `length` units and files at most `most` words; gives how many. */
export function read(length: u32, most: u32): usize {
  const end = length << 1;
  const full = most << 2;
  let to: usize = 0;
  let hash = START;
  let last: u32 = 0;
  for (let at: usize = 0; at < end; at += 2) {
    let packed = load<u32>((<usize>load<u16>(at, TEXT)) << 2, UNITS);
    if (packed === NOTHING) continue;
    if (packed === 0) {
      if (last !== 0) {
        if (to === full) break;
        to = file(to, hash);
        hash = START;
        last = 0;
      }
      continue;
    }
    // Most units are one sign; some stand for two or three.
    do {
      const sign = packed & 255;
      packed >>>= 8;
      if (sign === last && sign > 57) continue;
      // Letters have a bit that digits have not.
      if (((sign ^ last) & 64) !== 0 && last !== 0 && to < full) {
        to = file(to, hash);
        hash = START;
      }
      hash = (hash ^ sign) * PRIME;
      last = sign;
    } while (packed !== 0);
  }
  if (last !== 0 && to < full) to = file(to, hash);
  return to >> 2;
}

function file(to: usize, hash: u32): usize {
  store<u32>(to, meaningOf(mix(hash)), WORDS);
  return to + 4;
}

function meaningOf(hash: u32): u32 {
  let slot = (hash & (SLOTS - 1)) << 3;
  let word = load<u32>(slot, MEANINGS);
  while (word !== 0) {
    if (word === hash) return load<u32>(slot, MEANINGS + 4);
    slot = (slot + 8) & (8 * SLOTS - 1);
    word = load<u32>(slot, MEANINGS);
  }
  return hash;
}

/** `../../mix.ts`. */
function mix(hash: u32): u32 {
  let h = hash;
  h ^= h >>> 16;
  h *= 0x85ebca6b;
  h ^= h >>> 13;
  h *= 0xc2b2ae35;
  return h ^ (h >>> 16);
}
