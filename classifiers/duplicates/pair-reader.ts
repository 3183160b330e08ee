/**
 * What two listings have in common and in what they differ, as numbers: one row a pair, NaN for what cannot
 * be known. Symmetric: the order of the two does not matter.
 *
 * Rarity weighs everything: two ads that share `пробег` share nothing, two that share a misspelt street do.
 * Numbers are compared by the words beside them, so that `этаж 3` against `этаж 5` counts against.
 *
 * One listing is mostly compared with many: it is opened once (its sets laid out, the rarity of its words looked up), and
 * each of the others costs about what it is long.
 */
import { FEATURES, NEAR_PHOTO_BITS, placeOf } from './features.ts';
import type { Frequencies } from './frequencies.ts';
import { runFinder } from './longest-run.ts';
import { photoDistance } from './photo-distance.ts';
import { agreement, numbersShared } from './placed-numbers.ts';
import { IN_TEXT, IN_TITLE, type Profile } from './profile.ts';
import { openedSet } from './sets.ts';
import { type ApartWords, apartWords, softened } from './soft-words.ts';

/** Keeps its scratch space between calls. */
export interface PairReader {
  /** Values in the order of `FEATURES`; good until the next call. Cheapest when one of the two was in the call before. */
  read(one: Profile, other: Profile): Float32Array;
}

/** The row of one pair, by the counts as they are now. */
export function pairFeatures(one: Profile, other: Profile, counts: Frequencies): Float32Array {
  return pairReader(counts).read(one, other);
}

/** A pair of words in at most so many listings is rare. */
const RARE_PAIR = 12;
/** Of a rare word, ln of listings a listing that has it. */
const RARE_WORD = 5;

/** Numbers of pairs, before they begin again: as many as leave two bits of a word. */
const MOST_PAIRS = 2 ** 29 - 1;

export function pairReader(counts: Frequencies): PairReader {
  const row = new Float32Array(FEATURES.length);
  const whole = openedSet();
  const pairs = openedSet();
  const titleGrams = openedSet();
  const wholeGrams = openedSet();
  const runs = runFinder();
  let opened: Profile | null = null;
  let openedAt = -1;
  // Of every word of the opened listing: its rarity, and `pair` << 2 with the other's parts when the other has it too.
  let rarities = new Float64Array(256);
  let seen = new Int32Array(256);
  let pair = 0;
  // Of every word of the other: its rarity, and its place in the opened listing or -1.
  let otherRarities = new Float64Array(256);
  let placeIn = new Int32Array(256);
  const apartOpened = apartWords();
  const apartOther = apartWords();

  const open = (it: Profile): void => {
    if (opened === it && openedAt === counts.changes()) return;
    opened = it;
    openedAt = counts.changes();
    const { wholeSet } = it;
    whole.open(wholeSet);
    pairs.open(it.pairSet);
    titleGrams.open(it.titleGrams);
    wholeGrams.open(it.wholeGrams);
    runs.open(it.places, wholeSet.length);
    if (rarities.length < wholeSet.length) {
      rarities = new Float64Array(2 * wholeSet.length);
      seen = new Int32Array(2 * wholeSet.length);
    }
    for (let at = 0; at < wholeSet.length; at += 1) rarities[at] = counts.rarity(wholeSet[at]!);
  };

  /** Title, text and the whole, in one pass over the words of each. @param isFirst the opened one comes first by id. */
  const readWords = (it: Profile, other: Profile, isFirst: boolean): void => {
    if (placeIn.length < other.wholeSet.length) {
      placeIn = new Int32Array(2 * other.wholeSet.length);
      otherRarities = new Float64Array(2 * other.wholeSet.length);
    }
    pair = pair === MOST_PAIRS ? 1 : pair + 1;
    if (pair === 1) seen.fill(0);
    const [own, others, ownParts, otherParts] = [it.wholeSet, other.wholeSet, it.parts, other.parts];
    let [both, titleBoth, sum, titleSum, textSum] = [0, 0, 0, 0, 0];
    let [otherSum, titleOtherSum, textOtherSum] = [0, 0, 0];
    let [rarest, rare] = [0, 0];
    for (let at = 0; at < others.length; at += 1) {
      const parts = otherParts[at]!;
      const place = whole.placeOf(others[at]!);
      placeIn[at] = place;
      let sharedParts = 0;
      let rarity = 0;
      if (place >= 0) {
        rarity = rarities[place]!;
        seen[place] = (pair << 2) | parts;
        sharedParts = parts & ownParts[place]!;
        both += 1;
        sum += rarity;
        rarest = Math.max(rarest, rarity);
        if (rarity > RARE_WORD) rare += 1;
      } else {
        rarity = counts.rarity(others[at]!);
        otherRarities[at] = rarity;
        otherSum += rarity;
      }
      if ((sharedParts & IN_TITLE) !== 0) {
        titleBoth += 1;
        titleSum += rarity;
      } else if ((parts & IN_TITLE) !== 0) titleOtherSum += rarity;
      if ((sharedParts & IN_TEXT) !== 0) textSum += rarity;
      else if ((parts & IN_TEXT) !== 0) textOtherSum += rarity;
    }
    let [ownSum, titleOwnSum, textOwnSum] = [0, 0, 0];
    for (let at = 0; at < own.length; at += 1) {
      const isSeen = seen[at]! >> 2 === pair;
      const left = ownParts[at]! & ~(isSeen ? seen[at]! & 3 : 0);
      const rarity = rarities[at]!;
      if (!isSeen) ownSum += rarity;
      if ((left & IN_TITLE) !== 0) titleOwnSum += rarity;
      if ((left & IN_TEXT) !== 0) textOwnSum += rarity;
    }
    const [onlyA, onlyB] = isFirst ? [ownSum, otherSum] : [otherSum, ownSum];
    if (it.titleCount > 0 && other.titleCount > 0) {
      const [first, second] = isFirst ? [titleOwnSum, titleOtherSum] : [titleOtherSum, titleOwnSum];
      row[TITLE.meanings] = titleBoth / (it.titleCount + other.titleCount - titleBoth);
      row[TITLE.weighted] = titleSum / Math.max(1e-9, titleSum + first + second);
      row[TITLE.contained] = titleSum / Math.max(1e-9, titleSum + Math.min(first, second));
    }
    if (it.textCount > 0 && other.textCount > 0) {
      const [first, second] = isFirst ? [textOwnSum, textOtherSum] : [textOtherSum, textOwnSum];
      row[TEXT.body] = textSum / Math.max(1e-9, textSum + first + second);
    }
    if (own.length > 0 && others.length > 0) {
      row[TEXT.meanings] = both / (own.length + others.length - both);
      row[TEXT.weighted] = sum / Math.max(1e-9, sum + onlyA + onlyB);
      row[TEXT.contained] = sum / Math.max(1e-9, sum + Math.min(onlyA, onlyB));
      row[TEXT.containedLess] = sum / Math.max(1e-9, sum + Math.max(onlyA, onlyB));
    }
    row[TEXT.rarestShared] = rarest;
    row[TEXT.rareShared] = Math.log1p(rare);
    row[TEXT.sharedRarity] = Math.log1p(sum);
    if (both > 0) row[TEXT.sharedMean] = sum / both;
    readApart(it, other, isFirst, sum);
    readNumbers(it, other, isFirst, own.length + others.length - 2 * both);
    const [less, more] = ordered(it.length, other.length);
    row[TEXT.wordsLess] = Math.log1p(less);
    row[TEXT.wordsRatio] = more === 0 ? 1 : less / more;
    row[TEXT.run] = (both === 0 ? 0 : runs.longest(other.places, placeIn)) / Math.max(1, less);
  };

  /** Words that one of them has alone. @param shared rarity of the words of both. */
  const readApart = (it: Profile, other: Profile, isFirst: boolean, shared: number): void => {
    apartOpened.count = 0;
    for (let at = 0; at < it.spelled.length; at += 1) {
      const place = it.spelledAt[at]!;
      if (seen[place]! >> 2 !== pair) push(apartOpened, it, at, rarities[place]!);
    }
    apartOther.count = 0;
    for (let at = 0; at < other.spelled.length; at += 1) {
      const place = other.spelledAt[at]!;
      if (placeIn[place]! < 0) push(apartOther, other, at, otherRarities[place]!);
    }
    const [a, b] = isFirst ? [apartOpened, apartOther] : [apartOther, apartOpened];
    const apart = a.count + b.count;
    if (apart > 0) {
      let sum = 0;
      for (let at = 0; at < a.count; at += 1) sum += a.rarities[at]!;
      for (let at = 0; at < b.count; at += 1) sum += b.rarities[at]!;
      row[TEXT.apartMean] = sum / apart;
    }
    const { matched, leftA, leftB, rarestA, rarestB } = softened(a, b);
    row[TEXT.soft] = (shared + matched) / Math.max(1e-9, shared + matched + leftA + leftB);
    row[TEXT.softContained] = (shared + matched) / Math.max(1e-9, shared + matched + Math.min(leftA, leftB));
    row[TEXT.rarestApart] = Math.min(rarestA, rarestB);
  };

  let rarestNumber = 0;
  const seeNumber = (hash: number): void => {
    rarestNumber = Math.max(rarestNumber, counts.rarity(hash));
  };

  /** @param words how many words one of them has alone. */
  const readNumbers = (it: Profile, other: Profile, isFirst: boolean, words: number): void => {
    const [a, b] = isFirst ? [it.numbers, other.numbers] : [other.numbers, it.numbers];
    rarestNumber = 0;
    const { shared, titleShared, apartA, apartB, closest } = numbersShared(a, b, seeNumber);
    const [less, more] = ordered(apartA, apartB);
    const all = shared + less + more;
    row[NUMBERS.shared] = shared;
    if (all > 0) row[NUMBERS.jaccard] = shared / all;
    row[NUMBERS.apartLess] = less;
    row[NUMBERS.apartMore] = more;
    const before = agreement(a.before, b.before);
    const after = agreement(a.after, b.after);
    const both = agreement(a.both, b.both);
    row[NUMBERS.agreeBefore] = before.agree;
    row[NUMBERS.conflictBefore] = before.conflict;
    row[NUMBERS.agreeAfter] = after.agree;
    row[NUMBERS.conflictAfter] = after.conflict;
    row[NUMBERS.agreeBoth] = both.agree;
    row[NUMBERS.conflictBoth] = both.conflict;
    const placed = before.agree + before.conflict + after.agree + after.conflict;
    if (placed > 0) row[NUMBERS.conflictShare] = (before.conflict + after.conflict) / placed;
    row[NUMBERS.titleShared] = titleShared;
    row[NUMBERS.titleApart] = Math.min(a.titleCount, b.titleCount) - titleShared;
    row[NUMBERS.closest] = closest;
    row[NUMBERS.rarestShared] = rarestNumber;
    row[NUMBERS.shareOfApart] = words === 0 ? 0 : (apartA + apartB) / words;
  };

  const readRuns = (it: Profile, other: Profile): void => {
    if (it.titleGrams.length > 0 && other.titleGrams.length > 0) {
      const both = titleGrams.shared(other.titleGrams);
      row[TITLE.letters] = both / (it.titleGrams.length + other.titleGrams.length - both);
    }
    if (it.wholeGrams.length > 0 && other.wholeGrams.length > 0) {
      const both = wholeGrams.shared(other.wholeGrams);
      row[TEXT.letters] = both / (it.wholeGrams.length + other.wholeGrams.length - both);
      row[TEXT.lettersContained] = both / Math.min(it.wholeGrams.length, other.wholeGrams.length);
    }
    let both = 0;
    let rare = 0;
    for (let at = 0; at < other.pairSet.length; at += 1) {
      const hash = other.pairSet[at]!;
      if (pairs.placeOf(hash) < 0) continue;
      both += 1;
      if (counts.ofPair(hash) <= RARE_PAIR) rare += 1;
    }
    if (it.pairSet.length > 0 && other.pairSet.length > 0) {
      row[TEXT.pairs] = both / (it.pairSet.length + other.pairSet.length - both);
      row[TEXT.pairsContained] = both / Math.min(it.pairSet.length, other.pairSet.length);
    }
    row[TEXT.pairsRare] = Math.log1p(rare);
  };

  return {
    read(one, other) {
      // Who is compared with many mostly comes second.
      const [own, it] = one === opened ? [one, other] : [other, one];
      const isFirst = own === one ? one.id <= other.id : other.id < one.id;
      open(own);
      row.fill(Number.NaN);
      readWords(own, it, isFirst);
      readRuns(own, it);
      readKeys(own, it, counts, row);
      readContacts(own, it, row);
      readPhotos(isFirst ? own.photos : it.photos, isFirst ? it.photos : own.photos, row);
      readPrices(isFirst ? own.price : it.price, isFirst ? it.price : own.price, row);
      readFields(own, it, row);
      readActors(own, it, counts, row);
      return row;
    },
  };
}

function push(into: ApartWords, { spelled, outlines }: Profile, at: number, rarity: number): void {
  const { count } = into;
  into.words[count] = spelled[at]!;
  into.outlines[count] = outlines[at]!;
  into.rarities[count] = rarity;
  into.count = count + 1;
}

function readKeys(a: Profile, b: Profile, counts: Frequencies, row: Float32Array): void {
  row[TITLE.same] = a.titleKey === b.titleKey ? 1 : 0;
  row[TITLE.common] = Math.log(Math.max(counts.ofTitle(a.titleKey), counts.ofTitle(b.titleKey)));
  row[TITLE.words] = Math.min(a.titleLength, b.titleLength);
  row[TEXT.same] = a.wholeKey === b.wholeKey ? 1 : 0;
  row[TEXT.exact] = a.exactKey === b.exactKey ? 1 : 0;
  row[TEXT.common] = Math.log(Math.max(counts.ofWhole(a.wholeKey), counts.ofWhole(b.wholeKey)));
  const [masked, unmasked] = [disguise(a), disguise(b)];
  row[TEXT.disguise] = Math.log1p(Math.max(masked, unmasked));
  row[TEXT.disguiseApart] = Math.abs(Math.log1p(masked) - Math.log1p(unmasked));
}

function disguise({ disguise: { invisible, mixed, pictures } }: Profile): number {
  return invisible + mixed + pictures;
}

function readContacts({ phonesInText: a }: Profile, { phonesInText: b }: Profile, row: Float32Array): void {
  let isSame = false;
  if (b.size > 0) for (const phone of a) if (b.has(phone)) isSame = true;
  row[CONTACTS.samePhone] = isSame ? 1 : 0;
  row[CONTACTS.bothHave] = a.size > 0 && b.size > 0 ? 1 : 0;
  row[CONTACTS.oneHas] = a.size > 0 || b.size > 0 ? 1 : 0;
}

function readPhotos(a: readonly Uint32Array[], b: readonly Uint32Array[], row: Float32Array): void {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  row[PHOTOS.less] = few.length;
  row[PHOTOS.more] = many.length;
  if (few.length === 0) return;
  let [nearest, second, near] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (const photo of few) {
    let bits = 256;
    for (const other of many) bits = Math.min(bits, photoDistance(photo, other));
    if (bits <= NEAR_PHOTO_BITS) near += 1;
    second = Math.min(second, Math.max(nearest, bits));
    nearest = Math.min(nearest, bits);
  }
  row[PHOTOS.nearest] = nearest;
  if (few.length > 1) row[PHOTOS.secondNearest] = second;
  row[PHOTOS.near] = near;
  row[PHOTOS.shareNear] = near / few.length;
}

function readPrices(a: number | null, b: number | null, row: Float32Array): void {
  row[PRICE.missing] = (a === null ? 1 : 0) + (b === null ? 1 : 0);
  if (a === null || b === null) return;
  row[PRICE.ratio] = Math.min(5, Math.abs(Math.log(a / b)));
  row[PRICE.same] = a === b ? 1 : 0;
}

function readFields(a: Profile, b: Profile, row: Float32Array): void {
  row[FIELDS.category] = sameness(a.category, b.category);
  row[FIELDS.city] = sameness(a.city, b.city);
  row[FIELDS.less] = Math.min(a.attributes.size, b.attributes.size);
  let [agree, conflict, numberConflict, close] = [0, 0, 0, 0];
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
  row[FIELDS.agree] = agree;
  row[FIELDS.conflict] = conflict;
  row[FIELDS.numberConflict] = numberConflict;
  row[FIELDS.close] = close;
  row[FIELDS.namesShared] = agree + conflict;
  if (agree + conflict > 0) row[FIELDS.agreeShare] = agree / (agree + conflict);
}

function isOneLetterApart(a: string, b: string): boolean {
  let apart = 0;
  for (let i = 0; i < a.length; i += 1) if (a.charCodeAt(i) !== b.charCodeAt(i)) apart += 1;
  return apart === 1;
}

function readActors(a: Profile, b: Profile, counts: Frequencies, row: Float32Array): void {
  row[ACTOR.seller] = evidence(a.seller, b.seller, counts.ofSeller);
  row[ACTOR.phone] = evidence(a.phone, b.phone, counts.ofPhone);
  row[ACTOR.device] = evidence(a.device, b.device, counts.ofDevice);
  row[ACTOR.ip] = evidence(a.ip, b.ip, counts.ofIp);
  if (a.ip !== null && b.ip !== null) {
    row[ACTOR.ipCommon] = Math.log(Math.max(counts.ofIp(a.ip), counts.ofIp(b.ip)));
  }
  row[ACTOR.phoneInText] = mentions(a, b) || mentions(b, a) ? 1 : 0;
  row[ACTOR.count] =
    (isSame(a.seller, b.seller) ? 1 : 0) +
    (isSame(a.phone, b.phone) ? 1 : 0) +
    (isSame(a.device, b.device) ? 1 : 0) +
    (isSame(a.ip, b.ip) ? 1 : 0);
  if (a.accountAgeDays !== null && b.accountAgeDays !== null) {
    const [young, old] = ordered(a.accountAgeDays, b.accountAgeDays);
    row[ACTOR.youngest] = Math.log1p(Math.max(0, young));
    row[ACTOR.oldest] = Math.log1p(Math.max(0, old));
    row[ACTOR.ages] = young === old ? 1 : 0;
  }
  if (a.postedAt !== null && b.postedAt !== null) {
    row[ACTOR.apart] = Math.log1p(Math.abs(a.postedAt - b.postedAt) / 3600);
  }
}

/** The words of one hold the phone of the other's form. */
function mentions(a: Profile, b: Profile): boolean {
  return b.phone !== null && a.phone !== b.phone && a.phonesInText.has(b.phone);
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

function ordered(a: number, b: number): [less: number, more: number] {
  return a <= b ? [a, b] : [b, a];
}

// Where each feature stands in a row.
const TITLE = {
  same: placeOf('title.same'),
  meanings: placeOf('title.meanings'),
  weighted: placeOf('title.weighted'),
  contained: placeOf('title.contained'),
  letters: placeOf('title.letters'),
  common: placeOf('title.common'),
  words: placeOf('title.words'),
};
const TEXT = {
  same: placeOf('text.same'),
  exact: placeOf('text.exact'),
  common: placeOf('text.common'),
  meanings: placeOf('text.meanings'),
  weighted: placeOf('text.weighted'),
  contained: placeOf('text.contained'),
  containedLess: placeOf('text.containedLess'),
  letters: placeOf('text.letters'),
  lettersContained: placeOf('text.lettersContained'),
  pairs: placeOf('text.pairs'),
  pairsContained: placeOf('text.pairsContained'),
  pairsRare: placeOf('text.pairsRare'),
  body: placeOf('text.body'),
  soft: placeOf('text.soft'),
  softContained: placeOf('text.softContained'),
  rarestShared: placeOf('text.rarestShared'),
  rareShared: placeOf('text.rareShared'),
  sharedRarity: placeOf('text.sharedRarity'),
  rarestApart: placeOf('text.rarestApart'),
  sharedMean: placeOf('text.sharedMean'),
  apartMean: placeOf('text.apartMean'),
  wordsLess: placeOf('text.wordsLess'),
  wordsRatio: placeOf('text.wordsRatio'),
  run: placeOf('text.run'),
  disguise: placeOf('text.disguise'),
  disguiseApart: placeOf('text.disguiseApart'),
};
const NUMBERS = {
  shared: placeOf('numbers.shared'),
  jaccard: placeOf('numbers.jaccard'),
  apartLess: placeOf('numbers.apartLess'),
  apartMore: placeOf('numbers.apartMore'),
  agreeBefore: placeOf('numbers.agreeBefore'),
  conflictBefore: placeOf('numbers.conflictBefore'),
  agreeAfter: placeOf('numbers.agreeAfter'),
  conflictAfter: placeOf('numbers.conflictAfter'),
  conflictBoth: placeOf('numbers.conflictBoth'),
  agreeBoth: placeOf('numbers.agreeBoth'),
  conflictShare: placeOf('numbers.conflictShare'),
  titleShared: placeOf('numbers.titleShared'),
  titleApart: placeOf('numbers.titleApart'),
  closest: placeOf('numbers.closest'),
  rarestShared: placeOf('numbers.rarestShared'),
  shareOfApart: placeOf('numbers.shareOfApart'),
};
const CONTACTS = {
  samePhone: placeOf('contacts.samePhone'),
  bothHave: placeOf('contacts.bothHave'),
  oneHas: placeOf('contacts.oneHas'),
};
const PHOTOS = {
  nearest: placeOf('photos.nearest'),
  secondNearest: placeOf('photos.secondNearest'),
  near: placeOf('photos.near'),
  shareNear: placeOf('photos.shareNear'),
  less: placeOf('photos.less'),
  more: placeOf('photos.more'),
};
const PRICE = {
  ratio: placeOf('price.ratio'),
  same: placeOf('price.same'),
  missing: placeOf('price.missing'),
};
const FIELDS = {
  category: placeOf('fields.category'),
  city: placeOf('fields.city'),
  agree: placeOf('fields.agree'),
  conflict: placeOf('fields.conflict'),
  agreeShare: placeOf('fields.agreeShare'),
  namesShared: placeOf('fields.namesShared'),
  less: placeOf('fields.less'),
  numberConflict: placeOf('fields.numberConflict'),
  close: placeOf('fields.close'),
};
const ACTOR = {
  seller: placeOf('actor.seller'),
  phone: placeOf('actor.phone'),
  phoneInText: placeOf('actor.phoneInText'),
  device: placeOf('actor.device'),
  ip: placeOf('actor.ip'),
  ipCommon: placeOf('actor.ipCommon'),
  ages: placeOf('actor.ages'),
  youngest: placeOf('actor.youngest'),
  oldest: placeOf('actor.oldest'),
  apart: placeOf('actor.apart'),
  count: placeOf('actor.count'),
};
