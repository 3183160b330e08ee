/** How well copies are told from look-alikes on a labelled corpus: by given pairs, and from listings to rings. */
import { spawnSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clustersOf, type Link } from '../../classifiers/duplicates/clusters.ts';
import { FIELD_MODES, type FieldMode } from '../../classifiers/duplicates/features.ts';
import { FINDING, matcher } from '../../classifiers/duplicates/matcher.ts';
import { loadPairModel } from '../../classifiers/duplicates/pair-model.ts';
import { asOnPage, type Profile, profileOf } from '../../classifiers/duplicates/profile.ts';
import { auc, recallAtFalseRate } from '../../classifiers/measure.ts';
import { readListings } from '../../cli/listing-rows.ts';
import { contacts } from './contacts.ts';
import type { Table } from './table.ts';

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly label: 0 | 1;
  readonly kind: string;
}

/** What is asked of the judge, and what of each listing it is shown. */
interface Look {
  readonly fields: FieldMode;
  readonly as: string;
  readonly seen: (profile: Profile) => Profile;
}

/** @param name of the corpus in the table. */
export async function quality(folder: string, name: string, python: string, to: Table): Promise<void> {
  const { note } = to;
  const profiles = new Map<string, Profile>();
  for await (const read of readListings(createReadStream(join(folder, 'listings.jsonl')))) {
    if (!('error' in read)) profiles.set(read.id, profileOf(read.listing, read.id));
  }
  const rows = <Row>(name: string): Row[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  const pairs = rows<Pair>('pairs.jsonl');
  const groups = rows<{ members: string[] }>('groups.jsonl').map(({ members }) => members);
  const model = loadPairModel();
  const same = (profile: Profile) => profile;
  const looks: readonly Look[] = [
    ...(Object.keys(FIELD_MODES) as FieldMode[]).map((fields) => ({ fields, as: fields, seen: same })),
    { fields: 'all', as: 'all fields of a page', seen: asOnPage },
  ];
  for (const { fields, as, seen } of looks) {
    const engine = matcher({ model, fields });
    for (const profile of profiles.values()) engine.count(profile);
    const asked = pairs.filter(({ kind }) => fields !== 'text' || kind !== 'photo_theft');
    const scored = asked.map(({ a, b, label, kind }) => ({
      score: engine.judge(seen(profiles.get(a)!), seen(profiles.get(b)!)).score,
      isBad: label === 1,
      kind,
    }));
    note(`${name}, ${as}: AUC`, auc(scored), '');
    note(`${name}, ${as}: recall at precision 0.99`, recallAtPrecision(scored, 0.99), '');
    const good = scored.filter((row) => !row.isBad);
    // One in a hundred of what is none scores as much.
    const bound = [...good].sort((x, y) => y.score - x.score)[Math.floor(good.length / 100)]!.score;
    const positives: [number, string][] = [];
    const negatives: [number, string][] = [];
    for (const kind of [...new Set(asked.map((pair) => pair.kind))].sort()) {
      const own = scored.filter((row) => row.kind === kind);
      const recall = recallAtFalseRate([...good, ...own.filter((row) => row.isBad)], 0.01);
      if (own[0]!.isBad) positives.push([recall, kind]);
      else negatives.push([own.filter((row) => row.score >= bound).length / own.length, kind]);
    }
    const [least, weakest] = positives.sort(([x], [y]) => x - y)[0]!;
    const [most, worst] = negatives.sort(([x], [y]) => y - x)[0]!;
    note(`${name}, ${as}: weakest kind at 1 % false alarms, ${weakest}`, least, '');
    note(`${name}, ${as}: worst kind of look-alikes, ${worst}`, most, '');
  }
  sameWords(name, pairs, profiles, note);
  contacts(name, profiles, pairs, to);
  const words = new Map(
    [...profiles].map(([id, { filed }]) => [id, wordsOf(`${filed.title} ${filed.text}`)]),
  );
  note(
    `${name}: AUC of word Jaccard`,
    auc(
      pairs.map(({ a, b, label }) => ({ score: jaccard(words.get(a)!, words.get(b)!), isBad: label === 1 })),
    ),
    '',
  );
  tfIdfAuc(name, [...profiles.values()], pairs, python, note);
  endToEnd(name, [...profiles.values()], pairs, groups, note);
}

/** Pairs that no judge of words can tell apart: all words are the same, in their order. */
function sameWords(
  name: string,
  pairs: readonly Pair[],
  profiles: ReadonlyMap<string, Profile>,
  note: Table['note'],
): void {
  const same = pairs.filter(({ a, b }) => profiles.get(a)!.wholeKey === profiles.get(b)!.wholeKey);
  const lookAlikes = same.filter(({ label }) => label === 0);
  note(`${name}: copies in the very same words`, same.length - lookAlikes.length, '');
  note(`${name}: look-alikes in the very same words`, lookAlikes.length, '');
}

function endToEnd(
  name: string,
  profiles: readonly Profile[],
  pairs: readonly Pair[],
  groups: readonly string[][],
  note: Table['note'],
): void {
  const engine = matcher({ model: loadPairModel(), fields: 'all' });
  for (const profile of profiles) engine.count(profile);
  const groupOf = new Map(groups.flatMap((members, at) => members.map((id) => [id, at] as const)));
  const known = new Map(pairs.map((pair) => [nameOf(pair.a, pair.b), pair.label]));
  const found = new Set<string>();
  const links: Link[] = [];
  let [compared, right, said] = [0, 0, 0];
  for (const [number, profile] of profiles.entries()) {
    const candidates = engine.candidates(profile, number);
    engine.insert(number, profile);
    compared += candidates.length;
    for (const other of candidates) {
      const { relation, score } = engine.judge(profiles[other]!, profile);
      const pair = nameOf(profiles[other]!.id, profile.id);
      if (score >= FINDING) found.add(pair);
      if (relation !== 'duplicate_ad') continue;
      links.push({ a: other, b: number, score });
      said += 1;
      const group = groupOf.get(profile.id);
      if ((group !== undefined && group === groupOf.get(profiles[other]!.id)) || known.get(pair) === 1)
        right += 1;
    }
  }
  const copies = pairs.filter((pair) => pair.label === 1);
  note(`${name}: candidates a listing`, compared / profiles.length, '');
  note(
    `${name}: pairs found`,
    copies.filter(({ a, b }) => found.has(nameOf(a, b))).length / copies.length,
    '',
  );
  note(`${name}: precision of duplicate_ad`, right / said, '');
  const score = (a: number, b: number): number => {
    const judged = engine.judge(profiles[a]!, profiles[b]!);
    return judged.relation === 'duplicate_ad' ? judged.score : 0;
  };
  const ringOf = new Map<string, readonly string[]>();
  for (const { members } of clustersOf(links, { score, bound: FINDING })) {
    const ids = members.map((member) => profiles[member]!.id);
    for (const id of ids) ringOf.set(id, ids);
  }
  let [precision, recall] = [0, 0];
  for (const { id } of profiles) {
    const [ours, truth] = [ringOf.get(id) ?? [id], new Set(groups[groupOf.get(id) ?? -1] ?? [id])];
    const both = ours.filter((member) => truth.has(member)).length;
    precision += both / ours.length / profiles.length;
    recall += both / truth.size / profiles.length;
  }
  note(`${name}: B-cubed F1`, (2 * precision * recall) / (precision + recall), '');
}

function recallAtPrecision(rows: readonly { score: number; isBad: boolean }[], least: number): number {
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  const all = rows.filter((row) => row.isBad).length;
  let [hits, best] = [0, 0];
  for (const [at, row] of sorted.entries()) {
    if (row.isBad) hits += 1;
    if (sorted[at + 1]?.score !== row.score && hits / (at + 1) >= least) best = hits / all;
  }
  return best;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const word of a) if (b.has(word)) both += 1;
  return both / Math.max(1, a.size + b.size - both);
}

function nameOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** scikit-learn's cosine of TF-IDF over words of the given pairs. */
function tfIdfAuc(
  name: string,
  profiles: readonly Profile[],
  pairs: readonly Pair[],
  python: string,
  note: Table['note'],
): void {
  const script = [
    'import sys, json',
    'from sklearn.feature_extraction.text import TfidfVectorizer',
    'from sklearn.metrics import roc_auc_score',
    'texts, pairs = json.load(sys.stdin)',
    'rows = TfidfVectorizer().fit_transform(texts)',
    'scores = rows[[a for a, b, y in pairs]].multiply(rows[[b for a, b, y in pairs]]).sum(axis=1).A1',
    'print(roc_auc_score([y for a, b, y in pairs], scores))',
  ].join('\n');
  const at = new Map(profiles.map(({ id }, place) => [id, place]));
  const input = JSON.stringify([
    profiles.map(({ filed }) => `${filed.title} ${filed.text}`),
    pairs.map(({ a, b, label }) => [at.get(a), at.get(b), label]),
  ]);
  const ran = spawnSync(python, ['-c', script], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (ran.status === 0) note(`${name}: AUC of scikit-learn TF-IDF`, Number(ran.stdout), '');
}
