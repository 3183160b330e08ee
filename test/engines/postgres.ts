/** A PostgreSQL server of the test's own; as the user `postgres` when the tests run as root, which it refuses. */

import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
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

/** Null when none is installed. `url` names an empty database; fsync is on, as in real use. */
export async function startPostgres(): Promise<Engine | null> {
  if (postgresMissing !== null) return null;
  const bin = (name: string) => findProgram(name, postgresFolders())!;
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-postgres-'));
  const user = serverUser() ?? undefined;
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const form = ['-U', 'kuzet', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  run(bin('initdb'), ['-D', data, ...form], user);
  const port = await freePort();
  const url = `postgres://kuzet@127.0.0.1:${port}/postgres`;
  const args = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  const start = async () => {
    let started = startServer(bin('postgres'), args, user);
    await until('PostgreSQL answers', async () => {
      // After a kill it will not start before the last of its old children is gone.
      if (started.exitCode !== null) started = startServer(bin('postgres'), args, user);
      return answers(url);
    });
    return started;
  };
  let child = await start();
  return {
    url,
    async stop() {
      await endServer(child, 'SIGINT');
      await rm(folder, { recursive: true, force: true });
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
