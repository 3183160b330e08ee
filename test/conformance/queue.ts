/** What every engine under the queues keeps to. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Queue } from '../../queues/connection.ts';
import { mendSchedules } from '../../queues/schedules.ts';
import { type OpenPlace, openPlace, type QueuePlace } from './queue-place.ts';

interface Numbered {
  readonly n: number;
}

/**
 * @param newPlace a place with empty queues, that can be opened any number of times, one after another.
 * @param missing why the engine cannot be had here; null when it can.
 */
export function queueConformance(
  name: string,
  newPlace: () => Promise<QueuePlace>,
  missing: string | null = null,
): void {
  const skipped = missing === null ? '' : ` (skipped: ${missing})`;
  describe.skipIf(missing !== null)(`queues on ${name}${skipped}`, () => {
    let open: OpenPlace;
    let count = 0;

    beforeAll(async () => {
      open = await openPlace(await newPlace());
    });
    afterAll(async () => {
      await open?.close();
    });

    /** A queue of its own, and a record of what its worker runs, once `work` starts one. */
    function newQueue() {
      count += 1;
      const queueName = `trial-${count}`;
      const queue: Queue<Numbered> = open.queues.queue(queueName);
      const runs: number[] = [];
      return {
        queue,
        runs,
        /** Starts a worker, one job at a time; resolves when `runs` has as many as `until` and the last is done. */
        work: (until: number, task: (n: number) => Promise<void> = async () => undefined) =>
          new Promise<void>((done) => {
            const worker = open.queues.worker<Numbered>(queueName, async (job) => {
              runs.push(job.data.n);
              await task(job.data.n);
            });
            const check = () => {
              if (runs.length >= until) done();
            };
            worker.on('completed', check);
            worker.on('failed', check);
          }),
      };
    }

    test('a job is run once, with its data', async () => {
      const { queue, runs, work } = newQueue();
      await queue.add('one', { n: 1 });
      await work(1);
      expect(runs).toEqual([1]);
    });

    test('many are added at once and run in the order they came', async () => {
      const { queue, runs, work } = newQueue();
      await queue.addBulk([1, 2, 3, 4, 5].map((n) => ({ name: 'each', data: { n } })));
      await work(5);
      expect(runs).toEqual([1, 2, 3, 4, 5]);
    });

    test('an id that waits is not taken twice', async () => {
      const { queue, runs, work } = newQueue();
      await queue.add('site', { n: 1 }, { jobId: 'host-a.test' });
      await queue.add('site', { n: 2 }, { jobId: 'host-a.test' });
      await queue.addBulk([
        { name: 'site', data: { n: 3 }, opts: { jobId: 'host-a.test' } },
        { name: 'site', data: { n: 4 }, opts: { jobId: 'host-b.test' } },
      ]);
      await work(2);
      expect(runs).toEqual([1, 4]);
      expect(await queue.getJobCounts('waiting', 'active', 'delayed')).toEqual({
        waiting: 0,
        active: 0,
        delayed: 0,
      });
    });

    test('an id is taken again after its job is done, and after it failed', async () => {
      const { queue, runs, work } = newQueue();
      const events = await open.queues.events(queue.name);
      void work(Number.POSITIVE_INFINITY, async (n) => {
        if (n === 2) throw new Error('as planned');
      });
      const run = async (n: number) =>
        (await queue.add('site', { n }, { jobId: 'host-a.test' })).waitUntilFinished(events);
      await run(1);
      await expect(run(2)).rejects.toThrow('as planned');
      await run(3);
      expect(runs).toEqual([1, 2, 3]);
    });

    test('news for an id at work is kept with keepLastIfActive, the last of it', async () => {
      const { queue, runs, work } = newQueue();
      const add = (n: number) =>
        queue.add('news', { n }, { deduplication: { id: 'host-a.test', keepLastIfActive: true } });
      await add(1);
      await work(2, async (n) => {
        if (n === 1) for (const later of [2, 3, 4]) await add(later);
      });
      expect(runs).toEqual([1, 4]);
    });

    test('a job that throws is tried again after its delay, as often as asked', async () => {
      const { queue, runs, work } = newQueue();
      await queue.add('shaky', { n: 1 }, { attempts: 3, backoff: { type: 'fixed', delay: 300 } });
      await queue.add('steady', { n: 2 });
      let tries = 0;
      await work(4, async (n) => {
        if (n !== 1) return;
        tries += 1;
        if (tries < 3) throw new Error(`try ${tries}`);
      });
      expect(runs).toEqual([1, 2, 1, 1]);
    });

    test('a delayed job lets later ones by', async () => {
      const { queue, runs, work } = newQueue();
      await queue.add('later', { n: 1 }, { delay: 600 });
      await queue.add('now', { n: 2 });
      await work(2);
      expect(runs).toEqual([2, 1]);
    });

    test('a lower priority number goes first, and none before all', async () => {
      const { queue, runs, work } = newQueue();
      await queue.add('low', { n: 1 }, { priority: 10 });
      await queue.add('high', { n: 2 }, { priority: 1 });
      await queue.add('plain', { n: 3 });
      await work(3);
      expect(runs).toEqual([3, 2, 1]);
    });

    test('a scheduler fires again and again until it is removed', async () => {
      const { queue, runs, work } = newQueue();
      await queue.upsertJobScheduler('tick', { every: 200 }, { name: 'tick', data: { n: 7 } });
      await work(3);
      expect(runs.slice(0, 3)).toEqual([7, 7, 7]);
      await queue.removeJobScheduler('tick');
      expect(await queue.getJobSchedulers()).toEqual([]);
    });

    test('jobs run side by side, at most as many as asked', async () => {
      const { queue } = newQueue();
      let now = 0;
      let most = 0;
      let done = 0;
      await queue.addBulk(Array.from({ length: 12 }, (_, n) => ({ name: 'each', data: { n } })));
      await new Promise<void>((resolve) => {
        open.queues.worker<Numbered>(
          queue.name,
          async () => {
            now += 1;
            most = Math.max(most, now);
            await new Promise((end) => setTimeout(end, 50));
            now -= 1;
            done += 1;
            if (done === 12) resolve();
          },
          { concurrency: 4 },
        );
      });
      expect(most).toBe(4);
    });

    test('an emptied engine takes new jobs, also with ids it held, and idle workers run them', async () => {
      const { queue, runs, work } = newQueue();
      const twice = work(2);
      await queue.add('before', { n: 1 }, { jobId: 'host-a.test' });
      await queue.add('lost', { n: 2 }, { jobId: 'host-b.test', delay: 3_600_000 });
      while (runs.length < 1) await new Promise((done) => setTimeout(done, 10));
      await open.empty();
      await queue.add('after', { n: 3 }, { jobId: 'host-b.test' });
      await twice;
      expect(runs).toEqual([1, 3]);
    });

    describe('a schedule', () => {
      const hourly = (id: string) => ({
        id,
        repeat: { every: 3_600_000 },
        job: { name: id, data: { n: 1 } },
      });
      const daily = (id: string) => ({
        id,
        repeat: { pattern: '0 3 * * *', tz: 'Asia/Almaty' },
        job: { name: id, data: { n: 2 } },
      });

      test('that is there and due in its time is left alone', async () => {
        const { queue } = newQueue();
        expect(await mendSchedules(queue, [hourly('round'), daily('night')], new Date())).toEqual([
          'round',
          'night',
        ]);
        expect(await mendSchedules(queue, [hourly('round'), daily('night')], new Date())).toEqual([]);
      });

      test('that an emptied engine lost is made again', async () => {
        const { queue } = newQueue();
        await mendSchedules(queue, [hourly('round'), daily('night')], new Date());
        await open.empty();
        expect(await mendSchedules(queue, [hourly('round'), daily('night')], new Date())).toEqual([
          'round',
          'night',
        ]);
        expect((await queue.getJobSchedulers()).map(({ key }) => key).sort()).toEqual(['night', 'round']);
      });

      test('whose rounds a clock that ran ahead put off comes round in its time once the clock is right', async () => {
        const { queue } = newQueue();
        const rounds = [hourly('round'), daily('night')];
        await mendSchedules(queue, rounds, new Date());
        // To a clock two days behind, what was set now lies two days ahead.
        const behind = new Date(Date.now() - 48 * 3_600_000);
        vi.useFakeTimers({ toFake: ['Date'], now: behind });
        try {
          expect(await mendSchedules(queue, rounds, behind)).toEqual(['round', 'night']);
          const next = new Map((await queue.getJobSchedulers()).map((it) => [it.key, it.next!]));
          expect(next.get('round')! - behind.getTime()).toBeLessThanOrEqual(3_600_000);
          expect(next.get('night')! - behind.getTime()).toBeLessThanOrEqual(24 * 3_600_000);
        } finally {
          vi.useRealTimers();
        }
      });

      test('of another interval than asked for is made as asked', async () => {
        const { queue } = newQueue();
        await mendSchedules(queue, [hourly('round')], new Date());
        const sooner = { ...hourly('round'), repeat: { every: 60_000 } };
        expect(await mendSchedules(queue, [sooner], new Date())).toEqual(['round']);
        expect(await queue.getJobSchedulers()).toMatchObject([{ key: 'round', every: 60_000 }]);
      });
    });

    test('a killed worker’s job, and news that came for it meanwhile, are run by the next', async () => {
      const place = await newPlace();
      const before = await openPlace(place);
      await before.queues
        .queue<Numbered>('killed')
        .add('visit', { n: 1 }, { deduplication: { id: 'host-a.test', keepLastIfActive: true } });
      await before.close();

      const script = new URL('./queue-worker.ts', import.meta.url);
      const child = fork(script, [JSON.stringify(place)], { execArgv: ['--import', 'tsx'] });
      const [started] = await once(child, 'message');
      expect(started).toBe('has begun 1 and added 2');
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;

      const after = await openPlace(place);
      const runs: number[] = [];
      await new Promise<void>((done) => {
        after.queues
          .worker<Numbered>(
            'killed',
            async (job) => {
              runs.push(job.data.n);
            },
            { stalledInterval: 500 },
          )
          .on('completed', () => {
            if (runs.length === 2) done();
          });
      });
      expect(runs).toEqual([1, 2]);
      await after.close();
    });

    test('closing waits for the job under way', async () => {
      const own = await openPlace(await newPlace());
      let ended = false;
      const begun = new Promise<void>((resolve) => {
        own.queues.worker<Numbered>('slow', async () => {
          resolve();
          await new Promise((done) => setTimeout(done, 200));
          ended = true;
        });
      });
      await own.queues.queue<Numbered>('slow').add('slow', { n: 1 });
      await begun;
      await own.close();
      expect(ended).toBe(true);
    });
  });
}
