import { describe, expect, test } from 'vitest';
import { type Costs, reckon, type Year } from '../../bench/year.ts';

const cost = { cpuMs: 100, rowBytes: 1_000, evidenceBytes: 10_000 };
const costs: Costs = {
  'page, fetched': cost,
  'page, rendered': { ...cost, cpuMs: 1_000 },
  'listing, taken in and looked through': { cpuMs: 10, rowBytes: 500, evidenceBytes: 0 },
  'case, opened, decided, approved': cost,
  'case, in a batch': cost,
};
const year: Year = {
  sites: 1_000_000,
  listings: 0,
  pagesASite: 5,
  rendered: 0,
  cases: 0,
  secondsAPage: 2,
  peak: 1,
  cores: 2,
  use: 1,
  indexBytes: 260,
};

describe('a year', () => {
  test('of five million pages of 100 ms takes 500,000 seconds of a core', () => {
    const { meanCores, evidenceBytes, rowBytes } = reckon(costs, year);
    expect(meanCores * 365 * 86_400).toBeCloseTo(500_000, 3);
    expect([evidenceBytes, rowBytes]).toEqual([50e9, 5e9]);
  });

  test('of 15,768,000 pages of two seconds has one host visited at any moment', () => {
    expect(reckon(costs, { ...year, sites: 3_153_600 }).hostsAtOnce).toBeCloseTo(1, 10);
  });

  test('of twice the sites takes twice of everything', () => {
    const [one, two] = [reckon(costs, year), reckon(costs, { ...year, sites: 2_000_000 })];
    expect(two.meanCores / one.meanCores).toBeCloseTo(2, 10);
    expect(two.evidenceBytes).toBe(2 * one.evidenceBytes);
  });

  test('lets nothing wait while cores are enough for the busiest hour, and for ever when they are not for the mean', () => {
    const busy = { ...year, peak: 3, rendered: 1, sites: 100_000_000 };
    const { meanCores, peakCores } = reckon(costs, busy);
    expect(reckon(costs, { ...busy, cores: peakCores }).longestWaitHours).toBeCloseTo(0, 6);
    expect(reckon(costs, { ...busy, cores: meanCores * 1.5 }).longestWaitHours).toBeLessThan(24);
    expect(reckon(costs, { ...busy, cores: meanCores / 2 }).longestWaitHours).toBeGreaterThan(365 * 12);
  });

  test('fills a disk on the day that its share of the year says', () => {
    expect(reckon(costs, year).fullOn('evidence', 25e9)).toBe(182);
    expect(reckon(costs, year).fullOn('evidence', 60e9)).toBeNull();
  });
});
