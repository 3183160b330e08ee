/** What comes along with Kuzet: under which licence, by which hash, with what of its own to run. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

interface Locked {
  readonly version?: string;
  /** A text, or in old manifests a list. */
  readonly license?: unknown;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock: { packages: Record<string, Locked> } = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
);
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
const shipped = locked.filter(([, it]) => it.dev !== true);
const nameOf = (path: string) => path.replace(/^.*node_modules\//, '');

/** Licences under which a package may come along with a work under Apache-2.0 that is used over a network. */
const MAY_BE = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  // Of libvips, which sharp loads as a library of its own.
  'LGPL-3.0-or-later',
  'MIT',
  'MIT-0',
  'Unlicense',
  'Zlib',
]);

/** Packages whose manifest names no licence in today's form, and what the file in them says. */
const READ_BY_PEOPLE: Readonly<Record<string, string>> = {
  buildcheck: 'MIT',
  'cpu-features': 'MIT',
  'map-stream': 'MIT',
  'parent-require': 'MIT',
  'pause-stream': 'MIT',
  ssh2: 'MIT',
  sylvester: 'MIT',
};

/** Comes with Crawlee, which loads it for closing cookie banners alone; the image of the product leaves it out. */
const LEFT_OUT = 'idcac-playwright';

describe('the packages', () => {
  test('every package that is shipped has a licence that may be', () => {
    const wrong = shipped
      .filter(([path]) => nameOf(path) !== LEFT_OUT)
      .map(([path, { license }]) => ({
        name: nameOf(path),
        license: typeof license === 'string' ? license : (READ_BY_PEOPLE[nameOf(path)] ?? 'unknown'),
      }))
      .filter(({ license }) => !isAllowed(license));
    expect(wrong).toEqual([]);
    expect(shipped.length).toBeGreaterThan(100);
  });

  test('a licence is judged by all it demands, and by any it offers', () => {
    expect(
      ['MIT', '(MIT OR CC0-1.0)', 'Apache-2.0 AND LGPL-3.0-or-later', 'GPL-3.0-only OR MIT'].filter(
        isAllowed,
      ),
    ).toHaveLength(4);
    expect(
      ['AGPL-3.0-only', 'SSPL-1.0', 'MIT AND AGPL-3.0-only', 'unknown', 'GPL-3.0-only', ''].filter(isAllowed),
    ).toEqual([]);
  });

  test('the one that may not be is loaded by nothing of ours, and is not in the image', () => {
    const asked = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$|test$|docs$)/.test(entry.name))
      .flatMap((entry) =>
        readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' })
          .filter((file) => /\.(ts|tsx|mjs)$/.test(file))
          .map((file) => join(entry.name, file)),
      )
      .filter((file) => /idcac|closeCookieModals/.test(readFileSync(join(root, file), 'utf8')));
    expect(asked).toEqual([]);
    expect(readFileSync(join(root, 'Containerfile'), 'utf8')).toContain(`rm -rf node_modules/${LEFT_OUT}`);
  });

  test('every package is pinned by a hash', () => {
    expect(
      locked.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([path]) => path),
    ).toEqual([]);
  });

  test('those that would run something while they are installed are known, and work without', () => {
    const scripted = shipped.filter(([, it]) => it.hasInstallScript === true).map(([path]) => nameOf(path));
    expect(scripted).toEqual(['cpu-features', 'msgpackr-extract', 'ssh2']);
    expect(readFileSync(join(root, 'Containerfile'), 'utf8')).toContain('--ignore-scripts');
  });

  test('the list of parts names each of them once, and none for development', () => {
    const written = execFileSync('npm', ['run', '--silent', 'sbom'], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
      encoding: 'utf8',
    });
    const parts: { bomFormat: string; components: { name: string; version: string }[] } = JSON.parse(written);
    expect(parts.bomFormat).toBe('CycloneDX');
    const told = new Set(parts.components.map(({ name, version }) => `${name}@${version}`));
    const missing = shipped
      .filter(
        ([path, it]) => !('optional' in it) && !('peer' in it) && !told.has(`${nameOf(path)}@${it.version}`),
      )
      .map(([path]) => path);
    expect(missing).toEqual([]);
    expect(told.size).toBe(parts.components.length);
    const ours = new Set(shipped.map(([path, it]) => `${nameOf(path)}@${it.version}`));
    expect([...told].filter((part) => !ours.has(part))).toEqual([]);
  });
});

/** Of "A OR B" one will do; of "A AND B" both must. */
function isAllowed(expression: string): boolean {
  return expression
    .replaceAll(/[()]/g, '')
    .split(/ OR /i)
    .some((offer) => offer.split(/ AND /i).every((each) => MAY_BE.has(each.trim())));
}
