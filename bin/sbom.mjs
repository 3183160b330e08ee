#!/usr/bin/env node
/**
 * Prints the list of parts (CycloneDX, JSON) of what is shipped: node bin/sbom.mjs > sbom.json
 *
 * `npm sbom` writes it from the lock file. Asked to leave out what is for development, npm 10 and 11 also leave out
 * packages that are for both (`yaml`, `jose`, `debug` …): so it is asked for all, and the lock file says which go.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
const shipped = new Set(
  Object.entries(lock.packages)
    .filter(([path, it]) => path !== '' && it.dev !== true)
    .map(([path, it]) => `${path.replace(/^.*node_modules\//, '')}@${it.version}`),
);

const all = JSON.parse(
  execFileSync(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  ),
);
const components = all.components.filter(({ name, version }) => shipped.has(`${name}@${version}`));
const kept = new Set([all.metadata.component['bom-ref'], ...components.map((it) => it['bom-ref'])]);
const dependencies = all.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((it) => kept.has(it)) }));
process.stdout.write(`${JSON.stringify({ ...all, components, dependencies }, null, 2)}\n`);
