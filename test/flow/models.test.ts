import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticPages, syntheticPosts } from '../../classifiers/synthetic/render.ts';
import type { CaseLine } from '../../cli/asks/cases.ts';
import type { ModelLine } from '../../cli/asks/models.ts';
import { type DemoWeb, startDemoWeb } from '../../demo/serve.ts';
import { OFFENCES } from '../../domain/referral.ts';
import { openHome } from './kuzet.ts';

const BUNDLED = fileURLToPath(new URL('../../models/', import.meta.url));

describe('the life of a model', { timeout: 300_000 }, () => {
  const home = openHome();
  let web: DemoWeb;
  const rows = join(home.folder, 'judge.ndjson');
  const why = ['--by', 'aigerim', '--reason', 'сынақ'];

  /** The bundled model under another name; its words and source weigh what `weigh` makes of them. */
  function candidate(name: string, weigh: (weights: Uint8Array) => Uint8Array): string {
    const folder = join(home.folder, name);
    mkdirSync(folder);
    cpSync(BUNDLED, folder, { recursive: true });
    const weights = weigh(readFileSync(join(BUNDLED, 'weights.bin')));
    const file = JSON.parse(readFileSync(join(BUNDLED, 'model.json'), 'utf8'));
    const sha256 = createHash('sha256').update(weights).digest('hex');
    writeFileSync(join(folder, 'weights.bin'), weights);
    writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...file, name, sha256 }));
    return folder;
  }
  const models = async () => (await home.ask<ModelLine>(['models', 'list'])).lines;
  const bundled = JSON.parse(readFileSync(join(BUNDLED, 'model.json'), 'utf8')).name as string;

  beforeAll(async () => {
    web = await startDemoWeb();
    const pages = syntheticPages(1).map(({ label, html, id }) => ({ label, html, source: id }));
    const posts = syntheticPosts().map(({ label, text }, at) => ({ label, text, source: `post ${at}` }));
    const held = [...pages.slice(0, 120), ...posts.slice(0, 120)];
    writeFileSync(rows, held.map((row) => `${JSON.stringify(row)}\n`).join(''));
  });
  afterAll(async () => {
    await home.close();
    await web.close();
  });

  test('a candidate that judges the same may be promoted, once it was evaluated, and rolled back', async () => {
    expect(await models()).toEqual([
      { name: bundled, is: 'serves', isBundled: true, evaluation: null, unreadable: null },
    ]);
    const folder = candidate('kuzet-same', (weights) => weights);
    expect(await home.run(['models', 'add', folder])).toMatchObject({ code: 0 });
    const early = await home.run(['models', 'promote', 'kuzet-same', ...why]);
    expect(early).toMatchObject({ code: 1, err: expect.stringContaining('was not evaluated') });

    const judged = await home.run(['models', 'evaluate', 'kuzet-same', '--rows', rows]);
    expect(judged).toMatchObject({ code: 0, out: expect.stringContaining('kuzet-same may be promoted') });
    expect((await home.run(['models', 'promote', 'kuzet-same', ...why])).code).toBe(0);
    expect(await models()).toMatchObject([
      { name: 'kuzet-same', is: 'serves', isBundled: false, evaluation: { current: bundled, faults: [] } },
      { name: bundled, is: 'candidate', isBundled: true },
    ]);
    expect((await home.run(['models', 'rollback', ...why])).code).toBe(0);
    expect((await models())[0]).toMatchObject({ name: bundled, is: 'serves' });
  });

  test('a candidate that is worse is refused, by category and figure', async () => {
    const folder = candidate('kuzet-worse', (weights) =>
      weights.map((byte) => (byte > 127 ? 255 - byte : byte)),
    );
    await home.run(['models', 'add', folder]);
    const judged = await home.run(['models', 'evaluate', 'kuzet-worse', '--rows', rows]);
    expect(judged.code).toBe(1);
    expect(judged.out).toMatch(/legit falls: lower end of F1 0\.\d{3} -> 0\.\d{3}/);
    const refused = await home.run(['models', 'promote', 'kuzet-worse', ...why]);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/kuzet-worse is not promoted: .*falls: lower end of F1 0\.\d{3} -> 0\.\d{3}/);
    expect((await models())[0]).toMatchObject({ name: bundled, is: 'serves' });
  });

  test('rows that a model learnt from cannot judge it', async () => {
    const folder = join(home.folder, 'kuzet-same');
    const card = join(folder, 'card.json');
    const sha256 = createHash('sha256').update(readFileSync(rows)).digest('hex');
    writeFileSync(card, JSON.stringify({ data: [{ what: 'pages', rows: 240, sha256 }] }));
    writeFileSync(
      join(folder, 'model.json'),
      readFileSync(join(folder, 'model.json'), 'utf8').replace('kuzet-same', 'kuzet-learnt'),
    );
    await home.run(['models', 'add', folder]);
    expect(await home.run(['models', 'evaluate', 'kuzet-learnt', '--rows', rows])).toMatchObject({
      code: 1,
      err: expect.stringContaining('kuzet-learnt learnt from'),
    });
  });

  test('in the shadow a candidate judges every page and is shown with none', async () => {
    expect((await home.run(['models', 'shadow', 'kuzet-same', ...why])).code).toBe(0);
    const seeds = web.seeds.slice(0, 6).join('\n');
    const scan = ['scan', '--file', '-', '--resolve', web.resolve, '--delay', '0.02', '--render', 'never'];
    expect((await home.run(scan, seeds)).code).toBe(0);
    const { lines } = await home.ask<{ pages: number; agreement: number; shadow: string; current: string }>([
      'models',
      'shadow',
      'report',
    ]);
    expect(lines).toMatchObject([{ shadow: 'kuzet-same', current: bundled, agreement: 1 }]);
    expect(lines[0]!.pages).toBeGreaterThan(5);
    const { out } = await home.run(['cases', '--json']);
    expect(out).not.toContain('kuzet-same');
  });

  test('decisions become rows to learn from, and the drift report counts them', async () => {
    const { lines: cases } = await home.ask<CaseLine>(['cases']);
    const it = cases.find(({ label, subject }) => subject.kind === 'site' && OFFENCES[label] !== undefined)!;
    const confirm = ['decide', it.id, 'confirm', '--by', 'a', '--ground', OFFENCES[it.label]!.grounds[0]!];
    expect((await home.run([...confirm, '--reason', 'обещает доход'])).code).toBe(0);

    const out = join(home.folder, 'learn.ndjson');
    expect((await home.run(['decisions', 'export', '--out', out])).code).toBe(0);
    const learnt = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(learnt.length).toBeGreaterThan(0);
    for (const row of learnt) {
      expect(row).toMatchObject({ kind: 'page', label: it.label, source: it.subject.key, case: it.id });
      expect(row.html).toContain('<');
      expect(row).not.toHaveProperty('by');
    }

    const { lines } = await home.ask<{ quality: { strata: unknown[] } }>(['models', 'drift']);
    expect(lines).toMatchObject([{ model: bundled, drift: { is: 'too_few' } }]);
    expect(lines[0]!.quality.strata).toContainEqual(expect.objectContaining({ verdict: 'flag' }));
    expect((await home.run(['review', 'list'])).code).toBe(0);
    expect(await home.run(['ledger', 'verify'])).toMatchObject({ code: 0 });
  });
});
