import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSameOfficer, officerId } from '../../domain/case.ts';
import {
  answeredOverride,
  askedOverride,
  type FoundForOverride,
  type Override,
  OverrideRefusedError,
  overrideFor,
} from '../../domain/override.ts';

const AT = new Date('2026-11-22T09:00:00.000Z');
const asked: Override = {
  caseId: 'K-000001',
  n: 1,
  rule: 'OB11',
  finding: 'https://altyn.test/ shows no tie to Kazakhstan',
  about: { key: 'OB11.no_tie', facts: { url: 'https://altyn.test/' } },
  decidedAt: AT,
  at: new Date('2026-11-22T10:00:00.000Z'),
  by: 'aigerim',
  why: 'Реклама шла в казахстанских группах.',
  answer: null,
};
const found: FoundForOverride = { rule: asked.rule, why: asked.finding, about: asked.about! };
const LATER = new Date('2026-11-22T11:00:00.000Z');

const code = (act: () => unknown) => {
  try {
    act();
    return 'allowed';
  } catch (error) {
    if (!(error instanceof OverrideRefusedError)) throw error;
    return error.facts.code;
  }
};

describe('an override', () => {
  test('is asked for by a person, with a reason in words', () => {
    expect(askedOverride(asked, { by: ' Aigerim', why: ' Реклама шла здесь. ' })).toEqual({
      by: 'aigerim',
      why: 'Реклама шла здесь.',
    });
    expect(code(() => askedOverride(asked, { by: '', why: asked.why }))).toBe('no_officer');
    expect(code(() => askedOverride(asked, { by: 'kuzet', why: asked.why }))).toBe('no_officer');
    expect(code(() => askedOverride(asked, { by: 'aigerim', why: ' да ' }))).toBe('no_reason');
  });

  test('is answered once, by another person, and refused only with words', () => {
    const yes = { is: 'confirmed', by: 'Bolat', words: '' } as const;
    const answered = answeredOverride(asked, yes, LATER);
    expect(answered.answer).toEqual({ is: 'confirmed', at: LATER, by: 'bolat', words: '' });
    expect(code(() => answeredOverride(answered, { ...yes, by: 'dana' }, LATER))).toBe('answered');
    // The second name is spelt with Cyrillic letters.
    for (const by of ['aigerim', 'AIGERIM ', 'аigеrim'])
      expect(code(() => answeredOverride(asked, { ...yes, by }, LATER))).toBe('same_officer');
    expect(code(() => answeredOverride(asked, { is: 'refused', by: 'bolat', words: ' ' }, LATER))).toBe(
      'no_reason',
    );
  });

  test('holds for the finding it was asked for, however it is worded, and for one decision', () => {
    const held = answeredOverride(asked, { is: 'confirmed', by: 'bolat', words: '' }, LATER);
    expect(overrideFor(found, [held], AT)?.answer.by).toBe('bolat');
    expect(overrideFor({ ...found, why: 'in better words' }, [held], AT)?.answer.by).toBe('bolat');
    const elsewhere = { key: 'OB11.no_tie', facts: { url: 'https://kumis.test/' } };
    expect(overrideFor({ ...found, about: elsewhere }, [held], AT)).toBeNull();
    expect(overrideFor({ ...found, rule: 'OB5' }, [held], AT)).toBeNull();
    expect(overrideFor(found, [held], LATER)).toBeNull();
    expect(overrideFor(found, [asked], AT)).toBeNull();
    const no = answeredOverride(asked, { is: 'refused', by: 'bolat', words: 'Это новость.' }, LATER);
    expect(overrideFor(found, [no], AT)).toBeNull();
  });

  test('of the days when a finding was its English words alone holds for those, word for word', () => {
    const held = answeredOverride(
      { ...asked, about: null },
      { is: 'confirmed', by: 'bolat', words: '' },
      LATER,
    );
    expect(overrideFor(found, [held], AT)?.answer.by).toBe('bolat');
    expect(overrideFor({ ...found, why: `${found.why} now` }, [held], AT)).toBeNull();
  });

  test('lets nothing go that is not of two people, whatever a store says', () => {
    const officer = fc.constantFrom('a', 'A ', 'а', 'b', 'B', '');
    fc.assert(
      fc.property(officer, officer, fc.constantFrom('confirmed', 'refused'), (one, other, is) => {
        const row: Override = { ...asked, by: one, answer: { is, at: LATER, by: other, words: '' } };
        if (overrideFor(found, [row], AT) === null) return;
        expect(is).toBe('confirmed');
        expect([one, other].map(officerId)).not.toContain('');
        expect(isSameOfficer(officerId(one), officerId(other))).toBe(false);
      }),
    );
  });
});
