import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  edge,
  lateEvent,
  PASSAGE_EVENTS,
  PASSAGE_STATES,
  type PassageEvent,
  type PassageEventKind,
  PassageRefusedError,
  type PassageState,
  pass,
  replay,
  startPassage,
} from '../../domain/passage.ts';

const at = new Date('2026-05-04T06:00:00Z');
const event = (kind: PassageEventKind, by = 'kuzet', facts: Record<string, unknown> = {}): PassageEvent => ({
  at,
  by,
  kind,
  facts,
});
const start = startPassage('K-000007', ['aigerim', 'bolat']);
const walk = (...events: PassageEvent[]) => events.reduce(pass, start);

describe('the passage of a referral', () => {
  test('goes from the batch to the block', () => {
    const it = walk(
      event('handed_over', 'aigerim'),
      event('acknowledged'),
      event('prescription'),
      event('restricted'),
    );
    expect([it.state, it.events.length]).toEqual(['restricted', 4]);
  });

  test('is handed over again when it was lost or returned, or withdrawn then', () => {
    const lost = walk(event('handed_over', 'aigerim'), event('lost'), event('handed_over', 'aigerim'));
    expect(lost.state).toBe('handed_over');
    const returned = pass(lost, event('returned'));
    const next = PASSAGE_EVENTS.map((kind) => edge(returned.state, kind)).filter((state) => state !== null);
    expect(next).toEqual(['handed_over', 'withdrawn']);
  });

  test('is judged on appeal by an officer who did not decide it, in words', () => {
    const appealed = walk(event('handed_over', 'aigerim'), event('appealed'));
    const code = (by: string, facts: Record<string, unknown> = { reason: 'страница не та' }) => {
      try {
        return pass(appealed, event('overturned', by, facts)).state;
      } catch (error) {
        return (error as PassageRefusedError).facts.code;
      }
    };
    expect([code('AIGERIM '), code('bolat'), code('kuzet'), code('dana', {}), code('dana')]).toEqual([
      'same_officer',
      'same_officer',
      'no_officer',
      'no_reason',
      'overturned',
    ]);
  });

  test('is withdrawn only before it left', () => {
    expect(walk(event('withdrawn', 'dana')).state).toBe('withdrawn');
    expect(() => walk(event('handed_over', 'dana'), event('withdrawn', 'dana'))).toThrow('does not follow');
  });

  test('is late after 2 hours, 24 hours, 7 days', () => {
    const hours = (n: number) => new Date(at.getTime() + n * 3_600_000);
    const handed = walk(event('handed_over', 'aigerim'));
    expect([lateEvent(handed, hours(167)), lateEvent(handed, hours(169))]).toEqual([null, 'lost']);
    const ordered = pass(pass(handed, event('acknowledged')), event('prescription'));
    expect([lateEvent(ordered, hours(2)), lateEvent(ordered, hours(3))]).toEqual([null, 'overdue']);
    const told = pass(pass(handed, event('acknowledged')), event('platform_notified'));
    expect([lateEvent(told, hours(24)), lateEvent(told, hours(25))]).toEqual([null, 'no_answer']);
    expect(lateEvent(start, hours(1000))).toBeNull();
  });

  test('takes an event exactly where the table has its edge, over all pairs', () => {
    for (const state of PASSAGE_STATES) {
      for (const kind of PASSAGE_EVENTS) {
        const it = { ...start, state };
        const to = edge(state, kind);
        const act = () => pass(it, event(kind, 'dana', { reason: 'слова' }));
        if (to === null) expect(act).toThrow(PassageRefusedError);
        else expect(act().state).toBe(to);
      }
    }
  });

  test('reaches every state, and leaves none but the ended ones without a way on', () => {
    const reached = new Set<PassageState>(['batched']);
    for (const state of reached) {
      for (const kind of PASSAGE_EVENTS) {
        const to = edge(state, kind);
        if (to !== null) reached.add(to);
      }
    }
    expect([...reached].sort()).toEqual([...PASSAGE_STATES].sort());
    const ended = PASSAGE_STATES.filter((state) =>
      PASSAGE_EVENTS.every((kind) => edge(state, kind) === null),
    );
    expect(ended.sort()).toEqual(['declined', 'resumed', 'withdrawn']);
  });

  test('never takes a forbidden step in 10,000 random walks, and its log replays to the same state', () => {
    const step = fc.record({
      kind: fc.constantFrom(...PASSAGE_EVENTS),
      by: fc.constantFrom('kuzet', 'aigerim', 'Bolat ', 'dana', ''),
      reason: fc.constantFrom('', 'слова'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        let it = start;
        for (const { kind, by, reason } of steps) {
          const before = it;
          const to = edge(it.state, kind);
          try {
            it = pass(it, event(kind, by, { reason }));
          } catch (error) {
            if (!(error instanceof PassageRefusedError)) throw error;
            continue;
          }
          expect(it.state).toBe(to);
          expect(it.events).toHaveLength(before.events.length + 1);
          if (['handed_over', 'withdrawn', 'upheld', 'overturned', 'escalated'].includes(kind)) {
            expect(['aigerim', 'bolat', 'dana']).toContain(it.events.at(-1)!.by);
          }
          if (kind === 'upheld' || kind === 'overturned') expect(it.events.at(-1)!.by).toBe('dana');
        }
        expect(replay('K-000007', ['aigerim', 'bolat'], it.events)).toEqual(it);
      }),
      { numRuns: 10_000 },
    );
  });
});
