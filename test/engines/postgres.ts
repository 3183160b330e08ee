/** A PostgreSQL server of the test's own; as the user `postgres` when the tests run as root, which it refuses. */

import { spawnSync } from 'node:child_process';
import { chownSync, existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Host } from './hosts.ts';
import {
  type Engine,
  endServer,
  findProgram,
  freePort,
  postgresFolders,
  run,
  signalTree,
  startServer,
  type User,
  until,
} from './places.ts';

/** For the names of suites that are left out: the reason, or null when a server can be started. */
export const postgresMissing: string | null = whyNot();

export interface PostgresPlace {
  /** A folder that stays, with all that is in the database; it is made when it is not there. */
  readonly kept?: string | undefined;
  /** Listens there at 5432, to all of that network; `url` is a way in by the disk, which networks do not part. */
  readonly host?: Host;
}

/** Null when none is installed. `url` names an empty database; fsync is on, as in real use. */
export async function startPostgres({ kept, host }: PostgresPlace = {}): Promise<Engine | null> {
  if (postgresMissing !== null) return null;
  const bin = (name: string) => findProgram(name, postgresFolders())!;
  if (kept !== undefined) await mkdir(kept, { recursive: true });
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'kuzet-postgres-')));
  const user = serverUser() ?? undefined;
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const form = ['-U', 'kuzet', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  if (!existsSync(join(data, 'PG_VERSION'))) run(bin('initdb'), ['-D', data, ...form], user);
  const port = host === undefined ? await freePort() : 5432;
  const address = host?.address ?? '127.0.0.1';
  if (host !== undefined) await appendFile(join(data, 'pg_hba.conf'), 'host all all samenet trust\n');
  const place = host === undefined ? '127.0.0.1' : encodeURIComponent(folder);
  const url = `postgres://kuzet@${place}:${port}/postgres`;
  const args = ['-D', data, '-p', String(port), '-k', folder, '-c', `listen_addresses=${address}`];
  const start = async () => {
    let started = startServer(bin('postgres'), args, user, host);
    await until('PostgreSQL answers', async () => {
      // After a kill it will not start before the last of its old children is gone.
      if (started.exitCode !== null) started = startServer(bin('postgres'), args, user, host);
      return answers(url);
    });
    return started;
  };
  let child = await start();
  return {
    url,
    async stop() {
      await endServer(child, 'SIGINT');
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
    kill: () => endServer(child, 'SIGKILL'),
    async restart() {
      await endServer(child, 'SIGINT');
      child = await start();
    },
    freeze: () => signalTree(child, 'SIGSTOP'),
    thaw: () => signalTree(child, 'SIGCONT'),
  };
}

/** A new, empty database on the same server. */
export async function freshDatabase(server: Engine): Promise<string> {
  const name = `t${process.pid}_${Math.random().toString(36).slice(2)}`;
  await withClient(server.url, (client) => client.query(`create database ${name}`));
  return server.url.replace(/[^/]*$/, name);
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('select 1'));
    return true;
  } catch {
    return false;
  }
}

function whyNot(): string | null {
  if (findProgram('initdb', postgresFolders()) === null) return 'no PostgreSQL server installed';
  if (process.getuid?.() === 0 && serverUser() === null) return 'root without a user "postgres"';
  return null;
}

/** Null when the tests' own user will do. */
function serverUser(): User | null {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = ['-u', '-g'].map(
    (which) => spawnSync('id', [which, 'postgres'], { encoding: 'utf8' }).stdout,
  );
  return uid?.trim() && gid?.trim() ? { uid: Number(uid), gid: Number(gid) } : null;
}
