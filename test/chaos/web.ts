/** Made-up sites, new ones for every round: those of the demo under other names. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { listen } from '../web/faults.ts';

const WEB = fileURLToPath(new URL('../../demo/web/', import.meta.url));
/** One that is a fraud, one that is a school. */
const SITES = ['dohodkrug', 'mektep12'] as const;
const NAME = new RegExp(`^(${SITES.join('|')})-r(\\d+)\\.test`);
const TYPES: Readonly<Record<string, string>> = { css: 'text/css', svg: 'image/svg+xml' };

export interface ChaosWeb {
  readonly resolve: string;
  seeds(round: number): string[];
  close(): Promise<void>;
}

export async function startChaosWeb(): Promise<ChaosWeb> {
  const server = createServer((asked, answer) => {
    const [, site = '', round = ''] = NAME.exec(asked.headers.host ?? '') ?? [];
    const path = new URL(asked.url ?? '/', 'http://any.test').pathname.replace(/\/$/, '/index.html');
    try {
      const file = readFileSync(`${WEB}${site}.test${path}`, 'utf8');
      const ending = /\w+$/.exec(path)?.[0] ?? '';
      answer.setHeader('content-type', `${TYPES[ending] ?? 'text/html'}; charset=utf-8`);
      const named = file.replaceAll(`${site}.test`, `${site}-r${round}.test`);
      answer.end(named.replace('<body>', `<body>${bannerOf(Number(round))}`));
    } catch {
      answer.writeHead(404).end();
    }
  });
  const port = await listen(server);
  return {
    resolve: `*.test=127.0.0.1:${port}`,
    seeds: (round) => SITES.map((site) => `http://${site}-r${round}.test/`),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Looks like no other round's: two sites of one look do not leave before somebody compared them. */
function bannerOf(round: number): string {
  const blocks = Array.from({ length: 8 }, (_, at) => {
    const colour = `hsl(${(round * 67 + at * at * 31) % 360} 70% ${30 + ((round * 13 + at * 17) % 50)}%)`;
    return `<i style="display:inline-block;width:${40 + ((round * 29 + at * 53) % 120)}px;height:90px;background:${colour}"></i>`;
  });
  return `<p>${blocks.join('')} ${round}</p>`;
}
