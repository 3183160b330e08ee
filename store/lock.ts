/**
 * One folder, one process: `owner.json` says who has it.
 *
 * The file appears whole (written aside, then hard-linked, which fails if the name is taken), so a reader
 * never sees half of it. A lock whose process is dead is replaced by whoever first makes the claim file of
 * that very lock (`owner.<nonce>.claim`, itself a lock of this kind), and only while `owner.json` still is
 * the lock that was judged dead; so of any number that start at once, one wins:
 *
 *     link owner.json -- taken --> read it -- alive --> StoreInUseError
 *                                     `-- dead --> lock owner.<nonce>.claim --> still the same? --> rename over it
 *
 * A process is known by its id and its start time, since ids come round again.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Who has a folder. Besides these fields it holds what its owner announced, such as `port` and `token`. */
export interface Owner {
  readonly pid: number;
  /** Clock ticks from the host's start to the process's (field 22 of /proc/PID/stat); null where unknown. */
  readonly startTicks: number | null;
  /** Names one run of the host (/proc/sys/kernel/random/boot_id); null where unknown. */
  readonly boot: string | null;
  readonly host: string;
  /** Names this lock. */
  readonly nonce: string;
  readonly since: string;
  readonly [announced: string]: unknown;
}

export interface FolderLock {
  readonly folder: string;
  /** Adds fields to `owner.json`, for other commands to find; a later value replaces an earlier one. */
  announce(fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Harmless when done twice. */
  release(): Promise<void>;
}

/** Another process, or this one, has the folder. The way out: use it through its owner, or stop that. */
export class StoreInUseError extends Error {
  override readonly name = 'StoreInUseError';
  readonly facts: { readonly folder: string; readonly owner: Owner };

  constructor(folder: string, owner: Owner) {
    const away = owner.host !== hostname();
    const who = `process ${owner.pid}${away ? ` on host ${owner.host}` : ''}`;
    super(
      `The store in ${folder} is in use by ${who}, since ${owner.since}. An embedded store serves one process: ` +
        `stop that one, or set DATABASE_URL to let several work on PostgreSQL.` +
        (away ? ` If that host is gone for good, delete ${fileOf(folder)}.` : ''),
    );
    this.facts = { folder, owner };
  }
}

/** The folder cannot be made, or nothing can be written into it. */
export class StoreFolderError extends Error {
  override readonly name = 'StoreFolderError';
  readonly facts: { readonly folder: string; readonly code: string };

  constructor(folder: string, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? '';
    const mend =
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'Make room on that disk.'
        : 'Set KUZET_HOME to a folder that this user may make and write to.';
    super(`The store cannot be kept in ${folder}: ${cause.message}. ${mend}`, { cause });
    this.facts = { folder, code };
  }
}

/**
 * Takes the folder for this process, and makes it if need be.
 *
 * @throws StoreInUseError StoreFolderError
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = fileOf(folder);
  let mine = await mkdir(folder, { recursive: true })
    .then(() => take(folder, file))
    .catch((cause: unknown) => {
      const isSystems = cause instanceof Error && 'code' in cause;
      throw isSystems ? new StoreFolderError(folder, cause as NodeJS.ErrnoException) : cause;
    });
  let released = false;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  };
  return {
    folder,
    announce: (fields) =>
      inTurn(async () => {
        if (released) return;
        mine = { ...mine, ...fields, ...identityOf(mine) };
        await rename(await writeAside(file, mine), file);
      }),
    release: () =>
      inTurn(async () => {
        if (released) return;
        released = true;
        if ((await read(file))?.nonce === mine.nonce) await rm(file, { force: true });
      }),
  };
}

/** Who has the folder; null when nobody who lives does. A process on another host is held to live. */
export async function readOwner(folder: string): Promise<Owner | null> {
  const owner = await read(fileOf(folder));
  return owner !== null && (await lives(owner)) ? owner : null;
}

async function take(folder: string, file: string): Promise<Owner> {
  const me = await whoAmI();
  const aside = await writeAside(file, me);
  try {
    for (;;) {
      if (await linked(aside, file)) return me;
      const held = await read(file);
      if (held === null) continue;
      if (await lives(held)) throw new StoreInUseError(folder, held);
      const claim = join(folder, `owner.${held.nonce}.claim`);
      await take(folder, claim);
      try {
        if ((await read(file))?.nonce !== held.nonce) continue;
        await rename(aside, file);
        return me;
      } finally {
        await rm(claim, { force: true });
      }
    }
  } finally {
    await rm(aside, { force: true });
  }
}

function fileOf(folder: string): string {
  return join(folder, 'owner.json');
}

async function writeAside(file: string, owner: Owner): Promise<string> {
  const aside = `${file}.${randomUUID()}`;
  // Only for its owner's eyes: it may come to hold a token.
  await writeFile(aside, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  return aside;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function read(file: string): Promise<Owner | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(text) as Owner;
  } catch {
    // A living process's file is always whole, so this one lost its bytes to a power cut.
    return { pid: 0, startTicks: null, boot: null, host: hostname(), nonce: 'unreadable', since: 'unknown' };
  }
}

async function whoAmI(): Promise<Owner> {
  return {
    pid: process.pid,
    startTicks: (await processState(process.pid))?.startTicks ?? null,
    boot: await bootId(),
    host: hostname(),
    nonce: randomUUID(),
    since: new Date().toISOString(),
  };
}

function identityOf(owner: Owner): Owner {
  const { pid, startTicks, boot, host, nonce, since } = owner;
  return { pid, startTicks, boot, host, nonce, since };
}

async function lives(owner: Owner): Promise<boolean> {
  if (owner.pid === 0) return false;
  if (owner.host !== hostname()) return true;
  const boot = await bootId();
  if (owner.boot !== null && boot !== null && owner.boot !== boot) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const state = await processState(owner.pid);
  if (state === null) return true;
  if (state.isDefunct) return false;
  return owner.startTicks === null || owner.startTicks === state.startTicks;
}

/** proc(5), /proc/PID/stat: the name in brackets may hold blanks and brackets, so count from the last one. */
async function processState(pid: number): Promise<{ isDefunct: boolean; startTicks: number } | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { isDefunct: fields[0] === 'Z' || fields[0] === 'X', startTicks: Number(fields[19]) };
  } catch {
    return null;
  }
}

async function bootId(): Promise<string | null> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
