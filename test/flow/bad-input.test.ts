import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScanEvent } from '../../cli/asks/scans.ts';
import { startFaultyWeb } from '../web/faults.ts';
import { openHome } from './kuzet.ts';

type UrlEvent = Extract<ScanEvent, { event: 'url' }>;

const GIVEN = [
  'not a url',
  'ftp://files.test/',
  'javascript:alert(1)',
  'http://user:secret@faulty.test/',
  'http://127.0.0.1:80/',
  'h\0t\0t\0p\0',
  'http://[::1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://localhost/',
  'http://no-such-host.invalid/',
  'http://refused.test/',
  'https://tls.test/',
  'http://a.test/status/500',
  'http://b.test/status/404',
  'http://c.test/redirect/loop',
  'http://d.test/redirect/loopback',
  'http://e.test/redirect/metadata',
  'http://f.test/big',
  'http://g.test/bomb/gzip',
  'http://h.test/broken/reset',
  'http://i.test/broken/gzip',
  'http://j.test/image',
  'http://k.test/charset/windows-1251/lie',
  'http://robots-closed.test/ok',
  'http://l.test/ok',
];

describe('a scan of everything that can be wrong', () => {
  const home = openHome();
  let web: Awaited<ReturnType<typeof startFaultyWeb>>;
  let code: number | null;
  let lines: ScanEvent[];

  beforeAll(async () => {
    web = await startFaultyWeb();
    const resolve = Object.entries(web.resolve).flatMap(([host, place]) => ['--resolve', `${host}=${place}`]);
    const args = ['scan', '--file', '-', '--depth', '0', '--delay', '0', '--render', 'never', ...resolve];
    ({ code, lines } = await home.ask<ScanEvent>(args, GIVEN.join('\n')));
  });
  afterAll(async () => {
    await web.close();
    await home.close();
  });

  const outcomeOf = (url: string) => {
    const line = lines.find((event): event is UrlEvent => event.event === 'url' && event.url === url);
    if (line === undefined) return 'no line';
    return 'captureId' in line.outcome ? line.outcome.is : `${line.outcome.is}: ${line.outcome.reason}`;
  };

  test('ends with exit code 1, a line for every address, and a last line', () => {
    expect(code).toBe(1);
    const named = lines.filter((event) => event.event === 'url' || event.event === 'refused').length;
    expect(named).toBe(GIVEN.length);
    expect(lines.at(-1)).toMatchObject({ event: 'done' });
  });

  test('refuses what is no address at all, by its line', () => {
    const refused = lines.filter((event) => event.event === 'refused');
    expect(refused.map(({ line, reason }) => [line, reason])).toEqual(
      [1, 2, 3, 4, 6].map((line) => [line, 'bad_url']),
    );
  });

  test.each([
    ['http://127.0.0.1/', 'skipped: private_address'],
    ['http://[::1]/', 'skipped: private_address'],
    ['http://169.254.169.254/latest/meta-data/', 'skipped: private_address'],
    ['http://localhost/', 'skipped: private_address'],
    ['http://no-such-host.invalid/', 'failed: dns'],
    ['http://refused.test/', 'failed: refused'],
    ['https://tls.test/', 'failed: tls'],
    ['http://a.test/status/500', 'failed: http_status'],
    ['http://b.test/status/404', 'failed: http_status'],
    ['http://c.test/redirect/loop', 'failed: redirect_loop'],
    ['http://d.test/redirect/loopback', 'skipped: private_address'],
    ['http://e.test/redirect/metadata', 'skipped: private_address'],
    ['http://f.test/big', 'failed: too_large'],
    ['http://g.test/bomb/gzip', 'failed: too_large'],
    ['http://i.test/broken/gzip', 'failed: bad_encoding'],
    ['http://j.test/image', 'skipped: not_a_page'],
    ['http://robots-closed.test/ok', 'skipped: robots'],
    ['http://k.test/charset/windows-1251/lie', 'captured'],
    ['http://l.test/ok', 'captured'],
  ])('%s is %s', (url, outcome) => {
    expect(outcomeOf(url)).toBe(outcome);
  });

  test('a connection that breaks mid-body is a failure with its reason', () => {
    expect(outcomeOf('http://h.test/broken/reset')).toMatch(/^failed: (unreachable|protocol)$/);
  });

  test('never sends a request to an address that is not allowed, though somebody listens there', async () => {
    const trap = await home.ask<ScanEvent>([
      'scan',
      web.direct('/hits/trap'),
      '--delay',
      '0',
      '--render',
      'never',
    ]);
    expect(trap.code).toBe(1);
    expect(trap.lines.find((event) => event.event === 'url')).toMatchObject({
      outcome: { is: 'skipped', reason: 'private_address' },
    });
    expect([...web.hits.keys()].filter((url) => url.includes('/hits/trap'))).toEqual([]);
  });
});
