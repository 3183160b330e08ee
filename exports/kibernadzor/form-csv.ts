/**
 * The CSV that officers load into the Kibernadzor form, in the one dialect seen in public:
 * UTF-8 with BOM, `;` between cells, CRLF after every row, a header of 13 names, quotes only where needed.
 *
 * "Site N" in the title ties a row to the picture `screens/N.png`. A cell can never be a formula: the file is
 * opened in Excel and LibreOffice by people, and quotes in it come from fraudsters.
 * Source: the columns and dialect of knadzor-app, which fills the form.
 */
import type { Referral } from '../../domain/record.ts';

interface Column {
  /** In the header of the CSV. */
  readonly name: string;
  /** In the workbook for people. */
  readonly heading: string;
  /** @param n number of the row, from 1. */
  of(referral: Referral, n: number): string;
}

/**
 * In the order of the file: all that is known of a column. The form's own names differ: `object_type` fills its
 * control `resource_type`.
 */
export const TABLE = [
  { name: 'title', heading: 'Заголовок', of: (_, n) => `Site ${n}` },
  { name: 'url', heading: 'Ссылка', of: (it) => it.url },
  { name: 'reason', heading: 'Комментарий', of: (it) => it.reasonRu },
  { name: 'object_type', heading: 'Тип объекта', of: (it) => it.target.objectType },
  { name: 'resource_type', heading: 'Вид ресурса', of: (it) => it.target.resourceKind },
  { name: 'violation', heading: 'Нарушение', of: (it) => it.offense },
  { name: 'language', heading: 'Язык', of: (it) => it.contentLanguage },
  { name: 'group', heading: 'Группа', of: (it) => it.group },
  { name: 'screenshot', heading: 'Снимок экрана', of: (_, n) => `screens/${n}.png` },
  { name: 'publications', heading: 'Публикаций', of: (it) => it.target.publications?.toString() ?? '' },
  { name: 'subscribers', heading: 'Подписчиков', of: (it) => it.target.subscribers?.toString() ?? '' },
  { name: 'court_decision', heading: 'Решение суда', of: (it) => (it.courtDecision ? 'да' : 'нет') },
  { name: 'source', heading: 'Дело', of: (it) => it.caseId },
] as const satisfies readonly Column[];

type Name = (typeof TABLE)[number]['name'];
export const COLUMNS: readonly Name[] = TABLE.map(({ name }) => name);

export const MOST_ROWS_A_FILE = 100;

type Row = Readonly<Record<Name, string>>;

/** Files of at most 100 rows: name under `form/` -> bytes. Rows are numbered through all of them, from 1. */
export function formFiles(
  referrals: readonly Referral[],
): { readonly name: string; readonly bytes: Buffer }[] {
  const files: { name: string; bytes: Buffer }[] = [];
  for (let at = 0; at === 0 || at < referrals.length; at += MOST_ROWS_A_FILE) {
    const rows = referrals.slice(at, at + MOST_ROWS_A_FILE).map((referral, n) => rowOf(referral, at + n + 1));
    const name = at === 0 ? 'links.csv' : `links-${at / MOST_ROWS_A_FILE + 1}.csv`;
    files.push({ name, bytes: formCsv(rows) });
  }
  return files;
}

export function rowOf(referral: Referral, n: number): Row {
  return Object.fromEntries(TABLE.map(({ name, of }) => [name, of(referral, n)])) as Row;
}

/** In the order of the columns, each as the file has it before it is quoted. */
export function cellsOf(row: Row): string[] {
  return COLUMNS.map((column) => (column === 'url' ? harmlessUrl(row.url) : harmless(row[column])));
}

export function formCsv(rows: readonly Row[]): Buffer {
  const lines = [[...COLUMNS], ...rows.map(cellsOf)].map((line) => `${line.map(quoted).join(';')}\r\n`);
  return Buffer.from(`\ufeff${lines.join('')}`, 'utf8');
}

const FORMULA_START = '[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]';
/** Spaces, seen or not, and quotes: a spreadsheet that splits elsewhere takes these off first. */
const SPACE = '[\\s\u200b-\u200f\u2060\ufeff"]';
const AT_START = new RegExp(`^(?=${SPACE}*${FORMULA_START})`);
/** Behind what another locale takes for the end of a cell, a cell would start as well. */
const INSIDE = new RegExp(`([,;\\t|]${SPACE}*)(?=${FORMULA_START})`, 'g');

/** One line, and text for every spreadsheet: an apostrophe stands before what could start a formula. */
export function harmless(text: string): string {
  const line = text.replace(/[\r\n\t\v\f\0\u0085\u2028\u2029]+/g, ' ').trim();
  return line.replace(AT_START, "'").replace(INSIDE, "$1'");
}

/** An address keeps its meaning: what could end a cell elsewhere is percent-encoded instead. */
function harmlessUrl(url: string): string {
  const ascii = url.toWellFormed().replace(/[^!-~]|"/gu, encodeURIComponent);
  const line = ascii.replace(/[,;|](?=[=+\-@])/g, encodeURIComponent);
  return /^https?:\/\//i.test(line) ? line : harmless(line);
}

/** Python's QUOTE_MINIMAL, with which the observed file is written. */
export function quoted(cell: string): string {
  return /[;"\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
