/**
 * A captured page shown so that nothing of it acts: its document as it stood, under a policy that lets no script run, no
 * request leave and no link lead anywhere; and what it is built of, as words.
 *
 * The policy is the answer's own, so that it holds wherever the address is opened; the app besides puts it in a frame
 * with an empty `sandbox`, and the page around lets frames show this desk alone.
 */
import type { Context } from 'hono';
import { decode } from '../crawler/extract/decode.ts';
import { readPage } from '../crawler/extract/page.ts';
import type { Capture } from '../domain/capture.ts';
import { DeskRefusedError } from './refusal.ts';
import type { DeskEnv } from './tools.ts';

const POLICY = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Characters of a document that are read for its structure: more would hold the desk up. */
const MOST_READ = 500_000;
const MOST_SHOWN = 200;

export async function inertPage(c: Context<DeskEnv>, captureId: string): Promise<Response> {
  const { html } = await documentOf(c, captureId);
  return c.body(html, 200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': POLICY,
    'X-Frame-Options': 'SAMEORIGIN',
    'X-DNS-Prefetch-Control': 'off',
    'Cache-Control': 'private, max-age=31536000, immutable',
  });
}

export interface Structure {
  readonly links: readonly { readonly href: string; readonly text: string; readonly isOut: boolean }[];
  readonly forms: readonly {
    readonly action: string;
    readonly method: string;
    readonly fields: readonly string[];
  }[];
  readonly scripts: readonly string[];
  readonly frames: readonly string[];
  readonly contacts: readonly string[];
  readonly wallets: readonly string[];
  readonly hiddenText: string;
}

/** What the page is built of; the first of each, at most 200. */
export async function structureOf(c: Context<DeskEnv>, captureId: string): Promise<Structure> {
  const { html, capture } = await documentOf(c, captureId);
  const page = readPage(html.slice(0, MOST_READ), capture.finalUrl);
  const own = new URL(capture.finalUrl).hostname;
  const isOut = (href: string) => URL.canParse(href) && new URL(href).hostname !== own;
  const { phones, emails } = page.contacts;
  return {
    links: page.links.slice(0, MOST_SHOWN).map(({ href, text }) => ({ href, text, isOut: isOut(href) })),
    forms: page.forms.slice(0, MOST_SHOWN).map(({ action, method, fields }) => ({
      action,
      method,
      fields: fields.slice(0, MOST_SHOWN).map(({ name, type }) => `${name || '—'} (${type})`),
    })),
    scripts: page.scripts.flatMap(({ src }) => (src === null ? [] : [src])).slice(0, MOST_SHOWN),
    frames: page.frames.slice(0, MOST_SHOWN),
    contacts: [...phones, ...emails].slice(0, MOST_SHOWN),
    wallets: page.wallets.slice(0, MOST_SHOWN).map(({ network, address }) => `${network}: ${address}`),
    hiddenText: page.hiddenText.slice(0, 2_000),
  };
}

/** The document as scripts left it, where it was rendered; else as it was received. */
async function documentOf(
  c: Context<DeskEnv>,
  captureId: string,
): Promise<{ html: string; capture: Capture }> {
  const { stores, evidence } = c.get('tools');
  const found = await stores.captures.get(captureId);
  if (found === null) throw new DeskRefusedError(404, 'not_found', 'There is no such capture.');
  const { capture } = found;
  const isHtml = capture.dom !== null || /^(text\/html|application\/xhtml\+xml)\b/i.test(capture.mediaType);
  if (!isHtml) throw new DeskRefusedError(404, 'not_found', 'It is no page.');
  const bytes = await evidence.read(capture.dom ?? capture.bodySha256);
  const html = capture.dom !== null ? new TextDecoder().decode(bytes) : decode(bytes, capture.mediaType).html;
  return { html, capture };
}
