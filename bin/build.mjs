#!/usr/bin/env node
/**
 * Builds dist/: tsc for the code, the data files that stand beside it, the officers' app as browsers load it, the
 * documents, and an embedded store made in advance.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDocs } from './docs.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

rmSync(dist, { recursive: true, force: true });
// First, since it empties its folder, in which code of the server stands too.
execFileSync(process.execPath, [join(root, 'bin', 'office.mjs'), join(dist, 'desk', 'office')], {
  stdio: 'inherit',
});
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  cwd: root,
  stdio: 'inherit',
});
// What stands beside them went in built: the officers' app above, the module in what is made of it.
const BUILT = [join(root, 'desk', 'office'), join(root, 'classifiers', 'duplicates', 'assembly')];
for (const room of ['classifiers', 'crawler', 'demo', 'desk', 'exports', 'models', 'store']) {
  if (!existsSync(join(root, room))) continue;
  cpSync(join(root, room), join(dist, room), {
    recursive: true,
    filter: (path) => !['.ts', '.tsx'].includes(extname(path)) && !BUILT.includes(path),
  });
}
// A release has its documents; a checkout is built without them where what reads them is not installed.
buildDocs(join(dist, 'desk', 'help'));
// A new embedded store is unpacked from what the first one leaves behind: let that be here, and go with the package.
const { openDatabase } = await import(new URL('../dist/store/open.js', import.meta.url).href);
await (await openDatabase({ memory: true })).close();
const now = new Date();
utimesSync(join(dist, 'cli.js'), now, now);
