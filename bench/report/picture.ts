/** The report as a picture: each figure beside its bar, so that what falls short is seen before it is read. */
import type { Told } from './tell.ts';

const ROW = 18;
const TOP = 34;
const LEFT = 470;
const WIDTH = 920;
/** Twice as good as the bar, or half as good, and all beyond, stands at the edge. */
const EDGE = 2;

/**
 * SVG, a row a bar that has a figure. The line in the middle is the bar; to its right the figure is better, to its left
 * worse, by how many times, on a scale of logarithms. For colour-blind readers what falls short is hollow.
 */
export function reportPicture(told: readonly Told[]): string {
  const rows = told.flatMap((it) => {
    const times = timesOf(it);
    return times === null ? [] : [{ it, times }];
  });
  const height = TOP + rows.length * ROW + 12;
  const middle = LEFT + (WIDTH - LEFT - 70) / 2;
  const half = (WIDTH - LEFT - 70) / 2;
  const marks = rows.map(({ it, times }, at) => {
    const y = TOP + at * ROW + ROW / 2;
    const x = round(middle + half * (Math.log(Math.min(EDGE, Math.max(1 / EDGE, times))) / Math.log(EDGE)));
    const isMet = it.says === 'meets it';
    const colour = isMet ? '#0e6f4f' : '#b3361f';
    return `<text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${escaped(`${it.bar.about}: ${it.bar.what}`)}</text>
<line x1="${round(middle)}" y1="${y}" x2="${x}" y2="${y}" stroke="${colour}" stroke-width="2"/>
<circle cx="${x}" cy="${y}" r="5" fill="${isMet ? colour : '#fff'}" stroke="${colour}" stroke-width="2"/>
<text x="${WIDTH - 8}" y="${y + 4}" text-anchor="end">${escaped(it.figure ?? '')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="11" fill="#1d252c">
<title>Each figure beside its bar</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="${LEFT}" y="18">half as good</text>
<text x="${round(middle)}" y="18" text-anchor="middle" font-weight="700">the bar</text>
<text x="${WIDTH - 70}" y="18" text-anchor="end">twice as good</text>
<line x1="${round(middle)}" y1="26" x2="${round(middle)}" y2="${height - 8}" stroke="#1d252c"/>
${marks.join('\n')}
</svg>
`;
}

/** How many times as good as its bar: above 1 meets it. Null where there is no figure to compare. */
function timesOf({ limit, value, bar }: Told): number | null {
  if (limit === null || value === null || limit <= 0) return null;
  if ('most' in bar.passes) return value <= 0 ? EDGE : limit / value;
  return value / limit;
}

const round = (x: number) => Math.round(x * 10) / 10;
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
