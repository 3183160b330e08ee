import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OverrideRefusedError } from '../../domain/override.ts';
import { buildBatch, type ReferNews } from '../../queues/refer.ts';
import { askOverride, type WeighTools, weighedFindings } from '../../queues/weigh.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { NoSuchOverrideError, overrideStore } from '../../store/overrides.ts';
import { approvedCase } from './approved.ts';
import { referTools } from './refer-tools.ts';

describe('letting a soft rule go', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-weigh-'));
  let now = new Date('2026-11-22T10:00:00.000Z');
  let db: Database;
  let tools: Awaited<ReturnType<typeof referTools>> & WeighTools;
  let id: string;

  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    const clock = { now: () => now, sleep: async () => undefined };
    tools = {
      ...(await referTools(db, folder, clock)),
      cases: caseStore(db),
      overrides: overrideStore(db),
    };
    // In a language and a currency of elsewhere: OB11 asks why it is ours.
    id = await approvedCase(1, { db, evidence: tools.evidence, now, text: 'Earn 3% a day, forever.' });
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const build = async () => {
    const news: ReferNews[] = [];
    for await (const event of buildBatch({ channel: 'operator_block', quarantine: true, limit: 10 }, tools))
      news.push(event);
    return news;
  };
  const ask = (over: Partial<Parameters<typeof askOverride>[0]> = {}) =>
    askOverride({ id, rule: 'ob11', by: 'a', why: 'Реклама шла в группах Алматы.', ...over }, tools);

  test('begins with what the rules find, and nothing leaves before', async () => {
    expect(await weighedFindings(id, tools)).toMatchObject([
      { rule: 'OB11', kind: 'soft', about: { key: 'OB11.no_tie' }, override: null, isLetGo: false },
    ]);
    expect(await build()).toMatchObject([
      { event: 'refused', caseId: id, rule: 'OB11', isSoft: true },
      { event: 'nothing' },
    ]);
  });

  test('is refused for a rule that finds nothing, without words, and to whoever asked before', async () => {
    await expect(ask({ rule: 'OB5' })).rejects.toMatchObject({ facts: { code: 'no_finding' } });
    await expect(ask({ why: '' })).rejects.toMatchObject({ facts: { code: 'no_reason' } });
    await expect(
      tools.overrides.answer(id, 'OB11', { is: 'confirmed', by: 'b', words: '' }, now),
    ).rejects.toThrow(NoSuchOverrideError);
    expect(await ask()).toMatchObject([{ n: 1, rule: 'OB11', by: 'a', answer: null }]);
    await expect(ask({ by: 'b' })).rejects.toMatchObject({ facts: { code: 'waits' } });
    expect((await build())[0]).toMatchObject({ event: 'refused', rule: 'OB11' });
  });

  test('takes another officer, who may say no', async () => {
    const own = { is: 'confirmed', by: 'A', words: '' } as const;
    await expect(tools.overrides.answer(id, 'OB11', own, now)).rejects.toThrow(OverrideRefusedError);
    expect(await tools.overrides.waiting(10)).toMatchObject([{ caseId: id, n: 1 }]);
    await tools.overrides.answer(id, 'OB11', { is: 'refused', by: 'b', words: 'Где видно?' }, now);
    expect((await build())[0]).toMatchObject({ event: 'refused', rule: 'OB11' });
    now = new Date(now.getTime() + 60_000);
    await ask({ by: 'b', why: 'На снимке номер +7 700 и тенге.' });
    await tools.overrides.answer(id, 'OB11', { is: 'confirmed', by: 'a', words: '' }, now);
    expect(await tools.overrides.waiting(10)).toEqual([]);
    const [found] = await weighedFindings(id, tools);
    expect(found).toMatchObject({ rule: 'OB11', isLetGo: true, override: { about: found!.about } });
    expect(await tools.overrides.of(id)).toMatchObject([{ about: found!.about }, { about: found!.about }]);
  });

  test('stands in the record that leaves, and in the ledger', async () => {
    const built = (await build()).find((event) => event.event === 'built');
    const { referrals } = await tools.batches.get(built?.event === 'built' ? built.batch : '');
    expect(referrals[0]?.decision.overrides).toEqual([
      {
        rule: 'OB11',
        finding: expect.stringContaining('shows no tie to Kazakhstan'),
        why: 'На снимке номер +7 700 и тенге.',
        officerId: 'b',
        askedAt: '2026-11-22T10:01:00.000Z',
        secondOfficerId: 'a',
        confirmedAt: '2026-11-22T10:01:00.000Z',
      },
    ]);
    const told = (await ledgerStore(db).list(0, 1000)).filter(({ kind }) => kind === 'override');
    expect(told.map(({ subject }) => subject)).toEqual([`${id}/1`, `${id}/1`, `${id}/2`, `${id}/2`]);
    await expect(ask()).rejects.toMatchObject({ facts: { code: 'wrong_state' } });
    await expect(db.query('update override_asked set why = $1', ['x'])).rejects.toThrow('only ever added');
  });

  test('cannot be asked for a hard rule', async () => {
    const bank = await approvedCase(2, { db, evidence: tools.evidence, now, host: 'bank.edu.kz' });
    const found = await weighedFindings(bank, tools);
    expect(found.every(({ kind }) => kind === 'hard')).toBe(true);
    await expect(ask({ id: bank, rule: found[0]!.rule })).rejects.toMatchObject({
      facts: { code: 'hard_rule' },
    });
  });
});
