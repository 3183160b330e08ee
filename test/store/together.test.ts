import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { hurried, together } from '../../store/together.ts';

/** Answers each number doubled; a batch with a zero in it fails whole, and minus one is refused alone. */
function doubler(most?: number) {
  const batches: number[][] = [];
  let open: () => void = () => undefined;
  let door = Promise.resolve();
  const ask = together<number, number>(async (asks) => {
    batches.push([...asks]);
    await door;
    if (asks.includes(0)) throw new Error('a zero');
    return asks.map((it) => (it < 0 ? { error: new Error(`refused ${it}`) } : { answer: 2 * it }));
  }, most);
  return {
    ask,
    batches,
    shut() {
      door = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
  };
}

describe('together', () => {
  test('asks of one breath go as one batch, each with its own answer', async () => {
    const { ask, batches } = doubler();
    expect(await Promise.all([ask(1), ask(2), ask(3)])).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('what is asked while a batch is under way goes with the next one', async () => {
    const { ask, batches, shut, open } = doubler();
    shut();
    const first = ask(1);
    await Promise.resolve();
    await Promise.resolve();
    const later = [ask(2), ask(3)];
    open();
    expect(await Promise.all([first, ...later])).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  test('the pause after a batch ends as soon as sixteen wait, and with time for fewer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const { ask, batches, shut, open } = doubler();
      shut();
      const first = ask(1);
      await immediate();
      // A batch that took long is followed by a long pause.
      vi.advanceTimersByTime(50);
      open();
      await first;
      const few = [ask(2), ask(3)];
      await immediate();
      expect(batches).toEqual([[1]]);
      const more = Array.from({ length: 14 }, (_, n) => ask(n + 4));
      expect(await Promise.all([...few, ...more])).toEqual(Array.from({ length: 16 }, (_, n) => 2 * (n + 2)));
      expect(batches).toHaveLength(2);
      const last = ask(20);
      await vi.advanceTimersByTimeAsync(250);
      expect(await last).toBe(40);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a batch that fails is asked again one by one, so that only the fault itself fails', async () => {
    const { ask, batches } = doubler();
    const settled = await Promise.allSettled([ask(1), ask(0), ask(3)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toEqual([[1, 0, 3], [1], [0], [3]]);
  });

  test('an ask that is refused in a batch takes nobody with it', async () => {
    const { ask, batches } = doubler();
    const settled = await Promise.allSettled([ask(5), ask(-1)]);
    expect(settled[0]).toEqual({ status: 'fulfilled', value: 10 });
    expect(settled[1]).toMatchObject({ status: 'rejected', reason: new Error('refused -1') });
    expect(batches).toHaveLength(1);
  });

  test('a batch holds no more than it may', async () => {
    const { ask, batches } = doubler(2);
    expect(await Promise.all([1, 2, 3, 4, 5].map(ask))).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('it goes on after a failure', async () => {
    const { ask } = doubler();
    await expect(ask(0)).rejects.toThrow('a zero');
    expect(await ask(4)).toBe(8);
  });
});

describe('hurried', () => {
  /** Knows small letters by their capitals. */
  const capitals = () => {
    const asked: string[][] = [];
    const ask = hurried(async (names: readonly string[]) => {
      asked.push([...names]);
      await null;
      if (names.includes('!')) throw new Error('not a letter');
      return new Map(names.filter((it) => /[a-z]/.test(it)).map((it) => [it, it.toUpperCase()]));
    });
    return { ask, asked };
  };

  test('looks once for what many ask, and tells each of its own in the order it named', async () => {
    const { ask, asked } = capitals();
    const told = await Promise.all([ask(['b', 'a']), ask(['a', '1']), ask([])]);
    expect(told.map((it) => [...it])).toEqual([
      [
        ['b', 'B'],
        ['a', 'A'],
      ],
      [['a', 'A']],
      [],
    ]);
    expect(asked).toEqual([['b', 'a', '1']]);
  });

  test('who asks while it looks is told what is found afterwards, never what was found before', async () => {
    const { ask, asked } = capitals();
    const first = ask(['a']);
    await Promise.resolve();
    await Promise.resolve();
    const later = [ask(['a']), ask(['c'])];
    await Promise.all([first, ...later]);
    expect(asked).toEqual([['a'], ['a', 'c']]);
  });

  test('a question that cannot be answered takes no other with it', async () => {
    const { ask } = capitals();
    const [good, bad] = await Promise.allSettled([ask(['a']), ask(['!'])]);
    expect(good).toEqual({ status: 'fulfilled', value: new Map([['a', 'A']]) });
    expect(bad).toMatchObject({ status: 'rejected', reason: new Error('not a letter') });
  });
});
