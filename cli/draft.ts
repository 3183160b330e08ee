/** Files that appear under their names only when they are whole. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';

export interface Draft {
  readonly file: FileHandle;
  /** Everything is on the disk, and the file has its name. */
  keep(): Promise<void>;
  drop(): Promise<void>;
}

export async function draftOf(path: string): Promise<Draft> {
  const draft = `${path}.part`;
  const file = await open(draft, 'w');
  return {
    file,
    async keep() {
      await file.sync();
      await file.close();
      await rename(draft, path);
    },
    async drop() {
      await file.close();
      await rm(draft, { force: true });
    },
  };
}

/** @returns how many pieces and bytes were written. When the pieces fail, nothing of the file is left. */
export async function writeWhole(
  path: string,
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<{ readonly pieces: number; readonly bytes: number }> {
  const draft = await draftOf(path);
  let count = 0;
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      await draft.file.writeFile(piece);
      count += 1;
      bytes += Buffer.byteLength(piece);
    }
  } catch (cause) {
    await draft.drop();
    throw cause;
  }
  await draft.keep();
  return { pieces: count, bytes };
}

/** Pieces that came as base64. */
export async function* decoded(chunks: AsyncIterable<{ readonly chunk: string }>): AsyncGenerator<Buffer> {
  for await (const { chunk } of chunks) yield Buffer.from(chunk, 'base64');
}

export async function* asLines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}
