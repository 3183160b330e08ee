/** Puts COUNT blobs of SIZE bytes into the evidence folder FOLDER and prints each name once it is kept. */
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { EvidenceWriteError } from '../../evidence/store.ts';

const [folder = '', count = '1', size = '2000'] = process.argv.slice(2);
const store = await openEvidenceFolder(folder);
for (let at = 0; at < Number(count); at += 1) {
  try {
    console.log(await store.put(Buffer.alloc(Number(size), `blob ${at}`)));
  } catch (error) {
    if (!(error instanceof EvidenceWriteError)) throw error;
    const { code, freeBytes } = error.facts;
    console.log(JSON.stringify({ name: error.name, code, freeBytes }));
  }
}
