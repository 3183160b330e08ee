/** As whom a render opens its page: Kuzet in its own name, or one of the visitors of `profiles.ts`. */
import type { Browser, BrowserContextOptions, CDPSession } from 'playwright';
import type { ProfileName } from '../../domain/visitor.ts';
import { brandsOf, profileNamed, userAgentOf, type Visitor } from '../profiles.ts';

export interface Guise {
  readonly context: Pick<
    BrowserContextOptions,
    'userAgent' | 'viewport' | 'locale' | 'isMobile' | 'hasTouch' | 'extraHTTPHeaders'
  >;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly referer: string | null;
  /** Cookies that this visitor was given before, for this address. */
  cookiesFor(url: URL): { readonly name: string; readonly value: string; readonly url: string }[];
  /** What a context's options cannot say. */
  putOn(session: CDPSession): Promise<void>;
}

const KUZET = { width: 1280, height: 800 };
/** How Kuzet's own browser is set up, as it is told of each capture. */
export const READER = {
  viewport: `${KUZET.width}x${KUZET.height}`,
  locale: 'ru-KZ',
  timezone: 'Asia/Almaty',
} as const;

/** The same of whoever it opened the page as; null for Kuzet. */
export function readerOf(name: ProfileName | null): Readonly<Record<keyof typeof READER, string>> {
  if (name === null) return READER;
  const { viewport, locale } = profileNamed(name);
  return { ...READER, viewport: `${viewport.width}x${viewport.height}`, locale };
}

/** @param ownName added to the browser's own name; left out for a visitor. */
export function guiseOf(browser: Pick<Browser, 'version'>, ownName: string, visitor: Visitor | null): Guise {
  const major = browser.version().split('.')[0]!;
  if (visitor === null) {
    return {
      context: {
        viewport: KUZET,
        userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36 ${ownName}`,
        locale: READER.locale,
        extraHTTPHeaders: { 'accept-language': 'ru,kk;q=0.9,en;q=0.5' },
      },
      viewport: KUZET,
      referer: null,
      cookiesFor: () => [],
      putOn: async () => {},
    };
  }
  const { profile, cookie } = visitor;
  const userAgent = userAgentOf(profile, major);
  return {
    context: {
      viewport: profile.viewport,
      userAgent,
      locale: profile.locale,
      isMobile: profile.isMobile,
      hasTouch: profile.isMobile,
      extraHTTPHeaders: { 'accept-language': profile.acceptLanguage },
    },
    viewport: profile.viewport,
    referer: profile.referer,
    cookiesFor: ({ origin }) =>
      (cookie ?? '').split('; ').flatMap((pair) => {
        const at = pair.indexOf('=');
        return at > 0 ? [{ name: pair.slice(0, at), value: pair.slice(at + 1), url: origin }] : [];
      }),
    // A headless browser names itself so in its client hints.
    async putOn(session) {
      await session.send('Emulation.setUserAgentOverride', {
        userAgent,
        acceptLanguage: profile.acceptLanguage,
        platform: profile.isMobile ? 'Linux armv81' : 'Win32',
        userAgentMetadata: {
          brands: brandsOf(major),
          fullVersionList: brandsOf(major).map(({ brand, version }) => ({
            brand,
            version: `${version}.0.0.0`,
          })),
          platform: profile.platform,
          platformVersion: profile.isMobile ? '10.0.0' : '10.0.0',
          architecture: profile.isMobile ? '' : 'x86',
          model: profile.isMobile ? 'K' : '',
          mobile: profile.isMobile,
        },
      });
    },
  };
}
