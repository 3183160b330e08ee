/** A plain HTTP proxy on loopback, as a network's own would be: forwards http and opens tunnels for all else. */
import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { routeOf } from '../../crawler/guard.ts';
import { listen } from './faults.ts';

export interface ProxyServer {
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  close(): Promise<void>;
}

/** @param resolve where names lead; any other name is refused. */
export async function startProxy(resolve: Readonly<Record<string, string>>): Promise<ProxyServer> {
  const open = new Set<Socket>();
  const targetOf = (host: string) => {
    const route = routeOf(new URL(`http://${host}/`), resolve);
    return route.is === 'fixed' ? { host: route.address, port: route.port } : null;
  };
  const server = createServer((asked, answer) => {
    const url = new URL(asked.url ?? '');
    const target = targetOf(url.hostname);
    if (target === null) {
      answer.writeHead(502).end();
      return;
    }
    const { 'proxy-authorization': _, ...headers } = asked.headers;
    const onward = request({ ...target, path: `${url.pathname}${url.search}`, headers, setHost: false });
    onward.once('response', (theirs) => {
      answer.writeHead(theirs.statusCode ?? 502, theirs.headers);
      theirs.pipe(answer);
    });
    onward.once('error', () => answer.destroy());
    asked.pipe(onward);
  });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('connect', (asked, client: Socket) => {
    const target = targetOf((asked.url ?? '').replace(/:\d+$/, ''));
    if (target === null) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const site = connect(target, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      site.pipe(client).pipe(site);
    });
    for (const [one, other] of [
      [site, client],
      [client, site],
    ] as const) {
      one.on('error', () => other.destroy());
      one.once('close', () => other.destroy());
    }
  });
  const port = await listen(server);
  return {
    address: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
