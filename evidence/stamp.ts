/**
 * Time stamps (RFC 3161): an authority signs that a hash was there at a moment, and anyone can check that later
 * without asking it again.
 *
 * Only the hash goes to the authority. A token is taken only when it is for our hash, answers our very request
 * (nonce), and is signed by a certificate that is for time stamping.
 */
import { randomBytes, type X509Certificate } from 'node:crypto';
import * as asn1 from 'asn1js';
import * as pki from 'pkijs';
import { BadCmsError, type Certificate, verifyCms } from './cms.ts';

/** Whom to ask for stamps; `httpAuthority` is the one over a network. */
export interface TimeAuthority {
  /** As kept beside its tokens. */
  readonly name: string;
  /**
   * The token's DER for a SHA-256 in hex.
   *
   * @throws StampFailedError
   */
  stamp(sha256: string): Promise<Buffer>;
}

/** No stamp this time; another try may bring one. */
export class StampFailedError extends Error {
  override readonly name = 'StampFailedError';
  readonly facts: { readonly authority: string };

  constructor(authority: string, why: string, options?: ErrorOptions) {
    super(`${authority} gave no time stamp: ${why}.`, options);
    this.facts = { authority };
  }
}

export interface StampVerdict {
  readonly ok: boolean;
  /** Why not, in English; null when it holds. */
  readonly why: string | null;
  /** The moment it vouches for; null when the token cannot be read. */
  readonly at: Date | null;
  readonly signer: Certificate | null;
  readonly trust: 'trusted' | 'unknown' | 'not_asked';
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const LARGEST_ANSWER = 256 * 1024;
const WAIT_SECONDS = 20;

/** An authority that answers over HTTP (RFC 3161, section 3.4). */
export function httpAuthority(
  url: string,
  { waitSeconds = WAIT_SECONDS }: { readonly waitSeconds?: number } = {},
): TimeAuthority {
  return {
    name: url,
    async stamp(sha256) {
      const nonce = randomBytes(8);
      // An INTEGER that is positive and has no needless first byte, so that it comes back as it went.
      nonce[0] = (nonce[0]! & 0x7f) | 0x40;
      const answer = await ask(url, stampRequest(sha256, nonce), waitSeconds);
      return tokenIn(answer, url, sha256, nonce);
    },
  };
}

/** The request for a hash; the certificate is asked for, so that the token stands by itself. */
export function stampRequest(sha256: string, nonce: Uint8Array): Buffer {
  const request = new pki.TimeStampReq({
    version: 1,
    messageImprint: new pki.MessageImprint({
      hashAlgorithm: new pki.AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new asn1.Null() }),
      hashedMessage: new asn1.OctetString({ valueHex: Buffer.from(sha256, 'hex') }),
    }),
    nonce: new asn1.Integer({ valueHex: nonce }),
    certReq: true,
  });
  return Buffer.from(request.toSchema().toBER());
}

/**
 * Checks a token by itself. Never throws for what is in it.
 *
 * @param sha256 of the bytes it should be for.
 * @param roots certificates that its signer should lead to.
 */
export function verifyStamp(
  token: Uint8Array,
  sha256: string,
  roots: readonly X509Certificate[] = [],
): StampVerdict {
  const nothing = { at: null, signer: null, trust: 'not_asked' as const };
  try {
    const first = verifyCms(token, null);
    const info = readInfo(first.content);
    const at = info.genTime;
    const { ok, why, signer, trust, usages, contentType } = verifyCms(token, null, { roots, at });
    const verdict = (fault: string | null): StampVerdict => ({
      ok: fault === null,
      why: fault,
      at,
      signer,
      trust,
    });
    if (contentType !== TST_INFO) return verdict('it is signed, and is no time stamp');
    if (!ok) return verdict(why);
    if (usages?.length !== 1 || usages[0] !== TIME_STAMPING) {
      return verdict('its certificate is not one for time stamping alone');
    }
    const { hashAlgorithm, hashedMessage } = info.messageImprint;
    const stamped = Buffer.from(hashedMessage.valueBlock.valueHexView).toString('hex');
    if (hashAlgorithm.algorithmId !== SHA256 || stamped !== sha256) return verdict('it stamps other bytes');
    return verdict(null);
  } catch (cause) {
    if (!(cause instanceof BadCmsError)) throw cause;
    return { ok: false, why: cause.facts.why, ...nothing };
  }
}

/** Takes the token out of an answer. @throws StampFailedError */
export function tokenIn(answer: Uint8Array, authority: string, sha256: string, nonce: Uint8Array): Buffer {
  const failed = (why: string, cause?: unknown) => new StampFailedError(authority, why, { cause });
  let response: pki.TimeStampResp;
  try {
    response = pki.TimeStampResp.fromBER(new Uint8Array(answer));
  } catch (cause) {
    throw failed('its answer is no time-stamp response', cause);
  }
  const { status, statusStrings } = response.status;
  if ((status !== 0 && status !== 1) || response.timeStampToken === undefined) {
    const words = (statusStrings ?? []).map((each) => each.valueBlock.value).join('; ');
    throw failed(`it refused with status ${status}${words === '' ? '' : ` (${words.slice(0, 200)})`}`);
  }
  const token = Buffer.from(response.timeStampToken.toSchema().toBER());
  const { ok, why } = verifyStamp(token, sha256);
  if (!ok) throw failed(`its token does not hold: ${why}`);
  const info = readInfo(verifyCms(token, null).content);
  if (info.nonce === undefined || !Buffer.from(info.nonce.valueBlock.valueHexView).equals(nonce)) {
    throw failed('its token answers another request');
  }
  return token;
}

function readInfo(content: Buffer | null): pki.TSTInfo {
  try {
    return pki.TSTInfo.fromBER(new Uint8Array(content ?? Buffer.alloc(0)));
  } catch (cause) {
    throw new BadCmsError('it holds no time-stamp information', { cause });
  }
}

async function ask(url: string, request: Buffer, waitSeconds: number): Promise<Buffer> {
  const failed = (why: string, cause?: unknown) => new StampFailedError(url, why, { cause });
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body: new Uint8Array(request),
      redirect: 'error',
      signal: AbortSignal.timeout(waitSeconds * 1000),
    });
    if (!answer.ok || answer.body === null) throw failed(`it answered ${answer.status}`);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of answer.body) {
      bytes += piece.byteLength;
      if (bytes > LARGEST_ANSWER) throw failed(`its answer is larger than ${LARGEST_ANSWER} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } catch (cause) {
    if (cause instanceof StampFailedError) throw cause;
    const detail =
      cause instanceof Error
        ? `${cause.message}${cause.cause instanceof Error ? ` (${cause.cause.message})` : ''}`
        : '';
    throw failed(`it could not be reached: ${detail}`, cause);
  }
}
