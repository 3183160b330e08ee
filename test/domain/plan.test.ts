import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latestSlot, timeOfDay } from '../../domain/plan.ts';

const times = ['09:00', '16:30'].map((text) => timeOfDay(text)!);
const slot = (now: string) => latestSlot(times, new Date(now))?.toISOString();

describe('the latest moment of a plan', () => {
  test('is by the clock of Almaty, five hours before Greenwich', () => {
    expect(slot('2026-11-24T04:00:00Z')).toBe('2026-11-24T04:00:00.000Z');
    expect(slot('2026-11-24T11:29:59Z')).toBe('2026-11-24T04:00:00.000Z');
    expect(slot('2026-11-24T11:30:00Z')).toBe('2026-11-24T11:30:00.000Z');
    expect(slot('2026-11-24T03:59:59Z')).toBe('2026-11-23T11:30:00.000Z');
  });

  test('is none without times', () => {
    expect(latestSlot([], new Date())).toBeNull();
    expect(['9:00', '24:00', '09:60', '9', 'noon'].map((text) => timeOfDay(text) !== null)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('is never in the future, less than a day old, and the same until the next one comes', () => {
    const moment = fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.nat(86_400_000), (now, later) => {
        const at = latestSlot(times, now)!;
        expect(now.getTime() - at.getTime()).toBeGreaterThanOrEqual(0);
        expect(now.getTime() - at.getTime()).toBeLessThan(24 * 3_600_000);
        expect(latestSlot(times, new Date(now.getTime() + later))! >= at).toBe(true);
      }),
    );
  });
});
