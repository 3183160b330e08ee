/**
 * The folder of models that were added to this house: `KUZET_HOME/models/NAME/`, each as `kuzet train` writes
 * it. Which of them judges is a row of the store; here are only their bytes. Where several machines work, each
 * needs the folder.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { loadModel, MODELS, type Model, ModelUnreadableError } from '../classifiers/model.ts';

export interface ModelShelf {
  readonly folder: string;
  /** Names of the models on it, sorted. */
  names(): string[];
  /** The folder of a model, with a slash at its end. @param name null for the one that came with the program. */
  placeOf(name: string | null): URL;
  /** @param name null for the one that came with the program. @throws ModelUnreadableError */
  load(name: string | null): Model;
  /** SHA-256 of every file that a model learnt from, as its card says; empty when it has no card. */
  learntFrom(name: string | null): readonly string[];
  /**
   * Takes a copy of a folder written by `kuzet train`. Adding the same model twice is harmless.
   *
   * @returns its name.
   * @throws ModelUnreadableError
   */
  add(folder: string): string;
}

const FILES = ['model.json', 'weights.bin', 'language.json', 'language.bin', 'card.json', 'card.md'];
const cardData = z.looseObject({ data: z.array(z.looseObject({ sha256: z.string() })) });

export function modelShelf(folder: string): ModelShelf {
  const loaded = new Map<string | null, Model>();
  const placeOf = (name: string | null): URL =>
    name === null ? MODELS : pathToFileURL(`${join(folder, name)}/`);
  return {
    folder,
    placeOf,
    names() {
      if (!existsSync(folder)) return [];
      return readdirSync(folder)
        .filter((name) => isName(name) && existsSync(join(folder, name, 'model.json')))
        .sort();
    },
    load(name) {
      const known = loaded.get(name);
      if (known !== undefined) return known;
      if (name !== null && !isName(name)) {
        throw new ModelUnreadableError(join(folder, name), 'that is no name of a model');
      }
      const model = loadModel(placeOf(name));
      loaded.set(name, model);
      return model;
    },
    learntFrom(name) {
      const path = new URL('card.json', placeOf(name));
      if (!existsSync(path)) return [];
      const read = cardData.safeParse(JSON.parse(readFileSync(path, 'utf8')));
      return read.success ? read.data.data.map(({ sha256 }) => sha256) : [];
    },
    add(from) {
      const { name } = loadModel(pathToFileURL(`${from}/`));
      if (!isName(name)) throw new ModelUnreadableError(from, `"${name}" is no name of a model`);
      mkdirSync(folder, { recursive: true });
      const place = join(folder, name);
      if (existsSync(place)) {
        if (FILES.every((file) => isSame(join(from, file), join(place, file)))) return name;
        const why = `another model of the name ${name} is on the shelf (${place}); take that one away first`;
        throw new ModelUnreadableError(from, why);
      }
      // Aside first: a model is on the shelf whole or not at all.
      const draft = mkdtempSync(join(folder, '.adding-'));
      try {
        for (const file of FILES) {
          if (existsSync(join(from, file))) cpSync(join(from, file), join(draft, file));
        }
        renameSync(draft, place);
      } catch (cause) {
        rmSync(draft, { recursive: true, force: true });
        // Somebody else put the same model there meanwhile.
        if (!existsSync(place)) throw cause;
      }
      return name;
    },
  };
}

function isSame(a: string, b: string): boolean {
  if (!existsSync(a) || !existsSync(b)) return existsSync(a) === existsSync(b);
  return readFileSync(a).equals(readFileSync(b));
}

/** What may name a folder, and no other place. */
function isName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,80}$/i.test(name);
}
