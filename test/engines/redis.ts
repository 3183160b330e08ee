/** A redis-server of the test's own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, endServer, findProgram, freePort, signalTree, startServer, until } from './places.ts';

/** For the names of suites that are left out: the reason, or null when a server can be started. */
export const redisMissing: string | null =
  redisProgram() === null ? 'no redis-server or valkey-server installed' : null;

/** Null when none is installed. What was written is on the disk before it is answered, so that a kill loses nothing. */
export async function startRedis(): Promise<Engine | null> {
  const program = redisProgram();
  if (program === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const start = async () => {
    const started = startServer(program, [...args, '--appendonly', 'yes', '--appendfsync', 'always']);
    await until('redis-server answers', () => answersPing(port));
    return started;
  };
  let child = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      await endServer(child, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => endServer(child, 'SIGKILL'),
    async restart() {
      await endServer(child, 'SIGTERM');
      child = await start();
    },
    freeze: () => signalTree(child, 'SIGSTOP'),
    thaw: () => signalTree(child, 'SIGCONT'),
  };
}

function redisProgram(): string | null {
  return findProgram('redis-server') ?? findProgram('valkey-server');
}

async function answersPing(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      done(answer.toString().startsWith('+PONG'));
    });
    socket.once('error', () => done(false));
  });
}
