import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import { chained, isChained, REFERRAL_RECORD, type ReferralRecord } from '../../domain/record.ts';
import { recordSchema, recordsXml, recordsXsd } from '../../exports/kibernadzor/xml.ts';
import { batchOrder } from './samples.ts';

const records = chained(batchOrder(3).referrals);
const beside = (name: string) =>
  readFile(new URL(`../../exports/kibernadzor/${name}`, import.meta.url), 'utf8');

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (it: Ajv2020) => void)(ajv);
const byJsonSchema = ajv.compile(recordSchema());

function byXsd(xml: Buffer): boolean {
  const schema = XmlDocument.fromBuffer(recordsXsd());
  const validator = XsdValidator.fromDoc(schema);
  const document = XmlDocument.fromBuffer(xml);
  try {
    validator.validate(document);
    return true;
  } catch {
    return false;
  } finally {
    document.dispose();
    validator.dispose();
    schema.dispose();
  }
}

describe('a record of the profile kibernadzor-referral 1.0.0', () => {
  test('is sound by the record’s own rules, by JSON Schema and by XSD', () => {
    for (const record of records) {
      expect(REFERRAL_RECORD.safeParse(record).error).toBeUndefined();
      expect([byJsonSchema(record), byJsonSchema.errors]).toEqual([true, null]);
    }
    expect(byXsd(recordsXml(records))).toBe(true);
  });

  test('has its schemas beside the exporter, as the record’s own rules make them', async () => {
    // To make them anew: write what recordSchema() and recordsXsd() give into these files.
    expect(JSON.parse(await beside('referral.schema.json'))).toEqual(recordSchema());
    expect(await beside('referrals.xsd')).toBe(recordsXsd().toString());
  });

  const edits: readonly (readonly [what: string, edit: (record: Record<string, unknown>) => void])[] = [
    ['another profile', (it) => Object.assign(it, { profile: 'kibernadzor-referral/0.9.0' })],
    ['no case', (it) => Object.assign(it, { caseId: 'X-1' })],
    ['revision 0', (it) => Object.assign(it, { caseRevision: 0 })],
    ['a channel that there is not', (it) => Object.assign(it, { channel: 'by_hand' })],
    ['an address that is none', (it) => Object.assign(it, { url: 'javascript:alert(1)' })],
    ['no qualification', (it) => Object.assign(it, { qualification: [] })],
    ['one sign', (it) => Object.assign(it, { signs: (it['signs'] as unknown[]).slice(0, 1) })],
    ['a reason of few words', (it) => Object.assign(it, { reasonRu: 'Мошенники' })],
    ['a reason too long for the form', (it) => Object.assign(it, { reasonRu: 'а'.repeat(501) })],
    ['priority 9', (it) => Object.assign(it, { priority: 9 })],
    [
      'one piece of evidence',
      (it) => Object.assign(it, { evidence: (it['evidence'] as unknown[]).slice(0, 1) }),
    ],
    ['a hash that is none', (it) => Object.assign(it, { dedupeKey: 'abc' })],
    ['a time that is none', (it) => Object.assign(it, { firstSeenAt: 'вчера' })],
    ['no decision', (it) => Object.assign(it, { decision: null })],
    [
      'a mark that there is not',
      (it) =>
        Object.assign(it, { confidentiality: { tlp: 'TLP:PINK', personalData: false, redactions: [] } }),
    ],
  ];
  test.each(edits)('with %s is refused by all three alike', (_, edit) => {
    const record = structuredClone(records[0]!) as unknown as Record<string, unknown>;
    edit(record);
    const broken = record as unknown as ReferralRecord;
    expect([
      REFERRAL_RECORD.safeParse(broken).success,
      byJsonSchema(broken),
      byXsd(recordsXml([broken])),
    ]).toEqual([false, false, false]);
  });

  test('is chained to the one before it, and shows a change', () => {
    expect(records.map(({ prevRecordSha256 }) => prevRecordSha256)).toEqual([
      null,
      records[0]!.recordSha256,
      records[1]!.recordSha256,
    ]);
    expect(isChained(records)).toBe(true);
    expect(isChained([records[1]!, records[0]!, records[2]!])).toBe(false);
    expect(isChained([{ ...records[0]!, priority: 1 }, records[1]!, records[2]!])).toBe(false);
  });

  test('keeps in XML what a hostile page puts into it, and nothing that XML cannot hold', () => {
    const [record] = structuredClone(records);
    record!.signs[0]!.quote = '<b>]]>&amp; "қ" \u0001\ud800 \r\n</b>';
    const xml = recordsXml([record!]);
    expect(byXsd(xml)).toBe(true);
    const document = XmlDocument.fromBuffer(xml);
    const found = document.get('//*[local-name()="quote"]')?.content;
    document.dispose();
    expect(found).toBe('<b>]]>&amp; "қ" \ufffd\ufffd \r\n</b>');
  });
});
