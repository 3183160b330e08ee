/**
 * Work on several things at once, with the results in the order of the things.
 *
 * At most `most` are worked on or wait to be taken, so memory stays bounded however long the input is and
 * however slow the taker. A result is given as soon as it is the next one, also while the input is slow.
 *
 * @throws what the input or the work throws; then no more is taken from the input.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  most: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const input = items[Symbol.asyncIterator]();
  const begun: Promise<Result>[] = [];
  let coming: Promise<IteratorResult<Item>> | null = null;
  let isOver = false;
  try {
    while (!isOver || begun.length > 0) {
      if (!isOver && begun.length < most) {
        coming ??= quiet(input.next());
        const next = await Promise.race([coming, ...begun.slice(0, 1).map((it) => it.then(() => null))]);
        if (next !== null) {
          coming = null;
          if (next.done === true) isOver = true;
          else begun.push(quiet(work(next.value)));
          continue;
        }
      }
      yield await begun.shift()!;
    }
  } finally {
    await input.return?.();
  }
}

/** A failure is told when its turn comes; until then nobody has to listen. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
