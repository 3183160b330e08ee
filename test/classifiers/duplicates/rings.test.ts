import { describe, expect, test } from 'vitest';
import { actorsCsv, actorsOf } from '../../../classifiers/duplicates/actors.ts';
import { clustersOf, type Link } from '../../../classifiers/duplicates/clusters.ts';
import { drawnListing, drawRing } from '../../../classifiers/duplicates/drawing.ts';
import { tracedToOrigin } from '../../../classifiers/duplicates/origin.ts';
import { profileOf } from '../../../classifiers/duplicates/profile.ts';
import { isCarrierNat, networkPart } from '../../../domain/ip.ts';
import type { Listing } from '../../../domain/listing.ts';

const all = (numbers: readonly number[], score: number): Link[] =>
  numbers.flatMap((b, at) => numbers.slice(0, at).map((a) => ({ a, b, score })));
const never = { score: () => 0, bound: 0.5 };

describe('clusters', () => {
  test('are the listings that are all copies of each other', () => {
    expect(clustersOf([...all([1, 2, 3], 0.9), ...all([7, 8], 0.8)], never)).toEqual([
      { members: [1, 2, 3], centre: 1, density: 1 },
      { members: [7, 8], centre: 7, density: 1 },
    ]);
  });

  test('gather around the original that its copies are unlike each other of', () => {
    const star = [2, 3, 4].map((b) => ({ a: 1, b, score: 0.9 }));
    expect(clustersOf(star, never)).toMatchObject([{ members: [1, 2, 3, 4], centre: 1, density: 0.5 }]);
  });

  test('are not chained: two rings that touch in one pair stay two', () => {
    const rings = clustersOf(
      [...all([1, 2, 3], 0.9), ...all([5, 6, 7], 0.9), { a: 3, b: 5, score: 0.95 }],
      never,
    );
    expect(rings.map((ring) => ring.members)).not.toContainEqual([1, 2, 3, 5, 6, 7]);
    expect(rings.flatMap((ring) => ring.members).length).toBe(
      new Set(rings.flatMap((ring) => ring.members)).size,
    );
  });

  test('do not depend on the order of pairs', () => {
    const links = [...all([1, 2, 3, 4], 0.9), { a: 4, b: 9, score: 0.6 }, ...all([9, 10], 0.7)];
    expect(clustersOf([...links].reverse(), never)).toEqual(clustersOf(links, never));
  });

  test('shed members that are tied to too few when they come out loose', () => {
    const long = Array.from({ length: 30 }, (_, at) => ({ a: 0, b: at + 1, score: 0.9 }));
    const [ring] = clustersOf([...all([0, 1, 2, 3, 4, 5, 6], 0.9), ...long], never);
    expect(ring!.members.length).toBeLessThan(31);
    expect(ring!.members).toContain(0);
  });
});

test('a stolen photo is traced to the nearest of the copies it was stolen from', () => {
  const judged = (score: number, photoBits: number) =>
    ({ score, relation: 'same_photo', features: [], photoBits }) as const;
  const pairs = [
    { a: 1, b: 9, judged: judged(0.9, 12) },
    { a: 2, b: 9, judged: judged(0.99, 30) },
    { a: 5, b: 9, judged: judged(0.8, 40) },
  ];
  const traced = tracedToOrigin(pairs, [{ members: [1, 2], centre: 1, density: 1 }]);
  expect(traced.map((pair) => pair.judged.score)).toEqual([0.9, 0.495, 0.8]);
});

const listing = (id: string, rest: Partial<Listing>): Listing => ({
  id,
  url: '',
  title: `Телефон <${id}>`,
  text: '',
  price: null,
  currency: null,
  category: null,
  city: null,
  seller: { id: `s-${id}`, name: '', accountAgeDays: 1 },
  phone: null,
  images: [],
  postedAt: new Date('2026-03-01T10:00:00Z'),
  ...rest,
});

describe('the actors of a ring', () => {
  const members = [
    listing('a', { ip: '198.18.0.7', device: 'd1', phone: '+77000000012' }),
    listing('b', { ip: '198.18.0.7', device: 'd1', text: 'звоните +380 99 000 00 12' }),
    listing('c', {
      ip: '2001:db8:1:2:3::9',
      device: 'd1',
      phone: '8 700 000 00 12',
      postedAt: new Date('2026-03-02T10:00:00Z'),
    }),
  ].map((it) => profileOf(it));
  const actors = actorsOf(members, { listingsOfIp: () => 1 });

  test('are told with how often and from when to when', () => {
    expect(actors[0]).toEqual({
      kind: 'device',
      value: 'd1',
      listings: 3,
      first: '2026-03-01T10:00:00.000Z',
      last: '2026-03-02T10:00:00.000Z',
      flags: [],
      network: null,
    });
    expect(actors.find((it) => it.value === '+77000000012')).toMatchObject({ listings: 2, flags: [] });
    expect(actors.find((it) => it.value === '+380990000012')).toMatchObject({
      flags: ['foreign', 'in_text'],
    });
    expect(actors.find((it) => it.value === '2001:db8:1:2::/64')).toMatchObject({ kind: 'ip', listings: 1 });
    expect(actors.find((it) => it.kind === 'account')).toMatchObject({ flags: ['new'] });
  });

  test('an address that many others use names nobody', () => {
    const [ip] = actorsOf(members, { listingsOfIp: () => 500 }).filter((it) => it.kind === 'ip');
    expect(ip!.flags).toEqual(['shared']);
    expect(isCarrierNat('100.64.3.4')).toBe(true);
    expect(isCarrierNat('100.128.3.4')).toBe(false);
  });

  test('leave as CSV that no spreadsheet runs', () => {
    const csv = actorsCsv([{ id: 'ring-1', actors: [{ ...actors[0]!, value: '=cmd("x")' }] }]);
    expect(csv.split('\r\n')[1]).toContain(`"'=cmd(""x"")"`);
  });

  test('are drawn without anything that could run', () => {
    const svg = drawRing('ring-1', members.map(drawnListing), actors);
    expect(svg).toContain('Телефон &lt;a&gt;');
    expect(svg).not.toMatch(/<script|href|onload/);
    expect(svg.match(/<line /g)!.length).toBe(12);
  });
});

test('an IPv6 address is told by its /64', () => {
  expect(networkPart('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(networkPart('198.18.0.7')).toBe('198.18.0.7');
});
