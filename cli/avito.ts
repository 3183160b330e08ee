/**
 * `kuzet pairs avito`: the judge on the labelled pairs of the contest "Avito Duplicate Ads Detection" (Kaggle, 2016),
 * by the files that the contest gave out: what it says is the area under the curve that the contest was ranked by.
 *
 *     ItemInfo_train.csv    itemID, categoryID, title, description, images_array, attrsJSON, price, locationID, …
 *     ItemPairs_train.csv   itemID_1, itemID_2, isDuplicate, generationMethod
 *
 * Photos are not looked at: the files name them, and hold hashes of none. The judge was not trained on these pairs.
 */
import { FIELD_MODES } from '../classifiers/duplicates/features.ts';
import { matcher } from '../classifiers/duplicates/matcher.ts';
import { loadPairModel } from '../classifiers/duplicates/pair-model.ts';
import { type Profile, profileOf } from '../classifiers/duplicates/profile.ts';
import { auc } from '../classifiers/measure.ts';
import type { Listing } from '../domain/listing.ts';
import { csvRows } from '../exports/receipts.ts';
import { needed } from './cases.ts';
import { linesOf, opened } from './classify.ts';
import { type Around, numberIn, UsageError, type Words } from './command.ts';

/** Profiles of both sides of so many pairs fit into memory. */
const PAIRS = 50_000;

/** @returns 0; 1 when items of pairs were missing. */
export async function avitoCommand(words: Words, { io, signal }: Around): Promise<number> {
  const items = needed(words, 'pairs', 'items');
  const given = needed(words, 'pairs', 'pairs');
  const limit = numberIn(words, 'pairs', 'limit', { least: 1, most: 10_000_000, whole: true }) ?? PAIRS;
  const pairs = await readPairs(given, limit);
  const wanted = new Set(pairs.flatMap(({ a, b }) => [a, b]));
  const engine = matcher({ model: loadPairModel(words.text('model')), fields: 'text+photo+price' });
  const profiles = new Map<string, Profile>();
  for await (const row of csvRecords(items, ['itemID', 'title', 'description'])) {
    signal.throwIfAborted();
    const id = row['itemID']!;
    if (!wanted.has(id)) continue;
    const profile = profileOf(listingOf(row), id);
    engine.count(profile);
    profiles.set(id, profile);
  }
  const scored = pairs.flatMap(({ a, b, isOne }) => {
    const [one, other] = [profiles.get(a), profiles.get(b)];
    return one === undefined || other === undefined
      ? []
      : [{ score: engine.judge(one, other).score, isBad: isOne }];
  });
  const missing = pairs.length - scored.length;
  const told = {
    pairs: scored.length,
    missing,
    auc: auc(scored),
    fields: [...FIELD_MODES['text+photo+price']],
  };
  io.out(
    io.json
      ? JSON.stringify(told)
      : `${told.pairs} pairs judged without their photos: AUC ${told.auc.toFixed(4)}. ${missing} pairs have an item that is not there.`,
  );
  return missing > 0 ? 1 : 0;
}

async function readPairs(path: string, limit: number): Promise<{ a: string; b: string; isOne: boolean }[]> {
  const pairs: { a: string; b: string; isOne: boolean }[] = [];
  for await (const row of csvRecords(path, ['itemID_1', 'itemID_2', 'isDuplicate'])) {
    pairs.push({ a: row['itemID_1']!, b: row['itemID_2']!, isOne: row['isDuplicate'] === '1' });
    if (pairs.length === limit) break;
  }
  return pairs;
}

function listingOf(row: Readonly<Record<string, string>>): Listing {
  const price = Number(row['price']);
  return {
    id: row['itemID']!,
    url: '',
    title: row['title'] ?? '',
    text: row['description'] ?? '',
    price: row['price'] === '' || !Number.isFinite(price) ? null : price,
    currency: 'RUB',
    category: row['categoryID'] || null,
    city: row['locationID'] || null,
    seller: null,
    phone: null,
    images: [],
    postedAt: null,
    attributes: attributesOf(row['attrsJSON'] ?? ''),
  };
}

function attributesOf(json: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, String(it)]));
  } catch {
    // An empty cell, or one that the contest's own file cut short, tells nothing.
    return {};
  }
}

/** Records of a CSV file of any size, whose cells may go over several lines, by the names of its header. */
async function* csvRecords(path: string, must: readonly string[]): AsyncGenerator<Record<string, string>> {
  let header: string | null = null;
  let names: readonly string[] = [];
  let record = '';
  for await (const line of linesOf(await opened(path))) {
    record = record === '' ? line : `${record}\n${line}`;
    // A cell is open as long as its quotes are uneven.
    if ((record.split('"').length - 1) % 2 === 1) continue;
    if (header === null) {
      header = record.replace(/^\ufeff/, '');
      names = csvRows(header)[0]!;
      const missing = must.find((name) => !names.includes(name));
      if (missing !== undefined) throw new UsageError('pairs', `${path} has no column "${missing}".`);
    } else if (record !== '') {
      const cells = csvRows(`${header}\n${record}`)[1]!;
      yield Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
    }
    record = '';
  }
}
