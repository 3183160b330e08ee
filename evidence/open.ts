/** Opens the evidence store that an address names: `s3://bucket/prefix`, or a folder. */
import { type BucketOptions, bucketPlace, openEvidenceBucket } from './bucket.ts';
import { type FolderOptions, openEvidenceFolder } from './folder.ts';
import type { EvidenceStore } from './store.ts';

/** @throws EvidenceWriteError, EvidenceUnreachableError */
export async function openEvidence(
  address: string,
  options: FolderOptions & BucketOptions = {},
): Promise<EvidenceStore> {
  const place = bucketPlace(address);
  if (place === null) return openEvidenceFolder(address, folderOptions(options));
  const { now: _, ...bucket } = options;
  return openEvidenceBucket(place, bucket);
}

function folderOptions({ reserveBytes, freeBytes }: FolderOptions): FolderOptions {
  return {
    ...(reserveBytes === undefined ? {} : { reserveBytes }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
  };
}
