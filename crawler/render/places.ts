/**
 * How many pages are loaded and read at the same time. A page that has loaded is waited for until it is quiet, half a second
 * at least, in which it uses next to nothing: meanwhile its place is another's, and it has the next one that comes free.
 *
 *     place 1   A loads ──┐        ┌── C loads ──┐  A is read
 *                         └ A is waited for ─────┘
 */

/** Around a wait of the page that holds the place. */
export type Lend = <T>(wait: () => Promise<T>) => Promise<T>;

export interface Places {
  /** Waits for a place and holds it until the work is done. */
  hold<T>(work: (lend: Lend) => Promise<T>): Promise<T>;
}

/** @param count 1 or more. */
export function openPlaces(count: number): Places {
  let free = count;
  const back: (() => void)[] = [];
  const fresh: (() => void)[] = [];

  function enter(queue: (() => void)[]): Promise<void> {
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => queue.push(resolve));
  }

  function leave(): void {
    const next = back.shift() ?? fresh.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async hold(work) {
      await enter(fresh);
      let isHeld = true;
      let isOver = false;
      const lend: Lend = async (wait) => {
        isHeld = false;
        leave();
        try {
          return await wait();
        } finally {
          await enter(back);
          // Whoever waited may have been given up meanwhile.
          if (isOver) leave();
          else isHeld = true;
        }
      };
      try {
        return await work(lend);
      } finally {
        isOver = true;
        if (isHeld) leave();
      }
    },
  };
}
