import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ALIKE,
  likenessOf,
  lineageSignal,
  partOf,
  printOf,
  printOfParts,
  type SitePrint,
  siblingsOf,
  siteClusters,
  tagPaths,
  valuesOf,
  withLineage,
} from '../../classifiers/lookalike-sites.ts';
import { seededRandom } from '../../classifiers/random.ts';
import { readPage } from '../../crawler/extract/page.ts';

const SYLLABLES = ['ба', 'ла', 'ра', 'са', 'ту', 'ки', 'но', 'ме', 'жо', 'ды', 'ге', 'шы'];
/** Words that mean nothing, other ones for every seed. */
function prose(seed: number, count = 150): string {
  const random = seededRandom(seed);
  const word = () =>
    Array.from({ length: 3 }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join('');
  return Array.from({ length: count }, word).join(' ');
}

interface Made {
  readonly text: string;
  readonly head?: string;
  readonly contacts?: string;
  /** Another template for every number. */
  readonly theme?: number;
}

/** A page of some forty elements in a theme. */
function html({ text, head = '', contacts = '', theme = 0 }: Made): string {
  const parts = text.split(' ');
  const blocks = Array.from(
    { length: 40 },
    (_, n) =>
      `<div class="t${theme}-row-${n}"><p class="t${theme}-p-${n % 7}">${parts.slice(n * 4, n * 4 + 4).join(' ')}</p></div>`,
  );
  return `<html><head><title>x</title>${head}</head><body class="theme-${theme}">${blocks.join('')}<footer>${contacts}</footer></body></html>`;
}
const print = (host: string, ...pages: Made[]): SitePrint =>
  printOf(
    host,
    pages.map((page, n) => readPage(html(page), `https://${host}/${n}`)),
  );
const rare = () => 2;
const hosts = (prints: readonly SitePrint[], bearers: (value: string) => number = rare) =>
  siteClusters(prints, bearers).map((cluster) => cluster.hosts);

const COUNTER = '<script>gtag("config", "G-ABCDEF1234")</script>';
const PHONE = '<a href="tel:+77000000011">+7 700 000-00-11</a>';

describe('look-alike sites', () => {
  test('a print is the same of pages and of what each of them brought to it, in whatever order', () => {
    const pages = [
      { text: prose(1), head: COUNTER },
      { text: prose(2), contacts: PHONE },
      { text: prose(1) },
    ].map((page, n) => readPage(html(page), `https://alfa.test/${n}`));
    const whole = printOf('alfa.test', pages);
    expect(printOfParts('alfa.test', pages.map((page) => partOf(page)).reverse())).toEqual(whole);
    expect(whole.textSize).toBe(new Set(pages.flatMap((page) => [...partOf(page).runs])).size);
    expect(whole.marks).toContainEqual({ kind: 'counter', value: 'google G-ABCDEF1234' });
  });

  test('a print stays what it was when prints were kept', () => {
    const { text, markup, textSize, markupSize } = print('alfa.test', { text: prose(1), head: COUNTER });
    expect([text.slice(0, 2), markup.slice(0, 2), textSize, markupSize]).toEqual([
      [1150768384, 780865152],
      [3743328010, 1449207744],
      147,
      53,
    ]);
  });

  test('a pyramid on another host, its name changed, is the same site, and the reasons say why', () => {
    const old = prose(1).replaceAll('бала', 'альфаинвест');
    const moved = prose(1).replaceAll('бала', 'бетакапитал');
    const a = print('alfa.test', { text: old, head: COUNTER });
    const b = print('beta.test', { text: moved, head: COUNTER });
    expect(hosts([a, b, print('other.test', { text: prose(9), theme: 3 })])).toEqual([
      ['alfa.test', 'beta.test'],
    ]);
    const { reasons } = likenessOf(a, b, rare);
    expect(reasons.map(({ what }) => what).sort()).toEqual(['counter', 'markup', 'text']);
    expect(reasons.find(({ what }) => what === 'counter')?.detail).toBe('google G-ABCDEF1234');
  });

  test('other words on other markup with the same counter and telephone are the same site', () => {
    const a = print('a.test', { text: prose(1), head: COUNTER, contacts: PHONE, theme: 1 });
    const b = print('b.test', { text: prose(2), head: COUNTER, contacts: PHONE, theme: 2 });
    expect(
      likenessOf(a, b, rare)
        .reasons.map(({ what }) => what)
        .sort(),
    ).toEqual(['counter', 'phone']);
    expect(hosts([a, b])).toEqual([['a.test', 'b.test']]);
  });

  test('two honest shops on one template, with one icon, are two', () => {
    const icon = `<link rel="icon" href="data:image/png;base64,${'A'.repeat(80)}">`;
    const shops = [1, 2, 3].map((seed) => print(`shop-${seed}.test`, { text: prose(seed), head: icon }));
    const { reasons } = likenessOf(shops[0]!, shops[1]!, rare);
    expect(reasons.map(({ what }) => what)).toEqual(['markup', 'icon']);
    expect(hosts(shops)).toEqual([]);
  });

  test('the customers of one web studio, with its telephone on its template, are not one site', () => {
    const customers = [1, 2, 3].map((seed) =>
      print(`c-${seed}.test`, { text: prose(seed), contacts: PHONE }),
    );
    expect(likenessOf(customers[0]!, customers[1]!, rare).reasons.map(({ what }) => what)).toEqual([
      'phone',
      'markup',
    ]);
    expect(hosts(customers)).toEqual([]);
  });

  test('a theme of WordPress with its usual boilerplate makes no two sites one', () => {
    const boilerplate = prose(77, 24);
    const head =
      '<meta name="generator" content="WordPress 6.5"><link rel="stylesheet" href="/wp-content/themes/x/style.css">';
    const sites = [1, 2, 3].map((seed) =>
      print(`wp-${seed}.test`, { text: `${boilerplate} ${prose(seed, 130)}`, head }),
    );
    expect(hosts(sites)).toEqual([]);
  });

  test('a counter and words that many sites bear say nothing: parking pages are not one site', () => {
    const parked = [1, 2, 3].map((n) => print(`parked-${n}.test`, { text: prose(5), head: COUNTER }));
    expect(hosts(parked)).toHaveLength(1);
    expect(hosts(parked, () => 500)).toEqual([]);
  });

  test('a warning that names the wallet it warns of is not the site it warns of', () => {
    const wallet = '<p>TJRabPrwbZy45sbavfcjinPJC18kjpRTv8</p>';
    const a = print('fraud.test', { text: prose(1), contacts: wallet, theme: 1 });
    const b = print('news.test', { text: prose(2), contacts: wallet, theme: 2 });
    expect(a.marks).toEqual([{ kind: 'wallet', value: 'tron TJRabPrwbZy45sbavfcjinPJC18kjpRTv8' }]);
    expect(likenessOf(a, b, rare).reasons.map(({ what }) => what)).toEqual(['wallet']);
    expect(hosts([a, b])).toEqual([]);
  });

  test('like to like does not chain: one site with the marks of two families joins no two families', () => {
    const family = (name: string, seed: number, head: string) =>
      [1, 2, 3].map((n) => print(`${name}-${n}.test`, { text: prose(seed), head, theme: seed }));
    const other = '<script>ym(12345678, "init", {})</script>';
    const bridge = print('bridge.test', { text: prose(3), head: COUNTER + other, contacts: PHONE, theme: 3 });
    const clusters = hosts([...family('a', 1, COUNTER), ...family('b', 2, other), bridge]);
    expect(clusters).toEqual([
      ['a-1.test', 'a-2.test', 'a-3.test'],
      ['b-1.test', 'b-2.test', 'b-3.test'],
    ]);
  });

  test('neither the order of pages nor that of sites changes anything', () => {
    const pages = [1, 2, 3].map((seed) => ({ text: prose(seed, 60), head: COUNTER, contacts: PHONE }));
    const sites = [1, 1, 2, 2, 3].map((seed, n) => print(`s${n}.test`, { text: prose(seed), head: COUNTER }));
    const shuffledPages = fc.shuffledSubarray(pages, { minLength: 3, maxLength: 3 });
    const shuffledSites = fc.shuffledSubarray(sites, { minLength: 5, maxLength: 5 });
    const order = hosts(sites);
    expect(order).toEqual([
      ['s0.test', 's1.test'],
      ['s2.test', 's3.test'],
    ]);
    fc.assert(
      fc.property(shuffledPages, shuffledSites, (somePages, someSites) => {
        expect(print('p.test', ...somePages)).toEqual(print('p.test', ...pages));
        expect(hosts(someSites)).toEqual(order);
      }),
      { numRuns: 20 },
    );
  });

  test('likeness is the same both ways, and a copy shares a value to be found by', () => {
    const a = print('a.test', { text: prose(1), head: COUNTER, contacts: PHONE });
    const b = print('b.test', { text: `${prose(1, 120)} ${prose(8, 30)}`, head: COUNTER });
    expect(likenessOf(a, b, rare)).toEqual(likenessOf(b, a, rare));
    const shared = valuesOf(a).filter((value) => valuesOf(b).includes(value));
    expect(shared).toContain('counter google G-ABCDEF1234');
    expect(shared.some((value) => value.startsWith('band '))).toBe(true);
  });

  test('broken and bottomless markup is read in one pass', () => {
    expect(tagPaths('<div><p class="a"><br></p></section></div><i').size).toBe(4);
    expect(tagPaths('<b>'.repeat(100_000)).size).toBeLessThan(10);
    expect(printOf('empty.test', [])).toMatchObject({ textSize: 0, markupSize: 0, marks: [] });
    expect(likenessOf(printOf('a.test', []), printOf('b.test', []), rare).score).toBeLessThan(ALIKE);
  });

  test('tag paths are those that the pattern alone would find, whatever stands in a source', () => {
    const piece = fc.constantFrom(
      ...['<', '</', '>', ' ', 'p', 'DIV', 'br', 'my-tag', 'a_b', 'x--', '-', '_', 'ж', '"', "'", '\n', 'h1'],
      ...[
        ' class="a b"',
        ' CLASS = c',
        " id=1 class='d'",
        ' class=',
        'n'.repeat(31),
        'n'.repeat(32),
        'z'.repeat(1_990),
      ],
    );
    const tag = fc
      .tuple(fc.constantFrom('<', '</', '<!'), piece, piece, fc.constantFrom('>', '', '/>'))
      .map((it) => it.join(''));
    fc.assert(
      fc.property(fc.array(fc.oneof(tag, piece), { maxLength: 60 }), (pieces) => {
        const html = pieces.join('');
        expect([...tagPaths(html)]).toEqual([...pathsByPattern(html)]);
      }),
      { numRuns: 400 },
    );
  });
});

describe('lineage', () => {
  const bad = { text: prose(1), head: COUNTER };
  const one = { print: print('old-1.test', bad), confirmed: 'pyramid' as const };
  const two = { print: print('old-2.test', bad), confirmed: 'pyramid' as const };
  const fresh = print('new.test', bad);
  const unsure = {
    label: 'legit' as const,
    score: 0.4,
    verdict: 'abstain' as const,
    abstainReason: 'x',
    signals: [],
  };

  test('a new site like two confirmed ones bears their history, with hosts and reasons', () => {
    const siblings = siblingsOf(fresh, [two, one], rare);
    expect(siblings.map(({ host }) => host)).toEqual(['old-1.test', 'old-2.test']);
    expect(lineageSignal(siblings)).toMatchObject({
      id: 'cluster.confirmed_fraud',
      family: 'cluster',
      excerpt: expect.stringMatching(
        /^old-1\.test \(text 1\.00, counter google G-ABCDEF1234, markup 1\.00\); old-2\.test/,
      ),
    });
    expect(withLineage(unsure, siblings)).toMatchObject({ label: 'pyramid', verdict: 'flag' });
  });

  test('two copies say more than one, and never as much as two witnesses', () => {
    const weight = (...candidates: (typeof one)[]) =>
      lineageSignal(siblingsOf(fresh, candidates, rare))!.contribution;
    expect(weight(one, two)).toBeGreaterThan(weight(one));
    expect(weight(one, two)).toBeLessThan(2 * weight(one));
  });

  test('a site like others of which none was confirmed bears nothing', () => {
    const siblings = siblingsOf(fresh, [{ ...one, confirmed: null }], rare);
    expect(siblings).toHaveLength(1);
    expect(lineageSignal(siblings)).toBeNull();
    expect(withLineage(unsure, siblings)).toBe(unsure);
  });

  test('a site that is surely legitimate is not flagged for a likeness alone', () => {
    const clear = { ...unsure, score: 0.005, verdict: 'clear' as const, abstainReason: null };
    expect(withLineage(clear, siblingsOf(fresh, [one], rare)).verdict).toBe('clear');
  });
});

/** As `tagPaths` says it, by its pattern alone. */
function pathsByPattern(html: string): Set<string> {
  const paths = new Set<string>();
  const open: string[] = [];
  for (const [, slash, written, attributes] of html.matchAll(
    /<(\/?)([a-z][a-z0-9-]{0,30})\b([^<>]{0,2000})/gi,
  )) {
    const name = written!.toLowerCase();
    if (slash === '/') {
      const at = open.lastIndexOf(name);
      if (at !== -1) open.length = at;
      continue;
    }
    const first = /\sclass\s*=\s*["']?\s*([^\s"'>]{1,60})/i.exec(attributes!)?.[1] ?? '';
    paths.add(`${open.slice(-3).join('>')}>${name}.${first}`);
    if (!/^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/.test(name)) open.push(name);
  }
  return paths;
}
