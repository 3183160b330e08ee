/**
 * Who signs a batch's manifest: nobody, a key of this house, or NCANode with a key of Kazakhstan's national
 * authority (which alone can sign by GOST 34.10-2015).
 */
import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BadCmsError, certificatesIn, signCms, verifyCms } from './cms.ts';

export interface Signer {
  /** As told to whoever asks who signs. */
  readonly name: string;
  /** A detached CMS signature, DER; null where nobody signs. @throws SignFailedError */
  sign(content: Uint8Array, at: Date): Promise<Buffer | null>;
}

/** Nothing was signed this time. */
export class SignFailedError extends Error {
  override readonly name = 'SignFailedError';
  readonly facts: { readonly signer: string };

  constructor(signer: string, why: string, options?: ErrorOptions) {
    super(`${signer} did not sign: ${why}. Mend it and build again: the batch waits as it is.`, options);
    this.facts = { signer };
  }
}

export const noSigner: Signer = { name: 'none', sign: async () => null };

/** Signs with a private key and certificates from PEM files, the signer's certificate first. */
export function localSigner(files: { readonly key: string; readonly certificates: string }): Signer {
  const name = `local key ${files.key}`;
  return {
    name,
    async sign(content, at) {
      let key: KeyObject;
      let chain: X509Certificate[];
      try {
        key = createPrivateKey(await readFile(files.key, 'utf8'));
        chain = certificatesIn(await readFile(files.certificates, 'utf8'));
      } catch (cause) {
        throw new SignFailedError(name, (cause as Error).message, { cause });
      }
      const [mine] = chain;
      if (mine === undefined || !mine.checkPrivateKey(key)) {
        throw new SignFailedError(
          name,
          `${files.certificates} does not begin with the certificate of the key`,
        );
      }
      return signCms(content, { key, chain, at });
    },
  };
}

const WAIT_SECONDS = 30;
const LARGEST_ANSWER = 1024 * 1024;

/**
 * Signs through NCANode's HTTP service (`POST /cms/sign`).
 * Source: the interface of NCANode 3 (github.com/malikzh/NCANode, MIT).
 */
export function ncanodeSigner(it: {
  readonly url: string;
  /** PKCS #12 file of the organisation's employee. */
  readonly key: string;
  readonly password: string;
}): Signer {
  const name = `NCANode at ${it.url}`;
  const failed = (why: string, cause?: unknown) => new SignFailedError(name, why, { cause });
  return {
    name,
    async sign(content) {
      const key = await readFile(it.key).catch((cause: Error) => {
        throw failed(cause.message, cause);
      });
      const answer = await ask(new URL('/cms/sign', it.url), {
        data: Buffer.from(content).toString('base64'),
        signers: [{ key: key.toString('base64'), password: it.password, keyAlias: null }],
        withTsp: false,
        detached: true,
      }).catch((cause: Error) => {
        throw failed(cause.message, cause);
      });
      const { cms, message } = answer as { cms?: unknown; message?: unknown };
      if (typeof cms !== 'string') throw failed(`it answered "${String(message).slice(0, 200)}"`);
      const signature = Buffer.from(cms.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
      try {
        const { ok, why } = verifyCms(signature, content);
        // What we cannot check by GOST is taken as it came; what we can check has to hold.
        if (!ok && why?.includes('GOST') !== true) throw failed(`its signature does not hold: ${why}`);
      } catch (cause) {
        if (!(cause instanceof BadCmsError)) throw cause;
        throw failed(`its answer is no signature (${cause.facts.why})`, cause);
      }
      return signature;
    },
  };
}

async function ask(url: URL, body: object): Promise<object> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(WAIT_SECONDS * 1000),
  });
  const text = await answer.text();
  if (text.length > LARGEST_ANSWER) throw new Error('its answer is too large');
  if (!answer.ok) throw new Error(`it answered ${answer.status}: ${text.slice(0, 200)}`);
  const json: unknown = JSON.parse(text);
  return typeof json === 'object' && json !== null ? json : {};
}
