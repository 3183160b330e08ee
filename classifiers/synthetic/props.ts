/**
 * What a frame hangs around the words: menu, footer, cookie line, head, social links, forms.
 *
 * All of it is drawn by chance and in the page's language, and all of it says nothing: no company number,
 * licence, rate or promise. Names and numbers are made up; addresses of libraries and counters are the
 * public ones, since nearly every page bears some of them and none is ever asked for.
 */
import type { Random } from '../random.ts';
import type { Tongue, Words } from './parts.ts';
import { FIELD_WORDS, FOOTER_WORDS, MENU_WORDS, SMALL_WORDS } from './small-words.ts';

export interface Block {
  /** A line without a full stop is likely a heading or an item of a list; the frame decides. */
  readonly kind: 'heading' | 'item' | 'paragraph';
  /** Escaped. */
  readonly html: string;
}

export interface MenuItem {
  readonly href: string;
  readonly word: string;
}

export interface FormStyle {
  readonly form?: string;
  readonly row?: (label: string, input: string) => string;
  readonly input?: string;
  readonly button?: string;
  /** A path; '' for the page itself. */
  readonly action?: string;
  readonly hidden?: string;
  readonly id?: string;
}

export interface Props {
  readonly lang: Tongue;
  /** Escaped. */
  readonly title: string;
  readonly name: string;
  readonly blocks: readonly Block[];
  readonly small: (typeof SMALL_WORDS)[Tongue];
  readonly menu: readonly MenuItem[];
  readonly footer: readonly MenuItem[];
  chance(of: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Each item with the given chance, in their order. */
  some<T>(list: readonly T[], of?: number): T[];
  between(from: number, to: number): number;
  /** `count` letters and digits. */
  token(count: number, alphabet?: string): string;
  /** Metas that any page may have. */
  metas(): string;
  /** Fonts, counters, pixels and the like: none to five of them. */
  counters(): string;
  jquery(): string;
  socials(draw: (href: string, name: string) => string): string;
  /** null where the page has no cookie line. */
  cookies(): string | null;
  copyright(): string;
  form(style?: FormStyle): string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const DIGITS = '0123456789';

export function propsOf(words: Words, random: Random): Props {
  const { lang } = words;
  const chance = (of: number): boolean => random() < of;
  const between = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const some = <T>(list: readonly T[], of = 0.5): T[] => list.filter(() => random() < of);
  const token = (count: number, alphabet = LETTERS): string =>
    Array.from({ length: count }, () => alphabet[Math.floor(random() * alphabet.length)]!).join('');
  const small = SMALL_WORDS[lang];
  const title = escaped(words.title);
  const description = escaped(words.blocks[0]!);
  const paths = pick([
    (slug: string) => `/${slug}`,
    (slug: string) => `/${slug}/`,
    (slug: string) => `/${slug}.html`,
    (slug: string) => `/${lang.slice(0, 2)}/${slug}`,
    (slug: string) => `index.php?page=${slug}`,
  ]);
  const linked = ([slug, word]: readonly [string, string]): MenuItem => ({
    href: chance(0.06) ? '#' : paths(slug),
    word,
  });
  const offset = between(0, 1);
  const menu = some(MENU_WORDS[lang], 0.45).map(linked);
  const footer = some(FOOTER_WORDS[lang], 0.5).map(linked);
  const handle = `example_${token(4)}`;

  return {
    lang,
    title,
    name: title.split(/ [—–|-] |[:.,]/)[0]!.trim(),
    blocks: words.blocks.map((block, at) => ({
      kind: kindOf(block, at + offset, random),
      html: escaped(block),
    })),
    small,
    menu: menu.length > 0 ? menu : [linked(MENU_WORDS[lang][0])],
    footer,
    chance,
    pick,
    some,
    between,
    token,
    metas() {
      return lines([
        chance(0.9) && '<meta name="viewport" content="width=device-width, initial-scale=1">',
        chance(0.55) && `<meta name="description" content="${description}">`,
        chance(0.3) && `<meta property="og:title" content="${title}">`,
        chance(0.3) && '<meta property="og:type" content="website">',
        chance(0.25) && `<meta property="og:image" content="/upload/${token(8)}.jpg">`,
        chance(0.2) && `<meta name="keywords" content="${title.toLowerCase().replace(/\s+/g, ', ')}">`,
        chance(0.2) && `<meta name="yandex-verification" content="${token(16, `${DIGITS}abcdef`)}">`,
        chance(0.2) && `<meta name="google-site-verification" content="${token(43)}">`,
        chance(0.25) &&
          `<meta name="theme-color" content="#${pick(['ffffff', '1a73e8', '222222', '00a884', 'f5f5f5'])}">`,
        chance(0.2) && '<meta name="format-detection" content="telephone=no">',
        chance(0.5) && `<link rel="icon" href="/${pick(['favicon.ico', 'favicon.png', 'img/favicon.svg'])}">`,
        chance(0.15) && '<link rel="apple-touch-icon" sizes="180x180" href="/apple-touch-icon.png">',
        chance(0.2) && '<link rel="manifest" href="/site.webmanifest">',
      ]);
    },
    counters() {
      const analytics = token(10).toUpperCase();
      const manager = token(7).toUpperCase();
      const metrika = token(8, DIGITS);
      const pixel = token(15, DIGITS);
      const font = pick(['Roboto', 'Inter', 'Montserrat', 'Open+Sans', 'PT+Sans', 'Manrope', 'Rubik']);
      return lines([
        chance(0.35) &&
          `<link rel="preconnect" href="https://fonts.googleapis.com"><link href="https://fonts.googleapis.com/css2?family=${font}:wght@400;600&display=swap" rel="stylesheet">`,
        chance(0.3) &&
          `<script async src="https://www.googletagmanager.com/gtag/js?id=G-${analytics}"></script><script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}gtag('js',new Date());gtag('config','G-${analytics}');</script>`,
        chance(0.2) &&
          `<script>(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':new Date().getTime(),event:'gtm.js'});var f=d.getElementsByTagName(s)[0],j=d.createElement(s);j.async=true;j.src='https://www.googletagmanager.com/gtm.js?id='+i;f.parentNode.insertBefore(j,f)})(window,document,'script','dataLayer','GTM-${manager}');</script>`,
        chance(0.3) &&
          `<script>(function(m,e,t,r,i,k,a){m[i]=m[i]||function(){(m[i].a=m[i].a||[]).push(arguments)};k=e.createElement(t),a=e.getElementsByTagName(t)[0],k.async=1,k.src=r,a.parentNode.insertBefore(k,a)})(window,document,'script','https://mc.yandex.ru/metrika/tag.js','ym');ym(${metrika},'init',{clickmap:true,trackLinks:true,accurateTrackBounce:true});</script><noscript><div><img src="https://mc.yandex.ru/watch/${metrika}" style="position:absolute;left:-9999px" alt=""></div></noscript>`,
        chance(0.18) &&
          `<script>!function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){n.callMethod?n.callMethod.apply(n,arguments):n.queue.push(arguments)};n.queue=[];t=b.createElement(e);t.async=!0;t.src=v;s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,document,'script','https://connect.facebook.net/en_US/fbevents.js');fbq('init','${pixel}');fbq('track','PageView');</script>`,
        chance(0.12) &&
          '<link rel="stylesheet" href="https://cdnjs.cloudflare.com/ajax/libs/font-awesome/6.5.1/css/all.min.css">',
        chance(0.1) && `<script src="/js/chat-widget.js?id=${token(10)}" async></script>`,
      ]);
    },
    jquery() {
      return pick([
        '<script src="/js/jquery.min.js"></script>',
        '<script src="https://code.jquery.com/jquery-3.7.1.min.js"></script>',
        '<script src="https://ajax.googleapis.com/ajax/libs/jquery/3.6.0/jquery.min.js"></script>',
        '<script src="/assets/js/jquery-1.12.4.min.js"></script>',
        '',
      ]);
    },
    socials(draw) {
      return some(SOCIALS, 0.35)
        .map(([host, called]) => draw(`https://${host}/${handle}`, called))
        .join('\n');
    },
    cookies: () => (chance(0.35) ? small.cookies : null),
    copyright: () =>
      `© ${pick(['', '2014–', '2019–', '2023–'])}2026 ${title.split(/ [—–|-] |[:.,]/)[0]!.trim()}${chance(0.5) ? `. ${small.rights}` : ''}`,
    form: (style = {}) => (words.form === null ? '' : drawForm(words.form, lang, style, { pick, chance })),
  };
}

const SOCIALS = [
  ['www.instagram.com', 'Instagram'],
  ['www.facebook.com', 'Facebook'],
  ['t.me', 'Telegram'],
  ['www.youtube.com', 'YouTube'],
  ['vk.com', 'VK'],
  ['www.tiktok.com', 'TikTok'],
] as const;

/** `at` 0 is a heading always; short lines without a full stop are, more often than not, headings or items. */
function kindOf(block: string, at: number, random: Random): Block['kind'] {
  if (at === 0) return 'heading';
  const isLine = block.length <= 90 && !/[.!?…]$/.test(block);
  if (!isLine) return 'paragraph';
  const roll = random();
  if (block.length <= 45 && roll < 0.45) return 'heading';
  return roll < 0.8 ? 'item' : 'paragraph';
}

type FieldKind = keyof (typeof FIELD_WORDS)['ru'];
interface FieldShape {
  readonly says: FieldKind;
  readonly type: string;
  readonly names: readonly string[];
}

const NAME: FieldShape = {
  says: 'name',
  type: 'text',
  names: ['name', 'your-name', 'fio', 'form[name]', 'NAME', 'first_name'],
};
const PHONE: FieldShape = {
  says: 'phone',
  type: 'tel',
  names: ['phone', 'tel', 'your-tel', 'form[phone]', 'PHONE', 'telephone'],
};
const PASSWORD: FieldShape = {
  says: 'password',
  type: 'password',
  names: ['password', 'pass', 'passwd', 'USER_PASSWORD', 'pwd'],
};
const EMAIL: FieldShape = { says: 'email', type: 'email', names: ['email', 'mail', 'your-email', 'E-mail'] };

const FORMS: Readonly<Record<NonNullable<Words['form']>, readonly FieldShape[]>> = {
  signup: [NAME, EMAIL, PASSWORD],
  login: [
    { says: 'login', type: 'text', names: ['login', 'username', 'email', 'user', 'USER_LOGIN'] },
    PASSWORD,
  ],
  phone: [NAME, PHONE],
  card: [
    { says: 'card', type: 'text', names: ['card', 'cardnumber', 'pan', 'card_number'] },
    { says: 'cvv', type: 'text', names: ['cvv', 'cvc', 'cvv2'] },
    { says: 'code', type: 'text', names: ['code', 'sms', 'sms_code', 'otp'] },
  ],
  seed: [{ says: 'seed', type: 'text', names: ['phrase', 'words', 'recovery'] }],
  search: [{ says: 'find', type: 'search', names: ['q', 's', 'search', 'query'] }],
  order: [NAME, PHONE, { says: 'address', type: 'text', names: ['address', 'addr', 'delivery_address'] }],
};

function drawForm(
  kind: NonNullable<Words['form']>,
  lang: Tongue,
  style: FormStyle,
  { pick, chance }: Pick<Props, 'pick' | 'chance'>,
): string {
  const said = FIELD_WORDS[lang];
  const naming = pick([0, 1, 2, 3]);
  const row = style.row ?? ((label, input) => `<p>${label} ${input}</p>`);
  const asPlaceholder = chance(0.5);
  const fields = FORMS[kind].map(({ says, type, names }) => {
    const name = names[naming % names.length]!;
    const id = `${style.id ?? 'f'}-${says}`;
    const label = asPlaceholder ? '' : `<label for="${id}">${said[says]}</label>`;
    const words = asPlaceholder ? ` placeholder="${said[says]}"` : '';
    return row(
      label,
      `<input id="${id}" name="${name}" type="${type}"${words}${chance(0.4) ? ' required' : ''} ${style.input ?? ''}>`,
    );
  });
  const method = kind === 'search' ? 'get' : 'post';
  const label = kind === 'login' ? said.enter : kind === 'search' ? said.find : pick(said.send);
  const consent =
    kind !== 'search' && chance(0.25)
      ? `<label class="agree"><input type="checkbox" name="agree" value="1"> ${said.consent}</label>`
      : '';
  return `<form method="${method}" action="${style.action ?? ''}" ${style.form ?? ''}>${style.hidden ?? ''}
${fields.join('\n')}
${consent}<button type="submit" ${style.button ?? ''}>${label}</button></form>`;
}

function lines(list: readonly (string | false)[]): string {
  return list.filter((line) => line !== false).join('\n');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
