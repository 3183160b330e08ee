/** Batches that were built, newest first, and what waits for the next one. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import { isAllowed } from '../roles.ts';
import { type DeskEnv, roleOf } from '../tools.ts';
import { copyable, notice, type Screen, when } from './layout.ts';

export async function batchesScreen(c: Context<DeskEnv>): Promise<Screen> {
  const { stores, actions } = c.get('tools');
  const words = c.get('words');
  const list = await stores.batches.list();
  const waiting = await stores.cases.count({ state: 'approved' });
  const canBuild = actions.buildBatch !== undefined && isAllowed(roleOf(c.get('who')), 'batch.build');
  const content = html`${notice(c)}
<div class="heading"><h1>${words.say('batches.title')}</h1><p class="aside">${words.say('batches.waiting', { n: waiting })}</p>
${canBuild && waiting > 0 ? html`<form method="post" action="/batches"><button class="main">${words.say('batches.build')}</button></form>` : ''}</div>
${
  list.length === 0
    ? html`<div class="empty"><img src="/assets/mark.svg" alt="" width="56" height="56"><p>${words.say('batches.empty')}</p></div>`
    : html`<div class="table" tabindex="0" role="region" aria-label="${words.say('batches.title')}"><table>
<thead><tr><th scope="col">${words.say('batches.id')}</th><th scope="col">${words.say('batches.channel')}</th><th scope="col">${words.say('batches.cases')}</th><th scope="col">${words.say('batches.built')}</th><th scope="col">${words.say('batches.sha')}</th></tr></thead>
<tbody>${list.map(
        (batch) =>
          html`<tr><th scope="row" class="code">${batch.id}</th><td>${words.say(`channel.${batch.channel}`)}</td><td class="figure">${words.number(batch.cases)}</td><td>${when(words, batch.builtAt)}</td><td>${
            batch.sha256 === null ? words.say('batches.unfinished') : copyable(words, batch.sha256)
          }</td></tr>`,
      )}</tbody></table></div>`
}`;
  return { title: words.say('batches.title'), section: 'batches', content };
}
