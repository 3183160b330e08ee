/**
 * What is said, apart from any language: which sentence, and the values in it. Words of a language are made of it
 * where somebody reads; what is bound to it holds whatever language its reader chose, and however a sentence is mended.
 */
export interface Saying {
  /** Of a sentence in a catalogue, such as `OB11.no_tie`. */
  readonly key: string;
  /** By the names of its places. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** The same sentence with the same values, in whatever order they are kept. */
export function isSameSaying(one: Saying, other: Saying): boolean {
  const names = Object.keys(one.facts);
  return (
    one.key === other.key &&
    names.length === Object.keys(other.facts).length &&
    names.every((name) => Object.hasOwn(other.facts, name) && one.facts[name] === other.facts[name])
  );
}
