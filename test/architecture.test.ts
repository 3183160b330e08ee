import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SHARED } from '../desk/office-files.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Room -> the rooms it may import, besides itself. Imports only go down. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  crawler: ['domain'],
  classifiers: ['domain'],
  evidence: ['domain'],
  store: ['domain'],
  exports: ['domain'],
  queues: ['domain', 'crawler', 'classifiers', 'evidence', 'store', 'exports'],
  desk: [
    'domain',
    'crawler',
    'classifiers',
    'evidence',
    'store',
    'exports',
    'queues/jobs.ts',
    'queues/clock.ts',
  ],
  demo: ['domain'],
  cli: [
    'domain',
    'crawler',
    'classifiers',
    'evidence',
    'store',
    'exports',
    'queues',
    'desk',
    'demo',
    'config.ts',
  ],
};

const ROOMS = Object.keys(MAY_IMPORT);

/** Who alone may know a library. */
const ONLY_IN: Readonly<Record<string, RegExp>> = {
  natural: /^classifiers\/natural\.ts$/,
  sharp: /^classifiers\/duplicates\/photo-read\.ts$/,
  'libphonenumber-js/max': /^domain\/phone\.ts$/,
  bullmq: /^queues\//,
  'ssh2-sftp-client': /^queues\/carriers\/sftp\.ts$/,
  ioredis: /^queues\/(connection|sentinels)\.ts$/,
  crawlee: /^crawler\//,
  '@crawlee/basic': /^crawler\//,
  '@crawlee/playwright': /^crawler\//,
  playwright: /^crawler\//,
  pg: /^store\//,
  '@electric-sql/pglite': /^store\//,
  hono: /^desk\//,
  preact: /^desk\/office\//,
  'preact/hooks': /^desk\/office\//,
};

describe('the house', () => {
  const files = ROOMS.flatMap((room) => sourcesIn(join(root, room)));

  test('has source in every room', () => {
    for (const room of ROOMS)
      expect(
        files.some((file) => file.startsWith(`${room}/`)),
        room,
      ).toBe(true);
  });

  test('imports only go down, and middle rooms never import each other', () => {
    const wrong = files.flatMap((file) => {
      const room = file.split('/')[0]!;
      const allowed = [room, ...MAY_IMPORT[room]!];
      return importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(root, join(root, dirname(file), target)))
        .filter((target) => !target.startsWith('models/'))
        .filter((target) => !allowed.some((each) => target === each || target.startsWith(`${each}/`)))
        .map((target) => `${file} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  test('a library that is wrapped is known to its wrapper alone', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => ONLY_IN[target] !== undefined && !ONLY_IN[target].test(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the ground floor does no input or output', () => {
    const io = /^node:(?!url$|crypto$)/;
    const wrong = files
      .filter((file) => file.startsWith('domain/'))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => io.test(target))
          .map((target) => `${file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  test('the app in the browser is made of its own folder and of what is named as shared; of the rest it knows types', () => {
    const shared: readonly string[] = SHARED;
    const wrong = files
      .filter((file) => file.startsWith('desk/office/'))
      .flatMap((file) =>
        importsOf(file, { areTypesLeftOut: true })
          .filter((target) => target.startsWith('.'))
          .map((target) => relative(root, join(root, dirname(file), target)))
          .filter((target) => !target.startsWith('desk/office/') && !shared.includes(target))
          .map((target) => `${file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  test('every source file opens with its reason', () => {
    const silent = files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(root, file), 'utf8')));
    expect(silent).toEqual([]);
  });
});

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function importsOf(file: string, { areTypesLeftOut = false } = {}): string[] {
  const whole = readFileSync(join(root, file), 'utf8');
  const source = areTypesLeftOut ? whole.replaceAll(/(?:^|\n)\s*import type\b[^;]*;/g, '\n') : whole;
  const from = /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]/g;
  const bare = /(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*[,)]/g;
  return [from, bare, dynamic].flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]!));
}
