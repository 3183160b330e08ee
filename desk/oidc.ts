/**
 * Log-in by another house's word: OpenID Connect, authorization code with PKCE (RFC 7636).
 *
 *     browser -> /log-in/oidc -> the other house's log-in -> /log-in/oidc/answer?code=…&state=…
 *
 * What the answer must fit to (state, nonce, verifier) stays in the store and is bound to a cookie of the browser that
 * began. Which role a person has says a claim of the ID token, by a table of the configuration; whoever it gives no role
 * stays outside. Nobody is found by a mail address.
 */
import * as oidc from 'openid-client';
import type { Role } from '../store/accounts.ts';
import type { Introduced, Unplaced } from '../store/ways-in.ts';

export interface OidcSettings {
  /** E.g. `https://id.example/`. */
  readonly issuer: string;
  readonly clientId: string;
  /** Null for a public client. */
  readonly secret: string | null;
  /** The claim whose values name roles: a text, or a list of them. */
  readonly claim: string;
  /** Value of the claim -> role. Of several the first in this order. */
  readonly roles: ReadonlyMap<string, Role>;
}

/** What an answer must fit to. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface OidcDoor {
  /** The other house's name, to show on the button. */
  readonly name: string;
  begin(redirectUri: string): Promise<{ readonly url: string; readonly begun: Begun }>;
  /**
   * @param current the address that the browser came back to.
   * @returns who it is; with a role of null for a person whom the claim gives none.
   * @throws OidcRefusedError
   */
  finish(current: URL, begun: Begun): Promise<Introduced | Unplaced>;
}

/** The other house did not vouch for anybody, or what it said does not hold. */
export class OidcRefusedError extends Error {
  override readonly name = 'OidcRefusedError';

  constructor(cause: unknown) {
    const said = (cause ?? {}) as { readonly error?: unknown; readonly error_description?: unknown };
    const why = [cause instanceof Error ? cause.message : String(cause), said.error, said.error_description]
      .filter((it) => typeof it === 'string')
      .join(': ');
    super(`The log-in elsewhere did not hold (${why}). Begin again; if it stays so, check KUZET_OIDC_*.`, {
      cause,
    });
  }
}

/** Asks the other house about itself with the first log-in, not before: it may be away while the desk starts. */
export function oidcDoor(settings: OidcSettings): OidcDoor {
  const { issuer, clientId, secret, claim, roles } = settings;
  let discovered: Promise<oidc.Configuration> | null = null;
  const configuration = () => {
    const server = new URL(issuer);
    const isHere = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(server.hostname);
    discovered ??= oidc
      .discovery(
        server,
        clientId,
        undefined,
        secret === null ? oidc.None() : oidc.ClientSecretBasic(secret),
        // Plain HTTP on this machine alone.
        isHere && server.protocol === 'http:' ? { execute: [oidc.allowInsecureRequests] } : {},
      )
      .catch((cause: unknown) => {
        discovered = null;
        throw new OidcRefusedError(cause);
      });
    return discovered;
  };
  return {
    name: new URL(issuer).host,
    async begin(redirectUri) {
      const begun = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: 'openid profile',
        code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
        state: begun.state,
        nonce: begun.nonce,
      });
      return { url: url.href, begun };
    },
    async finish(current, { state, nonce, verifier }) {
      const server = await configuration();
      const claims = await oidc
        .authorizationCodeGrant(server, current, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        })
        .then((tokens) => tokens.claims())
        .catch((cause: unknown) => {
          throw new OidcRefusedError(cause);
        });
      if (claims === undefined) throw new OidcRefusedError('no ID token came');
      const role = roleBy(roles, claims[claim]);
      const { iss, sub } = claims;
      if (role === null) return { issuer: iss, subject: sub, role };
      const text = (value: unknown, otherwise: string) =>
        typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 100) : otherwise;
      const login = text(claims['preferred_username'], sub);
      return { issuer: iss, subject: sub, login, name: text(claims['name'], login), role };
    },
  };
}

/** The first role of the table that the claim names; null for none. */
export function roleBy(roles: ReadonlyMap<string, Role>, claim: unknown): Role | null {
  const named = new Set(Array.isArray(claim) ? claim : [claim]);
  for (const [value, role] of roles) if (named.has(value)) return role;
  return null;
}
