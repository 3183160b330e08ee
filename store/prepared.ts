/**
 * A new embedded database, made in advance. PGlite takes seconds of processor time to make its first database and
 * to bring it to the shape this program knows; what comes out is the same every time, so it is kept as an archive
 * beside the code and unpacked instead. It saves time and nothing else: without it, or when it cannot be read
 * or written, a database is made as PGlite makes one.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { PGlite } from '@electric-sql/pglite';
import type { Migration } from './migrate.ts';

/** Beside this file, so that the package carries it. */
export const PREPARED = new URL('./.prepared/', import.meta.url);

/**
 * How a database is made: its log in files of 1 MB. With PostgreSQL's 16 MB most of a new database is an empty log.
 */
export const MADE_WITH = ['--wal-segsize=1'] as const;

/** The archive for these migrations on this PGlite, an uncompressed tar; null when there is none that can be read. */
export async function preparedStore(migrations: readonly Migration[], from = PREPARED): Promise<Blob | null> {
  try {
    return new Blob([await promisify(gunzip)(await readFile(new URL(nameFor(migrations), from)))]);
  } catch {
    return null;
  }
}

/**
 * Keeps a database that was just made, in place of what was kept before. Whoever reads meanwhile reads the old one
 * or the new one whole. Where nothing can be written, nothing is kept.
 */
export async function keepPrepared(
  db: PGlite,
  migrations: readonly Migration[],
  into = PREPARED,
): Promise<void> {
  const half = new URL(`${randomUUID()}.half`, into);
  try {
    await mkdir(into, { recursive: true });
    await db.exec('checkpoint');
    const tar = Buffer.from(await (await db.dumpDataDir('none')).arrayBuffer());
    await writeFile(half, await promisify(gzip)(tar, { level: 6 }));
    await rename(half, new URL(nameFor(migrations), into));
    await forgetOthers(nameFor(migrations), into);
  } catch {
    await rm(half, { force: true }).catch(() => undefined);
  }
}

async function forgetOthers(name: string, folder: URL): Promise<void> {
  for (const other of await readdir(folder)) {
    if (other.endsWith('.tar.gz') && other !== name) await rm(new URL(other, folder), { force: true });
  }
}

/** The same for the same migrations on the same PGlite. */
function nameFor(migrations: readonly Migration[]): string {
  const hash = createHash('sha256').update(pgliteVersion()).update(MADE_WITH.join(' '));
  for (const { name, sha256 } of migrations) hash.update(`\n${name} ${sha256}`);
  return `${hash.digest('hex').slice(0, 16)}.tar.gz`;
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return (JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as { version: string })
    .version;
}
