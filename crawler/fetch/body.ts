/**
 * What the bytes of an answer are, told from its headers and from the bytes themselves, and its
 * content-encodings undone, each within the one limit on decoded bytes.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import type { FetchLimits } from './limits.ts';
import { fromZstd, HAS_ZSTD } from './zstd.ts';

export function isPageType(type: string): boolean {
  return (
    (type.startsWith('text/') ||
      type === 'application/xml' ||
      type === 'application/json' ||
      /\+(?:xml|json)$/.test(type)) &&
    type !== 'image/svg+xml' &&
    type !== 'text/css' &&
    type !== 'text/javascript' &&
    type !== 'text/event-stream'
  );
}

export function mediaTypeOf(contentType: string | null): string {
  return (contentType ?? '').split(';')[0]!.split(',')[0]!.trim().toLowerCase();
}

/** First bytes (as ISO 8859-1) of files that servers pass off as pages. */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['GIF8', 'a picture'],
  ['%PDF-', 'a PDF'],
  ['PK\x03\x04', 'an archive or app'],
  ['\x1f\x8b', 'an archive'],
  ['Rar!', 'an archive'],
  ['MZ', 'a program'],
  ['\x7fELF', 'a program'],
];

/** What the bytes are whatever their media type says; null when no such file. */
export function fileKind(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 8).toString('latin1');
  const found = SIGNATURES.find(([signature]) => start.startsWith(signature));
  return found !== undefined && (found[0] !== 'MZ' || hasZeros(bytes)) ? found[1] : null;
}

/** Zero bytes within the first thousand; UTF-16 with a byte order mark has them by right. */
export function hasZeros(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 1000);
  const isUtf16 = (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  return !isUtf16 && start.includes(0);
}

type Decompress = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;
const [fromGzip, fromDeflate, fromRawDeflate, fromBrotli] = [
  gunzip,
  inflate,
  inflateRaw,
  brotliDecompress,
].map((decompress) => promisify(decompress) as Decompress) as [
  Decompress,
  Decompress,
  Decompress,
  Decompress,
];
/** For `accept-encoding`: what can be undone here, and nothing else. */
export const ENCODINGS = HAS_ZSTD ? 'gzip, deflate, br, zstd' : 'gzip, deflate, br';
/** Encodings on top of one another that are undone; nobody honest sends more than one. */
const MOST_LAYERS = 3;

type DecodedBody =
  | { readonly is: 'decoded'; readonly bytes: Buffer }
  | { readonly is: 'failed'; readonly reason: 'too_large' | 'bad_encoding'; readonly detail: string };

export async function decodeBody(
  raw: Uint8Array,
  contentEncoding: string,
  limits: FetchLimits,
): Promise<DecodedBody> {
  let bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const names = contentEncoding.split(',').map((name) => name.trim().toLowerCase());
  const layers = names.filter((name) => name !== '' && name !== 'identity').reverse();
  if (layers.length > MOST_LAYERS) {
    return { is: 'failed', reason: 'bad_encoding', detail: `it is encoded ${layers.length} times over` };
  }
  const most = Math.min(limits.decodedBytes, Math.max(1_000_000, raw.byteLength * limits.ratio));
  for (const layer of bytes.length === 0 ? [] : layers) {
    const decompress = decompressorOf(layer, bytes);
    if (decompress === null) {
      return {
        is: 'failed',
        reason: 'bad_encoding',
        detail: `its content-encoding "${layer.slice(0, 40)}" is unknown`,
      };
    }
    try {
      bytes = await decompress(bytes, { maxOutputLength: most });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
        const detail = `its ${raw.byteLength} bytes unpack to more than ${most}`;
        return { is: 'failed', reason: 'too_large', detail };
      }
      return { is: 'failed', reason: 'bad_encoding', detail: `its ${layer} body cannot be unpacked` };
    }
  }
  return { is: 'decoded', bytes };
}

function decompressorOf(layer: string, bytes: Uint8Array): Decompress | null {
  switch (layer) {
    case 'gzip':
    case 'x-gzip':
      return fromGzip;
    case 'br':
      return fromBrotli;
    case 'zstd':
      return HAS_ZSTD ? fromZstd : null;
    case 'deflate': {
      // Some servers send bare deflate where the zlib wrapper belongs (RFC 9110, section 8.4.1.2).
      const isWrapped = (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | (bytes[1] ?? 0)) % 31 === 0;
      return isWrapped ? fromDeflate : fromRawDeflate;
    }
    default:
      return null;
  }
}
