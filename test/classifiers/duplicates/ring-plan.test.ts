import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planRings } from '../../../classifiers/duplicates/ring-plan.ts';

const names = (members: readonly string[]) => members.map((name) => `ring of ${name}`);
const plan = (
  rings: readonly (readonly [string, readonly string[]])[],
  clusters: readonly (readonly string[])[],
  taken: readonly string[] = [],
) =>
  planRings(
    rings.map(([id, members]) => ({ id, members })),
    clusters,
    names,
    new Set(taken),
  );

describe('a ring', () => {
  test('is new when none of its listings was in one', () => {
    expect(plan([], [['a', 'b']]).open).toEqual([{ id: 'ring of a', isNew: true, cluster: 0 }]);
  });

  test('keeps its name while it grows', () => {
    expect(plan([['first', ['a', 'b']]], [['a', 'b', 'c']])).toEqual({
      open: [{ id: 'first', isNew: false, cluster: 0 }],
      merged: [],
      gone: [],
    });
  });

  test('goes on in the older one when two become one', () => {
    const rings = [
      ['first', ['a', 'b']],
      ['second', ['c', 'd', 'e']],
    ] as const;
    expect(plan(rings, [['a', 'b', 'c', 'd', 'e']])).toMatchObject({
      open: [{ id: 'first' }],
      merged: [{ id: 'second', into: 'first' }],
    });
  });

  test('goes on in its larger half when it falls apart, and the other half is another ring', () => {
    expect(
      plan(
        [['ring of a', ['a', 'b', 'c', 'd', 'e']]],
        [
          ['a', 'b'],
          ['c', 'd', 'e'],
        ],
      ).open,
    ).toEqual([
      { id: 'ring of b', isNew: true, cluster: 0 },
      { id: 'ring of a', isNew: false, cluster: 1 },
    ]);
  });

  test('is gone with its last pair', () => {
    expect(plan([['first', ['a', 'b']]], [])).toEqual({ open: [], merged: [], gone: ['first'] });
  });

  test('takes no name that another bears', () => {
    expect(plan([], [['a', 'b']], ['ring of a']).open[0]!.id).toBe('ring of b');
    expect(() => plan([], [['a']], ['ring of a'])).toThrow(RangeError);
  });

  test('of whatever was before, every cluster has one name, and every old ring goes one way', () => {
    const parts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 });
    const grouped = (of: readonly number[]) =>
      [0, 1, 2, 3]
        .map((group) => of.flatMap((it, at) => (it === group ? [`m${at}`] : [])))
        .filter((members) => members.length > 1);
    fc.assert(
      fc.property(parts, parts, (before, after) => {
        const old = grouped(before).map((members, at) => [`old${at}`, members] as const);
        const { open, merged, gone } = plan(old, grouped(after));
        expect(new Set(open.map(({ id }) => id)).size).toBe(grouped(after).length);
        const went = [...open.filter(({ isNew }) => !isNew), ...merged].map(({ id }) => id).concat(gone);
        expect([...went].sort()).toEqual(old.map(([id]) => id).sort());
        for (const { into } of merged) expect(open.map(({ id }) => id)).toContain(into);
      }),
    );
  });
});
