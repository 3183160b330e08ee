/**
 * The officers' app as files: what a browser loads of `desk/office/`.
 *
 * The published package carries them built, beside this file. A checkout has the source alone, so they are built
 * when the desk first starts, into a cache named by the hash of all that goes in: `node_modules/.cache/kuzet-desk/`.
 * A change of the source gives another name, so a stale build is never served. See docs/decisions (the desk's app).
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

export interface OfficeFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

export interface OfficeFiles {
  /** By name; a name holds the hash of its bytes. */
  readonly files: ReadonlyMap<string, OfficeFile>;
  readonly script: string;
  readonly style: string;
  /** Files that the script will ask for at once, by what was written in the source, e.g. `../web/words/ru.json`. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

/** The app was never built, and what builds it is not installed. */
export class OfficeNotBuiltError extends Error {
  override readonly name = 'OfficeNotBuiltError';

  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    super(`The officers' app could not be built (${why}). Run "npm ci", or "npm run build" first.`, {
      cause,
    });
  }
}

/** What the app is made of besides its own folder; nothing else of ours goes into it but types. */
export const SHARED = [
  'domain/assessment.ts',
  'domain/referral.ts',
  'domain/text.ts',
  'domain/text/diff.ts',
  'desk/web/speak.ts',
  'desk/web/show.ts',
  'desk/web/desk.css',
  'desk/web/words/ru.json',
  'desk/web/words/kk.json',
  'desk/web/words/en.json',
] as const;

const root = fileURLToPath(new URL('../', import.meta.url));
const office = fileURLToPath(new URL('./office/', import.meta.url));
const run = promisify(execFile);

let loaded: Promise<OfficeFiles> | null = null;

/** Read once a process. @throws OfficeNotBuiltError */
export function officeFiles(): Promise<OfficeFiles> {
  loaded ??= folderOfFiles().then(read);
  return loaded;
}

async function folderOfFiles(): Promise<string> {
  if (existsSync(join(office, 'manifest.json'))) return office;
  try {
    const cache = join(root, 'node_modules', '.cache', 'kuzet-desk');
    const folder = join(cache, await hashOfSource());
    if (!existsSync(folder)) await build(cache, folder);
    return folder;
  } catch (cause) {
    throw new OfficeNotBuiltError(cause);
  }
}

/** Into a folder of its own first: two desks that start at once must not see each other's halves. */
async function build(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const before = await readdir(cache);
  const half = join(cache, `.${randomUUID()}`);
  // In a process of its own, so that a desk that runs for weeks does not carry the builder along.
  await run(process.execPath, [join(root, 'bin', 'office.mjs'), half], { cwd: root });
  await rename(half, folder).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  });
  const old = before.filter((name) => /^[0-9a-f]{32}$/.test(name));
  for (const name of old.slice(0, Math.max(0, old.length - MOST_OLD_BUILDS)))
    await rm(join(cache, name), { recursive: true, force: true });
}

/** Desks that still run from an older source keep their files in memory; these are for going back and forth. */
const MOST_OLD_BUILDS = 8;

async function hashOfSource(): Promise<string> {
  const own = await readdir(office, { withFileTypes: true, recursive: true });
  const files = [
    ...own
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
    ...SHARED,
    'bin/office.mjs',
    ...['preact', 'vite', 'uplot', '@simplewebauthn/browser'].map(
      (name) => `node_modules/${name}/package.json`,
    ),
  ].sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(await readFile(join(root, file)));
  return hash.digest('hex').slice(0, 32);
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface Manifest {
  readonly [source: string]: {
    readonly file: string;
    readonly isEntry?: boolean;
    readonly css?: readonly string[];
    readonly imports?: readonly string[];
  };
}

async function read(folder: string): Promise<OfficeFiles> {
  const files = new Map<string, OfficeFile>();
  for (const name of await readdir(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const bytes = new Uint8Array(await readFile(join(folder, name)));
    files.set(name, { type, bytes, gzip: new Uint8Array(gzipSync(bytes)) });
  }
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const entry = Object.values(manifest).find((it) => it.isEntry === true);
  const style = [...files.keys()].find((name) => name.endsWith('.css'));
  if (entry === undefined || style === undefined)
    throw new OfficeNotBuiltError(`${dirname(folder)} holds no entry`);
  const parts = new Map(Object.keys(manifest).map((source) => [source, withImports(manifest, source)]));
  return { files, script: entry.file, style, parts };
}

/** A part's own file first, then all that it imports. */
function withImports(manifest: Manifest, source: string, seen = new Set<string>()): string[] {
  const it = manifest[source];
  if (it === undefined || seen.has(source)) return [];
  seen.add(source);
  return [it.file, ...(it.imports ?? []).flatMap((each) => withImports(manifest, each, seen))];
}
