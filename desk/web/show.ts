/**
 * How hostile words are shown: escaped like everything else, and besides with nothing hidden in them. Addresses
 * are defanged, so that no paste opens one; letters that steer the direction of text or are not seen at all are
 * spelled out. Pure, and the same on the server and in the browser.
 */

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
