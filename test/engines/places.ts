/** Where the servers that tests start are found and live: binaries, free ports, folders of their own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that a test may stop, kill -9 and start again on the same port and folder. */
export interface Engine {
  readonly url: string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** SIGKILL; the folder stays. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, or stops it in order first; resolves when it answers. */
  restart(): Promise<void>;
  /** SIGSTOP to it and to its children. */
  freeze(): void;
  /** SIGCONT to all that `freeze` stopped. */
  thaw(): void;
}

/** Whom a program runs as, by number. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Where a program runs. */
export interface Place {
  /** Words before the program's own, of a program that becomes it: another host's network, say. */
  readonly enter?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly stdio?: 'ignore' | 'pipe';
}

/** Full path of a program in PATH or in one of the `more` folders; null when it is not installed. */
export function findProgram(name: string, more: readonly string[] = []): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...more];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** `/usr/lib/postgresql/<version>/bin`, newest first: where Debian keeps what is not in PATH. */
export function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, 'bin'));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}

/** Asks until it is so, at most `seconds`. */
export async function until(what: string, isSo: () => Promise<boolean>, seconds = 120): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} s in vain until ${what}.`);
    await sleep(50);
  }
}

/**
 * Starts a server as a child that does not outlive the test run, even where that is killed: setpriv(1) has the
 * kernel see to it, and becomes the program, so that the child's id is the server's.
 */
export function startServer(
  program: string,
  args: readonly string[],
  user?: User,
  place?: Place,
): ChildProcess {
  const setpriv = findProgram('setpriv');
  const as = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  const words =
    setpriv === null ? [program, ...args] : [setpriv, ...as, '--pdeathsig=KILL', '--', program, ...args];
  const [first = program, ...rest] = [...(place?.enter ?? []), ...words];
  const child = spawn(first, rest, {
    stdio: place?.stdio ?? 'ignore',
    ...(setpriv === null ? user : {}),
    ...(place?.env === undefined ? {} : { env: place.env }),
  });
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

/** Sends the signal and waits for the end. */
export async function endServer(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await ended;
}

/** Ids of a process and of all that it started, which Linux alone tells; without /proc its own. */
export function treeOf(pid: number): { readonly pid: number; readonly name: string }[] {
  if (!existsSync('/proc')) return [{ pid, name: '' }];
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // `1234 (name) S 1 ...`: the name may hold anything.
        const [, comm = '', parent = ''] =
          /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        return [{ pid: Number(name), name: comm, parent: Number(parent) }];
      } catch {
        return [];
      }
    });
  const under = (root: number): typeof all =>
    all.filter((it) => it.parent === root).flatMap((it) => [it, ...under(it.pid)]);
  return [...all.filter((it) => it.pid === pid), ...under(pid)];
}

/** To a process that the tests started, and to all that it started; those that are gone by now are passed over. */
export function signalTree(child: ChildProcess, signal: 'SIGSTOP' | 'SIGCONT'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const { pid } of treeOf(child.pid)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between the listing and the signal.
    }
  }
}

/** @throws Error with what the program wrote, when it fails. */
export function run(program: string, args: readonly string[], user?: User): void {
  const { status, stderr, stdout, error } = spawnSync(program, args, { encoding: 'utf8', ...user });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? ''}${stderr}${stdout}`);
}
