/** Asks a copy of the program what it makes of the three deeds: node --import tsx deeds.mjs FOLDER PAGE */
import { readFileSync } from 'node:fs';

const [, , folder, page] = process.argv;
const [{ finderOf, readLexicon }, { listingsByLayout }, { COLUMNS, formCsv, rowOf }, { formXlsx }] =
  await Promise.all([
    import(`${folder}/classifiers/lexicon.ts`),
    import(`${folder}/crawler/extract/layout.ts`),
    import(`${folder}/exports/kibernadzor/form-csv.ts`),
    import(`${folder}/exports/kibernadzor/form-xlsx.ts`),
  ]);
const entry = readLexicon().find(({ id }) => id === 'urgency.seats_by_lot');
const find = finderOf([entry]);
const strength = (text) => Math.max(0, ...(find(text).byEntry.get(entry.id) ?? []).map(({ frame }) => frame));
const referral = {
  target: {},
  hostname: 'piramida.test',
  url: 'https://piramida.test/',
  reasonRu: '',
  objectType: '',
};
const text = { reasonRu: 'a', offense: 'b', contentLanguage: 'c', group: 'd', caseId: 'K-000001' };
const given = { ...referral, ...text, target: { objectType: 'e', resourceKind: 'f' } };
process.stdout.write(
  JSON.stringify({
    examples: entry.examples.map(strength),
    counterExamples: entry.counterExamples.map(strength),
    listings: listingsByLayout(readFileSync(page, 'utf8'), 'https://jarmanke.example/'),
    columns: COLUMNS,
    csv: formCsv([rowOf(given, 1)]).toString('utf8'),
    xlsx: (await formXlsx([given], new Date(0))).byteLength,
  }),
);
