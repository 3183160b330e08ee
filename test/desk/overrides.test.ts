import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import type { FoundByRule } from '../../desk/tools.ts';
import type { CaseId } from '../../domain/case.ts';
import type { Override } from '../../domain/override.ts';
import { loggedIn, refusal } from './client.ts';
import { hire, openHouse } from './house.ts';

const WHY = 'Реклама шла в группах Алматы.';
const FOUND = {
  rule: 'OB11',
  why: 'https://altyn.test/ shows no tie to Kazakhstan',
  about: { key: 'OB11.no_tie', facts: { url: 'https://altyn.test/' } },
};

describe('letting a soft rule go at the desk', () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let desk: Desk;
  let id: CaseId;

  beforeAll(async () => {
    house = await openHouse();
    const { cases, overrides } = house.stores;
    desk = await house.open({
      actions: {
        // What the rules find is the river's to say; who may ask and answer is the desk's.
        findings: async (of): Promise<FoundByRule[]> => {
          const isOfFound = ({ about }: Override) => about?.facts['url'] === FOUND.about.facts.url;
          const override = (await overrides.of(of)).find(isOfFound) ?? null;
          const isLetGo = override?.answer?.is === 'confirmed';
          return [{ ...FOUND, kind: 'soft', override, isLetGo }];
        },
        askOverride: async ({ id: caseId, by, why }) => [
          await overrides.ask({ by, why, caseId, found: FOUND }, house.clock.now()),
        ],
      },
    });
    for (const login of ['aigerim', 'bolat']) await hire(house, login, 'officer');
    await hire(house, 'viewer', 'viewer');
    const seen = { label: 'pyramid' as const, signals: [], sketch: [] };
    const sighting = { label: 'pyramid' as const, score: 0.9, seen, reasons: [] };
    ({ id } = await cases.sight({ kind: 'site', key: 'altyn.test' }, sighting, [], house.clock.now()));
    const act = { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
    await cases.decide(id, act, house.clock.now());
  });
  afterAll(() => house.close());

  test('takes two officers, and nobody’s name is sent', async () => {
    const [aigerim, bolat, viewer] = await Promise.all(
      ['aigerim', 'bolat', 'viewer'].map((login) => loggedIn(desk, login)),
    );
    const ask = `/api/cases/${id}/overrides`;
    const answer = `${ask}/OB11/answer`;
    expect(await refusal(await viewer!.json('POST', ask, { rule: 'OB11', why: WHY }))).toBe(
      '403 not_allowed',
    );
    expect(await refusal(await aigerim!.json('POST', ask, { rule: 'OB11', why: 'да' }))).toBe(
      '409 no_reason',
    );
    const asked = await aigerim!.json('POST', ask, { rule: 'OB11', why: WHY, by: 'bolat' });
    expect([asked.status, await asked.json()]).toMatchObject([
      201,
      { overrides: [{ by: 'aigerim', why: WHY }] },
    ]);
    const waiting = (await (await bolat!.get('/api/overrides')).json()) as { overrides: unknown[] };
    expect(waiting.overrides).toHaveLength(1);
    const yes = { verdict: 'confirmed', asked: [1] };
    expect(await refusal(await aigerim!.json('POST', answer, yes))).toBe('409 same_officer');
    // Asked in the meantime, of another finding: a word about what was read is none about this.
    const later = { ...FOUND, about: { ...FOUND.about, facts: { url: 'https://altyn.test/new' } } };
    await house.stores.overrides.ask(
      { by: 'aigerim', why: WHY, caseId: id, found: later },
      house.clock.now(),
    );
    const unread = { ...yes, asked: [1, 7] };
    expect(await refusal(await bolat!.json('POST', answer, unread))).toBe('404 not_found');
    expect(await refusal(await bolat!.json('POST', answer, { verdict: 'confirmed' }))).toBe(
      '400 bad_request',
    );
    const answered = await bolat!.json('POST', answer, yes);
    expect(await answered.json()).toMatchObject({
      overrides: [{ answer: { is: 'confirmed', by: 'bolat' } }],
    });
    expect((await house.stores.overrides.of(id)).map((it) => it.answer?.is ?? null)).toEqual([
      'confirmed',
      null,
    ]);
    expect(await refusal(await bolat!.json('POST', answer, yes))).toBe('404 not_found');
    const found = await viewer!.get(`/api/cases/${id}/findings`);
    expect(await found.json()).toMatchObject({ findings: [{ rule: 'OB11', kind: 'soft', isLetGo: true }] });
  });

  test('says what a rule finds in the language asked for, and what it is apart from any', async () => {
    const viewer = await loggedIn(desk, 'viewer');
    const inLang = async (lang: string) => {
      const answer = await viewer.get(`/api/cases/${id}/findings`, { 'accept-language': lang });
      const { findings } = (await answer.json()) as {
        findings: { why: string; about: unknown; override: { finding: string } }[];
      };
      expect(findings[0]!.about).toEqual(FOUND.about);
      expect(findings[0]!.override.finding).toBe(findings[0]!.why);
      return findings[0]!.why.split(' (')[0];
    };
    expect(await inLang('ru-KZ')).toBe('https://altyn.test/ не показывает связи с Казахстаном');
    expect(await inLang('kk, ru;q=0.5')).toBe('https://altyn.test/ Қазақстанмен байланысын көрсетпейді');
    expect(await inLang('en')).toBe('https://altyn.test/ shows no tie to Kazakhstan');
  });

  test('is not available where the river is not at hand', async () => {
    const alone = await house.open();
    const aigerim = await loggedIn(alone, 'aigerim');
    expect(await refusal(await aigerim.get(`/api/cases/${id}/findings`))).toBe('501 not_available');
  });
});
