/** How much, how long and how slow an answer may be, and what is thrown when it is more. */
import type { FailureReason, SkipReason } from '../../domain/source.ts';

export interface FetchLimits {
  /** Most bytes of a body as received. */
  readonly rawBytes: number;
  /** Most bytes of a body once decoded. */
  readonly decodedBytes: number;
  /** Most decoded bytes for one received, once past the first million. */
  readonly ratio: number;
  readonly headerBytes: number;
  readonly redirects: number;
  readonly connectSeconds: number;
  /** From the request sent to the last header. */
  readonly headerSeconds: number;
  /** The whole fetch, all hops; what courtesy waits between them is not in it. */
  readonly totalSeconds: number;
  /** Slowest body, from `rateAfterSeconds` into it. */
  readonly bytesPerSecond: number;
  readonly rateAfterSeconds: number;
}

export const FETCH_LIMITS: FetchLimits = {
  rawBytes: 5_000_000,
  decodedBytes: 5_000_000,
  ratio: 200,
  headerBytes: 32_768,
  redirects: 10,
  connectSeconds: 10,
  headerSeconds: 20,
  totalSeconds: 60,
  bytesPerSecond: 500,
  rateAfterSeconds: 5,
};

/** Why we hung up ourselves, while the server was willing. */
export class HungUp extends Error {
  readonly truncated: 'length' | 'time';
  readonly reason: FailureReason | SkipReason | null;

  /** @param reason null when what was received is all we want. */
  constructor(truncated: 'length' | 'time', reason: FailureReason | SkipReason | null, detail: string) {
    super(detail);
    this.truncated = truncated;
    this.reason = reason;
  }
}
