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
  let keys = new Float64Array(1 << 12).fill(-1);
  let nodes = new Int32Array(keys.length);
  let mask = keys.length - 1;
  /** Slots that any word fills which begins so, and those that the word itself fills: a list a node, later ones first. */
  const begins: number[][] = [[]];
  const is: number[][] = [[]];

  function placeOf(key: number): number {
    let at = Math.imul(key % 0x7fffffff, 0x9e3779b1) >>> 8;
    for (at &= mask; keys[at] !== key && keys[at] !== -1; at = (at + 1) & mask);
    return at;
  }

  function next(node: number, letter: number): number {
    const at = placeOf(node * 0x10000 + letter);
    return keys[at] === -1 ? -1 : nodes[at]!;
  }

  function branch(node: number, letter: number): number {
    const found = next(node, letter);
    if (found !== -1) return found;
    if (begins.length * 3 > keys.length) grow();
    const key = node * 0x10000 + letter;
    const at = placeOf(key);
    keys[at] = key;
    nodes[at] = begins.length;
    begins.push([]);
    is.push([]);
    return nodes[at]!;
  }

  function grow(): void {
    const [oldKeys, oldNodes] = [keys, nodes];
    keys = new Float64Array(2 * oldKeys.length).fill(-1);
    nodes = new Int32Array(keys.length);
    mask = keys.length - 1;
    for (const [i, key] of oldKeys.entries()) {
      if (key === -1) continue;
      const at = placeOf(key);
      keys[at] = key;
      nodes[at] = oldNodes[i]!;
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
        if (number !== -1) found = is[number]!;
      }
      let node = 0;
      for (let i = 0; i < word.length; i += 1) {
        node = next(node, word.charCodeAt(i));
        if (node === -1) return found;
        if (begins[node]!.length > 0) found = joined(found, begins[node]!);
      }
      return is[node]!.length === 0 ? found : joined(found, is[node]!);
    },
  };
}

function joined(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.length === 0 ? b : [...a, ...b].sort((x, y) => y - x);
}
