/** What the guides say to type, typed one after the other in one house, in the order of its life. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWords } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.ts';
import { openRooms, type Rooms } from '../../cli/rooms.ts';
import { openDesk } from '../../cli/serving.ts';
import { type Config, readConfig } from '../../config.ts';
import { reviewStore } from '../../store/reviews.ts';
import { approvedCase } from '../queues/approved.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-guides-'));
const file = (name: string) => join(folder, name);
const io = { out: () => undefined, err: () => undefined, json: false, isTerminal: false };
let config: Config;
let rooms: Rooms;
let desk: { readonly url: string; close(): Promise<void> };
let [kase, other] = ['', ''];

beforeAll(async () => {
  const home = file('home');
  mkdirSync(home);
  config = { ...readConfig({ KUZET_REFER_TO: file('out'), CHROMIUM: file('no-browser') }, home), home };
  mkdirSync(file('out'));
  rooms = await openRooms(config);
  const kept = { db: rooms.database, evidence: rooms.evidence, now: new Date() };
  [kase, other] = [await approvedCase(1, kept), await approvedCase(2, kept)];
  desk = await openDesk(
    rooms,
    { port: 0, hasWorkers: false, openAs: { login: 'aigerim', role: 'viewer' } },
    { io: { ...io, stdin: Readable.from([]) }, config },
  );
});
afterAll(async () => {
  await desk.close();
  await rooms.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As after `kuzet`. @returns exit code and lines, those of errors among them. */
async function typed(name: string, ...args: readonly string[]): Promise<[code: number, lines: string[]]> {
  const command = COMMANDS.find((each) => each.name === name)!;
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const around = {
    ...{ config, signal: new AbortController().signal },
    io: { ...io, stdin: Readable.from([]), out: say, err: say, json: args.includes('--json') },
  };
  return [await command.run(readWords(command, args), around), lines];
}

describe('for the officer who refers', () => {
  test('a batch without the case that was taken back goes out, is answered and looked at again', async () => {
    expect((await typed('refer', 'build'))[0]).toBe(0);
    const [first] = await names();
    expect(await typed('receipts', 'say', other, 'withdrawn', '--by', 'dana')).toEqual([
      0,
      [expect.stringContaining('withdrawn')],
    ]);
    const [code, said] = await typed('refer', 'reissue', first!, '--by', 'dana');
    expect([code, said[0], said.at(-1)]).toEqual([
      0,
      expect.stringContaining(`: 1 cases of ${first}`),
      `Stay behind: ${other}`,
    ]);
    const second = (await names()).find((name) => name !== first)!;
    expect((await typed('refer', 'handover', second, '--by', 'dana'))[1][0]).toContain(
      `${second} handed over to`,
    );

    writeFileSync(file('answer.csv'), 'row,url,status\n1,https://piramida-1.test/kirisu,OK\n');
    expect(await typed('receipts', 'import', file('answer.csv'), '--by', 'dana', '--batch', second)).toEqual([
      0,
      ['1 of 1 rows taken in.'],
    ]);
    expect((await typed('receipts', 'show'))[1]).toEqual([
      `${kase}  ${second} Site 1  acknowledged  https://piramida-1.test/kirisu`,
      `${other}  ${first} Site 2  withdrawn  https://piramida-2.test/kirisu`,
    ]);
    const looks = {
      url: 'https://piramida-1.test/kirisu',
      at: new Date().toISOString(),
      failure: null,
      stage: null,
    };
    writeFileSync(file('probe.ndjson'), `${JSON.stringify(looks)}\n`);
    expect(
      (await typed('recheck', 'import', file('probe.ndjson'), '--vantage', 'kz-1', '--by', 'dana'))[0],
    ).toBe(0);
    expect((await typed('recheck', 'show', kase))[1].join('\n')).toContain('kz-1');
  });

  test('a court gets the page, the ledger and who saw what', async () => {
    expect((await typed('evidence', 'wacz', kase, '--out', file('page.wacz'), '--by', 'court'))[0]).toBe(0);
    expect((await typed('ledger', 'export', '--out', file('ledger.ndjson')))[0]).toBe(0);
    for (const name of ['page.wacz', 'ledger.ndjson'])
      expect((await typed('verify', file(name), '--lang', 'en'))[0]).toBe(0);
    expect((await typed('evidence', 'custody', kase))[1].join('\n')).toMatch(/ custody {2}\S+ {2}court$/m);
    const act = ['--out', file('act.html'), '--lang', 'kk'];
    expect((await typed('evidence', 'act', kase, ...act))[0]).toBe(0);
    expect(readFileSync(file('act.html'), 'utf8')).toContain('Интернет-парақты қарау актісі');
  });

  async function names(): Promise<string[]> {
    return (await typed('refer', 'show'))[1].map((line) => line.split(' ')[0]!);
  }
});

test('an address that nobody looked at is told to be one', async () => {
  expect(await typed('history', 'https://one.test/')).toEqual([
    1,
    ['https://one.test/', 'Nobody looked at it.'],
  ]);
});

test('for whoever keeps the model: what was drawn is answered', async () => {
  const it = { subject: { kind: 'site' as const, key: 'shop.test' }, score: 0.1, novelty: 0.6 };
  const judged = {
    ...it,
    model: 'kuzet-0',
    verdict: 'clear' as const,
    label: 'legit' as const,
    isDrawn: false,
  };
  await reviewStore(rooms.database).note(judged, { ...it, why: 'audit', priority: 0.5 }, new Date());
  const [, [line]] = await typed('review', 'list');
  const [id] = line!.split(' ');
  const answer = ['--label', 'legit', '--by', 'aigerim', '--reason', 'Обычный магазин'];
  expect(await typed('review', 'answer', id!, ...answer)).toEqual([0, [`${id} is answered: legit.`]]);
});

test('for whoever takes tips: a file of them', async () => {
  writeFileSync(
    file('tips.csv'),
    'url,words\nhttps://tip-1.test/,Обещают доход\nhttps://tip-2.test/,Пирамида\n',
  );
  const [code, lines] = await typed('tips', 'import', file('tips.csv'));
  expect([code, lines.length]).toEqual([0, 2]);
});

describe('for a marketplace and its operator', () => {
  test('a trial ends, keys change without a gap, and all end at once', async () => {
    expect((await typed('tenant', 'add', 'bazar', '--name', 'Bazar', '--dry-run'))[0]).toBe(0);
    expect((await typed('tenant', 'alerts', 'bazar', 'on'))[0]).toBe(0);
    const [, [line]] = await typed('tenant', 'key', 'bazar');
    const key = /kzt_[\w-]{43}/.exec(line!)![0];
    expect(await asked(key)).toBe(200);
    expect(await typed('tenant', 'sites', 'bazar', '--site', 'bazar.test')).toEqual([
      0,
      ['Sites of bazar now: bazar.test.'],
    ]);
    expect((await typed('tenant', 'revoke', 'bazar'))[0]).toBe(0);
    expect(await asked(key)).toBe(401);
  });

  test('alerts that were given up are listed, one is sent again, and the index is made anew', async () => {
    expect(await typed('market', 'undelivered')).toEqual([0, ['No alert was given up.']]);
    expect(await typed('market', 'resend', 'msg_1', '--tenant', 'bazar')).toEqual([
      1,
      ['Nothing was sent: bazar has no alert "msg_1", or no endpoint that takes any.'],
    ]);
    expect((await typed('market', 'reindex'))[0]).toBe(0);
  });

  async function asked(key: string): Promise<number> {
    const answer = await fetch(`${desk.url}/v1/feed`, { headers: { authorization: `Bearer ${key}` } });
    return answer.status;
  }
});
