/** What the desk needs of the rooms below it, and what it carries with every request. */
import type { HttpBindings } from '@hono/node-server';
import type { AlertService } from '../domain/alert-service.ts';
import type { BatchPreview } from '../domain/batch-preview.ts';
import type { CaseId, OfficerId } from '../domain/case.ts';
import type { Figure } from '../domain/figure.ts';
import type { AddressHistory } from '../domain/history.ts';
import type { IdentifierService, MarketService, Tenant } from '../domain/market-service.ts';
import type { Override } from '../domain/override.ts';
import type { Channel } from '../domain/referral.ts';
import type { Saying } from '../domain/saying.ts';
import type { Account, AccountStore, Role } from '../store/accounts.ts';
import type { Allowance } from '../store/allowance.ts';
import type { AppealStore } from '../store/appeals.ts';
import type { BatchStore } from '../store/batches.ts';
import type { CaptureStore } from '../store/captures.ts';
import type { CaseStore } from '../store/cases.ts';
import type { CloakCheckStore } from '../store/cloak-checks.ts';
import type { CustodyStore } from '../store/custody.ts';
import type { DeskLog } from '../store/desk-log.ts';
import type { EndpointStore } from '../store/endpoints.ts';
import type { FeedbackStore } from '../store/feedback.ts';
import type { Handover, HandoverStore } from '../store/handovers.ts';
import type { LookalikeStore } from '../store/lookalikes.ts';
import type { MarketStore } from '../store/market.ts';
import type { Once, OnceStore } from '../store/once.ts';
import type { OverrideStore } from '../store/overrides.ts';
import type { PassageStore, ReceiptRow } from '../store/passages.ts';
import type { QueueStore } from '../store/queue.ts';
import type { RecheckStore } from '../store/rechecks.ts';
import type { Reissue } from '../store/reissues.ts';
import type { RereadStore } from '../store/rereads.ts';
import type { RingViews } from '../store/ring-views.ts';
import type { ScanViews } from '../store/scan-views.ts';
import type { SourceStore } from '../store/sources.ts';
import type { StatisticsStore } from '../store/statistics.ts';
import type { TenantStore } from '../store/tenants.ts';
import type { TipStore } from '../store/tips.ts';
import type { VisitStore } from '../store/visits.ts';
import type { WaysInStore } from '../store/ways-in.ts';
import type { IsTrusted } from './caller.ts';
import type { HelpSite } from './help-site.ts';
import type { OfficeFiles } from './office-files.ts';
import type { OidcDoor } from './oidc.ts';
import type { Lang, Words } from './web/words.ts';

export interface DeskStores {
  readonly cases: CaseStore;
  readonly queue: QueueStore;
  readonly log: DeskLog;
  readonly custody: Pick<CustodyStore, 'viewed' | 'left'>;
  readonly lookalikes: Pick<LookalikeStore<never>, 'of'>;
  readonly captures: CaptureStore;
  readonly batches: BatchStore;
  readonly passages: Pick<PassageStore, 'get' | 'rowsOf'>;
  readonly rereads: RereadStore;
  readonly handovers: Pick<HandoverStore, 'handovers' | 'heldBack' | 'deliveries'>;
  readonly rechecks: Pick<RecheckStore, 'sights' | 'childrenOf'>;
  readonly cloakChecks: Pick<CloakCheckStore, 'ofCaptures'>;
  readonly appeals: AppealStore;
  readonly overrides: OverrideStore;
  readonly accounts: AccountStore;
  /** Counts what comes without a log-in, by the address it comes from. */
  readonly allowance: Pick<Allowance, 'takes'>;
  readonly once: Pick<OnceStore, 'begin' | 'keep' | 'release'>;
  readonly waysIn: WaysInStore;
  readonly sources: SourceStore;
  readonly tips: Pick<TipStore, 'send' | 'get' | 'unanswered' | 'replied' | 'changed' | 'reply'>;
  readonly visits: Pick<VisitStore, 'openHosts' | 'news' | 'refusals' | 'resting' | 'stopScan'>;
  readonly scans: ScanViews;
  readonly statistics: StatisticsStore;
  /** The market as people look at it. */
  readonly rings: RingViews;
  readonly marks: Pick<MarketStore, 'countMarked'>;
  readonly endpoints: Pick<EndpointStore, 'list' | 'deliveries'>;
  readonly feedback: Pick<FeedbackStore, 'list' | 'precision'>;
  readonly tenants: Pick<TenantStore, 'list' | 'ofLogin' | 'setLogin' | 'logins'>;
}

export interface FoundByRule {
  /** `OB1` to `OB17`, or `capture` and `evidence` when there is nothing to look at. */
  readonly rule: string;
  readonly kind: 'hard' | 'soft';
  /** In English. */
  readonly why: string;
  /** The same apart from any language. */
  readonly about: Saying;
  readonly override: Override | null;
  readonly isLetGo: boolean;
}

/** What the desk may ask the river to do; what is absent is answered with `not_available`. */
export interface DeskActions {
  /** Starts a scan of well-formed addresses and tells its id. */
  scan?(urls: readonly string[], by: OfficerId): Promise<{ readonly scan: string }>;
  /** The next batch of a channel as it would be; nothing is written. */
  previewBatch?(order: { readonly channel: Channel; readonly limit: number }): Promise<BatchPreview>;
  /** Builds a batch of what is approved; `batch` is null when nothing waits. `expects` is the digest of a preview. */
  buildBatch?(order: {
    readonly channel: Channel;
    readonly limit: number;
    readonly quarantine: boolean;
    readonly expects?: string | undefined;
    readonly by: OfficerId;
  }): Promise<{ readonly batch: string | null }>;
  /** A batch's file, to the byte as it was first built. */
  batchFile?(id: string): Promise<{ readonly name: string; readonly bytes: Uint8Array }>;
  /** Puts a batch's file where its addressee takes it from. */
  handOver?(id: string, by: OfficerId): Promise<Handover>;
  /** Takes what may still leave out of a batch that something holds back. @throws ReissueRefusedError */
  reissue?(order: { readonly batch: string; readonly by: OfficerId }): Promise<Reissue>;
  /** Takes in a file of receipts. @throws BadReceiptError */
  receive?(order: {
    readonly bytes: Uint8Array;
    readonly by: OfficerId;
    readonly batch?: string | undefined;
  }): Promise<{ readonly known: boolean; readonly rows: readonly ReceiptRow[] }>;
  /** What the over-blocking rules find of a case, hard and soft. */
  findings?(id: CaseId): Promise<readonly FoundByRule[]>;
  /** Asks to let a soft rule's findings go. @throws OverrideRefusedError */
  askOverride?(it: {
    readonly id: CaseId;
    readonly rule: string;
    readonly by: OfficerId;
    readonly why: string;
  }): Promise<readonly Override[]>;
  /** What looks at an address found, newest first, at most `limit`. */
  history?(url: URL, limit: number): Promise<AddressHistory>;
  /** Has a worker look at a source soon. */
  runSource?(name: string): Promise<void>;
  /** Makes schedules what the sources' rows say; without it a worker does within a minute. */
  syncSources?(): Promise<void>;
}

/**
 * Operations by name. Only the owner of this process can ask, in the words of the same program, so the input
 * is handed on as it came. `signal` fires when the asker is gone or the desk closes.
 */
export type LocalOperations = Readonly<
  Record<string, (input: never, signal: AbortSignal) => AsyncIterable<unknown>>
>;

export interface DeskTools {
  readonly stores: DeskStores;
  /** Bytes of a blob by its SHA-256. */
  readonly evidence: { read(sha256: string): Promise<Uint8Array> };
  readonly clock: { now(): Date };
  /** Opens /setup while there are no accounts. */
  readonly firstRun: { readonly token: string } | null;
  /** Whoever comes without a session is this reader: for demonstrations. */
  readonly openAs: { readonly login: string; readonly role: Extract<Role, 'viewer'> } | null;
  readonly local: { readonly token: string; readonly operations: LocalOperations } | null;
  readonly actions: DeskActions;
  /** What goes on, in numbers; null where nobody counts. */
  readonly figures: FigureDoor | null;
  /** Others may come by way of this machine. */
  readonly isBehindProxy: boolean;
  /** Another house whose word for a person counts; null for none. */
  readonly oidc: OidcDoor | null;
  /** Null where marketplaces are not served. */
  readonly market: MarketDoor | null;
  /** The second officer decides without being told the first decision. */
  readonly isSecondLookBlind: boolean;
  /** The officers' app, as a browser loads it. */
  readonly office: OfficeFiles;
  /** The documents; null where they were not built. */
  readonly help: HelpSite | null;
  /** Spoken to those who have not chosen a language. */
  readonly lang: Lang;
  /** Hosts (`name:port`) that the desk answers to; null for any, when it listens beyond loopback. */
  readonly ownHosts: readonly string[] | null;
  /** Proxies whose word about their callers counts. */
  readonly isTrusted: IsTrusted;
  /** Sessions travel over https only. */
  readonly isSecure: boolean;
  /** Hears of errors that no rule expected. */
  onError(error: unknown, about: { readonly method: string; readonly path: string }): void;
}

/** Numbers for a program that watches over Kuzet. */
export interface FigureDoor {
  /** Opens them to other machines, and is asked for on this one too; null opens them to this machine alone. */
  readonly token: string | null;
  count(): Promise<readonly Figure[]>;
}

/** The service for marketplaces. */
export interface MarketDoor {
  /** Whose key it is; null for one that is unknown or revoked. */
  tenantOf(key: string): Promise<Tenant | null>;
  /** Opened with the first request. */
  service(): Promise<MarketService>;
  alerts(): Promise<AlertService>;
  identifiers(): Promise<IdentifierService>;
}

export type Who =
  | { readonly is: 'tenant'; readonly tenant: Tenant }
  | { readonly is: 'nobody' }
  /** The reader of a demonstration. */
  | { readonly is: 'visitor'; readonly login: OfficerId; readonly role: Role }
  | { readonly is: 'person'; readonly account: Account; readonly token: string };

export function roleOf(who: Who): Role | null {
  if (who.is === 'nobody' || who.is === 'tenant') return null;
  return who.is === 'visitor' ? who.role : who.account.role;
}

export interface DeskEnv {
  Bindings: Partial<HttpBindings>;
  /** `once`: the key that the request carries, where the route takes one. */
  Variables: { tools: DeskTools; who: Who; words: Words; once: Once | undefined };
}
