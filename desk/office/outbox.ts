/**
 * Acts that wait to reach the desk: written down before they are sent, and struck out when the desk has answered. A lost
 * network, a closed window or a restarted browser loses none, and none is done twice: each carries a key of its own
 * (`Idempotency-Key`).
 *
 * Kept in the browser's `localStorage`, for the officer's login alone, and of the case no more than its number: what is
 * in it is the officer's own words.
 */
import { AwayError, RefusedError, send } from './api.ts';

export interface Letter {
  /** The key: the desk does it once. */
  readonly key: string;
  readonly method: 'post' | 'delete';
  readonly address: string;
  readonly body: unknown;
  /** What it is about, to tell the officer: `K-000001`. */
  readonly about: string;
  readonly writtenAt: string;
}

export type Ending =
  | { readonly is: 'done'; readonly letter: Letter; readonly answer: unknown }
  /** The desk said no; the letter is struck out, and what was in it is given back. */
  | { readonly is: 'refused'; readonly letter: Letter; readonly code: string }
  /** It is kept, and is sent again by itself. */
  | { readonly is: 'waiting'; readonly letter: Letter };

export interface Outbox {
  /** Writes it down and sends it. */
  post(letter: Letter): Promise<Ending>;
  waiting(): Letter[];
  /** Sends what waits, in the order in which it was written; ends at the first that does not get through. */
  flush(): Promise<Ending[]>;
}

/** The longest that a sent letter is left without an answer before the network counts as lost. */
const PATIENCE_MS = 20_000;

export function outbox(login: string, storage: Pick<Storage, 'getItem' | 'setItem'>): Outbox {
  const shelf = `kuzet.outbox.${login}`;
  const read = (): Letter[] => JSON.parse(storage.getItem(shelf) ?? '[]') as Letter[];
  const write = (letters: readonly Letter[]) => storage.setItem(shelf, JSON.stringify(letters));
  const strike = (key: string) => write(read().filter((letter) => letter.key !== key));
  let turn: Promise<unknown> = Promise.resolve();

  const deliver = async (letter: Letter): Promise<Ending> => {
    try {
      const options = { once: letter.key, signal: AbortSignal.timeout(PATIENCE_MS) };
      const answer = await send(letter.method, letter.address, letter.body, options);
      strike(letter.key);
      return { is: 'done', letter, answer };
    } catch (error) {
      // Whoever was logged out meanwhile logs in again, and the letter goes then.
      // What is being done still is asked about once more.
      const isKept =
        !(error instanceof RefusedError) ||
        [401, 429].includes(error.facts.status) ||
        error.facts.code === 'key_running';
      if (isKept && (error instanceof AwayError || error instanceof RefusedError || isTimeout(error)))
        return { is: 'waiting', letter };
      strike(letter.key);
      return { is: 'refused', letter, code: error instanceof RefusedError ? error.facts.code : 'internal' };
    }
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => {});
    return mine;
  };

  return {
    post(letter) {
      write([...read(), letter]);
      return inTurn(() => deliver(letter));
    },
    waiting: read,
    flush: () =>
      inTurn(async () => {
        const endings: Ending[] = [];
        for (const letter of read()) {
          const ending = await deliver(letter);
          endings.push(ending);
          if (ending.is === 'waiting') break;
        }
        return endings;
      }),
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError');
}
