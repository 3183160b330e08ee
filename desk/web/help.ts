/**
 * The documents under /help: a static site that `npm run docs` builds (`../help-site.ts`). Files are told apart by the list that was written with them; no path from outside reaches the disk.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Context } from 'hono';
import { html } from 'hono/html';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { screen } from './layout.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** @param path after `/help/`; '' for the first page, in the reader's language. */
export async function helpPage(c: Context<DeskEnv>, path: string): Promise<Response> {
  const words = c.get('words');
  const site = c.get('tools').help;
  if (site === null) {
    c.status(404);
    const content = html`<p class="notice">${words.say('help.none')}</p>`;
    return c.html(screen(c, { title: words.say('nav.help'), section: null, content }));
  }
  if (path === '') return c.redirect(`/help/${words.lang}/index.html`, 303);
  const type = TYPES[extname(path)];
  if (!site.files.has(path) || type === undefined)
    throw new DeskRefusedError(404, 'not_found', 'There is no such page.');
  const bytes = new Uint8Array(await readFile(join(site.folder, path)));
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
  if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
  return c.body(bytes, 200, { ...headers, 'Content-Type': type });
}
