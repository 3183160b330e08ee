import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, formCsv, formFiles } from '../../exports/kibernadzor/form-csv.ts';
import { batchOrder, order, referral } from './samples.ts';

const run = promisify(execFile);

const row = {
  title: 'Site 1',
  url: 'https://piramida.test/',
  reason: 'Причина',
  object_type: 'Интернет-ресурс',
  resource_type: 'Тематические сайты',
  violation: 'Финансовая пирамида',
  language: 'Русский',
  group: 'оранжевый',
  screenshot: 'screens/1.png',
  publications: '',
  subscribers: '',
  court_decision: 'нет',
  source: 'K-000001',
};

/** Cells of a CSV, read as the observed form filler reads them: `;`, double quotes, any line end. */
function cells(bytes: Buffer, separator = ';'): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (isQuoted && letter === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (letter === '"' && (isQuoted || cell === '')) isQuoted = !isQuoted;
    else if (!isQuoted && letter === separator) {
      rows.at(-1)!.push(cell);
      cell = '';
    } else if (!isQuoted && letter === '\n') {
      rows.at(-1)!.push(cell.replace(/\r$/, ''));
      rows.push([]);
      cell = '';
    } else cell += letter;
  }
  return rows.slice(0, -1);
}

describe('formCsv', () => {
  test('writes the observed dialect to the byte', () => {
    expect(formCsv([{ ...row, reason: 'Обещано «30%; без риска», "гарантия"' }]).toString('utf8')).toBe(
      '\ufefftitle;url;reason;object_type;resource_type;violation;language;group;screenshot;publications;subscribers;court_decision;source\r\n' +
        'Site 1;https://piramida.test/;"Обещано «30%; без риска», ""гарантия""";Интернет-ресурс;Тематические сайты;Финансовая пирамида;Русский;оранжевый;screens/1.png;;;нет;K-000001\r\n',
    );
  });

  test('keeps a text with separators, quotes and line ends in one cell', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (reason) => {
        const [, second] = cells(formCsv([{ ...row, reason }]));
        expect(second).toHaveLength(13);
        expect(second![12]).toBe('K-000001');
      }),
    );
  });

  test.each([
    '=1+1',
    '+7 700 000 00 00',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '\u00a0=1',
    '\u200b=1',
    '\ufeff=1',
    '\uff1d1',
    '\uff0b1',
    '\uff0d1',
    '\uff201',
    '\u22121',
  ])('no cell that starts with %j can be a formula', (text) => {
    const [, second] = cells(formCsv([{ ...row, reason: text, violation: text, source: text }]));
    for (const at of [2, 5, 12]) expect(second![at]).toMatch(/^['\p{L}\p{N}]/u);
  });

  test('no cell starts a formula, whatever is quoted from a page and however a spreadsheet splits it', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        ',',
        ';',
        '|',
        '\t',
        '\r',
        '\n',
        ' ',
        '"',
        "'",
        'а',
        '1',
        '＝',
        '\u200b',
      ),
      maxLength: 12,
    });
    fc.assert(
      fc.property(nasty, nasty, (reason, path) => {
        const bytes = formCsv([{ ...row, reason, url: `https://piramida.test/?q=${path}` }]);
        for (const separator of [';', ',', '\t']) {
          for (const cell of cells(bytes, separator).flat())
            expect(cell).not.toMatch(/^[\s\u200b"]*[=+\-@＝]/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('opens in LibreOffice as 13 columns in order, nothing computed', async (context) => {
    if (!has('soffice')) context.skip('soffice is not installed');
    const folder = await mkdtemp(join(tmpdir(), 'kuzet-csv-'));
    try {
      const reason = '  =HYPERLINK("https://piramida.test";"жми"), =1+1';
      await writeFile(join(folder, 'links.csv'), formCsv([{ ...row, reason, source: '=2+3' }, row]));
      // 59: the separator; 34: quotes; 76: UTF-8; text import filter of LibreOffice Calc.
      await run(
        'soffice',
        [
          `-env:UserInstallation=file://${folder}/profile`,
          '--headless',
          '--infilter=CSV:59,34,76,1',
          '--convert-to',
          'csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,false',
          '--outdir',
          join(folder, 'out'),
          join(folder, 'links.csv'),
        ],
        { timeout: 50_000 },
      );
      const opened = cells(await readFile(join(folder, 'out', 'links.csv')), '\t');
      expect(opened[0]).toEqual([...COLUMNS]);
      expect(opened.map((each) => each.length)).toEqual([13, 13, 13]);
      expect(opened[1]![2]).toMatch(/^'=HYPERLINK\(/);
      expect(opened[1]![12]).toBe("'=2+3");
      expect(opened[2]![3]).toBe('Интернет-ресурс');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('formFiles', () => {
  test('leaves not one of 60 formula payloads live in LibreOffice, which computes them unprotected', async (context) => {
    if (!has('soffice')) context.skip('soffice is not installed');
    const folder = await mkdtemp(join(tmpdir(), 'kuzet-formula-'));
    const formulas = ['1+1', 'SUM(1;2)', 'HYPERLINK("https://piramida.test";"x")', 'A1', 'NOW()'];
    const starts = ['=', '+', '-', '@', ' =', '\t=', '\r=', '\n=', '"=', '\u200b=', '\uff1d', 'x;='];
    const payloads = starts.flatMap((start) => formulas.map((formula) => `${start}${formula}`));
    expect(payloads).toHaveLength(60);
    try {
      const rows = payloads.map((text) => ({ ...row, reason: text, violation: text, source: text }));
      await writeFile(join(folder, 'links.csv'), formCsv(rows));
      await writeFile(join(folder, 'bare.csv'), formulas.map((formula) => `=${formula}\r\n`).join(''));
      await run(
        'soffice',
        [
          `-env:UserInstallation=file://${folder}/profile`,
          '--headless',
          '--infilter=CSV:59,34,76,1',
          '--convert-to',
          'fods',
          '--outdir',
          join(folder, 'out'),
          join(folder, 'links.csv'),
          join(folder, 'bare.csv'),
        ],
        { timeout: 110_000 },
      );
      const live = async (name: string) =>
        (await readFile(join(folder, 'out', name), 'utf8')).match(/table:formula=/g)?.length ?? 0;
      expect(await live('bare.fods')).toBeGreaterThan(0);
      expect(await live('links.fods')).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);

  test('puts a hundred rows into a file and numbers them through', () => {
    const one = referral(order(1, 'https://a.test/', 'a.test'));
    const files = formFiles(Array.from({ length: 205 }, () => one));
    expect(files.map(({ name, bytes }) => [name, cells(bytes).length - 1])).toEqual([
      ['links.csv', 100],
      ['links-2.csv', 100],
      ['links-3.csv', 5],
    ]);
    expect(cells(files[2]!.bytes)[5]![0]).toBe('Site 205');
  });

  test('ties each row to its picture by the number that ends its title', () => {
    const [file] = formFiles(batchOrder(3).referrals);
    for (const cell of cells(file!.bytes).slice(1)) {
      expect(cell[8]).toBe(`screens/${/(\d+)$/.exec(cell[0]!)![1]}.png`);
    }
  });
});

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
