/** Rows of endpoints, of what is on its way to them, and of the feed. */
import type { DeliveryView, EndpointView, Replay } from '../domain/alert-service.ts';
import { type NewEvent, writeEvents } from './alerts.ts';
import type { Database } from './database.ts';

export interface Endpoint extends EndpointView {
  readonly tenant: string;
}

/** A delivery that is ours to make until the lease ends. */
export interface LeasedDelivery {
  readonly seq: number;
  readonly id: string;
  readonly body: string;
  readonly endpoint: string;
  readonly url: string;
  /** Before this one. */
  readonly tries: number;
  readonly failingSince: Date | null;
  /** Boxes, the newest first. */
  readonly secrets: readonly Buffer[];
}

export interface Try {
  readonly at: Date;
  readonly status: number | null;
  readonly milliseconds: number;
  readonly detail: string;
}

/** What becomes of a delivery after a try. */
export type Outcome =
  | { readonly is: 'delivered' }
  | { readonly is: 'again'; readonly at: Date; readonly disable: string | null }
  | { readonly is: 'given_up'; readonly disable: string | null };

export interface FeedRow {
  readonly seq: number;
  readonly id: string;
  readonly body: string;
}

/** A delivery with what it is about, and where it goes. */
export interface DeliveryRow extends DeliveryView {
  readonly seq: number;
  readonly tenant: string;
  /** When the event came about. */
  readonly at: Date;
  /** The ring, or the endpoint of a test. */
  readonly subject: string | null;
  readonly url: string;
  /** Nothing is sent to the endpoint any more. */
  readonly isDisabled: boolean;
}

export type DeliveryPlace = Pick<DeliveryRow, 'seq' | 'endpoint'>;

/** A message that reached nobody. */
export interface GivenUp {
  readonly tenant: string;
  readonly event: string;
  readonly type: string;
  readonly endpoint: string;
  readonly url: string;
  readonly tries: number;
  /** Of the last try; null when there was none, because the endpoint was removed. */
  readonly at: Date | null;
  readonly status: number | null;
  readonly detail: string | null;
  /** Why nothing is sent to the endpoint any more; null while something is. */
  readonly disabled: string | null;
}

export interface EndpointStore {
  add(it: Pick<Endpoint, 'id' | 'tenant' | 'url'>, secret: Uint8Array, now: Date): Promise<Endpoint>;
  /** Of a marketplace, or of all, the oldest first. */
  list(tenant: string | null): Promise<Endpoint[]>;
  /** @returns false when the marketplace has no such endpoint. */
  remove(tenant: string, id: string, now: Date): Promise<boolean>;
  /** The old secret signs beside the new one until then. @returns false when there is no such endpoint. */
  changeSecret(tenant: string, id: string, secret: Uint8Array, oldUntil: Date): Promise<boolean>;
  /** @returns false when there is no such endpoint that is not disabled. */
  test(tenant: string, id: string, event: NewEvent): Promise<boolean>;
  /**
   * Deliveries whose time has come, at most `each` of one endpoint, and none of one that others are sending to: so
   * that nobody waits behind another's slow endpoint.
   */
  lease(now: Date, until: Date, limit: number, each: number): Promise<LeasedDelivery[]>;
  settle(it: Pick<LeasedDelivery, 'seq' | 'endpoint'>, made: Try, outcome: Outcome): Promise<void>;
  /** Sends again, under their own ids. @returns how many. */
  replay(tenant: string, of: Replay, now: Date): Promise<number>;
  /** The newest first; at most `limit` after a place. */
  deliveries(
    of: {
      readonly tenant?: string | null;
      readonly endpoint?: string;
      readonly state?: DeliveryView['state'];
    },
    limit: number,
    after?: DeliveryPlace | null,
  ): Promise<DeliveryRow[]>;
  /** Deliveries to marketplaces that were given up, the newest first. */
  givenUp(limit: number): Promise<GivenUp[]>;
  /** Events after a number, in order. */
  feed(tenant: string, after: number, limit: number): Promise<FeedRow[]>;
}

const COLUMNS = `id, tenant, url, created_at as "createdAt", failing_since as "failingSince", disabled_at as "disabledAt", why`;

export function endpointStore(db: Database): EndpointStore {
  return {
    async add({ id, tenant, url }, secret, now) {
      const [row] = await db.query<Endpoint>(
        `insert into endpoint (id, tenant, url, created_at, secret) values ($1, $2, $3, $4, $5) returning ${COLUMNS}`,
        [id, tenant, url, now, secret],
      );
      return row!;
    },
    list: (tenant) =>
      db.query<Endpoint>(
        `select ${COLUMNS} from endpoint
         where ($1::text is null or tenant = $1) and why is distinct from 'removed' order by created_at, id`,
        [tenant],
      ),
    async remove(tenant, id, now) {
      return db.transaction(async (tx) => {
        const gone = await tx.query(
          `update endpoint set disabled_at = $3, why = 'removed' where tenant = $1 and id = $2
             and why is distinct from 'removed' returning id`,
          [tenant, id, now],
        );
        if (gone.length === 0) return false;
        await tx.query(
          "update alert_delivery set state = 'given_up' where endpoint = $1 and state = 'waiting'",
          [id],
        );
        return true;
      });
    },
    async changeSecret(tenant, id, secret, oldUntil) {
      const done = await db.query(
        `update endpoint set old_secret = secret, old_until = $4, secret = $3
         where tenant = $1 and id = $2 and why is distinct from 'removed' returning id`,
        [tenant, id, secret, oldUntil],
      );
      return done.length > 0;
    },
    async test(tenant, id, event) {
      return db.transaction(async (tx) => {
        const [row] = await tx.query(
          'select id from endpoint where tenant = $1 and id = $2 and disabled_at is null',
          [tenant, id],
        );
        if (row === undefined) return false;
        await writeEvents(tx, [event], id);
        return true;
      });
    },
    lease: (now, until, limit, each) =>
      db
        .query<LeasedDelivery>(
          `with ranked as (
           select d.event_seq, d.endpoint, row_number() over (partition by d.endpoint order by d.next_at, d.event_seq) as place
           from alert_delivery d join endpoint e on e.id = d.endpoint
           where d.state = 'waiting' and d.next_at <= $1 and (d.leased_until is null or d.leased_until <= $1)
             and e.disabled_at is null and not exists (
               select 1 from alert_delivery o where o.endpoint = d.endpoint and o.state = 'waiting' and o.leased_until > $1)
         ), mine as (
           select d.event_seq, d.endpoint from alert_delivery d join ranked r using (event_seq, endpoint)
           where r.place <= $4 and d.state = 'waiting' and (d.leased_until is null or d.leased_until <= $1)
           order by d.next_at, d.event_seq limit $3 for update of d skip locked
         ), leased as (
           update alert_delivery d set leased_until = $2 from mine m
           where d.event_seq = m.event_seq and d.endpoint = m.endpoint
           returning d.event_seq, d.endpoint, d.tries
         )
         select l.event_seq as seq, v.id, v.body, l.endpoint, e.url, l.tries, e.failing_since as "failingSince",
           array_remove(array[e.secret, case when e.old_until > $1 then e.old_secret end], null)::text[] as boxes
         from leased l join alert_event v on v.seq = l.event_seq join endpoint e on e.id = l.endpoint
         order by l.event_seq, l.endpoint`,
          [now, until, limit, each],
        )
        .then((rows) =>
          (rows as (LeasedDelivery & { boxes: string[] })[]).map(({ boxes, ...row }) => ({
            ...row,
            secrets: boxes.map((hex) => Buffer.from(hex.slice(2), 'hex')),
          })),
        ),
    async settle({ seq, endpoint }, made, outcome) {
      await db.transaction(async (tx) => {
        await tx.query(
          `update alert_delivery set state = $3, tries = tries + 1, leased_until = null, next_at = coalesce($4, next_at)
           where event_seq = $1 and endpoint = $2`,
          [
            seq,
            endpoint,
            outcome.is === 'again' ? 'waiting' : outcome.is,
            outcome.is === 'again' ? outcome.at : null,
          ],
        );
        await tx.query(
          `insert into alert_try (event_seq, endpoint, at, status, milliseconds, detail)
           values ($1, $2, $3, $4, $5, $6)`,
          [seq, endpoint, made.at, made.status, made.milliseconds, made.detail],
        );
        if (outcome.is === 'delivered') {
          await tx.query(
            'update endpoint set failing_since = null where id = $1 and failing_since is not null',
            [endpoint],
          );
          return;
        }
        await tx.query(
          `update endpoint set failing_since = coalesce(failing_since, $2),
             disabled_at = case when $3::text is null then disabled_at else coalesce(disabled_at, $2) end,
             why = coalesce(why, $3) where id = $1`,
          [endpoint, made.at, outcome.disable],
        );
      });
    },
    async replay(tenant, of, now) {
      const [event, since, until] =
        'event' in of ? [of.event, null, null] : [null, of.since, of.until ?? null];
      if ('since' in of && of.isFailedOnly === true) {
        const again = await db.query(
          `update alert_delivery d set state = 'waiting', tries = 0, next_at = $2
           from alert_event v, endpoint e where v.seq = d.event_seq and e.id = d.endpoint and d.state = 'given_up'
             and v.tenant = $1 and e.disabled_at is null and v.type <> 'endpoint.test'
             and v.at >= $3 and ($4::timestamptz is null or v.at <= $4) returning d.event_seq`,
          [tenant, now, since, until],
        );
        return again.length;
      }
      const rows = await db.query(
        `insert into alert_delivery (event_seq, endpoint, state, tries, next_at)
         select v.seq, e.id, 'waiting', 0, $2 from alert_event v join endpoint e on e.tenant = v.tenant
         where v.tenant = $1 and e.disabled_at is null and v.type <> 'endpoint.test'
           and ($3::text is null or v.id = $3) and ($4::timestamptz is null or v.at >= $4)
           and ($5::timestamptz is null or v.at <= $5)
         on conflict (event_seq, endpoint) do update set state = 'waiting', tries = 0, next_at = excluded.next_at
         returning event_seq`,
        [tenant, now, event, since, until],
      );
      return rows.length;
    },
    givenUp: (limit) =>
      db.query<GivenUp>(
        `select v.tenant, v.id as event, v.type, d.endpoint, e.url, d.tries, t.at, t.status, t.detail, e.why as disabled
         from alert_delivery d join alert_event v on v.seq = d.event_seq join endpoint e on e.id = d.endpoint
         left join lateral (select at, status, detail from alert_try t
           where t.event_seq = d.event_seq and t.endpoint = d.endpoint order by t.seq desc limit 1) t on true
         where d.state = 'given_up' order by d.event_seq desc, d.endpoint limit $1`,
        [limit],
      ),
    deliveries: ({ tenant = null, endpoint, state }, limit, after = null) =>
      db.query<DeliveryRow>(
        `select v.seq, v.id as event, v.type, v.tenant, v.at, v.body::jsonb ->> 'subject' as subject, d.endpoint, e.url,
           e.disabled_at is not null as "isDisabled", d.state, d.tries, d.next_at as "nextAt",
           coalesce((select jsonb_agg(jsonb_build_object('at', t.at, 'status', t.status, 'ms', t.milliseconds, 'detail', t.detail)
               order by t.seq) from alert_try t where t.event_seq = d.event_seq and t.endpoint = d.endpoint), '[]') as log
         from alert_delivery d join alert_event v on v.seq = d.event_seq join endpoint e on e.id = d.endpoint
         where ($1::text is null or v.tenant = $1) and ($3::text is null or d.endpoint = $3)
           and ($4::text is null or d.state = $4)
           and ($5::int8 is null or d.event_seq < $5 or (d.event_seq = $5 and d.endpoint > $6))
         order by d.event_seq desc, d.endpoint limit $2`,
        [tenant, limit, endpoint ?? null, state ?? null, after?.seq ?? null, after?.endpoint ?? ''],
      ),
    feed: (tenant, after, limit) =>
      db.query<FeedRow>(
        `select seq, id, body from alert_event
         where tenant = $1 and seq > $2 and type <> 'endpoint.test' order by seq limit $3`,
        [tenant, after, limit],
      ),
  };
}
