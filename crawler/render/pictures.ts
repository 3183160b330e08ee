/**
 * Pictures of a page, by the browser's own protocol: Playwright's screenshot waits for every font, and a page with a
 * font that never comes would never be shot.
 */
import type { CDPSession } from 'playwright';

export interface Pictures {
  /** PNG of what is in sight first: 1280x800, or a telephone's screen. */
  readonly viewport: Buffer;
  /** PNG, as wide and as high as the page, at most 10,000. */
  readonly full: Buffer;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const HIGHEST = 10_000;

/** @param wait bounds one step. */
export async function picturesOf(
  session: CDPSession,
  { width, height: sight }: Size,
  wait: <T>(step: Promise<T>) => Promise<T>,
): Promise<Pictures> {
  const viewport = await wait(picture(session, null));
  const height = await wait(pageHeight(session, sight));
  const full =
    height <= sight ? viewport : await wait(picture(session, { width, height })).catch(() => viewport);
  return { viewport, full };
}

async function picture(session: CDPSession, size: Size | null): Promise<Buffer> {
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'png',
    ...(size === null ? {} : { captureBeyondViewport: true, clip: { x: 0, y: 0, ...size, scale: 1 } }),
  });
  return Buffer.from(data, 'base64');
}

async function pageHeight(session: CDPSession, least: number): Promise<number> {
  const { cssContentSize } = await session.send('Page.getLayoutMetrics');
  return Math.min(HIGHEST, Math.max(least, Math.ceil(cssContentSize.height)));
}
