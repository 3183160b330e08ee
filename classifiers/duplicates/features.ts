/**
 * What is asked of a pair of listings: the features by name and group, in the order of a row. `pair-reader.ts` finds
 * their values.
 */

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
/** Place of a feature in a row. */
export function placeOf(name: FeatureName): number {
  return FEATURES.indexOf(name);
}

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
