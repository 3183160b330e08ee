/**
 * Pictures of a page, by the browser's own protocol: Playwright's screenshot waits for every font, and a page with a
 * font that never comes would never be shot.
 *
 * What a picture costs goes by its pixels, so a long page is shown whole in half size or less rather than cut short: its
 * foot, where a site says who it is, is in the picture, and its words are in the DOM beside it.
 */
import type { CDPSession } from 'playwright';

/** How a whole page was photographed, in CSS pixels. */
export interface Exposure {
  readonly width: number;
  /** What of it is in the picture, from its top. */
  readonly height: number;
  /** Height of the page. */
  readonly of: number;
  /** Pixels of the picture a CSS pixel, each way. */
  readonly scale: (typeof SCALES)[number];
}

export interface Pictures {
  /** PNG of what is in sight first: 1280x800, or a telephone's screen. */
  readonly viewport: Buffer;
  /** PNG, as wide as the page and at most 8,000 of its pixels high; of over 2,048,000 pixels in half size or in 0.4. */
  readonly full: Buffer;
  readonly exposure: Exposure;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const HIGHEST = 8_000;
/** 1280x1600: two screens of Kuzet's own. */
const MOST_PIXELS = 2_048_000;
/** The largest that fits is taken; the last fits every window of Kuzet's. */
const SCALES = [1, 0.5, 0.4] as const;

/** How a page of this height is photographed whole. */
export function exposureOf({ width, height: sight }: Size, pageHeight: number): Exposure {
  const height = Math.min(HIGHEST, Math.max(sight, Math.ceil(pageHeight)));
  return {
    width,
    height,
    of: Math.max(sight, Math.ceil(pageHeight)),
    scale: SCALES.find((scale) => width * height * scale ** 2 <= MOST_PIXELS) ?? 0.4,
  };
}

/** PNG of what is in sight. `optimizeForSpeed` packs it less and takes two thirds of the time. */
export async function sightOf(session: CDPSession): Promise<Buffer> {
  const { data } = await session.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true });
  return Buffer.from(data, 'base64');
}

/**
 * The whole page. It is made as high as it is for this, which it may notice, and stays so: take all else before.
 *
 * @param sight the picture of what is in sight, which is the whole of a low page, and all there is of one that cannot
 * be shown higher.
 * @param wait bounds one step.
 */
export async function wholeOf(
  session: CDPSession,
  size: Size & { readonly isMobile: boolean },
  sight: Buffer,
  wait: <T>(step: Promise<T>) => Promise<T>,
): Promise<Pictures> {
  const { cssContentSize } = await wait(session.send('Page.getLayoutMetrics'));
  const exposure = exposureOf(size, cssContentSize.height);
  const asSeen: Pictures = { viewport: sight, full: sight, exposure: exposureOf(size, size.height) };
  if (exposure.height <= size.height) return asSeen;
  const { width, height, scale } = exposure;
  const taken = session
    .send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: scale,
      mobile: size.isMobile,
    })
    .then(() => sightOf(session));
  const full = await wait(taken).catch(() => null);
  return full === null
    ? { ...asSeen, exposure: { ...asSeen.exposure, of: exposure.of } }
    : { viewport: sight, full, exposure };
}
