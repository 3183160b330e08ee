/** Inputs made to be slow to read, each of a length that can be chosen: what rules must take in linear time. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Shape {
  readonly name: string;
  /** About `length` characters. */
  readonly make: (length: number) => string;
}

const repeated =
  (unit: string, close = '') =>
  (length: number): string =>
    unit.repeat(Math.max(1, Math.floor((length - close.length) / unit.length))) + close;

/** Whole pages. */
export const PAGE_SHAPES: readonly Shape[] = [
  {
    name: 'words',
    make: repeated('<p>Гарантируем доход 5 % в день, пригласите друга и получите бонус.</p>'),
  },
  { name: 'nesting', make: repeated('<div>') },
  { name: 'nested inline styles', make: repeated('<div style="color:#fff;background:#000">a') },
  { name: 'nested tables', make: repeated('<table><tr><td>') },
  { name: 'unclosed comment', make: (length) => `<!--${'-'.repeat(length)}` },
  { name: 'unclosed tags', make: repeated('<a href="x"') },
  { name: 'one tag of many attributes', make: (length) => `<div ${repeated('a=1 ')(length)}>x</div>` },
  {
    name: 'one tag of many named attributes',
    make: (length) => `<div ${Array.from({ length: length / 12 }, (_, at) => `d${at}=v`).join(' ')}>x</div>`,
  },
  { name: 'one word', make: (length) => `<p>${'а'.repeat(length)}</p>` },
  { name: 'one word of two alphabets', make: (length) => `<p>${'аa'.repeat(length / 2)}</p>` },
  { name: 'one number', make: (length) => `<p>${'7'.repeat(length)}</p>` },
  { name: 'numbers in groups', make: (length) => `<p>${'100 '.repeat(length / 4)}</p>` },
  { name: 'one sentence', make: (length) => `<p>${'доход '.repeat(length / 6)}</p>` },
  { name: 'entities', make: repeated('&#1076;') },
  { name: 'broken entities', make: repeated('&#x') },
  {
    name: 'forms and fields',
    make: repeated('<form action="/login.php"><input type="password" name="cvv"><label>код из смс</label>'),
  },
  { name: 'links', make: repeated('<a href="?ref=1">t</a>') },
  { name: 'scripts', make: repeated('<script>var clickid=1</script>') },
  { name: 'scripts that never end', make: repeated('<script x') },
  { name: 'styles that never end', make: repeated('<style></ style') },
  { name: 'ends that never close', make: (length) => `<script>${'</script'.repeat(length / 8)}` },
  { name: 'templates', make: repeated('<template><TEMPLATE>') },
  { name: 'comments', make: repeated('<!--x--><!-->') },
  {
    name: 'structured data',
    make: (length) => `<script type="application/ld+json">${'['.repeat(length)}</script>`,
  },
  { name: 'style of one element', make: (length) => `<p style="${'display :'.repeat(length / 9)}">x</p>` },
  { name: 'broken surrogates', make: (length) => `<p>${'\ud83d'.repeat(length)}</p>` },
  { name: 'marks', make: (length) => `<p>а${'\u0301'.repeat(length)}</p>` },
  { name: 'invisible letters', make: (length) => `<p>${'а\u200b'.repeat(length / 2)}</p>` },
  { name: 'white space', make: (length) => `<p>а${' '.repeat(length)}б</p>` },
  { name: 'line breaks', make: (length) => `<pre>${'\n'.repeat(length)}</pre>` },
];

/**
 * For every regular expression in a folder's sources: what nearly matches it, over and over. The words that
 * stand in the expression are run together, with spaces, digits and signs between them.
 */
export function nearMisses(folder: URL): Shape[] {
  const shapes: Shape[] = [];
  for (const file of readdirSync(folder).filter((it) => it.endsWith('.ts'))) {
    const source = readFileSync(new URL(file, folder), 'utf8');
    for (const match of source.matchAll(
      /(?<=[=(,:?&|!\s])\/(?![/*])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[a-z]*/g,
    )) {
      const words = [...match[1]!.replace(/\\./g, ' ').matchAll(/[\p{L}\p{N}_%@:."'<>=-]+/gu)].map(
        ([word]) => word,
      );
      const name = `${file}: ${match[1]!.slice(0, 50)}`;
      for (const [how, unit] of [
        ['run together', words.join('')],
        ['apart', `${words.join(' ')} `],
        ['with digits', words.map((word) => `${word} 1`).join(' ')],
        ['first word', words[0] ?? 'a'],
        ['first word and blanks', `${words[0] ?? 'a'}${' '.repeat(20)}`],
      ] as const) {
        shapes.push({ name: `${name} (${how})`, make: repeated(unit === '' ? 'a' : unit) });
      }
    }
  }
  return shapes;
}
