import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import yazl from 'yazl';
import { chained, partOf, type ReferralRecord } from '../../domain/record.ts';
import { zip as pack, unzip } from '../../domain/zip.ts';
import { verifyWarc } from '../../evidence/warc-read.ts';
import { BatchRejectedError, buildBatch, viewFiles } from '../../exports/kibernadzor/batch.ts';
import { stableJson } from '../../exports/kibernadzor/json.ts';
import type { LettersOnPaper } from '../../exports/kibernadzor/letters.ts';
import { verifyBatch } from '../../exports/kibernadzor/verify.ts';
import { findProgram } from '../engines/places.ts';
import { batchOf, batchOrder, order } from './samples.ts';

const run = promisify(execFile);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A zip of these files, packed as the builder packs: a careful forger has the same program. */
function zipOf(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  return pack(files, new Date('2026-11-22T10:00:00.000Z'));
}

/** Edits a good batch and makes manifest and sums agree with the edit again, as a careful forger would. */
async function forged(
  rows: number,
  edit: (files: Map<string, Buffer>) => void | Promise<void>,
): Promise<Buffer> {
  const files = await unzip(await buildBatch(batchOrder(rows)));
  await edit(files);
  const manifest = JSON.parse(files.get('manifest.json')!.toString());
  manifest.files = [...files]
    .filter(([path]) => path !== 'manifest.json' && path !== 'SHA256SUMS')
    .map(([path, bytes]) => ({ path, bytes: bytes.byteLength, sha256: sha256(bytes) }));
  files.set('manifest.json', Buffer.from(stableJson(manifest)));
  files.delete('SHA256SUMS');
  const sums = [...files].map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`).join('');
  files.set('SHA256SUMS', Buffer.from(sums));
  return zipOf(files);
}

/** Edits the records, and makes their chain and all that is made from them agree again. */
async function editRecords(
  files: Map<string, Buffer>,
  edit: (records: ReferralRecord[]) => void,
): Promise<void> {
  const records = JSON.parse(files.get('referrals.json')!.toString()) as ReferralRecord[];
  edit(records);
  const again = chained(
    records.map(({ recordSha256: _own, prevRecordSha256: _before, ...record }) => record),
  );
  for (const [path, bytes] of await viewFiles(again, batchOrder(1))) files.set(path, bytes);
}

const failed = async (zip: Uint8Array) => {
  const { ok, checks } = await verifyBatch(zip, verifyWarc);
  return { ok, failed: checks.filter((check) => !check.ok).map(({ name }) => name) };
};

describe('buildBatch', () => {
  test('holds the form, a picture a row, the evidence, the records and what is needed to check them', async () => {
    const files = await unzip(await buildBatch(batchOrder(2)));
    expect([...files.keys()]).toEqual([
      'README.kk.txt',
      'README.ru.txt',
      'SHA256SUMS',
      'evidence/K-000001/capture.warc.gz',
      'evidence/K-000001/fullpage.png',
      'evidence/K-000001/screenshot.png',
      'evidence/K-000002/capture.warc.gz',
      'evidence/K-000002/fullpage.png',
      'evidence/K-000002/screenshot.png',
      'form/links.csv',
      'form/links.xlsx',
      'form/screens/1.png',
      'form/screens/2.png',
      'letters/operator_block.kk.html',
      'letters/operator_block.ru.html',
      'manifest.json',
      'referral.schema.json',
      'referrals.json',
      'referrals.xml',
      'referrals.xsd',
    ]);
  });

  test('gives the same bytes from the same records, in any time zone and after a trip through a database', async () => {
    const first = await buildBatch(batchOrder(3));
    const again = batchOrder(3);
    const shuffled = again.referrals.map((it) => Object.fromEntries(Object.entries(it).reverse()));
    const back = JSON.parse(JSON.stringify(shuffled)) as typeof again.referrals;
    const zone = process.env.TZ;
    process.env.TZ = 'Pacific/Kiritimati';
    try {
      expect((await buildBatch({ ...again, referrals: back })).equals(first)).toBe(true);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  test('sums that sha256sum itself agrees with', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kuzet-batch-'));
    try {
      await writeFile(join(folder, 'batch.zip'), await buildBatch(batchOrder(2)));
      if (findProgram('unzip') !== null) {
        const { stdout: sound } = await run('unzip', ['-t', 'batch.zip'], { cwd: folder });
        expect(sound).toContain('No errors detected');
      }
      await run('python3', ['-m', 'zipfile', '-e', 'batch.zip', '.'], { cwd: folder });
      const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder });
      expect(
        stdout
          .trim()
          .split('\n')
          .every((line) => line.endsWith(': OK')),
      ).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('refuses the whole batch for one bad row, and names the row', async () => {
    const good = batchOrder(3);
    const [a, b, c] = good.referrals;
    const referrals = [
      a!,
      { ...b!, url: 'https://t.me/altyn_piramida' },
      { ...c!, decision: { ...c!.decision, secondOfficerId: 'AIGERIM ' } },
    ];
    const refused = await buildBatch({ ...good, referrals }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BatchRejectedError);
    expect((refused as BatchRejectedError).facts.faults).toEqual([
      {
        ...{ row: 2, caseId: 'K-000002', why: expect.stringMatching(/^OB2: t\.me is shared/) },
        about: {
          key: 'batch.hard',
          facts: { rule: 'OB2', found: expect.stringMatching(/^t\.me is shared/) },
        },
      },
      {
        ...{
          row: 3,
          caseId: 'K-000003',
          why: 'aigerim both confirmed and approved it; a second officer has to',
        },
        about: { key: 'case.same_officer', facts: { officer: 'aigerim' } },
      },
    ]);
  });

  test('never mixes channels', async () => {
    const notice = order(9, 'https://t.me/altyn_piramida', 't.me/altyn_piramida', {
      channel: 'platform_notice',
    });
    const mixed = batchOf([order(1, 'https://a.test/', 'a.test'), notice], 'operator_block');
    await expect(buildBatch(mixed)).rejects.toThrow('row 2 (K-000009): it goes by platform_notice');
  });

  test('refuses two cases with one picture, a case twice, and evidence that is not what was captured', async () => {
    const good = batchOrder(2);
    const [a, b] = good.referrals;
    const twin = {
      ...b!,
      evidence: b!.evidence.map((part) =>
        part.id === 'ev-1' ? { ...a!.evidence[0]!, path: 'evidence/K-000002/screenshot.png' } : part,
      ),
    };
    await expect(buildBatch({ ...good, referrals: [a!, twin] })).rejects.toThrow(
      'OB14: its screenshot is that of K-000001',
    );
    await expect(buildBatch({ ...good, referrals: [a!, a!] })).rejects.toThrow(
      'its case is in row 1 already',
    );
    const blobs = new Map(good.blobs).set(partOf(a!, 'warc')!.sha256, Buffer.from('other'));
    await expect(buildBatch({ ...good, blobs })).rejects.toThrow('capture.warc.gz is not what was captured');
  });

  test('refuses an empty batch and one of more than 500 rows', async () => {
    const one = batchOrder(1);
    await expect(buildBatch({ ...one, referrals: [] })).rejects.toThrow('it has no referral');
    const many = Array.from({ length: 501 }, () => one.referrals[0]!);
    await expect(buildBatch({ ...one, referrals: many })).rejects.toThrow('501 referrals are more than 500');
  });
});

describe('verifyBatch', () => {
  test('passes what buildBatch made, check by check', async () => {
    const verdict = await verifyBatch(await buildBatch(batchOrder(3)), verifyWarc);
    expect(verdict.checks.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
      'zip true',
      'manifest true',
      'files true',
      'sums true',
      'records true',
      'form true',
      'views true',
      'screens true',
      'evidence true',
      'warcs true',
      'officers true',
      'packing true',
      'signature true',
      'stamps true',
    ]);
    expect([verdict.ok, verdict.batchId]).toEqual([true, 'KN_EXAMPLE_20261122_001']);
  });

  test('finds any byte of the zip that is another: 1,000 of 1,000', async () => {
    const zip = await buildBatch(batchOrder(1));
    let found = 0;
    for (let n = 0; n < 1000; n += 1) {
      const flipped = Buffer.from(zip);
      const place = Math.floor((n * zip.length) / 1000);
      flipped[place] = flipped[place]! ^ (1 << (n % 8));
      if (!(await verifyBatch(flipped, verifyWarc)).ok) found += 1;
    }
    expect(found).toBe(1000);
  }, 120_000);

  test('finds a byte changed anywhere in any file', async () => {
    const files = await unzip(await buildBatch(batchOrder(1)));
    for (const [path, bytes] of files) {
      const altered = Buffer.from(bytes);
      altered[Math.floor(altered.byteLength / 2)]! ^= 1;
      const { ok } = await failed(await zipOf(new Map(files).set(path, altered)));
      expect(`${path} ${ok}`).toBe(`${path} false`);
    }
  });

  test('finds a printed letter that is missing, is no PDF, or that the manifest does not speak of', async () => {
    const onPaper = (name: string, text = '%PDF-1.4 хат') => ({
      is: 'printed' as const,
      files: new Map([
        ['operator_block.ru.pdf', Buffer.from('%PDF-1.4 письмо')],
        [name, Buffer.from(text)],
      ]),
    });
    const views = async (paper: LettersOnPaper | undefined) => {
      const { checks } = await verifyBatch(
        await buildBatch({ ...batchOrder(1), onPaper: paper }),
        verifyWarc,
      );
      return checks.find(({ name }) => name === 'views')?.detail;
    };
    expect(await views(onPaper('operator_block.kk.pdf'))).toContain('the PDF letters are those');
    expect(await views(onPaper('operator_block.en.pdf'))).toBe(
      'letters/operator_block.kk.pdf is missing; letters/operator_block.en.pdf does not belong there',
    );
    expect(await views(onPaper('operator_block.kk.pdf', 'хат'))).toBe(
      'letters/operator_block.kk.pdf is no PDF',
    );
    expect(await views(undefined)).not.toContain('PDF');
  });

  test('finds a file added, and each file taken away', async () => {
    const files = await unzip(await buildBatch(batchOrder(1)));
    const more = new Map(files).set('evidence/K-000001/more.png', Buffer.from('x'));
    expect((await failed(await zipOf(more))).failed).toEqual(['files', 'sums', 'evidence']);
    for (const path of files.keys()) {
      const fewer = new Map(files);
      fewer.delete(path);
      expect(`${path} ${(await failed(await zipOf(fewer))).ok}`).toBe(`${path} false`);
    }
  });

  test('is not taken in by a CSV whose sums were made to agree', async () => {
    const zip = await forged(2, (files) => {
      const csv = files.get('form/links.csv')!.toString().replace('piramida-1.test', 'kaspi.kz');
      files.set('form/links.csv', Buffer.from(csv));
    });
    expect(await failed(zip)).toEqual({ ok: false, failed: ['form'] });
  });

  test('is not taken in by pictures that changed places', async () => {
    const zip = await forged(2, (files) => {
      const [one, two] = [files.get('form/screens/1.png')!, files.get('form/screens/2.png')!];
      files.set('form/screens/1.png', two);
      files.set('form/screens/2.png', one);
    });
    expect(await failed(zip)).toEqual({ ok: false, failed: ['screens'] });
  });

  test('is not taken in by a WARC that was rewritten with the records', async () => {
    const zip = await forged(1, (files) => {
      const warc = Buffer.from(files.get('evidence/K-000001/capture.warc.gz')!);
      warc[warc.byteLength - 20]! ^= 1;
      files.set('evidence/K-000001/capture.warc.gz', warc);
      return editRecords(files, ([record]) => {
        partOf(record!, 'warc')!.sha256 = sha256(warc);
      });
    });
    expect(await failed(zip)).toEqual({ ok: false, failed: ['warcs'] });
  });

  test('wants two different officers, however the names are spelled', async () => {
    const zip = await forged(1, (files) =>
      editRecords(files, ([record]) => {
        record!.decision.secondOfficerId = ' Ａigerim';
      }),
    );
    expect(await failed(zip)).toEqual({ ok: false, failed: ['officers'] });
  });

  test('does not pass what may never be referred', async () => {
    const edits: readonly ((record: ReferralRecord) => void)[] = [
      (record) => {
        record.taxonomy.fraudType = 'illegal_casino';
      },
      (record) => {
        record.qualification[0]!.code = 'KZ-CC-190 ' as 'KZ-CC-190';
      },
      (record) => {
        record.url = 'https://github.io/';
      },
      (record) => {
        record.url = 'https://www.nationalbank.kz/';
      },
      (record) => {
        record.offense = 'Экстремизм';
      },
    ];
    for (const edit of edits) {
      const zip = await forged(1, (files) => editRecords(files, ([record]) => edit(record!)));
      expect([String(edit), (await failed(zip)).ok]).toEqual([String(edit), false]);
    }
  });

  test('refuses names that would leave the folder, doubles, links and bombs before unpacking them', async () => {
    const good = await buildBatch(batchOrder(1));
    // Same length, so that the offsets in the archive stay true.
    const slip = Buffer.from(
      good.toString('latin1').replaceAll('README.kk.txt', '../ADME.kk.txt'.slice(0, 13)),
      'latin1',
    );
    expect((await failed(slip)).failed).toEqual(['zip']);
    const twice = Buffer.from(good.toString('latin1').replaceAll('README.kk.txt', 'README.ru.txt'), 'latin1');
    expect((await failed(twice)).failed).toEqual(['zip']);
    const bomb = await zipOf(new Map([['a.txt', Buffer.alloc(3_000_000)]]));
    await expect(unzip(bomb, { mostBytes: 1_000_000 })).rejects.toThrow(
      'it unpacks to more than 1000000 bytes',
    );
    const zip = new yazl.ZipFile();
    zip.addBuffer(Buffer.from('/etc/passwd'), 'link', { mode: 0o120777 });
    zip.end();
    const pieces: Buffer[] = [];
    for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
    await expect(unzip(Buffer.concat(pieces))).rejects.toThrow('"link" is no plain file');
  });

  test('says of a text and of an empty file that they are no batch', async () => {
    expect((await failed(Buffer.from('not a zip'))).failed).toEqual(['zip']);
    expect((await failed(new Uint8Array())).failed).toEqual(['zip']);
  });
});
