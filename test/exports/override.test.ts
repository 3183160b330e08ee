import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../domain/assessment.ts';
import { isSameOfficer } from '../../domain/case.ts';
import type { Override, OverrideVerdict } from '../../domain/override.ts';
import { referralFaults } from '../../exports/kibernadzor/batch.ts';
import { findingsOfCase, type ReferralOrder, toReferral } from '../../exports/kibernadzor/referral.ts';
import { approved, captured, order, overrideOf, referral } from './samples.ts';

/** Mostly the first one, so that some cases do leave. */
const mostly = <T>(good: T, ...others: readonly T[]) =>
  fc.constantFrom<T>(...Array.from({ length: 8 }, () => good), ...others);

/** Sites in which soft rules find this and that; some of them nothing, some a hard rule too. */
const sites = fc.record({
  host: mostly('altyn.test', 'kaspi-bonus.weebly.com', 'kaspi-homework.github.io', 'halykbank.kz'),
  text: mostly('Кіріс 50 000 ₸', 'Earn 3% a day', 'Scam alert: 50 000 ₸', 'Пародия на пирамиду'),
  verdicts: fc.array(mostly<Verdict>('flag', 'clear', 'abstain'), { maxLength: 4 }),
  secondsToDecide: mostly(60, 0, 5),
  approvedThatDay: mostly(1, 150, 151),
});

function orderOf(site: typeof sites extends fc.Arbitrary<infer S> ? S : never): ReferralOrder {
  const { page, blobs } = captured(1, `https://${site.host}/kirisu`);
  const others = site.verdicts.map(
    (verdict, at) =>
      captured(at + 2, `https://${site.host}/${at === 0 ? '' : at}`, { assessment: { verdict } }).page,
  );
  const at = new Date('2026-11-22T09:00:00.000Z');
  return {
    case: approved(1, site.host, { openedAt: new Date(at.getTime() - site.secondsToDecide * 1000) }),
    pages: [{ ...page, page: { ...page.page, title: '', text: site.text } }],
    alsoSeen: others,
    channel: 'operator_block',
    blobs,
    approvedThatDay: site.approvedThatDay,
  };
}

describe('soft rules', () => {
  test('let no case into a batch without an override by two officers for each finding', () => {
    const twists = fc.array(
      fc.record({
        isAsked: mostly(true, false),
        officers: mostly(['aigerim', 'bolat'], ['aigerim', 'aigerim'], ['bolat', 'Bolat '], ['bolat', '']),
        is: mostly<OverrideVerdict | 'waits'>('confirmed', 'refused', 'waits'),
        said: mostly('as found', 'kept in another order', 'another value', 'another sentence', 'words alone'),
        areWordsKept: fc.boolean(),
        decision: mostly(9, 8),
      }),
      { minLength: 8, maxLength: 8 },
    );
    let left = 0;
    fc.assert(
      fc.property(sites, twists, (site, given) => {
        const asked = orderOf(site);
        const soft = findingsOfCase(asked).filter(({ kind }) => kind === 'soft');
        const overrides = soft.flatMap((found, at): Override[] => {
          const twist = given[at % given.length]!;
          const [by = '', second = ''] = twist.officers;
          const answer = { at: new Date('2026-11-22T09:30:00.000Z'), by: second, words: '' };
          const { key, facts } = found.about;
          const ways: Readonly<Record<string, Override['about']>> = {
            'as found': found.about,
            'kept in another order': { key, facts: Object.fromEntries(Object.entries(facts).reverse()) },
            'another value': { key, facts: { ...facts, [Object.keys(facts)[0]!]: 'another' } },
            'another sentence': { key: `${key}_too`, facts },
            'words alone': null,
          };
          const about = ways[twist.said] ?? null;
          // A finding's English words are no more what binds, once there is something else.
          const finding = about === null || twist.areWordsKept ? found.why : 'in other words';
          const decidedAt = new Date(Date.UTC(2026, 10, 22, twist.decision));
          const said = twist.is === 'waits' ? null : { ...answer, is: twist.is };
          return twist.isAsked ? [overrideOf(found, { finding, about, by, decidedAt, answer: said })] : [];
        });
        const outcome = toReferral({ ...asked, overrides });
        const isAnyAnother = overrides.some(
          ({ about }) => about !== null && /another|_too/.test(JSON.stringify(about)),
        );
        if (isAnyAnother) expect(outcome.is).toBe('refused');
        if (outcome.is === 'refused') return;
        left += 1;
        const { overrides: kept } = outcome.referral.decision;
        expect(kept.map(({ rule, finding }) => `${rule} ${finding}`)).toEqual(
          soft.map(({ rule, why }) => `${rule} ${why}`),
        );
        for (const { officerId, secondOfficerId, why } of kept) {
          expect(isSameOfficer(officerId, secondOfficerId)).toBe(false);
          expect(why.trim()).not.toBe('');
        }
        expect(referralFaults(outcome.referral, 'operator_block')).toEqual([]);
      }),
      { numRuns: 200 },
    );
    // The law would hold of nothing at all.
    expect(left).toBeGreaterThan(0);
  });

  test('hold a site on a builder in whoever’s batch, when its record has no override', () => {
    const url = 'https://kaspi-bonus.weebly.com/login';
    const asked = order(1, url, 'kaspi-bonus.weebly.com');
    const [finding] = findingsOfCase(asked);
    const letGo = referral({ ...asked, overrides: [overrideOf(finding!)] });
    expect(referralFaults(letGo, 'operator_block')).toEqual([]);
    const bare = { ...letGo, decision: { ...letGo.decision, overrides: [] } };
    const told = (it: typeof letGo) => referralFaults(it, 'operator_block').map(({ why }) => why);
    expect(told(bare)).toEqual([expect.stringMatching(/^OB2: .*two officers/)]);
    const own = letGo.decision.overrides.map((each) => ({ ...each, secondOfficerId: 'Aigerim' }));
    expect(told({ ...letGo, decision: { ...letGo.decision, overrides: own } })).toEqual([
      'the override of OB2 lacks a second officer',
    ]);
  });
});
