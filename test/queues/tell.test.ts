import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Messenger, mail, webhook } from '../../queues/messengers.ts';
import { CHANNEL_NAMES, type TellTools, tellRound } from '../../queues/tell.ts';
import { appealStore } from '../../store/appeals.ts';
import { batchStore } from '../../store/batches.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { faultStore } from '../../store/faults.ts';
import { handoverStore } from '../../store/handovers.ts';
import { messageStore } from '../../store/messages.ts';
import { openDatabase } from '../../store/open.ts';
import { pyramid } from '../conformance/rows.ts';
import { batchOrder } from '../exports/samples.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const referral = batchOrder(1).referrals[0]!;

describe('officers', () => {
  let db: Database;
  let tools: TellTools;
  let now = new Date('2026-11-24T06:00:00.000Z');
  let status = 200;
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    got.push({ headers: request.headers, body: await text(request) });
    response.writeHead(status).end();
  });
  const told = () =>
    got.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> });
  const minutes = (count: number) => {
    now = new Date(now.getTime() + count * 60_000);
  };

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    db = await openDatabase({ memory: true });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    tools = {
      messages: messageStore(db),
      cases: caseStore(db),
      appeals: appealStore(db),
      faults: faultStore(db),
      handovers: handoverStore(db),
      messengers: [webhook(url, SECRET, () => now)],
      lang: 'ru',
      deskUrl: 'https://kuzet.test/',
      clock: { now: () => now },
      log: pino({ level: 'silent' }),
    };
  });
  beforeEach(() => {
    got.length = 0;
    status = 200;
  });
  afterAll(async () => {
    server.close();
    await db.close();
  });

  test('are told nothing while nothing waits', async () => {
    expect(await tellRound(tools)).toEqual({ sent: 0, failed: 0 });
  });

  test('are told of cases that wait for a second officer, once a day', async () => {
    const cases = caseStore(db);
    const { id } = await cases.sight({ kind: 'site', key: referral.hostname }, pyramid, [], now);
    await cases.decide(
      id,
      { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' },
      now,
    );
    await tellRound(tools);
    await tellRound(tools);
    expect(told()).toMatchObject([{ type: 'approvals', data: { cases: 1 } }]);
    minutes(24 * 60);
    await tellRound(tools);
    expect(told()).toHaveLength(2);
    await cases.approve(id, 'bolat', now);
  });

  test('know by its signature that a message is ours', async () => {
    await appealStore(db).send(
      {
        url: referral.url,
        words: 'Мы магазин.',
        contact: 'a@example.com',
        lang: 'ru',
        subject: { kind: 'site', key: 'a.test' },
      },
      now,
    );
    await tellRound(tools);
    const { headers, body } = got[0]!;
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const mac = createHmac('sha256', Buffer.alloc(24, 7)).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
    for (const secret of ['a@example.com', 'магазин', referral.hostname]) expect(body).not.toContain(secret);
  });

  test('are told of a batch that nobody could hand over, again and again until they are reached', async () => {
    const caseId = 'K-000001';
    const software = { name: 'kuzet', version: '0.1.0' };
    const rows = [{ caseId, referral: { ...referral, caseId } }];
    const { id } = await batchStore(db).take({
      org: 'EXAMPLE',
      channel: 'operator_block',
      software,
      rows,
      now,
    });
    await tools.handovers.deliveries();
    const handovers = handoverStore(db);
    await handovers.ask(id, 'dana', now);
    await handovers.giveUp(id, 'no such folder', now);
    status = 503;
    expect(await tellRound(tools)).toEqual({ sent: 0, failed: 1 });
    expect(await tellRound(tools)).toEqual({ sent: 0, failed: 0 });
    minutes(1);
    status = 200;
    expect(await tellRound(tools)).toEqual({ sent: 1, failed: 0 });
    expect(got[0]!.headers['webhook-id']).toBe(got[1]!.headers['webhook-id']);
    expect(told()[1]).toMatchObject({ type: 'batch_failed', data: { batch: id } });
  });

  test('are told of a channel of which no batch can be made, when that fails a third time', async () => {
    const slot = new Date('2026-11-24T05:00:00.000Z');
    const failure = { slot, channel: 'operator_block', lastError: 'no such row' } as const;
    const handovers = handoverStore(db);
    const fail = () => handovers.noteUnbuilt(failure, now);
    await fail();
    await fail();
    expect(await tellRound(tools)).toEqual({ sent: 0, failed: 0 });
    await fail();
    await tellRound(tools);
    await fail();
    await tellRound(tools);
    expect(told()).toMatchObject([{ type: 'batch_unbuilt', data: { channel: 'operator_block' } }]);
    const said: string[] = [];
    for (const lang of ['ru', 'kk', 'en'] as const) {
      const send: Messenger['send'] = async (_message, { subject }) => void said.push(subject);
      const messengers = [{ name: `letters in ${lang}`, send }];
      await tellRound({ ...tools, lang, messengers });
    }
    expect(said.filter((line) => /план|жоспар|plan/.test(line))).toEqual([
      'Күзет: партия по плану не собирается, канал «Операторам связи», нужен человек',
      'Күзет: жоспар бойынша топтама жиналмайды, арна: «Байланыс операторларына», адам керек',
      'Kuzet: no batch of the plan can be made for “Network operators”, somebody has to look',
    ]);
    await handovers.clearUnbuilt('operator_block');
  });

  test('read the names of channels that the desk gives them', async () => {
    for (const [lang, names] of Object.entries(CHANNEL_NAMES)) {
      const words = await readFile(new URL(`../../desk/web/words/${lang}.json`, import.meta.url), 'utf8');
      const atDesk = Object.entries(JSON.parse(words) as Record<string, string>)
        .filter(([key]) => key.startsWith('channel.'))
        .map(([key, name]) => [key.slice('channel.'.length), name]);
      expect(names).toEqual(Object.fromEntries(atDesk));
    }
  });

  test('are given up on after ten tries', async () => {
    await appealStore(db).send(
      {
        url: referral.url,
        words: 'Мы магазин.',
        contact: '',
        lang: 'ru',
        subject: { kind: 'site', key: 'b.test' },
      },
      now,
    );
    status = 500;
    for (let tries = 1; tries <= 10; tries += 1) {
      expect((await tellRound(tools)).failed).toBe(1);
      minutes(2 ** tries);
    }
    expect(await tellRound(tools)).toEqual({ sent: 0, failed: 0 });
  });
});

const library: string = 'nodemailer';
const hasMail = await import(library).then(
  () => true,
  () => false,
);

describe.skipIf(!hasMail)(hasMail ? 'mail' : '(skipped: nodemailer is not installed, run npm ci)', () => {
  let server: Server;
  const lines: string[] = [];

  /** As much of SMTP (RFC 5321) as a sender needs. */
  beforeAll(async () => {
    server = createTcp((socket) => {
      let inLetter = false;
      socket.write('220 mail.test ESMTP\r\n');
      socket.on('data', (bytes) => {
        for (const line of bytes.toString().split('\r\n').slice(0, -1)) {
          lines.push(line);
          if (inLetter && line !== '.') continue;
          if (line === 'DATA') socket.write('354 go on\r\n');
          else if (line === 'QUIT') socket.end('221 bye\r\n');
          else socket.write(line.startsWith('EHLO') ? '250 mail.test\r\n' : '250 ok\r\n');
          inLetter = line === 'DATA';
        }
      });
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
  });

  test('goes to every officer, in their language, with the way to the desk', async () => {
    const url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const messenger = mail(url, 'kuzet@example.com', ['a@example.com', 'b@example.com']);
    const message = {
      id: 5,
      key: 'k',
      via: 'mail',
      at: new Date(),
      kind: 'appeal',
      facts: {},
      tries: 0,
    } as const;
    await messenger.send(message, { subject: 'Appeal', body: 'https://kuzet.test/appeals\n' });
    expect(lines.filter((line) => line.startsWith('RCPT'))).toHaveLength(2);
    expect(lines).toContain('Message-ID: <kuzet-5@example.com>');
    expect(lines).toContain('https://kuzet.test/appeals');
  });
});
