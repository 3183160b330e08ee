/** Whether a page's bytes show what its reader sees, or a browser has to. A render costs over a hundred fetches. */
import type { Page } from '../domain/page.ts';

export type RenderReason = 'empty_shell' | 'script_built' | 'client_redirect';

/** A page says more than this, or is no page. */
const LEAST_TEXT = 200;
const APP_ROOT =
  /<(?:div|main|section)\b[^>]{0,200}\bid\s*=\s*["']?(?:root|app|__next|__nuxt|q-app|app-root)\b/i;
/** The page goes elsewhere by itself: by script, or by a meta refresh within seconds. */
const LEAVES = /\blocation(?:\.href)?\s*=\s*["'`]|\blocation\.(?:replace|assign)\s*\(/i;
const REFRESHES = /^\s*\d{1,2}\s*[;,]\s*url\s*=/i;
const ASKS_FOR_SCRIPTS =
  /(?:enable|turn on|requires?)\s+java\s?script|включит[еь]\s+java\s?script|javascript\s+(?:is\s+disabled|отключ[её]н)/i;
const LOADS_ITSELF = /\b(?:innerHTML|insertAdjacentHTML|createElement|document\.write|appendChild)\b/;

/** The reason to render, or null when the bytes are enough. Looks at the first 200,000 characters. */
export function needsRender(page: Pick<Page, 'text' | 'html' | 'scripts' | 'metas'>): RenderReason | null {
  const html = page.html.slice(0, 200_000);
  if (page.text.trim().length >= LEAST_TEXT) return null;
  if (REFRESHES.test(page.metas['refresh'] ?? '') || LEAVES.test(html)) return 'client_redirect';
  if (page.scripts.length === 0) return null;
  if (APP_ROOT.test(html)) return 'empty_shell';
  if (ASKS_FOR_SCRIPTS.test(html)) return 'script_built';
  const hasOutside = page.scripts.some((script) => script.src !== null);
  if (hasOutside || LOADS_ITSELF.test(html)) return page.text.trim() === '' ? 'empty_shell' : 'script_built';
  return null;
}
