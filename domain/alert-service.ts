/** What a marketplace may ask of its alerts: where they go, what became of them, and the feed of all of them. */

export interface EndpointView {
  readonly id: string;
  readonly url: string;
  readonly createdAt: Date;
  readonly failingSince: Date | null;
  readonly disabledAt: Date | null;
  readonly why: string | null;
}

export interface DeliveryView {
  readonly event: string;
  readonly type: string;
  readonly endpoint: string;
  readonly state: 'waiting' | 'delivered' | 'given_up';
  readonly tries: number;
  readonly nextAt: Date;
  readonly log: readonly {
    readonly at: string;
    readonly status: number | null;
    readonly ms: number;
    readonly detail: string;
  }[];
}

/** What is sent again: one event, or what was told from then on, up to then; `isFailedOnly` leaves out what arrived. */
export type Replay =
  | { readonly event: string }
  | { readonly since: Date; readonly until?: Date | undefined; readonly isFailedOnly?: boolean | undefined };

export interface AlertService {
  endpoints(tenant: string): Promise<readonly EndpointView[]>;
  /** The secret is shown this once. */
  addEndpoint(
    tenant: string,
    url: string,
  ): Promise<
    | { readonly is: 'added'; readonly endpoint: EndpointView; readonly secret: string }
    | { readonly is: 'refused'; readonly why: string }
  >;
  /** @returns false when there is no such endpoint. */
  removeEndpoint(tenant: string, id: string): Promise<boolean>;
  /** A new secret; the old one signs beside it for a day. Null when there is no such endpoint. */
  changeSecret(tenant: string, id: string): Promise<string | null>;
  /** Sends a test message; @returns its id, or null when there is no such endpoint. */
  testEndpoint(tenant: string, id: string): Promise<string | null>;
  /** The newest first. */
  deliveries(tenant: string, limit: number): Promise<readonly DeliveryView[]>;
  /** Sends again, under their own ids; @returns how many messages. */
  replay(tenant: string, of: Replay): Promise<number>;
  /** Events after a number, in order, as they are sent. */
  feed(
    tenant: string,
    after: number,
    limit: number,
  ): Promise<readonly { readonly seq: number; readonly id: string; readonly body: string }[]>;
}
