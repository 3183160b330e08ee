/** What officers do through the API: put off, disagree, take back, many at once, and what is written down of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { caseStore } from '../../store/cases.ts';
import { type Client, loggedIn, refusal } from './client.ts';
import { hire, openHouse } from './house.ts';

const house = await openHouse();
let desk: Desk;
let blind: Desk;
const people = new Map<string, Client>();
const as = (login: string) => people.get(login)!;

beforeAll(async () => {
  desk = await house.open();
  blind = await house.open({ isSecondLookBlind: true });
  for (const login of ['aigerim', 'bolat', 'dana']) await hire(house, login, 'officer');
  await hire(house, 'saule', 'senior');
  await hire(house, 'boss', 'supervisor');
  await hire(house, 'root', 'admin');
  for (const login of ['aigerim', 'bolat', 'dana', 'saule', 'boss', 'root'])
    people.set(login, await loggedIn(desk, login));
});
afterAll(() => house.close());

let count = 0;
async function opened(score = 0.9, label: 'pyramid' | 'spam' = 'pyramid'): Promise<string> {
  count += 1;
  const seen = { label, signals: [], sketch: [] };
  const subject = { kind: 'site', key: `work-${count}.test` } as const;
  return (await house.stores.cases.sight(subject, { label, score, seen, reasons: [] }, [], house.clock.now()))
    .id;
}
const confirm = { verdict: 'confirm', ground: 'KZ-CC-217', reason: 'Выплаты из взносов.' };
const why = { reason: 'Нужен опыт.' };
const post = (
  who: string,
  id: string,
  what: string,
  body: unknown = {},
  headers: Record<string, string> = {},
) => as(who).json('POST', `/api/cases/${id}/${what}`, body, headers);

describe('an officer', () => {
  test('hands a case up, and a senior decides it', async () => {
    const id = await opened();
    expect((await (await post('aigerim', id, 'escalation', why)).json()).state).toMatchObject({
      is: 'open',
      escalated: { by: 'aigerim', reason: 'Нужен опыт.' },
    });
    expect(await refusal(await post('bolat', id, 'decision', confirm))).toBe('409 needs_senior');
    expect((await post('saule', id, 'decision', confirm)).status).toBe(200);
  });

  test('who disagrees sends the case to a senior, and cannot approve what another officer then confirms as a senior’s', async () => {
    const id = await opened();
    await post('aigerim', id, 'decision', confirm);
    expect(await refusal(await post('aigerim', id, 'disagreement', why))).toBe('409 same_officer');
    expect((await post('bolat', id, 'disagreement', why)).status).toBe(200);
    expect((await post('saule', id, 'decision', confirm)).status).toBe(200);
    expect(await refusal(await post('saule', id, 'approval'))).toBe('409 same_officer');
  });

  test('takes a decision back within 10 seconds, and with words later', async () => {
    const id = await opened();
    await post('aigerim', id, 'decision', confirm);
    house.clock.move(9);
    const shown = await (await as('aigerim').get(`/api/cases/${id}`)).json();
    expect(new Date(shown.undoableUntil).getTime() - house.clock.now().getTime()).toBe(1000);
    expect(await refusal(await post('bolat', id, 'undo'))).toBe('409 not_yours');
    expect((await (await post('aigerim', id, 'undo')).json()).state).toEqual({ is: 'open' });
    await post('aigerim', id, 'decision', confirm);
    house.clock.move(11);
    expect(await refusal(await post('aigerim', id, 'undo'))).toBe('409 too_late');
    expect(await refusal(await post('dana', id, 'reversal', { reason: ' ' }))).toBe('409 no_reason');
    expect((await (await post('dana', id, 'reversal', why)).json()).state).toEqual({ is: 'open' });
  });

  test('who sends a decision twice with one key decides once, and is refused another with it', async () => {
    const id = await opened();
    const key = { 'idempotency-key': 'a-key-of-its-own-1' };
    const first = await (await post('aigerim', id, 'decision', confirm, key)).json();
    const again = await post('aigerim', id, 'decision', confirm, key);
    expect([again.status, (await again.json()).revision]).toEqual([200, first.revision]);
    const other = { ...confirm, reason: 'Другое.' };
    expect(await refusal(await post('aigerim', id, 'decision', other, key))).toBe('422 key_reused');
    expect(await refusal(await post('aigerim', id, 'decision', confirm, { 'idempotency-key': 'x' }))).toBe(
      '400 bad_request',
    );
    // Another officer's key of the same letters is another key.
    expect(await refusal(await post('bolat', id, 'decision', confirm, key))).toBe('409 wrong_state');
  });

  test('who saves a search many times with one key saves it once, and is told the same each time', async () => {
    const save = (body: unknown, key = 'a-key-of-a-search') =>
      as('dana').json('POST', '/api/queues', body, { 'idempotency-key': key });
    const wanted = { name: 'Один раз', filter: { state: 'open' } };
    const atOnce = await Promise.all([1, 2, 3, 4].map(() => save(wanted)));
    // One works; the others are told to wait, or what it was told.
    const told = await Promise.all(atOnce.map(async (it) => (it.ok ? '201 —' : refusal(it))));
    expect(told).toContain('201 —');
    expect(told.filter((it) => it !== '201 —' && it !== '409 key_running')).toEqual([]);
    const first = await (await save(wanted)).json();
    expect(await (await save(wanted)).json()).toEqual(first);
    expect(await refusal(await save({ ...wanted, name: 'Другое' }))).toBe('422 key_reused');
    const saved = async () =>
      (
        (await (await as('dana').get('/api/queues')).json()) as { queues: { name: string; id: string }[] }
      ).queues.filter(({ name }) => name === 'Один раз');
    expect(await saved()).toMatchObject([{ id: first.id }]);
    // Removed twice, and told twice that it is gone; without the key the second finds nothing.
    const remove = (headers = {}) => as('dana').json('DELETE', `/api/queues/${first.id}`, undefined, headers);
    const key = { 'idempotency-key': 'a-key-of-a-removal' };
    expect([(await remove(key)).status, (await remove(key)).status, (await remove()).status]).toEqual([
      204, 204, 404,
    ]);
    // A day later the key is forgotten with its answer.
    await house.stores.once.forget(new Date(house.clock.now().getTime() + 86_400_001));
    expect((await (await save(wanted)).json()).id).not.toBe(first.id);
  });

  test('what was refused frees its key, and a secret is told once only', async () => {
    const key = { 'idempotency-key': 'a-key-of-an-admin' };
    const invite = (login: string) =>
      as('root').json('POST', '/api/people', { login, name: 'Ержан', role: 'viewer' }, key);
    expect((await invite('?')).status).toBe(422);
    expect(Object.keys(await (await invite('yerzhan')).json())).toContain('link');
    expect(await refusal(await invite('yerzhan'))).toBe('409 key_answered');
    const kept = await house.database.query("select * from done_once where owner = 'root'");
    expect(JSON.stringify(kept)).not.toMatch(/token|a-key-of-an-admin|yerzhan/);
  });

  test('many decided at once with one key are decided once', async () => {
    const ids = [await opened(), await opened()];
    const items = ids.map((id) => ({ id, revision: 1 }));
    const all = (it: unknown) =>
      as('aigerim').json('POST', '/api/bulk', it, { 'idempotency-key': 'a-key-of-many' });
    const told = await (await all({ ...confirm, items })).json();
    expect(told.ended.map(({ is }: { is: string }) => is)).toEqual(['done', 'done']);
    expect(await (await all({ ...confirm, items })).json()).toEqual(told);
    expect(await refusal(await all({ ...confirm, items: items.slice(1) }))).toBe('422 key_reused');
  });

  test('claims the head of the queue, holds it against others, and gives it back', async () => {
    const id = await opened(0.999);
    const { claims } = await (
      await as('aigerim').json('POST', '/api/claims', { state: 'open', want: 1 })
    ).json();
    expect(claims).toMatchObject([{ caseId: id, by: 'aigerim', isMine: true }]);
    expect(await refusal(await post('bolat', id, 'decision', confirm))).toBe('409 claimed');
    expect(await refusal(await post('bolat', id, 'claim', {}))).toBe('409 claimed');
    expect(await refusal(await post('bolat', id, 'claim', { steal: ' ' }))).toBe('422 no_words');
    expect((await (await post('bolat', id, 'claim', { steal: 'Айгерим на обеде.' })).json()).by).toBe(
      'bolat',
    );
    const { items } = await (await as('dana').get('/api/queue?state=open&limit=1')).json();
    expect(items[0]).toMatchObject({
      id,
      claim: { by: 'bolat', isMine: false },
      urgency: { risk: 0.999, reach: 1 },
    });
    expect((await as('bolat').json('DELETE', `/api/cases/${id}/claim`)).status).toBe(204);
    expect((await post('dana', id, 'decision', confirm)).status).toBe(200);
  });

  test('saves searches: an own one is another’s to neither see nor remove; everybody’s are a senior’s to make', async () => {
    const mine = {
      name: 'Фишинг',
      filter: { state: 'open', label: 'phishing', search: 'hxxps://bank[.]test/x' },
    };
    const made = await (await as('aigerim').json('POST', '/api/queues', mine)).json();
    expect(made.filter).toEqual({ state: 'open', label: 'phishing', search: 'bank.test' });
    expect(await refusal(await as('aigerim').json('POST', '/api/queues', { ...mine, isShared: true }))).toBe(
      '403 not_allowed',
    );
    await as('saule').json('POST', '/api/queues', { ...mine, name: 'Общая', isShared: true });
    const names = async (who: string) => {
      const { queues } = (await (await as(who).get('/api/queues')).json()) as { queues: { name: string }[] };
      return queues.map(({ name }) => name);
    };
    expect(await names('aigerim')).toEqual(['Общая', 'Фишинг']);
    expect(await names('bolat')).toEqual(['Общая']);
    expect((await as('bolat').json('DELETE', `/api/queues/${made.id}`)).status).toBe(404);
    expect((await as('aigerim').json('DELETE', `/api/queues/${made.id}`)).status).toBe(204);
  });
});

describe('many cases at once', () => {
  test('are previewed, confirmed by their number, decided each on its own, and undone', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 22; n += 1) ids.push(await opened());
    const spam = await opened(0.9, 'spam');
    await post('bolat', ids[0]!, 'decision', { verdict: 'dismiss', reason: 'Нет.' });
    const { cases } = await (
      await as('aigerim').json('POST', '/api/bulk/preview', { ids: [...ids, spam] })
    ).json();
    const told = (cases as { id: string; canBeDecided: boolean; canBeReferred: boolean }[]).map((it) => [
      it.canBeDecided,
      it.canBeReferred,
    ]);
    expect([told[0], told[1], told[22]]).toEqual([
      [false, true],
      [true, true],
      [true, false],
    ]);
    const items = ids.map((id) => ({ id, revision: 1 }));
    const bulk = { ...confirm, items };
    expect(await refusal(await as('aigerim').json('POST', '/api/bulk', bulk))).toBe('422 count_differs');
    expect(await refusal(await as('aigerim').json('POST', '/api/bulk', { ...bulk, typed: 21 }))).toBe(
      '422 count_differs',
    );
    const done = await (await as('aigerim').json('POST', '/api/bulk', { ...bulk, typed: 22 })).json();
    expect(done.ended[0]).toEqual({ id: ids[0], is: 'refused', code: 'wrong_state' });
    expect(done.ended.slice(1).every((it: { is: string }) => it.is === 'done')).toBe(true);
    const undone = await (await as('aigerim').json('POST', '/api/bulk/undo', { ids })).json();
    expect(undone.ended.filter((it: { is: string }) => it.is === 'done')).toHaveLength(21);
    expect(undone.ended[0]).toEqual({ id: ids[0], is: 'refused', code: 'not_yours' });
    expect((await house.stores.cases.get(ids[5]!)).state).toEqual({ is: 'open' });
  });
});

describe('a blind second look', () => {
  test('is told neither who decided first nor what, and approves only when it comes to the same', async () => {
    const id = await opened();
    await post('aigerim', id, 'decision', confirm);
    const bolat = await loggedIn(blind, 'bolat');
    for (const path of [`/api/cases/${id}`, '/api/queue?state=confirmed', '/api/cases?state=confirmed']) {
      const text = await (await bolat.get(path)).text();
      expect(text).toContain('isBlind');
      expect(text).not.toMatch(/aigerim|KZ-CC-217"\s*,\s*"reason|Выплаты/);
    }
    const previewed = await (await bolat.json('POST', '/api/bulk/preview', { ids: [id] })).text();
    expect(previewed).toContain('isBlind');
    expect(previewed).not.toMatch(/aigerim|Выплаты/);
    expect(await refusal(await bolat.json('POST', `/api/cases/${id}/approval`, {}))).toBe('409 look_blind');
    const look = { ...confirm, ground: 'KZ-CC-190', reason: 'Обман.' };
    const apart = await (await bolat.json('POST', `/api/cases/${id}/second-look`, look)).json();
    expect(apart.state).toMatchObject({ is: 'open', escalated: { between: ['aigerim', 'bolat'] } });

    const same = await opened();
    await post('aigerim', same, 'decision', confirm);
    const approved = await bolat.json('POST', `/api/cases/${same}/second-look`, {
      ...confirm,
      reason: 'Тоже вижу.',
    });
    expect((await approved.json()).state).toMatchObject({ is: 'approved', approvedBy: 'bolat' });
  });
});

describe('a sample that is read again', () => {
  const read = async (client: Client) => (await (await client.json('POST', '/api/rereads')).json()).reread;
  const answer = (client: Client, id: number, body: object) =>
    client.json('POST', `/api/rereads/${id}/answer`, body);
  const dismiss = { verdict: 'dismiss', reason: 'Обычная страница.' };
  let sampled: Desk;
  const at = new Map<string, Client>();
  beforeAll(async () => {
    const cases = caseStore(house.database, { share: 1, lot: () => 0 });
    sampled = await house.open({ stores: { ...house.stores, cases } });
    for (const login of ['aigerim', 'bolat', 'dana', 'saule', 'boss'])
      at.set(login, await loggedIn(sampled, login));
  });
  const decided = async (by: string) => {
    const id = await opened();
    house.clock.move(60);
    await at.get(by)!.json('POST', `/api/cases/${id}/decision`, dismiss);
    return id;
  };

  test('comes to an officer who neither decided nor saw it since, and does not tell how it was decided', async () => {
    const id = await decided('aigerim');
    house.clock.move(60);
    await at.get('bolat')!.get(`/api/cases/${id}`);
    const offered = async (who: string) =>
      (await (await at.get(who)!.get('/api/queue/counts')).json()).rereads as number;
    expect([await offered('aigerim'), await offered('bolat'), await offered('dana')]).toEqual([0, 0, 1]);
    expect(await read(at.get('aigerim')!)).toBe(null);
    expect(await read(at.get('bolat')!)).toBe(null);
    const held = await read(at.get('dana')!);
    expect(held).toMatchObject({ caseId: id });
    expect(await read(at.get('dana')!)).toMatchObject({ id: held.id });
    const told = await (await at.get('dana')!.get(`/api/cases/${id}`)).json();
    expect(told).toMatchObject({ reread: held.id, state: { is: 'open', isBlind: true } });
    expect(JSON.stringify(told)).not.toMatch(/aigerim|dismissed|Обычная/);
    const listed = async (who: string, path: string) =>
      (await (await at.get(who)!.get(path)).text()).includes(`"${id}"`);
    for (const path of ['/api/cases?state=dismissed', '/api/queue?state=dismissed', '/api/cases?search='])
      expect([path, await listed('dana', path), await listed('bolat', path)]).toEqual([path, false, true]);
    const preview = await at.get('dana')!.json('POST', '/api/bulk/preview', { ids: [id] });
    expect((await preview.json()).cases).toMatchObject([{ state: { is: 'open' }, canBeDecided: false }]);
    expect(await refusal(await answer(at.get('bolat')!, held.id, dismiss))).toBe('409 not_yours');
    expect(await refusal(await at.get('boss')!.json('POST', '/api/rereads'))).toBe('403 not_allowed');

    const agreed = await answer(at.get('dana')!, held.id, dismiss);
    expect(await agreed.json()).toEqual({
      ...{ agrees: true, decided: { is: 'dismiss', ground: null }, reopened: false },
    });
    expect(await refusal(await answer(at.get('dana')!, held.id, dismiss))).toBe('409 answered');
    expect((await house.stores.cases.get(id)).state.is).toBe('dismissed');
  });

  test('goes to a senior who is neither reader where they are apart, is counted, and stands in the ledger', async () => {
    const id = await decided('bolat');
    const held = await read(at.get('saule')!);
    const apart = await answer(at.get('saule')!, held.id, confirm);
    expect(await apart.json()).toMatchObject({ agrees: false, reopened: true });
    expect((await house.stores.cases.get(id)).state).toMatchObject({
      is: 'open',
      escalated: { between: ['bolat', 'saule'] },
    });
    expect(await refusal(await at.get('saule')!.json('POST', `/api/cases/${id}/decision`, confirm))).toBe(
      '409 same_officer',
    );
    const counted = await (await at.get('boss')!.get('/api/rereads')).json();
    expect(counted).toEqual({ drawn: 2, answered: 2, agreed: 1, waiting: 0 });
    const rows = await house.database.query<{ entry: string }>(
      "select entry from ledger where kind = 'reread' order by seq",
    );
    expect(rows.map(({ entry }) => JSON.parse(entry).agrees)).toEqual([true, false]);
  });

  test('forgets a decision that was undone', async () => {
    const id = await opened();
    await at.get('aigerim')!.json('POST', `/api/cases/${id}/decision`, dismiss);
    await at.get('aigerim')!.json('POST', `/api/cases/${id}/undo`, {});
    expect(await read(at.get('dana')!)).toBe(null);
    expect((await (await at.get('boss')!.get('/api/rereads')).json()).waiting).toBe(0);
  });
});

describe('what is written down', () => {
  test('tells supervisors who looked at a case, on a screen or by program', async () => {
    const id = await opened();
    await as('aigerim').get(`/api/cases/${id}`);
    await as('aigerim').get(`/api/cases/${id}`);
    await post('aigerim', id, 'view');
    const { events } = await (await as('boss').get(`/api/audit?case=${id}`)).json();
    expect((events as { by: string; kind: string }[]).map(({ by, kind }) => [by, kind])).toEqual([
      ['aigerim', 'viewed'],
      ['aigerim', 'fetched'],
    ]);
    expect((await as('aigerim').get('/api/audit')).status).toBe(403);
  });

  test('lets another system follow along by what changed since', async () => {
    house.clock.move(60);
    const since = house.clock.now().toISOString();
    const id = await opened();
    house.clock.move(5);
    const other = await opened();
    const ids = async (query: string) => {
      const { cases } = (await (await as('boss').get(`/api/cases?${query}`)).json()) as {
        cases: { id: string; updatedAt: string }[];
      };
      return cases.map((it) => it.id);
    };
    expect(await ids(`updated_since=${since}`)).toEqual([id, other]);
    expect(await ids(`updated_since=${since}&after=${id}`)).toEqual([other]);
    house.clock.move(5);
    await post('aigerim', id, 'escalation', why);
    expect(await ids(`updated_since=${since}`)).toEqual([other, id]);
  });

  test('tells of appeals and tips too what came or was answered since, two of one moment in turn', async () => {
    house.clock.move(60);
    const now = house.clock.now();
    const { appeals, tips } = house.stores;
    const subject = { kind: 'site', key: 'nobody-saw.test' } as const;
    const objects = () =>
      appeals.send(
        { url: 'https://nobody-saw.test/', words: 'Это наш сайт.', contact: '', lang: 'ru', subject },
        now,
      );
    const sends = () =>
      tips.send(
        { url: new URL('https://nobody-saw.test/'), words: '', contact: '', via: 'desk', subject },
        now,
      );
    const codes = {
      appeals: [(await objects()).code, (await objects()).code],
      tips: [(await sends()).code, (await sends()).code],
    };
    const told = async (what: 'appeals' | 'tips', more = '') => {
      const answer = await as('aigerim').get(`/api/${what}?updated_since=${now.toISOString()}${more}`);
      return ((await answer.json()) as Record<string, { code: string }[]>)[what]!.map(({ code }) => code);
    };
    for (const what of ['appeals', 'tips'] as const) {
      const [first, second] = codes[what];
      expect(await told(what)).toEqual([first, second]);
      expect(await told(what, `&after=${first}`)).toEqual([second]);
    }
    house.clock.move(5);
    await as('aigerim').json('POST', `/api/tips/${codes.tips[0]}/reply`, { is: 'thanks' });
    expect(await told('tips')).toEqual([...codes.tips].reverse());
  });
});
