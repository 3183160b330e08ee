/**
 * What many visits ask at the same moment, asked as one: while one batch is under way the next one gathers.
 *
 *     ask ──► alone, at once          when nothing is under way
 *     ask ask ask ──► one batch       some moments after the one before: for each that asked some times as long as it took
 *     sixteen asks ──► one batch      as soon as the one before is answered
 *
 * So nobody waits for others that may never come, and the busier a store is the fewer statements an ask costs: where
 * many ask, a batch pauses for long and many more come together; one who asks alone waits a few times as long as a batch
 * takes. Once enough are there more of them would make a statement no cheaper, and only wait: a page waits for three such
 * batches, which had been most of its time. The pause is for the embedded engine too: it answers without letting go of the
 * thread, so that nobody could ask meanwhile.
 *
 * Who is waited for by somebody (`hurried`) asks the next batch as soon as the one before is answered.
 *
 * A batch that fails is asked again one by one: each hears of its own fault and of no other's.
 */
/** A pause after a batch is no longer than this, in milliseconds. */
const LONGEST_PAUSE = 250;
/** The pause after a batch: the time that it took, times those that asked, times this. */
const PATIENCE = 4;
/** With so many waiting no more are waited for. */
const ENOUGH = 16;

/** What becomes of one ask of a batch that was answered. */
export type Settled<Answer> = { readonly answer: Answer } | { readonly error: Error };

/**
 * @param work answers every ask, in order. A throw means that nothing of the batch was done.
 * @param most asks in one batch, 1 or more.
 * @param patience times how long a batch took, for each that asked, that the next one waits for more; 0 or more.
 */
export function together<Ask, Answer>(
  work: (asks: readonly Ask[]) => Promise<readonly Settled<Answer>[]>,
  most = 64,
  patience = PATIENCE,
): (ask: Ask) => Promise<Answer> {
  interface Waiting {
    readonly ask: Ask;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (cause: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let isUnderWay = false;
  const enough = Math.min(ENOUGH, most);
  const notPausing = () => undefined;
  let endPause: () => void = notPausing;

  /** Until so many milliseconds are over, or enough are waiting. */
  async function pause(milliseconds: number): Promise<void> {
    if (waiting.length >= enough) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => endPause(), milliseconds);
      endPause = () => {
        clearTimeout(timer);
        endPause = notPausing;
        resolve();
      };
    });
  }

  async function answerAll(batch: readonly Waiting[]): Promise<void> {
    let settled: readonly Settled<Answer>[];
    try {
      settled = await work(batch.map(({ ask }) => ask));
    } catch (cause) {
      if (batch.length === 1) batch[0]!.reject(cause);
      else for (const one of batch) await answerAll([one]);
      return;
    }
    for (const [at, { resolve, reject }] of batch.entries()) {
      const it = settled[at]!;
      if ('error' in it) reject(it.error);
      else resolve(it.answer);
    }
  }

  async function goOn(): Promise<void> {
    isUnderWay = true;
    // Whoever asks in the same breath comes along.
    await null;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      const begun = performance.now();
      await answerAll(batch);
      if (patience > 0) {
        await pause(Math.min(patience * (performance.now() - begun) * batch.length, LONGEST_PAUSE));
      }
    }
    isUnderWay = false;
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject });
      if (!isUnderWay) void goOn();
      else if (waiting.length >= enough) endPause();
    });
}

/**
 * The same for questions that somebody waits for, about any number of things each: what a batch asks of is looked for once,
 * and each gets what was found of its own, in the order in which it named it. At most 64 questions come together.
 *
 * @param find what there is of these, by name; a name of which nothing is known is missing.
 */
export function hurried<Name, Found>(
  find: (names: readonly Name[]) => Promise<ReadonlyMap<Name, Found>>,
): (names: readonly Name[]) => Promise<Map<Name, Found>> {
  return together<readonly Name[], Map<Name, Found>>(
    async (asks) => {
      const found = await find(asks.length === 1 ? asks[0]! : [...new Set(asks.flat())]);
      return asks.map((names) => {
        const answer = new Map<Name, Found>();
        for (const name of names) {
          const it = found.get(name);
          if (it !== undefined) answer.set(name, it);
        }
        return { answer };
      });
    },
    64,
    0,
  );
}
