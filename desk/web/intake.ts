/** What a page for outsiders shares: objections and tips look alike. */
import { html } from 'hono/html';
import type { Html, Screen } from './layout.ts';

export function outside(title: string, content: Html): Screen {
  return {
    title,
    section: null,
    content: html`<section class="door" aria-labelledby="door"><img src="/assets/mark.svg" alt="" width="48" height="48"><h1 id="door">${title}</h1>${content}</section>`,
  };
}
