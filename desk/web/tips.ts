/** Tips: the form for volunteers and whoever else saw something, and what its sender is told. */
import { html } from 'hono/html';
import type { Tip } from '../../domain/tip.ts';
import { outside } from './intake.ts';
import { copyable, type Html, noticed, type Screen } from './layout.ts';
import type { Words } from './words.ts';

/** @param trouble what was wrong with what was sent; '' for nothing. */
export function tipForm(
  words: Words,
  given: { readonly url: string; readonly words?: string; readonly contact?: string },
  trouble = '',
): Screen {
  return outside(
    words.say('tip.title'),
    html`${trouble === '' ? '' : noticed(trouble)}<p class="aside">${words.say('tip.intro')}</p>
<form method="post" action="/tip">
<label>${words.say('appeal.url')} <input name="url" required maxlength="4096" value="${given.url}" autocapitalize="none" spellcheck="false"></label>
<label>${words.say('tip.words')} <textarea name="words" rows="5" maxlength="4000" aria-describedby="words-hint">${given.words ?? ''}</textarea></label>
<p class="note" id="words-hint">${words.say('tip.words_hint')}</p>
<label>${words.say('appeal.contact')} <input name="contact" maxlength="200" value="${given.contact ?? ''}" autocomplete="email"></label>
<button class="main">${words.say('appeal.send')}</button></form>
${askForm(words)}`,
  );
}

export function tipSent(words: Words, code: string): Screen {
  return outside(
    words.say('tip.sent_title'),
    html`<p role="status">${words.say('tip.sent')}</p><p>${copyable(words, code)}</p><p><a href="/tip">${words.say('tip.another')}</a></p>`,
  );
}

/** What became of it, and what an officer says to it; who that was stays inside. */
export function tipTold(words: Words, it: Tip | null): Screen {
  const answer = it === null ? words.say('tip.unknown') : words.say(`tip.answer.${it.answer}`);
  return outside(
    words.say('tip.title'),
    html`<p role="status">${answer}</p>${reply(words, it)}${askForm(words)}`,
  );
}

function reply(words: Words, it: Tip | null): Html | '' {
  if (it === null || it.reply === null) return '';
  const thanks = it.reply.is === 'thanks' ? html`<p><b>${words.say('tip.thanks')}</b></p>` : '';
  const said = it.reply.words === '' ? '' : html`<p dir="auto">${it.reply.words}</p>`;
  return html`<section class="notice" aria-labelledby="reply"><h2 id="reply">${words.say('tip.reply')}</h2>${thanks}${said}</section>`;
}

function askForm(words: Words): Html {
  return html`<h2>${words.say('appeal.ask')}</h2><form method="get" action="/tip">
<label>${words.say('tip.code')} <input name="code" required maxlength="18" pattern="[Tt]-[A-Za-z0-9]{16}" autocapitalize="characters" spellcheck="false"></label>
<button>${words.say('appeal.ask_send')}</button></form>`;
}
