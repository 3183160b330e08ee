/** Objections: the form that anybody may fill in, what its sender is told, and the officers' list of them. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Appeal } from '../../domain/appeal.ts';
import { isAllowed } from '../roles.ts';
import { type DeskEnv, roleOf } from '../tools.ts';
import { copyable, type Html, notice, noticed, type Screen, when } from './layout.ts';
import { defang, plain } from './show.ts';
import type { Words } from './words.ts';

/** @param trouble what was wrong with what was sent; '' for nothing. */
export function appealForm(
  words: Words,
  given: { readonly url: string; readonly words?: string; readonly contact?: string },
  trouble = '',
): Screen {
  return outside(
    words.say('appeal.title'),
    html`${trouble === '' ? '' : noticed(trouble)}<p class="aside">${words.say('appeal.intro')}</p>
<form method="post" action="/appeal">
<label>${words.say('appeal.url')} <input name="url" required maxlength="4096" value="${given.url}" autocapitalize="none" spellcheck="false"></label>
<label>${words.say('appeal.words')} <textarea name="words" rows="6" minlength="20" maxlength="4000" required aria-describedby="words-hint">${given.words ?? ''}</textarea></label>
<p class="note" id="words-hint">${words.say('appeal.words_hint')}</p>
<label>${words.say('appeal.contact')} <input name="contact" maxlength="200" value="${given.contact ?? ''}" autocomplete="email"></label>
<button class="main">${words.say('appeal.send')}</button></form>
${askForm(words)}`,
  );
}

export function appealSent(words: Words, code: string): Screen {
  return outside(
    words.say('appeal.sent_title'),
    html`<p role="status">${words.say('appeal.sent')}</p><p>${copyable(words, code)}</p>`,
  );
}

/** The sender hears the judgement; the officer's words and name stay inside. */
export function appealAnswer(words: Words, it: Appeal | null): Screen {
  const answer =
    it === null
      ? words.say('appeal.unknown')
      : it.judged === null
        ? words.say('appeal.waits')
        : words.say(`appeal.answer.${it.judged.verdict}`);
  return outside(words.say('appeal.title'), html`<p role="status">${answer}</p>${askForm(words)}`);
}

function askForm(words: Words): Html {
  return html`<h2>${words.say('appeal.ask')}</h2><form method="get" action="/appeal">
<label>${words.say('appeal.code')} <input name="code" required maxlength="18" pattern="[Aa]-[A-Za-z0-9]{16}" autocapitalize="characters" spellcheck="false"></label>
<button>${words.say('appeal.ask_send')}</button></form>`;
}

function outside(title: string, content: Html): Screen {
  return {
    title,
    section: null,
    content: html`<section class="door" aria-labelledby="door"><img src="/assets/mark.svg" alt="" width="48" height="48"><h1 id="door">${title}</h1>${content}</section>`,
  };
}

/** Rows shown; the oldest judged ones fall off. */
const MOST_SHOWN = 200;

export async function appealsScreen(c: Context<DeskEnv>): Promise<Screen> {
  const words = c.get('words');
  const { appeals } = c.get('tools').stores;
  const list = await appeals.list(MOST_SHOWN);
  const canJudge = isAllowed(roleOf(c.get('who')), 'appeal.judge');
  const content = html`${notice(c)}
<div class="heading"><h1>${words.say('appeals.title')}</h1><p class="aside">${words.say('appeals.waiting', { n: await appeals.countOpen() })}</p></div>
${
  list.length === 0
    ? html`<div class="empty"><img src="/assets/mark.svg" alt="" width="56" height="56"><p>${words.say('appeals.empty')}</p></div>`
    : list.map((it) => oneAppeal(words, it, canJudge))
}`;
  return { title: words.say('appeals.title'), section: 'appeals', content };
}

function oneAppeal(words: Words, it: Appeal, canJudge: boolean): Html {
  const about =
    it.caseId === null
      ? html`${words.say('appeals.no_case')}`
      : html`<a href="/cases/${it.caseId}">${it.caseId}</a>`;
  return html`<section class="verdict" aria-labelledby="${it.code}"><h2 id="${it.code}" class="code">${it.code}</h2>
<dl class="facts"><dt>${words.say('appeals.came')}</dt><dd>${when(words, it.at)}</dd>
<dt>${words.say('appeal.url')}</dt><dd><bdi class="code">${defang(it.url)}</bdi> · ${about}</dd>
<dt>${words.say('appeal.words')}</dt><dd dir="auto" lang="${it.lang}">${plain(it.words)}</dd>
${it.contact === '' ? '' : html`<dt>${words.say('appeals.contact')}</dt><dd dir="auto">${plain(it.contact)}</dd>`}
${
  it.judged === null
    ? ''
    : html`<dt>${words.say('appeals.verdict')}</dt><dd>${words.say(`appeals.${it.judged.verdict}`)} · ${it.judged.by} · ${when(words, it.judged.at)}<br><span dir="auto">${plain(it.judged.reason)}</span></dd>`
}</dl>
${it.judged === null && canJudge ? judgement(words, it) : ''}</section>`;
}

function judgement(words: Words, it: Appeal): Html {
  const choices = it.caseId === null ? (['unmatched'] as const) : (['upheld', 'overturned'] as const);
  const id = `reason-${it.code}`;
  return html`<form method="post" action="/appeals/${it.code}">
<fieldset class="choice"><legend>${words.say('appeals.verdict')}</legend>
${choices.map((verdict) => html`<label><input type="radio" name="verdict" value="${verdict}" required> ${words.say(`appeals.${verdict}`)}</label>`)}</fieldset>
<label for="${id}">${words.say('appeals.reason')}</label>
<textarea id="${id}" name="reason" rows="3" maxlength="2000" required></textarea>
<p class="effect">${words.say('appeals.effect')}</p>
<button class="main">${words.say('appeals.judge')}</button></form>`;
}
