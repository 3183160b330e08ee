import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { type Host, hostsMissing, type Network, openNetwork } from '../engines/hosts.ts';
import { findProgram, until } from '../engines/places.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { redisMissing } from '../engines/redis.ts';

/** They wait for locks of lost machines to run out, for minutes: `KUZET_HOSTS=1 npx vitest run test/flow/hosts.test.ts`. */
const asked = process.env['KUZET_HOSTS'] === '1' ? null : 'KUZET_HOSTS=1 runs them';
const missing = hostsMissing ?? postgresMissing ?? redisMissing ?? asked;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SITES = 12;
const PAGES = 5;

describe.skipIf(missing !== null)(
  `on five machines${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'kuzet-hosts-'));
    const closing: (() => Promise<unknown> | unknown)[] = [];
    let network: Network;
    let engines: Host;
    let web: Host;
    let desk: Host;
    let one: Host;
    let two: Host;
    let db: Database;
    let resolve: string;

    beforeAll(async () => {
      network = openNetwork();
      closing.push(() => network.close());
      [engines, web, desk, one, two] = Array.from({ length: 5 }, () => network.host()) as [
        Host,
        Host,
        Host,
        Host,
        Host,
      ];
      const postgres = (await startPostgres({ host: engines }))!;
      closing.push(() => postgres.stop());
      const socket = join(folder, 'redis.sock');
      const redis = (findProgram('redis-server') ?? findProgram('valkey-server'))!;
      const here = ['--bind', engines.address, '--port', '6379', '--protected-mode', 'no'];
      engines.start(redis, [...here, '--unixsocket', socket, '--dir', folder, '--save', '']);
      await until('Redis listens', async () => existsSync(socket));
      const served = web.start(process.execPath, [
        '--import',
        'tsx',
        join(ROOT, 'bench/crawl/web.ts'),
        '100000',
        '1000',
      ]);
      resolve = `*.test=${web.address}:${await said(served, /^\d+$/)}`;
      db = await openDatabase({ url: postgres.url });
      closing.push(() => db.close());
      await said(kuzet(desk, 'serve', '--only', 'desk', '--port', '7070'), /^Desk: /);
    });
    afterAll(async () => {
      for (const close of closing.reverse()) await close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('a scan goes on when one is lost and when one cannot hear the engines, and both come back: each page once, none lost', async () => {
      await work(one);
      await work(two);
      await scan('first');
      await expect.poll(captures).toBeGreaterThan(3);

      await one.lose();
      const whenLost = await captures();
      await expect.poll(captures).toBeGreaterThan(whenLost + 3);
      one.join();
      await work(one);

      two.deafenTo(engines);
      // All that is left, what the deaf one had begun too, is done by the other.
      await until('all visits are done', async () => (await openVisits()) === 0, 240);
      two.heal(engines);

      await one.lose();
      await scan('second');
      await until('the one that could not hear works again', async () => (await openVisits()) === 0, 240);

      const pages = await db.query<{ url: string }>('select url from capture order by url');
      expect(new Set(pages.map(({ url }) => url)).size).toBe(pages.length);
      expect(pages.length).toBe(2 * SITES * PAGES);
      expect(await db.query("select url from frontier where state = 'due' or outcome <> 'captured'")).toEqual(
        [],
      );
      const evidence = await openEvidenceFolder(join(folder, 'evidence'));
      const named = await db.query<{ name: string }>(
        'select warc as name from capture union select body_sha256 from capture',
      );
      for (const { name } of named) expect((await evidence.read(name)).byteLength).toBeGreaterThan(0);
      expect((await ledgerStore(db).verify()).faults).toEqual([]);
      expect(await health()).toBe(200);
    });

    test('one that is lost with the ledger’s lock in its hands holds nobody up for longer than a minute or two', async () => {
      const program = `import { openDatabase } from ${JSON.stringify(join(ROOT, 'store/open.ts'))};
      const db = await openDatabase({ url: process.env.DATABASE_URL });
      await db.transaction(async (tx) => {
        await tx.query('lock table ledger in share row exclusive mode');
        console.log('held');
        await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      });`;
      const three = network.host();
      const words = ['--import', 'tsx', '--input-type=module', '-e', program];
      await said(three.start(process.execPath, words, environment(three)), /^held$/);
      await three.lose();
      const event = { at: new Date(), kind: 'root', subject: 'after', entry: {} } as const;
      expect((await ledgerStore(db).append(event)).subject).toBe('after');
    });

    function environment(host: Host): NodeJS.ProcessEnv {
      return {
        ...{ PATH: process.env['PATH'], HOME: process.env['HOME'] },
        DATABASE_URL: `postgres://kuzet@${engines.address}:5432/postgres`,
        REDIS_URL: `redis://${engines.address}:6379`,
        KUZET_HOME: join(folder, host.name),
        KUZET_HOST: host.address,
        KUZET_EVIDENCE: join(folder, 'evidence'),
      };
    }

    function kuzet(host: Host, ...words: string[]): ChildProcess {
      return host.start(process.execPath, [join(ROOT, 'bin/kuzet.mjs'), ...words], environment(host));
    }

    async function work(host: Host): Promise<void> {
      await said(kuzet(host, 'serve', '--only', 'workers'), /^Working/);
    }

    /** From the desk's machine, for the workers on the others. */
    async function scan(name: string): Promise<void> {
      const file = join(folder, `${name}.txt`);
      const seeds = Array.from(
        { length: SITES * PAGES },
        (_, at) => `http://${name}-${at % SITES}.test/p/${at}`,
      );
      writeFileSync(file, seeds.join('\n'));
      const how = [
        '--resolve',
        resolve,
        '--delay',
        '0.5',
        '--pages',
        String(PAGES),
        '--depth',
        '0',
        '--render',
        'never',
      ];
      const child = kuzet(desk, 'scan', '--file', file, '--no-work', '--detach', ...how);
      const code = await new Promise((done) => child.once('close', done));
      expect(code).toBe(0);
    }

    async function captures(): Promise<number> {
      return Number((await db.query<{ n: number }>('select count(*) as n from capture'))[0]?.n);
    }

    async function openVisits(): Promise<number> {
      return Number(
        (await db.query<{ n: number }>("select count(*) as n from visit where state <> 'done'"))[0]?.n,
      );
    }

    /** What the desk answers to a machine that is not its own. */
    async function health(): Promise<number> {
      const program = `console.log((await fetch('http://${desk.address}:7070/healthz')).status)`;
      return Number(await said(two.start(process.execPath, ['--input-type=module', '-e', program]), /^\d+$/));
    }
  },
);

/** The first line that a program says of that form. */
function said(child: ChildProcess, form: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let [out, err] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      out += piece;
      const line = out
        .split('\n')
        .slice(0, -1)
        .find((each) => form.test(each));
      if (line !== undefined) resolve(line);
    });
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      err += piece;
    });
    child.once('close', (code) =>
      reject(new Error(`ended with ${code} and did not say ${form}:\n${out}\n${err}`)),
    );
  });
}
