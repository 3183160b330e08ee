/** Objections: the form that anybody may fill in, and what its sender is told. */
import { html } from 'hono/html';
import type { Appeal } from '../../domain/appeal.ts';
import { outside } from './intake.ts';
import { copyable, type Html, noticed, type Screen } from './layout.ts';
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
