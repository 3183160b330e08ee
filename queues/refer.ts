/**
 * The refer stage: approved cases become a batch file.
 *
 *     finish what a killed builder left -> approved cases of the channel -> a referral each, or every reason
 *     why not -> take them into a batch (one transaction) -> print its letters, once -> sign and stamp its manifest,
 *     once -> write the file -> note its hash
 *
 * From the transaction on, the batch is what its rows say. The file is a pure function of them and of
 * evidence that never changes, so it can be written again, by anyone, to the same bytes.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Printing } from '../crawler/print.ts';
import type { BatchPreview, DraftRefusal } from '../domain/batch-preview.ts';
import type { Capture } from '../domain/capture.ts';
import type { Case } from '../domain/case.ts';
import { chained } from '../domain/record.ts';
import type { Channel } from '../domain/referral.ts';
import type { Saying } from '../domain/saying.ts';
import type { SiteFacts } from '../domain/site-facts.ts';
import type { Signer } from '../evidence/signers.ts';
import { readSiteFacts, siteFactsFiles } from '../evidence/site-facts.ts';
import type { TimeAuthority } from '../evidence/stamp.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from '../evidence/store.ts';
import {
  type BatchOrder,
  buildBatch as batchBytes,
  batchFileName,
  batchManifest,
  blobsOf,
  type Seal,
  sha256Of,
} from '../exports/kibernadzor/batch.ts';
import { type LettersOnPaper, lettersToPrint } from '../exports/kibernadzor/letters.ts';
import {
  channelOfCase,
  mainCapture,
  type ReferralOrder,
  type ReferralOutcome,
  toReferral,
} from '../exports/kibernadzor/referral.ts';
import type { PopularSites } from '../exports/overblock/popular.ts';
import { said } from '../exports/overblock/words.ts';
import type { Batch, BatchPrint, BatchStore } from '../store/batches.ts';
import type { CapturedPage, CaptureStore } from '../store/captures.ts';
import type { OverrideStore } from '../store/overrides.ts';
import { type ArchiveTools, archiveCapture } from './archive.ts';
import type { Clock } from './clock.ts';
import { digestOf, draftOf, previewOf, type Readied } from './draft.ts';
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
  /** Prints letters; where no browser is, a batch says that it has none on paper. */
  readonly print: (pages: readonly string[], at: Date) => Promise<Printing>;
  /** Makes the WACZ of a page; null leaves it out. */
  readonly archive: ArchiveTools | null;
  /** Where the form for objections is; null when there is none. */
  readonly appealUrl: string | null;
  /** The operator's own list of widely visited sites; left out where the one that ships is enough. */
  readonly popular?: () => PopularSites;
}

export type ReferNews =
  | ({ readonly event: 'refused' } & DraftRefusal)
  | { readonly event: 'unfinished'; readonly batch: string; readonly why: string }
  | { readonly event: 'nothing'; readonly why: string; readonly about: Saying }
  | BuiltNews;

export interface BuiltNews {
  readonly event: 'built';
  readonly batch: string;
  readonly file: string;
  readonly sha256: string;
  readonly cases: number;
  /** The rows were taken by a builder that did not live to write the file. */
  readonly again: boolean;
  /** Why its letters are HTML alone; null when they are there as PDF too. */
  readonly unprinted: string | null;
}

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

/** What is waiting is not what was looked at: a case came, went, or reads otherwise by now. */
export class BatchNotAsSeenError extends Error {
  override readonly name = 'BatchNotAsSeenError';

  constructor() {
    super('The next batch is not the one that was looked at any more. Look at it again, then build it.');
  }
}

/**
 * Builds the next batch of a channel.
 *
 * @param order.quarantine leave out cases that may not leave, instead of refusing the whole batch.
 * @param order.expects digest of the preview that was looked at; left out to build whatever waits.
 * @throws BatchNotAsSeenError when another batch would come of it.
 */
export async function* buildBatch(
  order: {
    readonly channel: Channel;
    readonly quarantine: boolean;
    readonly limit: number;
    readonly expects?: string | undefined;
  },
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

  const { channel, quarantine, limit, expects } = order;
  const draft = await draftOf({ channel, limit }, tools.batches, (it) => referralOf(it, channel, tools));
  for (const refusal of draft.refused) yield { event: 'refused', ...refusal };
  const refused = new Set(draft.refused.map(({ caseId }) => caseId)).size;
  if (refused > 0 && !quarantine) {
    yield { event: 'nothing', ...said('build.refused', { count: refused }) };
    return;
  }
  const referrals = draft.rows.map(({ referral }) => referral);
  if (expects !== undefined && digestOf(channel, referrals) !== expects) throw new BatchNotAsSeenError();
  if (referrals.length === 0) {
    yield { event: 'nothing', ...said('build.nothing', { channel }) };
    return;
  }
  const { org, software, clock } = tools;
  const rows = draft.rows.map(({ it, referral }) => ({
    caseId: it.id,
    revision: it.revision,
    referral,
  }));
  const batch = await tools.batches.take({ org, channel, software, rows, now: clock.now() });
  yield await finish(batch.id, tools, false);
}

/** The next batch of a channel as it would be built now; nothing is written. */
export async function previewBatch(
  { channel, limit }: { readonly channel: Channel; readonly limit: number },
  tools: PreviewTools,
): Promise<BatchPreview> {
  const ready = async (it: Case): Promise<Readied | null> => {
    const asked = await orderOf(it, tools, channel);
    if (asked === null || asked.is === 'refused') return asked;
    const overrides = await tools.overrides.of(it.id);
    const outcome = toReferral({ ...asked.order, overrides, now: tools.clock.now() });
    return outcome.is === 'referral' ? { ...outcome, blobs: new Map(asked.blobs) } : outcome;
  };
  return previewOf(await draftOf({ channel, limit }, tools.batches, ready), channel, tools.batches);
}

export interface PreviewTools
  extends Pick<
    ReferTools,
    'batches' | 'captures' | 'overrides' | 'evidence' | 'org' | 'appealUrl' | 'popular'
  > {
  readonly clock: Pick<Clock, 'now'>;
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
  tools: Pick<ReferTools, 'batches' | 'captures' | 'evidence' | 'org' | 'appealUrl' | 'popular'>,
  wanted: Channel | null,
): Promise<Asked | null> {
  const pages = await tools.captures.ofCase(it.id);
  const main = mainCapture(it, pages);
  const channel = channelOfCase(it, pages);
  if (main === null || channel === null) {
    return { is: 'refused', caseId: it.id, refusals: [{ rule: 'capture', ...said('capture.none', {}) }] };
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
    return {
      is: 'refused',
      caseId: it.id,
      refusals: [{ ...said('evidence.faulty', {}), rule: 'evidence', why: cause.message }],
    };
  }
  const { state } = it;
  const order: ReferralOrder = {
    case: it,
    siteFacts,
    org: tools.org,
    appealUrl: tools.appealUrl,
    popular: tools.popular?.(),
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
  const { files = null, why = BEFORE_PRINTS } = (await tools.batches.print(id)) ?? {};
  const unprinted = files === null ? why : null;
  return { event: 'built', batch: id, file, sha256, cases: batch.referrals.length, again, unprinted };
}

const BEFORE_PRINTS = 'it is from before letters were printed';

/**
 * The letters on paper, printed once; the same print is used ever after, for no two browsers print the same bytes.
 *
 * @returns undefined for a batch that was sealed before letters were printed: it stays as it was.
 */
async function onPaperOf(order: BatchOrder, tools: ReferTools): Promise<LettersOnPaper | undefined> {
  const { batches, evidence, clock } = tools;
  let known = await batches.print(order.batchId);
  if (known === null) {
    if ((await batches.seal(order.batchId)) !== null) return undefined;
    known = await batches.keepPrint(order.batchId, await printLetters(order, tools), clock.now());
  }
  if (known.files === null) return { is: 'unprinted' };
  const files = new Map<string, Buffer>();
  for (const [name, sha256] of Object.entries(known.files)) files.set(name, await evidence.read(sha256));
  return { is: 'printed', files };
}

async function printLetters(order: BatchOrder, { print, evidence }: ReferTools): Promise<BatchPrint> {
  const letters = lettersToPrint(chained(order.referrals), order.channel, order);
  const printing = await print(
    letters.map(({ html }) => html),
    order.builtAt,
  );
  if (printing.is === 'unprinted') return { files: null, why: printing.why };
  const files: Record<string, string> = {};
  for (const [at, { name }] of letters.entries()) files[name] = await evidence.put(printing.pdfs[at]!);
  return { files, why: null };
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
  const whole = { ...order, onPaper: await onPaperOf(order, tools) };
  const bytes = await batchBytes({ ...whole, seal: await sealOf(whole, tools) });
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
