/**
 * Messages signed as Standard Webhooks (standardwebhooks.com, specification 1.0.0, "Signature scheme"): an HMAC-SHA-256
 * over id, time and body under each secret that is valid, `v1,` and base64, with spaces between.
 *
 * The same message keeps its id however often it is sent; the time is that of sending.
 */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** A secret as a receiver keeps it. @param bytes 24 to 64, random. */
export function writtenSecret(bytes: Uint8Array): string {
  return PREFIX + Buffer.from(bytes).toString('base64');
}

export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** @param secrets as written, the newest first; more than one while a secret is being changed. */
export function signWebhook(
  id: string,
  sentAt: Date,
  body: string,
  secrets: readonly string[],
): SignedHeaders {
  const seconds = String(Math.floor(sentAt.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}

/** What to do after a try. */
export type AfterTry =
  | { readonly is: 'delivered' }
  | { readonly is: 'again'; readonly afterSeconds: number }
  | { readonly is: 'given_up' }
  /** The receiver wants no more (410). */
  | { readonly is: 'unwanted' };

/** Seconds before the second try, the third … (Standard Webhooks, "Deliverability and reliability"). */
const WAITS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** A receiver may ask for more patience than that, up to here. */
const LONGEST_WAIT = 86_400;

/**
 * @param tries with this one. @param status null when no answer came. @param chance 0..1, spreads waits by a tenth,
 *   so that what failed together does not come again together.
 */
export function afterTry(
  tries: number,
  status: number | null,
  retryAfterSeconds: number | null,
  chance: number,
): AfterTry {
  if (status !== null && status >= 200 && status < 300) return { is: 'delivered' };
  if (status === 410) return { is: 'unwanted' };
  const wait = WAITS[tries - 1];
  if (wait === undefined) return { is: 'given_up' };
  const spread = wait * (0.95 + 0.1 * chance);
  return {
    is: 'again',
    afterSeconds: Math.min(LONGEST_WAIT * 1.05, Math.max(spread, retryAfterSeconds ?? 0)),
  };
}

/** Members from which a ring is told of, and told of again: 2, 5, 10, 20, 50, 100 … 0 below. */
export function alertLevel(members: number): number {
  let level = 0;
  for (let ten = 1; ten <= members; ten *= 10) {
    for (const step of [1, 2, 5])
      if (step * ten >= 2 && step * ten <= members) level = Math.max(level, step * ten);
  }
  return level;
}
