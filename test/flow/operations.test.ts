/** The commands of `docs/guides/operations.md`, as they stand there: a store that is backed up and restored is the same. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoWeb, startDemoWeb } from '../../demo/serve.ts';
import { findProgram, postgresFolders } from '../engines/places.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { type Home, openHome } from './kuzet.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const guide = readFileSync(join(root, 'docs/guides/operations.md'), 'utf8');
const pgDump = findProgram('pg_dump', postgresFolders());
/** A scan, a backup, a restore and a scrub, each a process of its own on a busy machine. */
const PATIENCE = 480_000;

/** The block of the guide that says it is tested under this name. */
function block(name: string): string {
  const found = new RegExp(`\`\`\`\\n# tested ${name}\\n([^\`]+)\`\`\``).exec(guide)?.[1];
  if (found === undefined) throw new Error(`The guide has no block "# tested ${name}".`);
  return found;
}

let web: DemoWeb;
let bin: string;
const homes: Home[] = [];

beforeAll(async () => {
  web = await startDemoWeb();
  bin = mkdtempSync(join(tmpdir(), 'kuzet-bin-'));
  const launcher = join(root, 'bin', 'kuzet.mjs');
  writeFileSync(join(bin, 'kuzet'), `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`);
  chmodSync(join(bin, 'kuzet'), 0o755);
});
afterAll(async () => {
  for (const home of homes) await home.close();
  await web.close();
  rmSync(bin, { recursive: true, force: true });
});

function openKept(env: Readonly<Record<string, string>> = {}): Home {
  const home = openHome(env);
  homes.push(home);
  return home;
}

/** Runs a block as whoever reads the guide does. @throws when a command of it fails. */
async function follow(name: string, home: Home, backup: string, env: Readonly<Record<string, string>> = {}) {
  const path = [bin, ...(pgDump === null ? [] : [dirname(pgDump)]), process.env['PATH'] ?? ''].join(
    delimiter,
  );
  const said = await run('sh', ['-euc', block(name)], {
    cwd: home.folder,
    env: {
      PATH: path,
      HOME: process.env['HOME'],
      KUZET_HOME: join(home.folder, 'home'),
      BACKUP: backup,
      ...env,
    },
    timeout: PATIENCE,
  });
  return said.stdout;
}

const scan = (home: Home) =>
  home.run(
    ['scan', '--file', '-', '--resolve', web.resolve, '--delay', '0', '--pages', '5', '--render', 'never'],
    web.seeds.slice(0, 3).join('\n'),
  );
const tellCases = async (home: Home) => (await home.ask<Record<string, unknown>>(['cases'])).lines;

async function expectSame(before: Home, after: Home, said: string): Promise<void> {
  const cases = await tellCases(before);
  expect(cases.length).toBeGreaterThan(0);
  expect(await tellCases(after)).toEqual(cases);
  expect(said).toMatch(/цепочка не прервана/);
}

describe('the guide for operations', () => {
  test(
    'backs up and restores the embedded store with its evidence',
    async () => {
      const [before, after] = [openKept(), openKept()];
      expect((await scan(before)).code).toBe(0);
      const backup = join(before.folder, 'backup');
      mkdirSync(backup);
      await follow('embedded backup', before, backup);
      await expectSame(before, after, await follow('embedded restore', after, backup));
    },
    PATIENCE,
  );

  const missing = postgresMissing ?? (pgDump === null ? 'no pg_dump' : null);
  const why = missing === null ? '' : ` (skipped: ${missing})`;
  test.skipIf(missing !== null)(
    `backs up and restores PostgreSQL and a folder of evidence${why}`,
    async () => {
      const engine = (await startPostgres())!;
      try {
        const restored = new URL(engine.url);
        restored.pathname = '/restored';
        await run(join(dirname(pgDump!), 'psql'), [engine.url, '--command', 'create database restored']);
        const [one, other] = [{ DATABASE_URL: engine.url }, { DATABASE_URL: restored.href }];
        const [before, after] = [openKept(one), openKept(other)];
        expect((await scan(before)).code).toBe(0);
        const backup = join(before.folder, 'backup');
        mkdirSync(backup);
        await follow('postgres backup', before, backup, one);
        await expectSame(before, after, await follow('postgres restore', after, backup, other));
      } finally {
        for (const home of homes.splice(0)) await home.close();
        await engine.stop();
      }
    },
    PATIENCE,
  );
});

describe('the units for systemd', () => {
  const unit = (name: string) => readFileSync(join(root, 'packaging/systemd', name), 'utf8');
  test.each(['kuzet-desk.service', 'kuzet-worker.service'])(
    '%s starts the command that there is, as a user without rights, and hides what it does not need',
    (name) => {
      const part = name === 'kuzet-desk.service' ? 'desk' : 'workers';
      expect(unit(name)).toContain(`ExecStart=/usr/bin/node /opt/kuzet/bin/kuzet.mjs serve --only ${part}\n`);
      for (const line of [
        'User=kuzet',
        'NoNewPrivileges=yes',
        'ProtectSystem=strict',
        'CapabilityBoundingSet=',
      ])
        expect(unit(name)).toContain(`\n${line}\n`);
    },
  );

  const analyse = findProgram('systemd-analyze');
  test.skipIf(analyse === null)(
    `are well-formed to systemd itself${analyse === null ? ' (skipped: no systemd-analyze)' : ''}`,
    async () => {
      for (const name of ['kuzet-desk.service', 'kuzet-worker.service']) {
        const said = await run(analyse!, ['verify', '--man=no', join(root, 'packaging/systemd', name)]).then(
          ({ stderr }) => stderr,
          (error: { stderr: string }) => error.stderr,
        );
        // Programs and users of the place are not here; what systemd does not know of the file would be told.
        expect(said.split('\n').filter((line) => /Unknown|Failed to parse|Invalid/.test(line))).toEqual([]);
      }
    },
  );
});
