/** JSON out of a file that may be anything: what it says, or why it does not say it. */
import type { z } from 'zod';

export type ReadJson<T> =
  | { readonly is: 'read'; readonly value: T }
  | { readonly is: 'broken'; readonly why: string };

/** @param bytes undefined when the file is not there. Never throws. */
export function readJson<T>(bytes: Uint8Array | undefined, shape: z.ZodType<T>): ReadJson<T> {
  if (bytes === undefined) return { is: 'broken', why: 'the file is missing' };
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    return { is: 'broken', why: `it is no JSON (${error instanceof Error ? error.message : String(error)})` };
  }
  const read = shape.safeParse(json);
  if (read.success) return { is: 'read', value: read.data };
  const [issue] = read.error.issues;
  return { is: 'broken', why: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim() };
}
