/**
 * The refer stage: approved cases become a batch file.
 *
 *     finish what a killed builder left -> approved cases of the channel -> a referral each, or every reason
 *     why not -> take them into a batch (one transaction) -> sign and stamp its manifest, once -> write the file
 *     -> note its hash
 *
 * From the transaction on, the batch is what its rows say. The file is a pure function of them and of
 * evidence that never changes, so it can be written again, by anyone, to the same bytes.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Capture } from '../domain/capture.ts';
import type { Case } from '../domain/case.ts';
import type { Referral } from '../domain/record.ts';
import type { Channel } from '../domain/referral.ts';
import type { SiteFacts } from '../domain/site-facts.ts';
import type { Signer } from '../evidence/signers.ts';
import { readSiteFacts, siteFactsFiles } from '../evidence/site-facts.ts';
import type { TimeAuthority } from '../evidence/stamp.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from '../evidence/store.ts';
import {
  type BatchOrder,
  buildBatch as batchBytes,
  batchFaults,
  batchFileName,
  batchManifest,
  blobsOf,
  type Seal,
  sha256Of,
} from '../exports/kibernadzor/batch.ts';
import {
  channelOfCase,
  mainCapture,
  type ReferralOrder,
  type ReferralOutcome,
  toReferral,
} from '../exports/kibernadzor/referral.ts';
import type { Batch, BatchStore } from '../store/batches.ts';
import type { CapturedPage, CaptureStore } from '../store/captures.ts';
import type { OverrideStore } from '../store/overrides.ts';
import { type ArchiveTools, archiveCapture } from './archive.ts';
import type { Clock } from './clock.ts';
import { writeWhole } from './files.ts';

export interface ReferTools {
  readonly batches: BatchStore;
  readonly captures: CaptureStore;
  readonly overrides: Pick<OverrideStore, 'of'>;
  readonly evidence: EvidenceStore;
  /** Where batch files are kept. */
  readonly folder: string;
  readonly org: string;
  readonly software: { readonly name: string; readonly version: string };
  readonly clock: Clock;
  /** Signs manifests. */
  readonly signer: Signer;
  /** Stamp manifests; one that is down leaves its stamp out. */
  readonly authorities: readonly TimeAuthority[];
  /** Makes the WACZ of a page; null leaves it out. */
  readonly archive: ArchiveTools | null;
  /** Where the form for objections is; null when there is none. */
  readonly appealUrl: string | null;
}

export type ReferNews =
  | {
      readonly event: 'refused';
      readonly caseId: string;
      readonly rule: string;
      readonly why: string;
      /** Two officers may let it go. */
      readonly isSoft: boolean;
    }
  | { readonly event: 'unfinished'; readonly batch: string; readonly why: string }
  | { readonly event: 'nothing'; readonly why: string }
  | BuiltNews;

export interface BuiltNews {
  readonly event: 'built';
  readonly batch: string;
  readonly file: string;
  readonly sha256: string;
  readonly cases: number;
  /** The rows were taken by a builder that did not live to write the file. */
  readonly again: boolean;
}

/** Cases read from the store at a time. */
const AT_ONCE = 100;
/** Pages of a site that are looked at beside the case's own. */
const MOST_PAGES = 200;

/** A batch file's bytes differ from those first built: evidence or program changed underneath. */
export class BatchChangedError extends Error {
  override readonly name = 'BatchChangedError';
  readonly facts: { readonly batch: string; readonly was: string; readonly is: string };

  constructor(batch: string, was: string, is: string) {
    super(
      `Batch ${batch} comes out as ${is.slice(0, 16)}… and was first built as ${was.slice(0, 16)}…. Keep the first file; build with the program version its manifest names.`,
    );
    this.facts = { batch, was, is };
  }
}

/**
 * Builds the next batch of a channel.
 *
 * @param order.quarantine leave out cases that may not leave, instead of refusing the whole batch.
 */
export async function* buildBatch(
  order: { readonly channel: Channel; readonly quarantine: boolean; readonly limit: number },
  tools: ReferTools,
): AsyncIterable<ReferNews> {
  for (const id of await tools.batches.unfinished()) {
    try {
      yield await finish(id, tools, true);
    } catch (cause) {
      // One that cannot be finished must not keep the others from leaving.
      yield { event: 'unfinished', batch: id, why: (cause as Error).message };
    }
  }

  const ready: { referral: Referral; blobs: ReadonlyMap<string, Buffer> }[] = [];
  const refused = new Set<string>();
  for await (const it of waitingCases(tools.batches)) {
    if (ready.length >= order.limit) break;
    const outcome = await referralOf(it, order.channel, tools);
    if (outcome === null) continue;
    if (outcome.is === 'referral') ready.push(outcome);
    else {
      refused.add(it.id);
      for (const { rule, why, isSoft = false } of outcome.refusals)
        yield { event: 'refused', caseId: it.id, rule, why, isSoft };
    }
  }
  for (const { caseId, why } of faultsTogether(order.channel, ready)) {
    refused.add(caseId);
    yield { event: 'refused', caseId, rule: 'batch', why, isSoft: false };
  }
  if (refused.size > 0 && !order.quarantine) {
    const why = `No batch: ${refused.size} cases may not leave. Mend them, or leave them out with --quarantine.`;
    yield { event: 'nothing', why };
    return;
  }
  const rows = ready
    .map(({ referral }) => ({ caseId: referral.caseId, referral }))
    .filter(({ caseId }) => !refused.has(caseId));
  if (rows.length === 0) {
    yield { event: 'nothing', why: `No approved case waits for ${order.channel}.` };
    return;
  }
  const { org, software, clock } = tools;
  const batch = await tools.batches.take({ org, channel: order.channel, software, rows, now: clock.now() });
  yield await finish(batch.id, tools, false);
}

/** All approved cases, longest waiting first: those that may not leave must not hide those that may. */
async function* waitingCases(batches: BatchStore): AsyncIterable<Case> {
  for (let from = 0; ; from += AT_ONCE) {
    const some = await batches.waiting(AT_ONCE, from);
    yield* some;
    if (some.length < AT_ONCE) return;
  }
}

/** What rows that are each in order may still not do side by side, such as show one and the same picture. */
function faultsTogether(
  channel: Channel,
  ready: readonly { readonly referral: Referral; readonly blobs: ReadonlyMap<string, Buffer> }[],
): readonly { readonly caseId: string; readonly why: string }[] {
  if (ready.length === 0) return [];
  const blobs = new Map(ready.flatMap((each) => [...each.blobs]));
  return batchFaults({ channel, referrals: ready.map(({ referral }) => referral), blobs });
}

/** The file of a batch, whole, as it was first built; a batch whose builder died is finished. */
export async function batchFile(
  id: string,
  tools: ReferTools,
): Promise<{ readonly name: string; readonly bytes: Buffer; readonly sha256: string }> {
  const { file, sha256 } = await writeFile(await tools.batches.get(id), tools);
  await tools.batches.finish(id, sha256, tools.clock.now());
  return { name: basename(file), bytes: await readFile(file), sha256 };
}

/** A batch with its file, written anew if it is not there. */
export async function showBatch(id: string, tools: ReferTools) {
  const batch = await tools.batches.get(id);
  const { file, sha256 } = await writeFile(batch, tools);
  return {
    batch: batch.id,
    channel: batch.channel,
    builtAt: batch.builtAt.toISOString(),
    sha256,
    cases: batch.referrals.length,
    file,
    rows: batch.referrals.map(({ caseId, url, offense, reasonRu, decision }) => ({
      caseId,
      url,
      offence: offense,
      reason: reasonRu,
      decidedBy: decision.officerId,
      approvedBy: decision.secondOfficerId,
    })),
  };
}

type Readied =
  | { readonly is: 'referral'; readonly referral: Referral; readonly blobs: ReadonlyMap<string, Buffer> }
  | Extract<ReferralOutcome, { is: 'refused' }>;

/** A case as a referral; null when it goes through another channel. */
async function referralOf(it: Case, channel: Channel, tools: ReferTools): Promise<Readied | null> {
  const asked = await orderOf(it, tools, channel);
  if (asked === null || asked.is === 'refused') return asked;
  const { order, main } = asked;
  const blobs = new Map(asked.blobs);
  const wacz = tools.archive === null ? null : await archiveOf(main, tools.archive, tools.evidence);
  if (wacz !== null) blobs.set(wacz, await tools.evidence.read(wacz));
  const files = await keepFiles(main.capture, order.siteFacts ?? null, blobs, tools.evidence);
  const overrides = await tools.overrides.of(it.id);
  const outcome = toReferral({ ...order, wacz, files, blobs, overrides, now: tools.clock.now() });
  return outcome.is === 'referral' ? { ...outcome, blobs } : outcome;
}

type Asked =
  | {
      readonly is: 'asked';
      readonly order: ReferralOrder;
      readonly main: CapturedPage;
      readonly blobs: ReadonlyMap<string, Buffer>;
    }
  | Extract<ReferralOutcome, { is: 'refused' }>;

/** All that the rules look at of a case; null when it goes through another channel than the one asked for. */
export async function orderOf(
  it: Case,
  tools: Pick<ReferTools, 'batches' | 'captures' | 'evidence' | 'org' | 'appealUrl'>,
  wanted: Channel | null,
): Promise<Asked | null> {
  const pages = await tools.captures.ofCase(it.id);
  const main = mainCapture(it, pages);
  const channel = channelOfCase(it, pages);
  if (main === null || channel === null) {
    const why = 'none of its pages is kept; scan the site again';
    return { is: 'refused', caseId: it.id, refusals: [{ rule: 'capture', why }] };
  }
  if (wanted !== null && channel !== wanted) return null;
  const { screenshot, fullScreenshot, warc, url, finalUrl } = main.capture;
  const names = [screenshot, fullScreenshot, warc].filter((name) => name !== null);
  let blobs: Map<string, Buffer>;
  let siteFacts: SiteFacts | null;
  try {
    blobs = await readBlobs(names, tools.evidence);
    const { facts } = main.capture;
    siteFacts = facts === undefined ? null : readSiteFacts(await tools.evidence.read(facts));
  } catch (cause) {
    if (!(cause instanceof EvidenceMissingError || cause instanceof EvidenceAlteredError)) throw cause;
    return { is: 'refused', caseId: it.id, refusals: [{ rule: 'evidence', why: cause.message }] };
  }
  const { state } = it;
  const order: ReferralOrder = {
    case: it,
    siteFacts,
    org: tools.org,
    appealUrl: tools.appealUrl,
    approvedThatDay:
      state.is === 'approved' ? await tools.batches.approvedOn(state.approvedBy, state.approvedAt) : 0,
    pages,
    alsoSeen: await alsoSeenOf(it, tools.captures),
    channel,
    blobs,
    sentIn: await tools.batches.sentIn([url, finalUrl]),
    screenshotAlsoOf: screenshot === null ? [] : await tools.batches.screenshotAlsoOf(screenshot, it.id),
  };
  return { is: 'asked', order, main, blobs };
}

/** What was learned of the host, and the way to the page, as files that a reader opens; kept, so that they come out the same again. */
async function keepFiles(
  { hops }: Capture,
  siteFacts: SiteFacts | null,
  blobs: Map<string, Buffer>,
  evidence: EvidenceStore,
): Promise<Map<string, string>> {
  const files = siteFacts === null ? new Map<string, Buffer>() : siteFactsFiles(siteFacts);
  files.set('redirects.json', Buffer.from(`${JSON.stringify(hops, null, 2)}\n`, 'utf8'));
  const names = new Map<string, string>();
  for (const [name, bytes] of files) {
    const sha256 = await evidence.put(bytes);
    blobs.set(sha256, bytes);
    names.set(name, sha256);
  }
  return names;
}

/** The page as a WACZ among the blobs, with the stamps that came so far. */
async function archiveOf(
  page: CapturedPage,
  archive: ArchiveTools,
  evidence: EvidenceStore,
): Promise<string> {
  return evidence.put(await archiveCapture(page, archive));
}

/** What else was seen of the case's site: a clear page there may speak for it. */
async function alsoSeenOf(it: Case, captures: CaptureStore): Promise<CapturedPage[]> {
  return it.subject.kind === 'ring' ? [] : captures.newestOf(it.subject, MOST_PAGES);
}

/** Writes the file of a batch whose rows are there. */
export async function finish(id: string, tools: ReferTools, again: boolean): Promise<BuiltNews> {
  const batch = await tools.batches.get(id);
  const { file, sha256 } = await writeFile(batch, tools);
  await tools.batches.finish(id, sha256, tools.clock.now());
  return { event: 'built', batch: id, file, sha256, cases: batch.referrals.length, again };
}

/** Signs and stamps the manifest once; the same seal is used ever after. */
async function sealOf(order: BatchOrder, { batches, signer, authorities, clock }: ReferTools): Promise<Seal> {
  const known = await batches.seal(order.batchId);
  if (known !== null) return known;
  const manifest = await batchManifest(order);
  const manifestSha256 = sha256Of(manifest);
  const signature = await signer.sign(manifest, order.builtAt);
  const asked = await Promise.allSettled(authorities.map((authority) => authority.stamp(manifestSha256)));
  const stamps = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  return batches.keepSeal(order.batchId, { manifestSha256, signature, stamps }, clock.now());
}

/** The file appears under its name only when it is whole and on disk. */
async function writeFile(batch: Batch, tools: ReferTools): Promise<{ file: string; sha256: string }> {
  const order: BatchOrder = {
    batchId: batch.id,
    org: batch.org,
    seq: batch.seq,
    channel: batch.channel,
    builtAt: batch.builtAt,
    software: batch.facts.software,
    prevBatchSha256: batch.facts.prevBatchSha256,
    replaces: batch.facts.replaces,
    referrals: batch.referrals,
    blobs: await readBlobs(blobsOf(batch.referrals), tools.evidence),
  };
  const bytes = await batchBytes({ ...order, seal: await sealOf(order, tools) });
  const sha256 = sha256Of(bytes);
  if (batch.sha256 !== null && batch.sha256 !== sha256)
    throw new BatchChangedError(batch.id, batch.sha256, sha256);
  await mkdir(tools.folder, { recursive: true });
  const file = join(tools.folder, batchFileName(batch.id));
  await writeWhole(file, bytes);
  return { file, sha256 };
}

async function readBlobs(names: readonly string[], evidence: EvidenceStore): Promise<Map<string, Buffer>> {
  const blobs = new Map<string, Buffer>();
  for (const name of names) if (!blobs.has(name)) blobs.set(name, await evidence.read(name));
  return blobs;
}
