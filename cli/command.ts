/** What a command of `kuzet` is, and how its words are read. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import type { Io } from './io.ts';

export interface Command {
  readonly name: string;
  /** After the name, e.g. `URL... | --file F | -`. */
  readonly usage: string;
  /** One line for `kuzet --help`. */
  readonly summary: string;
  /** Paragraphs for `kuzet help NAME`; options are listed from `options`. */
  readonly about: readonly string[];
  readonly options: readonly Option[];
  /** Worked examples, each with what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  /** @returns exit code: 0 done, 1 something failed, 2 usage. */
  run(words: Words, around: Around): Promise<number>;
}

export interface Option {
  readonly name: string;
  /** Placeholder of its value; null for a switch. */
  readonly value: string | null;
  readonly about: string;
  readonly many?: boolean;
}

/** What a command is given besides its words. */
export interface Around {
  readonly config: Config;
  readonly io: Io;
  /** Fires on Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

export interface Words {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  isOn(name: string): boolean;
  /** As typed after the command's name. */
  readonly raw: readonly string[];
}

/** The words do not fit the command: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly facts: { readonly command: string };

  constructor(command: string, why: string) {
    super(`${why} See "kuzet help ${command}".`);
    this.facts = { command };
  }
}

/** Options that every command takes. */
export const COMMON: readonly Option[] = [
  { name: 'json', value: null, about: 'Print NDJSON: one JSON value a line, for programs.' },
  { name: 'help', value: null, about: 'Show this page.' },
];

/** @throws UsageError naming the word that is not understood. */
export function readWords(command: Command, args: readonly string[]): Words {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const { name, value, many } of [...COMMON, ...command.options]) {
    options[name] = { type: value === null ? 'boolean' : 'string', multiple: many ?? false };
  }
  let read: { values: Record<string, unknown>; positionals: string[] };
  try {
    read = parseArgs({ args: [...args], options, allowPositionals: true, strict: true }) as typeof read;
  } catch (cause) {
    throw new UsageError(command.name, `${(cause as Error).message.split('. ')[0]}.`);
  }
  const { values, positionals } = read;
  return {
    positionals,
    raw: args,
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    texts: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
    isOn: (name) => values[name] === true,
  };
}

/** A whole number within bounds, or a clear refusal. */
export function numberIn(
  words: Words,
  command: string,
  name: string,
  bounds: { readonly least: number; readonly most: number; readonly whole: boolean },
): number | undefined {
  const typed = words.text(name);
  if (typed === undefined) return undefined;
  const value = Number(typed);
  const { least, most, whole } = bounds;
  if (
    typed.trim() === '' ||
    !Number.isFinite(value) ||
    value < least ||
    value > most ||
    (whole && !Number.isInteger(value))
  ) {
    const kind = whole ? 'a whole number' : 'a number';
    throw new UsageError(command, `--${name} takes ${kind} from ${least} to ${most}, not "${typed}".`);
  }
  return value;
}
