import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CaseLine, CaseView, WeighedLine } from '../../cli/asks/cases.ts';
import type { BatchEvent } from '../../cli/asks/referrals.ts';
import type { ScanEvent } from '../../cli/asks/scans.ts';
import { type DemoWeb, startDemoWeb } from '../../demo/serve.ts';
import { OFFENCES } from '../../domain/referral.ts';
import { openEvidenceBucket } from '../../evidence/bucket.ts';
import { type S3, S3_CREDENTIALS, startS3 } from '../engines/s3.ts';
import { type Home, openHome } from './kuzet.ts';

describe('the river, from an address to a batch, with its evidence in a bucket', () => {
  let home: Home;
  let s3: S3;
  let web: DemoWeb;
  let events: ScanEvent[];
  let cases: CaseLine[];

  beforeAll(async () => {
    s3 = await startS3();
    s3.isStrict = true;
    const bucket = { KUZET_EVIDENCE: `s3://${s3.bucket}/almaty`, KUZET_S3_ENDPOINT: s3.url };
    home = openHome({ ...bucket, ...S3_CREDENTIALS });
    web = await startDemoWeb();
    // Cloak checks draw pages by lot, and ask for them more than once: they have a test of their own.
    const args = [
      'scan',
      '--file',
      '-',
      '--resolve',
      web.resolve,
      '--delay',
      '0.02',
      '--pages',
      '100',
    ].concat(['--cloak-check', 'never']);
    ({ lines: events } = await home.ask<ScanEvent>(args, web.seeds.join('\n')));
    ({ lines: cases } = await home.ask<CaseLine>(['cases', '--limit', '1000']));
  });
  afterAll(async () => {
    await home.close();
    await web.close();
    await s3.stop();
  });

  const caseOf = (host: string) =>
    cases.find(({ subject }) => subject.kind === 'site' && subject.key === host);

  test('every given address is captured, and the last line counts them', () => {
    const seeds = events.filter((event) => event.event === 'url' && event.seed);
    expect(seeds.map((event) => (event.event === 'url' ? event.outcome.is : ''))).toEqual(
      web.seeds.map(() => 'captured'),
    );
    expect(events.at(-1)).toMatchObject({ event: 'done', counts: { failed: 0, due: 0 } });
  });

  test('the crawler only read: not one POST, and no page twice', () => {
    expect([...web.hits.keys()].filter((key) => key.startsWith('POST'))).toEqual([]);
    const captured = events.flatMap((event) =>
      event.event === 'url' && event.outcome.is === 'captured' ? [event] : [],
    );
    // A page that was rendered is asked for once more, by the browser, and again when its pictures are wanted.
    const tooOften = captured.filter(({ url, rendered }) => (web.hits.get(url) ?? 0) > (rendered ? 3 : 1));
    expect(tooOften).toEqual([]);
  });

  test('every fraud site has a case, and no legitimate one has', () => {
    const wanted = web.sites.filter(({ label }) => label !== 'legit').map(({ host }) => host);
    const opened = cases.filter(({ subject }) => subject.kind === 'site').map(({ subject }) => subject.key);
    expect(opened.sort()).toEqual(wanted.sort());
  });

  test('every case says why, with the words of the page', () => {
    for (const it of cases) {
      expect(it.reasons.length, it.subject.key).toBeGreaterThan(0);
      expect(
        it.reasons.every((reason) => reason.contribution > 0),
        it.subject.key,
      ).toBe(true);
    }
  });

  test('a page that is empty until its scripts run was rendered and is a case', () => {
    const scripted = web.sites.find(({ needsScripts }) => needsScripts)!;
    const page = events.find((event) => event.event === 'url' && event.host === scripted.host && event.seed);
    expect(page).toMatchObject({ rendered: true });
    expect(caseOf(scripted.host)).toBeDefined();
  });

  test('the same advertisement under many accounts is a ring', () => {
    const rings = cases.filter(({ subject }) => subject.kind === 'ring');
    expect(rings.map(({ label }) => label)).toContain('fake_listing');
  });

  test('one officer confirms, the same cannot approve, another can', async () => {
    for (const it of referable().slice(0, 2)) {
      const ground = OFFENCES[it.label]!.grounds[0]!;
      const confirm = [
        'decide',
        it.id,
        'confirm',
        '--by',
        'aigerim',
        '--ground',
        ground,
        '--reason',
        'выплаты из взносов',
      ];
      expect((await home.run(confirm)).code).toBe(0);
      const same = await home.run(['approve', it.id, '--by', 'Aigerim ']);
      expect(same).toMatchObject({ code: 1, err: expect.stringContaining('another officer has to approve') });
      expect((await home.run(['approve', it.id, '--by', 'daniyar'])).code).toBe(0);
    }
  });

  test('what a soft rule finds of them is let go by two officers, never by one', async () => {
    for (const it of referable().slice(0, 2)) {
      const { lines } = await home.ask<WeighedLine>(['override', 'list', it.id]);
      expect(lines.filter(({ kind }) => kind === 'hard')).toEqual([]);
      for (const rule of new Set(lines.map((line) => line.rule))) {
        const reason = ['--reason', 'Учебный пример, решает программа'];
        expect((await home.run(['override', 'ask', it.id, rule, '--by', 'aigerim', ...reason])).code).toBe(0);
        const same = await home.run(['override', 'confirm', it.id, rule, '--by', 'Aigerim']);
        expect(same).toMatchObject({
          code: 1,
          err: expect.stringContaining('another officer has to answer'),
        });
        expect((await home.run(['override', 'confirm', it.id, rule, '--by', 'daniyar'])).code).toBe(0);
      }
    }
  });

  test('a batch is built, verified, and comes out the same when built again', async () => {
    const { code, lines } = await home.ask<BatchEvent>(['refer', 'build']);
    expect(lines).toEqual([expect.objectContaining({ event: 'built', cases: 2, again: false })]);
    expect(code).toBe(0);
    const [built] = lines as [Extract<BatchEvent, { event: 'built' }>];
    expect((await home.run(['verify', built.file])).code).toBe(0);
    const first = readFileSync(built.file);
    rmSync(built.file);
    expect((await home.run(['refer', 'show', built.batch])).code).toBe(0);
    expect(readFileSync(built.file).equals(first)).toBe(true);
  });

  test('a batch with one changed byte is found out, and so is a capture', async () => {
    const { lines } = await home.ask<{ batch: string; file: string }>(['refer', 'show']);
    expect(lines).toEqual([
      expect.objectContaining({ batch: expect.stringMatching(/^KN_EXAMPLE_/), cases: 2 }),
    ]);
    const file = join(home.folder, 'home', 'batches', `${lines[0]!.batch}_v1.zip`);
    const changed = readFileSync(file);
    changed[Math.floor(changed.length / 2)]! ^= 1;
    const copy = join(home.folder, 'changed.zip');
    writeFileSync(copy, changed);
    expect((await home.run(['verify', copy])).code).toBe(1);

    const it = referred()[0] ?? cases[0]!;
    const [view] = (await home.ask<CaseView>(['case', it.id])).lines;
    const sha256 = view!.pages[0]!.warc;
    // The scan put it there, the batch was made of it, and nothing of it lies about here.
    expect(existsSync(join(home.folder, 'home', 'evidence'))).toBe(false);
    Object.assign(process.env, S3_CREDENTIALS);
    const place = { bucket: s3.bucket, prefix: 'almaty/' };
    const bytes = Buffer.from(await (await openEvidenceBucket(place, { endpoint: s3.url })).read(sha256));
    const kept = join(home.folder, 'page.warc.gz');
    writeFileSync(kept, bytes);
    expect((await home.run(['verify', kept])).code).toBe(0);
    bytes[bytes.length - 40]! ^= 1;
    writeFileSync(kept, bytes);
    expect((await home.run(['verify', kept])).code).toBe(1);
  });

  test('nothing waits for a second batch', async () => {
    const { code, lines } = await home.ask<BatchEvent>(['refer', 'build']);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.objectContaining({ event: 'nothing' })]);
  });

  test('a dismissed case stays dismissed when its site is scanned again and shows the same', async () => {
    const it = referable().at(-1)!;
    expect(
      (await home.run(['decide', it.id, 'dismiss', '--by', 'aigerim', '--reason', 'учебный пример'])).code,
    ).toBe(0);
    const seed = web.seeds.find((url) => new URL(url).host === it.subject.key)!;
    await home.run(['scan', seed, '--resolve', web.resolve, '--delay', '0.02', '--pages', '100']);
    const [view] = (await home.ask<CaseView>(['case', it.id])).lines;
    expect(view!.state.is).toBe('dismissed');
    expect(view!.acts.map((act) => act.kind)).toEqual(['opened', 'dismissed']);
  });

  const referable = () =>
    cases.filter(({ label, subject }) => OFFENCES[label] !== undefined && subject.kind === 'site');
  const referred = () => cases.filter(({ state }) => state.is === 'referred');
});

describe('two of everything on the embedded store', () => {
  const home = openHome({ KUZET_PORT: '0' });
  afterAll(() => home.close());

  test('a running "kuzet serve" owns the store; commands work through it, and a second owner is refused', async () => {
    const web = await startDemoWeb();
    const serve = home.start(['serve', '--port', '0']);
    await serve.said(/^Desk: /);
    const host = web.sites.find(({ label }) => label === 'pyramid')!.host;
    const scan = await home.run([
      'scan',
      `http://${host}/`,
      '--resolve',
      web.resolve,
      '--delay',
      '0',
      '--render',
      'never',
    ]);
    expect(scan).toMatchObject({ code: 0, err: '' });
    const { lines } = await home.ask<CaseLine>(['cases']);
    expect(lines.map(({ subject }) => subject.key)).toEqual([host]);

    const second = await home.run(['serve', '--port', '0']);
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining('in use by process') });
    serve.process.kill('SIGTERM');
    expect((await serve.ended).code).toBe(0);
    expect((await home.run(['cases'])).out).toContain(host);
    await web.close();
  });
});
