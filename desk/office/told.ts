/** What the page that carries the app tells it: who is at the desk, what this person may do, in which language. */
import type { Action } from '../roles.ts';
import type { Lang } from './words.ts';

export interface Told {
  readonly lang: Lang;
  readonly login: string;
  readonly name: string;
  readonly role: string;
  /** Reads a demonstration. */
  readonly isVisitor: boolean;
  readonly may: readonly Action[];
}

/** @param content of the page's `<meta name="kuzet">`, written by `desk/web/shell.ts`. */
export function readTold(content: string): Told {
  return JSON.parse(content) as Told;
}

let told: Told | null = null;

export function tellApp(it: Told): void {
  told = it;
}

export function me(): Told {
  if (told === null) throw new Error('The app was not told who is at the desk.');
  return told;
}

export function may(action: Action): boolean {
  return me().may.includes(action);
}
