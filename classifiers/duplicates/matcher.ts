/**
 * The engine: keeps what it needs to find, for a listing, the listings it may be a copy of, and judges them.
 *
 * Only the index lives here; profiles are the caller's (the database's in the service, memory's in a command).
 * The order is the same for every listing: `count` its words, `check` it against what is there, `insert` it.
 */
import { type CandidateIndex, candidateIndex } from './candidates.ts';
import { type FieldMode, placeOf } from './features.ts';
import { type Counted, type Frequencies, frequencies } from './frequencies.ts';
import { type KeyReader, keyReader } from './keys.ts';
import type { PairModel, Reason } from './pair-model.ts';
import { type PairReader, pairReader } from './pair-reader.ts';
import { type KeptPhotos, photoIndex } from './photo-index.ts';
import type { FrozenPostings } from './postings.ts';
import type { Profile } from './profile.ts';

/** From the strongest to none. */
export const RELATIONS = ['duplicate_ad', 'same_photo', 'same_actor', 'same_template', 'none'] as const;
export type Relation = (typeof RELATIONS)[number];

export interface Judged {
  /** Chance that one advertisement or its photos were copied from the other, 0..1. */
  readonly score: number;
  readonly relation: Relation;
  /** What it was judged by, in the order of `FEATURES`: `reasonsOf` tells what each of it added. */
  readonly features: readonly number[];
  /** Bits between their nearest photos; null when either has none. */
  readonly photoBits: number | null;
}

export interface Matcher {
  readonly counts: Frequencies;
  count(profile: Profile): void;
  /** Candidates of a listing that is not in yet, or is: itself is left out by its number. */
  candidates(profile: Profile, self?: number): number[];
  insert(number: number, profile: Profile): void;
  /** Takes a listing out; its profile is needed to count its words off. */
  remove(number: number, profile: Profile): void;
  judge(a: Profile, b: Profile): Judged;
  /** What spoke for and against a copy, the strongest first: told apart, since of most pairs nobody asks. */
  reasonsOf(judged: Pick<Judged, 'features'>): Reason[];
  /** Memory that it holds, what it holds of no listing among it. */
  bytes(): number;
  /** All that it holds; good until it changes. */
  save(): SavedMatcher;
}

/** What a snapshot keeps of an engine. */
export interface SavedMatcher {
  readonly postings: FrozenPostings;
  readonly words: Uint32Array;
  readonly counted: Counted;
  readonly photos: KeptPhotos;
}

export interface MatcherOptions {
  readonly model: PairModel;
  readonly fields: FieldMode;
  /** Compared with one listing at most, by shared keys; near photos come on top. */
  readonly most?: number;
  /** Of an engine with the same model and fields. */
  readonly saved?: SavedMatcher | undefined;
}

/** Scores from here on are findings: to say that one copied another, even odds are not enough. */
export const FINDING = 0.8;
const MOST_CANDIDATES = 20;
const MOST_BY_PHOTO = 20;

export function matcher({ model, fields, most = MOST_CANDIDATES, saved }: MatcherOptions): Matcher {
  const counts = frequencies(model.prior, undefined, saved?.counted);
  const reader: KeyReader = keyReader(saved?.words);
  const index: CandidateIndex = candidateIndex(saved?.postings);
  const pairs: PairReader = pairReader(counts);
  const photos = photoIndex(saved?.photos);
  const looksAtPhotos = fields !== 'text';
  const looksAtActors = fields === 'all';
  const filedOf = ({ filed }: Profile) =>
    looksAtActors ? filed : { ...filed, phones: [], device: null, seller: null };
  return {
    counts,
    count(profile) {
      counts.add(profile);
      reader.count(profile.filed, 1);
    },
    candidates(profile, self) {
      const numbers = new Set(index.candidates(reader.keys(filedOf(profile)), most + 1));
      if (looksAtPhotos) {
        const near = new Map<number, number>();
        for (const photo of profile.photos) {
          for (const [number, bits] of photos.near(photo)) {
            near.set(number, Math.min(bits, near.get(number) ?? 257));
          }
        }
        const closest = [...near].sort((a, b) => a[1] - b[1] || a[0] - b[0]).slice(0, MOST_BY_PHOTO);
        for (const [number] of closest) numbers.add(number);
      }
      if (self !== undefined) numbers.delete(self);
      return [...numbers];
    },
    insert(number, profile) {
      index.insert(number, reader.keys(filedOf(profile)));
      if (looksAtPhotos) for (const photo of profile.photos) photos.insert(number, photo);
    },
    remove(number, profile) {
      index.remove(number);
      if (looksAtPhotos && profile.photos.length > 0) photos.remove(number);
      counts.remove(profile);
      reader.count(profile.filed, -1);
    },
    judge: (a, b) => judged(a, b, pairs.read(a, b), model, fields),
    reasonsOf: ({ features }) => model.reasons(fields, features),
    bytes: () => index.bytes() + photos.bytes() + reader.bytes() + counts.bytes(),
    save: () => ({
      postings: index.freeze(),
      words: reader.counters(),
      counted: counts.counted(),
      photos: photos.kept(),
    }),
  };
}

function judged(a: Profile, b: Profile, row: Float32Array, model: PairModel, fields: FieldMode): Judged {
  const score = model.chance(fields, row);
  const relation =
    score >= FINDING
      ? model.stolen(fields, row) > 0.5
        ? 'same_photo'
        : 'duplicate_ad'
      : weakerRelation(a, b, row, fields);
  const nearest = row[NEAREST_PHOTO]!;
  return { score, relation, features: copied(row), photoBits: Number.isNaN(nearest) ? null : nearest };
}

/** The row is the reader's, good until its next pair. A plain array of its size at once is the quickest copy there is. */
function copied(row: Float32Array): number[] {
  const features = new Array<number>(row.length);
  for (let at = 0; at < row.length; at += 1) features[at] = row[at]!;
  return features;
}

/** What two listings that are no copies of each other have in common. */
function weakerRelation(a: Profile, b: Profile, row: Float32Array, fields: FieldMode): Relation {
  if (fields === 'all' && isOneActor(a, b)) return 'same_actor';
  return row[PAIRS_CONTAINED]! >= TEMPLATE_SHARE && Math.min(a.length, b.length) >= TEMPLATE_WORDS
    ? 'same_template'
    : 'none';
}

/** One account, phone or device; an address (IP) alone is no actor. */
function isOneActor(a: Profile, b: Profile): boolean {
  return (
    (a.seller !== null && a.seller === b.seller) ||
    (a.device !== null && a.device === b.device) ||
    a.filed.phones.some((phone) => b.filed.phones.includes(phone))
  );
}

const NEAREST_PHOTO = placeOf('photos.nearest');
const PAIRS_CONTAINED = placeOf('text.pairsContained');
/** Half of the runs of two words of the shorter text, in a text that is long enough to have a style. */
const TEMPLATE_SHARE = 0.5;
const TEMPLATE_WORDS = 12;
