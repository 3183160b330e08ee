/**
 * An act of inspection: what was seen of a page, when, by which means, what is kept of it under which hashes, what
 * shows that it did not change, and how anybody checks that. One page of HTML that prints on paper; it carries nothing
 * from outside and runs nothing.
 *
 * It judges nothing. No form for it is published; its rows answer what is asked of a record of acquisition, in the words
 * of ISO/IEC 27037: what, when, by whom, by which means, and what shows that it stayed as it was.
 */
import type { Capture, Sha256 } from '../../domain/capture.ts';
import type { SiteFacts } from '../../domain/site-facts.ts';
import { escaped } from '../kibernadzor/xml.ts';
import { sizeOf } from '../overblock/png.ts';
import type { Lang } from '../overblock/words.ts';
import { ACT_WORDS, type ActWords, type FileName, type RowName } from './words.ts';

export interface ActFacts {
  /** Null for a capture that was asked for by itself. */
  readonly caseId: string | null;
  readonly capture: Capture;
  readonly page: { readonly title: string; readonly text: string };
  /** Fields of the WARC's own first record: program, browser, visitor, clock. */
  readonly means: Readonly<Record<string, string>>;
  readonly siteFacts: SiteFacts | null;
  readonly files: readonly { readonly name: FileName; readonly sha256: Sha256; readonly bytes: number }[];
  /** PNG; null for a page that was not opened in a browser. */
  readonly viewport: Uint8Array | null;
  readonly fullPage: Uint8Array | null;
  readonly archive: { readonly manifestSha256: Sha256; readonly signedAt: string; readonly key: string };
  readonly stamps: readonly { readonly of: 'wacz' | 'warc'; readonly at: Date; readonly by: string }[];
  /** Rows of the ledger that name the capture or its case, in order. */
  readonly ledger: readonly {
    readonly seq: number;
    readonly at: string;
    readonly kind: string;
    readonly hash: string;
    readonly isOfCapture: boolean;
  }[];
  readonly madeAt: Date;
  readonly madeBy: string;
}

/** Characters of the visible text. */
const MOST_TEXT = 3000;
/** Rows of the ledger that are told one by one; the newest of more. */
const MOST_ROWS = 40;
/** Millimetres on an A4 sheet, inside its margins. */
const WIDTH = 170;
const SHEET = 225;
/** Sheets of the whole page's picture. */
const MOST_SHEETS = 12;

export function actHtml(facts: ActFacts, lang: Lang): string {
  const words = ACT_WORDS[lang];
  const { capture, madeAt, madeBy } = facts;
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(`${words.title} ${capture.id}`)}</title>
<style>body{font:11pt/1.35 serif;color:#000;max-width:${WIDTH}mm;margin:0 auto}h1{font-size:16pt}h2{font-size:12pt;break-after:avoid}table{border-collapse:collapse;width:100%;font-size:9pt}td,th{border:1px solid #000;padding:3px 5px;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{width:34%}thead th{width:auto}code,.hash{font:8pt/1.3 monospace}img{width:100%}figure{margin:0;break-inside:avoid}pre{font:9pt/1.3 serif;white-space:pre-wrap;overflow-wrap:anywhere}.sheet{width:${WIDTH}mm;background-size:100% auto;background-repeat:no-repeat;print-color-adjust:exact;-webkit-print-color-adjust:exact}${fullPageStyle(facts.fullPage)}</style></head>
<body><h1>${words.title}</h1>
<p>${escaped(words.intro(capture.id))}</p>
<h2>${words.seen}</h2>${seenTable(facts, words)}${hopsTable(facts, words)}
<h2>${words.means}</h2>${meansTable(facts, words)}
<h2>${words.files}</h2>${filesTable(facts, words)}
<h2>${words.proof}</h2>${proofTable(facts, words)}
<h2>${words.custody}</h2>${custodyTable(facts, words)}
<h2>${words.pictures}</h2>${picturesOf(facts, words)}
<h2>${words.verify}</h2>${stepsOf(facts, words)}
${words.limits.map((limit) => `<p>${escaped(limit)}</p>`).join('\n')}
<p>${words.madeBy}: ${escaped(madeBy)}, ${escaped(moment(madeAt, words))}</p>
<p>${words.signature}: ______________________</p>
</body></html>
`;
}

type Row = readonly [RowName, string | null];

/** Rows with a name each; what is not known says so. */
function table(rows: readonly Row[], words: ActWords): string {
  const lines = rows.map(
    ([name, value]) =>
      `<tr><th>${escaped(words.rows[name])}</th><td>${escaped(value === null || value === '' ? words.notTold : value)}</td></tr>`,
  );
  return `<table><tbody>${lines.join('\n')}</tbody></table>`;
}

function grid(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = columns.map((column) => `<th>${escaped(column)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

function seenTable({ caseId, capture, page, siteFacts }: ActFacts, words: ActWords): string {
  const network = siteFacts?.network ?? null;
  const leaf = siteFacts?.tls?.chain[0] ?? null;
  const domain = siteFacts?.domain ?? null;
  const rows: Row[] = [
    ...(caseId === null ? [] : [['case', caseId] as const]),
    ['capture', capture.id],
    ['asked', capture.url],
    ['answered', capture.finalUrl],
    ['at', moment(capture.capturedAt, words)],
    ['status', String(capture.status)],
    ['mediaType', capture.mediaType],
    ['title', page.title],
    ['peer', capture.peer],
    [
      'network',
      network === null
        ? null
        : `AS${network.asn} ${network.name}${network.country === null ? '' : `, ${network.country}`}`,
    ],
    [
      'tls',
      leaf === null
        ? null
        : `${leaf.subject}; ${leaf.issuer}; ${leaf.notBefore} – ${leaf.notAfter}; SHA-256 ${leaf.sha256}`,
    ],
    ['dns', siteFacts === null ? null : dnsText(siteFacts)],
    [
      'domain',
      domain === null
        ? null
        : [domain.name, domain.registrar, domain.createdAt, domain.error]
            .filter((it) => it !== null)
            .join('; '),
    ],
  ];
  return table(rows, words);
}

function dnsText({ dns }: SiteFacts): string {
  if (dns.is === 'not_asked') return dns.why;
  const given = dns.answers.filter(({ data }) => data.length > 0);
  return given.map(({ name, type, data }) => `${name} ${type} ${data.join(', ')}`).join('; ');
}

/** The way from the address asked for to the one that answered, where there was one. */
function hopsTable({ capture: { hops } }: ActFacts, words: ActWords): string {
  if (hops.length < 2) return '';
  const { step, address, status } = words.columns;
  return grid(
    [step, address, status],
    hops.map(({ url, status: code }, at) => [String(at + 1), url, String(code)]),
  );
}

/** Fields of a WARC's first record that have a row of their own, or are of its format. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  'software',
  'browser',
  'format',
  'conformsTo',
  'isPartOf',
  'ip',
  'country',
  'profile',
  'clock-source',
  'clock-offset-seconds',
]);

function meansTable({ capture, means, siteFacts }: ActFacts, words: ActWords): string {
  const from = siteFacts?.from ?? null;
  const clock = from?.clock ?? null;
  const more = Object.entries(means).filter(([name]) => !TOLD_ELSEWHERE.has(name));
  const rows: Row[] = [
    ['software', means['software'] ?? null],
    ['browser', means['browser'] ?? (capture.screenshot === null ? words.notRendered : null)],
    [
      'visitor',
      [capture.profile ?? '', ...more.map(([name, value]) => `${name}: ${value}`)]
        .filter((it) => it !== '')
        .join('; '),
    ],
    ['egress', from?.address ?? means['ip'] ?? null],
    [
      'clock',
      clock?.source == null
        ? (means['clock-source'] ?? null)
        : `${clock.source}${clock.offsetSeconds === null ? '' : `, ${clock.offsetSeconds} s`}`,
    ],
  ];
  return table(rows, words);
}

function filesTable({ files }: ActFacts, words: ActWords): string {
  return grid(
    [words.columns.file, words.columns.bytes, 'SHA-256'],
    files.map(({ name, sha256, bytes }) => [words.fileNames[name], String(bytes), sha256]),
  );
}

function proofTable({ archive, stamps, ledger }: ActFacts, words: ActWords): string {
  const told = stamps.map(({ of, at, by }) => `${moment(at, words)} ${words.stamped(words.ofStamp[of], by)}`);
  const own = ledger.find(({ isOfCapture, kind }) => isOfCapture && kind === 'capture');
  const rows: Row[] = [
    ['manifest', archive.manifestSha256],
    ['key', `${archive.key} (${archive.signedAt})`],
    ['stamps', told.length === 0 ? words.notStamped : told.join('; ')],
    ['ledger', own === undefined ? null : `${own.seq}: ${own.hash}`],
  ];
  return table(rows, words);
}

function custodyTable({ ledger }: ActFacts, words: ActWords): string {
  if (ledger.length === 0) return `<p>${words.none}</p>`;
  const { row, when, what } = words.columns;
  return grid(
    [row, when, what],
    ledger.slice(-MOST_ROWS).map(({ seq, at, kind }) => [String(seq), at, words.kinds[kind] ?? kind]),
  );
}

function picturesOf({ viewport, fullPage, page }: ActFacts, words: ActWords): string {
  const parts: string[] = [];
  if (viewport === null) parts.push(`<p>${words.notRendered}</p>`);
  else
    parts.push(
      `<figure><figcaption>${words.viewport}</figcaption><img alt="${words.viewport}" src="${dataUrl(viewport)}"></figure>`,
    );
  const sheets = fullPage === null ? [] : sheetsOf(fullPage);
  for (const { from, height, at, of } of sheets.slice(0, MOST_SHEETS)) {
    parts.push(
      `<figure><figcaption>${words.fullPage(at, of)}</figcaption><div class="sheet full" role="img" aria-label="${words.fullPage(at, of)}" style="height:${height}mm;background-position:0 -${from}mm"></div></figure>`,
    );
  }
  if (sheets.length > MOST_SHEETS) parts.push(`<p>${words.cutPage}</p>`);
  const text = page.text.length <= MOST_TEXT ? page.text : `${page.text.slice(0, MOST_TEXT)}${words.textCut}`;
  if (text !== '') parts.push(`<p>${words.text}:</p><pre>${escaped(text)}</pre>`);
  return parts.join('\n');
}

/** Slices of a picture that is `WIDTH` wide, each at most a sheet high; millimetres with one decimal. */
function sheetsOf(png: Uint8Array): { from: number; height: number; at: number; of: number }[] {
  const [width = 0, height = 0] = (sizeOf(png) ?? '0x0').split('x').map(Number);
  if (width === 0 || height === 0) return [];
  const whole = (height / width) * WIDTH;
  const count = Math.ceil(whole / SHEET);
  const tenth = (value: number) => Math.round(value * 10) / 10;
  return Array.from({ length: count }, (_, at) => ({
    from: at * SHEET,
    height: tenth(Math.min(SHEET, whole - at * SHEET)),
    at: at + 1,
    of: count,
  }));
}

function fullPageStyle(png: Uint8Array | null): string {
  return png === null ? '' : `.full{background-image:url(${dataUrl(png)})}`;
}

function dataUrl(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

function stepsOf({ capture, archive, files }: ActFacts, words: ActWords): string {
  const warc = files.find(({ name }) => name === 'warc')?.sha256 ?? '';
  const steps = words.steps.map((step) => step({ capture: capture.id, key: archive.key, warc }));
  return `<ol>${steps.map((step) => `<li>${escaped(step)}</li>`).join('\n')}</ol>`;
}

/** Kazakhstan has one zone, UTC+5, since 1 March 2024. */
function moment(at: Date, words: ActWords): string {
  const local = new Date(at.getTime() + 5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  return `${local} (${words.almaty}); ${at.toISOString()}`;
}
