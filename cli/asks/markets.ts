/** Marketplaces: tenants, alerts and rings. */

import type { Tenant } from '../../domain/market-service.ts';
import type { Mark } from '../../domain/sealed-listing.ts';
import type { ReindexStep } from '../../queues/market/reindex.ts';
import type { GivenUp } from '../../store/endpoints.ts';
import type { LabelledPair } from '../../store/feedback.ts';
import type { Ring } from '../../store/rings.ts';
import type { Plain } from './plain.ts';

export interface MarketOperations {
  /** The key is shown this once. */
  readonly tenantAdd: {
    readonly input: Pick<Tenant, 'id' | 'name' | 'isDry' | 'sites'>;
    readonly event: { readonly tenant: Plain<Tenant>; readonly key: string };
  };
  readonly tenantKey: { readonly input: { readonly id: string }; readonly event: { readonly key: string } };
  readonly tenantSwitch: {
    readonly input: { readonly id: string; readonly isDry: boolean };
    readonly event: Plain<Tenant>;
  };
  readonly tenantSites: {
    readonly input: { readonly id: string; readonly sites: readonly string[] };
    readonly event: Plain<Tenant>;
  };
  readonly tenantRevoke: { readonly input: { readonly id: string }; readonly event: Plain<Tenant> };
  readonly tenants: { readonly input: Record<string, never>; readonly event: Plain<Tenant> };
  /** Makes the index of listings anew. */
  readonly marketReindex: { readonly input: Record<string, never>; readonly event: ReindexStep };
  /** Alerts that reached nobody, the newest first. */
  readonly marketUndelivered: { readonly input: { readonly limit: number }; readonly event: Plain<GivenUp> };
  /** Sends one alert again; how many endpoints it goes to. */
  readonly marketResend: {
    readonly input: { readonly tenant: string; readonly event: string };
    readonly event: { readonly sent: number };
  };
  /** Open rings, of most people first. */
  readonly rings: { readonly input: { readonly limit: number }; readonly event: RingLine };
  /** `clear` shows identifiers, and tells the ledger who looked. */
  readonly ring: {
    readonly input: {
      readonly id: string;
      readonly clear: { readonly by: string; readonly reason: string } | null;
    };
    readonly event: RingView;
  };
  readonly ringLabels: { readonly input: Record<string, never>; readonly event: LabelledPair };
}

export type RingLine = Plain<Ring>;

export interface RingView extends RingLine {
  readonly listings: readonly {
    readonly market: string;
    readonly id: string;
    readonly title: string;
    readonly price: number | null;
    readonly postedAt: string | null;
    readonly captureId: string | null;
    readonly marks: readonly Mark[];
    /** Null unless asked for and still kept. */
    readonly clear: Readonly<Record<string, unknown>> | null;
  }[];
}
