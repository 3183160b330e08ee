/**
 * A page that is shown for its words alone: nobody looks at it, so what has no words in it is not loaded, and it is drawn
 * as small as a browser draws.
 */
import type { CDPSession } from 'playwright';
import type { Guise } from './guise.ts';

/** What has no words in it, by `Sec-Fetch-Dest` (W3C Fetch Metadata, section 2.1): for the gate. */
export const HEAVY: readonly string[] = ['image', 'font', 'audio', 'video', 'track'];
/** And by usual endings of names: these are not even asked for. */
const HEAVY_NAMES = [
  ...['png', 'jpg', 'jpeg', 'gif', 'webp', 'avif', 'svg', 'ico', 'bmp'],
  ...['woff', 'woff2', 'ttf', 'otf', 'eot', 'mp3', 'mp4', 'm4a', 'webm', 'ogg', 'wav', 'mov'],
].flatMap((ending) => [`*.${ending}`, `*.${ending}?*`]);
/**
 * Of the picture that is drawn, each way. It is no zoom: widths, pixel ratio and what is in sight are the same to a page.
 * Source: Chrome DevTools Protocol, `Emulation.setDeviceMetricsOverride`: "scale to apply to resulting view image".
 */
const SCALE = 0.05;

/** Before the page is opened. */
export async function showUnseen(session: CDPSession, { viewport, context }: Guise): Promise<void> {
  const isMobile = context.isMobile ?? false;
  await Promise.all([
    session.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 }),
    session.send('Network.setBlockedURLs', { urls: HEAVY_NAMES }),
    session.send('Emulation.setDeviceMetricsOverride', {
      ...viewport,
      screenWidth: viewport.width,
      screenHeight: viewport.height,
      deviceScaleFactor: 1,
      mobile: isMobile,
      screenOrientation: { angle: 0, type: isMobile ? 'portraitPrimary' : 'landscapePrimary' },
      scale: SCALE,
    }),
  ]);
}
