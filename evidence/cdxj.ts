/**
 * An index of WARC files as CDXJ: one line a record that a reader may ask for, sorted by its bytes.
 *
 *     test,example)/plans 20260504060000 {"url":"https://example.test/plans","mime":"text/html","status":"200",
 *         "digest":"sha256:…","length":"1234","offset":"563","filename":"0001.warc.gz"}
 *
 * Source: https://specs.webrecorder.net/cdxj/0.1.0/; the key is the SURT of the address, made by warcio.
 */
import { getSurt } from 'warcio';
import { httpBody, readWarc, type WarcRecord } from './warc-read.ts';

/** @param warcs by the names they have under `archive/`. */
export function cdxjOf(warcs: ReadonlyMap<string, Uint8Array>): Buffer {
  const lines = [...warcs].flatMap(([filename, bytes]) => linesOf(filename, bytes));
  const sorted = lines.map((line) => Buffer.from(line, 'utf8')).sort(Buffer.compare);
  return Buffer.concat(sorted);
}

function linesOf(filename: string, bytes: Uint8Array): string[] {
  const records = [...readWarc(bytes)];
  return records.flatMap((record, at) => {
    const type = record.headers['warc-type'];
    const url = record.headers['warc-target-uri'];
    if ((type !== 'response' && type !== 'resource') || url === undefined) return [];
    const end = records[at + 1]?.offset ?? bytes.byteLength;
    const fields = {
      url,
      ...(type === 'response' ? httpFields(record) : { mime: mimeOf(record.headers['content-type']) }),
      digest: record.headers['warc-payload-digest'] ?? '',
      length: String(end - record.offset),
      offset: String(record.offset),
      filename,
    };
    return [`${getSurt(url)} ${timestamp(record.headers['warc-date'] ?? '')} ${JSON.stringify(fields)}\n`];
  });
}

function httpFields({ block }: WarcRecord): { mime: string; status: string } {
  const head = block.toString('latin1', 0, block.byteLength - httpBody(block).byteLength);
  const status = /^HTTP\/[\d.]+ (\d{3})/.exec(head)?.[1] ?? '';
  return { mime: mimeOf(/\r\ncontent-type:\s*([^\r\n]*)/i.exec(head)?.[1]), status };
}

function mimeOf(contentType: string | undefined): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() || 'unknown';
}

/** `2026-05-04T06:00:00.123Z` -> `20260504060000123`; whole seconds have 14 digits. */
function timestamp(date: string): string {
  const digits = date.replaceAll(/\D/g, '');
  return digits.endsWith('000') ? digits.slice(0, 14) : digits.slice(0, 17);
}
