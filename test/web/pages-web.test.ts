import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostFor, type PagesWeb, type PagesWebOptions, startPagesWeb } from '../../bench/pages-web.ts';
import { siteOf } from '../../domain/url.ts';

const ROWS = [
  {
    id: 'a/1',
    label: 'pyramid',
    source: 'Team/one',
    lang: 'ru',
    html: '<p>Доход 30 %\r\n<meta charset=windows-1251>',
  },
  { id: 'b/1', label: 'legit', source: 'Team/two', html: '<p>Лампы' },
  { id: 'a/2', label: 'legit', source: 'Team/one', html: 'no markup \u2028 at all\n' },
];

let folder: string;
const open: PagesWeb[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pages-web-'));
});
afterAll(async () => {
  for (const web of open) await web.close();
  await rm(folder, { recursive: true });
});

describe('a pages file as a web', () => {
  test('is a host for each source, named after it', async () => {
    const web = await serve();
    expect(web.hosts).toEqual([
      { host: 'team-one.p00260204.test', source: 'Team/one', pages: 2, labels: ['pyramid', 'legit'] },
      { host: 'team-two.p290bc29e.test', source: 'Team/two', pages: 1, labels: ['legit'] },
    ]);
  });

  test('sends each page byte for byte, as UTF-8 whatever it says of itself', async () => {
    const web = await serve({ listing: 'seeds' });
    expect(web.seeds).toHaveLength(3);
    for (const [url, { id }] of web.truth) {
      const answer = await ask(web, url);
      expect(answer.contentType).toBe('text/html; charset=utf-8');
      expect(answer.body).toBe(ROWS.find((row) => row.id === id)?.html);
    }
  });

  test('lists a host’s pages at its front, which is no page itself', async () => {
    const web = await serve();
    const front = await ask(web, web.seeds[0]!);
    const links = [...front.body.matchAll(/href="([^"]+)"/g)].map(([, path]) => path);
    expect(web.seeds).toEqual(web.hosts.map(({ host }) => `http://${host}/`));
    expect(links).toEqual(['/p/1.html', '/p/2.html']);
    expect(web.truth.has(web.seeds[0]!)).toBe(false);
  });

  test('has no front when all pages are seeds', async () => {
    const web = await serve({ listing: 'seeds' });
    expect((await ask(web, `http://${web.hosts[0]?.host}/`)).status).toBe(404);
  });

  test('names the line that is no page', async () => {
    const file = join(folder, 'bad.jsonl');
    await writeFile(file, `${JSON.stringify(ROWS[0])}\n\n{"id":"x","label":"legit","source":"s"}\n`);
    await expect(startPagesWeb({ file })).rejects.toMatchObject({
      name: 'PagesFileError',
      facts: { file, line: 3 },
      message: expect.stringContaining('"html" is missing'),
    });
  });
});

describe('the host of a source', () => {
  test('says nothing of the source when asked to be neutral', () => {
    expect(hostFor('slick2/hyip', 'neutral')).toMatch(/^p[0-9a-f]{8}\.test$/);
  });

  test('is a name that an address can have, and a site of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('readable', 'neutral'), (source, names) => {
        const host = hostFor(source, names);
        expect(new URL(`http://${host}/`).hostname).toBe(host);
        expect(host.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))).toBe(
          true,
        );
        expect(siteOf(host)).toBe(hostFor(source, 'neutral'));
      }),
    );
  });
});

async function serve(options: Partial<PagesWebOptions> = {}): Promise<PagesWeb> {
  const file = join(folder, 'pages.jsonl');
  await writeFile(file, ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const web = await startPagesWeb({ file, ...options });
  open.push(web);
  return web;
}

function ask(web: PagesWeb, url: string): Promise<{ status: number; contentType: string; body: string }> {
  const { host, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    get(
      { port: web.port, host: '127.0.0.1', path: pathname, headers: { host }, agent: false },
      async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        resolve({
          status: answer.statusCode ?? 0,
          contentType: answer.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString('utf8'),
        });
      },
    ).once('error', reject);
  });
}
