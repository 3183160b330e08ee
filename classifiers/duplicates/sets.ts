/** Sets of hashes as ascending arrays, and how much two of them share. */

export function setOf(hashes: Iterable<number>): Int32Array {
  return Int32Array.from(new Set(hashes)).sort();
}

/** The same of an array that nobody needs any more: it is put in order. */
export function setIn(hashes: Int32Array): Int32Array {
  hashes.sort();
  let count = 0;
  for (let at = 0; at < hashes.length; at += 1) {
    if (count > 0 && hashes[at] === hashes[count - 1]) continue;
    hashes[count] = hashes[at]!;
    count += 1;
  }
  return hashes.slice(0, count);
}

export interface Overlap {
  readonly jaccard: number;
  /** Jaccard of the weights. */
  readonly weighted: number;
  /** Weight shared, of the lighter and of the heavier one. */
  readonly contained: number;
  readonly containedLess: number;
  /** Weight shared. */
  readonly shared: number;
}

/** Of two ascending sets; all NaN when either is empty. */
export function overlap(a: Int32Array, b: Int32Array, weightOf: (hash: number) => number): Overlap {
  let [i, j, both] = [0, 0, 0];
  let [shared, onlyA, onlyB] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x === y) {
      shared += weightOf(x!);
      both += 1;
      i += 1;
      j += 1;
    } else if (y === undefined || (x !== undefined && x < y)) {
      onlyA += weightOf(x!);
      i += 1;
    } else {
      onlyB += weightOf(y);
      j += 1;
    }
  }
  if (a.length === 0 || b.length === 0) {
    return {
      jaccard: Number.NaN,
      weighted: Number.NaN,
      contained: Number.NaN,
      containedLess: Number.NaN,
      shared: 0,
    };
  }
  const less = shared + Math.min(onlyA, onlyB);
  const more = shared + Math.max(onlyA, onlyB);
  return {
    jaccard: both / (a.length + b.length - both),
    weighted: shared / Math.max(1e-9, shared + onlyA + onlyB),
    contained: shared / Math.max(1e-9, less),
    containedLess: shared / Math.max(1e-9, more),
    shared,
  };
}

/** One set laid out to be asked often: what another shares with it costs the size of the other alone. */
export interface OpenedSet {
  /** Takes this set in place of the one before. */
  open(set: Int32Array): void;
  /** Place in the set; -1 for what is not in it. */
  placeOf(hash: number): number;
  /** How many of another set are in it. */
  shared(other: Int32Array): number;
}

/** Empty at first. Members are mixed hashes (`mix`), of which any bits tell them apart. */
export function openedSet(): OpenedSet {
  let members: Int32Array = new Int32Array(0);
  // Place + 1 by the lowest bits of a hash, 0 where there is none: a quarter full, so that most looks are one.
  let slots = new Uint16Array(64);
  let mask = 63;
  const placeOf = (hash: number): number => {
    for (let at = hash & mask; slots[at] !== 0; at = (at + 1) & mask) {
      const place = slots[at]! - 1;
      if (members[place] === hash) return place;
    }
    return -1;
  };
  return {
    placeOf,
    open(set) {
      members = set;
      let size = 64;
      while (size < 4 * set.length) size *= 2;
      mask = size - 1;
      if (slots.length < size) slots = new Uint16Array(size);
      else slots.fill(0, 0, size);
      for (let place = 0; place < set.length; place += 1) {
        let at = set[place]! & mask;
        while (slots[at] !== 0) at = (at + 1) & mask;
        slots[at] = place + 1;
      }
    },
    shared(other) {
      let both = 0;
      for (let i = 0; i < other.length; i += 1) {
        if (placeOf(other[i]!) >= 0) both += 1;
      }
      return both;
    },
  };
}
