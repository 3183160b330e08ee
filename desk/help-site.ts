/** The documents as files: what `npm run docs` built, and the package carries in `help/` beside this file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface HelpSite {
  readonly folder: string;
  /** Paths in it, e.g. `kk/guides/operations.html`. */
  readonly files: ReadonlySet<string>;
}

/** Null where it was not built. */
export function helpSite(folder = fileURLToPath(new URL('./help/', import.meta.url))): HelpSite | null {
  try {
    const files = JSON.parse(readFileSync(join(folder, 'site.json'), 'utf8')) as string[];
    return { folder, files: new Set(files) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
