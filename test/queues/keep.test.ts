import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyCommand } from '../../cli/verify.ts';
import type { Exchange } from '../../domain/capture.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { certificatesIn } from '../../evidence/cms.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { evidenceKey, fingerprint } from '../../evidence/keys.ts';
import { verifyLedgerFile } from '../../evidence/ledger-verify.ts';
import { httpAuthority } from '../../evidence/stamp.ts';
import { type EvidenceStore, scrub } from '../../evidence/store.ts';
import { verifyWacz } from '../../evidence/wacz-verify.ts';
import { warcOf } from '../../evidence/warc.ts';
import { archiveCapture } from '../../queues/archive.ts';
import { type KeepTools, keepRound } from '../../queues/keep.ts';
import { type CapturedPage, captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { onceStore, takeKey } from '../../store/once.ts';
import { openDatabase } from '../../store/open.ts';
import { stampStore } from '../../store/stamps.ts';
import { visitStore } from '../../store/visits.ts';
import { waczStore } from '../../store/waczs.ts';
import { at, captured, id, pyramid } from '../conformance/rows.ts';
import { opensslMissing, startAuthority, startPki } from '../engines/openssl.ts';
import type { Engine } from '../engines/places.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';

const engines = [
  ['PGlite', null],
  ['PostgreSQL', postgresMissing],
] as const;

describe.each(engines)('a round of keeping on %s', (engine, missing) => {
  keeping(engine, missing ?? opensslMissing);
});

function keeping(engine: 'PGlite' | 'PostgreSQL', missing: string | null): void {
  describe.skipIf(missing !== null)(missing === null ? 'with openssl' : `(skipped: ${missing})`, () => {
    let folder: string;
    let server: Engine | null;
    let db: Database;
    let evidence: EvidenceStore;
    let pki: Awaited<ReturnType<typeof startPki>>;
    let authority: Awaited<ReturnType<typeof startAuthority>>;
    let tools: KeepTools;
    let now = at;
    let page: CapturedPage;
    const wait = (minutes: number) => {
      now = new Date(now.getTime() + minutes * 60_000);
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'kuzet-keep-'));
      server = engine === 'PGlite' ? null : await startPostgres();
      db = await openDatabase(server === null ? { memory: true } : { url: server.url });
      evidence = await openEvidenceFolder(join(folder, 'evidence'));
      pki = await startPki();
      authority = await startAuthority(pki);
      tools = {
        evidence,
        waczs: waczStore(db),
        stamps: stampStore(db),
        ledger: ledgerStore(db),
        once: onceStore(db),
        authorities: [httpAuthority(authority.url)],
        key: () => evidenceKey(join(folder, 'key.pem')),
        software: 'kuzet/0.1.0',
        clock: { now: () => now, sleep: async () => undefined },
        log: pino({ level: 'silent' }),
      };
      page = await capturePage();
    });
    afterAll(async () => {
      await authority.close();
      await pki.close();
      await db.close();
      await server?.stop();
      await rm(folder, { recursive: true });
    });

    async function capturePage(host = 'altyn.test'): Promise<CapturedPage> {
      const visits = visitStore(db);
      const seeds = [new URL(`https://${host}/`)];
      await visits.startScan({
        id: id(),
        visitIds: id,
        seeds,
        refusals: [],
        settings: DEFAULT_SETTINGS,
        now,
      });
      const visit = (await visits.claim(host, id(), now))!;
      const due = (await visits.nextDue(visit))!;
      const it = captured(visit, due, []);
      const exchange: Exchange = {
        url: `https://${host}/`,
        method: 'GET',
        httpVersion: '1.1',
        requestHeaders: [['Host', 'altyn.test']],
        status: 200,
        statusText: 'OK',
        responseHeaders: [['Content-Type', 'text/html']],
        body: Buffer.from(`<h1>Табыс ${host}`),
        peer: null,
        startedAt: now,
        truncated: null,
      };
      const context = { software: 'kuzet/0.1.0', visit: visit.id, at: now, browser: null };
      const capture = {
        ...it.captured.capture,
        bodySha256: await evidence.put(exchange.body),
        warc: await evidence.put(warcOf({ context, exchanges: [exchange] })),
        screenshot: await evidence.put(Buffer.from('PNG')),
      };
      await visits.finish(visit, due, { ...it, captured: { ...it.captured, capture } });
      await caseStore(db).sight({ kind: 'site', key: host }, pyramid, [capture.id], now);
      return (await captureStore(db).get(capture.id))!;
    }

    test('seals the day, signs new evidence, and waits for an authority that is down', async () => {
      authority.isUp = false;
      const news = await keepRound(tools);
      expect(news).toMatchObject({
        root: expect.stringMatching(/^[0-9a-f]{64}$/),
        signed: 1,
        stamped: 0,
        putOff: 3,
      });
      expect(await stampStore(db).counts()).toEqual({
        given: 0,
        waiting: 3,
        lastError: expect.stringContaining('it answered 503'),
      });
      const { checks } = await verifyWacz(await archiveCapture(page, tools));
      expect(checks.filter(({ absent }) => absent).map(({ name }) => name)).toEqual(['stamps']);
    });

    test('does not ask again before a minute, and two after the second try', async () => {
      expect(await keepRound(tools)).toEqual({ root: null, signed: 0, stamped: 0, putOff: 0 });
      wait(1);
      expect(await keepRound(tools)).toMatchObject({ putOff: 3 });
      wait(1);
      expect(await keepRound(tools)).toMatchObject({ putOff: 0, stamped: 0 });
    });

    test('has all stamped once the authority is back, each once, though two rounds run at once', async () => {
      authority.isUp = true;
      wait(1);
      const [one, other] = await Promise.all([keepRound(tools), keepRound(tools)]);
      expect(one.stamped + other.stamped).toBe(3);
      expect(authority.stamped).toBe(3);
      expect(await stampStore(db).counts()).toEqual({ given: 3, waiting: 0, lastError: null });
      expect((await ledgerStore(db).verify()).ok).toBe(true);
    });

    test('leaves a WACZ that holds, signed by the house’s key and stamped twice, the same each time', async () => {
      const wacz = await archiveCapture(page, tools);
      expect(await archiveCapture(page, tools)).toEqual(wacz);
      const roots = certificatesIn(await pki.read('root.pem'));
      const key = fingerprint(await tools.key());
      const verdict = await verifyWacz(wacz, { roots, key });
      expect(verdict).toMatchObject({ ok: true, key });
      expect(verdict.stampedAt).toHaveLength(2);

      const file = join(folder, 'page.wacz');
      await writeFile(file, wacz);
      for (const lang of ['ru', 'kk', 'en']) {
        const out: string[] = [];
        const io = { out: (line: string) => out.push(line), err: () => undefined, json: false };
        const args = [file, '--lang', lang, '--roots', pki.file('root.pem'), '--key', key];
        expect(await verifyCommand(args, io)).toBe(0);
        expect(out.filter((line) => line.startsWith('✓'))).toHaveLength(10);
        expect(out.join('\n')).toContain(key);
      }
    });

    test('seals and stamps once a day: the ledger taken along holds for us, its stamp for openssl', async () => {
      wait(24 * 60);
      await caseStore(db).sight({ kind: 'site', key: 'next-day.test' }, pyramid, [], now);
      const { root, stamped } = await keepRound(tools);
      expect([root === null, stamped]).toEqual([false, 1]);
      expect((await keepRound(tools)).root).toBeNull();

      const lines: string[] = [];
      for await (const line of ledgerStore(db).lines()) lines.push(`${JSON.stringify(line)}\n`);
      const roots = certificatesIn(await pki.read('root.pem'));
      const verdict = verifyLedgerFile(Buffer.from(lines.join('')), roots);
      expect(verdict).toMatchObject({ ok: true, faults: [] });
      expect(verdict.stamped).toHaveLength(2);
      const token = (await stampStore(db).of([root!]))[0]!.token;
      await pki.write('root-token', token);
      execFileSync(
        'openssl',
        ['ts', '-verify', '-digest', root!, '-in', 'root-token', '-token_in', '-CAfile', 'root.pem'],
        { cwd: pki.file('.'), stdio: 'pipe' },
      );

      const edited = lines.map((line, at) => (at === 1 ? line.replace('altyn', 'altin') : line)).join('');
      expect(verifyLedgerFile(Buffer.from(edited)).faults[0]).toMatchObject({ seq: 1 });
      expect(verifyLedgerFile(Buffer.from(lines.slice(0, -1).join('').slice(0, -1))).ok).toBe(false);
      expect(
        verifyLedgerFile(Buffer.from(lines.filter((_, at) => at !== 2).join(''))).faults[0],
      ).toMatchObject({ seq: 2 });
    });

    test('asks a new authority for all there is, and each for what a case came to stand on since', async () => {
      const [stamps, names] = [stampStore(db), [tools.authorities[0]!.name, 'another.test']];
      const dueOfBoth = async () => {
        await stamps.askForAll(names, now);
        const due = await stamps.due(names, now, 100);
        return due.map(({ authority: by, of }) => `${by === 'another.test' ? 'new' : 'known'} ${of}`).sort();
      };
      expect(await dueOfBoth()).toEqual(['new root', 'new root', 'new warc']);
      expect(await dueOfBoth()).toEqual([]);
      const { capture } = await capturePage('kumis.test');
      expect(await dueOfBoth()).toEqual(['known warc', 'new warc']);
      await caseStore(db).sight({ kind: 'site', key: 'kumis-2.test' }, pyramid, [capture.id], now);
      expect(await dueOfBoth()).toEqual([]);
    });

    test('is told of evidence that is gone or altered by the scrub, by what captures rely on', async () => {
      expect((await scrub(evidence, captureStore(db).blobs())).faults).toEqual([]);
      const { warc } = page.capture;
      await unlink(join(folder, 'evidence', 'sha256', warc.slice(0, 2), warc));
      const { faults } = await scrub(evidence, captureStore(db).blobs());
      expect(faults.map(({ name, facts }) => [name, facts.sha256])).toEqual([['EvidenceMissingError', warc]]);
    });

    test('forgets after a day which requests were done, acts on cases and others alike', async () => {
      const other = { owner: 'aigerim', key: 'of-another', requestSha256: 'b'.repeat(64) };
      const act = { ...other, key: 'of-an-act' };
      const from = new Date(now.getTime() - 86_400_000);
      await db.transaction((tx) => takeKey(tx, act, from));
      await onceStore(db).begin(other, from);
      const left = () => db.query('select key from done_once');
      await keepRound(tools);
      expect(await left()).toHaveLength(2);
      wait(1);
      await keepRound(tools);
      expect(await left()).toEqual([]);
    });
  });
}
