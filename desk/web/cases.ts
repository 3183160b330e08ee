/** The first page: the queue of cases, riskiest first. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import { LABELS, type Label, type Signal } from '../../domain/assessment.ts';
import type { Case, CaseStateName } from '../../domain/case.ts';
import type { CaseFilter } from '../../store/cases.ts';
import type { DeskEnv } from '../tools.ts';
import { type Html, notice, type Screen, scoreBar, when } from './layout.ts';
import { asSearched, shownName } from './name.ts';
import { plain } from './show.ts';
import type { Words } from './words.ts';

const TABS = ['open', 'confirmed', 'approved', 'referred', 'dismissed', 'all'] as const;
const PER_PAGE = 20;

export interface QueueView {
  readonly tab: (typeof TABS)[number];
  readonly label: Label | null;
  readonly search: string;
  /** From 1. */
  readonly page: number;
}

/** What the address bar asks for; anything malformed counts as not asked. */
export function queueView(query: Readonly<Record<string, string>>): QueueView {
  const page = Number(query.page ?? 1);
  return {
    tab: TABS.find((tab) => tab === query.state) ?? 'open',
    label: LABELS.find((label) => label === query.label) ?? null,
    search: (query.search ?? '').replaceAll('\u0000', '').trim().slice(0, 200),
    page: Number.isInteger(page) && page >= 1 && page <= 50_000 ? page : 1,
  };
}

export async function casesScreen(c: Context<DeskEnv>): Promise<Screen> {
  const { cases, visits } = c.get('tools').stores;
  const words = c.get('words');
  const view = queueView(c.req.query());
  const kept: CaseFilter = {
    ...(view.label === null ? {} : { label: view.label }),
    ...(view.search === '' ? {} : { search: asSearched(view.search) }),
  };
  const ofTab = (tab: QueueView['tab']): CaseFilter => (tab === 'all' ? kept : { ...kept, state: tab });
  const counts = await Promise.all(TABS.map((tab) => cases.count(ofTab(tab))));
  const total = counts[TABS.indexOf(view.tab)]!;
  const from = (view.page - 1) * PER_PAGE;
  const list = await cases.list({ ...ofTab(view.tab), limit: PER_PAGE, offset: from });
  const reading = (await visits.openHosts(1000)).length;
  const content = html`${notice(c)}
<div class="heading"><h1>${words.say('cases.title')}</h1><p class="aside">${words.say('cases.count', { n: total })}, ${words.say('cases.order')}${
    reading === 0 ? '' : html` · <span class="reading">${words.say('cases.reading', { n: reading })}</span>`
  }</p></div>
<nav class="tabs" aria-label="${words.say('cases.tabs')}">${TABS.map(
    (tab, at) =>
      html`<a href="${hrefOf({ ...view, tab, page: 1 })}"${tab === view.tab ? html` aria-current="page"` : ''}>${words.say(`tab.${tab}`)} <span class="count">${words.number(counts[at]!)}</span></a>`,
  )}</nav>
${filters(words, view)}
${list.length === 0 ? empty(words, view) : html`<ol class="queue">${list.map((it) => row(words, it))}</ol>`}
${paging(words, view, from, list.length, total)}`;
  return { title: words.say('cases.title'), section: 'cases', content };
}

function filters(words: Words, view: QueueView): Html {
  return html`<form class="filters" method="get" action="/cases">
<input type="hidden" name="state" value="${view.tab}">
<label>${words.say('cases.label')}
<select name="label"><option value="">${words.say('cases.any_label')}</option>${LABELS.map(
    (label) =>
      html`<option value="${label}"${label === view.label ? html` selected` : ''}>${words.say(`label.${label}`)}</option>`,
  )}</select></label>
<label>${words.say('cases.search')}
<input type="search" name="search" value="${view.search}" maxlength="200" placeholder="${words.say('cases.search_hint')}" autocomplete="off" spellcheck="false"></label>
<button>${words.say('cases.show')}</button>
</form>`;
}

function row(words: Words, it: Case): Html {
  const name = shownName(it.subject);
  return html`<li class="row">
<div class="thumbnail"><img src="/cases/${it.id}/thumbnail" alt="" width="160" height="100" loading="lazy"></div>
<div class="what">
<h2><a href="/cases/${it.id}"><bdi>${name.readable}</bdi></a></h2>
${nameNotes(words, name)}
<p class="kind"><span class="chip label-${it.label}">${words.say(`label.${it.label}`)}</span></p>
</div>
<ul class="why">${it.reasons
    .filter(({ contribution }) => contribution > 0)
    .slice(0, 3)
    .map((reason) => reasonLine(words, reason))}</ul>
<div class="how">
${scoreBar(words, it.score)}
<p class="state state-${it.state.is}">${words.say(`state.${it.state.is}`)}</p>
<p class="meta"><span class="id">${it.id}</span> · ${when(words, it.openedAt)}</p>
</div>
</li>`;
}

function reasonLine(words: Words, reason: Signal): Html {
  return html`<li><span class="family">${familyName(words, reason)}</span> <q>${plain(reason.excerpt)}</q></li>`;
}

/** What a signal is about, in words; families without words of their own are shown as they are named. */
export function familyName(words: Words, signal: Pick<Signal, 'family'>): string {
  return words.sayIfKnown(`family.${signal.family}`, plain(signal.family));
}

export function nameNotes(words: Words, name: ReturnType<typeof shownName>): Html {
  return html`${
    name.punycode === null
      ? ''
      : html`<p class="note">${words.say('site.punycode', { name: name.punycode })}</p>`
  }${name.isMixed ? html`<p class="note warn">${words.say('site.mixed')}</p>` : ''}`;
}

function empty(words: Words, view: QueueView): Html {
  const isFiltered = view.label !== null || view.search !== '' || view.tab !== 'open';
  return html`<div class="empty"><img src="/assets/mark.svg" alt="" width="56" height="56">
<h2>${words.say('cases.empty.title')}</h2>
<p>${words.say(isFiltered ? 'cases.empty.filtered' : 'cases.empty.open')}</p>
${isFiltered ? html`<p><a href="/cases">${words.say('cases.empty.reset')}</a></p>` : ''}</div>`;
}

function paging(words: Words, view: QueueView, from: number, shown: number, total: number): Html | '' {
  if (total <= PER_PAGE && view.page === 1) return '';
  const range = { from: from + Math.min(1, shown), to: from + shown, total };
  return html`<nav class="paging" aria-label="${words.say('cases.paging')}">
${view.page > 1 ? html`<a rel="prev" href="${hrefOf({ ...view, page: view.page - 1 })}">← ${words.say('cases.newer')}</a>` : html`<span></span>`}
<span>${words.say('cases.range', range)}</span>
${from + shown < total ? html`<a rel="next" href="${hrefOf({ ...view, page: view.page + 1 })}">${words.say('cases.older')} →</a>` : html`<span></span>`}
</nav>`;
}

function hrefOf(view: QueueView): string {
  const query = new URLSearchParams();
  if (view.tab !== 'open') query.set('state', view.tab);
  if (view.label !== null) query.set('label', view.label);
  if (view.search !== '') query.set('search', view.search);
  if (view.page > 1) query.set('page', String(view.page));
  return query.size === 0 ? '/cases' : `/cases?${query}`;
}

/** Where an officer goes next: the riskiest open case; null when all are decided. */
export async function nextOpen(c: Context<DeskEnv>): Promise<Case | null> {
  const state: CaseStateName = 'open';
  const [next] = await c.get('tools').stores.cases.list({ state, limit: 1 });
  return next ?? null;
}
