import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BadSourceError,
  isCron,
  isInScope,
  readSource,
  readSources,
  settingsOf,
} from '../../domain/watch.ts';

const list = { name: 'mine', kind: 'urls', urls: ['a.test'] };

describe('a source', () => {
  test('is whole once it is read: what was not written has its default', () => {
    expect(readSource(list)).toEqual({
      name: 'mine',
      priority: 'normal',
      kind: 'urls',
      urls: ['https://a.test/'],
      every: null,
      only: [],
      not: [],
      budget: 500,
      requests: 50,
      scan: { pages: 20, depth: 3, delaySeconds: 1, render: 'auto', proxy: null, resolve: {} },
      robots: { stance: 'obey' },
    });
  });

  test('is the same when what was read is read again', () => {
    const once = readSource({
      ...list,
      every: '*/5 1-3 * 1,6 0',
      robots: { stance: 'ignore', reason: 'суд, дело 17' },
    });
    expect(readSource(once)).toEqual(once);
    expect(settingsOf(once).robots).toBe(false);
  });

  test.each([
    [{ ...list, name: 'My List' }, 'name'],
    [{ ...list, kind: 'guess' }, 'kind'],
    [{ ...list, urls: ['file:///etc/passwd'] }, 'urls.0'],
    [{ ...list, every: 'daily' }, 'every'],
    [{ ...list, robots: { stance: 'ignore' } }, 'robots.reason'],
    [{ ...list, colour: 'red' }, 'kind'],
    [{ name: 'c', kind: 'channel', channel: 'https://t.me/+invitation' }, 'channel'],
  ])('that is written wrongly is refused by the field: %o', (written, field) => {
    const refused = expect.objectContaining({ facts: expect.objectContaining({ field }) });
    expect(() => readSource(written)).toThrow(BadSourceError);
    try {
      readSource(written);
    } catch (error) {
      expect(error).toEqual(refused);
    }
  });

  test('of a channel is its preview, however it is named', () => {
    for (const channel of ['qazaq_tabys', '@qazaq_tabys', 't.me/qazaq_tabys', 'https://t.me/s/qazaq_tabys'])
      expect(readSource({ name: 'c', kind: 'channel', channel })).toMatchObject({
        channel: 'https://t.me/s/qazaq_tabys',
      });
  });

  test('comes once in a file', () => {
    expect(() => readSources({ sources: [list, list] })).toThrow(/is there twice/);
  });
});

describe('the scope of a source', () => {
  const scope = { only: ['bazar.test/item/*', 'shop.test'], not: ['*/item/help*'] };
  test.each([
    ['https://bazar.test/item/5', true],
    ['https://bazar.test/user/5', false],
    ['https://bazar.test/item/help', false],
    ['https://deep.shop.test/x', true],
    ['https://notshop.test/x', false],
  ])('%s: %s', (url, expected) => {
    expect(isInScope(new URL(url), scope)).toBe(expected);
  });

  test('a pattern that is the address itself holds it', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        const url = new URL(`https://a.test${path}`);
        const place = `a.test${url.pathname}`;
        return place.includes('*') || isInScope(url, { only: [`${place}*`], not: [] });
      }),
    );
  });
});

test.each([
  ['0 */6 * * *', true],
  ['0 6 * * 1', true],
  ['60 * * * *', false],
  ['* * * *', false],
  ['5-1 * * * *', false],
  ['*/0 * * * *', false],
])('"%s" is a cron line: %s', (text, expected) => {
  expect(isCron(text)).toBe(expected);
});
