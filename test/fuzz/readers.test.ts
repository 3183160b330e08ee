import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readListings as listingLines } from '../../cli/listing-rows.ts';
import { decode } from '../../crawler/extract/decode.ts';
import { readListings } from '../../crawler/extract/listing.ts';
import { readPage } from '../../crawler/extract/page.ts';
import { addressRefusal, nameRefusal } from '../../crawler/guard.ts';
import { CursorText, readCursor } from '../../desk/api/queue.ts';
import { BadXmlError, readXml } from '../../domain/read-xml.ts';
import { BadUrlError, canonicalUrl, hostOf, parseUrl, readableHost, siteOf } from '../../domain/url.ts';
import { BadSourceError, readSources } from '../../domain/watch.ts';
import { DEAR_RUNS, RUNS } from './runs.ts';

/** Text made of what readers stumble over, and of anything. */
const piecesOf = (pieces: readonly string[], most: number) =>
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...pieces) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
      ),
      { maxLength: most },
    )
    .map((parts) => parts.join(''));

const nasty = [
  '\u0000',
  '\ud800',
  '\u202e',
  '\u200b',
  '％00',
  '%00',
  '%',
  '\\',
  '\t',
  '\n',
  '＠',
  '。',
  'ı',
  'ß',
  'қ',
];

const addresses = piecesOf(
  [
    ...nasty,
    'http:',
    'https:',
    'file:',
    'javascript:',
    '//',
    '/',
    '@',
    ':',
    ':443',
    '?',
    '#',
    '&',
    '=',
    'a.test',
    'xn--',
    'xn--80ak6aa92e',
    '[::1]',
    '127.1',
    '0x7f',
    '2130706433',
    ';jsessionid=',
    'utm_source=',
    '..',
    '.',
    '%2e',
    'a'.repeat(300),
  ],
  14,
);

const markup = piecesOf(
  [
    ...nasty,
    '<',
    '>',
    '</',
    '/>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '"',
    "'",
    '=',
    '&',
    '&#x110000;',
    '&amp',
    '&#0;',
    '<title>',
    '<a href=',
    '<base href="http://[">',
    '<script type="application/ld+json">',
    '{"@type":"Product","offers":{"price":1e999}}',
    '{"@graph":[',
    '</script>',
    '<style>',
    '<svg>',
    '<table><tr>',
    '<form action=',
    '<meta charset=utf-16>',
    '<input type=password>',
    '<template>',
    '<div itemscope itemtype=',
    '<p style="display:none">',
    '<select><option>',
    'тенге 5000',
    '+7 701 555-01-23',
    '0x52908400098527886E0F7030069857D2E4169EE7',
  ],
  24,
);

describe('whatever is typed for an address', () => {
  test('is an address of the web that is its own canonical one, or is refused in words', () => {
    fc.assert(
      fc.property(fc.oneof(addresses, fc.webUrl(), fc.string({ unit: 'binary', maxLength: 60 })), (typed) => {
        let url: URL;
        try {
          url = parseUrl(typed);
        } catch (error) {
          expect(error).toBeInstanceOf(BadUrlError);
          return;
        }
        expect(['http:', 'https:']).toContain(url.protocol);
        expect(url.username + url.password).toBe('');
        const once = canonicalUrl(url);
        expect(canonicalUrl(new URL(once))).toBe(once);
        expect(hostOf(new URL(once))).toBe(hostOf(url));
        expect(typeof siteOf(hostOf(url)) + typeof readableHost(hostOf(url))).toBe('stringstring');
      }),
      { numRuns: RUNS },
    );
  });

  test('is never a name or number that leads inside, in whatever spelling the platform takes', () => {
    const inside = fc.constantFrom('127.0.0.1', '10.1.2.3', '192.168.0.1', '169.254.169.254', '0.0.0.0');
    const spelled = fc
      .tuple(inside, fc.constantFrom('dotted', 'one', 'hex', 'octal', 'short'))
      .map(([address, how]) => {
        const parts = address.split('.').map(Number);
        const all = parts.reduce((sum, part) => sum * 256 + part, 0);
        if (how === 'one') return String(all);
        if (how === 'hex') return `0x${all.toString(16)}`;
        if (how === 'octal') return parts.map((part) => `0${part.toString(8)}`).join('.');
        return how === 'short' ? `${parts[0]}.${all % 2 ** 24}` : address;
      });
    fc.assert(
      fc.property(spelled, fc.constantFrom('', '.'), (host, dot) => {
        const read = hostOf(new URL(`http://${host}${dot}/`));
        expect(addressRefusal(read) ?? nameRefusal(read)).not.toBeNull();
      }),
      { numRuns: RUNS },
    );
  });
});

describe('whatever a server sends', () => {
  test('is text in some charset', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.option(
          piecesOf(
            ['text/html', ';', 'charset=', 'utf-8', 'utf-16', 'windows-1251', 'x-user-defined', '"'],
            6,
          ),
        ),
        (bytes, type) => {
          expect(typeof decode(bytes, type).html).toBe('string');
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('is a page, the same each time it is read, whose links are addresses of the web', () => {
    fc.assert(
      fc.property(markup, (html) => {
        const page = readPage(html, 'https://a.test/b');
        expect(readPage(html, 'https://a.test/b')).toEqual(page);
        for (const { href } of page.links) expect(URL.canParse(href)).toBe(true);
        for (const it of readListings(page))
          expect(it.price === null || Number.isFinite(it.price)).toBe(true);
      }),
      { numRuns: DEAR_RUNS },
    );
  });
});

describe('whatever is handed in', () => {
  test('no XML is read but whole, and what is refused says why', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          markup.map((text) => Buffer.from(text)),
          fc.uint8Array({ maxLength: 200 }),
        ),
        (bytes) => {
          try {
            expect(typeof readXml(bytes).name).toBe('string');
          } catch (error) {
            expect(error).toBeInstanceOf(BadXmlError);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('no YAML or JSON of sources is taken but by its schema, and what is refused says why', () => {
    const yaml = piecesOf(
      [
        'sources:',
        '\n',
        '  ',
        '- ',
        'kind: sitemap',
        'kind: list',
        'name: a',
        'url: https://a.test/',
        'every: "* * * * *"',
        ': ',
        '{',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '!!js/function',
        '<<: *a',
        '1e400',
        '"',
        "'",
        '|',
        '>',
        '__proto__: ',
        'only: [("]',
      ],
      16,
    );
    fc.assert(
      fc.property(fc.oneof(yaml.map(parsed), fc.jsonValue()), (written) => {
        try {
          expect(readSources(written).length).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(BadSourceError);
        }
      }),
      { numRuns: RUNS },
    );
    expect(({} as Record<string, unknown>).kind).toBeUndefined();
  });

  test('each line of listings is a listing or a fault with its number', async () => {
    const line = fc.oneof(
      fc.json(),
      piecesOf(
        ['{"id":"1"', ',"title":"a"', ',"price":-1', ',"photos":[', ']', '}', 'null', '[]', '\u2028'],
        6,
      ),
      fc
        .record({ id: fc.oneof(fc.string(), fc.integer()), title: fc.string(), text: fc.string() })
        .map((row) => JSON.stringify(row)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
        const given = lines.map((it) => it.replaceAll(/[\r\n]/g, ' '));
        const seen: number[] = [];
        for await (const row of listingLines(Readable.from([`${given.join('\n')}\n`]))) {
          seen.push(row.line);
          expect('error' in row ? typeof row.error : typeof row.listing).toMatch(/string|object/);
        }
        expect(seen).toHaveLength(given.filter((it) => it.trim() !== '').length);
      }),
      { numRuns: DEAR_RUNS },
    );
  });

  test('a cursor is a place in the queue, or is refused', () => {
    const given = fc.oneof(
      fc.tuple(fc.double({ noNaN: true }), fc.maxSafeNat()).map(([rank, id]) => `${rank}~${id}`),
      piecesOf(['~', '-', '.', 'e', '1', '999', 'NaN', 'Infinity', "'", ';--'], 6),
    );
    fc.assert(
      fc.property(given, (text) => {
        const read = CursorText.safeParse(text);
        if (!read.success) return;
        const place = readCursor(read.data);
        expect([place?.rank, place?.id].every((it) => Number.isFinite(it))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

/** As `kuzet source import` reads a file; what is no YAML is nothing. */
function parsed(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return null;
  }
}
