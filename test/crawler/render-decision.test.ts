import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPage } from '../../crawler/extract/page.ts';
import {
  decideRender,
  isActive,
  needsRender,
  type RenderFacts,
  type Seen,
  showedMore,
} from '../../crawler/render-decision.ts';
import { NO_LESSON } from '../../domain/render-lesson.ts';
import { simHash } from '../../domain/text/simhash.ts';

const reason = (html: string) => needsRender(readPage(html, 'https://site.test/'));
const words = 'Компания работает с 2010 года и продаёт мебель для дома. '.repeat(20);

describe('what bytes say of themselves', () => {
  test('a page whose bytes show it needs no render', () => {
    expect(reason(`<p>${words}</p><script src="/app.js"></script>`)).toBe(null);
    expect(reason('<h1>All is well</h1>')).toBe(null);
  });

  test('a root that waits for a script is an empty shell', () => {
    expect(reason('<div id="root"></div><script src="/static/js/main.3f2a.js"></script>')).toBe(
      'empty_shell',
    );
    expect(reason('<div id=app></div><script src="/script.js"></script>')).toBe('empty_shell');
  });

  test('an empty root is a shell, whatever banner stands beside it; a filled one is a page', () => {
    const banner =
      '<p>Мы используем файлы cookie, чтобы сайт работал лучше. Продолжая, вы соглашаетесь с этим. </p>';
    const script = '<script src="/main.js"></script>';
    expect(reason(`${banner.repeat(3)}<div id="root"></div>${script}`)).toBe('empty_shell');
    expect(reason(`${banner.repeat(3)}<div id="root"><p>Мебель</p></div>${script}`)).toBe(null);
    expect(reason(`<p>${words}</p><div id="root"></div>${script}`)).toBe(null);
  });

  test('a page that asks for JavaScript is built by scripts', () => {
    expect(reason('<p>Для работы сайта включите JavaScript</p><script>1</script>')).toBe('script_built');
  });

  test('a page that leaves by itself is a client redirect', () => {
    expect(reason('<meta http-equiv="refresh" content="0; url=/next"><p>Переход')).toBe('client_redirect');
    expect(reason('<script>window.location.href = "https://other.test/";</script>')).toBe('client_redirect');
  });

  test('a page of many words that leaves at once does too; one that stays for a while is read', () => {
    const leaves = (content: string) => reason(`<meta http-equiv="refresh" content="${content}"><p>${words}`);
    expect(leaves('0; url=https://other.test/')).toBe('client_redirect');
    expect(leaves('1;url=/next')).toBe('client_redirect');
    expect(leaves('30; url=/next')).toBe(null);
    expect(leaves('300')).toBe(null);
  });

  test('a short form carries itself, whatever its script does once it is sent', () => {
    const send = '<script>send.onclick = () => { location.href = "/thanks" }</script>';
    expect(reason(`<p>Вход в личный кабинет</p><form><input type="password"></form>${send}`)).toBe(null);
    expect(reason(`<form><input type="password"></form>${send}`)).toBe('client_redirect');
    expect(reason(`<p>Вход в личный кабинет</p><form><input type="hidden"></form>${send}`)).toBe(
      'client_redirect',
    );
  });

  test('a page that unpacks itself is packed, however many words stand in it', () => {
    const code = Buffer.from(words).toString('base64');
    const escaped = encodeURIComponent(words.slice(0, 200));
    expect(reason(`<p>${words}</p><script>document.write(atob('${code}'))</script>`)).toBe('packed');
    expect(reason(`<p>${words}</p><script>document.write(unescape('${escaped}'))</script>`)).toBe('packed');
    const codes = [...Buffer.from(words)].slice(0, 150).join(',');
    expect(reason(`<p>${words}</p><script>eval(String.fromCharCode(${codes}))</script>`)).toBe('packed');
    expect(reason(`<p>${words}</p><script>picture.src = 'data:image/png;base64,${code}'</script>`)).toBe(
      null,
    );
    expect(reason(`<p>${words}</p><script type="application/json">atob eval( ${code}</script>`)).toBe(null);
  });

  test('nothing but scripts and frames makes a page another than its bytes', () => {
    const active = (html: string) => isActive(readPage(html, 'https://site.test/'));
    expect(['<p>x', '<script>1</script>', '<iframe src="/x"></iframe>'].map(active)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

const PLAIN: RenderFacts = {
  mode: 'auto',
  hasBrowser: true,
  needsRender: null,
  isActive: true,
  challenge: null,
  verdict: 'clear',
  hints: [],
  lesson: NO_LESSON,
  lot: 0.5,
  isPicturedEnough: false,
};
const IN_VAIN = { ...NO_LESSON, doubted: { shown: 7, helped: 0 } };
const decided = (over: Partial<RenderFacts>) => {
  const { is, why } = decideRender({ ...PLAIN, ...over });
  return `${is}: ${why}`;
};

describe('whether a page is rendered', () => {
  test('is told with its reason', () => {
    expect(decided({})).toBe('plain: null');
    expect(decided({ mode: 'always' })).toBe('shown: asked');
    expect(decided({ mode: 'never', verdict: 'flag' })).toBe('plain: unwanted');
    expect(decided({ mode: 'never' })).toBe('plain: null');
    expect(decided({ needsRender: 'empty_shell' })).toBe('shown: empty_shell');
    expect(decided({ verdict: 'flag' })).toBe('shown: evidence');
    expect(decided({ verdict: 'abstain' })).toBe('shown: evidence');
    expect(decided({ hasBrowser: false })).toBe('plain: null');
    expect(decided({ hasBrowser: false, needsRender: 'packed' })).toBe('plain: no_browser');
    expect(decided({ challenge: 'cloudflare', mode: 'always' })).toBe('plain: gatekeeper');
  });

  test('is learned from pages like it, but one in ten is shown all the same', () => {
    expect(decided({ needsRender: 'script_built', lesson: IN_VAIN })).toBe('plain: like_others');
    expect(decided({ needsRender: 'script_built', lesson: IN_VAIN, lot: 0.09 })).toBe('shown: script_built');
  });

  test('is never learned away where the page hints at cloaking, unpacks itself, or may be evidence', () => {
    const known = { needsRender: 'script_built', lesson: IN_VAIN } as const;
    expect(decided({ ...known, hints: ['tests_visitor'] })).toBe('shown: script_built');
    expect(decided({ ...known, needsRender: 'packed' })).toBe('shown: packed');
    expect(decided({ ...known, verdict: 'flag' })).toBe('shown: script_built');
    expect(decided({ ...known, needsRender: null, verdict: 'abstain' })).toBe('shown: evidence');
  });

  test('is learned of a page that says too little to be judged, too', () => {
    const silent = { needsRender: 'empty_shell', verdict: 'abstain' } as const;
    expect(decided(silent)).toBe('shown: empty_shell');
    expect(decided({ ...silent, lesson: IN_VAIN })).toBe('plain: like_others');
  });

  test('is drawn for one plain page in fifty, and settled once pages like it only looked plain', () => {
    expect(decided({ lot: 0.019 })).toBe('shown: sample');
    expect(decided({ lot: 0.019, isActive: false })).toBe('plain: null');
    const lesson = { ...NO_LESSON, trusted: { shown: 3, helped: 1 } };
    expect(decided({ lesson })).toBe('shown: only_looks_plain');
  });

  test('stops at enough pictures of a site for what its bytes flag, and for doubt that need not be read', () => {
    const enough = { isPicturedEnough: true } as const;
    expect(decided({ ...enough, verdict: 'flag' })).toBe('plain: pictured_enough');
    expect(decided({ ...enough, verdict: 'flag', needsRender: 'client_redirect' })).toBe(
      'plain: pictured_enough',
    );
    expect(decided({ ...enough, verdict: 'abstain' })).toBe('plain: pictured_enough');
    expect(decided({ ...enough, verdict: 'abstain', needsRender: 'empty_shell' })).toBe('shown: empty_shell');
  });

  test('is never left out for enough pictures where the page hints at cloaking or unpacks itself', () => {
    const flagged = { verdict: 'flag', isPicturedEnough: true } as const;
    expect(decided({ ...flagged, needsRender: 'packed' })).toBe('shown: packed');
    expect(decided({ ...flagged, needsRender: 'script_built', hints: ['tests_visitor'] })).toBe(
      'shown: script_built',
    );
  });

  test('whatever was learned, a page that is flagged is shown, until its site was photographed enough', () => {
    const tally = fc
      .tuple(fc.nat(64), fc.nat(64))
      .map(([a, b]) => ({ shown: Math.max(a, b), helped: Math.min(a, b) }));
    fc.assert(
      fc.property(
        fc.record({
          needsRender: fc.constantFrom(null, 'empty_shell', 'script_built', 'packed', 'client_redirect'),
          isActive: fc.boolean(),
          verdict: fc.constant('flag'),
          lesson: fc.record({ doubted: tally, trusted: tally }),
          lot: fc.double({ min: 0, max: 0.999, noNaN: true }),
        }) as fc.Arbitrary<Partial<RenderFacts>>,
        (facts) => {
          expect(decideRender({ ...PLAIN, ...facts })).toMatchObject({ is: 'shown', forPictures: true });
        },
      ),
    );
  });
});

describe('a browser showed more than the bytes', () => {
  const seen = (text: string, over: Partial<Seen> = {}): Seen => ({
    url: 'https://site.test/',
    text,
    print: simHash(text),
    links: [],
    listings: [],
    assessment: { verdict: 'clear' },
    ...over,
  });
  const links = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ href: `https://site.test/${n}` }));

  test('when words, links or listings came, or others stand there', () => {
    expect(showedMore(seen(''), seen(words))).toBe(true);
    expect(showedMore(seen(words), seen(words, { links: links(5) }))).toBe(true);
    expect(showedMore(seen(words), seen(words, { listings: [1] }))).toBe(true);
    const other = 'Гарантированный доход 40% в месяц без риска, пригласите друзей. '.repeat(18);
    expect(showedMore(seen(words), seen(other))).toBe(true);
  });

  test('when it ended elsewhere, or was judged more gravely', () => {
    expect(showedMore(seen(words), seen(words, { url: 'https://other.test/' }))).toBe(true);
    expect(showedMore(seen(words), seen(words, { assessment: { verdict: 'abstain' } }))).toBe(true);
  });

  test('but not for a banner, a counter, an anchor or a few links more', () => {
    expect(showedMore(seen(words), seen(`${words} Мы используем cookie`))).toBe(false);
    expect(showedMore(seen(words), seen(words, { url: 'https://site.test/#top', links: links(4) }))).toBe(
      false,
    );
    expect(showedMore(seen(words, { links: links(40) }), seen(words, { links: links(49) }))).toBe(false);
    expect(showedMore(seen('', { assessment: { verdict: 'flag' } }), seen(''))).toBe(false);
  });
});
