import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyReader } from '../../../classifiers/duplicates/keys.ts';
import { pushMeanings } from '../../../classifiers/duplicates/meanings.ts';
import { skeletonBytes } from '../../../classifiers/duplicates/skeleton.ts';
import { meaningOf } from '../../../classifiers/duplicates/vocabulary.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The same in JavaScript, word by word. */
function meaningsOf(text: string): number[] {
  const { bytes, length } = skeletonBytes(text);
  const words = Buffer.from(bytes.slice(0, length)).toString('latin1').split('\u0000');
  return words.filter((word) => word !== '').map(meaningOf);
}

function pushed(text: string, most = 2_048, at = 0): number[] {
  const into = new Int32Array(most).fill(-7);
  const to = pushMeanings(text, into, at);
  expect([...into.slice(0, at), ...into.slice(to)].every((it) => it === -7)).toBe(true);
  return [...into.slice(at, to)];
}

describe('meanings of the words of a text', () => {
  const unit = fc.oneof(
    fc.constantFrom(...'абжщяюьъсстzg12 \n-', '\u200b', '①', '⑩', 'ﬃ', '\ud83d', '5️⃣', 'продам ', 'айфон '),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  );
  const texts = fc.array(unit, { maxLength: 120 }).map((units) => units.join(''));

  test('are those that the skeleton and the vocabulary give', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(pushed(text)).toEqual(meaningsOf(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('go no further than there is room, and begin where they are told to', () => {
    fc.assert(
      fc.property(texts, fc.nat({ max: 12 }), fc.nat({ max: 12 }), (text, most, from) => {
        const at = Math.min(from, most);
        expect(pushed(text, most, at)).toEqual(meaningsOf(text).slice(0, most - at));
      }),
      { numRuns: 500 },
    );
  });

  test('are 2,048 at most, of however long a text, and a short one after it is read alone', () => {
    const long = Array.from({ length: 60_000 }, (_, at) => `слово${at}`).join(' ');
    expect(pushed(long, 5_000)).toEqual(meaningsOf(long.slice(0, 40_000)).slice(0, 2_048));
    expect(pushed(`${' '.repeat(1_000_000)}диван`)).toEqual(meaningsOf('диван'));
    expect(pushed('диван')).toEqual(meaningsOf('диван'));
    expect(pushed('')).toEqual([]);
  });

  test('make signatures that do not change: snapshots hold them', () => {
    const listing = {
      title: 'Велосипед горный Азимут',
      text: 'Рама 19 дюймов, дисковый тормоз, катался одно лето в Караганде, комплект фар',
      phones: [],
      device: null,
      seller: null,
    };
    expect([...keyReader().sketch(listing)]).toEqual([
      -567005853, 303798048, 1169374800, 536981304, 376846096, 1607027216, -1536703502, 1082464472, 744210552,
      386301968, 118467424, 487100808, 956092968, 1997647496, -1789652494, 315275648,
    ]);
  });

  test('are found by what the source makes, to the byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kuzet-assembly-'));
    try {
      const made = join(folder, 'meanings.wasm');
      const [compiler, config] = ['node_modules/assemblyscript/bin/asc.js', 'assembly/asconfig.json'];
      execFileSync(process.execPath, [
        join(root, compiler),
        '--config',
        join(root, 'classifiers/duplicates', config),
        '--outFile',
        made,
      ]);
      const kept = readFileSync(join(root, 'classifiers/duplicates/meanings.wasm'));
      expect(readFileSync(made).equals(kept), 'run "npm run assembly"').toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});
