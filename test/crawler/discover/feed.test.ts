import { expect, test } from 'vitest';
import { readFeed } from '../../../crawler/discover/feed.ts';

test('a feed is read line by line, in every known shape', () => {
  const lines = [
    '# new today',
    '{"data":{"leaf_cert":{"all_domains":["*.kaspi-bonus.test","kaspi-bonus.test"]}}}',
    '{"name_value":"a.test\\n*.b.test"}',
    '{"domain":"қазпошта.test"}',
    '"c.test"',
    'D.test.',
    '',
    '{"broken',
    '{"other":1}',
    '192.0.2.1',
  ];
  expect(readFeed(lines)).toEqual({
    names: ['kaspi-bonus.test', 'a.test', 'b.test', 'xn--80aau2aet5b92c.test', 'c.test', 'd.test'],
    unread: 3,
  });
});
