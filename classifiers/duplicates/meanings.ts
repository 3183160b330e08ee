/**
 * Meanings of the words of a text: what a signature, and every key of a listing's words, is made of.
 *
 * This runs for every letter of every listing there is, so the loop over letters is WebAssembly: the way to a letter of
 * a string takes JavaScript as long as all that is done with it. `assembly/meanings.ts` is its source, `npm run assembly`
 * makes `meanings.wasm` of it, and what runs needs no compiler.
 */
import { readFileSync } from 'node:fs';
import { unitTable } from './skeleton.ts';
import { meaningTable } from './vocabulary.ts';

/** What `assembly/meanings.ts` exports; addresses are bytes from the start of its memory. */
interface Assembly {
  readonly memory: WebAssembly.Memory;
  readonly UNITS: WebAssembly.Global<'i32'>;
  readonly MEANINGS: WebAssembly.Global<'i32'>;
  readonly WORDS: WebAssembly.Global<'i32'>;
  readonly TEXT: WebAssembly.Global<'i32'>;
  read(length: number, most: number): number;
}

/** Where a text goes in and its words come out. */
interface Room {
  readonly assembly: Assembly;
  readonly read: Assembly['read'];
  readonly letters: Buffer;
  readonly words: Int32Array;
}

let room: Room | null = null;

/**
 * Writes the meanings of all words in order into `into`, from `at` on, and returns where they end: at the end of `into`
 * at the latest, and after 2,048 words. The same as `meaningOf` of each word that `skeletonBytes` gives.
 */
export function pushMeanings(text: string, into: Int32Array, at: number): number {
  if (room === null || room.letters.length < 2 * text.length) room = roomFor(text.length);
  const { read, letters, words } = room;
  // All four are said, since Node takes longer to find out what was left out than to write a title.
  letters.write(text, 0, 2 * text.length, 'utf16le');
  const count = read(text.length, Math.min(words.length, into.length - at));
  for (let i = 0; i < count; i += 1) into[at + i] = words[i]!;
  return at + count;
}

/** Memory moves when it grows, so that all that looks into it is made anew. */
function roomFor(length: number): Room {
  const assembly = room?.assembly ?? load();
  const { memory, WORDS, TEXT } = assembly;
  const lacking = TEXT.value + 2 * length - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
  return {
    assembly,
    // Taken out of the exports, where V8 would look it up by name at each call.
    read: assembly.read,
    letters: Buffer.from(memory.buffer, TEXT.value),
    words: new Int32Array(memory.buffer, WORDS.value, (TEXT.value - WORDS.value) / 4),
  };
}

/** What memory grows by. */
const PAGE = 65_536;

function load(): Assembly {
  const module = new WebAssembly.Module(readFileSync(new URL('meanings.wasm', import.meta.url)));
  const assembly = new WebAssembly.Instance(module).exports as unknown as Assembly;
  const memory = new Uint32Array(assembly.memory.buffer);
  memory.set(unitTable(), assembly.UNITS.value / 4);
  memory.set(meaningTable(), assembly.MEANINGS.value / 4);
  return assembly;
}
