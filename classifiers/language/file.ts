/**
 * The language model on disk, beside the others: `language.json` (figures) and `language.bin` (its weights as
 * they are in memory, see `../language.ts`). It is small and loads alone, so `kuzet langid` starts at once.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type LanguageModel, MODEL_BYTES } from '../language.ts';

const languageFile = z.strictObject({
  format: z.literal(2),
  /** Of `language.bin`. */
  sha256: z.string(),
  scale: z.number().positive(),
  slope: z.number().positive(),
});

/** A folder whose language model this version cannot read. */
export class LanguageUnreadableError extends Error {
  override readonly name = 'LanguageUnreadableError';
  readonly facts: { readonly folder: string };

  constructor(folder: string, why: string, cause?: unknown) {
    super(
      `The language model in ${folder} cannot be used: ${why}. Train one with "kuzet train --langid F", or install kuzet again.`,
      { cause },
    );
    this.facts = { folder };
  }
}

/**
 * @param folder ends with a slash.
 * @throws LanguageUnreadableError when there is none, or it is of another format, or its bytes were changed.
 */
export function loadLanguage(folder: URL): LanguageModel {
  let file: z.infer<typeof languageFile>;
  let bytes: Uint8Array;
  try {
    file = languageFile.parse(JSON.parse(readFileSync(new URL('language.json', folder), 'utf8')));
    bytes = readFileSync(new URL('language.bin', folder));
  } catch (cause) {
    throw new LanguageUnreadableError(folder.pathname, 'it is missing, broken or of another version', cause);
  }
  if (bytes.length !== MODEL_BYTES || sha256(bytes) !== file.sha256) {
    throw new LanguageUnreadableError(
      folder.pathname,
      'language.bin is not the one that language.json describes',
    );
  }
  const { scale, slope } = file;
  return { weights: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scale, slope };
}

/** What is to be written to `language.json` and `language.bin`. */
export function languageFiles({ weights, scale, slope }: LanguageModel): {
  readonly json: string;
  readonly bin: Uint8Array;
} {
  const bin = new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
  const file: z.infer<typeof languageFile> = { format: 2, sha256: sha256(bin), scale, slope };
  return { json: `${JSON.stringify(file, null, 1)}\n`, bin };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
