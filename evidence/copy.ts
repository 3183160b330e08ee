/**
 * Copies all evidence from one store to another, whichever kinds they are.
 *
 * Both list their names in ascending order, so one walk over the two says what is still to be copied: a copy that
 * was stopped goes on where it was, and one that is asked for again does nothing. A blob is hashed on its way out
 * and on its way in; one that does not read back is told and left out.
 */
import type { Sha256 } from '../domain/capture.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from './store.ts';

export interface CopyProgress {
  /** Names seen at the source so far. */
  readonly seen: number;
  /** Of these, not there before. */
  readonly copied: number;
  readonly copiedBytes: number;
  /** What could not be read; all of them, each time. */
  readonly faults: readonly (EvidenceMissingError | EvidenceAlteredError)[];
  readonly isDone: boolean;
}

/** Blobs on their way at a time. */
const AT_ONCE = 8;

/**
 * @param every a word of progress after so many names, 1 or more; the last word has `isDone`.
 * @throws EvidenceWriteError, EvidenceUnreachableError; the signal's reason.
 */
export async function* copyEvidence(
  from: EvidenceStore,
  to: EvidenceStore,
  { every = 200, signal }: { readonly every?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<CopyProgress> {
  const faults: (EvidenceMissingError | EvidenceAlteredError)[] = [];
  let [seen, copied, copiedBytes] = [0, 0, 0];
  const running = new Set<Promise<void>>();
  let failure: { readonly cause: unknown } | null = null;
  const progress = (isDone: boolean) => ({ seen, copied, copiedBytes, faults: [...faults], isDone });

  async function copy(name: Sha256): Promise<void> {
    try {
      const bytes = await from.read(name);
      await to.put(bytes);
      copied += 1;
      copiedBytes += bytes.byteLength;
    } catch (cause) {
      if (!(cause instanceof EvidenceMissingError || cause instanceof EvidenceAlteredError)) throw cause;
      faults.push(cause);
    }
  }

  try {
    for await (const { name, isThere } of compared(from.list(), to.list())) {
      signal?.throwIfAborted();
      seen += 1;
      if (!isThere) {
        const one: Promise<void> = copy(name).then(
          () => void running.delete(one),
          (cause: unknown) => {
            running.delete(one);
            failure ??= { cause };
          },
        );
        running.add(one);
        if (running.size >= AT_ONCE) await Promise.race(running);
        if (failure !== null) break;
      }
      if (seen % every === 0) yield progress(false);
    }
  } finally {
    await Promise.all(running);
  }
  if (failure !== null) throw (failure as { readonly cause: unknown }).cause;
  yield progress(true);
}

/** Every name of `ours`, and whether `theirs` has it; both ascend. */
async function* compared(
  ours: AsyncIterable<Sha256>,
  theirs: AsyncIterable<Sha256>,
): AsyncGenerator<{ readonly name: Sha256; readonly isThere: boolean }> {
  const other = theirs[Symbol.asyncIterator]();
  let next = await other.next();
  for await (const name of ours) {
    while (next.done !== true && next.value < name) next = await other.next();
    yield { name, isThere: next.done !== true && next.value === name };
  }
}
