/** Commands on listings and pairs, which need no store: `kuzet duplicates`, `kuzet pairs` and `kuzet photos`. */
import type { Command } from './command.ts';

export const duplicates: Command = {
  name: 'duplicates',
  usage: '--listings F [--pairs F] [--fields text|text+photo+price|all] --out FOLDER',
  summary: 'Find copied advertisements, stolen photos and rings.',
  about: [
    'Reads listings as NDJSON: id, title, description, category, price, currency, city, attrs, sellerId, phone, ip, device, accountAgeDays, postedAt, photoHashes (256 bits in hex each). Only id is needed; what is missing is not known.',
    'Writes pairs.jsonl {"a","b","score","relation","reasons"}, clusters.jsonl {"id","members","relation","density","actors"}, actors.csv, and a drawing of each of the largest rings. The score is the chance that one advertisement or its photos were copied from the other. Relations, the strongest first: duplicate_ad, same_photo, same_actor, same_template, none.',
    'The machine explains; a person decides. Identical text alone is no proof: honest sellers share short titles, and dealers whole descriptions.',
  ],
  options: [
    { name: 'listings', value: 'F', about: 'The listings.' },
    { name: 'pairs', value: 'F', about: 'Judge these pairs {"a","b"} instead of looking for pairs.' },
    { name: 'fields', value: 'MODE', about: 'What to look at: text, text+photo+price or all (default).' },
    { name: 'model', value: 'F', about: 'Another judge than the one that Kuzet ships.' },
    { name: 'out', value: 'FOLDER', about: 'Where to write.' },
  ],
  examples: [['kuzet duplicates --listings listings.jsonl --out found', 'look through a file']],
  run: async (words, around) => (await import('./duplicates.ts')).duplicatesCommand(words, around),
};

export const pairs: Command = {
  name: 'pairs',
  usage:
    'train --pairs F --model M | score --pairs F --model M --out O | train --listings FOLDER --model M | avito --items F --pairs F',
  summary: 'Learn from labelled pairs, and score new ones.',
  about: [
    'A pair is {"a","b","label"}, where a and b are texts or flat records of the same fields, and label is 0 or 1. Scoring writes {"score"} a line, in order; 0.5 is where F1 was best on pairs held out in training. A bad line is answered {"error"} in its place.',
    'With --listings, trains the judge that "kuzet duplicates" uses; each folder holds listings.jsonl, pairs.jsonl with "kind", and groups.jsonl. Deterministic: the same data gives the same model.',
    'With "avito", judges the pairs of the contest "Avito Duplicate Ads Detection" (Kaggle, 2016) by its own files and tells the area under the curve; photos are not looked at, and Kuzet is not trained on them.',
  ],
  options: [
    { name: 'pairs', value: 'F', about: 'The pairs.' },
    { name: 'model', value: 'M', about: 'The model: written by train, read by score.' },
    { name: 'out', value: 'O', about: 'Where scores are written.' },
    { name: 'items', value: 'F', about: 'ItemInfo_train.csv of the contest.' },
    { name: 'limit', value: 'N', about: 'Of "avito": the first N pairs (default 50,000).' },
    {
      name: 'listings',
      value: 'FOLDER',
      about: 'Labelled listings to train on; may be given again.',
      many: true,
    },
  ],
  examples: [
    ['kuzet pairs train --pairs labelled.jsonl --model m.json', 'learn'],
    ['kuzet pairs score --pairs new.jsonl --model m.json --out scores.jsonl', 'score'],
    ['kuzet pairs avito --items ItemInfo_train.csv --pairs ItemPairs_train.csv', 'the contest'],
  ],
  run: async (words, around) => (await import('./pairs.ts')).pairsCommand(words, around),
};

export const photos: Command = {
  name: 'photos',
  usage: '--in LIST --out PAIRS [--hashes FILE]',
  summary: 'Find photos that are one photo, even mirrored or cropped.',
  about: [
    'LIST names one photo a line, relative to where LIST is. Each line of PAIRS is {"a","b","score","bits","edit"}: bits that differ of 256, and whether the one is the other as it is, mirrored or cropped. Photos that show next to nothing, such as a blank wall, are not compared.',
  ],
  options: [
    { name: 'in', value: 'LIST', about: 'The photos.' },
    { name: 'out', value: 'PAIRS', about: 'Where to write.' },
    {
      name: 'hashes',
      value: 'FILE',
      about: 'Write {"photo","hash"} too: what listings carry in photoHashes.',
    },
  ],
  examples: [['kuzet photos --in photos.txt --out pairs.jsonl', 'look through a list']],
  run: async (words, around) => (await import('./photos.ts')).photosCommand(words, around),
};
