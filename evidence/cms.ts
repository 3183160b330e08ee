/**
 * Signatures as CMS SignedData (RFC 5652): made over a file with a certificate's key, and checked by themselves.
 *
 * Made: detached, with the attributes of CAdES-BES (content type, digest, time, and which certificate: RFC 5035).
 * Checked: RSA (PKCS #1 v1.5 and PSS), ECDSA and Ed25519 with SHA-2. Kazakhstan's GOST 34.10-2015 is told apart
 * and not checked: no JavaScript library does it, and NCANode or `openssl` with a GOST engine has to.
 */
import { constants, createHash, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import * as asn1 from 'asn1js';
import * as pki from 'pkijs';

const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  sha256: '2.16.840.1.101.3.4.2.1',
  rsa: '1.2.840.113549.1.1.1',
  rsaSha256: '1.2.840.113549.1.1.11',
  rsaPss: '1.2.840.113549.1.1.10',
  ecdsaSha256: '1.2.840.10045.4.3.2',
  ed25519: '1.3.101.112',
} as const;

const DIGESTS: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  [OID.sha256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Prefix of all algorithms of Kazakhstan's national authority that are GOST. */
const KZ_GOST = /^1\.2\.398\.3\.10\.1\./;

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  /** SHA-256 of the DER, hex. */
  readonly sha256: string;
}

export interface CmsVerdict {
  /** The signature is the certificate's over these very bytes. Says nothing of who that is: see `trust`. */
  readonly ok: boolean;
  /** Why not, in English; null when it holds. */
  readonly why: string | null;
  readonly signer: Certificate | null;
  /** As the signer says; null when it does not. */
  readonly signedAt: Date | null;
  /** Whether the certificate was issued, through those in the file, by one of the roots asked about. */
  readonly trust: 'trusted' | 'unknown' | 'not_asked';
  /** Usages the certificate is limited to, as OIDs; null when it is not limited. */
  readonly usages: readonly string[] | null;
  /** What the file itself carries as content; null when it is detached. */
  readonly content: Buffer | null;
  readonly contentType: string;
}

/** These bytes are no CMS SignedData that can be read. */
export class BadCmsError extends Error {
  override readonly name = 'BadCmsError';
  readonly facts: { readonly why: string };

  constructor(why: string, options?: ErrorOptions) {
    super(`It is no signature that can be read: ${why}. Ask whoever sent it for the original file.`, options);
    this.facts = { why };
  }
}

/**
 * @param content what was signed, for a detached signature; null when the file carries it.
 * @param roots PEM or DER certificates that the signer's should lead to; none when nobody is asked to be trusted.
 * @param at the moment the certificates have to be valid at; null for the time the signer states.
 * @throws BadCmsError
 */
export function verifyCms(
  der: Uint8Array,
  content: Uint8Array | null,
  asked: { readonly roots?: readonly X509Certificate[]; readonly at?: Date | null } = {},
): CmsVerdict {
  try {
    return check(der, content, asked);
  } catch (cause) {
    if (cause instanceof BadCmsError) throw cause;
    // Whatever a stranger's bytes make the parsers below stumble over, it is no signature that can be read.
    throw new BadCmsError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function check(
  der: Uint8Array,
  content: Uint8Array | null,
  { roots = [], at = null }: { readonly roots?: readonly X509Certificate[]; readonly at?: Date | null },
): CmsVerdict {
  const signed = readSignedData(der);
  const inside = contentOf(signed);
  const bytes = content ?? inside;
  const [info, ...others] = signed.signerInfos;
  if (info === undefined) throw new BadCmsError('nobody signed it');
  if (others.length > 0) throw new BadCmsError('more than one signed it');
  const contentType = signed.encapContentInfo.eContentType;
  const certificates = certificatesOf(signed);
  const mine = certificates.find((each) => isSignedBy(info, each)) ?? null;
  const verdict = (why: string | null): CmsVerdict => ({
    ok: why === null,
    why,
    signer: mine === null ? null : described(mine),
    signedAt: timeIn(info),
    trust:
      roots.length === 0
        ? 'not_asked'
        : mine === null
          ? 'unknown'
          : trustOf(mine, certificates, roots, at ?? timeIn(info)),
    usages: mine?.keyUsage ?? null,
    content: inside,
    contentType,
  });
  if (mine === null) return verdict('the certificate of the signer is not in it');
  if (bytes === null) return verdict('what was signed is not at hand');
  return verdict(faultOf(info, mine, bytes, contentType));
}

/** Why a signature does not hold; null when it does. */
function faultOf(
  info: pki.SignerInfo,
  mine: X509Certificate,
  content: Uint8Array,
  contentType: string,
): string | null {
  const { algorithmId: digestOid } = info.digestAlgorithm;
  const hash = DIGESTS[digestOid];
  if (KZ_GOST.test(digestOid) || KZ_GOST.test(info.signatureAlgorithm.algorithmId)) {
    return 'it is signed by GOST 34.10-2015, which this program cannot check: ask NCANode (/cms/verify)';
  }
  if (hash === undefined) return `its digest ${digestOid} is none that this program knows`;
  if (hash === 'sha1') return 'its digest is SHA-1, which proves nothing any more';
  let signedBytes = Buffer.from(content);
  if (info.signedAttrs !== undefined) {
    const stated = attribute(info, OID.messageDigest)?.valueBlock.toBER();
    const digest = createHash(hash).update(content).digest();
    if (stated === undefined || !Buffer.from(stated).equals(digest))
      return 'the bytes are not those that were signed';
    const type = attribute(info, OID.contentType)?.valueBlock.toString();
    if (type !== undefined && type !== contentType) return 'it is signed as another kind of content';
    const named = namedCertificate(info);
    if (named !== null && !createHash(named.hash).update(mine.raw).digest().equals(named.digest)) {
      return 'it names another certificate than the one it carries';
    }
    signedBytes = Buffer.from(info.signedAttrs.encodedValue);
  }
  const signature = Buffer.from(info.signature.valueBlock.valueHexView);
  const algorithm = info.signatureAlgorithm.algorithmId;
  try {
    const key = mine.publicKey;
    const isRight =
      algorithm === OID.rsaPss
        ? verify(
            hash,
            signedBytes,
            { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO },
            signature,
          )
        : verify(key.asymmetricKeyType === 'ed25519' ? null : hash, signedBytes, key, signature);
    return isRight ? null : 'the signature is not that of its certificate';
  } catch (cause) {
    return `its signature (${algorithm}) cannot be checked: ${(cause as Error).message}`;
  }
}

/** A detached signature over `content`. RSA gives the same bytes for the same `at`; ECDSA does not. */
export function signCms(
  content: Uint8Array,
  {
    key,
    chain,
    at,
  }: { readonly key: KeyObject; readonly chain: readonly X509Certificate[]; readonly at: Date },
): Buffer {
  const [mine] = chain;
  if (mine === undefined) throw new RangeError('A signature needs its certificate.');
  const issued = pki.Certificate.fromBER(mine.raw);
  const attributes = [
    newAttribute(OID.contentType, new asn1.ObjectIdentifier({ value: OID.data })),
    newAttribute(OID.signingTime, new asn1.UTCTime({ valueDate: at })),
    newAttribute(OID.messageDigest, octets(createHash('sha256').update(content).digest())),
    // ESSCertIDv2 of SHA-256, which is its default and so left out (RFC 5035, section 4).
    newAttribute(
      OID.signingCertificateV2,
      sequence(sequence(sequence(octets(createHash('sha256').update(mine.raw).digest())))),
    ),
  ].sort((a, b) => Buffer.compare(Buffer.from(a.toSchema().toBER()), Buffer.from(b.toSchema().toBER())));
  const isRsa = key.asymmetricKeyType === 'rsa';
  if (!isRsa && key.asymmetricKeyType !== 'ec')
    throw new RangeError(`A ${key.asymmetricKeyType} key cannot sign here; take RSA or ECDSA.`);
  const signedBytes = Buffer.from(new asn1.Set({ value: attributes.map((each) => each.toSchema()) }).toBER());
  const info = new pki.SignerInfo({
    version: 1,
    sid: new pki.IssuerAndSerialNumber({ issuer: issued.issuer, serialNumber: issued.serialNumber }),
    digestAlgorithm: algorithm(OID.sha256),
    signedAttrs: new pki.SignedAndUnsignedAttributes({ type: 0, attributes }),
    signatureAlgorithm: isRsa
      ? algorithm(OID.rsaSha256)
      : new pki.AlgorithmIdentifier({ algorithmId: OID.ecdsaSha256 }),
    signature: octets(sign('sha256', signedBytes, key)),
  });
  const signed = new pki.SignedData({
    version: 1,
    digestAlgorithms: [algorithm(OID.sha256)],
    encapContentInfo: new pki.EncapsulatedContentInfo({ eContentType: OID.data }),
    certificates: chain.map((each) => pki.Certificate.fromBER(each.raw)),
    signerInfos: [info],
  });
  const wrapped = new pki.ContentInfo({ contentType: OID.signedData, content: signed.toSchema(true) });
  return Buffer.from(wrapped.toSchema().toBER());
}

/** Certificates of a PEM file, in its order. @throws Error for a file without one. */
export function certificatesIn(pem: string): X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return found.map((each) => new X509Certificate(each));
}

export function described(it: X509Certificate): Certificate {
  const line = (name: string) => name.split('\n').reverse().join(', ');
  return {
    subject: line(it.subject),
    issuer: line(it.issuer),
    serial: it.serialNumber,
    sha256: createHash('sha256').update(it.raw).digest('hex'),
  };
}

export function readSignedData(der: Uint8Array): pki.SignedData {
  try {
    const info = pki.ContentInfo.fromBER(new Uint8Array(der));
    if (info.contentType !== OID.signedData) throw new Error(`its content type is ${info.contentType}`);
    return new pki.SignedData({ schema: info.content });
  } catch (cause) {
    throw new BadCmsError((cause as Error).message, { cause });
  }
}

function contentOf(signed: pki.SignedData): Buffer | null {
  const { eContent } = signed.encapContentInfo;
  return eContent === undefined ? null : Buffer.from(eContent.getValue());
}

function certificatesOf(signed: pki.SignedData): X509Certificate[] {
  try {
    return (signed.certificates ?? []).flatMap((each) =>
      each instanceof pki.Certificate ? [new X509Certificate(Buffer.from(each.toSchema().toBER()))] : [],
    );
  } catch (cause) {
    throw new BadCmsError('a certificate in it is broken', { cause });
  }
}

function isSignedBy(info: pki.SignerInfo, it: X509Certificate): boolean {
  if (info.sid instanceof pki.IssuerAndSerialNumber) {
    const parsed = pki.Certificate.fromBER(it.raw);
    return parsed.serialNumber.isEqual(info.sid.serialNumber) && parsed.issuer.isEqual(info.sid.issuer);
  }
  const wanted = info.sid instanceof asn1.Primitive ? Buffer.from(info.sid.valueBlock.valueHexView) : null;
  const extension = pki.Certificate.fromBER(it.raw).extensions?.find(({ extnID }) => extnID === '2.5.29.14');
  const named = extension?.parsedValue as asn1.OctetString | undefined;
  return wanted !== null && named !== undefined && Buffer.from(named.valueBlock.valueHexView).equals(wanted);
}

/** Up from certificate to certificate, each signed by the next, until one is a root or signed by a root. */
function trustOf(
  mine: X509Certificate,
  given: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  at: Date | null,
): 'trusted' | 'unknown' {
  const moment = at ?? new Date();
  const isValid = (it: X509Certificate) => new Date(it.validFrom) <= moment && moment <= new Date(it.validTo);
  let current = mine;
  for (let steps = 0; steps < 8; steps += 1) {
    if (!isValid(current)) return 'unknown';
    const here = current;
    const isIssuer = (it: X509Certificate) => it.ca && here.issuer === it.subject && isSignedWith(here, it);
    if (roots.some((root) => root.raw.equals(here.raw) || (isIssuer(root) && isValid(root))))
      return 'trusted';
    const next = given.find((it) => !it.raw.equals(here.raw) && isIssuer(it));
    if (next === undefined) return 'unknown';
    current = next;
  }
  return 'unknown';
}

function isSignedWith(it: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return it.verify(issuer.publicKey);
  } catch {
    // A key this build of OpenSSL does not know: nobody can say here that it signed.
    return false;
  }
}

function attribute(info: pki.SignerInfo, type: string): asn1.BaseBlock | undefined {
  const found = info.signedAttrs?.attributes.find((each) => each.type === type);
  return found?.values[0] as asn1.BaseBlock | undefined;
}

function timeIn(info: pki.SignerInfo): Date | null {
  const value = attribute(info, OID.signingTime);
  return value instanceof asn1.UTCTime || value instanceof asn1.GeneralizedTime ? value.toDate() : null;
}

/** The certificate that the signer vouches to have signed with (RFC 2634 and 5035); null when none is named. */
function namedCertificate(info: pki.SignerInfo): { hash: string; digest: Buffer } | null {
  for (const [oid, usual] of [
    [OID.signingCertificateV2, 'sha256'],
    [OID.signingCertificate, 'sha1'],
  ] as const) {
    const value = attribute(info, oid);
    const certs = value instanceof asn1.Sequence ? value.valueBlock.value[0] : undefined;
    const first = certs instanceof asn1.Sequence ? certs.valueBlock.value[0] : undefined;
    const parts = first instanceof asn1.Sequence ? first.valueBlock.value : [];
    const digest = parts.find((part) => part instanceof asn1.OctetString);
    const named = parts[0] instanceof asn1.Sequence ? parts[0].valueBlock.value[0] : undefined;
    if (digest === undefined) continue;
    const hash = named instanceof asn1.ObjectIdentifier ? DIGESTS[named.valueBlock.toString()] : usual;
    return { hash: hash ?? usual, digest: Buffer.from(digest.valueBlock.valueHexView) };
  }
  return null;
}

function newAttribute(type: string, value: asn1.BaseBlock): pki.Attribute {
  return new pki.Attribute({ type, values: [value] });
}

function algorithm(algorithmId: string): pki.AlgorithmIdentifier {
  return new pki.AlgorithmIdentifier({ algorithmId, algorithmParams: new asn1.Null() });
}

function octets(bytes: Uint8Array): asn1.OctetString {
  return new asn1.OctetString({ valueHex: bytes });
}

function sequence(...value: asn1.BaseBlock[]): asn1.Sequence {
  return new asn1.Sequence({ value });
}
