/**
 * How long a marketplace waits for the answer to a check, over HTTP:
 *
 *     node --import tsx bench/listing-check.ts LISTINGS [COUNT] [RATES]
 *
 * A real desk on a PostgreSQL of its own (embedded where none is installed), in whose market the first COUNT (20,000) of
 * the listings of a file stand, as "kuzet duplicates" reads them. Another process asks about listings of that file at each of
 * the RATES (`25 50 100 200`) a second for ten seconds, when their time has come and not when the answer before is there;
 * three seconds of it before do not count, in which that process makes its connections.
 * Told are the milliseconds of half of them and of 99 of 100, what a check took the desk's processor (only that
 * says something of a machine that does other things too), and of how many listings that were compared with the reading was
 * kept from before. First the same bodies are asked of a route that reads them and answers nothing: what HTTP costs alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { seededRandom } from '../classifiers/random.ts';
import { linesOf } from '../cli/classify.ts';
import { readListings } from '../cli/listing-rows.ts';
import { openBazaar } from '../test/desk/bazaar.ts';
import { openHouse } from '../test/desk/house.ts';
import { startPostgres } from '../test/engines/postgres.ts';
import { table } from './duplicates/table.ts';
import { paced, percentile } from './load/pace.ts';

const SECONDS = 10;
const BATCH = 500;
/** At the same rate before times count: the process that asks is new, and so are its connections and its code. */
const WARM_SECONDS = 3;

interface Asking {
  readonly url: string;
  readonly key: string;
  readonly rate: number;
  readonly seconds: number;
  readonly bodies: readonly string[];
}

interface Told {
  readonly ms: readonly number[];
  /** Answered, with those whose time does not count. */
  readonly asked: number;
}

if (process.send !== undefined) process.once('message', (asking) => void answered(asking as Asking));
else await measured();

/** In the process that asks: sends back how long each answer took, in milliseconds. */
async function answered({ url, key, rate, seconds, bodies }: Asking): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const ask = (body: string) =>
    new Promise<void>((resolve, reject) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const asked = request(`${url}/v1/listings/check`, { method: 'POST', agent, headers }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`The desk answered ${answer.statusCode}.`));
        answer.resume().on('end', () => resolve());
      });
      asked.on('error', reject).end(body);
    });
  const asked = (lasting: number) =>
    paced({ perSecond: rate, seconds: lasting, most: 64 }, async (n) => {
      await ask(bodies[n % bodies.length]!);
      return 'a check';
    });
  const before = await asked(WARM_SECONDS);
  const found = await asked(seconds);
  const failed = { ...before.errors, ...found.errors };
  if (Object.keys(failed).length > 0) throw new Error(`Not answered well: ${JSON.stringify(failed)}`);
  process.send!({ ms: found.ms, asked: before.done + found.done } satisfies Told, () => process.exit(0));
}

async function measured(): Promise<void> {
  const [path, count = '20000', rates = '25 50 100 200'] = process.argv.slice(2);
  if (path === undefined) throw new Error('Give a file of listings; see the head of this file.');
  const { note } = table(false);
  const postgres = await startPostgres();
  const house = await openHouse(new Date(), postgres?.url ?? null);
  try {
    const bazaar = openBazaar(house);
    const desk = await house.open({ market: bazaar.door });
    const tenant = { id: 'bazar', name: 'bazar', isDry: true, sites: [] };
    const { key } = await house.stores.tenants.add(tenant, house.clock.now());
    const service = await bazaar.door.service();
    const { store, index } = bazaar.market;
    const { standing } = store;
    let unread = 0;
    Object.assign(store, {
      standing: (numbers: readonly number[]) => {
        unread += numbers.length;
        return standing(numbers);
      },
    });
    const { near } = index;
    let compared = 0;
    Object.assign(index, {
      near: async (...asked: Parameters<typeof near>) => {
        const found = await near(...asked);
        compared += found.length;
        return found;
      },
    });
    let some: { id: string; listing: Parameters<typeof bazaar.market.seal>[0] }[] = [];
    let kept = 0;
    for await (const read of readListings(createReadStream(path))) {
      if ('error' in read) continue;
      some.push({ id: read.id, listing: read.listing });
      kept += 1;
      if (some.length < BATCH && kept < Number(count)) continue;
      await service.place('bazar', some, true);
      some = [];
      if (kept === Number(count)) break;
    }
    await index.follow();
    note('listings in the market', kept, '');
    const random = seededRandom(4);
    const bodies: string[] = [];
    for await (const line of linesOf(createReadStream(path))) {
      const { id: _, ...row } = JSON.parse(line) as { id: string };
      if (random() < 0.05) bodies.push(JSON.stringify(row));
    }
    const run = async (rate: number, seconds: number, url = desk.url) => {
      const other = fork(fileURLToPath(import.meta.url), { execArgv: ['--import', 'tsx'] });
      const told = Promise.race([
        once(other, 'message'),
        once(other, 'exit').then(([code]) => {
          throw new Error(`The process that asks ended with ${code} and told nothing.`);
        }),
      ]);
      [compared, unread] = [0, 0];
      const used = process.cpuUsage();
      other.send({ url, key, rate, seconds, bodies } satisfies Asking);
      const { ms: times, asked } = (await told)[0] as Told;
      const { user, system } = process.cpuUsage(used);
      return { times, asked, processor: (user + system) / 1000 / asked };
    };
    const bare = createAdaptorServer(
      new Hono().post('/v1/listings/check', async (c) =>
        c.json({ read: Object.keys(await c.req.json()).length }),
      ),
    );
    bare.listen(0, '127.0.0.1');
    await once(bare, 'listening');
    const empty = await run(400, 5, `http://127.0.0.1:${(bare.address() as AddressInfo).port}`);
    bare.close();
    note('a route that answers nothing, at 400 a second: the processor', empty.processor, 'ms a request');
    await run(20, 5);
    for (const rate of rates.split(' ').map(Number)) {
      const { times, asked, processor } = await run(rate, SECONDS);
      note(`${rate} checks a second: half of them within`, percentile(times, 0.5), 'ms');
      note(`${rate} checks a second: 99 of 100 within`, percentile(times, 0.99), 'ms');
      note(`${rate} checks a second: the desk's processor`, processor, 'ms a check');
      note(`${rate} checks a second: compared with`, compared / asked, 'a check');
      note(`${rate} checks a second: of these kept`, 1 - unread / compared, '');
    }
    console.error(`Load at the end ${loadavg()[0]!.toFixed(1)}`);
  } finally {
    await house.close();
    await postgres?.stop();
  }
}
