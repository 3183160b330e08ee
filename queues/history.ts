/** The history of an address, put together from its looks, and from the stored bytes of the pages that were captured. */
import { decode } from '../crawler/extract/decode.ts';
import { readPage } from '../crawler/extract/page.ts';
import type { Capture } from '../domain/capture.ts';
import type { AddressHistory, Look } from '../domain/history.ts';
import { lineDiff } from '../domain/text/diff.ts';
import { canonicalUrl } from '../domain/url.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from '../evidence/store.ts';
import type { CaptureStore } from '../store/captures.ts';
import { urlKey } from '../store/frontier.ts';
import type { LookStore } from '../store/looks.ts';

export interface HistoryTools {
  readonly looks: Pick<LookStore, 'of' | 'known'>;
  readonly captures: Pick<CaptureStore, 'get'>;
  readonly evidence: Pick<EvidenceStore, 'read'>;
}

/** Captures looked through for one that differs from the newest. */
const LOOKED_THROUGH = 20;

/** @param limit most looks told, 1 or more. */
export async function addressHistory(url: URL, limit: number, tools: HistoryTools): Promise<AddressHistory> {
  const key = urlKey(url);
  const [known, looks] = await Promise.all([tools.looks.known(key), tools.looks.of(key, limit)]);
  return {
    url: url.href,
    key: canonicalUrl(url),
    known:
      known === null
        ? null
        : {
            state: known.state,
            verdict: known.verdict,
            risk: known.risk,
            firstAt: known.firstAt,
            lastAt: known.lastAt,
            dueAt: known.dueAt,
          },
    looks,
    difference: await differenceOf(looks, tools),
  };
}

async function differenceOf(
  looks: readonly Look[],
  tools: HistoryTools,
): Promise<AddressHistory['difference']> {
  const ids = looks.flatMap(({ captureId, warc }) =>
    captureId === null || warc !== null ? [] : [captureId],
  );
  let newest: Capture | null = null;
  for (const id of ids.slice(0, LOOKED_THROUGH)) {
    const capture: Capture | null = (await tools.captures.get(id))?.capture ?? null;
    if (capture === null) continue;
    newest ??= capture;
    if (capture === newest || shown(capture).sha256 === shown(newest).sha256) continue;
    const texts = [await textOf(capture, tools), await textOf(newest, tools)] as const;
    if (texts[0] === null || texts[1] === null) return null;
    return {
      before: { captureId: capture.id, at: capture.capturedAt },
      after: { captureId: newest.id, at: newest.capturedAt },
      lines: lineDiff(texts[0], texts[1]),
    };
  }
  return null;
}

/** What a browser made of the page where one did: it was written by us, in UTF-8. */
function shown({ dom, bodySha256, mediaType }: Capture): { sha256: string; contentType: string } {
  return dom === null
    ? { sha256: bodySha256, contentType: mediaType }
    : { sha256: dom, contentType: 'text/html; charset=utf-8' };
}

/** Null when the bytes cannot be read any more: the scrub tells of that. */
async function textOf(capture: Capture, { evidence }: HistoryTools): Promise<string | null> {
  const { sha256, contentType } = shown(capture);
  try {
    return readPage(decode(await evidence.read(sha256), contentType).html, capture.finalUrl).text;
  } catch (cause) {
    if (cause instanceof EvidenceMissingError || cause instanceof EvidenceAlteredError) return null;
    throw cause;
  }
}
