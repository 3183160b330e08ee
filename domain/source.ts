/** How a scan goes about its sites: what `kuzet scan` takes and a visit carries. */
import type { ProfileName } from './visitor.ts';

export const RENDER_MODES = ['auto', 'never', 'always'] as const;
export type RenderMode = (typeof RENDER_MODES)[number];

export interface ScanSettings {
  /** Most pages captured on one site, 1..100,000. */
  readonly pages: number;
  /** Most links away from the seed, 0..50. */
  readonly depth: number;
  /** Seconds between the end of one answer and the next request to the same host, 0..3600. */
  readonly delaySeconds: number;
  readonly render: RenderMode;
  /** HTTP or SOCKS5 proxy that all requests go through; null for none. */
  readonly proxy: string | null;
  /** `host` or `*.suffix` -> `ip:port`, taken instead of DNS; such addresses may be private. */
  readonly resolve: Readonly<Record<string, string>>;
  /** Obey robots.txt. */
  readonly robots: boolean;
  /**
   * Its addresses are known, and are looked at again: a page that did not change need not be sent, and only what
   * came anew is followed further. Never for evidence of a case.
   */
  readonly again?: boolean;
  /** Ask for few pages again as other visitors, where these may be shown something else; `auto` when left out. */
  readonly cloakCheck?: 'auto' | 'never';
  /**
   * The visitor that was shown what a case stands on: its addresses are looked at as this visitor too, before anybody
   * says that they are gone or harmless.
   */
  readonly seenAs?: ProfileName;
}

export const DEFAULT_SETTINGS: ScanSettings = {
  pages: 20,
  depth: 3,
  delaySeconds: 1,
  render: 'auto',
  proxy: null,
  resolve: {},
  robots: true,
};

/** How one address of a scan ended; `unchanged` names the capture that still holds, what has none says why. */
export type UrlOutcome =
  | { readonly is: 'captured'; readonly captureId: string }
  | { readonly is: 'unchanged'; readonly captureId: string }
  | { readonly is: 'failed'; readonly reason: FailureReason; readonly detail: string }
  | { readonly is: 'skipped'; readonly reason: SkipReason; readonly detail: string };

export type FailureReason =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'http_status'
  | 'too_large'
  | 'redirect_loop'
  | 'bad_encoding'
  | 'protocol'
  | 'evidence'
  | 'unjudged'
  /** A gatekeeper holds robots up: `crawler/challenge.ts`. */
  | 'challenge'
  | 'internal';

export type SkipReason =
  | 'bad_url'
  | 'private_address'
  | 'robots'
  | 'budget'
  | 'depth'
  | 'not_a_page'
  | 'left_site'
  | 'trap'
  | 'host_down'
  /** A person stopped the scan. */
  | 'stopped';
