/**
 * Own example pages: hand-written words (`*-pages.jsonl`, `*-posts.jsonl`) put into page frames.
 *
 * They stand in for what no public data holds: Kazakh and Russian fraud of every label, and the
 * legitimate pages that are most easily mistaken for it. A frame is one way to build a site. It is drawn
 * from the name of the row and the seed, and sees only the words (`Words`): the label cannot show in it.
 * A row added to one file changes no page of another row.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Label } from '../../domain/assessment.ts';
import { seededRandom, shuffled } from '../random.ts';
import { FRAMES, type FrameName } from './frames/index.ts';
import { type PageParts, pageParts, postParts, type Words } from './parts.ts';
import { propsOf } from './props.ts';

export interface SyntheticPage {
  /** `synthetic-`, the file, the row, the frame: stays what it is when rows are added to other files. */
  readonly id: string;
  readonly label: Label;
  readonly lang: string;
  /** `synthetic/` and the label or the kind of legitimate page. */
  readonly source: string;
  /** The same for all frames of one text. */
  readonly group: string;
  readonly frame: FrameName;
  readonly html: string;
}

export interface SyntheticPost {
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
  readonly text: string;
}

/** @param frames how many different frames each text is put into, at most as many as there are. */
export function syntheticPages(seed: number, frames = 2): SyntheticPage[] {
  return files('-pages.jsonl').flatMap((file) =>
    rows(`${file}-pages.jsonl`).flatMap((row, at) => {
      const parts = pageParts.parse(row);
      const group = `synthetic-${file}-${at}`;
      return framesOf(group, seed, frames).map((frame, nth) => ({
        id: `${group}-${nth}`,
        label: parts.label,
        lang: parts.lang,
        source: `synthetic/${sourceOf(parts)}`,
        group,
        frame,
        html: renderPage(parts, frame, seedOf(`${group}-${nth}`, seed)),
      }));
    }),
  );
}

/** Hand-written posts, then each page's title and first blocks as a post, as people pass them on. */
export function syntheticPosts(): SyntheticPost[] {
  const posts = files('-posts.jsonl').flatMap((file) =>
    rows(`${file}-posts.jsonl`).map((row) => {
      const { label, lang, text, kind } = postParts.parse(row);
      return { label, lang, text, source: `synthetic/${sourceOf({ label, kind })}` };
    }),
  );
  const passedOn = files('-pages.jsonl').flatMap((file) =>
    rows(`${file}-pages.jsonl`).map((row, at) => {
      const parts = pageParts.parse(row);
      const blocks = 1 + ((seedOf(`${file}-${at}`, 0) >>> 0) % MOST_PASSED_ON);
      const text = [parts.title, ...parts.blocks.slice(0, blocks)].join('\n');
      return { label: parts.label, lang: parts.lang, text, source: `synthetic/${sourceOf(parts)}` };
    }),
  );
  return [...posts, ...passedOn];
}

const MOST_PASSED_ON = 4;

/** The words in one frame; the same words, frame and seed give the same page. */
export function renderPage(words: Words, frame: FrameName, seed: number): string {
  return FRAMES[frame](propsOf(words, seededRandom(seed)));
}

/** The frames of one text: different ones, each as likely as any other. */
export function framesOf(group: string, seed: number, count: number): FrameName[] {
  const names = Object.keys(FRAMES) as FrameName[];
  const order = shuffled(names.length, seededRandom(seedOf(group, seed)));
  return [...order].slice(0, count).map((i) => names[i]!);
}

function sourceOf({ label, kind }: { label: Label; kind?: PageParts['kind'] }): string {
  return label === 'legit' && kind !== undefined ? kind : label;
}

/** FNV-1a of the name, moved by the seed. */
function seedOf(name: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}

/** Names of the files of own examples before their common ending, in order. */
function files(ending: string): string[] {
  return readdirSync(new URL('./', import.meta.url))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

function rows(name: string): unknown[] {
  const text = readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}
