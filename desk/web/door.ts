/** The screens before the desk: log-in, the first account, an invitation, and errors. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import { type Account, LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../../store/accounts.ts';
import type { DeskEnv } from '../tools.ts';
import { type Html, type Screen, trouble } from './layout.ts';
import type { Words } from './words.ts';

/** @param said what to say above the form; '' for nothing. */
export function logInScreen(
  words: Words,
  {
    next,
    hasAccounts,
    said,
    elsewhere,
  }: {
    readonly next: string;
    readonly hasAccounts: boolean;
    readonly said: Html | '';
    /** Another house by whose word people come in; null for none. */
    readonly elsewhere: string | null;
  },
): Screen {
  const title = words.say('log_in.title');
  const form = html`<form method="post" action="/log-in">
<input type="hidden" name="next" value="${next}">
<label>${words.say('log_in.login')} <input name="login" required maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false" autofocus></label>
<label>${words.say('log_in.password')} <input type="password" name="password" required maxlength="${LONGEST_PASSWORD}" autocomplete="current-password"></label>
<button class="main">${words.say('log_in.send')}</button></form>
<button type="button" class="passkey" hidden data-next="${next}" data-failed="${words.say('error.bad_passkey')}">${words.say('log_in.passkey')}</button>`;
  const by =
    elsewhere === null
      ? ''
      : html`<p><a class="button" href="/log-in/oidc?next=${encodeURIComponent(next)}">${words.say('log_in.elsewhere', { name: elsewhere })}</a></p>`;
  return door(
    title,
    html`${said}${hasAccounts ? form : html`<p>${words.say('log_in.no_accounts')}</p>`}${by}`,
  );
}

export function setupScreen(words: Words, token: string, said: Html | ''): Screen {
  return door(
    words.say('setup.title'),
    html`${said}<p class="aside">${words.say('setup.help')}</p><form method="post" action="/setup">
<input type="hidden" name="token" value="${token}">
<label>${words.say('setup.login')} <input name="login" required maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false"></label>
<label>${words.say('setup.name')} <input name="name" required maxlength="100" autocomplete="name"></label>
${newPassword(words)}
<button class="main">${words.say('setup.send')}</button></form>`,
  );
}

export function joinScreen(words: Words, token: string, account: Account, said: Html | ''): Screen {
  return door(
    words.say('join.title', { name: account.name }),
    html`${said}<p class="aside">${words.say('join.help', { login: account.login })}</p><form method="post" action="/join">
<input type="hidden" name="token" value="${token}"><input type="hidden" name="username" value="${account.login}" autocomplete="username">
${newPassword(words)}
<button class="main">${words.say('join.send')}</button></form>`,
  );
}

function newPassword(words: Words): Html {
  return html`<label>${words.say('setup.password')} <input type="password" name="password" required minlength="${SHORTEST_PASSWORD}" maxlength="${LONGEST_PASSWORD}" autocomplete="new-password"></label>`;
}

/** An error as a page of its own. */
export function errorScreen(c: Context<DeskEnv>, code: string): Screen {
  const words = c.get('words');
  return door(
    words.say('error.title'),
    html`${trouble(words, code)}<p><a href="/cases">${words.say('error.home')}</a></p>`,
  );
}

function door(title: string, content: Html): Screen {
  return {
    title,
    section: null,
    content: html`<section class="door" aria-labelledby="door"><img src="/assets/mark.svg" alt="" width="48" height="48"><h1 id="door">${title}</h1>${content}</section>`,
  };
}
