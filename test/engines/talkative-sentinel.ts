/** A Sentinel that tells of a failover at the worst moment: while it is asked who the master is. */
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TalkativeSentinel {
  /** As `REDIS_URL` names it. */
  readonly url: string;
  /** How often it was asked who the master is, and told all who listened of a failover before it answered. */
  asked(): number;
  close(): Promise<void>;
}

/** @param master The port on 127.0.0.1 of the one Redis that it watches over. */
export async function startTalkativeSentinel(master: number): Promise<TalkativeSentinel> {
  const open = new Set<Socket>();
  const listeners = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      listeners.delete(socket);
    });
    socket.on('error', () => undefined);
    let unread = '';
    socket.on('data', (chunk) => {
      unread += chunk.toString('latin1');
      for (let next = firstCommand(unread); next !== null; next = firstCommand(unread)) {
        unread = unread.slice(next.length);
        void answer(socket, next.words);
      }
    });
  });

  async function answer(socket: Socket, [name = '', what = '']: readonly string[]): Promise<void> {
    if (/^subscribe$/i.test(name)) {
      listeners.add(socket);
      socket.write(reply('subscribe', what).replace('*2', '*3').concat(':1\r\n'));
    } else if (/^sentinel$/i.test(name) && /^get-master/i.test(what)) {
      asked += 1;
      const news = reply('message', '+switch-master', `m 127.0.0.1 ${master} 127.0.0.1 ${master}`);
      for (const listener of listeners) listener.write(news);
      // The news is read first.
      await sleep(50);
      socket.write(reply('127.0.0.1', String(master)));
    } else if (/^sentinel$/i.test(name)) socket.write('*0\r\n');
    else if (/^hello$/i.test(name)) socket.write('-NOPROTO unsupported protocol version\r\n');
    else socket.write('+OK\r\n');
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  return {
    url: `redis+sentinel://127.0.0.1:${port}/m`,
    asked: () => asked,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Redis's own format (RESP2): an array of strings. */
function reply(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** Null while it is not whole. */
function firstCommand(text: string): { readonly words: string[]; readonly length: number } | null {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return null;
  const words: string[] = [];
  let at = head[0].length;
  while (words.length < Number(head[1])) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return null;
    const from = at + size[0].length;
    const to = from + Number(size[1]);
    if (text.length < to + 2) return null;
    words.push(text.slice(from, to));
    at = to + 2;
  }
  return { words, length: at };
}
