import { createServer } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leadOf, mayLead } from '../../../crawler/fetch/leads.ts';
import { type Courtesy, createFetcher, type Fetcher, type Leave } from '../../../crawler/fetch.ts';
import { listen } from '../../web/faults.ts';

const HERE = new URL('http://door.test/in');
const led = (html: string | Buffer, type = 'text/html; charset=utf-8') => {
  const found = leadOf(Buffer.from(html), type, HERE);
  return found === null ? null : `${found.how} ${found.url.href}`;
};
const refresh = (content: string) => `<meta http-equiv="refresh" content="${content}"><p>Подождите…`;
const script = (code: string) => `<title>…</title><script>${code}</script>`;

describe('a page that only leads on', () => {
  test.each([
    ['0; url=/next', 'http://door.test/next'],
    ["0;URL='next'", 'http://door.test/next'],
    ['1, url=http://far.test/#offer', 'http://far.test/'],
    ['0.5 /next', 'http://door.test/next'],
    ['; url=/next', 'http://door.test/next'],
  ])('by a meta refresh at once is followed: %s', (content, to) => {
    expect(led(refresh(content))).toBe(`refresh ${to}`);
  });

  test.each([
    ['location = "/next"', 'http://door.test/next'],
    ["window.location.href='http://far.test/';", 'http://far.test/'],
    ['\n// on\n top.location.replace(`/next`);\n', 'http://door.test/next'],
    ['/* on */ document.location.assign("//far.test/x")', 'http://far.test/x'],
    ['<!--\nself.location="/next"\n//-->', 'http://door.test/next'],
  ])('by one statement is followed: %s', (code, to) => {
    expect(led(script(code))).toBe(`script ${to}`);
  });

  test('is read in its own charset', () => {
    const html = Buffer.from('<meta http-equiv=refresh content="0;url=/\xe4\xee\xec">', 'latin1');
    expect(led(html, 'text/html; charset=windows-1251')).toBe('refresh http://door.test/%D0%B4%D0%BE%D0%BC');
  });
});

describe('a page that may be meant to be read, or to choose its reader, is left to a browser', () => {
  const words = 'Компания продаёт мебель для дома. '.repeat(10);
  test.each([
    ['it waits', refresh('3; url=/next')],
    ['it loads itself again', refresh('0; url=/in#top')],
    ['it has words', `${refresh('0; url=/next')}${words}`],
    ['it has fields', `${refresh('0; url=/next')}<input type="password" name="p">`],
    ['it has frames', `${refresh('0; url=/next')}<iframe src="/x"></iframe>`],
    ['its scripts may have a say', `${refresh('0; url=/next')}<script src="/x.js"></script>`],
    [
      'only who runs no scripts is sent on',
      '<noscript><meta http-equiv="refresh" content="0; url=/next"></noscript>',
    ],
    ['it asks who is there', script('if (navigator.webdriver) location = "/white"')],
    ['it chooses', script('location = document.referrer ? "/offer" : "/white"')],
    ['it builds its address', script('location = "/next?" + Date.now()')],
    ['it fills in', script(['location = `/next', '{n}`'].join('$'))],
    ['it waits for a click', script('onclick = () => { location = "/next" }')],
    ['it does something else first', script('document.write("x"); location = "/next"')],
    ['it has two scripts', `${script('x()')}${script('location = "/next"')}`],
  ])('as %s', (_, html) => {
    expect(led(html)).toBe(null);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'tg://resolve?domain=x',
    'blob:x',
    'http://u:p@x.test/',
  ])('as it leads to what is no page of the web: %s', (to) => {
    expect([led(refresh(`0; url=${to}`)), led(script(`location = "${to}"`))]).toEqual([null, null]);
  });

  test('whatever its bytes are, what it leads to is an address of the web', () => {
    const piece = fc.constantFrom(
      '<script>',
      '</script>',
      'location',
      '=',
      '"/a"',
      '"',
      '.replace(',
      ')',
      ';',
      'window.',
      '<meta http-equiv=refresh content="',
      '0;url=',
      "'",
      'file:///x',
      '//',
      '\n',
      '<noscript>',
      'http://far.test/',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const found = leadOf(Buffer.from(pieces.join('')), 'text/html', HERE);
        if (found !== null) expect(found.url.protocol).toMatch(/^https?:$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a page may lead on where it holds "location" or "http-equiv" in capitals or not, and nowhere else', () => {
  const letters = fc
    .constantFrom(...'locationhttp-equiv')
    .chain((it) => fc.constantFrom(it, it.toUpperCase()));
  const words = [
    'location',
    'LOCATION',
    'lOcAtIoN',
    'http-equiv',
    'HTTP-Equiv',
    'ocation',
    'tp-equiv',
    '\r',
    'a',
  ];
  const piece = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 9 }), letters);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const bytes = Buffer.from(pieces.join(''), 'latin1');
      expect(mayLead(bytes)).toBe(/http-equiv|location/i.test(bytes.toString('latin1')));
    }),
    { numRuns: 5_000 },
  );
});

describe('the fetch lane', () => {
  let fetcher: Fetcher;
  let resolve: Record<string, string>;
  let end: () => void;
  const asked: string[] = [];
  const pages: Record<string, string> = {
    '/door': refresh('0; url=http://far.test/hall'),
    '/hall': script('location.replace("/room")'),
    '/room': '<title>Комната</title>Вот и пришли',
    '/circle': script('location = "/circle-back"'),
    '/circle-back': refresh('0; url=/circle'),
    '/inside': refresh('0; url=http://127.0.0.1/secret'),
    '/gone': script('location = "/missing"'),
    '/file': script('location = "/picture"'),
  };

  beforeAll(async () => {
    const server = createServer((request, response) => {
      const { url = '' } = request;
      asked.push(`${request.headers.host}${url}`);
      const [, left] = /^\/chain\/(\d+)$/.exec(url) ?? [];
      const html = left === undefined ? pages[url] : refresh(`0; url=/chain/${Number(left) - 1}`);
      response.writeHead(html === undefined && url !== '/picture' ? 404 : 200, {
        'content-type': url === '/picture' ? 'image/png' : 'text/html; charset=utf-8',
      });
      response.end(html ?? 'nothing');
    });
    resolve = { '*.test': `127.0.0.1:${await listen(server)}` };
    fetcher = createFetcher({ userAgent: 'Kuzet/0.1.0', lookup: async () => ['127.0.0.1'] });
    end = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  afterAll(async () => {
    await fetcher.close();
    end();
  });
  const get = (path: string, courtesy?: Courtesy) => {
    asked.length = 0;
    const url = new URL(path, 'http://door.test');
    return fetcher.fetch(url, { proxy: null, resolve }, undefined, 'page', courtesy);
  };

  test('follows such pages like redirects: each in its turn, judged, archived and told as a hop', async () => {
    const turns: string[] = [];
    const fetched = await get('/door', {
      before: async (url, from) => {
        turns.push(`${from?.pathname ?? 'start'} to ${url.href}`);
        return { is: 'go', robots: 'allowed' };
      },
      after: ({ status }) => void turns.push(`answered ${status}`),
    });
    expect(fetched.finalUrl).toBe('http://far.test/room');
    expect(fetched.body.toString()).toContain('Вот и пришли');
    expect(fetched.hops).toEqual([
      {
        url: 'http://door.test/door',
        status: 200,
        location: 'http://far.test/hall',
        robots: 'allowed',
        how: 'refresh',
      },
      {
        url: 'http://far.test/hall',
        status: 200,
        location: 'http://far.test/room',
        robots: 'allowed',
        how: 'script',
      },
      { url: 'http://far.test/room', status: 200, location: null, robots: 'allowed' },
    ]);
    expect(turns).toEqual([
      'start to http://door.test/door',
      'answered 200',
      '/door to http://far.test/hall',
      'answered 200',
      '/hall to http://far.test/room',
    ]);
    expect(fetched.exchanges.map(({ url }) => new URL(url).pathname)).toEqual(['/door', '/hall', '/room']);
  });

  test('follows ten of them, and keeps the page that led to the eleventh', async () => {
    const fetched = await get('/chain/12');
    expect([fetched.finalUrl, asked.length]).toEqual(['http://door.test/chain/2', 11]);
  });

  test.each(['/circle', '/inside', '/gone', '/file'])(
    'keeps the page itself where it leads to no page, and reaches nothing inside: %s',
    async (path) => {
      const fetched = await get(path);
      expect(fetched.status).toBe(200);
      expect(fetched.finalUrl).toBe(`http://door.test${path === '/circle' ? '/circle-back' : path}`);
      expect(fetched.hops.at(-1)).toMatchObject({ location: null });
      expect(asked.filter((it) => it.includes('secret'))).toEqual([]);
    },
  );

  test('keeps the page itself where robots.txt forbids the next, and does not ask for it', async () => {
    const robots: Courtesy = {
      before: async (_, from): Promise<Leave> =>
        from === null ? { is: 'go' } : { is: 'refused', reason: 'robots', detail: 'robots.txt asks not to' },
      after: () => undefined,
    };
    const fetched = await get('/door', robots);
    expect([fetched.finalUrl, asked]).toEqual(['http://door.test/door', ['door.test/door']]);
  });
});
