import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { afterTry, alertLevel, signWebhook, writtenSecret } from '../../domain/webhook.ts';

describe('a signature', () => {
  test('is what the reference library of Standard Webhooks makes and takes, under each valid secret', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        fc.string({ unit: 'binary' }),
        (one, other, text) => {
          const body = JSON.stringify({ text });
          const sentAt = new Date();
          const secrets = [writtenSecret(one), writtenSecret(other)];
          const headers = signWebhook('msg_1', sentAt, body, secrets);
          for (const secret of secrets) {
            const receiver = new Webhook(secret);
            expect(headers['webhook-signature'].split(' ')).toContain(receiver.sign('msg_1', sentAt, body));
            expect(receiver.verify(body, { ...headers })).toEqual({ text });
          }
          expect(() => new Webhook(secrets[0]!).verify(`${body} `, { ...headers })).toThrow();
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('after a try', () => {
  test('a message that did not arrive waits longer and longer, for days, and is given up at last', () => {
    const waits = Array.from({ length: 10 }, (_, at) => afterTry(at + 1, 500, null, 0.5));
    expect(waits.slice(0, 9).map((it) => it.is === 'again' && Math.round(it.afterSeconds))).toEqual([
      5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(waits[9]).toEqual({ is: 'given_up' });
  });

  test('a receiver is believed that asks for patience, says it wants no more, or took it', () => {
    expect(afterTry(1, 429, 900, 0)).toEqual({ is: 'again', afterSeconds: 900 });
    expect(afterTry(1, 410, null, 0)).toEqual({ is: 'unwanted' });
    expect(afterTry(10, 204, null, 0)).toEqual({ is: 'delivered' });
  });

  test('a redirect is no arrival', () => {
    expect(afterTry(1, 302, null, 0.5)).toMatchObject({ is: 'again' });
  });
});

test('a ring is told of at 2, 5, 10, 20, 50, 100 … members', () => {
  const members = [0, 1, 2, 4, 5, 9, 10, 19, 20, 49, 50, 99, 100, 250, 1_000];
  expect(members.map(alertLevel)).toEqual([0, 0, 2, 2, 5, 5, 10, 10, 20, 20, 50, 50, 100, 200, 1_000]);
});
