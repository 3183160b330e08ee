/** The few files that screens refer to: read once, told by their hash, never looked up by a path from outside. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Context } from 'hono';
import type { OfficeFile } from '../office-files.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';

const TYPES = {
  'desk.css': 'text/css; charset=utf-8',
  'desk.mjs': 'text/javascript; charset=utf-8',
  'mark.svg': 'image/svg+xml',
  'no-picture.svg': 'image/svg+xml',
} as const;

const FILES: ReadonlyMap<string, { readonly type: string; readonly bytes: string; readonly etag: string }> =
  new Map(
    Object.entries(TYPES).map(([name, type]) => {
      const bytes = readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
      const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
      return [name, { type, bytes, etag }];
    }),
  );

export function asset(c: Context<DeskEnv>, name: string): Response {
  const built = c.get('tools').office.files.get(name);
  if (built !== undefined) return builtAsset(c, built);
  const file = FILES.get(name);
  if (file === undefined) throw new DeskRefusedError(404, 'not_found', 'There is no such file.');
  const headers = { ETag: file.etag, 'Cache-Control': 'no-cache' };
  if (c.req.header('if-none-match') === file.etag) return c.body(null, 304, headers);
  return c.body(file.bytes, 200, { ...headers, 'Content-Type': file.type });
}

/** Its name is the hash of its bytes, so a browser need never ask for it again. */
function builtAsset(c: Context<DeskEnv>, { type, bytes, gzip }: OfficeFile): Response {
  const isZipped = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
  return c.body(isZipped ? gzip : bytes, 200, {
    'Content-Type': type,
    'Cache-Control': 'public, max-age=31536000, immutable',
    Vary: 'Accept-Encoding',
    ...(isZipped ? { 'Content-Encoding': 'gzip' } : {}),
  });
}
