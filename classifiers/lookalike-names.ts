/**
 * Names that false sites of a brand would bear: what a look at DNS should ask for.
 *
 *     kaspi -> slips      kspi, kaspii, ksapi, kaspo        a letter left out, doubled, swapped, its neighbour hit
 *           -> look-alike kaspl, kаspi (Cyrillic, as xn--…)
 *           -> lures      kaspi-bonus, bonuskaspi           words that fraud adds
 *           -> endings    kaspi.top, kaspi-kz.com           its own name where it does not live
 *
 * The most telling come first, so that a small budget is spent well. A name of the brand's own is never among them.
 * Source: the classes are those of dnstwist (github.com/elceef/dnstwist); the lists are the brand file's.
 */
import { domainToASCII } from 'node:url';
import { siteOf } from '../domain/url.ts';

export interface LookalikeWords {
  /** Labels that the brand is known by: Latin letters and digits. */
  readonly labels: readonly string[];
  /** Its own registrable domains. */
  readonly own: readonly string[];
  readonly lures: readonly string[];
  /** Endings to look under, without a dot, the likeliest first. */
  readonly endings: readonly string[];
}

/** Registrable domains in plain letters, each once, the most telling first. */
export function lookalikeNames({ labels, own, lures, endings }: LookalikeWords): string[] {
  const mine = new Set(own);
  const found = new Set<string>();
  const add = (label: string, ending: string) => {
    const name = domainToASCII(`${label}.${ending}`);
    if (name !== '' && !mine.has(name) && siteOf(name) === name) found.add(name);
  };
  const under = (made: readonly string[], where: readonly string[]) => {
    for (const ending of where) for (const label of made) add(label, ending);
  };
  const near = endings.slice(0, 4);
  for (const label of labels) under([label, `${label}-kz`, `${label}kz`, `my${label}`], endings);
  for (const label of labels) under([...homoglyphs(label)], near);
  for (const label of labels)
    under(
      lures.flatMap((lure) => [`${label}-${lure}`, `${label}${lure}`]),
      near,
    );
  for (const label of labels) under([...slips(label)], near);
  for (const label of labels)
    under(
      lures.flatMap((lure) => [`${lure}-${label}`, `${lure}${label}`]),
      near,
    );
  return [...found];
}

/** Neighbours on a Latin keyboard. */
const ROWS = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

function* slips(label: string): Generator<string> {
  for (let at = 0; at < label.length; at += 1) {
    const [before, letter, after] = [label.slice(0, at), label[at]!, label.slice(at + 1)];
    if (label.length > 4) yield before + after;
    yield before + letter + letter + after;
    const next = after[0];
    if (next !== undefined && next !== letter) yield before + next + letter + after.slice(1);
    for (const row of ROWS) {
      const place = row.indexOf(letter);
      if (place === -1) continue;
      for (const other of [row[place - 1], row[place + 1]])
        if (other !== undefined) yield before + other + after;
    }
    if (at > 0) yield `${before}-${letter}${after}`;
  }
}

const ALIKE: Readonly<Record<string, readonly string[]>> = {
  a: ['а', '4'],
  b: ['6', '8'],
  c: ['с'],
  d: ['cl'],
  e: ['е', '3'],
  g: ['9', 'q'],
  h: ['һ'],
  i: ['l', '1', 'і'],
  j: ['ј'],
  k: ['к'],
  l: ['i', '1'],
  m: ['rn', 'nn'],
  n: ['r'],
  o: ['0', 'о'],
  p: ['р'],
  q: ['g'],
  s: ['5', 'ѕ'],
  t: ['7'],
  u: ['v'],
  v: ['u'],
  w: ['vv'],
  x: ['х'],
  y: ['у'],
  z: ['2'],
};

function* homoglyphs(label: string): Generator<string> {
  for (let at = 0; at < label.length; at += 1) {
    for (const other of ALIKE[label[at]!] ?? []) yield label.slice(0, at) + other + label.slice(at + 1);
  }
  // Every letter that has a Cyrillic twin, all at once.
  const whole = Array.from(
    label,
    (letter) => ALIKE[letter]?.find((it) => /\p{Script=Cyrillic}/u.test(it)) ?? letter,
  );
  yield whole.join('');
}
