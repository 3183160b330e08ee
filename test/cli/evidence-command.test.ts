import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Command, readWords } from '../../cli/command.ts';
import { evidenceCommand } from '../../cli/evidence.ts';
import { ledgerCommand } from '../../cli/ledger.ts';
import { referCommand } from '../../cli/refer.ts';
import { openRooms, type Rooms } from '../../cli/rooms.ts';
import { openDesk } from '../../cli/serving.ts';
import { verifyCommand } from '../../cli/verify.ts';
import { type Config, readConfig } from '../../config.ts';
import { findBrowser } from '../../crawler/browser.ts';
import { uuid7 } from '../../domain/id.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { actOf } from '../../queues/act.ts';
import { captured as rowOf } from '../conformance/rows.ts';
import { pdfText } from '../engines/pdf-text.ts';
import { type S3, S3_CREDENTIALS, startS3 } from '../engines/s3.ts';
import { captured } from '../exports/samples.ts';
import { approvedCase } from '../queues/approved.ts';

const found = await findBrowser();
const note = found.is === 'ready' ? '' : ` (skipped: ${found.why})`;

Object.assign(process.env, S3_CREDENTIALS);

const PLACES: readonly { readonly place: string; readonly open: () => Promise<S3 | null> }[] = [
  { place: 'a folder', open: async () => null },
  { place: 'a bucket', open: startS3 },
];

describe.each(PLACES)('kuzet evidence and kuzet ledger, as typed, on $place', ({ open }) => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-evidence-'));
  const file = (name: string) => join(folder, name);
  const io = {
    out: () => undefined,
    err: () => undefined,
    json: false,
    isTerminal: false,
    stdin: Readable.from([]),
  };
  let config: Config;
  let rooms: Rooms;
  let s3: S3 | null;
  let desk: { close(): Promise<void> };
  let kase: string;
  /** A page that nobody was shown, and nobody needs any more. */
  let old: string;

  beforeAll(async () => {
    const home = file('home');
    mkdirSync(home);
    s3 = await open();
    const bucket = s3 === null ? {} : { KUZET_EVIDENCE: `s3://${s3.bucket}/x`, KUZET_S3_ENDPOINT: s3.url };
    config = { ...readConfig(bucket, home), home };
    rooms = await openRooms(config);
    kase = await approvedCase(1, { db: rooms.database, evidence: rooms.evidence, now: new Date() });
    old = await keptPage(2, new Date(Date.now() - 100 * 86_400_000));
    desk = await openDesk(
      rooms,
      { port: 0, hasWorkers: false, openAs: { login: 'aigerim', role: 'viewer' } },
      { io, config },
    );
  });
  afterAll(async () => {
    await desk.close();
    await rooms.close();
    await s3?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One page of a host of its own, in no case. @returns its capture's id. */
  async function keptPage(n: number, at: Date): Promise<string> {
    const host = `bare-${n}.test`;
    const { page, blobs } = captured(n, `https://${host}/`);
    for (const bytes of blobs.values()) await rooms.evidence.put(bytes);
    let made = 0;
    const id = () => {
      made += 1;
      return uuid7(at, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, n, made));
    };
    const { visits } = rooms;
    const seeds = [new URL(`https://${host}/`)];
    await visits.startScan({
      id: id(),
      visitIds: id,
      seeds,
      refusals: [],
      settings: DEFAULT_SETTINGS,
      now: at,
    });
    const visit = (await visits.claim(host, id(), at))!;
    const due = (await visits.nextDue(visit))!;
    const row = rowOf(visit, due, []);
    const bodySha256 = await rooms.evidence.put(Buffer.from(`<p>${host}</p>`));
    const capture = { ...page.capture, id: id(), visitId: visit.id, capturedAt: at, bodySha256 };
    const kept = { ...row.captured, capture };
    await visits.finish(visit, due, {
      ...row,
      outcome: { is: 'captured', captureId: capture.id },
      captured: kept,
    });
    return capture.id;
  }

  async function typed(
    command: Command,
    ...args: readonly string[]
  ): Promise<{ code: number; out: string[] }> {
    const out: string[] = [];
    const code = await command.run(readWords(command, args), {
      config,
      io: {
        ...io,
        out: (line) => out.push(line),
        err: (line) => out.push(line),
        json: args.includes('--json'),
      },
      signal: new AbortController().signal,
    });
    return { code, out };
  }
  const evidence = (...args: readonly string[]) => typed(evidenceCommand, ...args);
  const ledger = (...args: readonly string[]) => typed(ledgerCommand, ...args);
  async function verify(...args: readonly string[]): Promise<{ code: number; out: string[] }> {
    const out: string[] = [];
    const code = await verifyCommand(args, {
      out: (line) => out.push(line),
      err: (line) => out.push(line),
      json: args.includes('--json'),
    });
    return { code, out };
  }

  test('writes the page of a case as a WACZ that verifies', async () => {
    const { code, out } = await evidence('wacz', kase, '--out', file('page.wacz'), '--by', 'bolat');
    expect([code, out]).toEqual([0, [expect.stringMatching(/page\.wacz: \d+ bytes\.$/)]]);
    expect((await verify(file('page.wacz'), '--lang', 'en')).code).toBe(0);
  });

  test('writes the act of inspection in three languages: what, when, by which means, hashes, how to verify', async () => {
    const [page] = await rooms.captures.ofCase(kase);
    const { capture } = page!;
    const TITLES = {
      ru: 'Акт осмотра интернет-страницы',
      kk: 'Интернет-парақты қарау актісі',
      en: 'Act of inspection of a web page',
    };
    for (const [lang, title] of Object.entries(TITLES)) {
      const out = file(`act.${lang}.html`);
      const done = await evidence('act', kase, '--out', out, '--lang', lang, '--by', 'bolat');
      expect(done.code).toBe(0);
      const html = readFileSync(out, 'utf8');
      expect(html).toContain(`<h1>${title}</h1>`);
      for (const fact of [kase, capture.id, capture.url, capture.warc, capture.bodySha256])
        expect(html).toContain(fact);
      expect(html).toContain(capture.capturedAt.toISOString());
      expect(html).toContain('kuzet/0.1.0');
      expect(html).toContain('CN=piramida-1.test');
      expect(html).toContain(`kuzet verify ${capture.id}.wacz --key`);
      expect(html).not.toMatch(/<script|src="http|undefined|null|NaN/);
    }
    const ledgerRow = (await rooms.custody.of(capture.id)).find(({ kind }) => kind === 'capture')!;
    expect(readFileSync(file('act.en.html'), 'utf8')).toContain(`${ledgerRow.seq}: ${ledgerRow.hash}`);
  });

  test.skipIf(found.is === 'none')(`prints the act on paper in Kazakh${note}`, async () => {
    const out = file('act.pdf');
    expect((await evidence('act', kase, '--out', out, '--lang', 'kk', '--by', 'bolat')).code).toBe(0);
    const text = pdfText(readFileSync(out));
    expect(text).toContain('Интернет-парақты қарау актісі');
    const { capture } = (await rooms.captures.ofCase(kase))[0]!;
    expect(text.replaceAll(/\s/g, '')).toContain(capture.warc);
  });

  test('says of an act on paper how else to get it where no browser is', async () => {
    const tools = {
      ...rooms.keepTools(),
      custody: rooms.custody,
      print: async () => ({ is: 'unprinted' as const, why: 'no browser was found.' }),
    };
    const page = (await rooms.captures.ofCase(kase))[0]!;
    await expect(actOf({ caseId: kase, page, lang: 'ru', as: 'pdf', by: 'bolat' }, tools)).rejects.toThrow(
      'no browser was found. Write it as HTML (--out FILE.html)',
    );
  });

  test('refuses an act with another ending, an unknown language and a case that is not there', async () => {
    await expect(evidence('act', kase, '--out', file('act.doc'))).rejects.toThrow('.html or .pdf');
    await expect(evidence('act', kase, '--out', file('a.html'), '--lang', 'de')).rejects.toThrow(
      'ru, kk, en',
    );
    await expect(evidence('act', 'K-000999', '--out', file('a.html'))).rejects.toThrow('K-000999');
    await expect(evidence('act', kase)).rejects.toThrow('--out is missing');
    await expect(evidence('burn', kase)).rejects.toThrow('Say what to do');
  });

  test('tells who took evidence along', async () => {
    const { code, out } = await evidence('custody', kase);
    expect(code).toBe(0);
    expect(out.filter((line) => line.includes('bolat')).length).toBeGreaterThanOrEqual(4);
  });

  test('builds a batch of what is kept, which verifies anywhere', async () => {
    const out = file('batch.zip');
    const built = await typed(referCommand, 'build', '--lang', 'kk', '--out', out);
    expect([built.code, built.out[0]]).toEqual([0, expect.stringContaining('іс саны 1')]);
    expect((await verify(out, '--lang', 'en')).code).toBe(0);
  });

  test('finds every piece as it was put there', async () => {
    const { code, out } = await evidence('scrub');
    expect([code, out]).toEqual([
      0,
      [expect.stringMatching(/^✓ \d+ pieces, \d+ bytes, each as it was put there$/)],
    ]);
    expect((await ledger('verify', '--lang', 'ru')).out).toContain('– доказательства не удалялись');
  });

  test('holds, lists, proposes and deletes: one officer asks, the same one cannot approve, another can', async () => {
    await evidence('hold', old, '--by', 'aigerim', '--reason', 'суд');
    expect((await evidence('retention')).out).toContainEqual(expect.stringContaining(`${old} since`));
    await expect(evidence('delete', old, '--by', 'aigerim', '--reason', 'срок')).rejects.toThrow(old);
    expect((await evidence('release', old, '--by', 'aigerim', '--reason', 'суд окончен')).out).toEqual([
      `${old} is on hold no more.`,
    ]);
    expect((await evidence('expire', '--by', 'aigerim', '--reason', 'срок истёк')).code).toBe(0);
    await expect(evidence('approve', '1', '--by', 'Aigerim ')).rejects.toThrow(
      'another officer has to approve',
    );
    expect((await evidence('approve', '1', '--by', 'daniyar')).code).toBe(0);
    await expect(evidence('wacz', old, '--out', file('old.wacz'))).rejects.toThrow(
      'deleted by decision of aigerim',
    );
    await expect(evidence('act', old, '--out', file('old.html'))).rejects.toThrow(
      'deleted by decision of aigerim',
    );
  });

  test('tells what two officers deleted, in three languages, in the store and in the file that is taken along', async () => {
    const told = {
      ru: /^– удалено по решению двух сотрудников: .*предложил aigerim, утвердил daniyar, причина: срок истёк$/,
      kk: /^– екі қызметкердің шешімімен жойылған: .*ұсынған aigerim, бекіткен daniyar, себебі: срок истёк$/,
      en: /^– deleted by decision of two officers: .*proposed by aigerim, approved by daniyar, reason: срок истёк$/,
    };
    await ledger('export', '--out', file('ledger.ndjson'));
    for (const [lang, sentence] of Object.entries(told)) {
      const here = await ledger('verify', '--lang', lang);
      expect([here.code, here.out]).toEqual([0, expect.arrayContaining([expect.stringMatching(sentence)])]);
      const there = await verify(file('ledger.ndjson'), '--lang', lang);
      expect([there.code, there.out]).toEqual([0, expect.arrayContaining([expect.stringMatching(sentence)])]);
    }
    const lines = (await verify(file('ledger.ndjson'), '--json')).out.map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ event: 'deleted', captures: [old] }));
  });

  test('calls a piece that is missing without such a decision a fault, and a tombstone past the ledger too', async () => {
    const { capture } = (await rooms.captures.ofCase(kase))[0]!;
    await rooms.evidence.erase(capture.warc);
    const missing = await ledger('verify', '--lang', 'en');
    expect([missing.code, missing.out]).toEqual([
      1,
      expect.arrayContaining([expect.stringContaining(`evidence ${capture.warc} is not at`)]),
    ]);
    // Somebody with the database's password covers it up.
    await rooms.database.query(
      'insert into erased_capture (capture_id, erasure_id, at) values ($1, 1, now())',
      [capture.id],
    );
    await rooms.database.query(
      'insert into erased_blob (sha256, capture_id, erased_at) values ($1, $2, now())',
      [capture.warc, capture.id],
    );
    const covered = await ledger('verify', '--lang', 'en');
    expect([covered.code, covered.out]).toEqual([
      1,
      expect.arrayContaining([
        expect.stringContaining(`evidence ${capture.warc} is not at`),
        expect.stringContaining(`the tombstone of capture ${capture.id} is in no row of the ledger`),
      ]),
    ]);
  });
});
