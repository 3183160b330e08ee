/**
 * Bytes of a page to text.
 *
 * Order of trust: byte order mark, HTTP header, `meta` in the first 1,024 bytes (WHATWG HTML, section
 * "determining the character encoding"), then the bytes themselves. A declaration is overruled only when it
 * gives clearly broken text and another encoding does not: many old sites of the region still say
 * "iso-8859-1" over windows-1251, or "windows-1251" over UTF-8.
 *
 * Cyrillic encodings are told apart by what letters they put side by side: the share of common Russian and
 * Kazakh letter pairs among all pairs, less what no writer does (a capital after a small letter, a box
 * drawing sign within a word).
 */
import { isAscii, isUtf8, transcode } from 'node:buffer';

export interface Decoded {
  readonly html: string;
  /** WHATWG name of the encoding, e.g. `windows-1251`. */
  readonly charset: string;
  readonly how: 'bom' | 'http' | 'meta' | 'detected' | 'default';
  /** What header or meta claimed, as a WHATWG name; null when neither claims one that exists. */
  readonly declared: string | null;
}

/** Bytes that detection looks at. */
const SAMPLE = 65_536;
const CYRILLIC = ['windows-1251', 'koi8-r', 'iso-8859-5', 'ibm866', 'koi8-u', 'x-mac-cyrillic'] as const;
/** A text reads as Cyrillic from this score on; real pages score above 0.3, wrong guesses below 0. */
const READABLE = 0.12;
/** How much better another encoding must read before a declaration is overruled. */
const CLEARLY = 0.2;

/** @param contentType value of the HTTP header; null when there was none. */
export function decode(bytes: Uint8Array, contentType: string | null): Decoded {
  const marked = byteOrderMark(bytes);
  const http = encodingOf(charsetParameter(contentType ?? ''));
  const meta = http === null ? metaCharset(bytes) : null;
  const declared = http ?? meta;
  if (marked !== null) return { html: text(bytes, marked), charset: marked, how: 'bom', declared };
  const sample = bytes.subarray(0, SAMPLE);
  if (declared !== null) {
    const better = overruling(bytes, sample, declared);
    if (better !== null) return { html: text(bytes, better), charset: better, how: 'detected', declared };
    return { html: text(bytes, declared), charset: declared, how: http === null ? 'meta' : 'http', declared };
  }
  const found = detected(sample);
  if (found !== null) return { html: text(bytes, found), charset: found, how: 'detected', declared };
  return { html: text(bytes, 'windows-1252'), charset: 'windows-1252', how: 'default', declared };
}

function byteOrderMark(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return null;
}

function charsetParameter(contentType: string): string {
  return (
    /;\s*charset\s*=\s*(?:"([^"]{1,40})"|'([^']{1,40})'|([^\s;"']{1,40}))/i
      .exec(contentType)
      ?.slice(1)
      .find(Boolean) ?? ''
  );
}

/** The label's WHATWG name; null for one that is unknown or stands for no text. */
function encodingOf(label: string): string | null {
  if (label.trim() === '') return null;
  try {
    return new TextDecoder(label.trim()).encoding;
  } catch {
    return null;
  }
}

function metaCharset(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 1024)).toString(
    'latin1',
  );
  for (const [tag] of start.replace(/<!--[\s\S]*?-->/g, '').matchAll(/<meta\s[^>]{1,500}/gi)) {
    const label = /charset\s*=\s*["']?\s*([^\s"'>;]{1,40})/i.exec(tag)?.[1] ?? '';
    const name = encodingOf(label);
    // A page whose meta could be read byte by byte is not UTF-16, whatever it says.
    if (name !== null) return name.startsWith('utf-16') ? 'utf-8' : name;
  }
  return null;
}

/** The encoding that reads where the declared one is clearly broken; null to keep the declared one. */
function overruling(bytes: Uint8Array, sample: Uint8Array, declared: string): string | null {
  const wide = utf16ByZeros(sample);
  if (declared.startsWith('utf-16'))
    return wide === null ? detected(sample) : wide === declared ? null : wide;
  if (wide !== null) return wide;
  // What most pages are; told many times faster than what is broken in the others.
  if (declared === 'utf-8' && isUtf8(bytes)) return null;
  const utf8 = utf8Fit(sample);
  if (declared === 'utf-8') {
    if (utf8.broken === 0 || utf8.broken * 4 < utf8.whole) return null;
    return bestCyrillic(sample)?.name ?? null;
  }
  // Three whole sequences and no broken one do not come about by chance in any single-byte encoding.
  if (utf8.broken === 0 && utf8.whole >= 3) return 'utf-8';
  if (utf8.whole + utf8.broken === 0 || !/^(?:windows-|iso-8859|koi8|ibm866|macintosh|x-mac)/.test(declared))
    return null;
  const best = bestCyrillic(sample);
  if (best === null || best.name === declared) return null;
  return best.score - readability(text(sample, declared)) > CLEARLY ? best.name : null;
}

function detected(sample: Uint8Array): string | null {
  const wide = utf16ByZeros(sample);
  if (wide !== null) return wide;
  const utf8 = utf8Fit(sample);
  if (utf8.broken === 0 || utf8.broken * 10 < utf8.whole) return 'utf-8';
  return bestCyrillic(sample)?.name ?? null;
}

function bestCyrillic(sample: Uint8Array): { readonly name: string; readonly score: number } | null {
  let best: { name: string; score: number } | null = null;
  for (const name of CYRILLIC) {
    const score = readability(text(sample, name));
    if (score >= READABLE && (best === null || score > best.score)) best = { name, score };
  }
  return best;
}

/** In UTF-16 every other byte is 0 under markup and 4 under Cyrillic. */
function utf16ByZeros(sample: Uint8Array): string | null {
  const pairs = Math.min(sample.length >> 1, 2_048);
  if (pairs < 8 || !hasZero(sample, pairs * 2)) return null;
  const highs = [0, 0];
  const zeros = [0, 0];
  for (let at = 0; at < pairs * 2; at += 1) {
    const byte = sample[at];
    if (byte === 0) zeros[at & 1]! += 1;
    if (byte === 0 || byte === 4) highs[at & 1]! += 1;
  }
  const isHigh = (parity: 0 | 1) =>
    highs[parity]! > pairs * 0.8 && zeros[parity]! > 3 && zeros[1 - parity]! < pairs * 0.05;
  if (isHigh(0)) return 'utf-16be';
  return isHigh(1) ? 'utf-16le' : null;
}

/** Told natively, since next to no page has one. */
function hasZero(bytes: Uint8Array, length: number): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).includes(0);
}

/** Multi-byte sequences that are whole, and bytes that belong to none; one cut off at the end counts as neither. */
function utf8Fit(sample: Uint8Array): { whole: number; broken: number } {
  let whole = 0;
  let broken = 0;
  for (let at = 0; at < sample.length; at += 1) {
    const lead = sample[at]!;
    if (lead < 0x80) continue;
    const more =
      lead >= 0xc2 && lead <= 0xdf ? 1 : (lead & 0xf0) === 0xe0 ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
    if (more > 0 && at + more >= sample.length) break;
    let follow = 0;
    while (follow < more && (sample[at + follow + 1]! & 0xc0) === 0x80) follow += 1;
    if (more > 0 && follow === more) {
      whole += 1;
      at += more;
    } else {
      broken += 1;
    }
  }
  return { whole, broken };
}

/** Letter pairs common in Russian and Kazakh running text; chosen by us, their order means nothing. */
const COMMON = new Set(
  (
    'ст но то на ен ов ни ра во ко ет ро го не пр по ли ер ка ре ос та ть ан ло ор ол ал ие ва ит ла ин ел ом ес ' +
    'од ем ил ат ри ны ис де от те за ле ав до ог ме да ск ма ки мо ам об чт вы ый ых же ся им ти бо со св се из ' +
    'ед тр ьн ми ча нн ар ас ви ве ще ци ия аш ша бе ле уч ру ку бу ду ус ут ай ой ей ии ля ля вк дл ня ги ид мы ' +
    'ын ың ың ер ен ды ді ты ті ға қа ге де ме ау бо ол са ар ыр ық ік іл із сы сі да та лы лі дә жа жә бі ке ай'
  ).split(' '),
);

/**
 * How much a text looks like written Cyrillic: about 0.3..0.8 when decoded rightly, below 0 when not;
 * 0 when there is nothing to judge.
 */
function readability(decoded: string): number {
  let pairs = 0;
  let good = 0;
  let bad = 0;
  let before = 0;
  for (let at = 0; at < decoded.length; at += 1) {
    const code = decoded.charCodeAt(at);
    if (code < 0x80) {
      before = 0;
      continue;
    }
    const isLetter = isCyrillicLetter(code);
    if (before !== 0) {
      pairs += 1;
      if (isLetter && isCyrillicLetter(before)) {
        const pair = String.fromCharCode(before, code);
        if (isSmall(before) && !isSmall(code)) bad += 1;
        else if (COMMON.has(pair.toLowerCase())) good += 1;
      } else if (isLetter !== isCyrillicLetter(before) && !isPunctuation(isLetter ? before : code)) {
        bad += 1;
      }
    } else if (!isLetter && !isPunctuation(code)) {
      bad += 0.25;
    }
    before = code;
  }
  return pairs === 0 ? 0 : (good - 2 * bad) / pairs;
}

function isCyrillicLetter(code: number): boolean {
  return (
    (code >= 0x410 && code <= 0x44f) ||
    code === 0x401 ||
    code === 0x451 ||
    (code >= 0x402 && code <= 0x45f) ||
    (code >= 0x490 && code <= 0x4e9)
  );
}

function isSmall(code: number): boolean {
  return (
    (code >= 0x430 && code <= 0x45f) ||
    (code > 0x45f && String.fromCharCode(code) !== String.fromCharCode(code).toUpperCase())
  );
}

/** No-break space, quotes, dashes, the numero and currency signs: what stands next to a word. */
function isPunctuation(code: number): boolean {
  return (
    code === 0xa0 ||
    code === 0xab ||
    code === 0xbb ||
    code === 0xa9 ||
    code === 0xae ||
    (code >= 0x2010 && code <= 0x2044) ||
    code === 0x2116 ||
    (code >= 0x20a0 && code <= 0x20bf)
  );
}

function text(bytes: Uint8Array, encoding: string): string {
  return (encoding === 'utf-8' ? wholeUtf8(bytes) : null) ?? new TextDecoder(encoding).decode(bytes);
}

/**
 * What `TextDecoder` makes of valid UTF-8, in a tenth of its time: by way of UTF-16, as strings are kept. Null for
 * bytes that are none.
 */
function wholeUtf8(bytes: Uint8Array): string | null {
  const same = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(same)) return same.toString('latin1');
  if (!isUtf8(same)) return null;
  const decoded = transcode(same, 'utf8', 'utf16le').toString('utf16le');
  return decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded;
}
