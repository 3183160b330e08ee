/**
 * A certificate that nobody vouches for, made on the spot: the gate ends the browser's TLS with one, since what a
 * page asks for can only be judged where it can be read.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/**
 * A key made now and a certificate that it signs itself, both PEM, for `name`.
 * Written out in DER (X.690), since Node can read certificates and not make them: RFC 5280, section 4.1,
 * ECDSA with SHA-256 on P-256.
 *
 * @param valid from and until, as `YYMMDDhhmmssZ`.
 */
export function selfSigned(
  name: string,
  valid: readonly [from: string, until: string] = ['260101000000Z', '491231235959Z'],
): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = der(0x30, [Buffer.from('06082a8648ce3d040302', 'hex')]);
  const commonName = Buffer.from('0603550403', 'hex');
  const party = der(0x30, [der(0x31, [der(0x30, [commonName, der(0x0c, [Buffer.from(name)])])])]);
  const subjectAltName = Buffer.from('0603551d11', 'hex');
  const names = der(0x30, [der(0x82, [Buffer.from(name)])]);
  const certificate = der(0x30, [
    der(0xa0, [Buffer.from('020102', 'hex')]),
    der(0x02, [Buffer.concat([Buffer.of(1), randomBytes(8)])]),
    ecdsaWithSha256,
    party,
    der(
      0x30,
      valid.map((moment) => der(0x17, [Buffer.from(moment)])),
    ),
    party,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, [der(0x30, [der(0x30, [subjectAltName, der(0x04, [names])])])]),
  ]);
  const signature = sign('sha256', certificate, privateKey);
  const signed = der(0x30, [certificate, ecdsaWithSha256, der(0x03, [Buffer.of(0), signature])]);
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', signed),
  };
}

/** One DER element: tag, length (short or long form), contents. */
function der(tag: number, contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const size = body.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}

function pem(kind: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----\n`;
}
