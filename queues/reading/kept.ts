/** One reading of an address, written down: its WARC, pictures and DOM on disk, and the capture that names them. */
import type { Fetched } from '../../crawler/fetch.ts';
import { readerOf } from '../../crawler/render/guise.ts';
import type { Exposure } from '../../crawler/render/pictures.ts';
import type { Rendered } from '../../crawler/render.ts';
import type { Capture, Hop, PlainReason } from '../../domain/capture.ts';
import type { ProfileName } from '../../domain/visitor.ts';
import { warcOf } from '../../evidence/warc.ts';
import type { Visit } from '../../store/lease.ts';
import { newId } from '../clock.ts';
import type { KeptFacts } from '../facts.ts';
import type { ReadingTools } from './tools.ts';

export interface ToKeep {
  /** Address asked for, as it was found. */
  readonly url: string;
  readonly fetched: Fetched;
  readonly rendered: Rendered | null;
  /** Null for Kuzet's own. */
  readonly profile: ProfileName | null;
  /** Why no browser showed it; null where its bytes were enough. */
  readonly leftPlain: PlainReason | null;
  /** What was learned of its host; null when nobody asked. */
  readonly facts: KeptFacts | null;
}

export async function writeEvidence(
  visit: Pick<Visit, 'id'>,
  { url, fetched, rendered, leftPlain, profile, facts }: ToKeep,
  tools: Pick<ReadingTools, 'evidence' | 'software' | 'clock'>,
): Promise<Capture> {
  const { evidence } = tools;
  const pictures = rendered?.pictures ?? null;
  const dom = rendered === null ? null : Buffer.from(rendered.dom, 'utf8');
  const resources =
    rendered === null
      ? []
      : [
          ...(pictures === null
            ? []
            : [
                { uri: `urn:view:${rendered.finalUrl}`, mediaType: 'image/png', bytes: pictures.viewport },
                { uri: `urn:fullpage:${rendered.finalUrl}`, mediaType: 'image/png', bytes: pictures.full },
              ]),
          { uri: `urn:dom:${rendered.finalUrl}`, mediaType: 'text/html; charset=utf-8', bytes: dom! },
          ...textResource(rendered),
          ...refusedResource(rendered),
        ];
  const capturedAt = fetched.exchanges.at(-1)!.startedAt;
  const warc = warcOf({
    context: {
      software: tools.software,
      visit: visit.id,
      at: capturedAt,
      browser: rendered?.browser ?? null,
      more: [
        ...(profile === null ? [] : ([['profile', profile]] as const)),
        ...(rendered === null ? [] : Object.entries(readerOf(profile))),
        ...(pictures === null ? [] : [['fullpage', exposureWords(pictures.exposure)] as const]),
        ...(facts?.from ?? []),
      ],
    },
    exchanges: rendered === null ? fetched.exchanges : [...fetched.exchanges, ...rendered.exchanges],
    resources: [...resources, ...(facts?.records ?? [])],
  });
  return {
    id: newId(tools.clock),
    visitId: visit.id,
    url,
    finalUrl: rendered?.finalUrl ?? fetched.finalUrl,
    capturedAt,
    status: fetched.status,
    mediaType: fetched.mediaType,
    peer: fetched.exchanges.at(-1)!.peer,
    bodySha256: await evidence.put(fetched.body),
    bodyBytes: fetched.body.byteLength,
    warc: await evidence.put(warc),
    screenshot: pictures === null ? null : await evidence.put(pictures.viewport),
    fullScreenshot: pictures === null ? null : await evidence.put(pictures.full),
    dom: dom === null ? null : await evidence.put(dom),
    renderReason: rendered?.why ?? null,
    ...(rendered !== null || leftPlain === null ? {} : { leftPlain }),
    ...(profile === null ? {} : { profile }),
    hops: wayOf(fetched.hops, rendered),
    ...(facts === null ? {} : { facts: facts.facts }),
  };
}

/** What an expert asks of a picture before measuring in it, e.g. `1280x8000 of 1280x14347, at scale 0.4`. */
function exposureWords({ width, height, of, scale }: Exposure): string {
  return `${width}x${height} of ${width}x${of}, at scale ${scale}`;
}

/** The way that the fetch went, and from its last page on the way that the page led the browser. */
export function wayOf(fetched: readonly Hop[], rendered: Pick<Rendered, 'hops'> | null): Hop[] {
  const onward = rendered?.hops ?? [];
  const last = fetched.at(-1);
  if (last === undefined || onward.length < 2) return [...fetched];
  const { location, how } = onward[0]!;
  return [
    ...fetched.slice(0, -1),
    { ...last, location, ...(how === undefined ? {} : { how }) },
    ...onward.slice(1),
  ];
}

function textResource({ finalUrl, text }: Rendered) {
  if (text === null) return [];
  const bytes = Buffer.from(text, 'utf8');
  return [{ uri: `urn:text:${finalUrl}`, mediaType: 'text/plain; charset=utf-8', bytes }];
}

/** What the page was kept from while it was shown, so that nobody takes the picture for all that it would do. */
function refusedResource({ finalUrl, refused }: Rendered) {
  if (refused.length === 0) return [];
  const bytes = Buffer.from(JSON.stringify(refused, null, 1), 'utf8');
  return [{ uri: `urn:refused:${finalUrl}`, mediaType: 'application/json', bytes }];
}
