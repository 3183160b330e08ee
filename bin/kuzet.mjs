#!/usr/bin/env node
/**
 * Starts Kuzet: from dist/ when it is there and no source file is newer, else straight from the source. Where what runs
 * source is not installed (npm prune --omit=dev), dist/ is what there is.
 * Node resolves the symlink that npm makes before it runs this, so paths are the package's own.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const built = new URL('dist/cli.js', root);
const source = new URL('cli.ts', root);

const isBuilt = existsSync(built);
if (isBuilt && (!existsSync(source) || newest(root) <= statSync(built).mtimeMs)) {
  await import(built.href);
} else {
  const tsx = await import('tsx/esm/api').catch((cause) => {
    if (isBuilt) return null;
    console.error('kuzet: not built, and tsx is not installed. Run "npm ci && npm run build" first.');
    console.error(`       ${cause.message}`);
    process.exit(1);
  });
  tsx?.register();
  await import(tsx === null ? built.href : source.href);
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
