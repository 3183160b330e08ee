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

  test('keeps evidence in its own folder, in another, or in a bucket, and nowhere else', () => {
    expect(readConfig({}, '/srv').evidence.place).toBe('/srv/.kuzet/evidence');
    expect(readConfig({ KUZET_EVIDENCE: 'kept' }, '/srv').evidence.place).toBe('/srv/kept');
    const bucket = { KUZET_EVIDENCE: 's3://kept/2026', KUZET_S3_ENDPOINT: 'https://s3.example' };
    expect(readConfig(bucket, '/srv').evidence).toMatchObject({
      place: 's3://kept/2026',
      endpoint: 'https://s3.example',
      region: 'us-east-1',
      lockDays: 0,
    });
    expect(() => readConfig({ KUZET_EVIDENCE: 'ftp://kept' }, '/srv')).toThrow(/KUZET_EVIDENCE .*s3:\/\//);
  });

  test('names every variable at fault, and what it may be', () => {
    const read = () =>
      readConfig({ KUZET_PORT: 'seventy', DATABASE_URL: 'mysql://db', KUZET_ORG: 'мвд' }, '/srv');
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/KUZET_PORT \("seventy"\)/);
    expect(read).toThrow(/DATABASE_URL .*postgres:\/\/ or postgresql:\/\//);
    expect(() => readConfig({ REDIS_URL: 'redis+sentinel://a.example' }, '/srv')).toThrow(
      /REDIS_URL .*host-3\/name/,
    );
    expect(read).toThrow(/KUZET_ORG .*capital latin letters/);
  });

  test('is told in the README, variable by variable', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const told = [...readme.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map((match) => match[1]);
    expect(told).toEqual(VARIABLE_NAMES);
  });
});
