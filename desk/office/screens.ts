/**
 * Every screen of the officers' app: its address, whom it lets in, where it stands in the masthead. One table that the
 * server makes its routes from (`desk/web/routes.ts`) and the app its router (`router.ts`).
 *
 * A new screen is a row here, a loader in `loaders.ts`, and its words.
 */
import type { Action } from '../roles.ts';
import type { Word } from '../web/speak.ts';

export interface ScreenPlace {
  /** `:name` stands for one part of the path. */
  readonly path: string;
  readonly action: Action;
  /** Its source, from `desk/office/`; fetched when somebody goes there. */
  readonly file: `screens/${string}.tsx`;
  /** Its name in the masthead; absent for screens reached from others. */
  readonly nav?: Word;
  /** Pressed after `g`: a letter of the Latin keyboard. */
  readonly go?: string;
  /** Which entry of the masthead is lit on it; its own when absent. */
  readonly under?: string;
}

export const SCREENS = [
  { path: '/cases', action: 'case.read', file: 'screens/queue.tsx', nav: 'nav.cases', go: 'c' },
  { path: '/cases/:id', action: 'case.read', file: 'screens/case.tsx', under: '/cases' },
  { path: '/batches', action: 'batch.read', file: 'screens/batches.tsx', nav: 'nav.batches', go: 'b' },
  { path: '/batches/next', action: 'batch.read', file: 'screens/next-batch.tsx', under: '/batches' },
  { path: '/batches/:id', action: 'batch.read', file: 'screens/batch.tsx', under: '/batches' },
  { path: '/appeals', action: 'appeal.read', file: 'screens/appeals.tsx', nav: 'nav.appeals', go: 'a' },
  { path: '/sources', action: 'source.read', file: 'screens/sources.tsx', nav: 'nav.sources', go: 'w' },
  { path: '/sources/:name', action: 'source.read', file: 'screens/source.tsx', under: '/sources' },
  { path: '/scans/:id', action: 'source.read', file: 'screens/scan.tsx', under: '/sources' },
  { path: '/rings', action: 'ring.read', file: 'screens/rings.tsx', nav: 'nav.market', go: 'm' },
  { path: '/rings/:id', action: 'ring.read', file: 'screens/ring.tsx', under: '/rings' },
  { path: '/actors', action: 'ring.read', file: 'screens/actors.tsx', under: '/rings' },
  { path: '/actors/:kind/:mark', action: 'ring.read', file: 'screens/actor.tsx', under: '/rings' },
  { path: '/deliveries', action: 'delivery.read', file: 'screens/deliveries.tsx', under: '/rings' },
  { path: '/feedback', action: 'ring.read', file: 'screens/feedback.tsx', under: '/rings' },
  { path: '/tips', action: 'tip.read', file: 'screens/tips.tsx', nav: 'nav.tips', go: 't' },
  { path: '/audit', action: 'audit.read', file: 'screens/audit.tsx', nav: 'nav.audit', go: 'u' },
  { path: '/account', action: 'session.own', file: 'screens/account.tsx' },
  {
    path: '/statistics',
    action: 'statistics.read',
    file: 'screens/statistics.tsx',
    nav: 'nav.statistics',
    go: 's',
  },
] as const satisfies readonly ScreenPlace[];

export type ScreenPath = (typeof SCREENS)[number]['path'];

/** Entries of the masthead that the server still draws. */
export const PAGES = [
  { path: '/people', action: 'people.read', nav: 'nav.people', go: 'p' },
] as const satisfies readonly Omit<ScreenPlace, 'file'>[];
