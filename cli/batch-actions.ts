/** What the desk asks the river to do with batches, and how its refusals are told there. */
import { DeskRefusedError } from '../desk/refusal.ts';
import type { DeskActions } from '../desk/server.ts';
import { CarryFailedError, FileDiffersError, NotTrustedError } from '../queues/carriers/carrier.ts';
import { type DispatchTools, HandoverRefusedError, handOver } from '../queues/dispatch.ts';
import { receive } from '../queues/receive.ts';
import { BatchNotAsSeenError, batchFile, buildBatch, previewBatch } from '../queues/refer.ts';
import { type ReissueTools, reissue } from '../queues/reissue.ts';

type BatchActions = Required<
  Pick<DeskActions, 'previewBatch' | 'buildBatch' | 'batchFile' | 'handOver' | 'reissue' | 'receive'>
>;

/** @param tools opened with each act. */
export function batchActions(tools: () => ReissueTools & DispatchTools): BatchActions {
  return {
    previewBatch: (order) => previewBatch(order, tools()),
    async buildBatch(order) {
      let batch: string | null = null;
      try {
        for await (const event of buildBatch(order, tools()))
          if (event.event === 'built' && !event.again) batch = event.batch;
      } catch (cause) {
        if (!(cause instanceof BatchNotAsSeenError)) throw cause;
        throw new DeskRefusedError(409, 'batch_changed', cause.message);
      }
      return { batch };
    },
    batchFile: (id) => batchFile(id, tools()),
    async handOver(id, by) {
      try {
        return await handOver(id, by, tools());
      } catch (cause) {
        throw toldHandOver(cause);
      }
    },
    reissue: (order) => reissue(order, tools()),
    receive: (order) => receive(order, tools()),
  };
}

function toldHandOver(cause: unknown): unknown {
  if (cause instanceof HandoverRefusedError)
    return new DeskRefusedError(409, 'not_handed_over', cause.message);
  if (
    cause instanceof CarryFailedError ||
    cause instanceof FileDiffersError ||
    cause instanceof NotTrustedError
  )
    return new DeskRefusedError(502, 'carry_failed', cause.message);
  return cause;
}
