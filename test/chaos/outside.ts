/** A marketplace's endpoint that takes alerts, and keeps what came. */
import { createServer, type ServerResponse } from 'node:http';
import { listen } from '../web/faults.ts';

export interface Arrived {
  /** `webhook-id`. */
  readonly id: string;
  readonly body: string;
}

export interface Receiver {
  readonly port: number;
  readonly arrived: readonly Arrived[];
  /**
   * `lost`: taken, and the answer is lost on the way; `down`: 503; `frozen`: no answer until it is up again.
   */
  is: 'up' | 'lost' | 'down' | 'frozen';
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const arrived: Arrived[] = [];
  const held: ServerResponse[] = [];
  let is: Receiver['is'] = 'up';
  const server = createServer((asked, answer) => {
    if (is === 'down') return void answer.writeHead(503).end();
    let body = '';
    asked.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    asked.on('end', () => {
      if (is === 'frozen') return void held.push(answer);
      arrived.push({ id: String(asked.headers['webhook-id']), body });
      if (is === 'lost') answer.destroy();
      else answer.writeHead(204).end();
    });
  });
  return {
    port: await listen(server),
    arrived,
    get is() {
      return is;
    },
    set is(now) {
      is = now;
      if (now === 'up') for (const answer of held.splice(0)) answer.destroy();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
