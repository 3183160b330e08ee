import { describe, expect, test } from 'vitest';
import { mainScreenshot } from '../../exports/kibernadzor/batch.ts';
import { feedOf } from '../../queues/feed.ts';
import { batchOrder } from '../exports/samples.ts';

const { referrals, blobs } = batchOrder(3);
const told: string[] = [];
const tools = {
  passages: { all: async () => referrals.map((referral) => ({ referral, state: 'restricted' as const })) },
  captures: { get: async () => null },
  evidence: {
    read: async (name: string) => {
      told.push(`read ${referrals.findIndex((it) => mainScreenshot(it) === name) + 1}`);
      return Buffer.from(blobs.get(name)!);
    },
  },
  clock: { now: () => new Date('2026-11-23T10:00:00.000Z') },
};
const xarf = { format: 'xarf', org: 'EXAMPLE', contact: 'kuzet@example.test' } as const;

describe('a feed with pictures', () => {
  test('holds one picture at a time, and writes each with its report', async () => {
    const lines: string[] = [];
    for await (const bytes of feedOf(xarf, tools)) {
      if (bytes.byteLength === 0) continue;
      lines.push(bytes.toString('utf8'));
      told.push(`written ${lines.length}`);
    }
    expect(told).toEqual(['read 1', 'written 1', 'read 2', 'written 2', 'read 3', 'written 3']);
    const reports = lines.map((line) => JSON.parse(line) as { report_id: string; evidence: unknown[] });
    expect(reports.map(({ report_id, evidence }) => [report_id, evidence.length])).toEqual(
      referrals.map(({ referralId }) => [referralId, 1]),
    );
  });

  test('reads none for a sender who cannot be reached', async () => {
    told.length = 0;
    const ask = async () => {
      for await (const bytes of feedOf({ ...xarf, contact: '' }, tools)) told.push(bytes.toString());
    };
    await expect(ask()).rejects.toThrow('no e-mail address');
    expect(told).toEqual([]);
  });
});
