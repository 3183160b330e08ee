/**
 * What a marketplace may ask of Kuzet, and what it is told. A marketplace is told of its own listings by their
 * ids; of those elsewhere only how many there are.
 */
import type { ContactFlag } from './contact.ts';
import type { IdentifierKind } from './identifier.ts';
import type { Listing } from './listing.ts';

/** `hold`: a person should look before it is shown. The marketplace decides. */
export type Advice = 'allow' | 'warn' | 'hold';

export type AdviceReason =
  /** Somebody else has this advertisement. */
  | 'copy_of_another'
  /** Somebody else's photos. */
  | 'photos_of_another'
  /** It is one of a ring of several people's. */
  | 'one_of_a_ring'
  /** The seller has this advertisement already. */
  | 'own_repeat'
  /** Far below what is asked for the like. */
  | 'price_far_below'
  | ContactFlag;

export interface Check {
  readonly advice: Advice;
  /** Chance that it, or its photos, were copied from another's listing, 0..1. */
  readonly score: number;
  /** The largest ring that it would join; null when it would join none. */
  readonly ring: { readonly id: string; readonly members: number; readonly people: number } | null;
  /** The gravest first. */
  readonly reasons: readonly AdviceReason[];
  readonly matches: readonly CheckMatch[];
}

export interface CheckMatch {
  /** Of the asking marketplace; null for one elsewhere. */
  readonly listingId: string | null;
  readonly relation: string;
  readonly score: number;
  readonly isSameSeller: boolean;
  /** What spoke for and against it, the weightiest first: feature and what it added to the log-odds. */
  readonly reasons: readonly { readonly feature: string; readonly weight: number }[];
}

export interface ClusterView {
  readonly id: string;
  readonly relation: string;
  readonly state: 'open' | 'merged' | 'withdrawn';
  /** The ring that it went into; null unless merged. */
  readonly mergedInto: string | null;
  readonly why: string | null;
  readonly score: number;
  readonly density: number;
  readonly people: number;
  readonly openedAt: Date;
  readonly updatedAt: Date;
  /** Of the asking marketplace. */
  readonly listings: readonly { readonly id: string }[];
  /** Members on other marketplaces and sites. */
  readonly elsewhere: number;
  readonly actors: readonly ClusterActor[];
}

export interface ClusterActor {
  readonly kind: IdentifierKind;
  /** The keyed hash. */
  readonly mark: string;
  readonly flags: readonly string[];
  /** Autonomous system of an address; null when not known. */
  readonly network: string | null;
  /** Own listings with it. */
  readonly listings: readonly string[];
  /** When the first and the last of them were placed; null when not known. */
  readonly first: string | null;
  readonly last: string | null;
}

export interface ActorView {
  readonly kind: IdentifierKind;
  readonly mark: string;
  readonly listings: readonly {
    readonly id: string;
    readonly at: Date;
    readonly flags: readonly string[];
    readonly cluster: string | null;
  }[];
  readonly elsewhere: number;
}

export interface Feedback {
  readonly verdict: 'confirm' | 'dispute' | 'removed';
  readonly reason: string;
  /** Own listings that it is about; empty for all own ones of the ring. */
  readonly listings: readonly string[];
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** Everything is found out, nobody is alerted. */
  readonly isDry: boolean;
  /** Registrable domains that show its listings to everybody; of one marketplace each. */
  readonly sites: readonly string[];
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

/** A listing whose identifiers are shown in clear. */
export interface RevealedListing {
  /** Its version. */
  readonly number: number;
  readonly market: string;
  readonly listingId: string;
  /** As the marketplace fed it. */
  readonly clear: Readonly<Record<string, unknown>>;
  /** What stands behind its marks, each once. */
  readonly values: readonly {
    readonly kind: IdentifierKind;
    readonly mark: string;
    readonly value: string;
  }[];
}

/** Identifiers, for officers. */
export interface IdentifierService {
  /** The keyed hash of a value. @param market whose account it is; of the other kinds no matter. */
  mark(kind: IdentifierKind, value: string, market: string): string;
  /** Of a ring's listings, those that marketplaces fed and the law still lets be kept; the ledger is told first. */
  reveal(ringId: string, by: string, reason: string): Promise<readonly RevealedListing[]>;
}

export interface MarketService {
  /** @param listingId of a listing that is there already, so that it is not found to be its own copy. */
  check(tenant: string, listing: Listing, listingId: string | null): Promise<Check>;
  /** Takes versions in, in order; what they bring to light is found out afterwards. */
  place(
    tenant: string,
    rows: readonly { readonly id: string; readonly listing: Listing }[],
    isQuiet: boolean,
  ): Promise<('new' | 'changed' | 'same')[]>;
  /** @returns false when there is no such listing. */
  takeDown(tenant: string, id: string): Promise<boolean>;
  /** Null when there is none that this marketplace has, or had, a listing in. */
  cluster(tenant: string, id: string): Promise<ClusterView | null>;
  actor(tenant: string, kind: IdentifierKind, value: string): Promise<ActorView>;
  /** @returns false when there is no such ring for this marketplace. */
  feedback(tenant: string, ringId: string, feedback: Feedback): Promise<boolean>;
}
