/**
 * The form's rows as a workbook, for officers who fill the form by hand: Russian headings, and a second sheet that
 * says what to do. The same rows give the same bytes.
 *
 * Every cell is an inline string, which no spreadsheet program reads as a formula whatever it begins with
 * (ECMA-376, part 1, section 18.18.11: `inlineStr`).
 */
import type { Referral } from '../../domain/record.ts';
import { zip } from '../../domain/zip.ts';
import { COLUMNS, rowOf, TABLE } from './form-csv.ts';
import { escaped } from './xml.ts';

const GUIDE: readonly string[] = [
  'Каждая строка листа «Ссылки» — одно обращение; «Site N» соответствует снимку screens/N.png.',
  'Тексты списков взяты из открытых источников; если в форме они другие, исправьте codes.json.',
  'Строки решены двумя сотрудниками. Изменённая строка с записями пакета больше не сходится.',
  'Проверка пакета без сети: kuzet verify ФАЙЛ.',
];

export function formXlsx(referrals: readonly Referral[], builtAt: Date): Promise<Buffer> {
  const rows = referrals.map((referral, at) => {
    const row = rowOf(referral, at + 1);
    return COLUMNS.map((column) => row[column]);
  });
  const parts: Readonly<Record<string, string>> = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/worksheets/sheet2.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Ссылки" sheetId="1" r:id="rId1"/><sheet name="Инструкция" sheetId="2" r:id="rId2"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': sheet([TABLE.map(({ heading }) => heading), ...rows]),
    'xl/worksheets/sheet2.xml': sheet(GUIDE.map((line) => [line])),
  };
  const files = Object.entries(parts).map(
    ([path, xml]) =>
      [path, Buffer.from(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${xml}`)] as const,
  );
  return zip(new Map(files), builtAt);
}

function sheet(rows: readonly (readonly string[])[]): string {
  const body = rows.map((cells, y) => {
    const written = cells.map(
      (text, x) =>
        `<c r="${String.fromCharCode(65 + x)}${y + 1}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`,
    );
    return `<row r="${y + 1}">${written.join('')}</row>`;
  });
  return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${body.join('')}</sheetData></worksheet>`;
}
