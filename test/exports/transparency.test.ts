import { XmlDocument } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import {
  type TransparencyRows,
  transparencyCsv,
  transparencyMarkdown,
  transparencyOf,
  transparencySvg,
} from '../../exports/transparency.ts';

const rows: TransparencyRows = {
  acts: [
    { kind: 'opened', label: 'pyramid', hours: null },
    { kind: 'opened', label: 'pyramid', hours: null },
    { kind: 'opened', label: 'phishing', hours: null },
    { kind: 'confirmed', label: 'pyramid', hours: 1 },
    { kind: 'confirmed', label: 'pyramid', hours: 2 },
    { kind: 'dismissed', label: 'phishing', hours: 0.25 },
    { kind: 'seen_again', label: 'phishing', hours: 5 },
  ],
  referrals: [
    { channel: 'operator_block', label: 'pyramid', state: 'restricted', hoursToEnd: 30 },
    { channel: 'operator_block', label: 'pyramid', state: 'acknowledged', hoursToEnd: null },
  ],
  appeals: [
    { verdict: 'overturned', hours: 48 },
    { verdict: null, hours: null },
  ],
};
const report = transparencyOf({ org: 'EXAMPLE', from: '2026-10-01', to: '2026-12-31' }, rows);

describe('the public report', () => {
  test('counts what was done, most first', () => {
    const section = (id: string) => report.sections.find((each) => each.id === id)?.rows;
    expect(section('opened')).toEqual([
      ['pyramid', 2],
      ['phishing', 1],
    ]);
    expect(section('decided')).toEqual([
      ['confirmed: pyramid', 2],
      ['dismissed: phishing', 1],
    ]);
    expect(section('outcomes')).toEqual([
      ['acknowledged', 1],
      ['restricted', 1],
    ]);
    expect(section('appeals')).toEqual([
      ['overturned', 1],
      ['waits', 1],
    ]);
    expect(section('hours')).toEqual([
      ['confirmed', 1.5],
      ['dismissed', 0.3],
      ['restricted_or_removed', 30],
      ['appeal_judged', 48],
    ]);
  });

  test.each(['ru', 'kk', 'en'] as const)('reads in %s as its golden file has it', async (lang) => {
    await expect(transparencyMarkdown(report, lang)).toMatchFileSnapshot(`golden/transparency.${lang}.md`);
  });

  test('of a period with nothing in it is still one', () => {
    const empty = transparencyOf(
      { org: 'EXAMPLE', from: '2026-01-01', to: '2026-01-31' },
      { acts: [], referrals: [], appeals: [] },
    );
    expect(transparencyMarkdown(empty, 'en')).toContain('## Cases opened\n\nnone');
    expect(transparencyCsv(empty)).toBe('section,name,value\r\n');
  });

  test('has a chart of every section, with a bar a row', () => {
    for (const { id, rows: own } of report.sections) {
      const svg = XmlDocument.fromString(transparencySvg(report, id, 'kk'));
      try {
        const bars = svg.find('//s:rect', { s: 'http://www.w3.org/2000/svg' });
        expect(bars).toHaveLength(own.length + 1);
      } finally {
        svg.dispose();
      }
    }
  });
});
