/** Ways to reach whoever stands behind a page: telephone numbers, e-mail and messenger accounts. */
import type { Contacts, Link } from '../../domain/page.ts';

const MOST = 200;

/**
 * Each list in order of first sight, once each, at most 200 long. Links come before text, since an
 * address in a link needs no guessing.
 */
export function readContacts(text: string, links: readonly Link[]): Contacts {
  const phones = new Set<string>();
  const emails = new Set<string>();
  const messengers = new Set<string>();
  for (const { href } of links) {
    if (href.startsWith('tel:')) addIfAny(phones, phoneDigits(decoded(href.slice(4))));
    else if (href.startsWith('mailto:')) addIfAny(emails, emailIn(decoded(href.slice(7))));
    else if (MAY_BE_MESSENGER.test(href)) addIfAny(messengers, messengerOf(href));
  }
  if (DIGITS.test(text))
    for (const [written] of text.matchAll(PHONE)) addIfAny(phones, plausiblePhone(written));
  if (text.includes('@')) for (const [written] of text.matchAll(EMAIL)) addIfAny(emails, emailIn(written));
  for (const [written] of text.matchAll(MESSENGER)) addIfAny(messengers, messengerOf(`https://${written}`));
  return {
    phones: [...phones].slice(0, MOST),
    emails: [...emails].slice(0, MOST),
    messengers: [...messengers].slice(0, MOST),
  };
}

function addIfAny(found: Set<string>, it: string | null): void {
  if (it !== null && found.size < MOST) found.add(it);
}

/** A run of digits with the marks people put between them; bounded, so that scanning stays linear. */
const RUN = '\\d[\\d \\u00a0()\\u2010-\\u2014.-]{8,22}\\d';
const PHONE = new RegExp(`(?<![\\p{L}\\p{N}.,+])\\+?${RUN}(?![\\p{L}\\p{N}])`, 'gu');
/** What no number is without, told without looking at what stands around it. */
const DIGITS = new RegExp(RUN);
const EMAIL = /(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,6}/giu;
const MESSENGER =
  /(?<![a-z0-9.-])(?:www\.)?(?:t\.me|telegram\.me|wa\.me|api\.whatsapp\.com|instagram\.com|vk\.com|vk\.ru)\/[^\s"'<>()]{1,100}/giu;

/**
 * Numbers as people in Kazakhstan and beyond write them: `+` and 10 to 15 digits, or 11 digits that begin
 * with 8 or 7 and an area code that exists (3, 4, 7, 8, 9). Sums of money grouped by thousands are not.
 */
function plausiblePhone(written: string): string | null {
  const digits = phoneDigits(written);
  if (digits === null || digits.startsWith('+')) return digits;
  if (!/^[78][34789]\d{9}$/.test(digits)) return null;
  return /^\d{1,3}(?:[ \u00a0.]\d{3})+$/.test(written) ? null : digits;
}

function phoneDigits(written: string): string | null {
  const digits = written.replace(/[^\d+]/g, '').replace(/(?!^)\+/g, '');
  const count = digits.replace('+', '').length;
  return count >= 10 && count <= 15 ? digits : null;
}

const FILE_ENDINGS = /\.(?:png|jpe?g|gif|svg|webp|avif|css|js)$/i;

function emailIn(written: string): string | null {
  const address = written.split('?')[0]?.trim().toLowerCase() ?? '';
  if (!/^[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,6}$/.test(address)) return null;
  return FILE_ENDINGS.test(address) ? null : address;
}

/** First path segments that are the service's own pages and nobody's account. */
const NOT_ACCOUNTS: Readonly<Record<string, ReadonlySet<string>>> = {
  telegram: new Set([
    'share',
    'proxy',
    'socks',
    'iv',
    'addstickers',
    'addemoji',
    'setlanguage',
    'login',
    'c',
  ]),
  instagram: new Set([
    'p',
    'reel',
    'reels',
    'explore',
    'accounts',
    'tv',
    'direct',
    'about',
    'legal',
    'embed.js',
  ]),
  vk: new Set([
    'share.php',
    'js',
    'rtrg',
    'feed',
    'login',
    'away.php',
    'app',
    'video',
    'audio',
    'widget_like.php',
  ]),
};

/** What no address of a messenger is without: parsing every link of a page a second time costs more than all else here. */
const MAY_BE_MESSENGER =
  /t\.me|telegram\.me|wa\.me|whatsapp|instagram\.com|vk\.(?:com|ru)|^(?:tg|viber):|\/\/send\b/i;

/** `telegram:name`, `whatsapp:digits`, `instagram:name`, `vk:name`, `viber:digits`; null for anything else. */
function messengerOf(href: string): string | null {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  const host = url.hostname.replace(/^www\./, '');
  const [first = '', second = ''] = decoded(url.pathname)
    .split('/')
    .filter((part) => part !== '');
  switch (host === '' ? url.protocol : host) {
    case 't.me':
    case 'telegram.me':
      if (first === 'joinchat') return second === '' ? null : account('telegram', `+${second}`);
      return account('telegram', first === 's' ? second : first);
    case 'resolve':
      return url.protocol === 'tg:' ? account('telegram', url.searchParams.get('domain') ?? '') : null;
    case 'join':
      return url.protocol === 'tg:' ? account('telegram', `+${url.searchParams.get('invite') ?? ''}`) : null;
    case 'wa.me':
      return number('whatsapp', first);
    case 'api.whatsapp.com':
    case 'web.whatsapp.com':
    case 'send':
      return number('whatsapp', url.searchParams.get('phone') ?? '');
    case 'chat':
    case 'add':
      return url.protocol === 'viber:' ? number('viber', url.searchParams.get('number') ?? '') : null;
    case 'instagram.com':
      return account('instagram', first === 'stories' ? second : first);
    case 'vk.com':
    case 'vk.ru':
    case 'm.vk.com':
      return account('vk', first);
    default:
      return null;
  }
}

function account(service: string, written: string): string | null {
  const name = written.replace(/[.,;:!?]+$/, '');
  const isInvite = /^\+[\w-]{10,}$/.test(name);
  if (isInvite) return service === 'telegram' && !/^\+\d+$/.test(name) ? `${service}:${name}` : null;
  const plain = name.replace(/^@/, '').toLowerCase();
  if (!/^[\w.]{2,64}$/.test(plain) || NOT_ACCOUNTS[service]?.has(plain) === true) return null;
  return `${service}:${plain}`;
}

function number(service: string, written: string): string | null {
  const digits = written.replace(/\D/g, '');
  return digits.length >= 10 && digits.length <= 15 ? `${service}:${digits}` : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
