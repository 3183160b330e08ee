/**
 * One visit's unaltered bytes. A capture is written to evidence before the frontier hears of it,
 * and never changes afterwards.
 */
import type { FailureReason, SkipReason } from './source.ts';
import type { ProfileName } from './visitor.ts';

/** SHA-256 in lower-case hex, 64 characters: the name of a blob in the evidence store. */
export type Sha256 = string;

export interface Capture {
  /** UUIDv7. */
  readonly id: string;
  readonly visitId: string;
  /** Address asked for, as it was found. */
  readonly url: string;
  /** Address that answered, after redirects. */
  readonly finalUrl: string;
  readonly capturedAt: Date;
  /** HTTP status of the last hop. */
  readonly status: number;
  readonly mediaType: string;
  /** Address that answered, `ip:port`; null behind a proxy. */
  readonly peer: string | null;
  /** Decoded body's SHA-256: two captures with the same one showed the same bytes. */
  readonly bodySha256: Sha256;
  readonly bodyBytes: number;
  /** The WARC file (gzip, one member a record) that holds request and response of every hop. */
  readonly warc: Sha256;
  /** Viewport PNG; null when the page was not rendered, or only for its text. */
  readonly screenshot: Sha256 | null;
  /** Whole-page PNG; null when there is no viewport PNG. */
  readonly fullScreenshot: Sha256 | null;
  /** The DOM after scripts ran, UTF-8 HTML; null when the page was not rendered. */
  readonly dom: Sha256 | null;
  /** Why it was rendered (`empty_shell`, `evidence`, `asked` …); null when it was not. */
  readonly renderReason: string | null;
  /** Why no browser showed it, where its bytes alone were no reason; left out where they were, and where one did. */
  readonly leftPlain?: PlainReason;
  /** The visitor it was asked for as (`domain/visitor.ts`); left out, Kuzet asked in its own name. */
  readonly profile?: ProfileName;
  readonly hops: readonly Hop[];
  /** What was learned of its host (`domain/site-facts.ts`, JSON); left out for a page that nobody was to be shown. */
  readonly facts?: Sha256;
}

export const PLAIN_REASONS = [
  /** The scan wants nothing rendered. */
  'unwanted',
  'no_browser',
  /** It could not be shown. */
  'render_failed',
  /** A gatekeeper's page: nothing is solved. */
  'gatekeeper',
  /** Pages like it on its host showed no more in a browser than their bytes (`domain/render-lesson.ts`). */
  'like_others',
  /** Enough pages of its site that are as risky were photographed on that visit. */
  'pictured_enough',
] as const;
export type PlainReason = (typeof PLAIN_REASONS)[number];

export interface Hop {
  readonly url: string;
  readonly status: number;
  /** Where it pointed; null for the last hop. */
  readonly location: string | null;
  /** What robots.txt of its host said of an address that was redirected to; `ignored` when the scan was told to. */
  readonly robots?: 'allowed' | 'ignored';
  /** How the page itself led on, by a meta refresh or a script; left out where the server did, and for the last hop. */
  readonly how?: 'refresh' | 'script';
}

/** One request and its answer, as `evidence/` archives it. */
export interface Exchange {
  /** Absolute. */
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'OPTIONS';
  readonly httpVersion: string;
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  readonly status: number;
  readonly statusText: string;
  /** Raw and in order, repeated names kept; one character a byte (ISO 8859-1). */
  readonly responseHeaders: readonly (readonly [name: string, value: string])[];
  /** As received: content-encoding still on, chunked transfer coding undone. */
  readonly body: Uint8Array;
  /** `ip:port`; null behind a proxy. */
  readonly peer: string | null;
  readonly startedAt: Date;
  /** Why the body is not whole; null when it is. */
  readonly truncated: 'length' | 'time' | 'disconnect' | null;
  /** The TLS session it came over; null for plain http. */
  readonly tls?: PeerTls | null;
}

/** What the site showed in the TLS handshake. */
export interface PeerTls {
  /** `TLSv1.3`. */
  readonly protocol: string;
  readonly cipher: string;
  /** DER, the site's own first, then who issued it, up to the root that was trusted. */
  readonly chain: readonly Uint8Array[];
}

/** Something a page tried while it was rendered, and was kept from. */
export interface Refused {
  readonly what: 'request' | 'window' | 'download' | 'dialog' | 'processor' | 'memory' | 'crash' | 'hang';
  /** As asked, e.g. `POST`; null for what is no request. */
  readonly method: string | null;
  /** At most 2,000 characters. */
  readonly url: string;
  readonly reason:
    | FailureReason
    | SkipReason
    | 'method'
    | 'websocket'
    | 'service_worker'
    | 'prefetch'
    | 'stream'
    | 'contained';
  /** Plain words, lower case. */
  readonly detail: string;
  /** 1 or more. */
  readonly times: number;
}
