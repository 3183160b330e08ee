/**
 * Mistakes that somebody in a hurry makes, each put through the whole way from an approved case to a referral: two
 * officers said yes, the page was captured, the picture is there. None leaves. A few, which only a person can tell
 * apart from fraud, are held by a soft rule, and leave once two officers let that go in words.
 */
import { describe, expect, test } from 'vitest';
import type { Override } from '../../domain/override.ts';
import {
  findingsOfCase,
  type ReferralOrder,
  type ReferralOutcome,
  toReferral,
} from '../../exports/kibernadzor/referral.ts';
import { subjectOf } from '../../exports/overblock/platforms.ts';
import { approved, captured, overrideOf } from './samples.ts';

interface Words {
  readonly title?: string;
  readonly text?: string;
}

/** A case whose officers took this very address for a fraud site, and asked operators to block it. */
function taken(
  url: string,
  words: Words = {},
  front: 'clear' | 'flag' | null = null,
  overrides: readonly Override[] = [],
): ReferralOutcome {
  const { page, blobs } = captured(1, url);
  const { key, kind } = subjectOf(new URL(url));
  const pages = [{ ...page, page: { ...page.page, ...words } }];
  const home =
    front === null ? [] : [captured(2, new URL('/', url).href, { assessment: { verdict: front } }).page];
  return toReferral({
    case: approved(1, key, { subject: { kind, key } }),
    pages,
    alsoSeen: home,
    channel: 'operator_block',
    blobs,
    overrides,
  });
}

const softOf = (outcome: ReferralOutcome) =>
  outcome.is === 'refused' ? outcome.refusals.filter(({ isSoft }) => isSoft) : [];

const rulesOf = (outcome: ReferralOutcome) =>
  outcome.is === 'refused' ? outcome.refusals.map(({ rule }) => rule) : [];

/** Accounts and pages on hosts that others share: what is at fault is one of them. */
const SHARED = [
  't.me/altyn_piramida',
  't.me/s/altyn_piramida',
  'www.instagram.com/altyn.piramida/',
  'www.instagram.com/p/C0dEfGhIjKl/',
  'www.facebook.com/groups/100000000000000',
  'vk.com/club100000000',
  'ok.ru/group/50000000000000',
  'www.tiktok.com/@altyn_piramida',
  'www.youtube.com/watch?v=AbCdEfGhIjK',
  'youtu.be/AbCdEfGhIjK',
  'x.com/altyn_piramida',
  'wa.me/77000000001',
  'chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv',
  'docs.google.com/forms/d/e/1FAIpQLSabc/viewform',
  'docs.google.com/document/d/1abc/edit',
  'drive.google.com/file/d/1abc/view',
  'sites.google.com/view/altyn-bonus',
  'forms.gle/AbCdEfGh',
  'telegra.ph/Altyn-tabys-05-04',
  'www.olx.kz/d/obyavlenie/iphone-15-IDabc.html',
  'kaspi.kz/shop/p/iphone-15-100000/',
  'kolesa.kz/a/show/100000000',
  'krisha.kz/a/show/600000000',
  'satu.kz/p100000-iphone.html',
  'www.avito.ru/almaty/telefony/iphone_100000',
  'play.google.com/store/apps/details?id=test.altyn',
  'apps.apple.com/kz/app/altyn/id100000000',
  'github.com/altyn/bonus',
  'www.dropbox.com/s/abc/offer.pdf',
  'disk.yandex.ru/d/abc',
  'cloud.mail.ru/public/abc/def',
  'taplink.cc/altyn',
  'linktr.ee/altyn',
  'medium.com/@altyn/tabys-abc',
] as const;

/** How such an address comes in: with tails, entities, other letters, a port, a dot. */
const TAILS: readonly ((address: string) => string)[] = [
  (address) => `https://${address}`,
  (address) => `http://${address}${address.includes('?') ? '&amp;' : '?'}utm_source=ig&amp;utm_medium=social`,
  (address) => `https://${address}${address.includes('?') ? '&' : '?'}igsh=abc&img_index=1&gclid=x&wbraid=y`,
  (address) => `https://${address.replace(/^[^/]+/, (host) => host.toUpperCase())}`,
  (address) => `https://${address.replace(/^[^/]+/, (host) => `${host}.`)}#top`,
];

/** Whole platforms, public suffixes, bare addresses, links that only forward: nobody's own. */
const NOBODYS = [
  ...[
    'https://www.instagram.com/',
    'https://t.me/',
    'https://www.facebook.com/',
    'https://vk.com/',
    'https://www.tiktok.com/',
  ],
  ...[
    'https://www.youtube.com/',
    'https://docs.google.com/',
    'https://www.olx.kz/',
    'https://kaspi.kz/',
    'https://github.com/',
  ],
  ...[
    'https://github.io/',
    'https://vercel.app/',
    'https://netlify.app/',
    'https://web.app/',
    'https://pages.dev/',
  ],
  ...[
    'https://blogspot.com/',
    'https://com.kz/',
    'https://co.uk/',
    'https://wixsite.com/',
    'https://workers.dev/',
  ],
  ...[
    'http://192.0.2.10/',
    'http://192.0.2.10:8080/login',
    'https://[2001:db8::7]/',
    'http://198.51.100.7/kaspi',
  ],
  ...[
    'https://bit.ly/3abc',
    'https://qrco.de/abc',
    'https://clck.ru/abc',
    'https://goo.su/abc',
    'https://vk.cc/abc',
    'https://tinyurl.com/abc',
    'https://is.gd/abc',
    'https://cutt.ly/abc',
  ],
];

/** Those whom the rules protect, whatever a page of theirs says about fraud. */
const PROTECTED = [
  ...[
    'https://tengrinews.kz/crime/piramida-1/',
    'https://www.zakon.kz/1.html',
    'https://www.nur.kz/crime/1/',
    'https://informburo.kz/novosti/1',
  ],
  ...[
    'https://rus.azattyq.org/a/1.html',
    'https://www.bbc.com/russian/1',
    'https://www.vice.com/en/article/1',
  ],
  ...[
    'https://egov.kz/',
    'https://www.gov.kz/memleket/entities/afm',
    'https://fingramota.kz/piramida',
    'https://nationalbank.kz/ru/news/1',
  ],
  ...[
    'https://halykbank.kz/',
    'https://online.homebank.kz/login',
    'https://www.cbr.ru/inside/warning-list/',
    'https://www.ftc.gov/scams',
  ],
  ...[
    'https://cs.stanford.edu/~student/phishing-demo/',
    'https://www.u-tokyo.ac.jp/',
    'https://freedom24.com/',
  ],
  ...['https://altyn-shop.kz/', 'https://xn--80a0a.xn--80ao21a/', 'https://altyn.com.kz/bonus'],
];

/** A page that is none, whatever the address. */
const NO_PAGES: readonly Words[] = [
  { title: '404 Not Found', text: 'nginx' },
  { title: '403 Forbidden', text: '' },
  { title: 'Just a moment...', text: 'Checking your browser before accessing altyn.test' },
  { title: 'Attention Required! | Cloudflare', text: 'Please complete the captcha' },
  { title: 'altyn.test', text: 'This domain is for sale. Buy this domain.' },
  { title: 'Account Suspended', text: 'Contact your hosting provider.' },
  { title: 'Welcome to nginx!', text: 'If you see this page, the web server is installed.' },
  { title: 'Apache2 Debian Default Page', text: 'It works!' },
  { title: 'Сайт заблокирован', text: 'Доступ к ресурсу ограничен' },
  { title: 'Страница не найдена', text: '' },
  { title: 'Домен припаркован', text: 'Домен продаётся' },
  { title: '', text: 'Подтвердите, что вы не робот' },
];

/** Pages that are told from fraud by people alone: they leave only when two officers let it go. */
const ABOUT: readonly (readonly [url: string, words: Words])[] = [
  [
    'https://blog-o-dengah.test/altyn',
    { text: 'Осторожно, мошенники: Altyn признана финансовой пирамидой, приговор суда от мая.' },
  ],
  ['https://forum-zhertv.test/tema/1', { text: 'Остерегайтесь Altyn, обещали 3% в день.' }],
  ['https://saqtyq.test/eskertu', { text: 'Алаяқтардан сақ болыңыз: Altyn күніне 3% уәде етеді.' }],
  ['https://scam-watch.test/altyn', { text: 'Scam alert: Altyn promises 3% a day. Beware of it.' }],
  [
    'https://kriminal.test/1',
    { text: 'По факту пирамиды возбуждено уголовное дело, задержаны подозреваемые.' },
  ],
  ['https://research.test/paper', { text: 'This clone was made for educational purposes.' }],
  ['https://smeshno.test/altyn', { text: 'Пародия на инвестиционные конторы: 3000% в день!' }],
  ['https://altyn-seized.test/', { text: 'This domain has been seized by the authorities.' }],
  ['https://student-netflix.github.io/', { text: 'Netflix clone' }],
  ['https://kaspi-homework.github.io/login/', { text: 'Учебный проект, HTML и CSS' }],
];

const mistakes = SHARED.flatMap((address) => TAILS.map((tail) => tail(address)));

describe('a tempting mistake', () => {
  test('is there in at least 200 kinds of address and page', () => {
    const count = mistakes.length + NOBODYS.length + PROTECTED.length + NO_PAGES.length + ABOUT.length;
    expect(count).toBeGreaterThanOrEqual(200);
  });

  test.each(mistakes)('never goes to operators: %s is shared with others', (url) => {
    const outcome = taken(url);
    expect([outcome.is, rulesOf(outcome).some((rule) => /^OB(1|2|8|10|13)$/.test(rule))]).toEqual([
      'refused',
      true,
    ]);
  });

  test.each(NOBODYS)('never goes to operators: %s is nobody’s own', (url) => {
    expect(taken(url).is).toBe('refused');
  });

  test.each(PROTECTED)('never goes to operators: %s is protected', (url) => {
    const outcome = taken(url);
    expect([outcome.is, rulesOf(outcome).some((rule) => /^OB[678]$/.test(rule))]).toEqual(['refused', true]);
  });

  test.each(NO_PAGES)('never goes out on a notice in place of a page: %j', (words) => {
    expect(rulesOf(taken('https://altyn.test/', { title: '', text: '', ...words }))).toContain('OB14');
  });

  test.each([
    'https://honest-shop.test/wp-content/uploads/2026/kaspi/login.html',
    'https://school-site.test/.well-known/secure/index.php',
    'https://clinic.test/images/tmp/halyk/',
    'https://kafe.test/administrator/components/com_x/bank.php',
  ])('never darkens a site that was broken into: %s', (url) => {
    expect(rulesOf(taken(url, {}, 'clear'))).toContain('OB9');
  });

  test.each(ABOUT)(
    'is held by OB15 until two officers let it go, when it may tell of fraud: %s %j',
    (url, words) => {
      const held = taken(url, { title: '', ...words });
      expect(softOf(held).map(({ rule }) => rule)).toContain('OB15');
      const letGo = lettingGo(url, { title: '', ...words });
      const left = taken(url, { title: '', ...words }, null, letGo);
      expect(left.is === 'referral' && left.referral.decision.overrides.map(({ rule }) => rule)).toEqual(
        softOf(held).map(({ rule }) => rule),
      );
    },
  );

  test('is to take a page without any tie to Kazakhstan for ours, which OB11 holds', () => {
    expect(rulesOf(taken('https://altyn.test/', { title: 'Altyn', text: 'Earn 3% a day' }))).toEqual([
      'OB11',
    ]);
    const ours = taken('https://altyn.test/', { title: 'Altyn', text: 'Кіріс 50 000 ₸, +7 700 000-00-01' });
    expect(rulesOf(ours)).toEqual([]);
    expect(ours.is === 'referral' && ours.referral.kzNexus.map(({ code }) => code)).toEqual([
      'currency_kzt',
      'kz_phone',
    ]);
  });

  test('never passes, whatever two officers would let go, where a hard rule holds it', () => {
    for (const url of [...mistakes, ...NOBODYS, ...PROTECTED]) {
      const { page, blobs } = captured(1, url);
      const { key, kind } = subjectOf(new URL(url));
      const it = { ...approved(1, key), subject: { kind, key } };
      const order: ReferralOrder = { case: it, pages: [page], channel: 'operator_block', blobs };
      const overrides = findingsOfCase(order).map((found) => overrideOf(found));
      expect([url, toReferral({ ...order, overrides }).is]).toEqual([url, 'refused']);
    }
  });
});

/** What two officers would write to let every soft finding of this page go. */
function lettingGo(url: string, words: Words): Override[] {
  const { page, blobs } = captured(1, url);
  const { key, kind } = subjectOf(new URL(url));
  const pages = [{ ...page, page: { ...page.page, ...words } }];
  const it = approved(1, key, { subject: { kind, key } });
  return findingsOfCase({ case: it, pages, channel: 'operator_block', blobs })
    .filter((finding) => finding.kind === 'soft')
    .map((found) => overrideOf(found));
}
