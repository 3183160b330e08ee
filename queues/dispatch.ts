/**
 * The way out by itself, at the times of a plan:
 *
 *     a moment of the plan has come -> a batch of each channel is built and signed -> each is to be carried
 *     carried -> told with the passage of every case in it -> receipts come back (queues/receive.ts)
 *
 * A round a minute asks the store how far that got, so that any round goes on where another one died: a moment
 * missed, or many, is worked off once; a file carried twice is the same file; what does not arrive is tried again
 * after 1, 2, 4 … minutes and then left for a person to see.
 */
import type { Logger } from 'pino';
import { officerId } from '../domain/case.ts';
import { latestSlot, type TimeOfDay } from '../domain/plan.ts';
import { CHANNELS, type Channel } from '../domain/referral.ts';
import { batchFileName } from '../exports/kibernadzor/batch.ts';
import type { WaitingAnswer } from '../exports/smartbridge/answers.ts';
import type { Delivery, Handover, HandoverStore, HeldBack } from '../store/handovers.ts';
import type { PassageStore } from '../store/passages.ts';
import { type Carrier, FileDiffersError, NotTrustedError } from './carriers/carrier.ts';
import { receive } from './receive.ts';
import { batchFile, buildBatch, type ReferNews, type ReferTools } from './refer.ts';

export interface Plan {
  /** Almaty's clock; none works nothing off by itself. */
  readonly times: readonly TimeOfDay[];
  /** The officer who set the plan: hand-overs are made in that name. */
  readonly by: string;
}

export interface DispatchTools extends ReferTools {
  readonly handovers: HandoverStore;
  readonly passages: PassageStore;
  /** Null while nobody said where to. */
  readonly carrier: Carrier | null;
  readonly plan: Plan;
  readonly log: Logger;
}

/** The batch may not leave as it stands. */
export class HandoverRefusedError extends Error {
  override readonly name = 'HandoverRefusedError';
  readonly facts: { readonly batch: string };

  constructor(batch: string, why: string) {
    super(`Batch ${batch} was not handed over: ${why}`);
    this.facts = { batch };
  }
}

export interface DispatchNews {
  /** The moment that was worked off; null when none had come. */
  readonly slot: Date | null;
  readonly built: readonly string[];
  /** Channels whose batch could not be made, and why: the next round tries again. */
  readonly unbuilt: readonly { readonly channel: Channel; readonly why: string }[];
  readonly handedOver: readonly Handover[];
  readonly failed: readonly { readonly batch: string; readonly why: string; readonly isGivenUp: boolean }[];
  /** Batches of which the addressee's machine said something. */
  readonly answered: readonly string[];
}

/** Rows of a batch that nobody looks through by hand. */
const MOST_ROWS = 50;
const MOST_AT_ONCE = 20;
const FIRST_WAIT_MS = 60_000;
/** 1 + 2 + … + 64 minutes: two hours. */
const MOST_TRIES = 8;

export async function dispatchRound(tools: DispatchTools): Promise<DispatchNews> {
  const { slot, built, unbuilt } = await workOff(tools);
  const handedOver: Handover[] = [];
  const failed: { batch: string; why: string; isGivenUp: boolean }[] = [];
  if (tools.carrier !== null) {
    for (const due of await tools.handovers.due(tools.clock.now(), MOST_AT_ONCE)) {
      try {
        handedOver.push(await handOver(due.batch, due.by, tools));
      } catch (cause) {
        const why = (cause as Error).message;
        failed.push({ batch: due.batch, why, isGivenUp: await putOff(due, cause as Error, tools) });
      }
    }
  }
  const answered = new Set([...(await takeAnswers(tools)), ...(await takeMessages(tools))]);
  return { slot, built, unbuilt, handedOver, failed, answered: [...answered] };
}

/**
 * Builds what the latest moment of the plan asks for, unless that was done. The first moment of all begins the plan.
 * A channel that cannot be built keeps neither the others waiting nor what is on its way; the moment stays due.
 */
async function workOff(tools: DispatchTools): Promise<Pick<DispatchNews, 'slot' | 'built' | 'unbuilt'>> {
  const { plan, handovers, clock, log } = tools;
  const slot = latestSlot(plan.times, clock.now());
  const last = slot === null ? null : await handovers.lastSlot();
  if (slot === null || (last !== null && last >= slot)) return { slot: null, built: [], unbuilt: [] };
  const built: string[] = [];
  const unbuilt: { channel: Channel; why: string }[] = [];
  if (last !== null) {
    for (const channel of CHANNELS) {
      try {
        for await (const news of buildBatch({ channel, quarantine: true, limit: MOST_ROWS }, tools)) {
          tell(news, log);
          if (news.event === 'built') built.push(news.batch);
        }
        await handovers.clearUnbuilt(channel);
      } catch (cause) {
        const why = (cause as Error).message;
        unbuilt.push({ channel, why });
        await handovers.noteUnbuilt({ slot, channel, lastError: why }, clock.now());
        log.error({ channel, why }, 'a batch of the plan could not be made');
      }
    }
    for (const batch of await handovers.unsent()) await handovers.ask(batch, plan.by, clock.now());
  }
  if (unbuilt.length === 0) await handovers.endSlot(slot, built.length, clock.now());
  return { slot: last === null ? null : slot, built, unbuilt };
}

/** Asks where batches are that nobody has answered; what is said is taken in like any receipt. */
async function takeAnswers({ handovers, passages, carrier, clock, log }: DispatchTools): Promise<string[]> {
  if (carrier?.answer === undefined) return [];
  const answered: string[] = [];
  for (const { batch, by, sha256 } of await handovers.unanswered(carrier.target, MOST_AT_ONCE)) {
    try {
      const bytes = await carrier.answer({ name: batchFileName(batch), sha256 });
      if (bytes === null) continue;
      await receive({ bytes, by, batch }, { passages, clock });
      answered.push(batch);
    } catch (cause) {
      // The next round asks again; who waits too long is late, and told so.
      log.warn({ batch, why: (cause as Error).message }, 'nobody said where a batch is');
    }
  }
  return answered;
}

/**
 * Takes in the messages that a gateway keeps for us: their rows become events of passages like those of any receipt.
 * Only a message whose rows are kept is told to be taken; one that comes again changes nothing.
 */
async function takeMessages({ passages, carrier, plan, clock, log }: DispatchTools): Promise<string[]> {
  if (carrier?.waiting === undefined) return [];
  const answered: string[] = [];
  let messages: readonly WaitingAnswer[] = [];
  try {
    messages = await carrier.waiting();
  } catch (cause) {
    log.warn({ why: (cause as Error).message }, 'messages that wait at the gateway were not taken in');
  }
  for (const { messageId, batch, bytes } of messages) {
    try {
      const { rows } = await receive(
        { bytes, by: plan.by, ...(batch === null ? {} : { batch }) },
        { passages, clock },
      );
      const untold = rows.filter(({ why }) => why !== null).length;
      if (untold > 0)
        log.warn({ messageId, rows: rows.length, untold }, 'a message says what nobody here follows');
      if (batch !== null) answered.push(batch);
      await carrier.taken?.(messageId);
    } catch (cause) {
      // What was not told to be taken comes again in the next round, and keeps none behind it waiting.
      log.warn({ messageId, why: (cause as Error).message }, 'a message of the gateway was not taken in');
    }
  }
  return answered;
}

function tell(news: ReferNews, log: Logger): void {
  if (news.event === 'refused' || news.event === 'unfinished') log.warn(news, 'not in a batch');
  else log.info(news, 'a batch by plan');
}

/**
 * Puts a batch's file where its addressee takes it from, and tells so. Again is allowed: the file is the same, and so
 * are the ids in it.
 *
 * @throws HandoverRefusedError, CarryFailedError, FileDiffersError, NoSuchBatchError
 */
export async function handOver(batch: string, by: string, tools: DispatchTools): Promise<Handover> {
  const { handovers, carrier, clock } = tools;
  if (officerId(by) === '') throw new HandoverRefusedError(batch, 'name the officer who hands it over.');
  if (carrier === null) {
    throw new HandoverRefusedError(
      batch,
      'nobody said where to. Set KUZET_REFER_TO to a folder, an SFTP server or a gateway.',
    );
  }
  const held = await handovers.heldBack(batch);
  if (held.length > 0) {
    const list = held.map(({ caseId, why }) => `${caseId} (${HELD[why]})`).join(', ');
    throw new HandoverRefusedError(batch, `${list}. ${wayOut(batch, held)}`);
  }
  const file = await batchFile(batch, tools);
  await carrier.carry(file);
  const told = { batch, at: clock.now(), by: officerId(by), target: carrier.target, sha256: file.sha256 };
  return handovers.done(told);
}

const HELD: Readonly<Record<HeldBack, string>> = {
  withdrawn: 'withdrawn',
  appeal: 'appealed',
  moved: 'in another batch now',
  arrived: 'the batch it was taken out of arrived after all',
};

function wayOut(batch: string, held: readonly { readonly why: HeldBack }[]): string {
  const is = (why: HeldBack) => held.some((each) => each.why === why);
  if (is('arrived')) return 'Take in the answers to that one; this one stays here.';
  if (is('moved') && !is('appeal') && !is('withdrawn')) return 'Hand over the batch that took its cases.';
  const rest = `"kuzet refer reissue ${batch}" takes the other cases into a batch of their own.`;
  return is('appeal') ? `Judge the appeals ("kuzet appeals list"), or ${rest}` : rest;
}

/** What time may mend is tried again; what it cannot is left to a person at once. */
async function putOff(due: Delivery, cause: Error, tools: DispatchTools): Promise<boolean> {
  const { handovers, clock, log } = tools;
  const now = clock.now();
  const isLast =
    due.tries + 1 >= MOST_TRIES || cause instanceof FileDiffersError || cause instanceof NotTrustedError;
  if (isLast) await handovers.giveUp(due.batch, cause.message, now);
  else {
    const waitMs = FIRST_WAIT_MS * 2 ** due.tries;
    await handovers.putOff(due.batch, cause.message, new Date(now.getTime() + waitMs));
  }
  log.error(
    { batch: due.batch, tries: due.tries + 1, isGivenUp: isLast, why: cause.message },
    'not handed over',
  );
  return isLast;
}
