/**
 * The keys of this house, each made on first use and readable by its owner alone. The one that signs evidence is
 * ECDSA P-384; the one that identifiers are hashed with is random bytes, and hashes of another key match nothing.
 *
 * The public half stands in every WACZ. Whoever checks one learns who signed by comparing its fingerprint with
 * the one that the house published: a signature alone shows only that one and the same key signed.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file is no key that evidence can be signed with. */
export class BadKeyError extends Error {
  override readonly name = 'BadKeyError';
  readonly facts: { readonly file: string };

  constructor(file: string, why: string, options?: ErrorOptions) {
    super(
      `${file} ${why}. Put the key back from a backup; without one, move the file away and a new key is made.`,
      options,
    );
    this.facts = { file };
  }
}

/** @throws BadKeyError */
export async function evidenceKey(file: string): Promise<KeyObject> {
  const pem = await madeOnce(file, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    return Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  });
  return readKey(file, pem.toString('utf8'));
}

/** What identifiers are hashed with: 32 random bytes. @throws BadKeyError */
export async function identifierKey(file: string): Promise<Uint8Array> {
  const key = await madeOnce(file, () => randomBytes(32));
  if (key.length !== 32) throw new BadKeyError(file, `holds ${key.length} bytes, not 32`);
  return key;
}

/** What the file holds; made on first use, readable by its owner alone. */
async function madeOnce(file: string, make: () => Uint8Array): Promise<Buffer> {
  for (;;) {
    try {
      return await readFile(file);
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    }
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.${randomUUID()}.part`;
    const made = await open(draft, 'wx', 0o600);
    try {
      await made.writeFile(make());
      await made.sync();
    } finally {
      await made.close();
    }
    // Two that start at once: one's key gets the name, whole, and both read it.
    await link(draft, file).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    });
    await rm(draft);
  }
}

function readKey(file: string, pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new BadKeyError(file, 'holds no private key in PEM', { cause });
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve !== 'secp384r1')
    throw new BadKeyError(file, `holds a key of ${curve ?? key.asymmetricKeyType}, not of P-384`);
  return key;
}

/** SHA-256 of the public key's SubjectPublicKeyInfo, hex: what a house publishes. */
export function fingerprint(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}
