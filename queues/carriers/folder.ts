/** A folder that the addressee's own transfer takes files from, such as one that is mounted. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../files.ts';
import { type Carrier, CarryFailedError, FileDiffersError } from './carrier.ts';

export function folderCarrier(folder: string): Carrier {
  return {
    target: `file ${folder}`,
    async carry({ name, bytes }) {
      const facts = { file: name, target: `file ${folder}` };
      try {
        await mkdir(folder, { recursive: true });
        const there = await readFile(join(folder, name)).catch((cause: NodeJS.ErrnoException) => {
          if (cause.code === 'ENOENT') return null;
          throw cause;
        });
        if (there === null) await writeWhole(join(folder, name), bytes);
        else if (!there.equals(bytes)) throw new FileDiffersError(facts);
      } catch (cause) {
        throw cause instanceof FileDiffersError ? cause : new CarryFailedError(facts, cause);
      }
    },
  };
}
