/** Who takes a batch's file out of the house. Carrying the same file again changes nothing. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './files.ts';

export interface BatchFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

export interface Carrier {
  /** As hand-overs name it; no password in it. */
  readonly target: string;
  /** Resolves when the file is there, whole. @throws CarryFailedError, FileDiffersError */
  carry(file: BatchFile): Promise<void>;
}

/** It did not arrive this time: try again later. */
export class CarryFailedError extends Error {
  override readonly name = 'CarryFailedError';
  readonly facts: { readonly file: string; readonly target: string };

  constructor(facts: CarryFailedError['facts'], cause: unknown) {
    super(`${facts.file} did not arrive at ${facts.target}: ${(cause as Error).message}.`, { cause });
    this.facts = facts;
  }
}

/** There is a file of that name with other bytes: a person has to look, and nothing is written over. */
export class FileDiffersError extends Error {
  override readonly name = 'FileDiffersError';
  readonly facts: { readonly file: string; readonly target: string };

  constructor(facts: FileDiffersError['facts']) {
    super(
      `${facts.target} has another file under the name ${facts.file}. Find out whose it is, and move it away.`,
    );
    this.facts = facts;
  }
}

/** A folder that the addressee's own transfer takes files from, such as one that is mounted. */
export function folderCarrier(folder: string): Carrier {
  return {
    target: `folder ${folder}`,
    async carry({ name, bytes }) {
      const facts = { file: name, target: `folder ${folder}` };
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
