import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LABELS } from '../../domain/assessment.ts';
import {
  approve,
  type Case,
  CaseRefusedError,
  decide,
  officerId,
  refer,
  seenChanged,
  sightAgain,
} from '../../domain/case.ts';
import { groundFor, isReferable, OFFENCES } from '../../domain/referral.ts';

const at = new Date('2026-05-04T06:00:00Z');
const later = new Date('2026-05-04T07:00:00Z');

const open: Case = {
  id: 'K-000007',
  subject: { kind: 'site', key: 'bestyield.test' },
  label: 'pyramid',
  score: 0.97,
  revision: 1,
  state: { is: 'open' },
  seen: { label: 'pyramid', signals: ['yield.daily_percent'], sketch: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  reasons: [],
  openedAt: at,
  updatedAt: at,
};

const confirm = (by: string) =>
  ({ verdict: 'confirm', by, ground: 'KZ-CC-217', reason: '2 % в день' }) as const;

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (cause) {
    if (cause instanceof CaseRefusedError) return cause.facts.code;
    throw cause;
  }
  return 'allowed';
}

describe('a case', () => {
  test('is confirmed by one officer and approved by another', () => {
    const confirmed = decide(open, confirm('Aigerim'), at);
    expect(confirmed.state).toMatchObject({ is: 'confirmed', by: 'aigerim', ground: 'KZ-CC-217' });
    const approved = approve(confirmed, 'daniyar', later);
    expect(approved.state).toMatchObject({ is: 'approved', by: 'aigerim', approvedBy: 'daniyar' });
    expect(approved.revision).toBe(3);
  });

  test('is never approved by the officer who confirmed it, however the name is typed', () => {
    const confirmed = decide(open, confirm('Aigerim'), at);
    for (const name of [
      'aigerim',
      ' AIGERIM ',
      'Aigerim\t',
      'Ａｉｇｅｒｉｍ',
      'aige\u200brim',
      'аigerim',
      'ai-gerim',
    ]) {
      expect(
        codeOf(() => approve(confirmed, name, later)),
        name,
      ).toBe('same_officer');
    }
  });

  test('needs an officer, a reason and a ground that fits', () => {
    expect(codeOf(() => decide(open, confirm('  '), at))).toBe('no_officer');
    expect(codeOf(() => decide(open, { ...confirm('a'), reason: ' ' }, at))).toBe('no_reason');
    expect(codeOf(() => decide(open, { ...confirm('a'), ground: 'KZ-CC-999' }, at))).toBe('wrong_ground');
    expect(codeOf(() => decide({ ...open, label: 'phishing' }, confirm('a'), at))).toBe('wrong_ground');
  });

  test('with a label that is never referred can only be dismissed', () => {
    for (const label of ['illegal_casino', 'spam', 'legit'] as const) {
      expect(
        codeOf(() => decide({ ...open, label }, confirm('a'), at)),
        label,
      ).toBe('not_referable');
      expect(
        decide({ ...open, label }, { verdict: 'dismiss', by: 'a', reason: 'вне круга' }, at).state.is,
      ).toBe('dismissed');
    }
  });

  test('that was dismissed stays dismissed while the page shows the same, and opens again when it does not', () => {
    const dismissed = decide(open, { verdict: 'dismiss', by: 'aigerim', reason: 'новость' }, at);
    const same = { label: open.label, score: 0.99, seen: open.seen, reasons: [] };
    expect(sightAgain(dismissed, same, later)).toBe(dismissed);

    const newSignal = {
      ...same,
      seen: { ...open.seen, signals: ['referral.levels', 'yield.daily_percent'] },
    };
    expect(sightAgain(dismissed, newSignal, later).state.is).toBe('open');
    const newText = {
      ...same,
      seen: { ...open.seen, sketch: [101, 102, 103, 104, 105, 106, 107, 108, 109, 110] },
    };
    expect(sightAgain(dismissed, newText, later).state.is).toBe('open');
    const newLabel = {
      ...same,
      label: 'phishing' as const,
      seen: { ...open.seen, label: 'phishing' as const },
    };
    expect(sightAgain(dismissed, newLabel, later).label).toBe('phishing');
  });

  test('that people decided is not touched by what the machine sees later', () => {
    const confirmed = decide(open, confirm('aigerim'), at);
    const other = {
      label: 'phishing' as const,
      score: 0.1,
      seen: { label: 'phishing' as const, signals: [], sketch: [] },
      reasons: [],
    };
    expect(sightAgain(confirmed, other, later)).toBe(confirmed);
  });
});

describe('the law of four eyes', () => {
  type Walk = { readonly act: 'confirm' | 'dismiss' | 'approve' | 'refer' | 'see'; readonly by: string };
  const acts: fc.Arbitrary<Walk> = fc.record({
    act: fc.constantFrom('confirm', 'dismiss', 'approve', 'refer', 'see'),
    by: fc.constantFrom('aigerim', 'Aigerim ', 'daniyar', 'ДАНИЯР', ''),
  });

  test('holds on every walk: nothing is referred that two different officers did not want', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LABELS), fc.array(acts, { maxLength: 12 }), (label, walk) => {
        let it: Case = { ...open, label };
        for (const { act, by } of walk) {
          try {
            if (act === 'confirm')
              it = decide(it, { ...confirm(by), ground: OFFENCES[label]?.grounds[0] ?? 'KZ-CC-190' }, at);
            if (act === 'dismiss') it = decide(it, { verdict: 'dismiss', by, reason: 'нет' }, at);
            if (act === 'approve') it = approve(it, by, at);
            if (act === 'refer') it = refer(it, 'KN_EXAMPLE_20260504_001', at);
            if (act === 'see') it = sightAgain(it, { label, score: 0.5, seen: it.seen, reasons: [] }, at);
          } catch (cause) {
            if (!(cause instanceof CaseRefusedError)) throw cause;
          }
        }
        if (it.state.is === 'approved' || it.state.is === 'referred') {
          expect(isReferable(label)).toBe(true);
          expect(it.state.by).not.toBe('');
          expect(it.state.approvedBy).not.toBe('');
          expect(officerId(it.state.approvedBy)).not.toBe(officerId(it.state.by));
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('what was seen', () => {
  test('has not changed when only a few of many word triples differ', () => {
    const sketch = Array.from({ length: 128 }, (_, n) => n * 10);
    const nearly = [...sketch.slice(0, 126), 5001, 5002].sort((a, b) => a - b);
    expect(seenChanged({ ...open.seen, sketch }, { ...open.seen, sketch: nearly })).toBe(false);
  });

  test('is the same as itself, whatever it is', () => {
    const sketches = fc
      .uniqueArray(fc.nat(0xffffffff), { maxLength: 128 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(sketches, fc.array(fc.string()), (sketch, signals) => {
        const seen = { label: 'pyramid' as const, signals, sketch };
        expect(seenChanged(seen, seen)).toBe(false);
      }),
    );
  });
});

describe('grounds', () => {
  test('every referable label has at least one, and it is accepted in any letter case', () => {
    for (const label of LABELS.filter(isReferable)) {
      const [usual] = OFFENCES[label]!.grounds;
      expect(groundFor(label, ` ${usual!.toLowerCase()} `)).toEqual({ is: 'ground', code: usual });
    }
  });

  test('the list of what may be referred is closed', () => {
    expect(LABELS.filter(isReferable)).toEqual([
      'pyramid',
      'investment_fraud',
      'phishing',
      'fake_shop',
      'fake_listing',
      'dropper',
      'recovery',
    ]);
  });
});
