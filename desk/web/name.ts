/** How the name of a subject is shown and searched: as people read it, as DNS has it, and whether it looks like another. */
import { domainToASCII } from 'node:url';
import type { Subject } from '../../domain/case.ts';
import { foldWord } from '../../domain/text.ts';
import { readableHost } from '../../domain/url.ts';
import { plain } from './show.ts';

export interface ShownName {
  /** As a person reads it. */
  readonly readable: string;
  /** As DNS has it, when that differs; null otherwise. */
  readonly punycode: string | null;
  /** One of its parts is written in two alphabets. */
  readonly isMixed: boolean;
}

export function shownName({ kind, key }: Subject): ShownName {
  if (kind !== 'site') return { readable: plain(key), punycode: null, isMixed: false };
  const readable = readableHost(key);
  return {
    readable: plain(readable),
    punycode: readable === key ? null : plain(key),
    isMixed: readable.split('.').some((part) => foldWord(part.toLowerCase()).isMixed),
  };
}

/** What an officer typed into the search box, as names are stored: an address gives its host, letters their punycode. */
export function asSearched(typed: string): string {
  const host = typed
    .trim()
    .replaceAll('[.]', '.')
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#].*$/s, '');
  return domainToASCII(host) || host;
}
