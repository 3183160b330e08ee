import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inOrder } from '../../cli/in-order.ts';

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const it of source) got.push(it);
  return got;
}

describe('inOrder', () => {
  test('gives results in the order of the input, with no more at work than allowed', async () => {
    const turns = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(turns, fc.integer({ min: 1, max: 6 }), async (waits, most) => {
        let atWork = 0;
        let mostAtWork = 0;
        const results = inOrder(from([...waits.entries()]), most, async ([at, turnsToWait]) => {
          atWork += 1;
          mostAtWork = Math.max(mostAtWork, atWork);
          for (let n = 0; n < turnsToWait; n += 1) await new Promise(setImmediate);
          atWork -= 1;
          return at;
        });
        expect(await all(results)).toEqual(waits.map((_, at) => at));
        expect(mostAtWork).toBeLessThanOrEqual(most);
      }),
      { numRuns: 60 },
    );
  });

  test('gives a result while the input has no more for now', async () => {
    let goOn = () => {};
    const slow = (async function* () {
      yield 'first';
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield 'second';
    })();
    const results = inOrder(slow, 4, async (it) => it);
    expect(await results.next()).toEqual({ done: false, value: 'first' });
    goOn();
    expect(await all(results)).toEqual(['second']);
  });

  test('throws what the work throws when its turn comes, and lets go of the input', async () => {
    let isLetGo = false;
    const input = (async function* () {
      try {
        yield* [1, 2, 3, 4, 5];
      } finally {
        isLetGo = true;
      }
    })();
    const got: number[] = [];
    const read = async () => {
      for await (const it of inOrder(input, 3, async (n) => (n === 2 ? Promise.reject(new Error('two')) : n)))
        got.push(it);
    };
    await expect(read()).rejects.toThrow('two');
    expect({ got, isLetGo }).toEqual({ got: [1], isLetGo: true });
  });
});
