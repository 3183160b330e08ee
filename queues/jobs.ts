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
