/**
 * `kuzet duplicates`: a file of listings in, pairs and rings out. Reads all listings, counts their words,
 * then takes them one by one as if they were being placed: candidates, judgement, insertion.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import {
  type Actor,
  type ActorTools,
  actorsCsv,
  actorsOf,
  ringId,
} from '../classifiers/duplicates/actors.ts';
import { type Cluster, clustersOf, type Link } from '../classifiers/duplicates/clusters.ts';
import { drawnListing, drawRing } from '../classifiers/duplicates/drawing.ts';
import { FIELD_MODES, type FieldMode } from '../classifiers/duplicates/features.ts';
import { FINDING, type Judged, type Matcher, matcher } from '../classifiers/duplicates/matcher.ts';
import { type PhotoPair, tracedToOrigin } from '../classifiers/duplicates/origin.ts';
import { loadPairModel } from '../classifiers/duplicates/pair-model.ts';
import { type Profile, profileOf } from '../classifiers/duplicates/profile.ts';
import { FileUnusableError, linesOf, opened } from './classify.ts';
import { type Around, UsageError, type Words } from './command.ts';
import { readListings } from './listing-rows.ts';
import { networksOf } from './networks.ts';

/** Reasons told of a pair that has nothing in common. */
const LEAST_TOLD = 3;
/** Rings that are drawn, the largest first. */
const MOST_DRAWN = 20;

/** @returns 0 when every line was read, 1 when one or more could not be. */
export async function duplicatesCommand(words: Words, { io, signal, config }: Around): Promise<number> {
  const from = words.text('listings');
  const out = words.text('out');
  if (from === undefined || out === undefined) {
    throw new UsageError('duplicates', 'Give the listings and where to write: --listings FILE --out FOLDER.');
  }
  const fields = words.text('fields') ?? 'all';
  if (!isMode(fields)) {
    const modes = Object.keys(FIELD_MODES).join(', ');
    throw new UsageError('duplicates', `--fields takes one of ${modes}, not "${fields}".`);
  }
  const folder = resolve(out);
  await mkdir(folder, { recursive: true });
  const engine = matcher({ model: loadPairModel(words.text('model')), fields });
  const { profiles, bad } = await readProfiles(from, engine, (line) => io.err(line));
  signal.throwIfAborted();

  const links: Link[] = [];
  const photoLinks: Link[] = [];
  const tally = { pairs: 0, duplicate_ad: 0, same_photo: 0, same_actor: 0, same_template: 0, none: 0 };
  const note = (a: number, b: number, judged: Judged): void => {
    tally.pairs += 1;
    tally[judged.relation] += 1;
    if (judged.relation === 'duplicate_ad') links.push({ a, b, score: judged.score });
    else if (judged.relation === 'same_photo' && judged.score >= FINDING)
      photoLinks.push({ a, b, score: judged.score });
  };
  const given = words.text('pairs');
  const score = (a: number, b: number): number => {
    const judged = engine.judge(profiles[a]!, profiles[b]!);
    return judged.relation === 'duplicate_ad' ? judged.score : 0;
  };
  const copiesOf = (): Cluster[] => clustersOf(links, { score, bound: FINDING });
  const rows =
    given === undefined
      ? foundRows(profiles, engine, note, copiesOf)
      : givenRows(given, profiles, engine, note);
  await writeLines(join(folder, 'pairs.jsonl'), rows, signal);

  const tools: ActorTools = { listingsOfIp: engine.counts.ofIp, ...(await networksOf(config)) };
  const rings = [
    ...ringsOf('duplicate_ad', copiesOf(), profiles, tools),
    ...ringsOf(
      'same_photo',
      clustersOf(photoLinks, {
        score: (a, b) => engine.judge(profiles[a]!, profiles[b]!).score,
        bound: FINDING,
      }),
      profiles,
      tools,
    ),
  ];
  await writeLines(
    join(folder, 'clusters.jsonl'),
    rings.map(({ id, members, relation, density, actors }) =>
      JSON.stringify({ id, members: members.map((it) => it.id), relation, density, actors }),
    ),
    signal,
  );
  await writeFile(join(folder, 'actors.csv'), actorsCsv(rings));
  const largest = [...rings].sort((a, b) => b.members.length - a.members.length).slice(0, MOST_DRAWN);
  for (const { id, members, actors } of largest) {
    await writeFile(join(folder, `${id}.svg`), drawRing(id, members.map(drawnListing), actors));
  }
  const summary = { listings: profiles.length, bad, ...tally, rings: rings.length };
  io.out(
    io.json
      ? JSON.stringify(summary)
      : `${summary.listings} listings, ${summary.pairs} pairs compared: ${summary.duplicate_ad} the same advertisement, ${summary.same_photo} the same photos, ${summary.rings} rings. Written to ${folder}.`,
  );
  return bad > 0 ? 1 : 0;
}

function isMode(text: string): text is FieldMode {
  return Object.hasOwn(FIELD_MODES, text);
}

async function readProfiles(path: string, engine: Matcher, warn: (line: string) => void) {
  const profiles: Profile[] = [];
  const seen = new Set<string>();
  let bad = 0;
  const stream = await opened(path);
  for await (const read of readListings(stream)) {
    const error =
      'error' in read ? read.error : seen.has(read.id) ? `id: "${read.id}" was there before` : null;
    if (error !== null || 'error' in read) {
      bad += 1;
      warn(`${path}, line ${read.line}: ${error}; left out.`);
      continue;
    }
    seen.add(read.id);
    const profile = profileOf(read.listing, read.id);
    profiles.push(profile);
    engine.count(profile);
  }
  return { profiles, bad };
}

type Note = (a: number, b: number, judged: Judged) => void;

function* foundRows(
  profiles: readonly Profile[],
  engine: Matcher,
  note: Note,
  copiesOf: () => readonly Cluster[],
): Generator<string> {
  const byPhoto: PhotoPair[] = [];
  for (const [number, profile] of profiles.entries()) {
    const candidates = engine.candidates(profile, number).sort((a, b) => a - b);
    engine.insert(number, profile);
    for (const other of candidates) {
      const judged = engine.judge(profiles[other]!, profile);
      if (judged.relation === 'same_photo') byPhoto.push({ a: other, b: number, judged });
      else {
        note(other, number, judged);
        yield rowOf(profiles[other]!.id, profile.id, judged, engine);
      }
    }
  }
  for (const { a, b, judged } of tracedToOrigin(byPhoto, copiesOf())) {
    note(a, b, judged);
    yield rowOf(profiles[a]!.id, profiles[b]!.id, judged, engine);
  }
}

/** One row for every line that is not blank, in order; a pair that cannot be judged says why. */
async function* givenRows(
  path: string,
  profiles: readonly Profile[],
  engine: Matcher,
  note: Note,
): AsyncGenerator<string> {
  const numberOf = new Map(profiles.map((profile, number) => [profile.id, number]));
  let line = 0;
  for await (const written of linesOf(await opened(path))) {
    line += 1;
    if (written.trim() === '') continue;
    const pair = pairIn(written);
    if ('error' in pair) {
      yield JSON.stringify({ line, error: pair.error });
      continue;
    }
    const { a, b } = pair;
    const [one, other] = [numberOf.get(a), numberOf.get(b)];
    if (one === undefined || other === undefined) {
      yield JSON.stringify({ a, b, line, error: `there is no listing "${one === undefined ? a : b}"` });
      continue;
    }
    const judged = engine.judge(profiles[one]!, profiles[other]!);
    if (one !== other) note(one, other, judged);
    yield rowOf(a, b, judged, engine);
  }
}

function pairIn(written: string): { a: string; b: string } | { error: string } {
  try {
    const { a, b } = JSON.parse(written) as { a?: unknown; b?: unknown };
    const isName = (it: unknown) => typeof it === 'string' || typeof it === 'number';
    return isName(a) && isName(b) ? { a: String(a), b: String(b) } : { error: 'needs "a" and "b"' };
  } catch {
    return { error: 'is not JSON' };
  }
}

function rowOf(a: string, b: string, judged: Judged, engine: Matcher): string {
  const { score, relation } = judged;
  const reasons = engine.reasonsOf(judged);
  const told = reasons
    .slice(0, relation === 'none' ? LEAST_TOLD : reasons.length)
    .map(({ feature, value, weight }) => ({
      feature,
      value: value === null ? null : Number(value.toPrecision(4)),
      weight: Number(weight.toPrecision(3)),
    }));
  return JSON.stringify({ a, b, score, relation, reasons: told });
}

interface Ring {
  readonly id: string;
  readonly members: readonly Profile[];
  readonly relation: 'duplicate_ad' | 'same_photo';
  readonly density: number;
  readonly actors: readonly Actor[];
}

function ringsOf(
  relation: Ring['relation'],
  clusters: readonly Cluster[],
  profiles: readonly Profile[],
  tools: ActorTools,
): Ring[] {
  return clusters.map((cluster) => {
    const members = cluster.members.map((number) => profiles[number]!);
    const id = ringId(members.map((member) => member.id));
    return {
      id: relation === 'duplicate_ad' ? id : id.replace('ring-', 'photos-'),
      members,
      relation,
      density: Number(cluster.density.toFixed(4)),
      actors: actorsOf(members, tools),
    };
  });
}

async function writeLines(
  path: string,
  lines: Iterable<string> | AsyncIterable<string>,
  signal: AbortSignal,
): Promise<void> {
  const file = createWriteStream(path);
  try {
    await once(file, 'open');
  } catch (cause) {
    throw new FileUnusableError(path, 'written', cause);
  }
  for await (const line of lines) {
    signal.throwIfAborted();
    if (!file.write(`${line}\n`)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}
