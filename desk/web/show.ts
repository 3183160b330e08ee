/**
 * How hostile words are shown: escaped by `hono/html` like everything else, and besides with nothing hidden
 * in them. Addresses are defanged, so that no paste opens one; letters that steer the direction of text or
 * are not seen at all are spelled out; names that look like others are told.
 */
import { domainToASCII } from 'node:url';
import type { Subject } from '../../domain/case.ts';
import { foldWord } from '../../domain/text.ts';
import { readableHost } from '../../domain/url.ts';

/** Control characters but tab and line break, marks of direction, zero-width letters, line separators. */
const UNSEEN = /(?![\t\n])\p{Cc}|[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** The text with every unseen letter spelled out, e.g. `⟨U+202E⟩`. */
export function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(UNSEEN, (letter) => `⟨U+${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

/** `https://evil.test/a` as `hxxps://evil[.]test/a`, in the letters of DNS; any other scheme loses its colon. */
export function defang(address: string): string {
  const parts = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(address);
  if (parts === null) return plain(address).replaceAll(':', '[:]');
  const [, scheme = '', authority = '', rest = ''] = parts;
  const safe = scheme.toLowerCase().replace('tt', 'xx');
  return plain(`${safe}://${authority.replaceAll('.', '[.]')}${rest}`);
}

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
