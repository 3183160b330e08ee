import { describe, expect, test } from 'vitest';
import { clockState } from '../../../crawler/facts/clock.ts';

const absent = () => Promise.reject(new Error('ENOENT'));

describe('clockState', () => {
  test('tells what chrony says of the clock: one that is 0.012 s slow is behind by that', async () => {
    const tracking =
      'C0000201,192.0.2.1,3,1777874400.123,0.012000000,0.000001,0.000020,1.2,0.0,0.02,0.01,0.001,64.2,Normal\n';
    const state = await clockState((program) =>
      program === 'chronyc' ? Promise.resolve(tracking) : absent(),
    );
    expect(state).toEqual({ source: 'chrony', offsetSeconds: -0.012 });
  });

  test('does not trust a chrony that follows nobody', async () => {
    const tracking = '7F7F0101,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Not synchronised\n';
    const state = await clockState((program) =>
      program === 'chronyc' ? Promise.resolve(tracking) : absent(),
    );
    expect(state).toEqual({ source: null, offsetSeconds: null });
  });

  test('tells that the system keeps its clock by the network, where nothing tells how far off it is', async () => {
    const state = await clockState((program) =>
      program === 'timedatectl' ? Promise.resolve('NTPSynchronized=yes\n') : absent(),
    );
    expect(state).toEqual({ source: 'ntp', offsetSeconds: null });
  });

  test('says nothing where nothing keeps the clock', async () => {
    expect(await clockState(absent)).toEqual({ source: null, offsetSeconds: null });
  });
});
