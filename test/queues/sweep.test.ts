/** Which jobs a sweep makes of the visits that are due: all of them, none twice, and those again that were lost. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { openQueues, type Queue, type Queues } from '../../queues/connection.ts';
import { VISITS, type VisitJob } from '../../queues/jobs.ts';
import { openRiver, type River } from '../../queues/pipeline.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { type VisitStore, visitStore } from '../../store/visits.ts';
import { at, id } from '../conformance/rows.ts';

let db: Database;
let queues: Queues;
let queue: Queue<VisitJob>;
let visits: VisitStore;
let river: River;
/** Hosts that a sweep offered to the queue, sweep by sweep. */
const offered: string[][] = [];

beforeAll(async () => {
  db = await openDatabase({ memory: true });
  queues = await openQueues({ database: db });
  queue = queues.queue<VisitJob>(VISITS);
  visits = visitStore(db);
  const addBulk = queue.addBulk.bind(queue);
  queue.addBulk = (jobs) => {
    offered.push(jobs.map(({ data }) => data.host));
    return addBulk(jobs);
  };
  river = openRiver(queues, visits, pino({ level: 'silent' }));
});
afterAll(async () => {
  await queues.close();
  await db.close();
});

const scan = (...hosts: string[]) =>
  visits.startScan({
    id: id(),
    visitIds: id,
    seeds: hosts.map((host) => new URL(`https://${host}/`)),
    refusals: [],
    settings: DEFAULT_SETTINGS,
    now: at,
  });
const waiting = async () =>
  (await queue.getJobs(['waiting', 'prioritized'])).map(({ data }) => data.host).sort();
const sweep = async () => {
  offered.length = 0;
  await river.sweep();
  return offered.flat().sort();
};

test('a host has a job from the first sweep on, and a later one offers only what is new', async () => {
  await scan('a.test', 'b.test');
  expect(await sweep()).toEqual(['a.test', 'b.test']);
  expect(await sweep()).toEqual([]);
  await scan('b.test', 'c.test');
  expect(await sweep()).toEqual(['c.test']);
  expect(await waiting()).toEqual(['a.test', 'b.test', 'c.test']);
});

test('a job that was lost is made again by the next sweep', async () => {
  const [job] = (await queue.getJobs(['waiting', 'prioritized'])).filter(
    ({ data }) => data.host === 'b.test',
  );
  await job!.remove();
  expect(await waiting()).toEqual(['a.test', 'c.test']);
  await sweep();
  expect(await waiting()).toEqual(['a.test', 'b.test', 'c.test']);
});

test('an emptied queue is filled again by the next sweep', async () => {
  await queue.drain();
  expect(await waiting()).toEqual([]);
  await sweep();
  expect(await waiting()).toEqual(['a.test', 'b.test', 'c.test']);
});
