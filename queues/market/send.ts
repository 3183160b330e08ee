/**
 * Sends what marketplaces are told, a round at a time. Which message goes where and when is in the database; a round
 * leases some of it, so that two rounds send nothing twice, and one that dies half-way leaves it to the next: the
 * message goes out again under the same id.
 */
import type { Logger } from 'pino';
import { openBox } from '../../domain/box.ts';
import { afterTry, signWebhook } from '../../domain/webhook.ts';
import type { EndpointStore, LeasedDelivery, Outcome, Try } from '../../store/endpoints.ts';
import type { Clock } from '../clock.ts';
import { type PostReach, post } from './post.ts';

export interface SendTools {
  readonly endpoints: EndpointStore;
  /** What secrets are boxed with. */
  readonly key: Uint8Array;
  readonly reach: PostReach;
  readonly clock: Clock;
  /** 0..1; spreads tries that failed together. */
  readonly chance: () => number;
  readonly log: Logger;
}

const AT_ONCE = 32;
/** Of one endpoint: one that is slow holds up its own messages only. */
const EACH = 1;
/** Longer than a try lasts. */
const LEASE_SECONDS = 25;
/** An endpoint that took nothing for so long is given up. */
const DISABLED_AFTER_DAYS = 5;
const DAY_MS = 86_400_000;

/** @returns how many were sent, whatever became of them. */
export async function sendRound(tools: SendTools, signal: AbortSignal): Promise<number> {
  const { endpoints, clock } = tools;
  const now = clock.now();
  const due = await endpoints.lease(now, new Date(now.getTime() + LEASE_SECONDS * 1000), AT_ONCE, EACH);
  const lanes = new Map<string, LeasedDelivery[]>();
  for (const it of due) lanes.set(it.endpoint, [...(lanes.get(it.endpoint) ?? []), it]);
  // Each lane to its end, whatever became of another; what the store refused is still told.
  const ended = await Promise.allSettled([...lanes.values()].map((lane) => sendLane(lane, tools, signal)));
  const broken = ended.flatMap((it) => (it.status === 'rejected' ? [it.reason as unknown] : []));
  if (broken.length > 0) throw broken.length === 1 ? broken[0] : new AggregateError(broken);
  return due.length;
}

async function sendLane(
  lane: readonly LeasedDelivery[],
  tools: SendTools,
  signal: AbortSignal,
): Promise<void> {
  for (const it of lane) {
    if (signal.aborted) return;
    await send(it, tools, signal);
  }
}

async function send(
  it: LeasedDelivery,
  { endpoints, key, reach, clock, chance, log }: SendTools,
  signal: AbortSignal,
): Promise<void> {
  const at = clock.now();
  const headers = signedHeaders(it, at, key);
  const { status, retryAfterSeconds, detail } =
    'unsigned' in headers
      ? { status: null, retryAfterSeconds: null, detail: headers.unsigned }
      : await post({ url: it.url, headers, body: it.body }, reach, signal);
  // Stopped in the middle: whether it arrived is not known, and the lease lets it be sent again.
  if (signal.aborted && status === null) return;
  const made: Try = { at, status, milliseconds: clock.now().getTime() - at.getTime(), detail };
  const outcome = outcomeOf(it, made, retryAfterSeconds, chance());
  await endpoints.settle(it, made, outcome);
  if (outcome.is !== 'delivered') {
    log.warn(
      { event: it.id, endpoint: it.endpoint, status, detail, outcome: outcome.is },
      'an alert did not arrive',
    );
  }
}

/** A secret that this key cannot open is a try that failed: who mends the key finds all of them still to be sent. */
function signedHeaders(
  it: LeasedDelivery,
  at: Date,
  key: Uint8Array,
): Readonly<Record<string, string>> | { readonly unsigned: string } {
  try {
    const secrets = it.secrets.map((box) => openBox(key, box, it.endpoint));
    return {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'kuzet-alerts',
      ...signWebhook(it.id, at, it.body, secrets),
    };
  } catch (cause) {
    return { unsigned: `not sent, its secret cannot be used: ${(cause as Error).message}`.slice(0, 300) };
  }
}

function outcomeOf(
  it: LeasedDelivery,
  { at, status }: Try,
  retryAfterSeconds: number | null,
  chance: number,
): Outcome {
  const next = afterTry(it.tries + 1, status, retryAfterSeconds, chance);
  if (next.is === 'delivered') return next;
  if (next.is === 'unwanted') return { is: 'given_up', disable: 'it answered that it wants no more (410)' };
  const failedDays = it.failingSince === null ? 0 : (at.getTime() - it.failingSince.getTime()) / DAY_MS;
  const disable =
    failedDays >= DISABLED_AFTER_DAYS ? `it took nothing for ${DISABLED_AFTER_DAYS} days` : null;
  if (next.is === 'given_up') return { is: 'given_up', disable };
  return { is: 'again', at: new Date(at.getTime() + next.afterSeconds * 1000), disable };
}
