/** Job names and payloads: all that the desk may know of the river. */

/** One job is one host's turn: all its unfinished visits, one after another. */
export const VISITS = 'visits';

export interface VisitJob {
  readonly host: string;
}

/** The same host is never queued twice; BullMQ takes no colon in an id. */
export function visitJobId(host: string): string {
  return `host-${host.replaceAll(':', '_')}`;
}

/** A round of looking after what is kept: see `queues/keep.ts`. Fired by a scheduler, once a minute for all workers. */
export const KEEPING = 'keeping';
export const KEEP_EVERY_MS = 60_000;

/** Jobs that come round by the calendar: see `upkeep.ts`. They carry nothing. */
export const UPKEEP = 'upkeep';

/** Listings came, or a while passed: see `market/worker.ts`. */
export const MARKET = 'market';
/** Alerts may have to be sent: see `market/worker.ts`. */
export const ALERTS = 'alerts';
export const MARKET_EVERY_MS = 10_000;

/** A source's turn to be looked at: see `queues/watch.ts`. */
export const SOURCES = 'sources';

export interface SourceJob {
  readonly source: string;
}
