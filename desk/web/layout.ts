/** What every screen shares: head, masthead, notice, foot. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import { isAllowed } from '../roles.ts';
import { type DeskEnv, roleOf } from '../tools.ts';
import { LANGS, type Word, type Words, wordsOf } from './words.ts';

export type Html = ReturnType<typeof html>;

export interface Screen {
  readonly title: string;
  /** Which part of the masthead is lit; null on screens outside of it. */
  readonly section: 'cases' | 'batches' | 'appeals' | 'people' | null;
  readonly content: Html;
}

/** The whole document. */
export function screen(c: Context<DeskEnv>, { title, section, content }: Screen): Html {
  const words = c.get('words');
  return html`<!doctype html>
<html lang="${words.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${words.say('app.name')}</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/desk.css">
<script type="module" src="/assets/desk.mjs"></script>
</head>
<body>
<a class="skip" href="#content">${words.say('app.skip')}</a>
${c.get('who').is === 'visitor' ? html`<p class="demo" role="note">${words.say('app.demo')}</p>` : ''}
${masthead(c, section)}
<main id="content" tabindex="-1">
${content}
</main>
<footer class="foot"><span>${words.say('app.time')}</span><a href="/help">${words.say('nav.help')}</a>${languages(c, words)}</footer>
</body>
</html>`;
}

function masthead(c: Context<DeskEnv>, section: Screen['section']): Html {
  const words = c.get('words');
  const who = c.get('who');
  const role = roleOf(who);
  const link = (part: NonNullable<Screen['section']>, word: Word) =>
    html`<a href="/${part}"${part === section ? html` aria-current="page"` : ''}>${words.say(word)}</a>`;
  return html`<header class="masthead">
<a class="wordmark" href="/cases"><img src="/assets/mark.svg" alt="" width="28" height="28"><span>${words.say('app.name')}</span></a>
<nav aria-label="${words.say('nav.label')}">
${isAllowed(role, 'case.read') ? link('cases', 'nav.cases') : ''}
${isAllowed(role, 'batch.read') ? link('batches', 'nav.batches') : ''}
${isAllowed(role, 'appeal.read') ? link('appeals', 'nav.appeals') : ''}
${isAllowed(role, 'people.read') ? link('people', 'nav.people') : ''}
</nav>
<div class="who">${
    who.is === 'person'
      ? html`<span><b>${who.account.name}</b><small>${words.say(`role.${who.account.role}`)}</small></span>
<form method="post" action="/log-out"><button class="quiet">${words.say('nav.log_out')}</button></form>`
      : who.is === 'visitor'
        ? html`<span>${words.say('nav.guest')}</span>`
        : html`<a href="/log-in">${words.say('nav.log_in')}</a>`
  }</div>
</header>`;
}

function languages(c: Context<DeskEnv>, words: Words): Html {
  const here = new URL(c.req.url);
  const linkTo = (lang: string) => {
    const query = new URLSearchParams(here.search);
    // What must not be opened twice, or said again, does not travel with a change of language.
    for (const name of ['done', 'error']) query.delete(name);
    query.set('lang', lang);
    return `?${query}`;
  };
  return html`<nav class="languages" aria-label="${words.say('nav.languages')}">${LANGS.map((lang) =>
    lang === words.lang
      ? html`<b lang="${lang}">${wordsOf(lang).say('lang.name')}</b>`
      : html`<a href="${linkTo(lang)}" lang="${lang}" hreflang="${lang}">${wordsOf(lang).say('lang.name')}</a>`,
  )}</nav>`;
}

const SAID = ['confirmed', 'dismissed', 'approved', 'judged'] as const;

/** What the last act came to, by the code in `?done=` or `?error=`; codes that are not ours say nothing. */
export function notice(c: Context<DeskEnv>, extra: Html | '' = ''): Html | '' {
  const words = c.get('words');
  const done = SAID.find((it) => it === c.req.query('done'));
  if (done !== undefined) {
    return html`<p class="notice done" role="status"><span>${words.say(`done.${done}`)}</span>${extra}</p>`;
  }
  const error = c.req.query('error');
  return error === undefined ? '' : trouble(words, error);
}

/** An error in words, by its code. */
export function trouble(words: Words, code: string): Html {
  return noticed(words.sayIfKnown(`error.${code}`, words.say('error.internal')));
}

export function noticed(text: string): Html {
  return html`<p class="notice trouble" role="alert">${text}</p>`;
}

/** Text with a button that copies it; the button appears where scripts run. */
export function copyable(words: Words, shown: string, copied: string = shown): Html {
  return html`<span class="copyable"><bdi class="code">${shown}</bdi><button type="button" class="copy" hidden data-copy="${copied}" data-done="${words.say('copied')}">${words.say('copy')}</button></span>`;
}

export function when(words: Words, at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${words.time(at)}</time>`;
}
