/**
 * Checks a ledger that was taken along as a file (`kuzet ledger export`): the chain, and the stamps on its roots.
 *
 * What it proves: no row was edited, removed or moved since the last stamped root. What it does not: that a
 * row's words were true when they were written, and anything of the rows after the last root.
 */
import type { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { type Deletion, deletionIn, isByTwo, oneOfficer } from '../domain/deletion.ts';
import { checkChain, LEDGER_KINDS, type LedgerFault, type LedgerRow } from '../domain/ledger.ts';
import { verifyStamp } from './stamp.ts';

export interface LedgerFileVerdict {
  readonly ok: boolean;
  readonly rows: number;
  readonly head: string;
  readonly faults: readonly Pick<LedgerFault, 'seq' | 'detail'>[];
  /** Evidence that two officers decided away, in order. */
  readonly deletions: readonly Deletion[];
  /** Roots that an authority vouches for, in order. */
  readonly stamped: readonly { readonly seq: number; readonly at: Date; readonly by: string }[];
}

const HASH = z.string().regex(/^[0-9a-f]{64}$/);

const LINE = z.union([
  z.strictObject({
    row: z.strictObject({
      seq: z.int().positive(),
      at: z.iso.datetime(),
      kind: z.enum(LEDGER_KINDS),
      subject: z.string(),
      entry: z.string(),
      prev: HASH,
      hash: HASH,
    }),
  }),
  z.strictObject({ stamp: z.strictObject({ sha256: HASH, authority: z.string(), token: z.string() }) }),
  z.strictObject({ format: z.literal('kuzet-ledger'), version: z.literal(1) }),
]);

export function isLedgerFile(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 64)).toString('utf8').startsWith('{"format":"kuzet-ledger"');
}

/** Never throws for what is in the file. */
export function verifyLedgerFile(
  bytes: Uint8Array,
  roots: readonly X509Certificate[] = [],
): LedgerFileVerdict {
  const check = checkChain();
  const faults: Pick<LedgerFault, 'seq' | 'detail'>[] = [];
  const stamped: { seq: number; at: Date; by: string }[] = [];
  const deletions: Deletion[] = [];
  const rootRows = new Map<string, LedgerRow>();
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  if (lines.pop() !== '') faults.push({ seq: 0, detail: 'the file is cut off' });
  for (const [at, line] of lines.entries()) {
    const read = readLine(line);
    if (read === null) {
      faults.push({ seq: 0, detail: `line ${at + 1} is none of a ledger` });
    } else if ('row' in read) {
      faults.push(...check.take(read.row));
      const deletion = deletionIn(read.row);
      if (deletion !== null) deletions.push(deletion);
      if (deletion !== null && !isByTwo(deletion)) faults.push(oneOfficer(deletion));
      if (read.row.kind === 'root') rootRows.set(read.row.hash, read.row);
    } else if ('stamp' in read) {
      const { sha256, authority, token } = read.stamp;
      const root = rootRows.get(sha256);
      const stamp = verifyStamp(Buffer.from(token, 'base64'), sha256, roots);
      const seq = root?.seq ?? 0;
      if (root === undefined) faults.push({ seq, detail: `${authority} stamped a root that is not here` });
      else if (!stamp.ok || stamp.at === null)
        faults.push({ seq, detail: `the stamp of ${authority}: ${stamp.why}` });
      else if (stamp.trust === 'unknown') {
        faults.push({ seq, detail: `the stamp of ${authority} leads to none of the trusted roots` });
      } else stamped.push({ seq, at: stamp.at, by: stamp.signer?.subject ?? authority });
    }
  }
  return { ok: faults.length === 0, rows: check.rows, head: check.head, faults, deletions, stamped };
}

function readLine(line: string): z.infer<typeof LINE> | null {
  try {
    const read = LINE.safeParse(JSON.parse(line));
    return read.success ? read.data : null;
  } catch {
    // No JSON at all: the caller names the line.
    return null;
  }
}
