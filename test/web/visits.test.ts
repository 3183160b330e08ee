import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { countVisits } from '../../demo/visits.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe('visits', () => {
  test('measure the gap from the end of an answer to the next request', async () => {
    let clock = 0;
    const visits = countVisits(() => clock);
    const ask = await serve(visits, () => {
      clock += 300;
    });
    await ask('/one');
    clock += 1000;
    await ask('/two');
    clock += 700;
    await ask('/three');
    expect(visits.manners.get('site.test')).toMatchObject({
      documents: 3,
      smallestGapMs: 700,
      mostInFlight: 1,
    });
  });

  test('know no gap before the second document', async () => {
    const visits = countVisits();
    const ask = await serve(visits);
    await ask('/');
    expect(visits.manners.get('site.test')?.smallestGapMs).toBeNull();
  });

  test('count styles, pictures and robots.txt as hits and leave them out of the manners', async () => {
    const visits = countVisits();
    const ask = await serve(visits);
    for (const path of ['/robots.txt', '/', '/style.css', '/img/a.svg']) await ask(path);
    expect(visits.manners.get('site.test')?.documents).toBe(1);
    expect([...visits.hits.keys()]).toEqual([
      'http://site.test/robots.txt',
      'http://site.test/',
      'http://site.test/style.css',
      'http://site.test/img/a.svg',
    ]);
  });
});

/** Serves an empty page for all; `whileAnswering` runs between the request and the end of its answer. */
async function serve(visits: ReturnType<typeof countVisits>, whileAnswering: () => void = () => {}) {
  const server = createServer((request, response) => {
    visits.note(request, response);
    whileAnswering();
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return (path: string) =>
    new Promise<void>((resolve, reject) => {
      get(
        { port, host: '127.0.0.1', path, headers: { host: `site.test:${port}` }, agent: false },
        (answer) => {
          answer.resume().once('end', resolve);
        },
      ).once('error', reject);
    });
}
