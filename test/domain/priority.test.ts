import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCalendar, linkPriority, SEED_PRIORITY } from '../../domain/priority.ts';

const on = { risk: 0, depth: 1, links: 40 };
const at = (path: string) => new URL(path, 'https://site.test');

describe('what is asked first', () => {
  test('is what path and anchor say of money and offers, in Russian, Kazakh and English', () => {
    const plain = linkPriority(at('/a'), 'Новости', on);
    expect(linkPriority(at('/investment-plans'), 'Новости', on)).toBe(plain + 200);
    for (const words of ['Вывод средств', 'Табыс көзі', 'Earn daily']) {
      expect(linkPriority(at('/a'), words, on)).toBe(plain + 200);
    }
    expect(linkPriority(at('/investment-plans'), 'Тарифы', on)).toBe(plain + 400);
  });

  test('is never a page of a calendar', () => {
    expect(linkPriority(at('/2026/11/24'), 'Инвестиции', { ...on, risk: 1 })).toBe(0);
    expect(isCalendar(at('/events?month=11'))).toBe(true);
    expect(isCalendar(at('/plans/2026'))).toBe(false);
  });

  test('stands on a riskier page, nearer to the seed, among fewer links', () => {
    const address = fc.constantFrom('/a', '/plans', '/a?b=1');
    const risk = fc.double({ min: 0, max: 1, noNaN: true });
    const whole = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(address, risk, risk, whole, whole, (path, riskA, riskB, n, m) => {
        const of = (more: Partial<typeof on>) => linkPriority(at(path), '', { ...on, ...more });
        expect(of({ risk: Math.max(riskA, riskB) })).toBeGreaterThanOrEqual(
          of({ risk: Math.min(riskA, riskB) }),
        );
        expect(of({ depth: Math.min(n, m) })).toBeGreaterThanOrEqual(of({ depth: Math.max(n, m) }));
        expect(of({ links: Math.min(n, m) })).toBeGreaterThanOrEqual(of({ links: Math.max(n, m) }));
      }),
    );
  });

  test('is what was given by name, before any link', () => {
    fc.assert(
      fc.property(
        fc.webUrl(),
        fc.string(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (url, anchor, risk) => {
          const priority = linkPriority(new URL(url), anchor, { ...on, risk });
          expect(priority).toBeGreaterThanOrEqual(0);
          expect(priority).toBeLessThan(SEED_PRIORITY);
          expect(Number.isInteger(priority)).toBe(true);
        },
      ),
    );
  });
});
