/** A file that appears under its name only when it is whole and on disk. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

export async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  // A name of its own: two builders at once must not write into one draft.
  const draftFile = `${file}.${randomUUID()}.part`;
  const draft = await open(draftFile, 'wx');
  try {
    await draft.writeFile(bytes);
    await draft.sync();
  } catch (cause) {
    await rm(draftFile, { force: true });
    throw cause;
  } finally {
    await draft.close();
  }
  await rename(draftFile, file);
}
