/** `kuzet photos`: which photos of a list are one photo, mirrored, cropped or marked as it may be. */
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hexOf, LEAST_DETAIL, type PhotoPrint, printOf } from '../classifiers/duplicates/photo-hash.ts';
import { photoPairs } from '../classifiers/duplicates/photo-pairs.ts';
import { readPixels } from '../classifiers/duplicates/photo-read.ts';
import { FileUnusableError, linesOf, opened } from './classify.ts';
import { type Around, UsageError, type Words } from './command.ts';

/** Photos unpacked at a time. */
const AT_ONCE = 4;

/** @returns 0 when every photo was read, 1 when one or more could not be. */
export async function photosCommand(words: Words, { io, signal }: Around): Promise<number> {
  const [from, to] = [words.text('in'), words.text('out')];
  if (from === undefined || to === undefined) {
    throw new UsageError('photos', 'Give a list of photos and where to write: --in LIST --out PAIRS.');
  }
  const listed: string[] = [];
  for await (const line of linesOf(await opened(from))) if (line.trim() !== '') listed.push(line.trim());
  const prints = new Map<string, PhotoPrint>();
  const bad: string[] = [];
  const waiting = listed.entries();
  const work = async (): Promise<void> => {
    for (const [, name] of waiting) {
      signal.throwIfAborted();
      try {
        prints.set(name, printOf(await readPixels(resolve(dirname(from), name))));
      } catch (cause) {
        bad.push(name);
        io.err(`${name}: ${(cause as Error).message.split('\n')[0]}; left out.`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const names = [...new Set(listed)].filter((name) => prints.has(name));
  const all = names.map((name) => prints.get(name)!);
  const pairs = photoPairs(all);
  await written(
    to,
    pairs.map(({ a, b, bits, edit, score }) =>
      JSON.stringify({ a: names[a], b: names[b], score, bits, edit }),
    ),
  );
  const hashes = words.text('hashes');
  if (hashes !== undefined) {
    await written(
      hashes,
      names.map((name, at) => JSON.stringify({ photo: name, hash: hexOf(all[at]!.hash) })),
    );
  }
  const blank = all.filter((print) => print.detail < LEAST_DETAIL).length;
  const summary = { photos: names.length, bad: bad.length, blank, pairs: pairs.length };
  io.out(
    io.json
      ? JSON.stringify(summary)
      : `${summary.photos} photos, ${summary.pairs} pairs that are one photo. ${blank} show too little to be compared.`,
  );
  return bad.length > 0 ? 1 : 0;
}

async function written(path: string, lines: readonly string[]): Promise<void> {
  try {
    await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  } catch (cause) {
    throw new FileUnusableError(path, 'written', cause);
  }
}
