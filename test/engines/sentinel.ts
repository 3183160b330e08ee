/** A Redis master, its replica and three Sentinels that watch over them. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { endServer, findProgram, freePort, startServer, until } from './places.ts';

export interface Sentinels {
  /** As `REDIS_URL` names them. */
  readonly url: string;
  /** SIGKILL of whichever server is the master, once the replica has what it has; resolves when the Sentinels name another. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

const NAME = 'kuzet-queue';
const SENTINELS = 3;

/** Null where no Redis is installed. */
export async function startSentinels(): Promise<Sentinels | null> {
  const program = findProgram('redis-server') ?? findProgram('valkey-server');
  if (program === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-sentinel-'));
  const [first, second] = [await freePort(), await freePort()];
  const serve = (port: number, more: readonly string[]) =>
    startServer(program, [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      ...['--repl-diskless-sync-delay', '0', ...more],
    ]);
  const servers = new Map([
    [first, serve(first, [])],
    [second, serve(second, ['--replicaof', '127.0.0.1', String(first)])],
  ]);
  await until('the replica follows', async () =>
    /master_link_status:up/.test(await asked(second, (redis) => redis.info('replication'))),
  );
  const ports: number[] = [];
  const watching: ChildProcess[] = [];
  for (let n = 0; n < SENTINELS; n += 1) {
    const port = await freePort();
    const file = join(folder, `sentinel-${n}.conf`);
    await writeFile(
      file,
      `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor ${NAME} 127.0.0.1 ${first} 2
sentinel down-after-milliseconds ${NAME} 1000\nsentinel failover-timeout ${NAME} 5000\n`,
    );
    ports.push(port);
    watching.push(startServer(program, [file, '--sentinel']));
  }
  for (const port of ports)
    await until('the Sentinels know each other and the replica', async () => {
      const told = await asked(port, (redis) => redis.info('sentinel'));
      return told.includes(`slaves=1,sentinels=${SENTINELS}`);
    });
  return {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
    async failOver() {
      const master = await masterOf(ports[0]!);
      await until('the replica has all of it', async () => {
        const told = await Promise.all(
          [...servers.keys()].map((port) => asked(port, (redis) => redis.info('replication'))),
        );
        const offsets = told.map((text) => /(?:master|slave)_repl_offset:(\d+)/.exec(text)?.[1]);
        return offsets.length === 2 && offsets[0] === offsets[1];
      });
      await endServer(servers.get(master)!, 'SIGKILL');
      for (const port of ports)
        await until('the Sentinels name another master', async () => (await masterOf(port)) !== master);
    },
    async stop() {
      for (const child of [...watching, ...servers.values()]) await endServer(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function masterOf(port: number): Promise<number> {
  const told = await asked(port, (redis) => redis.call('sentinel', 'get-master-addr-by-name', NAME));
  return Number((told as [string, string])[1]);
}

/** '' while nobody answers there. */
async function asked<T>(port: number, ask: (redis: Redis) => Promise<T>): Promise<T | ''> {
  const redis = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await ask(redis);
  } catch {
    return '';
  } finally {
    redis.disconnect();
  }
}
