/**
 * Several machines on one: network namespaces, joined by a bridge that is in one of its own, so that this machine's own
 * network knows nothing of it. A host has an address, a link that can be pulled, and programs that run on it; disks are
 * shared, so what must not be is kept in folders of a host's own. Source: ip-netns(8).
 */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { endServer, findProgram, type Place, run, startServer } from './places.ts';

export interface Host extends Place {
  readonly name: string;
  /** Of 198.18.0.0/24, kept for measuring (RFC 2544). */
  readonly address: string;
  readonly enter: readonly string[];
  /** Starts a program there; its output can be read. */
  start(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess;
  /** Pulls its cable: what is sent either way is gone, and nobody is told. */
  cut(): void;
  join(): void;
  /** The cable first, so that nobody hears of it, then SIGKILL for all that was started there. */
  lose(): Promise<void>;
  /** What it sends that other arrives; what the other answers does not, until `heal`. */
  deafenTo(other: Host): void;
  heal(other: Host): void;
}

export interface Network {
  /** A new one. */
  host(): Host;
  /** Ends all programs and takes the network down. */
  close(): Promise<void>;
}

/** For the names of suites that are left out: the reason, or null when hosts can be made. */
export const hostsMissing: string | null = whyNot();

let networks = 0;

export function openNetwork(): Network {
  networks += 1;
  const prefix = `kz${process.pid}-${networks}`;
  const namespaces: string[] = [];
  const all: { readonly child: ChildProcess; readonly on: string }[] = [];
  const namespace = (name: string) => {
    ip('netns', 'add', name);
    namespaces.push(name);
  };
  const middle = `${prefix}-0`;
  namespace(middle);
  ip('-n', middle, 'link', 'add', 'bridge', 'type', 'bridge');
  ip('-n', middle, 'link', 'set', 'bridge', 'up');
  const endAll = (on: string) =>
    Promise.all(all.filter((it) => it.on === on).map(({ child }) => endServer(child, 'SIGKILL')));
  return {
    host() {
      const number = namespaces.length;
      const [name, port] = [`${prefix}-${number}`, `port${number}`];
      const address = `198.18.0.${number}`;
      namespace(name);
      ip('-n', middle, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('-n', middle, 'link', 'set', port, 'master', 'bridge', 'up');
      ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
      const enter = [findProgram('ip', ['/usr/sbin', '/sbin'])!, 'netns', 'exec', name];
      const link = (state: 'up' | 'down') => ip('-n', middle, 'link', 'set', port, state);
      const route = (does: 'add' | 'del', other: Host) =>
        ip('-n', other.name, 'route', does, 'blackhole', `${address}/32`);
      return {
        ...{ name, address, enter },
        start(program, args, env) {
          const child = startServer(program, args, undefined, {
            ...{ enter, stdio: 'pipe' },
            ...(env === undefined ? {} : { env }),
          });
          all.push({ child, on: name });
          return child;
        },
        cut: () => link('down'),
        join: () => link('up'),
        async lose() {
          link('down');
          await endAll(name);
        },
        deafenTo: (other) => route('add', other),
        heal: (other) => route('del', other),
      };
    },
    async close() {
      for (const name of namespaces) await endAll(name);
      for (const name of namespaces.toReversed()) ip('netns', 'del', name);
    },
  };
}

function ip(...args: string[]): void {
  run(findProgram('ip', ['/usr/sbin', '/sbin'])!, args);
}

function whyNot(): string | null {
  const program = findProgram('ip', ['/usr/sbin', '/sbin']);
  if (program === null) return 'no ip(8) installed: Debian has it as iproute2';
  const name = `kz${process.pid}-try`;
  const made = spawnSync(program, ['netns', 'add', name], { encoding: 'utf8' });
  if (made.status !== 0) return `no network namespace can be made: ${made.stderr.trim().split('\n')[0]}`;
  spawnSync(program, ['netns', 'del', name]);
  return null;
}
