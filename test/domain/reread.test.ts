import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Case, CaseRefusedError, type CaseState } from '../../domain/case.ts';
import { drawable, isDrawn, type Reread, RereadRefusedError, readAgain } from '../../domain/reread.ts';

const decidedAt = new Date('2026-11-20T05:00:00Z');
const now = new Date('2026-11-21T05:00:00Z');
const seen = { label: 'pyramid', signals: [], sketch: [] } as const;
const caseIn = (state: CaseState): Case => ({
  ...{ id: 'K-000001', subject: { kind: 'site', key: 'a.test' }, label: 'pyramid', score: 0.9, revision: 3 },
  ...{ state, seen, reasons: [], openedAt: decidedAt, updatedAt: decidedAt },
});
const dismissed = caseIn({ is: 'dismissed', by: 'aigerim', at: decidedAt, reason: 'Обычная.', seen });
const approvedState: Extract<CaseState, { is: 'approved' }> = {
  is: 'approved',
  by: 'aigerim',
  at: decidedAt,
  ground: 'KZ-CC-217',
  reason: 'Выплаты.',
  approvedBy: 'bolat',
  approvedAt: decidedAt,
};
const approved = caseIn(approvedState);
const referred = caseIn({ ...approvedState, is: 'referred', batch: 'KN_EXAMPLE_20261120_001' });
const drawnOf = (it: Case): Reread => ({ id: 1, drawnAt: decidedAt, ...drawable(it)! });
const confirm = { verdict: 'confirm', ground: 'KZ-CC-217', by: 'dana', reason: 'Обещан доход.' } as const;
const dismiss = { verdict: 'dismiss', by: 'dana', reason: 'Обычная страница.' } as const;

describe('a sample of what was decided', () => {
  test('is drawn of cases decided to their end, and of no others', () => {
    expect(drawable(dismissed)).toMatchObject({ decidedBy: ['aigerim'], verdict: { is: 'dismiss' } });
    expect(drawable(approved)).toMatchObject({
      ...{ decidedBy: ['aigerim', 'bolat'], verdict: { is: 'confirm', ground: 'KZ-CC-217' } },
    });
    const { approvedBy: _, approvedAt: __, ...first } = approvedState;
    expect(drawable(caseIn({ ...first, is: 'confirmed' }))).toBe(null);
    expect(drawable(caseIn({ is: 'open' }))).toBe(null);
    expect(drawable(referred)).toBe(null);
  });

  test('takes the share of lots that it should: none of nothing, all of everything', () => {
    const lot = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(lot, (it) => {
        expect(isDrawn(0, it)).toBe(false);
        expect(isDrawn(1, it)).toBe(true);
        expect(isDrawn(it + 0.0001, it)).toBe(true);
      }),
    );
  });

  test('agrees on the same verdict and ground, however they are written', () => {
    expect(readAgain(dismissed, drawnOf(dismissed), dismiss, now)).toEqual({ agrees: true, reopened: null });
    const typed = { ...confirm, ground: ' kz-cc-217 ' };
    expect(readAgain(approved, drawnOf(approved), typed, now)).toEqual({ agrees: true, reopened: null });
  });

  test('opens the case for a senior who is none of the readers where they are apart', () => {
    const { agrees, reopened } = readAgain(dismissed, drawnOf(dismissed), confirm, now);
    expect(agrees).toBe(false);
    expect(reopened?.state).toEqual({
      is: 'open',
      escalated: { by: 'dana', at: now, reason: 'Обещан доход.', between: ['aigerim', 'dana'] },
    });
    const otherGround = { ...confirm, ground: 'KZ-CC-190' };
    expect(readAgain(approved, drawnOf(approved), otherGround, now).reopened?.state).toMatchObject({
      escalated: { between: ['aigerim', 'bolat', 'dana'] },
    });
  });

  test('changes nothing of what has left, or was decided anew since', () => {
    expect(readAgain(referred, drawnOf(approved), dismiss, now)).toEqual({ agrees: false, reopened: null });
    const anew = caseIn({ ...approvedState, at: now });
    expect(readAgain(anew, drawnOf(approved), dismiss, now)).toEqual({ agrees: false, reopened: null });
  });

  test('is read by none of those who decided, and by the rules of a first decision', () => {
    const own = { ...dismiss, by: 'АIGERIM' };
    expect(() => readAgain(dismissed, drawnOf(dismissed), own, now)).toThrow(RereadRefusedError);
    const ungrounded = { ...confirm, ground: 'KZ-CC-1' };
    expect(() => readAgain(dismissed, drawnOf(dismissed), ungrounded, now)).toThrow(CaseRefusedError);
    expect(() => readAgain(dismissed, drawnOf(dismissed), { ...dismiss, reason: ' ' }, now)).toThrow('why');
  });
});
