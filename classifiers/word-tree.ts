/**
 * Words and beginnings of words, each with the slots of patterns that it fills: a tree of letters in one hash
 * table, so that a word which fills none is known after its first few letters, and no string is made.
 *
 *     table:  node and letter -> node       a word walks from node 0 until no branch bears its letter
 */
export interface WordTree {
  /**
   * Slots are added in rising order.
   *
   * @param word in any case; `*` at its end stands for any ending, and `#` alone for any number.
   */
  add(word: string, slot: number): void;
  /** Slots that a word in lower case fills, later ones first, so that one word never fills two of a pattern. */
  slotsOf(word: string): readonly number[];
}

const NONE: readonly number[] = [];
const HASH = 35;

export function wordTree(): WordTree {
  /** A place of the table is free while it names no node: the root is nobody's branch. */
  let froms = new Int32Array(1 << 12);
  let letters = new Uint16Array(froms.length);
  let nodes = new Int32Array(froms.length);
  let mask = froms.length - 1;
  /** Slots that any word fills which begins so, and those that the word itself fills: a list a node, later ones first. */
  const begins: number[][] = [[]];
  const is: number[][] = [[]];

  /** In whole numbers throughout: each letter of each word of a page is looked up here. */
  function placeOf(from: number, letter: number): number {
    let at = (Math.imul(from, 0x9e3779b1) ^ Math.imul(letter, 0x85ebca6b)) >>> 8;
    for (at &= mask; nodes[at] !== 0; at = (at + 1) & mask) {
      if (froms[at] === from && letters[at] === letter) break;
    }
    return at;
  }

  /** 0 where no branch bears that letter. */
  function next(node: number, letter: number): number {
    return nodes[placeOf(node, letter)]!;
  }

  function branch(node: number, letter: number): number {
    const found = next(node, letter);
    if (found !== 0) return found;
    if (begins.length * 3 > nodes.length) grow();
    put(node, letter, begins.length);
    begins.push([]);
    is.push([]);
    return begins.length - 1;
  }

  function put(from: number, letter: number, node: number): void {
    const at = placeOf(from, letter);
    froms[at] = from;
    letters[at] = letter;
    nodes[at] = node;
  }

  function grow(): void {
    const old = { froms, letters, nodes };
    froms = new Int32Array(2 * old.nodes.length);
    letters = new Uint16Array(froms.length);
    nodes = new Int32Array(froms.length);
    mask = froms.length - 1;
    for (let at = 0; at < old.nodes.length; at += 1) {
      if (old.nodes[at] !== 0) put(old.froms[at]!, old.letters[at]!, old.nodes[at]!);
    }
  }

  return {
    add(word, slot) {
      const isBeginning = word.endsWith('*');
      let node = 0;
      for (const letter of (isBeginning ? word.slice(0, -1) : word).toLowerCase()) {
        node = branch(node, letter.charCodeAt(0));
      }
      (isBeginning ? begins : is)[node]!.unshift(slot);
    },
    slotsOf(word) {
      let found = NONE;
      const first = word.charCodeAt(0);
      if (first >= 48 && first <= 57) {
        const number = next(0, HASH);
        if (number !== 0) found = is[number]!;
      }
      let node = 0;
      for (let i = 0; i < word.length; i += 1) {
        node = next(node, word.charCodeAt(i));
        if (node === 0) return found;
        if (begins[node]!.length > 0) found = joined(found, begins[node]!);
      }
      return is[node]!.length === 0 ? found : joined(found, is[node]!);
    },
  };
}

function joined(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.length === 0 ? b : [...a, ...b].sort((x, y) => y - x);
}
