/** The reliability diagram: of all that scored about 0.8, how many were fraud? On the diagonal, 8 in 10. */
import type { Scored } from './measure.ts';

export interface ReliabilityCurve {
  readonly name: string;
  readonly rows: readonly Scored[];
}

interface Bin {
  readonly score: number;
  readonly share: number;
  readonly count: number;
}

const SIDE = 320;
const MARGIN = 44;
const BINS = 10;
const COLOURS = ['#0b5cad', '#b3541e', '#3c7a3a'];

/** An SVG of its own, readable without colour: each curve has its own mark; a mark's area tells its rows. */
export function reliabilitySvg(curves: readonly ReliabilityCurve[]): string {
  const x = (score: number): number => MARGIN + score * SIDE;
  const y = (share: number): number => MARGIN + (1 - share) * SIDE;
  const lines = [0, 0.25, 0.5, 0.75, 1].map(
    (at) =>
      `<path d="M${x(at)} ${y(0)}V${y(1)}M${x(0)} ${y(at)}H${x(1)}" stroke="#ddd"/>` +
      `<text x="${x(at)}" y="${y(0) + 18}" text-anchor="middle">${at}</text>` +
      `<text x="${x(0) - 8}" y="${y(at) + 4}" text-anchor="end">${at}</text>`,
  );
  const drawn = curves.map(({ name, rows }, nth) => {
    const bins = binned(rows);
    const most = Math.max(...bins.map((bin) => bin.count), 1);
    const colour = COLOURS[nth % COLOURS.length];
    const path = bins.map(
      (bin, at) => `${at === 0 ? 'M' : 'L'}${round(x(bin.score))} ${round(y(bin.share))}`,
    );
    const marks = bins.map((bin) => {
      const size = 3 + 6 * Math.sqrt(bin.count / most);
      const title = `<title>${name}: ${bin.count} rows, score ${bin.score.toFixed(2)}, fraud ${bin.share.toFixed(2)}</title>`;
      const [cx, cy] = [round(x(bin.score)), round(y(bin.share))];
      return nth % 2 === 0
        ? `<circle cx="${cx}" cy="${cy}" r="${round(size)}" fill="${colour}">${title}</circle>`
        : `<rect x="${round(cx - size)}" y="${round(cy - size)}" width="${round(2 * size)}" height="${round(2 * size)}" fill="${colour}">${title}</rect>`;
    });
    const legend = `<text x="${x(0.04)}" y="${y(1) + 18 + 18 * nth}" fill="${colour}">${nth % 2 === 0 ? '●' : '■'} ${name}</text>`;
    return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="1.5"/>${marks.join('')}${legend}`;
  });
  const whole = SIDE + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${whole}" width="${whole}" height="${whole}" font-family="sans-serif" font-size="12" role="img">`,
    '<title>Reliability: score against share of fraud</title>',
    `<rect width="${whole}" height="${whole}" fill="#fff"/>`,
    ...lines,
    `<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="#888" stroke-dasharray="4 4"/>`,
    ...drawn,
    `<text x="${x(0.5)}" y="${whole - 8}" text-anchor="middle">score</text>`,
    `<text x="14" y="${y(0.5)}" text-anchor="middle" transform="rotate(-90 14 ${y(0.5)})">share of fraud</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Ten bins of equal width; those without rows are left out. */
function binned(rows: readonly Scored[]): Bin[] {
  const sums = Array.from({ length: BINS }, () => ({ count: 0, score: 0, bad: 0 }));
  for (const { score, isBad } of rows) {
    const bin = sums[Math.min(BINS - 1, Math.floor(score * BINS))]!;
    bin.count += 1;
    bin.score += score;
    if (isBad) bin.bad += 1;
  }
  return sums
    .filter((bin) => bin.count > 0)
    .map((bin) => ({ count: bin.count, score: bin.score / bin.count, share: bin.bad / bin.count }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
