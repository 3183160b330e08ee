/**
 * A ring drawn for the investigator: listings on the left, who placed them on the right, a line for each
 * tie. SVG 1.1, readable without a program of ours and safe to open: no scripts, no outside addresses.
 */

import { networkPart } from '../../domain/ip.ts';
import type { Actor } from './actors.ts';
import type { Profile } from './profile.ts';

const ROW = 26;
const MOST_ROWS = 60;
const WIDTH = 1_240;
const LEFT = 460;
const RIGHT = 680;
const COLOURS: Readonly<Record<Actor['kind'], string>> = {
  account: '#5b4a9c',
  device: '#8a5a00',
  ip: '#0b6e4f',
  phone: '#a3243b',
};

/** A listing of a drawing, with what ties it to whoever placed it: kind and value as its actor has them. */
export interface DrawnListing {
  readonly id: string;
  readonly title: string;
  readonly ties: readonly (readonly [kind: Actor['kind'], value: string])[];
}

/** How a drawing speaks. */
export interface DrawingWords {
  /** @param shown fewer than `n` when not all are drawn. */
  listings(n: number, shown: number): string;
  kind(kind: Actor['kind']): string;
  flag(flag: string): string;
}

const ENGLISH: DrawingWords = {
  listings: (n, shown) => `${n} listings${shown < n ? `, first ${shown} shown` : ''}`,
  kind: (kind) => kind,
  flag: (flag) => flag,
};

/** A listing as it is drawn. */
export function drawnListing(member: Profile): DrawnListing {
  const { seller, device, ip, filed } = member;
  return {
    id: member.id,
    title: filed.title,
    ties: [
      ...(seller === null ? [] : [['account', seller] as const]),
      ...(device === null ? [] : [['device', device] as const]),
      ...(ip === null ? [] : [['ip', networkPart(ip)] as const]),
      ...filed.phones.map((phone) => ['phone', phone] as const),
    ],
  };
}

export function drawRing(
  id: string,
  members: readonly DrawnListing[],
  actors: readonly Pick<Actor, 'kind' | 'value' | 'listings' | 'flags'>[],
  words: DrawingWords = ENGLISH,
): string {
  const shown = members.slice(0, MOST_ROWS);
  const told = actors.slice(0, MOST_ROWS);
  const height = ROW * (Math.max(shown.length, told.length) + 3);
  const rowOf = new Map(told.map((actor, at) => [`${actor.kind} ${actor.value}`, at]));
  const y = (row: number): number => ROW * (row + 2.5);
  const lines: string[] = [];
  const labels: string[] = [];
  for (const [at, { id: name, title, ties }] of shown.entries()) {
    for (const [kind, value] of ties) {
      const row = rowOf.get(`${kind} ${value}`);
      if (row === undefined) continue;
      lines.push(
        `<line x1="${LEFT + 8}" y1="${y(at)}" x2="${RIGHT - 8}" y2="${y(row)}" stroke="${COLOURS[kind]}" stroke-opacity="0.45"/>`,
      );
    }
    labels.push(
      `<text x="${LEFT}" y="${y(at) + 4}" text-anchor="end">${escaped(short(title, 52))} · ${escaped(short(name, 16))}</text>`,
    );
  }
  for (const [at, actor] of told.entries()) {
    const flags =
      actor.flags.length === 0 ? '' : ` (${actor.flags.map((flag) => words.flag(flag)).join(', ')})`;
    labels.push(
      `<text x="${RIGHT}" y="${y(at) + 4}" fill="${COLOURS[actor.kind]}">${escaped(words.kind(actor.kind))} ${escaped(short(actor.value, 30))} × ${actor.listings}${escaped(flags)}</text>`,
    );
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13" fill="#1c1c1c">`,
    `<title>${escaped(id)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="16" y="28" font-size="16" font-weight="bold">${escaped(`${id}: ${words.listings(members.length, shown.length)}`)}</text>`,
    ...lines,
    ...labels,
    '</svg>',
    '',
  ].join('\n');
}

function short(text: string, most: number): string {
  const letters = Array.from(text.replace(/\s+/g, ' '));
  return letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}…`;
}

function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
