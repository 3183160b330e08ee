/**
 * Own example pages: hand-written words (`pages.jsonl`, `posts.jsonl`) put into plain page frames.
 *
 * They stand in for what no public data holds: Kazakh and Russian fraud of every label, and the
 * legitimate pages that are most easily mistaken for it. Fraud and legitimate words go into the same
 * frames, drawn by the same chance, so that a frame tells nothing.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LABELS, type Label } from '../../domain/assessment.ts';
import { type Random, seededRandom } from '../random.ts';

const pageParts = z.strictObject({
  label: z.enum(LABELS),
  lang: z.enum(['ru', 'kk', 'en']),
  kind: z.string().optional(),
  title: z.string(),
  form: z.enum(['signup', 'login', 'phone', 'card', 'seed', 'search', 'order']).nullable(),
  blocks: z.array(z.string()),
});
export type PageParts = z.infer<typeof pageParts>;

const postParts = z.strictObject({
  label: z.enum(LABELS),
  lang: z.enum(['ru', 'kk', 'kk-Latn', 'en']),
  text: z.string(),
});

export interface SyntheticPage {
  readonly id: string;
  readonly label: Label;
  readonly lang: string;
  /** `synthetic/` and the label or the kind of legitimate page. */
  readonly source: string;
  /** The same for all frames of one text. */
  readonly group: string;
  readonly html: string;
}

export interface SyntheticPost {
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
  readonly text: string;
}

export function syntheticPages(seed: number, frames = 2): SyntheticPage[] {
  const random = seededRandom(seed);
  return rows('pages.jsonl').flatMap((row, at) => {
    const parts = pageParts.parse(row);
    return Array.from({ length: frames }, (_, frame) => ({
      id: `synthetic-${at}-${frame}`,
      label: parts.label,
      lang: parts.lang,
      source: `synthetic/${parts.kind ?? parts.label}`,
      group: `synthetic-${at}`,
      html: renderPage(parts, random),
    }));
  });
}

export function syntheticPosts(): SyntheticPost[] {
  return rows('posts.jsonl').map((row) => {
    const parts = postParts.parse(row);
    return { ...parts, source: `synthetic/${parts.label}` };
  });
}

function rows(name: string): unknown[] {
  const text = readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}

/** The words in one of several frames; links, scripts and class names are drawn, not chosen. */
export function renderPage(parts: PageParts, random: Random): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const style = pick(STYLES);
  const nav = MENU[parts.lang].filter(() => random() < 0.6);
  const menu = nav
    .map((word, at) => `<a class="${style.link}" href="${random() < 0.3 ? '#' : `/p${at}`}">${word}</a>`)
    .join('\n');
  const blocks = parts.blocks
    .map(
      (block, at) =>
        `<${style.block} class="${style.card}">${at === 0 ? `<h2>${block}</h2>` : `<p>${block}</p>`}</${style.block}>`,
    )
    .join('\n');
  const form = parts.form === null ? '' : formOf(parts.form, parts.lang, random);
  const scripts = SCRIPTS.filter(() => random() < 0.35)
    .map((src) => `<script src="${src}"></script>`)
    .join('\n');
  return `<!doctype html>
<html lang="${parts.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${parts.title}</title>${random() < 0.5 ? `<meta name="description" content="${parts.blocks[0] ?? ''}">` : ''}
<link rel="stylesheet" href="${pick(SHEETS)}"></head>
<body class="${style.body}"><header class="${style.header}"><nav>${menu}</nav></header>
<main class="${style.main}"><h1>${parts.title}</h1>
${blocks}
${form}</main>
<footer class="${style.footer}"><p>© 2026</p></footer>
${scripts}</body></html>`;
}

const STYLES = [
  {
    body: 'page',
    header: 'header',
    main: 'container',
    card: 'card',
    block: 'div',
    link: 'nav-link',
    footer: 'footer',
  },
  {
    body: 't-body',
    header: 't-menu',
    main: 't-records',
    card: 't-rec',
    block: 'div',
    link: 't-menu__link',
    footer: 't-footer',
  },
  {
    body: 'home wp-theme',
    header: 'site-header',
    main: 'site-main',
    card: 'entry',
    block: 'section',
    link: 'menu-item',
    footer: 'site-footer',
  },
  {
    body: '',
    header: 'top',
    main: 'content',
    card: 'block',
    block: 'section',
    link: 'item',
    footer: 'bottom',
  },
  {
    body: 'antialiased',
    header: 'flex items-center',
    main: 'mx-auto',
    card: 'rounded shadow',
    block: 'article',
    link: 'px-2',
    footer: 'py-4',
  },
] as const;

const SHEETS = ['/css/style.css', '/assets/main.css', '/css/bootstrap.min.css', '/static/app.css'];
const SCRIPTS = [
  '/js/jquery.min.js',
  '/js/main.js',
  '/js/bootstrap.bundle.min.js',
  '/js/slick.min.js',
  '/js/app.js',
];

const MENU = {
  ru: ['Главная', 'О нас', 'Услуги', 'Новости', 'Вопросы', 'Контакты', 'Документы'],
  kk: ['Басты бет', 'Біз туралы', 'Қызметтер', 'Жаңалықтар', 'Сұрақтар', 'Байланыс', 'Құжаттар'],
  en: ['Home', 'About', 'Services', 'News', 'Questions', 'Contacts', 'Documents'],
} as const;

const WORDS = {
  ru: {
    name: 'Имя',
    phone: 'Телефон',
    password: 'Пароль',
    card: 'Номер карты',
    code: 'Код из СМС',
    seed: 'Фраза',
    find: 'Поиск',
    send: 'Отправить',
    enter: 'Войти',
  },
  kk: {
    name: 'Аты',
    phone: 'Телефон',
    password: 'Құпия сөз',
    card: 'Карта нөмірі',
    code: 'СМС код',
    seed: 'Сөздер',
    find: 'Іздеу',
    send: 'Жіберу',
    enter: 'Кіру',
  },
  en: {
    name: 'Name',
    phone: 'Phone',
    password: 'Password',
    card: 'Card number',
    code: 'SMS code',
    seed: 'Recovery phrase',
    find: 'Search',
    send: 'Send',
    enter: 'Sign in',
  },
} as const;

function formOf(kind: NonNullable<PageParts['form']>, lang: PageParts['lang'], random: Random): string {
  const words = WORDS[lang];
  const field = (name: string, type: string, label: string): string =>
    `<label>${label}<input name="${name}" type="${type}" placeholder="${label}"></label>`;
  const fields = {
    signup: [
      field('name', 'text', words.name),
      field('email', 'email', 'E-mail'),
      field('password', 'password', words.password),
    ],
    login: [field('login', 'text', 'E-mail'), field('password', 'password', words.password)],
    phone: [field('name', 'text', words.name), field('phone', 'tel', words.phone)],
    card: [field('card', 'text', words.card), field('cvv', 'text', 'CVV'), field('code', 'text', words.code)],
    seed: [field('phrase', 'text', words.seed)],
    search: [field('q', 'search', words.find)],
    order: [
      field('name', 'text', words.name),
      field('phone', 'tel', words.phone),
      field('address', 'text', words.send),
    ],
  }[kind];
  const action = random() < 0.5 ? '/send' : random() < 0.5 ? '' : '/form';
  return `<form method="post" action="${action}">${fields.join('')}<button type="submit">${kind === 'login' ? words.enter : words.send}</button></form>`;
}
