import { expect, test } from 'vitest';
import { roundsOf } from '../../store/rounds.ts';

test('what comes twice has a second round, and the order of each round is that of first sight', () => {
  const rounds = roundsOf(['a1', 'b1', 'a2', 'c1', 'a3'], (it) => it[0]!);
  expect(rounds).toEqual([['a1', 'b1', 'c1'], ['a2'], ['a3']]);
});

test('nothing has no round', () => {
  expect(roundsOf<string>([], (it) => it)).toEqual([]);
});
