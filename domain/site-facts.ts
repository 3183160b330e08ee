/**
 * What was learned of a host beside its pages, in the moment it was captured: who answered, with which certificate,
 * what the name servers and registries said, and from where it was asked. It stands in the evidence under its hash,
 * in the capture's WARC, and in the record of a referral (fields 16 to 19).
 *
 * `null` is "known to be absent or not to be had"; each part says why where that is not plain. Times are ISO 8601, UTC.
 */
export const SITE_FACTS_FORMAT = 'kuzet-site-facts/1';

export interface SiteFacts {
  readonly format: typeof SITE_FACTS_FORMAT;
  readonly host: string;
  readonly observedAt: string;
  /** Who answered; null behind a proxy. */
  readonly peer: { readonly address: string; readonly port: number } | null;
  /** Whose network that address is of, by the operator's table; null without one. */
  readonly network: Network | null;
  /** Null for plain http. */
  readonly tls: {
    readonly protocol: string;
    readonly cipher: string;
    /** The site's own first, then who issued it, up to the root that was trusted. */
    readonly chain: readonly CertificateFacts[];
  } | null;
  readonly dns: DnsFacts;
  /** Of the registrable domain; null when registries are not asked, or the host is an address. */
  readonly domain: DomainRegistration | null;
  /** Of the address that answered; null when registries are not asked, or it is not known. */
  readonly addressBlock: AddressRegistration | null;
  readonly from: CapturedFrom;
}

export interface Network {
  readonly asn: number;
  readonly name: string;
  /** ISO 3166; null when the table has none. */
  readonly country: string | null;
}

export interface CertificateFacts {
  /** `CN=example.test, O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** `DNS:example.test`, `IP Address:192.0.2.1`. */
  readonly san: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly serial: string;
  /** Of the DER. */
  readonly sha256: string;
  readonly pem: string;
}

export const DNS_TYPES = ['A', 'AAAA', 'CNAME', 'NS', 'MX'] as const;
export type DnsType = (typeof DNS_TYPES)[number];

export type DnsFacts =
  | { readonly is: 'asked'; readonly answers: readonly DnsAnswer[] }
  | { readonly is: 'not_asked'; readonly why: string };

export interface DnsAnswer {
  readonly name: string;
  readonly type: DnsType;
  /** Sorted; MX as `10 mail.example.test`. Empty for a name without such records. */
  readonly data: readonly string[];
  /** Seconds, the smallest of the answer; null where the resolver does not tell. */
  readonly ttl: number | null;
  /** The resolver's code, such as `ETIMEOUT`; null when it answered, also with nothing. */
  readonly error: string | null;
}

interface Registration {
  readonly fetchedAt: string;
  /** Address asked; null when no registry is known. */
  readonly source: string | null;
  /** SHA-256 of the answer as received: what it says of people is not kept. */
  readonly answerSha256: string | null;
  /** Why nothing was learned; null when something was. */
  readonly error: string | null;
}

export interface DomainRegistration extends Registration {
  readonly name: string;
  readonly registrar: string | null;
  /** The registrar's number with IANA. */
  readonly ianaId: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  readonly status: readonly string[];
  readonly nameServers: readonly string[];
  readonly abuseEmail: string | null;
}

export interface AddressRegistration extends Registration {
  readonly address: string;
  /** `192.0.2.0 - 192.0.2.255`. */
  readonly range: string | null;
  readonly handle: string | null;
  readonly name: string | null;
  readonly country: string | null;
  readonly abuseEmail: string | null;
}

export interface CapturedFrom {
  /** Address the house asks from, as the operator told; null when not told. */
  readonly address: string | null;
  readonly network: Network | null;
  readonly clock: ClockState;
}

/** What keeps the machine's clock right, and how far off it was said to be. */
export interface ClockState {
  /** `chrony`, `systemd-timesyncd`; null when nothing was found that keeps it. */
  readonly source: string | null;
  /** Seconds that the clock is ahead of its source (behind: negative); null when not told. */
  readonly offsetSeconds: number | null;
}
