/** The recipe of the image and of the house in containers. Nothing here starts one: no engine is asked for. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig, VARIABLE_NAMES } from '../config.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const written = readFileSync(join(root, 'compose.yaml'), 'utf8');
const recipe = readFileSync(join(root, 'Containerfile'), 'utf8');

const service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  user: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.array(z.string()),
  tmpfs: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});
const compose = z
  .object({
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null()),
    networks: z.record(z.string(), z.unknown()),
  })
  .parse(parse(written, { merge: true }));
const services = Object.entries(compose.services);

describe('compose.yaml', () => {
  test('starts the desk, workers, PostgreSQL and Valkey, nobody as root and nothing writing to its image', () => {
    expect(Object.keys(compose.services)).toEqual(['desk', 'workers', 'postgres', 'valkey']);
    for (const [name, it] of services) {
      expect(it.user, name).not.toMatch(/^(root|0)/);
      expect(it.security_opt, name).toContain('no-new-privileges:true');
    }
  });

  test('names no service, volume or network that is not there, and no image without a version', () => {
    for (const [name, it] of services) {
      expect(Object.keys(compose.services), name).toEqual(expect.arrayContaining(Object.keys(it.depends_on)));
      expect(Object.keys(compose.networks), name).toEqual(expect.arrayContaining(it.networks));
      expect(Object.keys(compose.volumes), name).toEqual(
        expect.arrayContaining(it.volumes.map((volume) => volume.split(':')[0])),
      );
      if (it.build === undefined) expect(it.image, name).toMatch(/:\d/);
      else expect(existsSync(join(root, it.build.context, it.build.dockerfile)), name).toBe(true);
    }
  });

  test('waits for what says that it is well, and everything can say so', () => {
    for (const [name, it] of services) {
      for (const [needed, { condition }] of Object.entries(it.depends_on)) {
        expect([needed, condition]).toEqual([needed, 'service_healthy']);
        expect(compose.services[needed]?.healthcheck, needed).toBeDefined();
      }
      expect(it.healthcheck !== undefined || (name === 'desk' && /^HEALTHCHECK /m.test(recipe)), name).toBe(
        true,
      );
    }
  });

  test('opens the desk to this machine alone', () => {
    expect(services.flatMap(([, it]) => it.ports)).toEqual(['127.0.0.1:7070:7070']);
    expect(compose.networks['inner']).toEqual({ internal: true });
    for (const name of ['postgres', 'valkey']) expect(compose.services[name]?.networks).toEqual(['inner']);
  });

  test.each(['desk', 'workers'])('gives %s settings that Kuzet knows and takes', (name) => {
    const environment = compose.services[name]!.environment;
    expect(VARIABLE_NAMES).toEqual(expect.arrayContaining(Object.keys(environment)));
    const set = { POSTGRES_PASSWORD: 'letters1', KUZET_PUBLIC_URL: 'https://kuzet.example/' };
    const filled = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, filledIn(value, set)]),
    );
    const config = readConfig(filled, '/opt/kuzet');
    expect(config.databaseUrl).toBe('postgres://kuzet:letters1@postgres:5432/kuzet');
    expect(config.redisUrl).toBe('redis://valkey:6379');
    expect(config.org).toBe('EXAMPLE');
  });

  test('asks for a password and an address rather than making one up', () => {
    expect(() => filledIn(compose.services['desk']!.environment['DATABASE_URL']!, {})).toThrow(
      'POSTGRES_PASSWORD',
    );
    expect(() => filledIn(compose.services['desk']!.environment['KUZET_PUBLIC_URL']!, {})).toThrow(
      'KUZET_PUBLIC_URL',
    );
  });
});

describe('the recipe of the image', () => {
  test('copies what is there, runs no script of a package, and ends as a user without rights', () => {
    const copied = [...recipe.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) =>
      from.split(' '),
    );
    expect(copied).toEqual(['package.json', 'package-lock.json', '.']);
    const built = [...recipe.matchAll(/\/build\/([\w.-]+)/g)].map(([, name = '']) => name);
    for (const name of built.filter((each) => !['dist', 'node_modules'].includes(each))) {
      expect(existsSync(join(root, name)), name).toBe(true);
    }
    for (const [line] of recipe.matchAll(/npm (ci|prune|install).*/g))
      expect(line).toContain('--ignore-scripts');
    expect([...recipe.matchAll(/^USER (\w+)$/gm)].at(-1)?.[1]).toBe('node');
    expect(recipe).not.toMatch(/--no-sandbox/);
  });

  test('leaves out what is of the workshop, and every secret of it', () => {
    const left = readFileSync(join(root, '.containerignore'), 'utf8').split('\n');
    expect(left).toEqual(expect.arrayContaining(['.git', '.kuzet', 'node_modules', 'test']));
    expect(readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')).toEqual(left);
  });
});

/** `${NAME:-default}`, `${NAME:?message}` and `${NAME}`, as the Compose Specification fills them in. */
function filledIn(text: string, set: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, how: string, words: string) => {
    const value = set[name] ?? '';
    if (value === '' && how === '?') throw new Error(`${name}: ${words}`);
    return value === '' && how === '-' ? words : value;
  });
}
