/**
 * Whether an answer is no page but a gatekeeper's: a challenge, a captcha, a ban of robots. It is told and left alone:
 * nothing solves it, no browser is sent to wait it out, and an officer has to look.
 *
 * Marks are what such services themselves write into their answers: headers (`cf-mitigated`, Cloudflare's own word
 * for it) and the addresses of their scripts and forms.
 */

const MARKS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['cloudflare', /\bcf-chl|__cf_chl|\/cdn-cgi\/challenge-platform|challenges\.cloudflare\.com/i],
  ['ddos-guard', /\bddos-guard\b|\/\.well-known\/ddos-guard/i],
  ['qrator', /\bqrator\b|\/__qrator/i],
  ['variti', /\bvariti\b/i],
  ['imperva', /_incapsula_resource|incapsula incident id/i],
  ['datadome', /captcha-delivery\.com|\bdatadome\b/i],
  ['perimeterx', /\bpx-captcha\b|perimeterx/i],
  ['aws-waf', /\bawswaf\b|token\.awswaf\.com/i],
  ['akamai', /errors\.edgesuite\.net/i],
  ['captcha', /g-recaptcha|h-captcha|hcaptcha\.com|smartcaptcha|geetest|recaptcha\/api/i],
  ['browser-check', /<title>\s*just a moment|checking your browser|проверка браузера|браузер тексерілуде/i],
];
/** A page with a captcha beside its words is a page with a form. */
const MOST_WORDS = 2_000;
const MOST_READ = 200_000;
const HOLDS_UP: ReadonlySet<number> = new Set([401, 403, 405, 429, 503]);

export interface Answered {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded source. */
  readonly html: string;
  /** Characters of text that a reader sees; left out where nobody counted. */
  readonly textLength?: number;
}

/** The gatekeeper's name, `cloudflare`, `captcha` …; null for a page, or for a refusal without such a mark. */
export function challengeOf({ status, headers, html, textLength }: Answered): string | null {
  if (headers['cf-mitigated'] === 'challenge') return 'cloudflare';
  const isHeldUp = HOLDS_UP.has(status);
  if (!isHeldUp && (textLength ?? Number.POSITIVE_INFINITY) >= MOST_WORDS) return null;
  const source = html.slice(0, MOST_READ);
  const found = MARKS.find(([, mark]) => mark.test(source))?.[0] ?? null;
  if (found === null || isHeldUp) return found;
  // Where the server calls it a page, only what says of itself that it checks browsers is none.
  return CERTAIN.has(found) && (found !== 'captcha' || (textLength ?? 0) < FEW_WORDS) ? found : null;
}

/** Scripts of these may stand in any page that they protect. */
const CERTAIN: ReadonlySet<string> = new Set([
  'cloudflare',
  'ddos-guard',
  'datadome',
  'perimeterx',
  'captcha',
  'browser-check',
]);
const FEW_WORDS = 300;
