/**
 * `kuzet verify FILE`: checks a batch, a WACZ, a WARC or a ledger by itself, offline, and says in words what is
 * proven and what is not.
 */
import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { BadZipError, unzip } from '../domain/zip.ts';
import { BadCmsError, certificatesIn, verifyCms } from '../evidence/cms.ts';
import { isLedgerFile, verifyLedgerFile } from '../evidence/ledger-verify.ts';
import { verifyStamp } from '../evidence/stamp.ts';
import { verifyWacz } from '../evidence/wacz-verify.ts';
import { verifyWarc } from '../evidence/warc-read.ts';
import { type SealVerifiers, verifyBatch } from '../exports/kibernadzor/verify.ts';
import type { Io } from './io.ts';
import { deletionLines, type Lang, WORDS, type Words } from './verify-words.ts';

const USAGE =
  'Usage: kuzet verify FILE [--lang ru|kk|en] [--roots FILE] [--key HEX]   FILE is a batch (.zip), a WACZ (.wacz), a capture (.warc, .warc.gz) or a ledger (.ndjson).';

interface Asked {
  readonly file: string;
  readonly lang: Lang;
  /** PEM file of trusted certificates. */
  readonly roots: string | undefined;
  /** Fingerprint of the key that should have signed. */
  readonly key: string | null;
}

interface Around {
  readonly words: Words;
  readonly roots: readonly X509Certificate[];
  readonly key: string | null;
  readonly io: Pick<Io, 'out' | 'json'>;
}

/** Exit code: 0 all holds, 1 something does not or cannot be read, 2 wrongly asked. */
export async function verifyCommand(
  args: readonly string[],
  io: Pick<Io, 'out' | 'err' | 'json'>,
): Promise<number> {
  const asked = readArgs(args);
  if (asked === null) {
    io.err(USAGE);
    return 2;
  }
  const { file, lang, key } = asked;
  let bytes: Buffer;
  let roots: readonly X509Certificate[];
  try {
    bytes = await readFile(file);
    roots = asked.roots === undefined ? [] : certificatesIn(await readFile(asked.roots, 'utf8'));
  } catch (error) {
    io.err(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  const around: Around = { words: WORDS[lang], roots, key, io };
  const ok = await tellAny(file, bytes, around);
  return ok ? 0 : 1;
}

async function tellAny(file: string, bytes: Buffer, around: Around): Promise<boolean> {
  const isWarc = (bytes[0] === 0x1f && bytes[1] === 0x8b) || bytes.toString('latin1', 0, 5) === 'WARC/';
  if (isWarc) return tellWarc(file, bytes, around);
  if (isLedgerFile(bytes)) return tellLedger(file, bytes, around);
  return (await isWacz(file, bytes)) ? tellWacz(file, bytes, around) : tellBatch(file, bytes, around);
}

/** By its name, or by what it holds where the name was changed. */
async function isWacz(file: string, bytes: Buffer): Promise<boolean> {
  if (file.toLowerCase().endsWith('.wacz')) return true;
  try {
    return (await unzip(bytes)).has('datapackage.json');
  } catch (error) {
    if (!(error instanceof BadZipError)) throw error;
    return false;
  }
}

function readArgs(args: readonly string[]): Asked | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        lang: { type: 'string', default: 'ru' },
        roots: { type: 'string' },
        key: { type: 'string' },
        json: { type: 'boolean' },
      },
      allowPositionals: true,
    });
    const [file] = positionals;
    const { lang, roots, key } = values;
    const isKey = key === undefined || /^[0-9a-f]{64}$/i.test(key);
    const isLang = lang === 'ru' || lang === 'kk' || lang === 'en';
    if (file === undefined || positionals.length > 1 || !isLang || !isKey) return null;
    return { file, lang, roots: roots === '' ? undefined : roots, key: key?.toLowerCase() ?? null };
  } catch {
    // An option it does not know: the usage line says which there are.
    return null;
  }
}

async function tellBatch(file: string, bytes: Buffer, { words, roots, io }: Around): Promise<boolean> {
  const { ok, batchId, checks } = await verifyBatch(bytes, verifyWarc, sealVerifiers(roots));
  const isRenamed = batchId !== null && !basename(file).startsWith(batchId);
  if (io.json) {
    for (const check of checks) io.out(JSON.stringify({ event: 'check', ...check }));
    io.out(JSON.stringify({ event: 'done', file, kind: 'batch', batch: batchId, ok }));
    return ok;
  }
  for (const { name, ok: holds, absent, detail } of checks) {
    tell(absent ? null : holds, words.batch[name], detail, io);
  }
  io.out(`${ok ? words.sound : words.unsound}  ${isRenamed ? `${file} (${batchId})` : file}`);
  const isAbsent = (name: string) => checks.find((check) => check.name === name)?.absent !== false;
  if (ok) {
    const who = isAbsent('signature') ? words.unsigned : roots.length > 0 ? words.keyKnown : words.keyUnknown;
    io.out(`${words.unaltered} ${who}`);
    if (isAbsent('stamps')) io.out(words.unstamped);
  }
  return ok;
}

/** A signature that leads to none of the roots somebody named is none that they asked for. */
function sealVerifiers(roots: readonly X509Certificate[]): SealVerifiers {
  const stranger = 'it leads to none of the trusted roots';
  return {
    signature(der, content) {
      try {
        const { ok, why, signer, signedAt, trust } = verifyCms(der, content, { roots });
        if (!ok) return { ok, detail: why ?? '' };
        if (trust === 'unknown') return { ok: false, detail: `${signer?.subject}: ${stranger}` };
        return { ok, detail: `${signer?.subject}, ${signedAt?.toISOString() ?? 'at a time not told'}` };
      } catch (error) {
        if (!(error instanceof BadCmsError)) throw error;
        return { ok: false, detail: error.facts.why };
      }
    },
    stamp(token, sha256) {
      const { ok, why, at, signer, trust } = verifyStamp(token, sha256, roots);
      if (!ok) return { ok, detail: why ?? '' };
      if (trust === 'unknown') return { ok: false, detail: `${signer?.subject}: ${stranger}` };
      return { ok, detail: `${at?.toISOString()} ${signer?.subject}` };
    },
    async wacz(bytes) {
      const { ok, checks } = await verifyWacz(bytes, { roots });
      return {
        ok,
        detail: checks
          .filter((check) => !check.ok)
          .map(({ detail }) => detail)
          .join('; '),
      };
    },
  };
}

async function tellWacz(file: string, bytes: Buffer, { words, roots, key, io }: Around): Promise<boolean> {
  const { ok, checks, key: signer, stampedAt } = await verifyWacz(bytes, { roots, key });
  if (io.json) {
    for (const check of checks) io.out(JSON.stringify({ event: 'check', ...check }));
    io.out(JSON.stringify({ event: 'done', file, kind: 'wacz', key: signer, stampedAt, ok }));
    return ok;
  }
  for (const { name, ok: holds, absent, detail } of checks)
    tell(absent ? null : holds, words.wacz[name], detail, io);
  io.out(`${ok ? words.sound : words.unsound}  ${file}`);
  if (!ok) return ok;
  io.out(words.unaltered);
  if (signer === null) io.out(words.unsigned);
  else io.out(`${words.signedBy(signer)} ${key === null ? words.keyUnknown : words.keyKnown}`);
  tellTime(stampedAt[0], words, roots.length > 0, io);
  io.out(words.never);
  return ok;
}

function tellLedger(file: string, bytes: Buffer, { words, roots, io }: Around): boolean {
  const { ok, rows, head, faults, deletions, stamped } = verifyLedgerFile(bytes, roots);
  if (io.json) {
    for (const fault of faults) io.out(JSON.stringify({ event: 'finding', ...fault }));
    for (const deletion of deletions) io.out(JSON.stringify({ event: 'deleted', ...deletion }));
    io.out(JSON.stringify({ event: 'done', file, kind: 'ledger', rows, head, stamped, ok }));
    return ok;
  }
  tell(ok, words.chain, `${words.rows(rows)}; ${head}`, io);
  for (const { seq, detail } of faults) io.out(`    ${seq === 0 ? '' : `${words.row} ${seq}: `}${detail}`);
  for (const line of deletionLines(deletions, words)) io.out(line);
  for (const { seq, at, by } of stamped) io.out(`✓ ${words.row} ${seq}: ${at.toISOString()} (${by})`);
  io.out(`${ok ? words.sound : words.unsound}  ${file}`);
  if (ok) tellTime(stamped.at(-1)?.at, words, roots.length > 0, io);
  return ok;
}

function tellTime(moment: Date | undefined, words: Words, isTrusted: boolean, io: Pick<Io, 'out'>): void {
  io.out(moment === undefined ? words.unstamped : words.stampedAt(moment.toISOString(), isTrusted));
}

function tellWarc(file: string, bytes: Buffer, { words, io }: Around): boolean {
  const { ok, records, findings } = verifyWarc(bytes);
  if (io.json) {
    for (const finding of findings) io.out(JSON.stringify({ event: 'finding', ...finding }));
    io.out(JSON.stringify({ event: 'done', file, kind: 'warc', records, ok }));
    return ok;
  }
  tell(ok, words.batch.warcs, words.records(records), io);
  for (const { record, target, detail } of findings)
    io.out(`    ${words.record} ${record} ${target}: ${detail}`);
  io.out(`${ok ? words.sound : words.unsound}  ${file}`);
  return ok;
}

/** @param holds null when there is nothing to check. */
function tell(holds: boolean | null, words: string, detail: string, io: Pick<Io, 'out'>): void {
  io.out(`${holds === null ? '–' : holds ? '✓' : '✗'} ${words} (${detail})`);
}
