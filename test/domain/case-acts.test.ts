import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  approve,
  type Case,
  CaseRefusedError,
  decide,
  isSameOfficer,
  sightAgain,
} from '../../domain/case.ts';
import {
  disagree,
  escalate,
  type LastAct,
  lookBlind,
  reverse,
  undo,
  wake,
  watch,
} from '../../domain/case-acts.ts';

const at = new Date('2026-05-04T06:00:00Z');
const moment = (seconds: number) => new Date(at.getTime() + seconds * 1000);

const open: Case = {
  id: 'K-000007',
  subject: { kind: 'site', key: 'bestyield.test' },
  label: 'pyramid',
  score: 0.97,
  revision: 1,
  state: { is: 'open' },
  seen: { label: 'pyramid', signals: ['yield.daily_percent'], sketch: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  reasons: [],
  openedAt: at,
  updatedAt: at,
};
const confirm = { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: '2 % в день' } as const;
const confirmed = decide(open, confirm, at);
const said = (by: string) => ({ by, reason: 'Не вижу обещаний.' });

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (cause) {
    if (cause instanceof CaseRefusedError) return cause.facts.code;
    throw cause;
  }
  return 'allowed';
}

describe('a case that was handed up', () => {
  test('is decided by a senior alone', () => {
    const up = escalate(open, said('aigerim'), at);
    expect(up.state).toMatchObject({ is: 'open', escalated: { by: 'aigerim', between: [] } });
    expect(codeOf(() => decide(up, { ...confirm, by: 'daniyar' }, at))).toBe('needs_senior');
    expect(decide(up, { ...confirm, by: 'daniyar', isSenior: true }, at).state.is).toBe('confirmed');
    expect(codeOf(() => escalate(up, said('daniyar'), at))).toBe('wrong_state');
  });

  test('after a disagreement is decided by a senior who is neither of the two', () => {
    const apart = disagree(confirmed, said('daniyar'), at);
    expect(apart.state).toMatchObject({ is: 'open', escalated: { between: ['aigerim', 'daniyar'] } });
    for (const by of ['aigerim', 'Daniyar ']) {
      expect(codeOf(() => decide(apart, { ...confirm, by, isSenior: true }, at))).toBe('same_officer');
    }
    expect(decide(apart, { ...confirm, by: 'saule', isSenior: true }, at).state.is).toBe('confirmed');
  });

  test('is not disputed by the officer who decided it, nor before anybody decided', () => {
    expect(codeOf(() => disagree(confirmed, said('AIGERIM'), at))).toBe('same_officer');
    expect(codeOf(() => disagree(open, said('daniyar'), at))).toBe('wrong_state');
  });
});

describe('a second look without the first decision', () => {
  const look = { ...confirm, by: 'daniyar' } as const;

  test('approves when it comes to the same, and disagrees when it does not', () => {
    expect(lookBlind(confirmed, look, at).state.is).toBe('approved');
    expect(lookBlind(confirmed, { ...look, ground: 'KZ-CC-190' }, at).state).toMatchObject({ is: 'open' });
    const no = lookBlind(confirmed, { verdict: 'dismiss', by: 'daniyar', reason: 'Школьный проект.' }, at);
    expect(no.state).toMatchObject({ escalated: { between: ['aigerim', 'daniyar'] } });
  });

  test('is another officer’s, with a ground that fits', () => {
    expect(codeOf(() => lookBlind(confirmed, { ...look, by: 'aigerim' }, at))).toBe('same_officer');
    expect(codeOf(() => lookBlind(confirmed, { ...look, ground: 'KZ-CC-999' }, at))).toBe('wrong_ground');
  });
});

describe('a watched case', () => {
  const watched = watch(open, { ...said('aigerim'), days: 7 }, at);

  test('sleeps until its day', () => {
    expect(wake(watched, moment(7 * 86_400 - 1))).toBe(null);
    expect(wake(watched, moment(7 * 86_400))?.state).toEqual({ is: 'open' });
    expect(wake(open, moment(1))).toBe(null);
  });

  test('wakes when it shows something new, and not when it shows the same', () => {
    const same = { label: open.label, score: 0.99, seen: open.seen, reasons: [] };
    expect(sightAgain(watched, same, moment(60)).state).toHaveProperty('watched');
    const other = { ...same, seen: { ...open.seen, signals: ['yield.daily_percent', 'referral.levels'] } };
    expect(sightAgain(watched, other, moment(60)).state).toEqual({ is: 'open' });
  });

  test('may still be decided at once, and is put off for 1 to 90 days', () => {
    expect(decide(watched, confirm, moment(60)).state.is).toBe('confirmed');
    for (const days of [0, 91, 1.5, Number.NaN]) {
      expect(codeOf(() => watch(open, { ...said('a b'), days }, at))).toBe('bad_days');
    }
  });
});

describe('a decision', () => {
  test('is taken back with words until it has left', () => {
    const approved = approve(confirmed, 'daniyar', at);
    for (const it of [confirmed, approved])
      expect(reverse(it, said('saule'), at).state).toEqual({ is: 'open' });
    expect(codeOf(() => reverse(open, said('saule'), at))).toBe('wrong_state');
    expect(codeOf(() => reverse(confirmed, { by: 'saule', reason: ' ' }, at))).toBe('no_reason');
    const gone: Case = {
      ...approved,
      state: { ...(approved.state as object), is: 'referred', batch: 'B' } as never,
    };
    expect(codeOf(() => reverse(gone, said('saule'), at))).toBe('wrong_state');
  });

  test('is undone within 10 seconds by whoever took it, and by nobody else', () => {
    const last: LastAct = { by: 'aigerim', at, revision: 2, before: { is: 'open' } };
    expect(undo(confirmed, last, ' Aigerim', moment(10))).toMatchObject({
      state: { is: 'open' },
      revision: 3,
    });
    expect(codeOf(() => undo(confirmed, last, 'aigerim', moment(10.001)))).toBe('too_late');
    expect(codeOf(() => undo(confirmed, last, 'daniyar', moment(1)))).toBe('not_yours');
    expect(codeOf(() => undo(confirmed, { ...last, revision: 1 }, 'aigerim', moment(1)))).toBe(
      'not_undoable',
    );
    expect(codeOf(() => undo(confirmed, { ...last, before: null }, 'aigerim', moment(1)))).toBe(
      'not_undoable',
    );
  });
});

describe('whatever officers do', () => {
  const officers = ['aigerim', 'Aigerim', 'daniyar', 'dаniyar', 'saule'] as const;
  const acts = fc.record({
    by: fc.constantFrom(...officers),
    what: fc.constantFrom(
      'confirm',
      'dismiss',
      'approve',
      'escalate',
      'watch',
      'disagree',
      'look',
      'reverse',
      'undo',
    ),
    seconds: fc.integer({ min: 0, max: 20 }),
    isSenior: fc.boolean(),
  });

  /** The case with its record, as `store/cases.ts` keeps them. */
  interface Kept {
    it: Case;
    log: LastAct[];
    now: Date;
  }

  function act(
    kept: Kept,
    { by, what, seconds, isSenior }: typeof acts extends fc.Arbitrary<infer T> ? T : never,
  ): boolean {
    const { it } = kept;
    kept.now = new Date(kept.now.getTime() + seconds * 1000);
    const { now } = kept;
    const reason = 'Так видно.';
    const last = kept.log.at(-1) ?? { by: '', at, revision: 0, before: null };
    const rules: Record<string, () => Case> = {
      confirm: () => decide(it, { verdict: 'confirm', by, ground: 'KZ-CC-217', reason, isSenior }, now),
      dismiss: () => decide(it, { verdict: 'dismiss', by, reason, isSenior }, now),
      approve: () => approve(it, by, now),
      escalate: () => escalate(it, { by, reason }, now),
      watch: () => watch(it, { by, reason, days: 3 }, now),
      disagree: () => disagree(it, { by, reason }, now),
      look: () => lookBlind(it, { verdict: 'confirm', by, ground: 'KZ-CC-217', reason }, now),
      reverse: () => reverse(it, { by, reason }, now),
      undo: () => undo(it, last, by, now),
    };
    try {
      kept.it = rules[what]!();
    } catch (error) {
      if (error instanceof CaseRefusedError) return false;
      throw error;
    }
    const before = what === 'undo' ? null : it.state;
    kept.log.push({ by: by.toLowerCase(), at: now, revision: kept.it.revision, before });
    return true;
  }

  test('no case is approved by one person alone, in 10,000 stories', () => {
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 25 }), (story) => {
        const kept: Kept = { it: open, log: [], now: at };
        for (const each of story) {
          act(kept, each);
          if (kept.it.state.is === 'approved') {
            expect(isSameOfficer(kept.it.state.by, kept.it.state.approvedBy)).toBe(false);
          }
        }
      }),
      { numRuns: 10_000 },
    );
  });

  test('an act and its undo leave the case as it was, and both in the record', () => {
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 12 }), acts, (story, one) => {
        const kept: Kept = { it: open, log: [], now: at };
        for (const each of story) act(kept, each);
        const before = kept.it;
        const length = kept.log.length;
        fc.pre(one.what !== 'undo' && act(kept, one));
        expect(act(kept, { ...one, what: 'undo', seconds: 3 })).toBe(true);
        expect({ ...kept.it, revision: 0, updatedAt: at }).toEqual({ ...before, revision: 0, updatedAt: at });
        expect(kept.it.revision).toBe(before.revision + 2);
        expect(kept.log.length).toBe(length + 2);
      }),
      { numRuns: 3_000 },
    );
  });
});
