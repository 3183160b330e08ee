/** Family `brand`: a trusted name on a page that is not its owner's. */
import { readableHost, siteOf } from '../../domain/url.ts';
import { credentialForms, cut, type Facts, full, part, type SignalKind } from './facts.ts';

const toward = { phishing: 1 };

const likeHost: SignalKind = {
  id: 'brand.lookalike_host',
  family: 'brand',
  criterion: 'KZ-MVD-3',
  weight: 2.0,
  toward: { phishing: 1, investment_fraud: 0.3, fake_shop: 0.2 },
  see({ host, brands }) {
    const likeness = host === null ? null : brands.resembles(host);
    if (likeness === null || host === null) return null;
    const how = {
      name_in_domain: 'bears the name of',
      letters_alike: 'is written to look like',
      one_letter_off: 'is one letter away from',
      domain_as_subdomain: 'puts in front the domain of',
    };
    return part(
      likeness.strength,
      `${host} ${how[likeness.how]} ${likeness.brand.name}, whose own is ${likeness.brand.domains[0]}`,
    );
  },
};

/** Latin letters among others that look like them: no honest name of one language is written so. */
const mixedHost: SignalKind = {
  id: 'code.mixed_host',
  family: 'code',
  criterion: 'none',
  weight: 0.8,
  toward,
  see({ host, brands }) {
    if (host === null || !host.includes('xn--') || brands.ownerOf(host) !== null) return null;
    const isMixed = readableHost(host)
      .split(/[.-]/)
      .some((it) => /\p{Script=Latin}/u.test(it) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(it));
    return isMixed ? part(0.8, host) : null;
  },
};

/** The brand that the page says it is: its title or site name, not any word of its text. */
function claimed({ page, brands }: Facts) {
  const name = brands.namedIn(`${page.title} ${page.metas['og:site_name'] ?? ''}`);
  if (name !== null) return name;
  const marks = page.images.map((image) => image.alt).filter((alt) => alt.length > 0 && alt.length < 40);
  return brands.namedIn(marks.slice(0, 5).join(' '));
}

const foreignLogin: SignalKind = {
  id: 'brand.foreign_login',
  family: 'brand',
  criterion: 'KZ-MVD-3',
  weight: 2.0,
  toward,
  see(facts) {
    const { page, host, brands } = facts;
    const form = credentialForms(page)[0];
    if (form === undefined) return null;
    const brand = claimed(facts);
    if (brand === null) return null;
    const owner = host === null ? null : brands.ownerOf(host);
    if (owner !== null) return null;
    // Without an address nobody can tell a copy from the page itself, unless the form gives it away.
    const strength = host !== null ? 1 : isHomemade(form.action) ? 0.9 : 0.3;
    return part(
      strength,
      `${page.title || brand.name}: asks for ${form.fields.map((field) => field.label || field.name).join(', ')}`,
    );
  },
};

/** A script such as `login.php` beside the page: no large service takes its passwords so. */
function isHomemade(action: string): boolean {
  return /^https?:\/\/unknown\.invalid\/[^/?]{0,40}\.(?:php|asp|cgi)$/i.test(action);
}

const copied: SignalKind = {
  id: 'brand.copied_page',
  family: 'brand',
  criterion: 'KZ-MVD-3',
  weight: 1.3,
  toward,
  see({ page, host, brands, source }) {
    if (credentialForms(page).length === 0 && !/type=["']?password/.test(source)) return null;
    if (host !== null && brands.ownerOf(host) !== null) return null;
    const canonical =
      page.metas['og:url'] ??
      /rel=["']?canonical["']? href=["']?(https?:\/\/[^"'\s>]{4,200})/.exec(source)?.[1];
    const assets = [
      ...page.scripts.map((script) => script.src ?? ''),
      ...page.images.map((image) => image.src),
    ]
      .map(hostname)
      .filter((it) => it !== null && it !== 'unknown.invalid' && it !== host);
    const own = host === null ? null : siteOf(host);
    const named = canonical === undefined ? null : hostname(canonical);
    const claims = named !== null && (own === null || siteOf(named) !== own) ? brands.ownerOf(named) : null;
    const borrowed = assets
      .map((it) => brands.ownerOf(it ?? ''))
      .filter((it) => it !== null && !/google/i.test(it.name));
    if (claims !== null) return part(host === null ? 0.7 : 1, `says it is ${named}`);
    if (borrowed.length >= 2)
      return part(host === null ? 0.5 : 0.7, `takes ${borrowed.length} files from ${borrowed[0]!.name}`);
    return null;
  },
};

function hostname(url: string): string | null {
  try {
    return new URL(url).hostname;
  } catch {
    return null;
  }
}

const invokes: SignalKind = {
  id: 'brand.invoked_offer',
  family: 'brand',
  criterion: 'KZ-MVD-3',
  weight: 1.0,
  toward: { investment_fraud: 0.9, phishing: 0.4 },
  see(facts) {
    const brand = claimed(facts);
    if (brand === null || brand.kind === 'global') return null;
    if (facts.host !== null && facts.brands.ownerOf(facts.host) !== null) return null;
    const offers = ['yield.', 'lead.', 'urgency.'].filter((family) =>
      [...facts.found.byEntry].some(
        ([id, list]) => id.startsWith(family) && list.some((it) => it.frame > 0.5),
      ),
    );
    const isTracked = /intl-?tel-?input|keitaro|binom|crm_source|\bsub_?id\d?\b|clickid|offer_id|_subid/.test(
      facts.source,
    );
    if (isTracked) offers.push('code.');
    return offers.length === 0
      ? null
      : part(
          (facts.host === null ? 0.5 : 0.8) + 0.1 * offers.length,
          cut(`${brand.name}: ${facts.page.title}`),
        );
  },
};

const ownHost: SignalKind = {
  id: 'counter.own_domain',
  family: 'counter',
  criterion: 'none',
  weight: -2.5,
  toward: {},
  rests: 'on ownership',
  see({ host, brands }) {
    const owner = host === null ? null : brands.ownerOf(host);
    return owner === null ? null : full(`${host} is a domain of ${owner.name}`);
  },
};

export const brandSignals: readonly SignalKind[] = [
  likeHost,
  mixedHost,
  foreignLogin,
  copied,
  invokes,
  ownHost,
];
