import { afterEach, describe, expect, test } from 'vitest';
import { openThread, type Thread, ThreadLostError } from '../../queues/thread.ts';
import type { Trial } from './threads/trial.ts';

const TRIAL = new URL('./threads/trial.ts', import.meta.url);

describe('a thread', () => {
  let thread: Thread<Trial, number> | null = null;
  const open = (limits: { seconds?: number; heapMegabytes?: number } = {}) => {
    thread = openThread<Trial, number>(TRIAL, { seconds: 60, heapMegabytes: 256, ...limits });
  };
  const all = (...trials: Trial[]) =>
    Promise.all(
      trials.map((trial) =>
        thread!
          .ask(trial)
          .catch((cause: Error) => (cause instanceof ThreadLostError ? 'lost' : cause.message)),
      ),
    );
  afterEach(() => thread?.close());

  test('answers asks in their order and remembers between them', async () => {
    open();
    expect(await all('count', 'count', 'count')).toEqual([1, 2, 3]);
  });

  test('hands on what the work throws, and lives', async () => {
    open();
    expect(await all('count', 'throw', 'count')).toEqual([1, 'told to throw', 3]);
  });

  test('that an ask kills loses that ask alone; the next ones find a new thread', async () => {
    open();
    expect(await all('count', 'exit', 'count', 'count', 'exit', 'count')).toEqual([
      1,
      'lost',
      1,
      2,
      'lost',
      1,
    ]);
  });

  test('that an ask holds up is ended at the limit', async () => {
    open({ seconds: 1 });
    expect(await all('count', 'loop', 'count')).toEqual([1, 'lost', 1]);
  });

  test('that needs more memory than it may dies alone', async () => {
    open({ heapMegabytes: 64 });
    expect(await all('count', 'hoard', 'count')).toEqual([1, 'lost', 1]);
  });

  test('that dies while nobody asks is started again', async () => {
    open();
    expect(await all('later')).toEqual([1]);
    await expect.poll(() => all('count').then(([it]) => it)).toBe(1);
  });

  test('says how an ask was lost', async () => {
    open({ seconds: 1 });
    await expect(thread!.ask('exit')).rejects.toThrow('ended with code 7');
    await expect(thread!.ask('loop')).rejects.toThrow('gave no answer within 1 seconds');
  });

  test('that is closed answers no more, and loses what it was at', async () => {
    open();
    const asked = all('loop', 'count');
    await thread!.ready();
    await thread!.close();
    expect(await asked).toEqual(['lost', 'lost']);
    expect(await all('count')).toEqual(['lost']);
  });

  test('can be closed before it is ready', async () => {
    open();
    await thread!.close();
    await expect(thread!.ready()).rejects.toThrow(ThreadLostError);
  });

  test('that cannot start says why', async () => {
    const broken = openThread(new URL('./threads/broken.ts', import.meta.url), {
      seconds: 1,
      heapMegabytes: 64,
    });
    await expect(broken.ready()).rejects.toThrow('told to break at its start');
  });
});
