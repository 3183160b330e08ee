/**
 * Reads a WARC file (ISO 28500, versions 1.0 and 1.1; gzip one member a record, or plain) and checks
 * that every record still hashes to the digests it carries.
 *
 * The file may come from a stranger: sizes are bounded before anything is unpacked.
 */
import { createHash } from 'node:crypto';
import { crc32, inflateRawSync } from 'node:zlib';
import type { WarcReference } from './warc.ts';

/** Bytes of one unpacked record, header and block. */
const LARGEST_RECORD = 256 * 1024 * 1024;
const LARGEST_HEADER = 64 * 1024;
const MOST_RECORDS = 1_000_000;

export interface WarcRecord {
  /** Byte at which the record, or its gzip member, starts in the file. */
  readonly offset: number;
  readonly version: '1.0' | '1.1';
  /** Lower-case name -> value; the first one of a name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly block: Buffer;
}

/** The file cannot be read any further from `offset` on. */
export class WarcDamagedError extends Error {
  override readonly name = 'WarcDamagedError';
  readonly facts: { readonly offset: number; readonly why: string };

  constructor(offset: number, why: string) {
    super(`The WARC file is damaged at byte ${offset}: ${why}. Take the file from the evidence store again.`);
    this.facts = { offset, why };
  }
}

/**
 * The records in order.
 *
 * @throws WarcDamagedError at the first byte that makes no sense, or when a record unpacks to more than
 *   `largestRecord` bytes.
 */
export function* readWarc(
  bytes: Uint8Array,
  { largestRecord = LARGEST_RECORD }: { largestRecord?: number } = {},
): Generator<WarcRecord, void, undefined> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let records = 0;
  for (let offset = 0; offset < file.byteLength; ) {
    records += 1;
    if (records > MOST_RECORDS) throw new WarcDamagedError(offset, `more than ${MOST_RECORDS} records`);
    if (file[offset] === 0x1f && file[offset + 1] === 0x8b) {
      const { content, end } = gzipMember(file, offset, largestRecord);
      const { record, length } = parseRecord(content, 0, offset, largestRecord);
      if (length !== content.byteLength) {
        throw new WarcDamagedError(offset, 'the gzip member holds more than one record');
      }
      yield record;
      offset = end;
    } else {
      const { record, length } = parseRecord(file, offset, offset, largestRecord);
      yield record;
      offset += length;
    }
  }
}

/** The last response of an address in a file; null when there is none. @throws WarcDamagedError */
export function responseOf(bytes: Uint8Array, url: string): WarcReference | null {
  let found: WarcReference | null = null;
  for (const { headers } of readWarc(bytes)) {
    const { 'warc-record-id': recordId, 'warc-target-uri': uri, 'warc-date': date } = headers;
    if (headers['warc-type'] !== 'response' || uri !== url) continue;
    if (recordId === undefined || date === undefined) continue;
    found = { recordId, uri, date, payloadDigest: headers['warc-payload-digest'] ?? null };
  }
  return found;
}

/**
 * By which means a file was captured: the fields of its first record, and the name that was given to the site, as
 * `user-agent`. Empty for a file without such a record. @throws WarcDamagedError
 */
export function meansOf(bytes: Uint8Array): Readonly<Record<string, string>> {
  const means: Record<string, string> = {};
  for (const { headers, block } of readWarc(bytes)) {
    if (headers['warc-type'] === 'warcinfo') {
      for (const line of block.toString('utf8').split('\r\n')) {
        const colon = line.indexOf(': ');
        if (colon > 0) means[line.slice(0, colon)] ??= line.slice(colon + 2);
      }
    }
    if (headers['warc-type'] !== 'request') continue;
    const agent = /\r\nuser-agent:[ \t]*([^\r\n]*)/i.exec(block.toString('latin1'))?.[1];
    if (agent !== undefined) means['user-agent'] = agent;
    break;
  }
  return means;
}

export interface WarcFinding {
  /** Position in the file, 1 for the first record. */
  readonly record: number;
  readonly id: string;
  /** Target URI, '' for a record without one. */
  readonly target: string;
  readonly what:
    | 'damaged'
    | 'no_records'
    | 'not_warcinfo_first'
    | 'header_missing'
    | 'id_repeated'
    | 'no_block_digest'
    | 'block_digest_differs'
    | 'no_payload_digest'
    | 'payload_digest_differs'
    | 'digest_unknown'
    | 'partner_missing';
  /** In plain English, for a log. */
  readonly detail: string;
}

export interface WarcVerdict {
  readonly ok: boolean;
  readonly records: number;
  readonly findings: readonly WarcFinding[];
}

/** Checks a whole file; never throws for what is in it. */
export function verifyWarc(bytes: Uint8Array): WarcVerdict {
  const findings: WarcFinding[] = [];
  const ids = new Set<string>();
  const partners: { record: number; id: string; target: string; partner: string }[] = [];
  let records = 0;
  try {
    for (const record of readWarc(bytes)) {
      records += 1;
      const { headers } = record;
      const where = {
        record: records,
        id: headers['warc-record-id'] ?? '',
        target: headers['warc-target-uri'] ?? '',
      };
      if (records === 1 && headers['warc-type'] !== 'warcinfo') {
        findings.push({
          ...where,
          what: 'not_warcinfo_first',
          detail: 'the first record does not say who captured',
        });
      }
      for (const name of ['warc-type', 'warc-record-id', 'warc-date']) {
        if (headers[name] === undefined) {
          findings.push({ ...where, what: 'header_missing', detail: `it has no ${name} header` });
        }
      }
      if (ids.has(where.id)) {
        findings.push({ ...where, what: 'id_repeated', detail: 'another record has the same id' });
      }
      ids.add(where.id);
      const partner = headers['warc-concurrent-to'];
      if (partner !== undefined) partners.push({ ...where, partner });
      findings.push(...digestFindings(record, where));
    }
  } catch (error) {
    if (!(error instanceof WarcDamagedError)) throw error;
    findings.push({ record: records + 1, id: '', target: '', what: 'damaged', detail: error.message });
  }
  for (const { partner, ...where } of partners) {
    if (!ids.has(partner)) {
      findings.push({
        ...where,
        what: 'partner_missing',
        detail: `its partner ${partner} is not in the file`,
      });
    }
  }
  if (records === 0 && findings.length === 0) {
    findings.push({ record: 0, id: '', target: '', what: 'no_records', detail: 'the file holds no record' });
  }
  return { ok: findings.length === 0, records, findings };
}

type Where = Pick<WarcFinding, 'record' | 'id' | 'target'>;

function digestFindings({ headers, block }: WarcRecord, where: Where): WarcFinding[] {
  const findings: WarcFinding[] = [];
  const check = (name: 'block' | 'payload', bytes: Uint8Array) => {
    const stated = headers[`warc-${name}-digest`];
    if (stated === undefined) {
      findings.push({ ...where, what: `no_${name}_digest`, detail: `it states no ${name} digest` });
      return;
    }
    const found = digestLike(stated, bytes);
    if (found === null) {
      findings.push({ ...where, what: 'digest_unknown', detail: `"${stated}" is neither SHA-256 nor SHA-1` });
    } else if (found !== stated.toLowerCase()) {
      const detail = `its ${name} states ${stated} and hashes to ${found}`;
      findings.push({ ...where, what: `${name}_digest_differs`, detail });
    }
  };
  check('block', block);
  if (headers['warc-type'] === 'response') check('payload', httpBody(block));
  if (headers['warc-type'] === 'resource') check('payload', block);
  return findings;
}

/** The bytes' digest in the notation of `stated` (`sha256:hex`, `sha1:BASE32`), lower case; null if unknown. */
function digestLike(stated: string, bytes: Uint8Array): string | null {
  const [, algorithm, value] = /^(sha-?256|sha-?1):([0-9a-z]+=*)$/i.exec(stated) ?? [];
  if (algorithm === undefined || value === undefined) return null;
  const digest = createHash(algorithm.replace('-', '').toLowerCase()).update(bytes).digest();
  const isHex = value.length === digest.byteLength * 2;
  return `${algorithm.toLowerCase()}:${isHex ? digest.toString('hex') : base32(digest)}`;
}

/** RFC 4648, section 6, lower case, without padding. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups
    .map((group) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(group.padEnd(5, '0'), 2)])
    .join('');
}

/** What follows the header of an HTTP message; nothing when it has no end of header. */
export function httpBody(block: Buffer): Buffer {
  const end = block.indexOf('\r\n\r\n');
  return end === -1 ? Buffer.alloc(0) : block.subarray(end + 4);
}

function parseRecord(
  content: Buffer,
  start: number,
  offset: number,
  largestRecord: number,
): { record: WarcRecord; length: number } {
  const headerEnd = content.subarray(start, start + LARGEST_HEADER).indexOf('\r\n\r\n');
  if (headerEnd === -1) throw new WarcDamagedError(offset, 'no end of a record header');
  const [first = '', ...lines] = content.toString('utf8', start, start + headerEnd).split('\r\n');
  const version = first === 'WARC/1.1' ? '1.1' : first === 'WARC/1.0' ? '1.0' : null;
  if (version === null) throw new WarcDamagedError(offset, `"${first.slice(0, 40)}" is no WARC version`);
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new WarcDamagedError(offset, `"${line.slice(0, 40)}" is no header line`);
    headers[line.slice(0, colon).trim().toLowerCase()] ??= line.slice(colon + 1).trim();
  }
  const stated = headers['content-length'] ?? '';
  const length = /^\d{1,15}$/.test(stated) ? Number(stated) : Number.NaN;
  if (Number.isNaN(length)) throw new WarcDamagedError(offset, 'the record states no length');
  if (length > largestRecord) throw new WarcDamagedError(offset, `a record of ${length} bytes is too large`);
  const blockStart = start + headerEnd + 4;
  const blockEnd = blockStart + length;
  if (content.toString('latin1', blockEnd, blockEnd + 4) !== '\r\n\r\n') {
    throw new WarcDamagedError(offset, 'the record does not end where its length says');
  }
  return {
    record: { offset, version, headers, block: content.subarray(blockStart, blockEnd) },
    length: blockEnd + 4 - start,
  };
}

/** One gzip member (RFC 1952) and the offset behind it. */
function gzipMember(file: Buffer, offset: number, largest: number): { content: Buffer; end: number } {
  const flags = file[offset + 3] ?? 0;
  let at = offset + 10;
  if ((flags & 4) !== 0) at += 2 + (at + 2 <= file.byteLength ? file.readUInt16LE(at) : 0);
  for (const isNamed of [(flags & 8) !== 0, (flags & 16) !== 0]) {
    if (!isNamed) continue;
    const end = file.indexOf(0, at);
    if (end === -1) throw new WarcDamagedError(offset, 'the gzip header does not end');
    at = end + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  if (file[offset + 2] !== 8 || at >= file.byteLength) throw new WarcDamagedError(offset, 'no gzip member');
  const { content, taken } = inflate(file.subarray(at), offset, largest + LARGEST_HEADER);
  const end = at + taken + 8;
  if (end > file.byteLength) throw new WarcDamagedError(offset, 'the gzip member is cut off');
  if (file.readUInt32LE(end - 8) !== crc32(content) || file.readUInt32LE(end - 4) !== content.byteLength) {
    throw new WarcDamagedError(offset, 'the gzip member fails its own checksum');
  }
  return { content, end };
}

function inflate(packed: Buffer, offset: number, largest: number): { content: Buffer; taken: number } {
  try {
    // With `info`, Node answers with the engine as well, which knows how much of the input it took.
    const { buffer, engine } = inflateRawSync(packed, {
      info: true,
      maxOutputLength: largest,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return { content: buffer, taken: engine.bytesWritten };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const why =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `a record unpacks to more than ${largest} bytes`
        : 'the gzip member does not unpack';
    throw new WarcDamagedError(offset, why);
  }
}
