import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockFolder, readOwner, StoreFolderError, StoreInUseError } from '../../store/lock.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kuzet-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Processes that all ask for the folder at the same moment, and how each fared. */
async function rivals(count: number): Promise<{ child: ChildProcess; outcome: 'has it' | 'refused' }[]> {
  const script = new URL('./locker.ts', import.meta.url);
  const children = Array.from({ length: count }, () =>
    fork(script, [folder], { execArgv: ['--import', 'tsx'] }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  return Promise.all(
    children.map(async (child) => {
      child.send('go');
      const [outcome] = await once(child, 'message');
      return { child, outcome };
    }),
  );
}

async function rival(): Promise<ChildProcess> {
  const [one] = await rivals(1);
  expect(one!.outcome).toBe('has it');
  return one!.child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('a locked folder', () => {
  test('that cannot be made is named, with the setting that mends it', async () => {
    await writeFile(join(folder, 'file'), '');
    const lock = lockFolder(join(folder, 'file', 'store'));
    await expect(lock).rejects.toThrow(StoreFolderError);
    await expect(lock).rejects.toThrow(
      new RegExp(
        `^The store cannot be kept in ${folder}/file/store: ENOTDIR.*\\. Set KUZET_HOME to a folder`,
      ),
    );
  });

  test('says who has it: process, start, host', async () => {
    const lock = await lockFolder(folder);
    const owner = await readOwner(folder);
    expect(owner).toMatchObject({ pid: process.pid, host: hostname() });
    await lock.release();
  });

  test('is made when it is not there', async () => {
    const deep = join(folder, 'a', 'b');
    const lock = await lockFolder(deep);
    expect(await readdir(deep)).toEqual(['owner.json']);
    await lock.release();
    expect(await readdir(deep)).toEqual([]);
  });

  test('refuses a second owner, and names the first and the way out', async () => {
    const child = await rival();
    const second = lockFolder(folder);
    await expect(second).rejects.toThrow(StoreInUseError);
    await expect(second).rejects.toThrow(`process ${child.pid}`);
    await expect(second).rejects.toThrow('DATABASE_URL');
    await kill(child);
  });

  test('refuses the same process too', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(StoreInUseError);
    await lock.release();
    await (await lockFolder(folder)).release();
  });

  test('has no owner after its release, and a late release takes nothing from the next owner', async () => {
    const first = await lockFolder(folder);
    await first.release();
    expect(await readOwner(folder)).toBe(null);
    const second = await lockFolder(folder);
    await first.release();
    expect(await readOwner(folder)).toMatchObject({ pid: process.pid });
    await second.release();
  });

  test('carries what its owner announces, for nobody else to read', async () => {
    const lock = await lockFolder(folder);
    await lock.announce({ port: 7070, token: 'abc' });
    await lock.announce({ port: 7071 });
    expect(await readOwner(folder)).toMatchObject({ pid: process.pid, port: 7071, token: 'abc' });
    expect((await stat(join(folder, 'owner.json'))).mode & 0o777).toBe(0o600);
    await lock.release();
    await lock.announce({ port: 7072 });
    expect(await readOwner(folder)).toBe(null);
  });

  test('lets nobody announce another process than its own', async () => {
    const lock = await lockFolder(folder);
    await lock.announce({ pid: 1, nonce: 'x' });
    expect(await readOwner(folder)).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readOwner(folder)).toBe(null);
  });
});

describe('a stale lock', () => {
  test('of a killed process is taken over', async () => {
    const child = await rival();
    expect(await readOwner(folder)).toMatchObject({ pid: child.pid });
    await kill(child);
    expect(await readOwner(folder)).toBe(null);
    const lock = await lockFolder(folder);
    expect(await readOwner(folder)).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('is known by the start time where its process id came round again', async () => {
    await leave({ pid: process.ppid, startTicks: 1 });
    expect(await readOwner(folder)).toBe(null);
    await (await lockFolder(folder)).release();
  });

  test('is known by the boot where the host was started again', async () => {
    await leave({ pid: process.ppid, boot: '00000000-0000-0000-0000-000000000000' });
    expect(await readOwner(folder)).toBe(null);
  });

  test('of a defunct process that nobody has reaped is none', async () => {
    // A shell that starts a process and then becomes one that never asks after it; the process ends after that.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(parent.stdout!, 'data');
    const pid = Number(String(line).trim());
    while (!/^\d+ \(\w+\) Z/.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) {
      await new Promise((done) => setTimeout(done, 10));
    }
    await leave({ pid });
    expect(await readOwner(folder)).toBe(null);
    await kill(parent);
  });

  test('whose bytes a power cut took is taken over', async () => {
    await writeFile(join(folder, 'owner.json'), '');
    await (await lockFolder(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('of another host is held to be alive, and the message says which file to delete', async () => {
    await leave({ pid: 1, host: 'elsewhere.test' });
    await expect(lockFolder(folder)).rejects.toThrow(/on host elsewhere\.test.*owner\.json/);
  });

  test('is taken over even where whoever began to take it over was killed on the way', async () => {
    await leave({ pid: DEAD, nonce: 'first' });
    await leave({ pid: DEAD, nonce: 'second' }, 'owner.first.claim');
    const lock = await lockFolder(folder);
    expect(await readOwner(folder)).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('goes to exactly one of six processes that start at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      await leave({ pid: DEAD, nonce: `round-${round}` });
      const all = await rivals(6);
      const winners = all.filter(({ outcome }) => outcome === 'has it');
      expect(winners).toHaveLength(1);
      expect(await readOwner(folder)).toMatchObject({ pid: winners[0]!.child.pid });
      await Promise.all(all.map(({ child }) => kill(child)));
    }
  });
});

/** Above any process id (proc(5), pid_max). */
const DEAD = 2 ** 22 + 1;

async function leave(owner: { pid: number; [field: string]: unknown }, file = 'owner.json'): Promise<void> {
  const whole = {
    startTicks: null,
    boot: null,
    host: hostname(),
    nonce: 'left',
    since: 'yesterday',
    ...owner,
  };
  await writeFile(join(folder, file), JSON.stringify(whole));
}
