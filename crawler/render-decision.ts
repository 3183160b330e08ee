/**
 * Whether a page must be opened in a browser, judged by the bytes alone. A render costs as much as a hundred
 * fetches, so only pages are rendered whose bytes do not show what a reader sees.
 */
import type { Page } from '../domain/page.ts';

export type RenderReason =
  /** A root element that a script is to fill, and no words. */
  | 'empty_shell'
  /** Scripts outweigh the words by far, or the page asks for JavaScript. */
  | 'script_built'
  /** "Checking your browser", and what else stands before the page. */
  | 'challenge'
  /** The page goes elsewhere by itself. */
  | 'client_redirect';

const FEW_WORDS = 200;
const ROOTS =
  /<(?:div|main|section|app-root|body)\b[^>]{0,200}\bid\s*=\s*["']?(?:root|app|__next|__nuxt|__layout|q-app|svelte|gatsby|app-root|react-root|main-app)["'\s>]|<app-root\b|\bng-app\b|data-reactroot|data-server-rendered/i;
const FRAMEWORKS =
  /(?:chunk|bundle|main|app|runtime|vendors?|polyfills|webpack|_next\/static|_nuxt)[\w./~-]{0,80}\.m?js|type=["']module["']/i;
const ASKS_FOR_SCRIPTS =
  /(?:enable|turn on|requires?|need)\s+java\s?script|включите\s+java\s?script|включить\s+java\s?script|javascript\s+(?:is\s+)?(?:disabled|required|отключ[её]н)|javascript[- ]?ті\s+қос/i;
const CHALLENGES =
  /cf-browser-verification|cf_chl_|challenge-platform|checking your browser|just a moment\.\.\.|ddos-guard|проверка браузера|проверяем ваш браузер|_incapsula_resource|sucuri_cloudproxy|g-recaptcha-response|hcaptcha\.com\/1\/api|qrator/i;
const SCRIPT_REDIRECT =
  /(?:window|document|self|top|parent)?\.?\blocation(?:\.href)?\s*=\s*["'`]|location\.(?:replace|assign)\s*\(/i;

/** @returns null when the bytes show the page. */
export function needsRender(page: Page, fetched: { readonly status: number }): RenderReason | null {
  const start = page.html.slice(0, 100_000);
  const words = page.text.length;
  if (CHALLENGES.test(start) && (words < 2_000 || fetched.status === 403 || fetched.status === 503))
    return 'challenge';
  if (words >= FEW_WORDS * 5) return null;
  const isRefreshed = /^\s*\d{1,2}\s*[;,]\s*url\s*=/i.test(page.metas['refresh'] ?? '');
  const inline = page.scripts.reduce((sum, script) => sum + script.inlineLength, 0);
  if (words < FEW_WORDS && (isRefreshed || SCRIPT_REDIRECT.test(start))) return 'client_redirect';
  const hasScripts = page.scripts.some((script) => script.src !== null) || inline > 0;
  if (!hasScripts) return page.frames.length > 0 && words < FEW_WORDS ? 'script_built' : null;
  if (words < FEW_WORDS && ROOTS.test(start)) return 'empty_shell';
  if (words < FEW_WORDS && (words === 0 || FRAMEWORKS.test(start))) return 'empty_shell';
  if (ASKS_FOR_SCRIPTS.test(start)) return 'script_built';
  const isHeavy = inline > Math.max(20_000, words * 40);
  return words < FEW_WORDS * 2 && (isHeavy || ROOTS.test(start)) ? 'script_built' : null;
}
