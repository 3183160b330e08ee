import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig, VARIABLE_NAMES } from '../config.ts';

describe('the configuration', () => {
  test('needs nothing set', () => {
    const config = readConfig({}, '/srv/agency');
    expect(config).toMatchObject({
      home: '/srv/agency/.kuzet',
      databaseUrl: null,
      redisUrl: null,
      port: 7070,
    });
  });

  test('takes an empty variable for an unset one', () => {
    expect(readConfig({ DATABASE_URL: '', KUZET_PORT: '' }, '/srv').port).toBe(7070);
  });

  test('names every variable at fault, and what it may be', () => {
    const read = () =>
      readConfig({ KUZET_PORT: 'seventy', DATABASE_URL: 'mysql://db', KUZET_ORG: 'мвд' }, '/srv');
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/KUZET_PORT \("seventy"\)/);
    expect(read).toThrow(/DATABASE_URL .*postgres:\/\/ or postgresql:\/\//);
    expect(read).toThrow(/KUZET_ORG .*capital latin letters/);
  });

  test('is told in the README, variable by variable', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const told = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
    expect(told).toEqual(VARIABLE_NAMES);
  });
});
