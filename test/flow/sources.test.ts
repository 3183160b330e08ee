/** A source from a file of the operator's to its figures, as the command line does it. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Home, openHome } from './kuzet.ts';

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://map.test');
  if (pathname === '/sitemap.xml')
    response.end(
      '<urlset><url><loc>http://map.test/a</loc></url><url><loc>http://map.test/b</loc></url></urlset>',
    );
  else if (pathname === '/robots.txt') response.end('');
  else response.setHeader('content-type', 'text/html').end('<title>Шамдар</title><p>Түсті шамдар</p>');
});
let home: Home;
let resolve = '';

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  resolve = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  home = openHome();
});
afterAll(async () => {
  await home.close();
  server.closeAllConnections();
  server.close();
});

describe('kuzet source', () => {
  test('takes a YAML file, looks, visits what is new, and tells what came of it', async () => {
    const file = join(home.folder, 'sources.yaml');
    writeFileSync(
      file,
      `sources:\n  - name: map\n    kind: sitemap\n    url: http://map.test/sitemap.xml\n    every: "0 6 * * *"\n    scan: {pages: 5, depth: 0, delaySeconds: 0, render: never, resolve: {"*.test": "${resolve}"}}\n`,
    );
    const taken = await home.run(['source', 'import', file, '--by', 'aigerim']);
    expect([taken.code, taken.out]).toEqual([0, 'added   map\n']);
    const ran = await home.ask<{ event: string }>(['source', 'run', 'map']);
    expect(ran.lines[0]).toMatchObject({ event: 'ran', found: 2, fresh: 2 });
    expect(ran.lines.at(-1)).toMatchObject({ event: 'done', counts: { captured: 2, failed: 0 } });
    const [shown] = (await home.ask(['source', 'show', 'map'])).lines;
    expect(shown).toMatchObject({ figures: { runs: 1, fresh: 2, captured: 2 }, runs: [{ requests: 1 }] });
  });

  test('is told by kuzet explain, with what robots.txt says and what became of the address', async () => {
    const read = await home.run(['explain', 'http://map.test/a?utm_source=x']);
    expect(read.code).toBe(0);
    expect(read.out).toContain('http://map.test/a?utm_source=x, known as http://map.test/a');
    expect(read.out).toMatch(/Brought by source "map" at .*: in http:\/\/map\.test\/sitemap\.xml\./);
    expect(read.out).toMatch(
      /for source "map", given by name: captured at .* with status 200, not rendered, as the scan wanted nothing rendered, judged [a-z]+\./,
    );
    expect(read.out).toMatch(/robots\.txt of its host, read at .*, answered 200 and has no objection\./);
    const unknown = await home.run(['explain', 'http://10.0.0.7/x']);
    expect(unknown.code).toBe(1);
    expect(unknown.out).toContain('It is never asked for');
    expect(unknown.out).toContain('No visit knows it');
  });

  test('refuses a file with a fault whole, and says where it is', async () => {
    const file = join(home.folder, 'bad.yaml');
    writeFileSync(file, '- {name: good, kind: tips}\n- {name: bad, kind: feed}\n');
    const refused = await home.run(['source', 'import', file]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('Source "bad": "from"');
    expect((await home.run(['source', 'list'])).out).not.toContain('good');
  });
});
