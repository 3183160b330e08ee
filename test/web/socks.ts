/** A SOCKS5 proxy on loopback (RFC 1928), with a name and password when asked to want them (RFC 1929). */
import { connect, createServer, type Socket } from 'node:net';
import { listen } from './faults.ts';

export interface SocksServer {
  readonly port: number;
  /** `name:port` or `address:port` of every connection asked for. */
  readonly asked: string[];
  close(): void;
}

/** @param sites `host:port` -> port on loopback; any other is refused with reply 5. */
export async function startSocks(
  sites: Readonly<Record<string, number>>,
  login: { readonly name: string; readonly word: string } | null = null,
): Promise<SocksServer> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    client.on('error', () => {});
    void serve(client).catch(() => client.destroy());
  });

  async function serve(client: Socket): Promise<void> {
    const [, count = 0] = await hear(client, 2);
    const methods = await hear(client, count);
    const wanted = login === null ? 0 : 2;
    if (!methods.includes(wanted)) {
      client.end(Buffer.of(5, 0xff));
      return;
    }
    client.write(Buffer.of(5, wanted));
    if (login !== null) {
      const [, nameLength = 0] = await hear(client, 2);
      const name = await hear(client, nameLength);
      const word = await hear(client, (await hear(client, 1))[0]!);
      const isKnown = name.toString() === login.name && word.toString() === login.word;
      client.write(Buffer.of(1, isKnown ? 0 : 1));
      if (!isKnown) return;
    }
    const [, , , kind] = await hear(client, 4);
    const address = await hear(client, kind === 1 ? 4 : kind === 4 ? 16 : (await hear(client, 1))[0]!);
    const port = (await hear(client, 2)).readUInt16BE();
    const host = kind === 1 ? address.join('.') : kind === 4 ? address.toString('hex') : address.toString();
    asked.push(`${host}:${port}`);
    const target = sites[`${host}:${port}`];
    if (target === undefined) {
      client.end(Buffer.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0));
      return;
    }
    const site = connect(target, '127.0.0.1', () => {
      client.write(Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0));
      site.pipe(client).pipe(site);
    });
    site.on('error', () => client.destroy());
    client.once('close', () => site.destroy());
  }

  const port = await listen(server);
  return {
    port,
    asked,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

async function hear(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const found: Buffer | null = bytes === 0 ? Buffer.alloc(0) : socket.read(bytes);
    if (found !== null) return found;
    await new Promise((resolve, reject) => {
      socket.once('readable', resolve);
      socket.once('close', reject);
    });
  }
}
