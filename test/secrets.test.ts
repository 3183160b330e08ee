/** Secrets are given in configuration. A mark in each of them is looked for in all that Kuzet writes and says. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig, VARIABLE_NAMES } from '../config.ts';
import { openHome } from './flow/kuzet.ts';

const CANARY = 'zQx7canaryW4vN';

/** Malformed in a way that an operator may well type, with a secret inside. */
const MISTYPED: Readonly<Record<string, string>> = {
  DATABASE_URL: `mysql://kuzet:${CANARY}@db.example/kuzet`,
  REDIS_URL: `redis//:${CANARY}@queue.example`,
  KUZET_PUBLIC_URL: `ftp://admin:${CANARY}@kuzet.example/`,
  KUZET_TSA: `ftp://user:${CANARY}@tsa.example/`,
  KUZET_NCANODE_URL: `ftp://user:${CANARY}@sign.example/`,
  KUZET_REFER_TO: `sftp://user:${CANARY}@out.example/in`,
  KUZET_HOOKS: `market=https://user:${CANARY}@10.0.0.1`,
  KUZET_KZ_PROXY: `ftp://user:${CANARY}@proxy.example:1080`,
  KUZET_WEBHOOK_URL: `ftp://user:${CANARY}@hook.example/`,
  KUZET_WEBHOOK_SECRET: `whsec_${CANARY}`,
  KUZET_MAIL_URL: `http://user:${CANARY}@mail.example`,
  KUZET_EVIDENCE: `gs://user:${CANARY}@bucket`,
  KUZET_S3_ENDPOINT: `ftp://user:${CANARY}@s3.example`,
  KUZET_METRICS_TOKEN: CANARY,
};

describe('a secret in configuration', () => {
  test.each(Object.entries(MISTYPED))('is not repeated when %s is refused', (variable, value) => {
    expect(VARIABLE_NAMES).toContain(variable);
    let said = '';
    try {
      readConfig({ [variable]: value }, '/srv');
    } catch (error) {
      said = `${error instanceof Error ? error.stack : error} ${JSON.stringify(error)}`;
    }
    expect(said).toContain(variable);
    expect(said).not.toContain(CANARY);
  });

  test('no variable that holds one is repeated when it is refused', () => {
    const named = VARIABLE_NAMES.filter((name) =>
      /_(PASSWORD|SECRET|TOKEN)$|^(DATABASE|REDIS)_URL$|_MAIL_URL$/.test(name),
    );
    const free = [
      ...['KUZET_SIGN_PASSWORD', 'KUZET_SFTP_PASSWORD', 'KUZET_SMARTBRIDGE_PASSWORD'],
      'KUZET_OIDC_SECRET',
    ];
    // Any text is a password, so that these are never refused for what they hold.
    for (const name of free) expect(() => readConfig({ [name]: CANARY }, '/srv')).not.toThrow();
    expect(named.filter((name) => !free.includes(name) && !(name in MISTYPED))).toEqual([]);
  });
});

describe('a house whose every secret bears a mark', () => {
  const site = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(
      '<title>Табыс</title><p>Салым салыңыз, күніне 3% табыс кепілі. Инвестируйте, 3% в день гарантировано.</p>',
    );
  });
  const home = openHome({
    KUZET_LOG: 'debug',
    KUZET_METRICS_TOKEN: `${CANARY}-metrics-token`,
    KUZET_WEBHOOK_URL: `https://hook.example/${CANARY}`,
    KUZET_WEBHOOK_SECRET: `whsec_${Buffer.from(`${CANARY}${CANARY}`).toString('base64')}`,
    KUZET_MAIL_URL: `smtps://user:${CANARY}@mail.example`,
    KUZET_MAIL_FROM: 'kuzet@agency.example',
    KUZET_MAIL_TO: 'officer@agency.example',
    KUZET_REFER_TO: 'sftp://user@out.example/in',
    KUZET_SFTP_HOST_KEY: `SHA256:${'A'.repeat(43)}`,
    KUZET_SFTP_PASSWORD: CANARY,
    KUZET_SIGN_PASSWORD: CANARY,
    KUZET_SMARTBRIDGE_PASSWORD: CANARY,
    KUZET_KZ_PROXY: `http://user:${CANARY}@proxy.example:8080`,
    KUZET_OIDC_ISSUER: 'https://id.example/',
    KUZET_OIDC_CLIENT: 'kuzet',
    KUZET_OIDC_SECRET: CANARY,
    KUZET_OIDC_ROLES: 'officers=officer',
    AWS_SECRET_ACCESS_KEY: CANARY,
  });
  const marks = [CANARY, Buffer.from(CANARY).toString('base64').replace(/=+$/, '')];
  let said = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const place = `127.0.0.1:${(site.address() as AddressInfo).port}`;
    const scan = [
      'scan',
      'http://altyn.test/',
      '--depth',
      '0',
      '--render',
      'never',
      '--resolve',
      `altyn.test=${place}`,
    ];
    for (const args of [
      scan,
      ['metrics'],
      ['doctor', '--json'],
      ['export', '--out', join(home.folder, 'all.ndjson.gz')],
    ]) {
      const { out, err } = await home.run(args);
      said += `${args[0]}\n${out}\n${err}\n`;
    }
  });

  afterAll(async () => {
    site.close();
    await home.close();
  });

  test('says none of them, whatever it is asked', () => {
    expect(said).toMatch(/kuzet_\w+ \d/);
    expect(marks.filter((mark) => said.includes(mark))).toEqual([]);
  });

  test('writes none of them: not into rows, evidence or a copy of the store', () => {
    const files = readdirSync(home.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.some((file) => file.includes('evidence'))).toBe(true);
    expect(files.some((file) => file.endsWith('all.ndjson.gz'))).toBe(true);
    const found = files.filter((file) => marks.some((mark) => holds(readFileSync(file), mark)));
    expect(found).toEqual([]);
  });
});

/** In the bytes, or in what they unpack to. */
function holds(bytes: Buffer, mark: string): boolean {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return bytes.includes(mark) || (isPacked && gunzipSync(bytes).includes(mark));
}
