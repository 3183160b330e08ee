/** What the tests use of `oidc-provider`, which comes without types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export default class Provider {
    constructor(
      issuer: string,
      settings: {
        readonly findAccount: (context: unknown, id: string) => unknown;
        readonly interactions: {
          readonly url: (context: unknown, interaction: { readonly uid: string }) => string;
        };
        readonly [name: string]: unknown;
      },
    );
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ readonly params: Readonly<Record<string, unknown>>; readonly session?: unknown }>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      how: { readonly mergeWithLastSubmission: boolean },
    ): Promise<void>;
    readonly Grant: new (of: {
      readonly accountId: string;
      readonly clientId: string;
    }) => {
      addOIDCScope(scope: string): void;
      save(): Promise<string>;
    };
  }
}
