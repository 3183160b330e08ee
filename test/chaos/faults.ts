/** What goes wrong in a round, and how it is put right again. Chance comes in as an argument. */
import type { Random } from '../../classifiers/random.ts';
import type { TestAuthority } from '../engines/openssl.ts';
import { type Engine, treeOf } from '../engines/places.ts';
import type { Disk } from './disk.ts';
import type { ChaosHouse } from './house.ts';
import type { Receiver } from './outside.ts';
import type { Relay } from './relay.ts';

export interface Fault {
  readonly name: string;
  /** @returns what puts it right; null when that happens by itself. */
  strike(random: Random): Promise<(() => Promise<void> | void) | null>;
}

/** A server of the house, and the wire to it. */
export interface Served {
  readonly name: string;
  readonly engine: Engine;
  readonly relay: Relay;
  /** Throws away all it holds; left out where that would be the truth. */
  flush?(): Promise<void>;
}

const DAY_MS = 86_400_000;

export function faultsOf(around: {
  readonly house: ChaosHouse;
  readonly served: readonly Served[];
  readonly receiver: Receiver;
  readonly authority: TestAuthority;
  readonly disk: Disk | null;
}): readonly Fault[] {
  const { house, served, receiver, authority, disk } = around;
  const processes = house.processes.flatMap((it): Fault[] => [
    {
      name: `${it.name} is killed`,
      async strike() {
        await it.kill();
        return null;
      },
    },
    {
      name: `${it.name} is frozen`,
      async strike() {
        const frozen = it.running.process.pid === undefined ? [] : treeOf(it.running.process.pid);
        signalAll(frozen, 'SIGSTOP');
        // One that was killed meanwhile leaves a browser behind, that ends as soon as it can.
        return () => signalAll(frozen, 'SIGCONT');
      },
    },
  ]);
  const engines = served.flatMap(({ name, engine, relay, flush }): Fault[] => [
    {
      name: `${name} is killed`,
      async strike() {
        await engine.kill();
        return () => engine.restart();
      },
    },
    {
      name: `${name} is frozen`,
      async strike() {
        engine.freeze();
        return () => engine.thaw();
      },
    },
    {
      name: `the wire to ${name} is cut`,
      async strike() {
        relay.cut();
        return () => relay.mend();
      },
    },
    {
      name: `the wire to ${name} is dead`,
      async strike() {
        relay.hold();
        return () => relay.mend();
      },
    },
    ...(flush === undefined
      ? []
      : [
          {
            name: `${name} is emptied`,
            async strike() {
              await flush();
              return null;
            },
          },
        ]),
  ]);
  const outside: Fault[] = [
    ...(['lost', 'down', 'frozen'] as const).map((how) => ({
      name: `the endpoint is ${how}`,
      async strike() {
        receiver.is = how;
        return () => {
          receiver.is = 'up';
        };
      },
    })),
    {
      name: 'the time authority is down',
      async strike() {
        authority.isUp = false;
        return () => {
          authority.isUp = true;
        };
      },
    },
    {
      name: 'the browser is killed',
      async strike() {
        for (const { running } of house.processes) killBrowsers(running.process.pid);
        return null;
      },
    },
    {
      name: 'the clock jumps',
      async strike(random) {
        house.clock.jump(Math.round((random() * 2 - 1) * DAY_MS));
        return null;
      },
    },
  ];
  const full: Fault[] =
    disk === null
      ? []
      : [
          {
            name: 'the disk is full',
            async strike() {
              disk.fill();
              return () => disk.empty();
            },
          },
        ];
  return [...processes, ...engines, ...outside, ...full];
}

/** Browsers that a process of the house started; their own children end with them. */
function killBrowsers(pid: number | undefined): void {
  if (pid === undefined) return;
  signalAll(
    treeOf(pid).filter(({ name }) => /chrom|headless/.test(name)),
    'SIGKILL',
  );
}

function signalAll(all: ReturnType<typeof treeOf>, signal: NodeJS.Signals): void {
  for (const { pid } of all) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended before.
    }
  }
}
