/** What marketplaces do with their endpoints and with what they were told. */
import { randomBytes } from 'node:crypto';
import type { AlertService } from '../../domain/alert-service.ts';
import { closeBox } from '../../domain/box.ts';
import { writtenSecret } from '../../domain/webhook.ts';
import type { EndpointStore } from '../../store/endpoints.ts';
import { newId } from '../clock.ts';
import { endpointRefusal, type PostReach } from './post.ts';
import { cloudEvent, type TellTools } from './tell.ts';

export interface EndpointTools extends TellTools {
  readonly endpoints: EndpointStore;
  readonly key: Uint8Array;
  readonly reach: PostReach;
  /** Tells that there is something to send. */
  wake(): void;
}

const MOST_ENDPOINTS = 10;
/** An old secret signs beside the new one for a day. */
const OVERLAP_MS = 86_400_000;
const SECRET_BYTES = 32;

export function alertService(tools: EndpointTools): AlertService {
  const { endpoints, key, reach, clock, wake } = tools;
  const boxed = (secret: string, endpoint: string) => closeBox(key, secret, endpoint, randomBytes(12));
  return {
    endpoints: (tenant) => endpoints.list(tenant),
    async addEndpoint(tenant, url) {
      const why =
        (await endpoints.list(tenant)).length >= MOST_ENDPOINTS
          ? `there are ${MOST_ENDPOINTS} already`
          : endpointRefusal(url, reach);
      if (why !== null) return { is: 'refused', why };
      const id = `ep_${newId(clock).replaceAll('-', '')}`;
      const secret = writtenSecret(randomBytes(SECRET_BYTES));
      const endpoint = await endpoints.add({ id, tenant, url }, boxed(secret, id), clock.now());
      return { is: 'added', endpoint, secret };
    },
    removeEndpoint: (tenant, id) => endpoints.remove(tenant, id, clock.now()),
    async changeSecret(tenant, id) {
      const secret = writtenSecret(randomBytes(SECRET_BYTES));
      const until = new Date(clock.now().getTime() + OVERLAP_MS);
      return (await endpoints.changeSecret(tenant, id, boxed(secret, id), until)) ? secret : null;
    },
    async testEndpoint(tenant, id) {
      const event = cloudEvent('endpoint.test', tenant, id, tools, { endpoint: id });
      if (!(await endpoints.test(tenant, id, event))) return null;
      wake();
      return event.id;
    },
    async deliveries(tenant, limit) {
      const rows = await endpoints.deliveries({ tenant }, limit);
      return rows.map(({ event, type, endpoint, state, tries, nextAt, log }) => ({
        ...{ event, type, endpoint, state, tries, nextAt, log },
      }));
    },
    async replay(tenant, of) {
      const count = await endpoints.replay(tenant, of, clock.now());
      if (count > 0) wake();
      return count;
    },
    feed: (tenant, after, limit) => endpoints.feed(tenant, after, limit),
  };
}
