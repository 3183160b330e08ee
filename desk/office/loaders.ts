/** The files of the screens: each is fetched when somebody first goes there, or a little before. */
import type { ComponentType } from 'preact';
import type { ScreenProps } from './router.ts';
import type { ScreenPath } from './screens.ts';

const LOADERS: Readonly<Record<ScreenPath, () => Promise<{ readonly default: ComponentType<ScreenProps> }>>> =
  {
    '/cases': () => import('./screens/queue.tsx'),
    '/cases/:id': () => import('./screens/case.tsx'),
    '/batches': () => import('./screens/batches.tsx'),
    '/batches/next': () => import('./screens/next-batch.tsx'),
    '/batches/:id': () => import('./screens/batch.tsx'),
    '/appeals': () => import('./screens/appeals.tsx'),
    '/sources': () => import('./screens/sources.tsx'),
    '/sources/:name': () => import('./screens/source.tsx'),
    '/scans/:id': () => import('./screens/scan.tsx'),
    '/rings': () => import('./screens/rings.tsx'),
    '/rings/:id': () => import('./screens/ring.tsx'),
    '/actors': () => import('./screens/actors.tsx'),
    '/actors/:kind/:mark': () => import('./screens/actor.tsx'),
    '/deliveries': () => import('./screens/deliveries.tsx'),
    '/feedback': () => import('./screens/feedback.tsx'),
    '/tips': () => import('./screens/tips.tsx'),
    '/audit': () => import('./screens/audit.tsx'),
    '/account': () => import('./screens/account.tsx'),
    '/statistics': () => import('./screens/statistics.tsx'),
  };

const loaded = new Map<ScreenPath, ComponentType<ScreenProps>>();

export async function readyScreen(path: ScreenPath): Promise<ComponentType<ScreenProps>> {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  const screen = (await LOADERS[path]()).default;
  loaded.set(path, screen);
  return screen;
}

/** The screen's component; null while its file was not fetched. */
export function screenNow(path: ScreenPath): ComponentType<ScreenProps> | null {
  return loaded.get(path) ?? null;
}
