/**
 * A batch as the data of a message: its records, its manifest and the manifest's signature, each as it stands in the
 * file. Pictures and archives stay in the file, which is named by its SHA-256 and carried beside.
 */
import { createHash } from 'node:crypto';
import { unzip } from '../../domain/zip.ts';
import { escaped } from '../kibernadzor/xml.ts';

export const BATCH_NAMESPACE = 'urn:kz:fraud-monitor:kibernadzor-batch:1';

/** @throws BadZipError */
export async function batchData(file: {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}): Promise<string> {
  const files = await unzip(file.bytes);
  const part = (path: string) => files.get(path)?.toString('base64');
  const encoded = (name: string, path: string) => {
    const bytes = part(path);
    return bytes === undefined ? '' : `<b:${name}>${bytes}</b:${name}>`;
  };
  const records = (files.get('referrals.xml')?.toString('utf8') ?? '').replace(/^<\?xml[^>]*\?>\s*/, '');
  const head = `<b:fileName>${escaped(file.name)}</b:fileName><b:sha256>${file.sha256}</b:sha256>`;
  const proof = `${encoded('manifest', 'manifest.json')}${encoded('signature', 'manifest.json.p7s')}`;
  return `<b:batch xmlns:b="${BATCH_NAMESPACE}">${head}${proof}<b:records>${records}</b:records></b:batch>`;
}

/** The id of a batch's message: the same for the same file, as a UUID (RFC 9562, version 8). */
export function messageIdOf(sha256: string): string {
  const bytes = createHash('sha256').update(`${BATCH_NAMESPACE}\n${sha256}`).digest().subarray(0, 16);
  bytes[6] = 0x80 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
