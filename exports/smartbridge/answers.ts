/**
 * Messages that the gateway keeps for us, as receipts: rows in the namespace of our own batches, an element for each
 * cell, which `exports/receipts.ts` reads by the same names as the columns of a file.
 *
 *     <b:receipts xmlns:b="urn:kz:fraud-monitor:kibernadzor-batch:1">
 *       <b:fileName>KN_EXAMPLE_20261122_001_v1.zip</b:fileName>
 *       <b:row><b:caseId>K-000001</b:caseId><b:outcome>prescription</b:outcome><b:number>12-3</b:number></b:row>
 *     </b:receipts>
 *
 * How Kibernadzor would answer is not known: this is the profile that we ask for. A message in other words becomes one
 * row without an outcome, so that nothing is dropped.
 */
import { childOf, textOf, type XmlElement } from '../../domain/read-xml.ts';
import type { IncomingMessage } from './envelope.ts';
import { BATCH_NAMESPACE } from './message.ts';

export interface WaitingAnswer {
  readonly messageId: string;
  /** The batch it names; null when it names none. */
  readonly batch: string | null;
  /** JSON as `readReceipts` takes it; the same message gives the same bytes. */
  readonly bytes: Buffer;
}

/** Characters of a message in other words. */
const MOST_WORDS = 2_000;

export function answerIn({ messageId, correlationId, data }: IncomingMessage): WaitingAnswer {
  const receipts = data.children.find(
    ({ name, namespace }) => name === 'receipts' && namespace === BATCH_NAMESPACE,
  );
  const about = { messageId, ...(correlationId === null ? {} : { correlationId }) };
  const rows = receipts?.children.filter(({ name }) => name === 'row') ?? [];
  const given = rows.length === 0 ? [{ words: wordsOf(data).slice(0, MOST_WORDS) }] : rows.map(cellsOf);
  const file = receipts === undefined ? null : textOf(receipts, 'fileName');
  return {
    messageId,
    batch: file === null || file === '' ? null : file.replace(/(_v1)?(\.zip)?$/, ''),
    bytes: Buffer.from(JSON.stringify({ receipts: given.map((row) => ({ ...row, ...about })) }), 'utf8'),
  };
}

/**
 * The one message of an answer that cannot be read as XML, as a row without an outcome.
 *
 * @returns null where it does not even say which message it is.
 */
export function unreadable({
  bytes,
  why,
}: {
  readonly bytes: Buffer;
  readonly why: string;
}): WaitingAnswer | null {
  const text = bytes.toString('utf8');
  const [, messageId] = /<(?:[\w.-]+:)?messageId>\s*([^<>\s]{1,200})\s*<\//.exec(text) ?? [];
  if (messageId === undefined) return null;
  const words = text.slice(text.indexOf('messageData') + 1).slice(0, MOST_WORDS);
  const receipts = [{ words, unreadable: why, messageId }];
  return { messageId, batch: null, bytes: Buffer.from(JSON.stringify({ receipts }), 'utf8') };
}

function cellsOf(row: XmlElement): Record<string, string> {
  const names = new Set(row.children.map(({ name }) => name));
  return Object.fromEntries([...names].map((name) => [name, childOf(row, name)!.text.trim()]));
}

/** All text in an element, whatever the elements in it are called. */
function wordsOf({ text, children }: XmlElement): string {
  return [text, ...children.map(wordsOf)]
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .join(' ');
}
