/**
 * The words of a PDF as a reader would copy them, for PDFs that Chromium printed: streams packed with Flate, fonts
 * with a ToUnicode map (ISO 32000-1, sections 9.10.3 and 9.4.3). Text of a font without such a map is left out.
 */
import { inflateSync } from 'node:zlib';

export function pdfText(pdf: Buffer): string {
  const objects = objectsOf(pdf);
  const maps = new Map<string, Map<string, string>>();
  for (const [id, { head }] of objects) {
    const at = /\/ToUnicode (\d+) 0 R/.exec(head)?.[1];
    if (at !== undefined) maps.set(id, unicodeMap(objects.get(at)!.stream));
  }
  const pages = [...objects.values()].filter(({ head }) => /\/Type\s*\/Page\b/.test(head));
  return pages
    .map(({ head }) => {
      const fonts = /\/Font\s*<<(.*?)>>/s.exec(head)?.[1] ?? '';
      const named = new Map([...fonts.matchAll(/\/(\w+) (\d+) 0 R/g)].map(([, name, id]) => [name!, id!]));
      const contents = /\/Contents (\d+) 0 R/.exec(head)?.[1];
      return contents === undefined
        ? ''
        : shown(objects.get(contents)!.stream, (name) => maps.get(named.get(name) ?? ''));
    })
    .join('\n');
}

interface PdfObject {
  readonly head: string;
  readonly stream: string;
}

function objectsOf(pdf: Buffer): Map<string, PdfObject> {
  const text = pdf.toString('latin1');
  const objects = new Map<string, PdfObject>();
  for (const { 1: id, index } of text.matchAll(/(?<=^|\n)(\d+) 0 obj/g)) {
    const end = text.indexOf('endobj', index);
    const from = text.indexOf('stream\n', index);
    const isStream = from !== -1 && from < end;
    const head = text.slice(index, isStream ? from : end);
    objects.set(id!, { head, stream: isStream ? unpacked(pdf, from + 7, head) : '' });
  }
  return objects;
}

function unpacked(pdf: Buffer, from: number, head: string): string {
  const length = Number(/\/Length (\d+)/.exec(head)?.[1]);
  const bytes = pdf.subarray(from, from + length);
  return (head.includes('/FlateDecode') ? inflateSync(bytes) : bytes).toString('latin1');
}

function unicodeMap(cmap: string): Map<string, string> {
  const map = new Map<string, string>();
  const word = (hex: string) => Buffer.from(hex, 'hex').swap16().toString('utf16le');
  const code = (value: number) => value.toString(16).padStart(4, '0');
  for (const [, block] of cmap.matchAll(/beginbfchar(.*?)endbfchar/gs))
    for (const [, from, to] of block!.matchAll(/<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>/g))
      map.set(from!.toLowerCase(), word(to!));
  for (const [, block] of cmap.matchAll(/beginbfrange(.*?)endbfrange/gs))
    for (const [, low, high, to] of block!.matchAll(
      /<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>/g,
    ))
      for (let at = 0; at <= Number.parseInt(high!, 16) - Number.parseInt(low!, 16); at += 1)
        map.set(code(Number.parseInt(low!, 16) + at), word(code(Number.parseInt(to!, 16) + at)));
  return map;
}

/** What a page's content shows: `Tf` picks a font, `Tj` and `TJ` show glyphs, `ET` ends a piece. */
function shown(content: string, mapOf: (font: string) => Map<string, string> | undefined): string {
  let map: Map<string, string> | undefined;
  let text = '';
  for (const [token, font, hex] of content.matchAll(/\/(\w+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|\bET\b/g)) {
    if (font !== undefined) map = mapOf(font);
    else if (token === 'ET') text += ' ';
    else for (const glyph of hex!.toLowerCase().match(/.{4}/g) ?? []) text += map?.get(glyph) ?? '';
  }
  return text;
}
