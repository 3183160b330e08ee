/** Family `code`: what the source gives away, whatever the words say. */
import { credentialForms, cut, type Facts, part, type SignalKind } from './facts.ts';

function signal(
  id: string,
  weight: number,
  toward: SignalKind['toward'],
  see: SignalKind['see'],
  criterion: SignalKind['criterion'] = 'none',
): SignalKind {
  return { id, family: 'code', criterion, weight, toward, see };
}

/** How many of a list of marks the source bears, and which. */
function marks({ source }: Facts, pattern: RegExp): string[] {
  return [...new Set(source.match(pattern) ?? [])];
}

const engine = signal(
  'code.hyip_engine',
  1.6,
  { pyramid: 1 },
  (facts) => {
    const found = marks(
      facts,
      /gold-?coders?|hyip(?:lab|rio|pro|max|tm|manager)?|\?a=(?:deposit|withdraw|signup|referrals|earnings|rules|faq|edit_account)|name=["']?a["']? value=["']?(?:deposit|withdraw|signup|do_login|login)|\bh_id=|\becurrency\b|\begold\b|\be-gold\b/g,
    );
    return found.length === 0 ? null : part(0.5 + 0.2 * (found.length - 1), cut(found.join(', ')));
  },
  'KZ-ARRFR-2',
);

const account = signal('code.investor_account', 0.9, { pyramid: 0.9, investment_fraud: 0.2 }, (facts) => {
  const found = marks(
    facts,
    /withdraw(?:al)?s?[-_ ]?(?:funds|request|history|pending|form)?|pending[-_ ]withdraw|user[-_ ]?balance|account[-_ ]?balance|wallet[-_ ]?id|\bcompounding\b/g,
  );
  return found.length < 2 ? null : part(0.2 * found.length, cut(found.slice(0, 6).join(', ')));
});

const tracker = signal(
  'code.traffic_tracker',
  0.8,
  { investment_fraud: 0.6, illegal_casino: 0.3, phishing: 0.1 },
  (facts) => {
    const found = marks(
      facts,
      /keitaro|binom|voluum|bemob|redtrack|clickid|click_id|\bsub_?id\d?\b|crm_source|leadbit|affise|everad|bgdatalayer|\bkclient\b|_subid|\baff_(?:id|sub)\b|offer_id|landing_id/g,
    );
    return found.length === 0 ? null : part(0.5 + 0.25 * (found.length - 1), cut(found.join(', ')));
  },
);

const saved = signal('code.saved_copy', 1.0, { phishing: 0.8, investment_fraud: 0.2 }, ({ source, page }) => {
  const found = /saved from url|mirrored from|httrack|savepage-|singlefile|webscrapbook/.exec(source);
  return found === null ? null : part(credentialForms(page).length > 0 ? 1 : 0.4, found[0]);
});

const phpLogin = signal(
  'code.homemade_login',
  1.0,
  { phishing: 1 },
  ({ page, source }) => {
    const form = credentialForms(page).find((it) =>
      /\/(?:login|log|post|next|send|pass|check|auth|action|submit|process|index|save|data|verify)\d?\.php(?:\?|$)/i.test(
        it.action,
      ),
    );
    const raw =
      form?.action ??
      /action=["']?((?:login|post|next|send|pass|check|auth|process|verify)\d?\.php)/.exec(source)?.[1];
    if (raw === undefined) return null;
    return part(/type=["']?password|type=["']?email/.test(source) ? 0.9 : 0.4, raw);
  },
  'KZ-MVD-3',
);

const lonelyLogin = signal('code.lonely_login', 0.7, { phishing: 1 }, ({ page, found }) => {
  const forms = credentialForms(page);
  if (forms.length === 0 || found.words > 250) return null;
  const host = page.url === '' ? 'unknown.invalid' : page.url.split('/')[2];
  const inner = new Set(
    page.links
      .filter((link) => link.href.split('/')[2] === host && !/[#]|javascript:/.test(link.href))
      .map((link) => link.href),
  );
  return inner.size > 3
    ? null
    : part(
        0.8 - 0.15 * inner.size,
        `${forms[0]!.fields.map((field) => field.label || field.name).join(', ')}; ${inner.size} links of its own`,
      );
});

const deadLinks = signal(
  'code.dead_links',
  0.5,
  { phishing: 0.5, investment_fraud: 0.4, fake_shop: 0.3 },
  ({ page }) => {
    if (page.links.length < 6) return null;
    const dead = page.links.filter((link) => /#$|#[\w-]*$|^javascript:/i.test(link.href)).length;
    const share = dead / page.links.length;
    return share < 0.5 ? null : part(share, `${dead} of ${page.links.length} links lead nowhere`);
  },
);

const outsideForm = signal(
  'code.foreign_form',
  0.8,
  { phishing: 0.8, investment_fraud: 0.3 },
  ({ page, host }) => {
    if (host === null) return null;
    const form = page.forms.find((it) => {
      try {
        const target = new URL(it.action).host;
        return (
          target !== host &&
          it.fields.some((field) => field.type === 'password' || field.type === 'tel') &&
          !target.endsWith(host.split('.').slice(-2).join('.'))
        );
      } catch {
        return false;
      }
    });
    return form === undefined ? null : part(0.8, form.action);
  },
);

const botSend = signal('code.telegram_bot', 1.4, { phishing: 0.8, investment_fraud: 0.3 }, ({ source }) => {
  const found = /api\.telegram\.org\/bot[^"'\s]{0,30}/.exec(source);
  return found === null ? null : part(1, found[0]);
});

const hidden = signal(
  'code.hidden_text',
  0.4,
  { phishing: 0.3, illegal_casino: 0.3, fake_shop: 0.2 },
  ({ page }) => {
    const share = page.hiddenText.length / Math.max(1, page.text.length + page.hiddenText.length);
    return page.hiddenText.length < 400 || share < 0.5 ? null : part(share * 0.8, page.hiddenText);
  },
);

const mixed = signal(
  'code.mixed_alphabets',
  1.2,
  { phishing: 0.3, dropper: 0.3, investment_fraud: 0.3, spam: 1 },
  ({ mixed: words, spaced }) => {
    const long = [...words, ...spaced].filter((word) => word.length > 3 && !/\d/.test(word));
    return long.length === 0 ? null : part(0.3 + 0.15 * long.length, long.slice(0, 12).join(', '));
  },
);

const locked = signal(
  'code.copy_locked',
  0.5,
  { phishing: 0.4, illegal_casino: 0.2, investment_fraud: 0.2 },
  ({ source }) => {
    const found =
      /oncontextmenu=["']?return false|contextmenu["'],? ?(?:function|e ?=>|event)[^;]{0,60}preventdefault|disable-?devtool/.exec(
        source,
      );
    return found === null ? null : part(0.8, found[0]);
  },
);

const unread = signal('code.noindex', 0.3, { phishing: 0.4, investment_fraud: 0.4 }, ({ page }) => {
  const robots = page.metas.robots ?? '';
  return /noindex/i.test(robots) ? part(0.7, `robots: ${robots}`) : null;
});

export const codeSignals: readonly SignalKind[] = [
  engine,
  account,
  tracker,
  saved,
  phpLogin,
  lonelyLogin,
  deadLinks,
  outsideForm,
  botSend,
  hidden,
  mixed,
  locked,
  unread,
];
