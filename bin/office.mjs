#!/usr/bin/env node
/**
 * Builds the officers' app (`desk/office/`) for browsers: node bin/office.mjs OUT
 *
 * File names hold the hash of their bytes; `OUT/manifest.json` says which file is what (Vite's own format).
 */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const out = process.argv[2];
if (out === undefined) {
  console.error('Give the folder to write to: node bin/office.mjs OUT');
  process.exit(2);
}
const root = fileURLToPath(new URL('../desk/office/', import.meta.url));

await build({
  configFile: false,
  root,
  base: '/assets/',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: out,
    emptyOutDir: true,
    assetsDir: '',
    // Nothing becomes a data: address: the policy of the desk's pages would refuse it.
    assetsInlineLimit: 0,
    manifest: 'manifest.json',
    // The page itself names what is to be fetched early.
    modulePreload: false,
    cssCodeSplit: false,
    target: 'es2022',
    rolldownOptions: { input: fileURLToPath(new URL('../desk/office/main.tsx', import.meta.url)) },
  },
});
