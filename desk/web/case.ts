/** One case: what was seen, why it is here, what was decided, and the form that decides. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Signal } from '../../domain/assessment.ts';
import type { Case } from '../../domain/case.ts';
import { isReferable, OFFENCES } from '../../domain/referral.ts';
import { mainCapture } from '../../exports/kibernadzor/referral.ts';
import type { CapturedPage } from '../../store/captures.ts';
import type { Act } from '../../store/cases.ts';
import { isAllowed } from '../roles.ts';
import { type DeskEnv, roleOf } from '../tools.ts';
import { familyName, nameNotes, nextOpen } from './cases.ts';
import { copyable, exactly, type Html, notice, type Screen, scoreBar, when } from './layout.ts';
import { markedRuns } from './mark.ts';
import { shownName } from './name.ts';
import { defang, plain } from './show.ts';
import type { Words } from './words.ts';

export async function caseScreen(c: Context<DeskEnv>, id: string): Promise<Screen> {
  const { cases, captures } = c.get('tools').stores;
  const words = c.get('words');
  const it = await cases.get(id);
  const pages = await captures.ofCase(it.id);
  const acts = await cases.acts(it.id);
  const shown = pages.find(({ capture }) => capture.id === c.req.query('capture')) ?? mainCapture(it, pages);
  const signals = shown?.page.assessment.signals ?? it.reasons;
  const runs = markedRuns(
    shown?.page.text ?? '',
    signals.map(({ excerpt }) => excerpt),
  );
  const inText = new Set(runs.flatMap(({ by }) => by));
  const name = shownName(it.subject);
  const next = c.req.query('done') === undefined ? null : await nextOpen(c);
  const onward = next === null ? '' : html`<a href="/cases/${next.id}">${words.say('done.next')} →</a>`;
  const content = html`<p class="back"><a href="/cases">← ${words.say('case.back')}</a></p>
${notice(c, onward)}
<div class="heading case-heading">
<div><h1><bdi>${name.readable}</bdi></h1>${nameNotes(words, name)}
<p class="kind"><span class="chip label-${it.label}">${words.say(`label.${it.label}`)}</span> <span class="state state-${it.state.is}">${words.say(`state.${it.state.is}`)}</span> <span class="id">${it.id}</span></p></div>
${scoreBar(words, it.score)}
</div>
<div class="case">
${shown === null ? '' : picture(words, shown)}
<div class="case-side">
${reasonList(words, signals, inText)}
${verdict(c, it)}
${history(words, acts)}
</div>
<div class="case-rest">
${shown === null ? '' : pageText(words, shown, runs)}
${pages.length > 1 ? pageList(words, it, pages, shown) : ''}
${shown === null ? '' : facts(words, shown)}
</div>
</div>`;
  return { title: `${it.id} ${name.readable}`, section: 'cases', content };
}

function picture(words: Words, { capture, page }: CapturedPage): Html {
  const address = defang(capture.finalUrl);
  return html`<section class="picture" aria-labelledby="picture">
<h2 id="picture">${words.say('case.picture')}</h2>
<figure>
<figcaption><b dir="auto">${plain(page.title)}</b>${copyable(words, address)}</figcaption>
${
  capture.screenshot === null
    ? html`<p class="no-picture">${words.say('case.picture_none')}</p>`
    : html`<img src="/api/captures/${capture.id}/screenshot" alt="${words.say('case.picture_alt', { url: address })}">`
}
</figure>
${
  capture.fullScreenshot === null
    ? ''
    : html`<details><summary>${words.say('case.picture_whole')}</summary><img src="/api/captures/${capture.id}/screenshot?of=page" alt="" loading="lazy"></details>`
}
</section>`;
}

function pageText(words: Words, { page }: CapturedPage, runs: ReturnType<typeof markedRuns>): Html {
  const first = new Map<number, number>();
  runs.forEach(({ by }, at) => {
    for (const n of by) if (!first.has(n)) first.set(n, at);
  });
  return html`<section aria-labelledby="text">
<h2 id="text">${words.say('case.text')}</h2>
${
  page.text.trim() === ''
    ? html`<p class="aside">${words.say('case.text_none')}</p>`
    : html`<div class="text" dir="auto" lang="${page.assessment.lang}" tabindex="0" role="region" aria-labelledby="text">${runs.map(
        ({ text, by }, at) => {
          const anchors = by
            .filter((n) => first.get(n) === at)
            .map((n) => html`<a class="anchor" id="sign-${n + 1}"></a>`);
          return by.length === 0
            ? html`${plain(text)}`
            : html`${anchors}<mark>${plain(text)}<sup>${by.map((n) => n + 1).join(',')}</sup></mark>`;
        },
      )}</div>`
}
</section>`;
}

/** The strongest reasons are in sight, so that the decision stands on the same screen; the rest are folded away. */
const IN_SIGHT = 4;

function reasonList(words: Words, signals: readonly Signal[], inText: ReadonlySet<number>): Html {
  const most = Math.max(1, ...signals.map(({ contribution }) => Math.abs(contribution)));
  const items = signals.map((signal, at) => reasonItem(words, signal, at, most, inText.has(at)));
  const folded = items.slice(IN_SIGHT);
  return html`<section class="reasons" aria-labelledby="reasons">
<h2 id="reasons">${words.say('case.reasons')}</h2>
${
  items.length === 0
    ? html`<p class="aside">${words.say('case.reasons_none')}</p>`
    : html`<ol>${items.slice(0, IN_SIGHT)}</ol>
${folded.length === 0 ? '' : html`<details><summary>${words.say('case.more_reasons', { n: folded.length })}</summary><ol>${folded}</ol></details>`}
<p class="aside">${words.say('case.reasons_help')}</p>`
}
</section>`;
}

/** @param most the largest contribution of the page, which fills the bar. */
function reasonItem(words: Words, signal: Signal, at: number, most: number, isInText: boolean): Html {
  const share = (Math.abs(signal.contribution) / most) * 50;
  const isAgainst = signal.contribution >= 0;
  return html`<li>
<div class="reason-head"><span class="number">${at + 1}</span> <b>${familyName(words, signal)}</b>
<svg class="push ${isAgainst ? 'against' : 'for'}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="push-rest" width="100" height="6"/><rect class="push-full" x="${(isAgainst ? 50 : 50 - share).toFixed(1)}" width="${share.toFixed(1)}" height="6"/></svg>
<span class="contribution"><span class="unseen">${words.say('case.contribution', { value: '' })}</span>${words.signed(signal.contribution)}</span></div>
<p class="excerpt"><q dir="auto">${plain(signal.excerpt)}</q></p>
<p class="note">${signal.criterion === 'none' ? '' : html`${words.say('case.criterion', { code: plain(signal.criterion) })} · `}<code>${plain(signal.id)}</code> · ${
    isInText ? html`<a href="#sign-${at + 1}">${words.say('case.in_text')}</a>` : words.say('case.nowhere')
  }</p>
</li>`;
}

/** The decision as it stands, and what this person may do about it. */
function verdict(c: Context<DeskEnv>, it: Case): Html {
  const words = c.get('words');
  const { state } = it;
  if (state.is === 'open') return panel(words, words.say('decide.title'), decisionForm(c, it));
  const why = html`<dl class="decision">
${state.is === 'dismissed' ? '' : html`<dt>${words.say('case.ground')}</dt><dd>${words.sayIfKnown(`ground.${state.ground}`, state.ground)}</dd>`}
<dt>${words.say('case.reason')}</dt><dd dir="auto">${plain(state.reason)}</dd></dl>`;
  switch (state.is) {
    case 'confirmed':
      return panel(
        words,
        words.say('approve.title'),
        html`<p>${words.say('approve.first', { by: state.by, time: words.time(state.at) })}</p>${why}${approval(c, it, state.by)}`,
      );
    case 'dismissed':
      return panel(
        words,
        words.say('state.dismissed'),
        html`<p>${words.say('closed.dismissed', { by: state.by })}</p>${why}`,
      );
    case 'approved':
    case 'referred': {
      const both = { by: state.by, other: state.approvedBy };
      const sentence =
        state.is === 'approved'
          ? words.say('closed.approved', both)
          : words.say('closed.referred', { ...both, batch: state.batch });
      return panel(words, words.say(`state.${state.is}`), html`<p>${sentence}</p>${why}`);
    }
  }
}

function panel(words: Words, title: string, content: Html): Html {
  return html`<section class="verdict" aria-labelledby="verdict" lang="${words.lang}"><h2 id="verdict">${title}</h2>${content}</section>`;
}

function decisionForm(c: Context<DeskEnv>, it: Case): Html {
  const words = c.get('words');
  const refusal = mayNot(c, 'case.decide');
  if (refusal !== null) return refusal;
  const grounds = OFFENCES[it.label]?.grounds ?? [];
  const canRefer = isReferable(it.label);
  return html`<form method="post" action="/cases/${it.id}/decision">
<input type="hidden" name="revision" value="${it.revision}">
${canRefer ? '' : html`<p>${words.say('decide.not_referable')}</p>`}
<fieldset class="choice"><legend>${words.say('decide.verdict')}</legend>
${canRefer ? html`<label><input type="radio" name="verdict" value="confirm" required> ${words.say('decide.confirm')}</label>` : ''}
<label><input type="radio" name="verdict" value="dismiss" required> ${words.say('decide.dismiss')}</label></fieldset>
${
  canRefer
    ? html`<label class="ground">${words.say('decide.ground')}
<select name="ground">${grounds.map((ground) => html`<option value="${ground}">${words.say(`ground.${ground}`)}</option>`)}</select></label>`
    : ''
}
<label for="reason">${words.say('decide.reason')}</label>
<textarea id="reason" name="reason" rows="3" maxlength="2000" required aria-describedby="reason-hint"></textarea>
<p class="note" id="reason-hint">${words.say('decide.reason_hint')}</p>
<p class="effect effect-confirm">${words.say('decide.effect_confirm')}</p>
<p class="effect effect-dismiss">${words.say('decide.effect_dismiss')}</p>
<button class="main">${words.say('decide.send')}</button>
</form>`;
}

function approval(c: Context<DeskEnv>, it: Case, first: string): Html {
  const words = c.get('words');
  const refusal = mayNot(c, 'case.approve');
  if (refusal !== null) return refusal;
  const who = c.get('who');
  if (who.is === 'person' && who.account.login === first) {
    return html`<p class="notice">${words.say('approve.same')}</p>`;
  }
  return html`<form method="post" action="/cases/${it.id}/approval">
<input type="hidden" name="revision" value="${it.revision}">
<p class="effect">${words.say('approve.effect')}</p>
<button class="main">${words.say('approve.send')}</button>
</form>`;
}

function mayNot(c: Context<DeskEnv>, action: 'case.decide' | 'case.approve'): Html | null {
  const words = c.get('words');
  const who = c.get('who');
  const role = roleOf(who);
  if (isAllowed(role, action)) return null;
  const sentence =
    who.is === 'person'
      ? words.say('decide.may_not', { role: words.say(`role.${who.account.role}`) })
      : words.say('decide.guest');
  return html`<p class="aside">${sentence}</p>`;
}

function history(words: Words, acts: readonly Act[]): Html {
  return html`<section aria-labelledby="history"><h2 id="history">${words.say('case.history')}</h2>
<ol class="history">${acts.map((act) => {
    const batch = typeof act.facts.batch === 'string' ? act.facts.batch : '';
    const reason = typeof act.facts.reason === 'string' ? act.facts.reason : '';
    return html`<li><span>${words.say(`act.${act.kind}`, { by: act.by, batch })}</span> ${when(words, act.at)}${
      reason === '' ? '' : html`<p dir="auto">${plain(reason)}</p>`
    }</li>`;
  })}</ol></section>`;
}

function pageList(words: Words, it: Case, pages: readonly CapturedPage[], shown: CapturedPage | null): Html {
  return html`<section aria-labelledby="pages"><h2 id="pages">${words.say('case.pages')}</h2>
<div class="table" tabindex="0" role="region" aria-labelledby="pages"><table>
<thead><tr><th scope="col">${words.say('case.page')}</th><th scope="col">${words.say('score.name')}</th><th scope="col">${words.say('fact.status')}</th><th scope="col">${words.say('case.seen_at')}</th></tr></thead>
<tbody>${pages.map(
    ({ capture, page }) => html`<tr${capture === shown?.capture ? html` class="shown"` : ''}>
<td><a href="/cases/${it.id}?capture=${capture.id}"${capture === shown?.capture ? html` aria-current="true"` : ''}><bdi>${plain(page.title) || '—'}</bdi></a><bdi class="code">${defang(capture.finalUrl)}</bdi>${readAs(words, capture)}</td>
<td class="figure">${words.chance(page.assessment.score)}</td>
<td class="figure">${capture.status}</td>
<td>${when(words, capture.capturedAt)}</td></tr>`,
  )}</tbody></table></div></section>`;
}

/** The visitor that a page was asked for as; nothing where Kuzet asked in its own name. */
function readAs(words: Words, { profile }: CapturedPage['capture']): Html | string {
  return profile === undefined
    ? ''
    : html`<p class="note">${words.say('fact.profile')}: ${words.say(`profile.${profile}`)}</p>`;
}

function facts(words: Words, { capture, page }: CapturedPage): Html {
  const hops = capture.hops.filter(({ location }) => location !== null);
  const rows: [string, Html | string][] = [
    [words.say('fact.captured_at'), exactly(words, capture.capturedAt)],
    ...(capture.profile === undefined
      ? []
      : [[words.say('fact.profile'), words.say(`profile.${capture.profile}`)] satisfies [string, string]]),
    [words.say('fact.url'), copyable(words, defang(capture.url))],
    [words.say('fact.status'), String(capture.status)],
    [
      words.say('fact.hops'),
      hops.length === 0
        ? words.say('fact.hops_none')
        : html`<ol class="hops">${hops.map(
            (hop) => html`<li><bdi class="code">${defang(hop.url)}</bdi> → ${hop.status}</li>`,
          )}<li><bdi class="code">${defang(capture.finalUrl)}</bdi></li></ol>`,
    ],
    [
      words.say('fact.peer'),
      capture.peer === null ? words.say('fact.unknown') : copyable(words, plain(capture.peer)),
    ],
    [words.say('fact.media_type'), plain(capture.mediaType)],
    [words.say('fact.bytes'), words.bytes(capture.bodyBytes)],
    [words.say('fact.body'), copyable(words, capture.bodySha256)],
    ...(capture.screenshot === null
      ? []
      : [[words.say('fact.screenshot'), copyable(words, capture.screenshot)] satisfies [string, Html]]),
    [words.say('fact.warc'), copyable(words, capture.warc)],
    [words.say('fact.lang'), plain(page.assessment.lang)],
    [words.say('fact.model'), plain(page.assessment.model)],
  ];
  return html`<section aria-labelledby="facts"><h2 id="facts">${words.say('case.facts')}</h2>
<dl class="facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}
