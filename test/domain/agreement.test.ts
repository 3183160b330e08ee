import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreementOf, type Pairs, shareOf } from '../../domain/agreement.ts';

describe('the agreement of two', () => {
  test('is 0.4 in the textbook example: 20 times both yes, 15 times both no, 5 and 10 times not alike', () => {
    const it = agreementOf({
      bothConfirm: 20,
      confirmThenDismiss: 5,
      dismissThenConfirm: 10,
      bothDismiss: 15,
    });
    expect(it.pairs).toBe(50);
    expect(it.observed).toBeCloseTo(0.7, 12);
    expect(it.kappa).toBeCloseTo(0.4, 12);
  });

  test('is unknown of no pairs, and beyond chance of pairs that all say one word', () => {
    const none = { bothConfirm: 0, confirmThenDismiss: 0, dismissThenConfirm: 0, bothDismiss: 0 };
    expect(agreementOf(none)).toEqual({ pairs: 0, observed: null, kappa: null });
    expect(agreementOf({ ...none, bothConfirm: 7 })).toEqual({ pairs: 7, observed: 1, kappa: null });
  });

  const n = fc.nat(1000);
  const pairs: fc.Arbitrary<Pairs> = fc.record({
    bothConfirm: n,
    confirmThenDismiss: n,
    dismissThenConfirm: n,
    bothDismiss: n,
  });

  test('lies between -1 and 1, is the same whoever is called the first, and 1 only where all is alike', () => {
    fc.assert(
      fc.property(pairs, (it) => {
        const { kappa } = agreementOf(it);
        const turned = {
          ...it,
          confirmThenDismiss: it.dismissThenConfirm,
          dismissThenConfirm: it.confirmThenDismiss,
        };
        const other = agreementOf(turned).kappa;
        if (kappa === null) return other === null;
        expect(other).toBeCloseTo(kappa, 12);
        expect(kappa).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(kappa).toBeLessThanOrEqual(1 + 1e-12);
        expect(kappa > 1 - 1e-12).toBe(it.confirmThenDismiss + it.dismissThenConfirm === 0);
        return true;
      }),
    );
  });
});

test('a share of nothing is no number', () => {
  expect([shareOf(0, 0), shareOf(0, 4), shareOf(1, 4)]).toEqual([null, 0, 0.25]);
});
