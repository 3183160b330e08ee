#!/usr/bin/env node
/**
 * Starts Kuzet: from dist/ when it is there and no source file is newer, else straight from the source.
 * Node resolves the symlink that npm makes before it runs this, so paths are the package's own.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const built = new URL('dist/cli.js', root);
const source = new URL('cli.ts', root);

if (existsSync(built) && (!existsSync(source) || newest(root) <= statSync(built).mtimeMs)) {
  await import(built.href);
} else {
  let tsx;
  try {
    tsx = await import('tsx/esm/api');
  } catch (cause) {
    console.error('kuzet: not built, and tsx is not installed. Run "npm ci" (or "npm run build" first).');
    console.error(`       ${cause.message}`);
    process.exit(1);
  }
  tsx.register();
  await import(source.href);
}

/** When a source file of the package was last changed, in milliseconds. */
function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || ['node_modules', 'dist', 'test', 'docs', 'bench'].includes(entry.name))
      continue;
    const at = new URL(entry.name + (entry.isDirectory() ? '/' : ''), folder);
    if (entry.isDirectory()) latest = Math.max(latest, newest(at));
    else if (!entry.name.endsWith('.md')) latest = Math.max(latest, statSync(at).mtimeMs);
  }
  return latest;
}
