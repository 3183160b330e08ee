/**
 * Duplicate listings, measured: speed beside peers, memory and restart, quality over seeds and shifts, labels of
 * people, photos.
 *
 *     npm run bench:duplicates -- --listings FILE [--size N] [--no-peers]
 *         --generator SCRIPT --base FILE --seeds "101:0 202:0.7" | --labelled FOLDER …
 *         [--pairs FILE …] [--photos FOLDER] [--python PATH] [--json]
 *
 * FILE is listings as "kuzet duplicates" reads them. --size takes the memory of so many, and
 * --no-peers that alone. A seed is made into a corpus
 * with its shift by the generator; a labelled folder holds listings.jsonl, pairs.jsonl and groups.jsonl already.
 * Peers are installed into a temporary folder and are no dependency.
 * For reference, datasketch on one core (recorded 2026-11-22): 1,503 signatures/s, 3,844 in bulk.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { photos } from './duplicates/photos.ts';
import { quality } from './duplicates/quality.ts';
import { realLabels } from './duplicates/real-labels.ts';
import { size, speed } from './duplicates/speed.ts';
import { table } from './duplicates/table.ts';

const { values } = parseArgs({
  options: {
    listings: { type: 'string' },
    size: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    generator: { type: 'string' },
    base: { type: 'string' },
    seeds: { type: 'string', default: '101:0 202:0.7 303:1' },
    labelled: { type: 'string', multiple: true, default: [] },
    pairs: { type: 'string', multiple: true, default: [] },
    photos: { type: 'string' },
    'photos-most': { type: 'string', default: '4400' },
    'photos-edited': { type: 'string', default: '300' },
    python: { type: 'string', default: 'python3' },
    json: { type: 'boolean', default: false },
  },
});
const { listings, generator, base, python } = values;
const to = table(values.json);

if (listings === undefined && generator === undefined && values.photos === undefined) {
  if (values.labelled.length + values.pairs.length === 0) {
    console.error(
      'Give --listings, --generator with --base, --labelled, --pairs or --photos; see the head of this file.',
    );
    process.exit(2);
  }
}
console.error(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}`,
);
if (listings !== undefined) {
  if (!values['no-peers']) await speed(listings, python, to);
  if (values.size !== undefined) await size(listings, Number(values.size), to);
}
if (generator !== undefined && base !== undefined) {
  for (const each of values.seeds.split(' ')) {
    const [seed = '1', shift = '0'] = each.split(':');
    const folder = mkdtempSync(join(tmpdir(), 'kuzet-bench-'));
    try {
      const words = ['--base', base, '--seed', seed, '--shift', shift, '--out', folder];
      execFileSync(process.execPath, [generator, ...words], { stdio: 'ignore' });
      await quality(folder, `seed ${seed}, shift ${shift}`, python, to);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
for (const folder of values.labelled) await quality(folder, folder, python, to);
for (const file of values.pairs) realLabels(file, to);
if (values.photos !== undefined) {
  await photos(values.photos, Number(values['photos-most']), Number(values['photos-edited']), to);
}
console.error(`Load at the end ${loadavg()[0]!.toFixed(1)}`);
