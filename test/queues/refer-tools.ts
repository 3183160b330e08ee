/** What a batch is built with: rows of one store, files in one folder, nobody who signs or stamps. */
import { join } from 'node:path';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { noSigner } from '../../evidence/signers.ts';
import type { Clock } from '../../queues/clock.ts';
import type { ReferTools } from '../../queues/refer.ts';
import { batchStore } from '../../store/batches.ts';
import { captureStore } from '../../store/captures.ts';
import type { Database } from '../../store/database.ts';
import { overrideStore } from '../../store/overrides.ts';

export async function referTools(db: Database, folder: string, clock: Clock): Promise<ReferTools> {
  return {
    batches: batchStore(db),
    captures: captureStore(db),
    overrides: overrideStore(db),
    evidence: await openEvidenceFolder(join(folder, 'evidence')),
    folder: join(folder, 'batches'),
    org: 'EXAMPLE',
    software: { name: 'kuzet', version: '0.1.0' },
    clock,
    signer: noSigner,
    authorities: [],
    print: async () => ({ is: 'unprinted', why: 'no browser here' }),
    archive: null,
    appealUrl: null,
  };
}
