/**
 * What two listings have in common and in what they differ, as numbers: one row a pair, NaN for what cannot
 * be known. Symmetric: the order of the two does not matter.
 *
 * Rarity weighs everything: two ads that share `пробег` share nothing, two that share a misspelt street do.
 * Numbers are compared by the words beside them, so that `этаж 3` against `этаж 5` counts against.
 */
import type { Frequencies } from './frequencies.ts';
import { photoDistance } from './photo-distance.ts';
import type { PlacedNumber, Profile } from './profile.ts';
import { eachShared, has, overlap } from './sets.ts';
import { isNear, lettersOf, mayBeNear } from './spelling.ts';

/** What a feature is about; `--fields` chooses groups, and reasons are told by group. */
export type FeatureGroup =
  | 'title'
  | 'text'
  | 'numbers'
  | 'contacts'
  | 'photos'
  | 'price'
  | 'fields'
  | 'actor';

const NAMES = [
  ['title.same', 'title'],
  ['title.meanings', 'title'],
  ['title.weighted', 'title'],
  ['title.contained', 'title'],
  ['title.letters', 'title'],
  ['title.common', 'title'],
  ['title.words', 'title'],
  ['text.same', 'text'],
  ['text.exact', 'text'],
  ['text.common', 'text'],
  ['text.meanings', 'text'],
  ['text.weighted', 'text'],
  ['text.contained', 'text'],
  ['text.containedLess', 'text'],
  ['text.letters', 'text'],
  ['text.lettersContained', 'text'],
  ['text.pairs', 'text'],
  ['text.pairsContained', 'text'],
  ['text.pairsRare', 'text'],
  ['text.body', 'text'],
  ['text.soft', 'text'],
  ['text.softContained', 'text'],
  ['text.rarestShared', 'text'],
  ['text.rareShared', 'text'],
  ['text.sharedRarity', 'text'],
  ['text.rarestApart', 'text'],
  ['text.sharedMean', 'text'],
  ['text.apartMean', 'text'],
  ['text.wordsLess', 'text'],
  ['text.wordsRatio', 'text'],
  ['text.run', 'text'],
  ['text.disguise', 'text'],
  ['text.disguiseApart', 'text'],
  ['numbers.shared', 'numbers'],
  ['numbers.jaccard', 'numbers'],
  ['numbers.apartLess', 'numbers'],
  ['numbers.apartMore', 'numbers'],
  ['numbers.agreeBefore', 'numbers'],
  ['numbers.conflictBefore', 'numbers'],
  ['numbers.agreeAfter', 'numbers'],
  ['numbers.conflictAfter', 'numbers'],
  ['numbers.conflictBoth', 'numbers'],
  ['numbers.agreeBoth', 'numbers'],
  ['numbers.conflictShare', 'numbers'],
  ['numbers.titleShared', 'numbers'],
  ['numbers.titleApart', 'numbers'],
  ['numbers.closest', 'numbers'],
  ['numbers.rarestShared', 'numbers'],
  ['numbers.shareOfApart', 'numbers'],
  ['contacts.samePhone', 'contacts'],
  ['contacts.bothHave', 'contacts'],
  ['contacts.oneHas', 'contacts'],
  ['photos.nearest', 'photos'],
  ['photos.secondNearest', 'photos'],
  ['photos.near', 'photos'],
  ['photos.shareNear', 'photos'],
  ['photos.less', 'photos'],
  ['photos.more', 'photos'],
  ['price.ratio', 'price'],
  ['price.same', 'price'],
  ['price.missing', 'price'],
  ['fields.category', 'fields'],
  ['fields.city', 'fields'],
  ['fields.agree', 'fields'],
  ['fields.conflict', 'fields'],
  ['fields.agreeShare', 'fields'],
  ['fields.namesShared', 'fields'],
  ['fields.less', 'fields'],
  ['fields.numberConflict', 'fields'],
  ['fields.close', 'fields'],
  ['actor.seller', 'actor'],
  ['actor.phone', 'actor'],
  ['actor.phoneInText', 'actor'],
  ['actor.device', 'actor'],
  ['actor.ip', 'actor'],
  ['actor.ipCommon', 'actor'],
  ['actor.ages', 'actor'],
  ['actor.youngest', 'actor'],
  ['actor.oldest', 'actor'],
  ['actor.apart', 'actor'],
  ['actor.count', 'actor'],
] as const satisfies readonly (readonly [string, FeatureGroup])[];

export type FeatureName = (typeof NAMES)[number][0];

export const FEATURES: readonly FeatureName[] = NAMES.map(([name]) => name);
export const GROUP_OF: ReadonlyMap<string, FeatureGroup> = new Map(NAMES);

/** Which features a mode of `--fields` may look at. */
export const FIELD_MODES = {
  text: new Set<FeatureGroup>(['title', 'text', 'numbers', 'contacts']),
  'text+photo+price': new Set<FeatureGroup>([
    'title',
    'text',
    'numbers',
    'contacts',
    'photos',
    'price',
    'fields',
  ]),
  all: new Set<FeatureGroup>(['title', 'text', 'numbers', 'contacts', 'photos', 'price', 'fields', 'actor']),
} as const satisfies Readonly<Record<string, ReadonlySet<FeatureGroup>>>;
export type FieldMode = keyof typeof FIELD_MODES;

/** Photos closer than this are one photo recompressed, resized or marked; two others differ in about 128 bits. */
export const SAME_PHOTO_BITS = 31;
/** Cropped or re-photographed; chance brings two different photos this close once in ten million pairs. */
export const NEAR_PHOTO_BITS = 85;

/** Values in the order of `FEATURES`. */
export function pairFeatures(one: Profile, other: Profile, counts: Frequencies): Float32Array {
  const [a, b] = one.id <= other.id ? [one, other] : [other, one];
  const row: Partial<Record<FeatureName, number>> = {};
  titleFeatures(a, b, counts, row);
  textFeatures(a, b, counts, row);
  numberFeatures(a, b, counts, row);
  contactFeatures(a, b, row);
  photoFeatures(a, b, row);
  priceFeatures(a, b, row);
  fieldFeatures(a, b, row);
  actorFeatures(a, b, counts, row);
  return Float32Array.from(FEATURES, (name) => row[name] ?? Number.NaN);
}

type Row = Partial<Record<FeatureName, number>>;

function titleFeatures(a: Profile, b: Profile, counts: Frequencies, row: Row): void {
  const title = overlap(a.titleSet, b.titleSet, counts.rarity);
  const letters = overlap(a.titleGrams, b.titleGrams, equally);
  row['title.same'] = a.titleKey === b.titleKey ? 1 : 0;
  row['title.meanings'] = title.jaccard;
  row['title.weighted'] = title.weighted;
  row['title.contained'] = title.contained;
  row['title.letters'] = letters.jaccard;
  row['title.common'] = Math.log(Math.max(counts.ofTitle(a.titleKey), counts.ofTitle(b.titleKey)));
  row['title.words'] = Math.min(a.titleLength, b.titleLength);
}

function textFeatures(a: Profile, b: Profile, counts: Frequencies, row: Row): void {
  const whole = overlap(a.wholeSet, b.wholeSet, counts.rarity);
  const body = overlap(a.textSet, b.textSet, counts.rarity);
  const letters = overlap(a.wholeGrams, b.wholeGrams, equally);
  const pairs = overlap(a.pairSet, b.pairSet, equally);
  row['text.same'] = a.wholeKey === b.wholeKey ? 1 : 0;
  row['text.exact'] = a.exactKey === b.exactKey ? 1 : 0;
  row['text.common'] = Math.log(Math.max(counts.ofWhole(a.wholeKey), counts.ofWhole(b.wholeKey)));
  row['text.meanings'] = whole.jaccard;
  row['text.weighted'] = whole.weighted;
  row['text.contained'] = whole.contained;
  row['text.containedLess'] = whole.containedLess;
  row['text.letters'] = letters.jaccard;
  row['text.lettersContained'] = letters.contained;
  row['text.pairs'] = pairs.jaccard;
  row['text.pairsContained'] = pairs.contained;
  row['text.body'] = body.weighted;
  let rarePairs = 0;
  eachShared(a.pairSet, b.pairSet, (hash) => {
    const seen = counts.ofPair(hash);
    if (seen <= 12) rarePairs += 1;
  });
  row['text.pairsRare'] = Math.log1p(rarePairs);
  let rarest = 0;
  let rare = 0;
  let shared = 0;
  let sharedSum = 0;
  eachShared(a.wholeSet, b.wholeSet, (hash) => {
    const rarity = counts.rarity(hash);
    rarest = Math.max(rarest, rarity);
    if (rarity > 5) rare += 1;
    shared += 1;
    sharedSum += rarity;
  });
  row['text.rarestShared'] = rarest;
  row['text.rareShared'] = Math.log1p(rare);
  row['text.sharedRarity'] = Math.log1p(sharedSum);
  row['text.sharedMean'] = shared === 0 ? Number.NaN : sharedSum / shared;
  const apartA = apartWords(a, b, counts);
  const apartB = apartWords(b, a, counts);
  const soft = softened(apartA, apartB);
  row['text.soft'] =
    (whole.shared + soft.matched) / Math.max(1e-9, whole.shared + soft.matched + soft.leftA + soft.leftB);
  row['text.softContained'] =
    (whole.shared + soft.matched) /
    Math.max(1e-9, whole.shared + soft.matched + Math.min(soft.leftA, soft.leftB));
  row['text.rarestApart'] = Math.min(soft.rarestA, soft.rarestB);
  const apart = apartA.length + apartB.length;
  row['text.apartMean'] =
    apart === 0 ? Number.NaN : [...apartA, ...apartB].reduce((sum, word) => sum + word.rarity, 0) / apart;
  const [less, more] = ordered(a.words.length, b.words.length);
  row['text.wordsLess'] = Math.log1p(less);
  row['text.wordsRatio'] = more === 0 ? 1 : less / more;
  row['text.run'] = longestRun(a.meanings, b.meanings) / Math.max(1, less);
  const [masked, unmasked] = [disguise(a), disguise(b)];
  row['text.disguise'] = Math.log1p(Math.max(masked, unmasked));
  row['text.disguiseApart'] = Math.abs(Math.log1p(masked) - Math.log1p(unmasked));
}

function disguise({ disguise: { invisible, mixed, pictures } }: Profile): number {
  return invisible + mixed + pictures;
}

interface Apart {
  readonly word: string;
  readonly rarity: number;
  readonly isNumber: boolean;
}

/** Distinct words of one that the other lacks. */
function apartWords(a: Profile, b: Profile, counts: Frequencies): Apart[] {
  const seen = new Set<number>();
  const apart: Apart[] = [];
  for (let at = 0; at < a.words.length; at += 1) {
    const hash = a.meanings[at]!;
    if (seen.has(hash) || has(b.wholeSet, hash)) continue;
    seen.add(hash);
    const word = a.words[at]!;
    apart.push({ word, rarity: counts.rarity(hash), isNumber: word.charCodeAt(0) <= 57 });
  }
  return apart;
}

/** So many of the rarest words apart are compared letter by letter. */
const MOST_SOFT = 32;

/** Words apart that are one word misspelt are taken together, the rarest first. */
function softened(a: readonly Apart[], b: readonly Apart[]) {
  let [leftA, leftB] = [0, 0];
  for (const word of a) leftA += word.rarity;
  for (const word of b) leftB += word.rarity;
  let matched = 0;
  const rarest = (words: readonly Apart[]) =>
    [...words]
      .filter((word) => !word.isNumber && word.word.length > 2)
      .sort((x, y) => y.rarity - x.rarity)
      .slice(0, MOST_SOFT);
  const free = rarest(b);
  const letters = new Map([...free].map((word) => [word, lettersOf(word.word)]));
  const taken = new Set<Apart>();
  for (const one of rarest(a)) {
    const own = lettersOf(one.word);
    const at = free.findIndex(
      (other) => mayBeNear(one.word, own, other.word, letters.get(other)!) && isNear(one.word, other.word),
    );
    if (at < 0) continue;
    const [other] = free.splice(at, 1);
    taken.add(one).add(other!);
    leftA -= one.rarity;
    leftB -= other!.rarity;
    matched += Math.min(one.rarity, other!.rarity);
  }
  const top = (words: readonly Apart[]) =>
    words.reduce((most, word) => (taken.has(word) ? most : Math.max(most, word.rarity)), 0);
  return { matched, leftA: Math.max(0, leftA), leftB: Math.max(0, leftB), rarestA: top(a), rarestB: top(b) };
}

function numberFeatures(a: Profile, b: Profile, counts: Frequencies, row: Row): void {
  const setA = distinct(a.numbers);
  const setB = distinct(b.numbers);
  const shared = [...setA.keys()].filter((value) => setB.has(value));
  const apartA = [...setA.keys()].filter((value) => !setB.has(value));
  const apartB = [...setB.keys()].filter((value) => !setA.has(value));
  const [less, more] = ordered(apartA.length, apartB.length);
  const all = shared.length + less + more;
  row['numbers.shared'] = shared.length;
  row['numbers.jaccard'] = all === 0 ? Number.NaN : shared.length / all;
  row['numbers.apartLess'] = less;
  row['numbers.apartMore'] = more;
  const before = agreement(a.numbers, b.numbers, (number) => number.before);
  const after = agreement(a.numbers, b.numbers, (number) => number.after);
  const both = agreement(a.numbers, b.numbers, (number) =>
    number.before === 0 || number.after === 0 ? 0 : Math.imul(number.before, 31) + number.after,
  );
  row['numbers.agreeBefore'] = before.agree;
  row['numbers.conflictBefore'] = before.conflict;
  row['numbers.agreeAfter'] = after.agree;
  row['numbers.conflictAfter'] = after.conflict;
  row['numbers.agreeBoth'] = both.agree;
  row['numbers.conflictBoth'] = both.conflict;
  const placed = before.agree + before.conflict + after.agree + after.conflict;
  row['numbers.conflictShare'] = placed === 0 ? Number.NaN : (before.conflict + after.conflict) / placed;
  const titleA = distinct(a.numbers.filter((number) => number.isInTitle));
  const titleB = distinct(b.numbers.filter((number) => number.isInTitle));
  const titleShared = [...titleA.keys()].filter((value) => titleB.has(value)).length;
  row['numbers.titleShared'] = titleShared;
  row['numbers.titleApart'] = Math.min(titleA.size, titleB.size) - titleShared;
  row['numbers.closest'] = closest(apartA, apartB);
  row['numbers.rarestShared'] = shared.reduce(
    (most, value) => Math.max(most, counts.rarity(setA.get(value)!)),
    0,
  );
  let words = 0;
  for (const hash of a.wholeSet) if (!has(b.wholeSet, hash)) words += 1;
  for (const hash of b.wholeSet) if (!has(a.wholeSet, hash)) words += 1;
  row['numbers.shareOfApart'] = words === 0 ? 0 : (apartA.length + apartB.length) / words;
}

/** Value -> its hash as a word. */
function distinct(numbers: readonly PlacedNumber[]): Map<number, number> {
  return new Map(numbers.map((number) => [number.value, number.hash]));
}

/** Of words that stand beside a number in both: how often one of the numbers is the same, how often none is. */
function agreement(
  a: readonly PlacedNumber[],
  b: readonly PlacedNumber[],
  beside: (number: PlacedNumber) => number,
): { agree: number; conflict: number } {
  const valuesB = new Map<number, Set<number>>();
  for (const number of b) {
    const word = beside(number);
    if (word === 0) continue;
    const values = valuesB.get(word);
    if (values === undefined) valuesB.set(word, new Set([number.value]));
    else values.add(number.value);
  }
  const verdicts = new Map<number, boolean>();
  for (const number of a) {
    const word = beside(number);
    const values = word === 0 ? undefined : valuesB.get(word);
    if (values === undefined) continue;
    verdicts.set(word, (verdicts.get(word) ?? false) || values.has(number.value));
  }
  let agree = 0;
  for (const isSame of verdicts.values()) if (isSame) agree += 1;
  return { agree, conflict: verdicts.size - agree };
}

/** Mean relative difference of numbers apart, each with the nearest of the other; NaN when either has none. */
function closest(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return Number.NaN;
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  let sum = 0;
  for (const value of few) {
    let best = 1;
    for (const other of many) {
      best = Math.min(best, Math.abs(value - other) / Math.max(value, other, 1e-9));
    }
    sum += best;
  }
  return sum / few.length;
}

function contactFeatures(a: Profile, b: Profile, row: Row): void {
  const phonesA = new Set(a.phonesInText.map((phone) => phone.e164));
  const phonesB = new Set(b.phonesInText.map((phone) => phone.e164));
  row['contacts.samePhone'] = [...phonesA].some((phone) => phonesB.has(phone)) ? 1 : 0;
  row['contacts.bothHave'] = phonesA.size > 0 && phonesB.size > 0 ? 1 : 0;
  row['contacts.oneHas'] = phonesA.size > 0 || phonesB.size > 0 ? 1 : 0;
}

function photoFeatures(a: Profile, b: Profile, row: Row): void {
  const [few, many] = a.photos.length <= b.photos.length ? [a.photos, b.photos] : [b.photos, a.photos];
  row['photos.less'] = few.length;
  row['photos.more'] = many.length;
  if (few.length === 0) return;
  const distances = few
    .map((photo) => many.reduce((best, other) => Math.min(best, photoDistance(photo, other)), 256))
    .sort((x, y) => x - y);
  const near = distances.filter((distance) => distance <= NEAR_PHOTO_BITS).length;
  row['photos.nearest'] = distances[0]!;
  row['photos.secondNearest'] = distances[1] ?? Number.NaN;
  row['photos.near'] = near;
  row['photos.shareNear'] = near / few.length;
}

function priceFeatures(a: Profile, b: Profile, row: Row): void {
  row['price.missing'] = (a.price === null ? 1 : 0) + (b.price === null ? 1 : 0);
  if (a.price === null || b.price === null) return;
  const ratio = Math.abs(Math.log(a.price / b.price));
  row['price.ratio'] = Math.min(5, ratio);
  row['price.same'] = a.price === b.price ? 1 : 0;
}

function fieldFeatures(a: Profile, b: Profile, row: Row): void {
  row['fields.category'] = sameness(a.category, b.category);
  row['fields.city'] = sameness(a.city, b.city);
  row['fields.less'] = Math.min(a.attributes.size, b.attributes.size);
  let agree = 0;
  let conflict = 0;
  let numberConflict = 0;
  let close = 0;
  for (const [name, value] of a.attributes) {
    const other = b.attributes.get(name);
    if (other === undefined) continue;
    if (other === value) {
      agree += 1;
      continue;
    }
    conflict += 1;
    if (/\d/.test(value) && /\d/.test(other)) numberConflict += 1;
    if (value.length === other.length && isOneLetterApart(value, other)) close += 1;
  }
  row['fields.agree'] = agree;
  row['fields.conflict'] = conflict;
  row['fields.numberConflict'] = numberConflict;
  row['fields.close'] = close;
  row['fields.namesShared'] = agree + conflict;
  row['fields.agreeShare'] = agree + conflict === 0 ? Number.NaN : agree / (agree + conflict);
}

function isOneLetterApart(a: string, b: string): boolean {
  let apart = 0;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) apart += 1;
  return apart === 1;
}

function actorFeatures(a: Profile, b: Profile, counts: Frequencies, row: Row): void {
  row['actor.seller'] = evidence(a.seller, b.seller, counts.ofSeller);
  row['actor.phone'] = evidence(a.phone, b.phone, counts.ofPhone);
  row['actor.device'] = evidence(a.device, b.device, counts.ofDevice);
  row['actor.ip'] = evidence(a.ip, b.ip, counts.ofIp);
  row['actor.ipCommon'] =
    a.ip === null || b.ip === null ? Number.NaN : Math.log(Math.max(counts.ofIp(a.ip), counts.ofIp(b.ip)));
  row['actor.phoneInText'] = mentions(a, b) || mentions(b, a) ? 1 : 0;
  row['actor.count'] =
    (isSame(a.seller, b.seller) ? 1 : 0) +
    (isSame(a.phone, b.phone) ? 1 : 0) +
    (isSame(a.device, b.device) ? 1 : 0) +
    (isSame(a.ip, b.ip) ? 1 : 0);
  if (a.accountAgeDays !== null && b.accountAgeDays !== null) {
    const [young, old] = ordered(a.accountAgeDays, b.accountAgeDays);
    row['actor.youngest'] = Math.log1p(Math.max(0, young));
    row['actor.oldest'] = Math.log1p(Math.max(0, old));
    row['actor.ages'] = young === old ? 1 : 0;
  }
  if (a.postedAt !== null && b.postedAt !== null) {
    row['actor.apart'] = Math.log1p(Math.abs(a.postedAt - b.postedAt) / 3600);
  }
}

function mentions(a: Profile, b: Profile): boolean {
  return b.phone !== null && a.phone !== b.phone && a.phonesInText.some((phone) => phone.e164 === b.phone);
}

/** 0 when they differ, else more the fewer listings have the value, at most 1. */
function evidence(a: string | null, b: string | null, count: (value: string | null) => number): number {
  if (a === null || b === null) return Number.NaN;
  return a === b ? 1 / (1 + Math.log(Math.max(1, count(a) - 1))) : 0;
}

function isSame(a: string | null, b: string | null): boolean {
  return a !== null && a === b;
}

function sameness(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number.NaN;
  return a === b ? 1 : 0;
}

const equally = (): number => 1;

/** Words in the longest run that both have. */
function longestRun(a: Int32Array, b: Int32Array): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const width = Math.min(short.length, 600);
  let previous = new Uint16Array(width + 1);
  let current = new Uint16Array(width + 1);
  let best = 0;
  for (let i = 0; i < Math.min(long.length, 600); i += 1) {
    const word = long[i]!;
    for (let j = 0; j < width; j += 1) {
      const run = short[j] === word ? previous[j]! + 1 : 0;
      current[j + 1] = run;
      if (run > best) best = run;
    }
    [previous, current] = [current, previous];
  }
  return best;
}

function ordered(a: number, b: number): [less: number, more: number] {
  return a <= b ? [a, b] : [b, a];
}
