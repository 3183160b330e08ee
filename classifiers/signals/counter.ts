/** Family `counter`: what speaks for a page. Each weighs little, since fraud can write it too. */
import { cut, full, part, type SignalKind } from './facts.ts';

function counter(id: string, weight: number, see: SignalKind['see']): SignalKind {
  return { id: `counter.${id}`, family: 'counter', criterion: 'none', weight, toward: {}, see };
}

const article = counter('article', -0.9, ({ page, source, found }) => {
  if (found.words < 120) return null;
  const byType =
    /article|blogposting|newsarticle/i.test(page.metas['og:type'] ?? '') ||
    /"@type": ?"(?:news)?article"|"@type": ?"blogposting"/.test(source);
  const byTime = 'article:published_time' in page.metas || /<time[ >]|datepublished/.test(source);
  const hasForm = page.forms.some((form) =>
    form.fields.some((field) => field.type === 'password' || field.type === 'tel'),
  );
  const strength = ((byType ? 0.6 : 0) + (byTime ? 0.4 : 0)) * (hasForm ? 0.4 : 1);
  return part(strength, cut(page.title || page.text.slice(0, 150)));
});

const longText = counter('long_text', -0.7, ({ found, page }) => {
  if (found.words < 400 || found.addressShare > 0.03) return null;
  return part(Math.min(1, (found.words - 300) / 1200), cut(page.text.slice(0, 120)));
});

const report = counter('report_frame', -1.2, ({ found, visible }) => {
  if (found.words < 40 || found.reportShare < 0.008) return null;
  // Who offers to win stolen money back speaks of fraud too, to the one whom he means to rob again.
  if (found.byEntry.get('recovery.return_money')?.some((it) => it.frame === 1) && found.addressShare > 0.01)
    return null;
  return part(
    Math.min(1, found.reportShare * 35) * (found.addressShare > 0.05 ? 0.5 : 1),
    cut(visible.slice(0, 150)),
  );
});

const stateHost: SignalKind = {
  ...counter('state_host', -2.5, ({ host }) =>
    host !== null && /(?:^|\.)(?:gov|edu|mil)\.(?:kz|ru|uk|au)$|\.gov$|\.edu$/.test(host) ? full(host) : null,
  ),
  rests: 'on ownership',
};

const structured = counter('organisation_data', -0.4, ({ source }) => {
  const found =
    /"@type": ?"(?:organization|localbusiness|corporation|bankorcreditunion|store|product|breadcrumblist|website)"/.exec(
      source,
    );
  return found === null ? null : full(found[0]);
});

const plainDocument = counter('no_asking', -0.6, ({ page, found }) => {
  if (page.forms.length > 0 || page.wallets.length > 0 || found.words < 60) return null;
  const isOffering = [...found.byEntry].some(
    ([id, list]) => !id.startsWith('counter.') && list.some((it) => it.frame > 0.5),
  );
  return found.addressShare < 0.01 && !isOffering ? full('asks the reader for nothing') : null;
});

export const counterSignals: readonly SignalKind[] = [
  article,
  longText,
  report,
  stateHost,
  structured,
  plainDocument,
];
