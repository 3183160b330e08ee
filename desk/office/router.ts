/** Which screen stands at an address, and the way from one to another without loading the page again. */
import { useEffect, useState } from 'preact/hooks';
import { SCREENS, type ScreenPath, type ScreenPlace } from './screens.ts';

export interface ScreenProps {
  /** Of the path, e.g. `id`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

export interface Place extends ScreenProps {
  readonly screen: ScreenPlace & { readonly path: ScreenPath };
}

/** The screen of an address; null for one that the server draws, or that is not ours. */
export function placeOf(url: URL): Place | null {
  for (const screen of SCREENS) {
    const params = matched(screen.path, url.pathname);
    if (params !== null) return { screen, params, query: url.searchParams };
  }
  return null;
}

function matched(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? '';
    if (part.startsWith(':') && value !== '') params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}

const MOVED = 'kuzet:moved';

/** Goes to an address of the desk; one that is no screen of the app is loaded as a page. */
export function go(href: string, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(href, location.href);
  if (url.origin !== location.origin || placeOf(url) === null) {
    location.assign(url);
    return;
  }
  if (how === 'push') history.pushState(null, '', url);
  else history.replaceState(null, '', url);
  dispatchEvent(new Event(MOVED));
}

/** Takes clicks on links to screens of the app; a click that asks for a new window is the browser's. */
export function listenToLinks(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain =
      event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (
      link === null ||
      !isPlain ||
      event.defaultPrevented ||
      link.target !== '' ||
      link.hasAttribute('download')
    )
      return;
    const url = new URL(link.href, location.href);
    const isHere = url.pathname === location.pathname && url.search === location.search && url.hash !== '';
    if (isHere || url.origin !== location.origin || url.searchParams.has('lang') || placeOf(url) === null)
      return;
    event.preventDefault();
    go(url.href);
  });
}

/** The address as it stands, drawn anew with every move. */
export function usePlace(): Place | null {
  const [place, setPlace] = useState(() => placeOf(new URL(location.href)));
  useEffect(() => {
    const look = () => setPlace(placeOf(new URL(location.href)));
    addEventListener('popstate', look);
    addEventListener(MOVED, look);
    return () => {
      removeEventListener('popstate', look);
      removeEventListener(MOVED, look);
    };
  }, []);
  return place;
}
