/**
 * A batch that cases hold back, withdrawn or objected to: what may still leave goes on in a batch of its own.
 *
 *     an officer asks -> rows move (one transaction) -> the new file is signed and written like any other
 *
 * A process that dies in between is gone on with by the next build, as `queues/refer.ts` finishes any batch.
 */
import type { Reissue, ReissueStore } from '../store/reissues.ts';
import { finish, type ReferTools } from './refer.ts';

export interface ReissueTools extends ReferTools {
  readonly reissues: ReissueStore;
}

export interface ReissueNews extends Reissue {
  readonly file: string;
  readonly sha256: string;
}

/** @throws NoSuchBatchError, ReissueRefusedError */
export async function reissue(
  { batch, by }: { readonly batch: string; readonly by: string },
  tools: ReissueTools,
): Promise<ReissueNews> {
  const { software, clock, batches, reissues } = tools;
  const { id } = await batches.get(batch);
  const moved = await reissues.reissue({ batch: id, by, software, now: clock.now() });
  const { file, sha256 } = await finish(moved.batch, tools, false);
  return { ...moved, file, sha256 };
}
