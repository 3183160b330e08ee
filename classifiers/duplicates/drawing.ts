/**
 * A ring drawn for the investigator: listings on the left, who placed them on the right, a line for each
 * tie. SVG 1.1, readable without a program of ours and safe to open: no scripts, no outside addresses.
 */

import { networkPart } from '../../domain/ip.ts';
import type { Actor } from './actors.ts';
import type { Profile } from './profile.ts';

const ROW = 26;
const MOST_ROWS = 60;
const WIDTH = 1_080;
const LEFT = 460;
const RIGHT = 680;
const COLOURS: Readonly<Record<Actor['kind'], string>> = {
  account: '#5b4a9c',
  device: '#8a5a00',
  ip: '#0b6e4f',
  phone: '#a3243b',
};

export function drawRing(id: string, members: readonly Profile[], actors: readonly Actor[]): string {
  const shown = members.slice(0, MOST_ROWS);
  const told = actors.slice(0, MOST_ROWS);
  const height = ROW * (Math.max(shown.length, told.length) + 3);
  const rowOf = new Map(told.map((actor, at) => [`${actor.kind} ${actor.value}`, at]));
  const y = (row: number): number => ROW * (row + 2.5);
  const lines: string[] = [];
  const labels: string[] = [];
  for (const [at, member] of shown.entries()) {
    const ties: [Actor['kind'], string | null][] = [
      ['account', member.seller],
      ['device', member.device],
      ['ip', member.ip === null ? null : networkPart(member.ip)],
      ...member.filed.phones.map((phone): [Actor['kind'], string] => ['phone', phone]),
    ];
    for (const [kind, value] of ties) {
      const row = rowOf.get(`${kind} ${value}`);
      if (value === null || row === undefined) continue;
      lines.push(
        `<line x1="${LEFT + 8}" y1="${y(at)}" x2="${RIGHT - 8}" y2="${y(row)}" stroke="${COLOURS[kind]}" stroke-opacity="0.45"/>`,
      );
    }
    labels.push(
      `<text x="${LEFT}" y="${y(at) + 4}" text-anchor="end">${escaped(short(member.filed.title, 52))} · ${escaped(short(member.id, 16))}</text>`,
    );
  }
  for (const [at, actor] of told.entries()) {
    const flags = actor.flags.length === 0 ? '' : ` (${actor.flags.join(', ')})`;
    labels.push(
      `<text x="${RIGHT}" y="${y(at) + 4}" fill="${COLOURS[actor.kind]}">${actor.kind} ${escaped(short(actor.value, 30))} × ${actor.listings}${escaped(flags)}</text>`,
    );
  }
  const more = members.length > shown.length ? `, first ${shown.length} shown` : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13" fill="#1c1c1c">`,
    `<title>${escaped(id)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="16" y="28" font-size="16" font-weight="bold">${escaped(id)}: ${members.length} listings${more}</text>`,
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
