/** A small disk of the test's own for evidence, that can be filled up; null where no file system may be mounted. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Disk {
  readonly folder: string;
  /** Leaves not one block free. */
  fill(): void;
  /** Takes the filling away. */
  empty(): void;
  close(): void;
}

/** Room for the evidence of some hundred rounds. */
const MEGABYTES = 256;

export function mountDisk(): Disk | null {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-disk-'));
  const size = `size=${MEGABYTES}m`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'kuzet-test', folder]).status !== 0) {
    rmSync(folder, { recursive: true });
    return null;
  }
  chmodSync(folder, 0o700);
  const filling = join(folder, 'filling');
  return {
    folder,
    fill() {
      const block = Buffer.alloc(65_536);
      for (let size = block.length; size >= 512; ) {
        try {
          appendFileSync(filling, block.subarray(0, size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size /= 2;
        }
      }
    },
    empty: () => rmSync(filling, { force: true }),
    close() {
      spawnSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
