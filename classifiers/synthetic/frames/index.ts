/** All frames by name: twenty-one ways to build a site, each drawn with the same chance. */
import { mesh, records } from './builders.ts';
import { bare, fontTables, memberTables, singleFile } from './byhand.ts';
import { hashedClasses, ownElements, scopedAttributes } from './components.ts';
import { blockEditor, pagePlugin, portal, shopEngine } from './engines.ts';
import type { Frame } from './frame.ts';
import { dashboard, gridTemplate, staticPage, utilityClasses } from './kits.ts';
import { channelPreview, deepBoxes, documentViewer, lightVersion } from './readers.ts';

export const FRAMES = {
  records,
  mesh,
  pagePlugin,
  blockEditor,
  portal,
  shopEngine,
  hashedClasses,
  scopedAttributes,
  ownElements,
  gridTemplate,
  utilityClasses,
  dashboard,
  staticPage,
  fontTables,
  memberTables,
  singleFile,
  bare,
  deepBoxes,
  channelPreview,
  lightVersion,
  documentViewer,
} as const satisfies Record<string, Frame>;

export type FrameName = keyof typeof FRAMES;
