/** A process that begins a job, adds news for the same id, says so, and never ends. */
import { openPlace, type QueuePlace } from './queue-place.ts';

const { queues } = await openPlace(JSON.parse(process.argv[2]!) as QueuePlace);
queues.worker<{ n: number }>(
  'killed',
  async (job) => {
    await queues
      .queue<{ n: number }>('killed')
      .add('visit', { n: job.data.n + 1 }, { deduplication: { id: 'host-a.test', keepLastIfActive: true } });
    process.send!(`has begun ${job.data.n} and added ${job.data.n + 1}`);
    await new Promise(() => undefined);
  },
  { lockDuration: 2_000 },
);
