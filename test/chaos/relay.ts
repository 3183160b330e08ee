/** A wire between the house and one of its servers, that can be cut, or go dead without a word. */
import { connect, createServer, type Socket } from 'node:net';
import { listen } from '../web/faults.ts';

export interface Relay {
  /** The server's address, over the wire. */
  readonly url: string;
  /** Ends every connection, and every new one at once. */
  cut(): void;
  /** Lets nothing through and ends nothing. */
  hold(): void;
  /** After either. */
  mend(): void;
  close(): Promise<void>;
}

export async function openRelay(to: string): Promise<Relay> {
  const there = new URL(to);
  const sockets = new Set<Socket>();
  let is: 'whole' | 'cut' | 'dead' = 'whole';
  const server = createServer((near) => {
    if (is === 'cut') return void near.destroy();
    const far = connect(Number(there.port), there.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.on('data', (piece) => {
        if (!other.write(piece)) one.pause();
      });
      one.on('drain', () => {
        if (is === 'whole') other.resume();
      });
      if (is === 'dead') one.pause();
    }
  });
  const here = new URL(to);
  here.port = String(await listen(server));
  return {
    url: here.href,
    cut() {
      is = 'cut';
      for (const socket of sockets) socket.destroy();
    },
    hold() {
      is = 'dead';
      for (const socket of sockets) socket.pause();
    },
    mend() {
      is = 'whole';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
