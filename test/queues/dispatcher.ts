/**
 * A process that takes one more approved case, works the plan off, takes in the answers, and is killed by the system
 * at one step of that: no `finally` of its own runs.
 */
import { join } from 'node:path';
import { pino } from 'pino';
import { folderCarrier } from '../../queues/carriers/folder.ts';
import { type DispatchTools, dispatchRound } from '../../queues/dispatch.ts';
import { receive } from '../../queues/receive.ts';
import { type ReissueTools, reissue } from '../../queues/reissue.ts';
import type { Database } from '../../store/database.ts';
import { handoverStore } from '../../store/handovers.ts';
import { openDatabase } from '../../store/open.ts';
import { passageStore } from '../../store/passages.ts';
import { reissueStore } from '../../store/reissues.ts';
import { approvedCase } from './approved.ts';
import { referTools } from './refer-tools.ts';

export const KILLS = [
  'take after',
  'sign before',
  'keepSeal after',
  'finish before',
  'finish after',
  'endSlot before',
  'carry after',
  'done after',
  'add after',
  'keepReceipt after',
  // While a batch that a withdrawn case holds back is issued again.
  'again reissue before',
  'again reissue after',
  'again keepSeal after',
  'again finish after',
] as const;

if (process.argv[2] !== undefined) {
  const [home, n, kill] = [process.argv[2], Number(process.argv[3]), process.argv[4] ?? ''];
  await run(home, n, kill);
}

async function run(home: string, n: number, kill: string): Promise<void> {
  const now = new Date(Date.UTC(2026, 10, 22, 10 + n));
  const clock = { now: () => now, sleep: async () => undefined };
  const db = await openDatabase({ folder: join(home, 'store') });
  const given = await referTools(db, home, clock);
  const passages = mortal(passageStore(db), kill);
  const tools: DispatchTools = {
    ...given,
    batches: mortal(given.batches, kill),
    // Other bytes each time, as ECDSA gives.
    signer: mortal(
      {
        name: 'test',
        sign: async (content: Uint8Array) => Buffer.from(`${Math.random()} ${content.length}`),
      },
      kill,
    ),
    handovers: mortal(handoverStore(db), kill),
    passages,
    carrier: mortal(folderCarrier(join(home, 'out')), kill),
    plan: { times: Array.from({ length: 24 }, (_, hour) => ({ hour, minute: 0 })), by: 'dana' },
    log: pino({ level: 'silent' }),
  };
  // The first round of all begins the plan.
  if (n === 1) await handoverStore(db).endSlot(new Date(Date.UTC(2026, 10, 22, 10)), 0, now);
  await approvedCase(n, { db, evidence: given.evidence, now });
  if (kill.startsWith('again ')) await withdrawOne(n, tools, db);
  await issueHeld({ ...tools, ...mortalAgain(tools, db, kill) });
  await dispatchRound(tools);
  for (const { caseId, passage } of await passages.list(1000)) {
    if (passage.state !== 'handed_over') continue;
    const bytes = Buffer.from(JSON.stringify([{ caseId, outcome: 'accepted' }]));
    await receive({ bytes, by: 'dana' }, { passages, clock });
  }
  await db.close();
}

/** Two more cases, a batch of all that wait, and one of them taken back before it leaves. */
async function withdrawOne(n: number, tools: DispatchTools, db: Database): Promise<void> {
  const { evidence, clock } = tools;
  const now = clock.now();
  const [, second] = [
    await approvedCase(n + 100, { db, evidence, now }),
    await approvedCase(n + 200, { db, evidence, now }),
  ];
  await dispatchRound({ ...tools, carrier: null });
  await passageStore(db).add(second, [{ at: now, by: 'dana', kind: 'withdrawn', facts: {} }]);
}

/** What an officer does who finds a batch held back. */
async function issueHeld(tools: ReissueTools & Pick<DispatchTools, 'handovers'>): Promise<void> {
  for (const { batch } of await tools.handovers.deliveries()) {
    const held = await tools.handovers.heldBack(batch);
    if (held.some(({ why }) => why === 'withdrawn')) await reissue({ batch, by: 'dana' }, tools);
  }
}

function mortalAgain(tools: DispatchTools, db: Database, kill: string) {
  const step = kill.startsWith('again ') ? kill.slice('again '.length) : '';
  return { reissues: mortal(reissueStore(db), step), batches: mortal(tools.batches, step) };
}

/** The same, but that the process is gone before or after the named step. */
function mortal<T extends object>(it: T, kill: string): T {
  const [step = '', when] = kill.split(' ');
  const method = (it as Record<string, unknown>)[step];
  if (typeof method !== 'function') return it;
  return {
    ...it,
    [step]: async (...args: unknown[]) => {
      if (when === 'before') process.kill(process.pid, 'SIGKILL');
      const answer = await method.apply(it, args);
      if (when === 'after') process.kill(process.pid, 'SIGKILL');
      return answer;
    },
  };
}
