/**
 * A visit's raw traffic as a WARC/1.1 file (ISO 28500:2017), one gzip member a record:
 *
 *     warcinfo                      who captured, with what, when
 *     request, response             one pair per exchange, in order; a redirect is an exchange of its own
 *     request, revisit              instead, when the last answer was "not modified": it names the response that still
 *                                   holds, in another file, by its id, address, date and payload digest
 *     resource …                    screenshots, the DOM and what the page was kept from, when given
 *
 * Every record carries the SHA-256 of its block, and of its payload where it has one. Record ids are made
 * from the record's own content, so the same capture always gives the same bytes. `evidence/warc-read.ts`
 * reads and verifies.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Exchange, Sha256 } from '../domain/capture.ts';
import { sha256Of } from './store.ts';

/** Something made from a page and kept beside its traffic. */
export interface WarcResource {
  /**
   * `urn:view:URL` for a screenshot, `urn:fullpage:URL` for a whole-page one, `urn:dom:URL` for the DOM,
   * `urn:text:URL` for what a reader could read, `urn:refused:URL` for what the page was kept from, `urn:facts:HOST` and `urn:tls:HOST` for what was learned
   * of its host.
   */
  readonly uri: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface WarcContext {
  /** Name and version, e.g. `kuzet/0.1.0`. */
  readonly software: string;
  /** Id of the visit that captured. */
  readonly visit: string;
  readonly at: Date;
  /** Name and version of the browser that rendered; null when none did. */
  readonly browser: string | null;
  /** What else an expert asks about a capture, for the warcinfo record: the viewport, the clock … */
  readonly more?: HeaderLines;
}

/** A response in another WARC. */
export interface WarcReference {
  readonly recordId: string;
  readonly uri: string;
  /** As written there. */
  readonly date: string;
  readonly payloadDigest: string | null;
}

/** Source: WARC/1.1, section 6.7.3, "revisit: server not modified". */
const NOT_MODIFIED = 'http://netpreservefoundation.org/warc/1.1/revisit/server-not-modified';

type HeaderLines = readonly (readonly [name: string, value: string])[];

export function warcOf(visit: {
  readonly context: WarcContext;
  readonly exchanges: readonly Exchange[];
  readonly resources?: readonly WarcResource[];
  /** The response that the last exchange, a 304, says still holds. */
  readonly unchanged?: WarcReference;
}): Buffer {
  const { context, exchanges, resources = [], unchanged = null } = visit;
  const info = infoRecord(context);
  const records = [info.bytes];
  for (const [at, exchange] of exchanges.entries()) {
    const refersTo = at === exchanges.length - 1 ? unchanged : null;
    records.push(...exchangeRecords(exchange, at, info.id, refersTo));
  }
  for (const [at, resource] of resources.entries())
    records.push(resourceRecord(resource, at, info.id, context.at));
  return Buffer.concat(records);
}

function infoRecord({ software, visit, at, browser, more = [] }: WarcContext): { id: string; bytes: Buffer } {
  const lines = headerLines([
    ['software', software],
    ['format', 'WARC File Format 1.1'],
    ['conformsTo', 'https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/'],
    ['isPartOf', visit],
    ...(browser === null ? [] : [['browser', browser] as const]),
    ...more,
  ]);
  const block = Buffer.from(lines, 'utf8');
  const digest = sha256Of(block);
  const id = recordId(['warcinfo', at.toISOString(), digest]);
  const bytes = record(block, digest, [
    ['WARC-Type', 'warcinfo'],
    ['WARC-Record-ID', id],
    ['WARC-Date', at.toISOString()],
    ['Content-Type', 'application/warc-fields'],
  ]);
  return { id, bytes };
}

function exchangeRecords(
  exchange: Exchange,
  at: number,
  infoId: string,
  refersTo: WarcReference | null,
): Buffer[] {
  const date = exchange.startedAt.toISOString();
  const request = requestBlock(exchange);
  const response = responseBlock(exchange);
  const place = [String(at), date, exchange.url];
  const [requestDigest, responseDigest] = [sha256Of(request), sha256Of(response)];
  const requestId = recordId(['request', ...place, requestDigest]);
  const type = refersTo === null ? 'response' : 'revisit';
  const responseId = recordId([type, ...place, responseDigest]);
  const common: [string, string][] = [
    ['WARC-Date', date],
    ['WARC-Target-URI', targetUri(exchange.url)],
    ['WARC-Warcinfo-ID', infoId],
  ];
  const address = addressOf(exchange.peer);
  if (address !== null) common.push(['WARC-IP-Address', address]);
  if (exchange.httpVersion.startsWith('2')) common.push(['WARC-Protocol', 'h2']);

  const answer: [string, string][] = [
    ['WARC-Type', type],
    ['WARC-Record-ID', responseId],
    ...common,
    ...(refersTo === null
      ? [['WARC-Payload-Digest', `sha256:${sha256Of(exchange.body)}`] as [string, string]]
      : referenceLines(refersTo)),
    ['Content-Type', 'application/http; msgtype=response'],
  ];
  if (exchange.truncated !== null) answer.push(['WARC-Truncated', exchange.truncated]);
  return [
    record(request, requestDigest, [
      ['WARC-Type', 'request'],
      ['WARC-Record-ID', requestId],
      ['WARC-Concurrent-To', responseId],
      ...common,
      ['Content-Type', 'application/http; msgtype=request'],
    ]),
    record(response, responseDigest, answer, isPacked(exchange.responseHeaders)),
  ];
}

function referenceLines({ recordId: id, uri, date, payloadDigest }: WarcReference): [string, string][] {
  return [
    ['WARC-Profile', NOT_MODIFIED],
    ['WARC-Refers-To', id],
    ['WARC-Refers-To-Target-URI', uri],
    ['WARC-Refers-To-Date', date],
    ...(payloadDigest === null ? [] : [['WARC-Payload-Digest', payloadDigest] as [string, string]]),
  ];
}

function resourceRecord(resource: WarcResource, place: number, infoId: string, at: Date): Buffer {
  const digest = sha256Of(resource.bytes);
  const date = at.toISOString();
  return record(
    resource.bytes,
    digest,
    [
      ['WARC-Type', 'resource'],
      ['WARC-Record-ID', recordId(['resource', String(place), date, resource.uri, digest])],
      ['WARC-Date', date],
      ['WARC-Target-URI', targetUri(resource.uri)],
      ['WARC-Warcinfo-ID', infoId],
      ['WARC-Payload-Digest', `sha256:${digest}`],
      ['Content-Type', resource.mediaType],
    ],
    PACKED.test(resource.mediaType),
  );
}

function requestBlock({ url, method, httpVersion, requestHeaders }: Exchange): Buffer {
  const { pathname, search } = new URL(url);
  const line = `${method} ${pathname}${search} HTTP/${writtenVersion(httpVersion)}\r\n`;
  return wireBytes(`${line}${headerLines(requestHeaders)}\r\n`);
}

function responseBlock({ httpVersion, status, statusText, responseHeaders, body }: Exchange): Buffer {
  const line = `HTTP/${writtenVersion(httpVersion)} ${status} ${oneLine(statusText)}\r\n`;
  // The body comes with chunking undone; a reader that saw "chunked" would try to undo it again.
  const headers = responseHeaders.map(
    ([name, value]) => [name.toLowerCase() === 'transfer-encoding' ? `x-orig-${name}` : name, value] as const,
  );
  return Buffer.concat([wireBytes(`${line}${headerLines(headers)}\r\n`), body]);
}

/** HTTP/2 has no text form, so it is written as 1.1 and WARC-Protocol tells what it was. */
function writtenVersion(httpVersion: string): string {
  return httpVersion.startsWith('2') ? '1.1' : httpVersion;
}

/** Media types that are compressed by their own format. */
const PACKED =
  /^(?:image\/(?:png|jpeg|gif|webp|avif)|font\/woff2?|audio\/|video\/|application\/(?:zip|gzip|pdf))/i;

/** Whether a body was compressed before it came: deflating it once more costs time and wins nothing. */
function isPacked(headers: HeaderLines): boolean {
  return headers.some(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'content-encoding') return !/^\s*(?:identity)?\s*$/i.test(value);
    return lower === 'content-type' && PACKED.test(value);
  });
}

/**
 * @param digest SHA-256 of the block.
 * @param isStored its block is put into the gzip member as it is.
 */
function record(block: Uint8Array, digest: Sha256, headers: HeaderLines, isStored = false): Buffer {
  const all: HeaderLines = [
    ...headers,
    ['WARC-Block-Digest', `sha256:${digest}`],
    ['Content-Length', String(block.byteLength)],
  ];
  const head = Buffer.from(`WARC/1.1\r\n${headerLines(all)}\r\n`, 'utf8');
  const whole = Buffer.concat([head, block, Buffer.from('\r\n\r\n')]);
  // Room for what comes out: of sixteen kilobytes, as it is unless told, most records fill one.
  const chunkSize = Math.min(16_384, Math.max(1_024, whole.byteLength));
  const member = gzipSync(whole, { level: isStored ? 0 : 6, chunkSize });
  // Byte 9 names the operating system (RFC 1952, 2.3.1): 255, unknown, keeps the bytes the same on all.
  member[9] = 255;
  return member;
}

function headerLines(headers: HeaderLines): string {
  return headers.map(([name, value]) => `${oneLine(name)}: ${oneLine(value)}\r\n`).join('');
}

/** A line break inside a value would let a site write headers of its own into the record. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\0]+/g, ' ');
}

/** Wire text back into its bytes; a character above U+00FF was never one byte and goes as UTF-8. */
function wireBytes(text: string): Buffer {
  return Buffer.from(text, /[\u0100-\uffff]/.test(text) ? 'utf8' : 'latin1');
}

/** A URI has no spaces, control characters or letters beyond ASCII. */
function targetUri(url: string): string {
  return url.replace(/[^\u0021-\u007e]/gu, encodeURIComponent);
}

function addressOf(peer: string | null): string | null {
  if (peer === null) return null;
  if (isIP(peer) !== 0) return peer;
  const address = peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 ? null : address;
}

/** A UUID (RFC 9562, version 8: made by its own rule) from the SHA-256 of the record's content and place. */
function recordId(parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = 0x80 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `<urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}>`;
}
