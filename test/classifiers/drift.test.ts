import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { driftOf, emptySpread, type JudgedPage, psi, spreadOf } from '../../classifiers/drift.ts';

const pages = (n: number, it: Partial<JudgedPage>): JudgedPage[] =>
  Array.from({ length: n }, () => ({ verdict: 'clear', score: 0.05, signals: [], ...it }));

describe('drift', () => {
  test('is stable where the same kind of pages comes', () => {
    const week = [
      ...pages(300, {}),
      ...pages(100, { verdict: 'flag', score: 0.95, signals: ['yield.plan'] }),
    ];
    expect(driftOf(spreadOf(week), spreadOf(week))).toEqual({
      is: 'stable',
      scorePsi: 0,
      signals: [],
      abstention: { was: 0, is: 0 },
      pages: { was: 400, is: 400 },
    });
  });

  test('names the signal whose rate moved, and how often the machine abstains', () => {
    const then = [...pages(380, {}), ...pages(20, { signals: ['lead.phone_form'] })];
    const now = [
      ...pages(200, {}),
      ...pages(200, { signals: ['lead.phone_form'], verdict: 'abstain', score: 0.05 }),
    ];
    const drift = driftOf(spreadOf(then), spreadOf(now));
    expect(drift).toMatchObject({ is: 'moved', abstention: { was: 0, is: 0.5 } });
    expect(drift.signals).toEqual([{ id: 'lead.phone_form', psi: expect.any(Number), was: 0.05, is: 0.5 }]);
    expect(drift.scorePsi).toBe(0);
  });

  test('says that there is too little to say', () => {
    expect(driftOf(spreadOf(pages(500, {})), spreadOf(pages(199, { score: 0.9 }))).is).toBe('too_few');
    expect(driftOf(emptySpread(), spreadOf(pages(500, {}))).is).toBe('too_few');
  });

  test('the index of a known shift is the known figure', () => {
    // (0.5 - 0.4) ln(0.5 / 0.4) + (0.5 - 0.6) ln(0.5 / 0.6), on counts so large that the half page is nothing.
    expect(psi([4e9, 6e9], [5e9, 5e9])).toBeCloseTo(0.040_546_5, 6);
  });

  test('the index is never below zero, the same both ways, and zero for the same', () => {
    const bins = fc.array(fc.nat(1000), { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(bins, bins, (a, b) => {
        expect(psi(a, b)).toBeGreaterThanOrEqual(-1e-12);
        expect(psi(a, b)).toBeCloseTo(psi(b, a), 9);
        expect(psi(a, a)).toBe(0);
      }),
    );
  });
});
