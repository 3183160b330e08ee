/**
 * The numbers of a text with the words beside them, read once and laid out in order, so that the numbers of two texts
 * are compared by going through both side by side.
 */
import type { Token } from './skeleton.ts';

export interface PlacedNumbers {
  /** Each once, ascending. */
  readonly values: readonly number[];
  /** Places in `values` in the order of first sight. */
  readonly order: readonly number[];
  /** Of each value: its hash as a word, and whether it stands in the title. */
  readonly hashes: readonly number[];
  readonly isInTitle: readonly boolean[];
  /** How many stand in the title. */
  readonly titleCount: number;
  /** By the word before, the word after, and both. */
  readonly before: BesideWords;
  readonly after: BesideWords;
  readonly both: BesideWords;
}

/** Numbers by what stands beside them: ascending by word and then by number, each pair once. */
export interface BesideWords {
  readonly words: readonly number[];
  readonly values: readonly number[];
}

const NOTHING: BesideWords = { words: [], values: [] };
const NO_NUMBERS: PlacedNumbers = {
  ...{ values: [], order: [], hashes: [], isInTitle: [], titleCount: 0 },
  ...{ before: NOTHING, after: NOTHING, both: NOTHING },
};

/** @param meanings of the tokens. @param titleLength tokens of the title, which come first. */
export function placedNumbers(
  tokens: readonly Token[],
  meanings: Int32Array,
  titleLength: number,
): PlacedNumbers {
  const seen = new Map<number, { hash: number; isInTitle: boolean }>();
  const before: Beside[] = [];
  const after: Beside[] = [];
  const both: Beside[] = [];
  const wordAt = (at: number): number =>
    at >= 0 && at < tokens.length && tokens[at]!.value === null ? meanings[at]! : 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const value = tokens[at]!.value;
    if (value === null) continue;
    if (!seen.has(value)) seen.set(value, { hash: meanings[at]!, isInTitle: at < titleLength });
    const [left, right] = [wordAt(at - 1), wordAt(at + 1)];
    before.push({ word: left, value });
    after.push({ word: right, value });
    both.push({ word: left === 0 || right === 0 ? 0 : Math.imul(left, 31) + right, value });
  }
  if (seen.size === 0) return NO_NUMBERS;
  const values = [...seen.keys()].sort((x, y) => x - y);
  const placeOf = new Map(values.map((value, place) => [value, place]));
  return {
    values,
    order: Array.from(seen.keys(), (value) => placeOf.get(value)!),
    hashes: values.map((value) => seen.get(value)!.hash),
    isInTitle: values.map((value) => seen.get(value)!.isInTitle),
    titleCount: values.filter((value) => seen.get(value)!.isInTitle).length,
    before: besideWords(before),
    after: besideWords(after),
    both: besideWords(both),
  };
}

interface Beside {
  readonly word: number;
  readonly value: number;
}

/** 0 is no word. */
function besideWords(all: Beside[]): BesideWords {
  const inOrder = all
    .filter(({ word }) => word !== 0)
    .sort((x, y) => x.word - y.word || x.value - y.value)
    .filter(({ word, value }, at, list) => list[at - 1]?.word !== word || list[at - 1]?.value !== value);
  if (inOrder.length === 0) return NOTHING;
  return { words: inOrder.map(({ word }) => word), values: inOrder.map(({ value }) => value) };
}

/** What two texts' numbers have in common. */
export interface NumbersShared {
  /** Values of both, of both titles, and in each alone. */
  shared: number;
  titleShared: number;
  apartA: number;
  apartB: number;
  /** Mean relative difference of numbers apart, each with the nearest of the other; NaN when either has none. */
  closest: number;
}

// Values apart, ascending, and which places are shared: good until the next call.
const apartA: number[] = [];
const apartB: number[] = [];
const isSharedA: boolean[] = [];
const isSharedB: boolean[] = [];

/** @param see hears the hash of every number that both have. */
export function numbersShared(
  a: PlacedNumbers,
  b: PlacedNumbers,
  see: (hash: number) => void,
): NumbersShared {
  apartA.length = 0;
  apartB.length = 0;
  let [i, j, shared, titleShared] = [0, 0, 0, 0];
  while (i < a.values.length || j < b.values.length) {
    const x = i < a.values.length ? a.values[i]! : Number.POSITIVE_INFINITY;
    const y = j < b.values.length ? b.values[j]! : Number.POSITIVE_INFINITY;
    if (i < a.values.length && j < b.values.length && x === y) {
      shared += 1;
      if (a.isInTitle[i]! && b.isInTitle[j]!) titleShared += 1;
      see(a.hashes[i]!);
      isSharedA[i] = true;
      isSharedB[j] = true;
      i += 1;
      j += 1;
    } else if (j === b.values.length || (i < a.values.length && x < y)) {
      isSharedA[i] = false;
      apartA.push(x);
      i += 1;
    } else {
      isSharedB[j] = false;
      apartB.push(y);
      j += 1;
    }
  }
  const closest =
    apartA.length <= apartB.length
      ? closestOf(a, isSharedA, apartA.length, apartB)
      : closestOf(b, isSharedB, apartB.length, apartA);
  return { shared, titleShared, apartA: apartA.length, apartB: apartB.length, closest };
}

/** @param many ascending. */
function closestOf(
  few: PlacedNumbers,
  isShared: readonly boolean[],
  count: number,
  many: readonly number[],
): number {
  // Hundreds of digits are beyond all numbers, and how far from them something is nobody knows.
  if (count === 0 || many.length === 0 || many.at(-1) === Number.POSITIVE_INFINITY) return Number.NaN;
  let sum = 0;
  for (const place of few.order) {
    if (isShared[place]!) continue;
    const value = few.values[place]!;
    let [low, high] = [0, many.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (many[middle]! < value) low = middle + 1;
      else high = middle;
    }
    // The nearest one is the next below or the next above.
    let best = 1;
    if (low > 0) best = Math.min(best, difference(value, many[low - 1]!));
    if (low < many.length) best = Math.min(best, difference(value, many[low]!));
    sum += best;
  }
  return sum / count;
}

function difference(a: number, b: number): number {
  return Math.abs(a - b) / Math.max(a, b, 1e-9);
}

/** Of words that stand beside a number in both: how often one of the numbers is the same, how often none is. */
export function agreement(a: BesideWords, b: BesideWords): { agree: number; conflict: number } {
  let [i, j, agree, conflict] = [0, 0, 0, 0];
  while (i < a.words.length && j < b.words.length) {
    const word = a.words[i]!;
    if (word !== b.words[j]!) {
      if (word < b.words[j]!) i += 1;
      else j += 1;
      continue;
    }
    let isSame = false;
    while (i < a.words.length && j < b.words.length && a.words[i] === word && b.words[j] === word) {
      const [x, y] = [a.values[i]!, b.values[j]!];
      if (x === y) isSame = true;
      if (x <= y) i += 1;
      if (y <= x) j += 1;
    }
    while (a.words[i] === word) i += 1;
    while (b.words[j] === word) j += 1;
    if (isSame) agree += 1;
    else conflict += 1;
  }
  return { agree, conflict };
}
