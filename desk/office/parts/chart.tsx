/**
 * Lines or bars over days. The picture is for the eye alone; whoever does not see it reads the table behind it.
 *
 * uPlot is fetched when the first chart is drawn. Its colours are read off the legend, whose words have them from the
 * style sheet: so both themes need no second list.
 */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  /** A class of the style sheet: `line-1` … `line-4`. */
  readonly line: 1 | 2 | 3 | 4;
}

const HEIGHT = 220;

/** @param days `2026-11-01`, in order; each series has a value for each. */
export function Chart({
  title,
  days,
  series,
}: {
  readonly title: string;
  readonly days: readonly string[];
  readonly series: readonly Series[];
}) {
  const box = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  useEffect(() => {
    let drawn: UPlot | null = null;
    let isGone = false;
    const draw = async () => {
      const { default: Plot } = await import('./plot.ts');
      const [into, names] = [box.current, legend.current];
      if (isGone || into === null || names === null) return;
      drawn?.destroy();
      drawn = plotted(Plot, { into, names, days, series });
    };
    const again = () => void draw();
    const theme = new MutationObserver(again);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', again);
    const width = new ResizeObserver(() => {
      if (box.current !== null) drawn?.setSize({ width: box.current.clientWidth, height: HEIGHT });
    });
    if (box.current !== null) width.observe(box.current);
    again();
    return () => {
      isGone = true;
      theme.disconnect();
      width.disconnect();
      dark.removeEventListener('change', again);
      drawn?.destroy();
    };
  }, [days, series]);
  return (
    <figure class="chart">
      <ul ref={legend} class="legend">
        {series.map(({ name, line }) => (
          <li key={name} class={`line-${line}`}>
            <span>{name}</span>
          </li>
        ))}
      </ul>
      <div ref={box} class="plot" role="img" aria-label={title} />
    </figure>
  );
}

function plotted(
  Plot: typeof UPlot,
  {
    into,
    names,
    days,
    series,
  }: {
    readonly into: HTMLElement;
    readonly names: HTMLElement;
    readonly days: readonly string[];
    readonly series: readonly Series[];
  },
): UPlot {
  const colours = [...names.children].map((it) => getComputedStyle(it).color);
  const ink = getComputedStyle(into).color;
  const axis = {
    stroke: ink,
    grid: { stroke: getComputedStyle(into).borderTopColor, width: 1 },
    ticks: { show: false },
    font: '12px sans-serif',
  };
  return new Plot(
    {
      width: into.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(4, Math.ceil(most * 1.1))] } },
      axes: [
        { ...axis, values: (_, at) => at.map((n) => (Number.isInteger(n) ? (days[n] ?? '').slice(5) : '')) },
        { ...axis, size: 48, values: (_, at) => at.map((n) => (Number.isInteger(n) ? String(n) : '')) },
      ],
      series: [
        {},
        ...series.map(({ name, line }, at) => ({
          label: name,
          stroke: colours[at] ?? ink,
          width: 2,
          // Told apart without colour too.
          dash: DASHES[line - 1] ?? [],
          points: { show: days.length < 3 },
        })),
      ],
    },
    [days.map((_, at) => at), ...series.map(({ values }) => [...values])],
    into,
  );
}

const DASHES: readonly number[][] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
