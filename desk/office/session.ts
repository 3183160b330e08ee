/** This officer's outbox, one while the page is open, and the rounds that empty it. */
import { type Ending, type Outbox, outbox } from './outbox.ts';
import { me } from './told.ts';

let mine: Outbox | null = null;

export function mail(): Outbox {
  mine ??= outbox(me().login, localStorage);
  return mine;
}

/** Sends again what waits: now, when the network comes back, and every so often. */
export function keepSending(hear: (endings: readonly Ending[]) => void): void {
  const round = async () => {
    if (mail().waiting().length > 0) hear(await mail().flush());
  };
  addEventListener('online', () => void round());
  setInterval(() => void round(), ROUND_MS);
  void round();
}

const ROUND_MS = 5_000;
