/**
 * Answers to batches, as they come back: CSV, JSON or XLSX, in our own columns or in those of the public tool that
 * fills the form (`row,url,status` with OK, DUPLICATE, ERROR, IN_DB, timeout), its list of addresses that went out
 * before (a column `url`, or nothing but addresses), or SmartBridge's status of a message. What is read is what stands
 * there; a row that says nothing we know keeps its words and has no outcome.
 */
import type { PassageEventKind } from '../domain/passage.ts';
import { BadXmlError } from '../domain/read-xml.ts';
import { unzip } from '../domain/zip.ts';
import { type MessageState, type Reply, readReply } from './smartbridge/envelope.ts';

export interface Receipt {
  /** 1 for the first row after the header. */
  readonly n: number;
  /** Header, lower case -> cell. */
  readonly given: Readonly<Record<string, string>>;
  readonly outcome: PassageEventKind | null;
  readonly referralId?: string;
  readonly caseId?: string;
  readonly url?: string;
  readonly dedupeKey?: string;
  /** The N of "Site N". */
  readonly row?: number;
  /** It tells of every case of one batch: a gateway's status of the batch's message. */
  readonly isOfBatch?: true;
}

/** The file is none that receipts come in. */
export class BadReceiptError extends Error {
  override readonly name = 'BadReceiptError';
  readonly facts: { readonly why: string };

  constructor(why: string, options?: ErrorOptions) {
    super(
      `The receipts cannot be read: ${why}. Give CSV with a header, a JSON list, XLSX, or a status of SmartBridge.`,
      options,
    );
    this.facts = { why };
  }
}

const MOST_ROWS = 20_000;

/** Words of others for what became of a referral, lower case. */
const OUTCOMES: Readonly<Record<string, PassageEventKind>> = {
  ok: 'acknowledged',
  accepted: 'acknowledged',
  принято: 'acknowledged',
  қабылданды: 'acknowledged',
  duplicate: 'duplicate',
  in_db: 'duplicate',
  'уже внесен': 'duplicate',
  'уже внесён': 'duplicate',
  rejected: 'returned',
  returned: 'returned',
  возвращено: 'returned',
  prescription: 'prescription',
  предписание: 'prescription',
  restricted: 'restricted',
  ограничено: 'restricted',
  заблокировано: 'restricted',
  partial: 'partial',
  platform_notified: 'platform_notified',
  platform_removed: 'removed',
  removed: 'removed',
  удалено: 'removed',
  declined: 'declined',
  отказано: 'declined',
  resumed: 'resumed',
  возобновлено: 'resumed',
};

/** @throws BadReceiptError */
export async function readReceipts(bytes: Uint8Array): Promise<Receipt[]> {
  const file = Buffer.from(bytes);
  const isZip = file.toString('latin1', 0, 2) === 'PK';
  const text = isZip ? '' : file.toString('utf8').replace(/^\ufeff/, '');
  if (/^\s*</.test(text)) return [statusReceipt(file)];
  const table = isZip ? await sheetRows(file) : /^\s*[[{]/.test(text) ? null : csvRows(text);
  const rows = table === null ? jsonRows(text) : named(table);
  if (rows.length > MOST_ROWS) throw new BadReceiptError(`${rows.length} rows are more than ${MOST_ROWS}`);
  return rows.map((given, at) => receiptOf(given, at + 1));
}

/** What a gateway's states of a message amount to, for each case in it. */
const OF_MESSAGE: Readonly<Record<MessageState, PassageEventKind | null>> = {
  ON_DELIVERY: null,
  DELIVERED: 'acknowledged',
  NOT_DELIVERED: 'returned',
  DELIVERY_STOPPED: 'returned',
};

function statusReceipt(bytes: Uint8Array): Receipt {
  let reply: Reply;
  try {
    reply = readReply(bytes);
  } catch (cause) {
    if (!(cause instanceof BadXmlError)) throw cause;
    throw new BadReceiptError(cause.facts.why, { cause });
  }
  if (reply.is === 'status') {
    const given = { messagestate: reply.state, statuscode: reply.code, statusmessage: reply.message };
    return { n: 1, given, outcome: OF_MESSAGE[reply.state], isOfBatch: true };
  }
  if (reply.is !== 'fault') throw new BadReceiptError('it tells no status of a message');
  const given = { errorcode: reply.code, errormessage: reply.message };
  return { n: 1, given, outcome: null, isOfBatch: true };
}

function receiptOf(given: Readonly<Record<string, string>>, n: number): Receipt {
  const cell = (...names: string[]) =>
    names.map((name) => given[name]?.trim()).find((text) => text !== undefined && text !== '');
  const site = /(?:^|\D)(\d{1,6})$/.exec(cell('title', 'row', 'site', 'заголовок', '№') ?? '')?.[1];
  const referralId = cell('referralid', 'referral_id');
  const caseId = cell('caseid', 'case_id', 'source', 'дело');
  const url = cell('url', 'ссылка', 'link');
  const dedupeKey = cell('dedupekey', 'dedupe_key');
  const said = cell('outcome', 'status', 'result', 'статус', 'результат')?.toLowerCase();
  return {
    n,
    given,
    outcome: said === undefined ? null : (OUTCOMES[said] ?? null),
    ...(referralId === undefined ? {} : { referralId }),
    ...(caseId === undefined || !/^K-\d+$/i.test(caseId) ? {} : { caseId }),
    ...(url === undefined ? {} : { url }),
    ...(dedupeKey === undefined ? {} : { dedupeKey }),
    ...(site === undefined ? {} : { row: Number(site) }),
  };
}

function named(table: readonly (readonly string[])[]): Record<string, string>[] {
  const [head, ...rows] = table;
  if (head === undefined || head.every((name) => name.trim() === ''))
    throw new BadReceiptError('it has no header');
  // A bare list of addresses: what the tool's own table of sent links comes to.
  if (head.length === 1 && /^https?:\/\//i.test(head[0]!.trim())) return named([['url'], ...table]);
  const names = head.map((name) => name.trim().toLowerCase());
  return rows
    .filter((row) => row.some((cell) => cell.trim() !== ''))
    .map((row) =>
      Object.fromEntries(names.map((name, at) => [name === '' ? `column ${at + 1}` : name, row[at] ?? ''])),
    );
}

function jsonRows(text: string): Record<string, string>[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new BadReceiptError('it begins as JSON and is none', { cause });
  }
  const list = Array.isArray(json) ? json : (json as { receipts?: unknown }).receipts;
  if (!Array.isArray(list)) throw new BadReceiptError('its JSON is no list');
  return list.map((row: unknown) => {
    if (typeof row !== 'object' || row === null) return { value: String(row) };
    const cells = Object.entries(row).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
    return Object.fromEntries(cells) as Record<string, string>;
  });
}

/** RFC 4180, with `;` or a tab where the header has more of those. */
export function csvRows(text: string): string[][] {
  const head = text.split(/\r?\n/, 1)[0] ?? '';
  const count = (separator: string) => head.split(separator).length;
  const separator = [';', '\t', ','].reduce((best, each) => (count(each) > count(best) ? each : best), ',');
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell === '') isQuoted = true;
    else if (letter === separator || letter === '\n') {
      rows.at(-1)!.push(cell.replace(/\r$/, ''));
      cell = '';
      if (letter === '\n') rows.push([]);
    } else cell += letter;
  }
  rows.at(-1)!.push(cell.replace(/\r$/, ''));
  return rows;
}

/** The first sheet of a workbook: shared and inline strings, numbers as they are written. */
async function sheetRows(file: Buffer): Promise<string[][]> {
  const parts = await unzip(file, { mostBytes: 64 * 1024 * 1024 }).catch((cause: Error) => {
    throw new BadReceiptError(cause.message, { cause });
  });
  const sheet = parts.get('xl/worksheets/sheet1.xml')?.toString('utf8');
  if (sheet === undefined) throw new BadReceiptError('the workbook has no first sheet');
  const words = (xml: string) =>
    [...xml.matchAll(/<t(?:\s[^>]*)?>([^<]*)<\/t>/g)].map((match) => plain(match[1]!)).join('');
  const shared = [
    ...(parts.get('xl/sharedStrings.xml')?.toString('utf8') ?? '').matchAll(/<si>(.*?)<\/si>/gs),
  ].map((match) => words(match[1]!));
  return [...sheet.matchAll(/<row[^>]*>(.*?)<\/row>/gs)].map((row) => {
    const cells: string[] = [];
    for (const [, attributes = '', inner = ''] of row[1]!.matchAll(/<c([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const column = /r="([A-Z]{1,3})\d+"/.exec(attributes)?.[1];
      const at =
        column === undefined
          ? cells.length
          : [...column].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
      const value = plain(/<v>([^<]*)<\/v>/.exec(inner)?.[1] ?? '');
      const text = /t="s"/.test(attributes)
        ? (shared[Number(value)] ?? '')
        : /t="inlineStr"/.test(attributes)
          ? words(inner)
          : value;
      while (cells.length < at && cells.length < 1000) cells.push('');
      cells[at] = text;
    }
    return cells;
  });
}

function plain(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#13;', '\r')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
