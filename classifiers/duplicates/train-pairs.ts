/**
 * Trains the judge of pairs on labelled pairs, and on pairs that the candidate index itself brings up: those
 * are what it will be asked, and nearly all of them are different things that look alike.
 */
import { createHash } from 'node:crypto';
import { seededRandom, shuffled } from '../random.ts';
import { base64, calibration, packTrees } from './boosting.ts';
import { candidateIndex } from './candidates.ts';
import { FEATURES, FIELD_MODES, type FieldMode, GROUP_OF } from './features.ts';
import { type Frequencies, frequencies, type WordPrior, wordPriorOf } from './frequencies.ts';
import { keyReader } from './keys.ts';
import type { PairModelFile } from './pair-model.ts';
import { pairFeatures, pairReader } from './pair-reader.ts';
import { photoIndex } from './photo-index.ts';
import { asOnPage, type Profile } from './profile.ts';
import { askTrees, type Trees, trainTrees } from './trees.ts';

export interface Corpus {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly pairs: readonly LabelledPair[];
  /** Listings that are one advertisement; what is in two of them, or in none, is different. */
  readonly groups: readonly (readonly string[])[];
  readonly sha256: string;
}

export interface LabelledPair {
  readonly a: string;
  readonly b: string;
  readonly isCopy: boolean;
  /** Only photos were copied. */
  readonly isStolen: boolean;
  /** How it is a copy, or in what it looks like one. */
  readonly kind: string;
}

interface Row {
  readonly features: Float32Array;
  readonly isCopy: boolean;
  readonly isStolen: boolean;
  /** Of a labelled pair that is no copy; null for every other. */
  readonly looksLike: string | null;
  /** Shown once more as somebody would see it who knows less. */
  readonly isAgain: boolean;
  /** How many pairs it stands for. */
  readonly weight: number;
  /** Times that in training. */
  readonly stress: number;
  /** Rows of one fold are held out together. */
  readonly fold: number;
}

const FOLDS = 2;
/** Of the pairs that the index brings up and that are different, this many a corpus are trained on. */
const MOST_MINED = 6_000;
/**
 * Share of pairs that are shown again as somebody would see them who knows less, half of them without who placed them,
 * and how much each of those counts. Without such rows the trees never meet what is not known, and take it for what
 * differs: two listings read from pages would be of two phones, devices and addresses.
 */
const AGAIN = 0.5;
const AGAIN_WEIGHT = 0.5;
/** A small market has two listings at least, and at most so many. */
const MOST_IN_SMALL = 512;
const SMALL_BITS = 15;
/**
 * A kind of look-alikes of which there are few weighs up to so many times more, so that a kind that is seldom is
 * told apart as well as others are.
 */
const MOST_STRESS = 4;
/**
 * With all fields one that fills more than its part of the false alarms weighs up to so many times more besides. That
 * is found out in rounds: once the worst weighs more, another is the worst.
 */
const MOST_ALARM_STRESS = 12;
const STRESSINGS = 2;
/** The share of look-alikes taken for copies at which that is found out. */
const FALSE_ALARMS = 0.01;

export interface PairTraining {
  readonly corpora: readonly Corpus[];
  readonly seed: number;
  readonly onStep?: (what: string) => void;
}

export function trainPairModel({ corpora, seed, onStep = () => {} }: PairTraining): PairModelFile {
  const random = seededRandom(seed);
  const prior = wordPriorOf(corpora.map((corpus) => corpus.profiles.values()));
  const rows = corpora.flatMap((corpus) => {
    const made = rowsOf(corpus, prior, random);
    onStep(`${made.length} pairs of ${corpus.profiles.size} listings`);
    return made;
  });
  const modeOf = (mode: FieldMode) => {
    const kept = mode === 'text' ? rows.filter((row) => !row.isStolen) : rows;
    const trained = trainMode(kept, mode, seededRandom(seed + 1 + MODES.indexOf(mode)));
    onStep(`${mode}: slope ${trained.slope.toFixed(3)}, offset ${trained.offset.toFixed(3)}`);
    return trained;
  };
  const modes = {
    text: modeOf('text'),
    'text+photo+price': modeOf('text+photo+price'),
    all: modeOf('all'),
  };
  const digest = createHash('sha256').update(JSON.stringify(modes)).digest('hex').slice(0, 12);
  return {
    format: 1,
    name: `pairs-${digest}`,
    features: [...FEATURES],
    prior: { size: prior.size, words: base64(prior.words) },
    modes,
    trainedOn: corpora.map((corpus) => ({
      listings: corpus.profiles.size,
      pairs: corpus.pairs.length,
      sha256: corpus.sha256,
    })),
  };
}

const MODES = Object.keys(FIELD_MODES) as FieldMode[];

function trainMode(
  given: readonly Row[],
  mode: FieldMode,
  random: () => number,
): PairModelFile['modes'][FieldMode] {
  const groups: ReadonlySet<string> = FIELD_MODES[mode];
  const features = FEATURES.flatMap((name, at) => (groups.has(GROUP_OF.get(name)!) ? [at] : []));
  // Without the actor some look-alikes are copies to the letter: to weigh them more would only cost copies.
  const rows = mode === 'all' ? stressed(given, features, random) : given;
  const heldOut = scoredHeldOut(rows, features, random);
  const copies = rows.filter((row) => row.isCopy);
  const hasStolen = mode !== 'text' && copies.some((row) => row.isStolen);
  return {
    copied: packTrees(copiedTrees(rows, features, random)),
    stolen: hasStolen
      ? packTrees(
          treesOf(
            copies,
            copies.map((row) => row.isStolen),
            features,
            40,
            8,
            random,
          ),
        )
      : null,
    ...calibration(rows.map(({ isCopy, weight }, at) => ({ logOdds: heldOut[at]!, isCopy, weight }))),
  };
}

/** Log-odds of each row by trees that have not seen its fold. */
function scoredHeldOut(
  rows: readonly Row[],
  features: readonly number[],
  random: () => number,
): Float64Array {
  const logOdds = new Float64Array(rows.length);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const trees = copiedTrees(
      rows.filter((row) => row.fold !== fold),
      features,
      random,
    );
    for (const [at, row] of rows.entries()) {
      if (row.fold === fold) logOdds[at] = askTrees(trees, row.features);
    }
  }
  return logOdds;
}

/** Kinds of look-alikes weigh as many times more as they are taken for copies more often than all of them are. */
function stressed(given: readonly Row[], features: readonly number[], random: () => number): readonly Row[] {
  const times = new Map<string, number>();
  let rows = given;
  for (let round = 0; round < STRESSINGS; round += 1) {
    for (const [kind, share] of falseAlarms(rows, scoredHeldOut(rows, features, random))) {
      const more = (times.get(kind) ?? 1) * (share / FALSE_ALARMS);
      times.set(kind, Math.min(MOST_ALARM_STRESS, Math.max(1, more)));
    }
    // Who knows less may go by the same words of two sellers: there is no better ground to look at them.
    rows = given.map((row) =>
      row.isAgain ? row : { ...row, stress: row.stress * (times.get(row.looksLike ?? '') ?? 1) },
    );
  }
  return rows;
}

/** Share of each kind of look-alikes above the bound that `FALSE_ALARMS` of all of them are above. */
function falseAlarms(rows: readonly Row[], logOdds: Float64Array): Map<string, number> {
  const kinds = new Map<string, number[]>();
  for (const [at, { looksLike, isAgain }] of rows.entries()) {
    if (looksLike === null || isAgain) continue;
    const own = kinds.get(looksLike);
    if (own === undefined) kinds.set(looksLike, [logOdds[at]!]);
    else own.push(logOdds[at]!);
  }
  const all = [...kinds.values()].flat().sort((a, b) => b - a);
  const bound = all[Math.floor(FALSE_ALARMS * all.length)] ?? 0;
  return new Map(
    [...kinds].map(([kind, own]) => [kind, own.filter((it) => it >= bound).length / own.length]),
  );
}

function copiedTrees(rows: readonly Row[], features: readonly number[], random: () => number): Trees {
  return treesOf(
    rows,
    rows.map((row) => row.isCopy),
    features,
    220,
    24,
    random,
  );
}

function treesOf(
  rows: readonly Row[],
  isIn: readonly boolean[],
  features: readonly number[],
  rounds: number,
  leaves: number,
  random: () => number,
): Trees {
  return trainTrees({
    columns: FEATURES.map((_, at) => Float32Array.from(rows, (row) => row.features[at]!)),
    isIn: Uint8Array.from(isIn, Number),
    rowWeight: Float32Array.from(rows, (row) => row.weight * row.stress),
    features,
    rounds,
    leaves,
    rate: 0.1,
    leastHessian: 3,
    l2: 2,
    featureShare: 0.35,
    rowShare: 0.7,
    random,
  });
}

function rowsOf(corpus: Corpus, prior: WordPrior, random: () => number): Row[] {
  const counts = frequencies(prior);
  for (const profile of corpus.profiles.values()) counts.add(profile);
  const foldOf = foldsOf(corpus);
  const stressOf = stresses(corpus.pairs);
  const pairs = pairReader(counts);
  const rows: Row[] = [];
  const known = new Set<string>();
  const all = [...corpus.profiles.values()];
  const push = (
    a: string,
    b: string,
    isCopy: boolean,
    isStolen: boolean,
    weight: number,
    looksLike: string | null = null,
  ): void => {
    const [one, other] = [corpus.profiles.get(a), corpus.profiles.get(b)];
    if (one === undefined || other === undefined) return;
    const stress = looksLike === null ? 1 : stressOf(looksLike);
    const row = { isCopy, isStolen, looksLike, stress, fold: foldOf(a) };
    rows.push({ ...row, features: pairs.read(one, other).slice(), isAgain: false, weight });
    if (random() >= AGAIN) return;
    const [less, least] = random() < 0.5 ? [one, other] : [asOnPage(one), asOnPage(other)];
    const market = random() < 0.5 ? counts : smallMarket(all, [less, least], prior, random);
    const features = pairFeatures(less, least, market);
    rows.push({ ...row, features, isAgain: true, weight: weight * AGAIN_WEIGHT });
  };
  for (const { a, b, isCopy, isStolen, kind } of corpus.pairs) {
    known.add(nameOf(a, b));
    push(a, b, isCopy, isStolen, 1, isCopy ? null : kind);
  }
  const groupOf = new Map(corpus.groups.flatMap((group, at) => group.map((id) => [id, at] as const)));
  const stolen = new Set(corpus.pairs.flatMap(({ a, b, isStolen }) => (isStolen ? [a, b] : [])));
  const mined = minedPairs(corpus, known);
  const isOne = ([a, b]: readonly [string, string]) => groupOf.has(a) && groupOf.get(a) === groupOf.get(b);
  for (const pair of mined) if (isOne(pair)) push(...pair, true, false, 1);
  // What shares a stolen photo is neither surely a copy nor surely none.
  const apart = mined.filter((pair) => !isOne(pair) && !stolen.has(pair[0]) && !stolen.has(pair[1]));
  const chosen = shuffled(apart.length, random).subarray(0, MOST_MINED);
  const weight = apart.length / Math.max(1, chosen.length);
  for (const at of chosen) push(...apart[at]!, false, false, weight);
  return rows;
}

/** Counts of the two and so many of the others, few more often than many. */
function smallMarket(
  all: readonly Profile[],
  pair: readonly Profile[],
  prior: WordPrior,
  random: () => number,
): Frequencies {
  const counts = frequencies(prior, SMALL_BITS);
  for (const profile of pair) counts.add(profile);
  const others = Math.floor(2 * (MOST_IN_SMALL / 2) ** random()) - 2;
  for (let n = 0; n < others; n += 1) counts.add(all[Math.floor(random() * all.length)]!);
  return counts;
}

/** By kind of look-alikes: how often they would have to be there to be as many as the most frequent kind. */
function stresses(pairs: readonly LabelledPair[]): (kind: string) => number {
  const counts = new Map<string, number>();
  for (const { isCopy, kind } of pairs) if (!isCopy) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return (kind) => Math.min(MOST_STRESS, most / counts.get(kind)!);
}

/** What the index brings up of a corpus, each pair once, pairs already known left out. */
function minedPairs(corpus: Corpus, known: ReadonlySet<string>): [string, string][] {
  const reader = keyReader();
  const index = candidateIndex();
  const photos = photoIndex();
  const all = [...corpus.profiles.values()];
  for (const profile of all) reader.count(profile.filed, 1);
  const pairs: [string, string][] = [];
  for (const [number, profile] of all.entries()) {
    const keys = reader.keys(profile.filed);
    const found = new Set(index.candidates(keys, 20));
    index.insert(number, keys);
    for (const photo of profile.photos) for (const owner of photos.near(photo).keys()) found.add(owner);
    for (const photo of profile.photos) photos.insert(number, photo);
    for (const other of found) {
      const pair: [string, string] = [all[other]!.id, profile.id];
      if (other !== number && !known.has(nameOf(...pair))) pairs.push(pair);
    }
  }
  return pairs;
}

function nameOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** Listings joined by labelled pairs are of one fold. */
function foldsOf(corpus: Corpus): (id: string) => number {
  const parent = new Map<string, string>();
  const root = (id: string): string => {
    let at = id;
    while (parent.has(at)) at = parent.get(at)!;
    return at;
  };
  for (const { a, b } of corpus.pairs) {
    const [x, y] = [root(a), root(b)];
    if (x !== y) parent.set(x, y);
  }
  return (id) => createHash('md5').update(root(id)).digest()[0]! % FOLDS;
}
