/** The officers' app as a browser gets it: built from source, small, cached for good, kept by the policy. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCREENS } from '../../desk/office/screens.ts';
import { officeFiles } from '../../desk/office-files.ts';
import type { Desk } from '../../desk/server.ts';
import { type Client, loggedIn } from './client.ts';
import { hire, openHouse } from './house.ts';

const house = await openHouse();
let desk: Desk;
let officer: Client;
beforeAll(async () => {
  desk = await house.open();
  await hire(house, 'boss', 'supervisor', 'Boss');
  officer = await loggedIn(desk, 'boss');
});
afterAll(() => house.close());

const pathOf = (path: string) => path.replace(':id', 'K-000001');
/** All scripts that a page names: the entry, and what it says will be asked for at once. */
const scriptsOf = (page: string) =>
  [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map((it) => it[1]!);

describe("the officers' app", () => {
  test.each(
    SCREENS.flatMap(({ path }) => (['ru', 'kk', 'en'] as const).map((lang) => [path, lang] as const)),
  )('comes to %s in %s with at most 60 KB of script, gzipped', async (path, lang) => {
    const page = await (await officer.get(`${pathOf(path)}?lang=${lang}`)).text();
    const scripts = scriptsOf(page);
    expect(scripts.length).toBeGreaterThanOrEqual(3);
    let bytes = 0;
    for (const script of scripts) {
      bytes += gzipSync(new Uint8Array(await (await officer.get(script)).arrayBuffer())).length;
    }
    expect(bytes).toBeLessThanOrEqual(60 * 1024);
  });

  test('has files named by their bytes, kept by browsers for good, and sent gzipped to those that can read it', async () => {
    const { files } = await officeFiles();
    for (const [name, { bytes }] of files) {
      expect(name).toMatch(/^[\w-]+-[\w-]{8}\.(js|css)$/);
      const plain = await officer.get(`/assets/${name}`, { 'accept-encoding': 'identity' });
      expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(plain.headers.get('content-encoding')).toBe(null);
      expect(new Uint8Array(await plain.arrayBuffer())).toEqual(bytes);
      const zipped = await officer.get(`/assets/${name}`, { 'accept-encoding': 'gzip' });
      expect(zipped.headers.get('content-encoding')).toBe('gzip');
      expect(new Uint8Array(await zipped.arrayBuffer())).toEqual(bytes);
    }
  });

  test('comes on a page with nothing inline, under a policy that lets nothing inline run', async () => {
    const answer = await officer.get('/batches');
    const page = await answer.text();
    expect(page).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|data:|\*/);
  });

  test('tells the app who is there in a page that no name breaks out of', async () => {
    await hire(house, 'quote', 'officer', '"><script>alert(1)</script>');
    const page = await (await (await loggedIn(desk, 'quote')).get('/batches')).text();
    expect(page).not.toContain('<script>alert');
    const told = /<meta name="kuzet" content="([^"]*)">/.exec(page)?.[1] ?? '';
    expect(
      JSON.parse(told.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>')),
    ).toMatchObject({
      login: 'quote',
      name: '"><script>alert(1)</script>',
      role: 'officer',
    });
  });
});
