/** What the desk asks the river for, done for real on a house's store, with evidence in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { batchActions } from '../../cli/batch-actions.ts';
import type { DeskOptions } from '../../desk/server.ts';
import { folderCarrier } from '../../queues/carriers/folder.ts';
import { addressHistory } from '../../queues/history.ts';
import { askOverride, weighedFindings } from '../../queues/weigh.ts';
import { lookStore } from '../../store/looks.ts';
import { reissueStore } from '../../store/reissues.ts';
import { approvedCase } from '../queues/approved.ts';
import { referTools } from '../queues/refer-tools.ts';
import type { House } from './house.ts';

type Approved = Parameters<typeof approvedCase>[1];

export interface River {
  readonly actions: NonNullable<DeskOptions['actions']>;
  /** The house's pictures, and what the river keeps. */
  readonly evidence: DeskOptions['evidence'];
  /** Where batches are handed over to. */
  readonly out: string;
  /** A case that two officers, `a` and `b` or others, approved. @param n makes its host `piramida-N.test`. */
  approve(n: number, text?: string, more?: Pick<Approved, 'shot' | 'by'>): Promise<string>;
  close(): void;
}

export async function openRiver(house: House): Promise<River> {
  const { database, clock, stores } = house;
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-desk-river-'));
  const out = join(folder, 'out');
  const refer = await referTools(database, folder, { now: clock.now, sleep: async () => undefined });
  const tools = {
    ...refer,
    ...{ cases: stores.cases, overrides: stores.overrides, handovers: stores.handovers },
    ...{ passages: stores.passages, reissues: reissueStore(database), carrier: folderCarrier(out) },
    ...{ plan: { times: [], by: 'boss' }, log: pino({ level: 'silent' }), looks: lookStore(database) },
  };
  // Pages that the house keeps in memory, and what the river keeps in its folder.
  const evidence = {
    read: (sha256: string) =>
      house.evidence.read(sha256).catch(async () => new Uint8Array(await refer.evidence.read(sha256))),
  };
  return {
    actions: {
      ...batchActions(() => tools),
      findings: (id) => weighedFindings(id, tools),
      askOverride: (it) => askOverride(it, tools),
      history: (url, limit) =>
        addressHistory(url, limit, {
          ...tools,
          evidence: { read: async (it) => Buffer.from(await evidence.read(it)) },
        }),
    },
    evidence,
    out,
    approve: (n, text, more = {}) =>
      approvedCase(n, {
        ...{ db: database, evidence: refer.evidence, now: clock.now(), ...more },
        ...(text === undefined ? {} : { text }),
      }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
