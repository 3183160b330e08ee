/**
 * What was done in a period, for everybody to read: counts by kind of fraud, channel, outcome and appeal, and how
 * long it took at the median. No address, no name, no words of anybody: counts only.
 *
 *     rows of the store -> transparencyOf -> Markdown | CSV | SVG
 */

export interface TransparencyRows {
  /** Acts on cases in the period. `hours` since the act before it on the same case; null for the first. */
  readonly acts: readonly { readonly kind: string; readonly label: string; readonly hours: number | null }[];
  /** What left in the period, and where it stands now. */
  readonly referrals: readonly {
    readonly channel: string;
    readonly label: string;
    readonly state: string;
    /** From hand-over to the block or the removal; null when there was none. */
    readonly hoursToEnd: number | null;
  }[];
  /** Appeals that came in the period; verdict null while they wait. */
  readonly appeals: readonly { readonly verdict: string | null; readonly hours: number | null }[];
}

export interface Transparency {
  readonly org: string;
  /** Days, the last one included: `2026-10-01`. */
  readonly from: string;
  readonly to: string;
  readonly sections: readonly Section[];
}

export interface Section {
  readonly id: 'opened' | 'decided' | 'channels' | 'outcomes' | 'appeals' | 'hours';
  /** Name -> count, or median hours; in the order of size, then of name. */
  readonly rows: readonly (readonly [name: string, value: number])[];
}

export function transparencyOf(
  period: Pick<Transparency, 'org' | 'from' | 'to'>,
  { acts, referrals, appeals }: TransparencyRows,
): Transparency {
  const of = (kind: string) => acts.filter((act) => act.kind === kind);
  const hoursOf = (kind: string) => median(of(kind).map(({ hours }) => hours));
  const hours: (readonly [string, number | null])[] = [
    ['confirmed', hoursOf('confirmed')],
    ['approved', hoursOf('approved')],
    ['dismissed', hoursOf('dismissed')],
    ['restricted_or_removed', median(referrals.map(({ hoursToEnd }) => hoursToEnd))],
    ['appeal_judged', median(appeals.map((appeal) => appeal.hours))],
  ];
  return {
    ...period,
    sections: [
      { id: 'opened', rows: tallied(of('opened').map(({ label }) => label)) },
      {
        id: 'decided',
        rows: tallied(
          acts.filter(({ kind }) => DECISIONS.has(kind)).map(({ kind, label }) => `${kind}: ${label}`),
        ),
      },
      { id: 'channels', rows: tallied(referrals.map(({ channel, label }) => `${channel}: ${label}`)) },
      { id: 'outcomes', rows: tallied(referrals.map(({ state }) => state)) },
      { id: 'appeals', rows: tallied(appeals.map(({ verdict }) => verdict ?? 'waits')) },
      {
        id: 'hours',
        rows: hours.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
      },
    ],
  };
}

const DECISIONS: ReadonlySet<string> = new Set(['confirmed', 'approved', 'dismissed', 'overturned']);

function tallied(names: readonly string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** To a tenth; of an even number the mean of the two in the middle; null of none. */
function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const half = known.length / 2;
  const middle = (known[Math.ceil(half) - 1]! + known[Math.floor(half)]!) / 2;
  return Math.round(middle * 10) / 10;
}

type Lang = 'ru' | 'kk' | 'en';

const TITLES: Readonly<Record<Lang, Readonly<Record<Section['id'] | 'report' | 'total' | 'none', string>>>> =
  {
    ru: {
      report: 'Отчёт о прозрачности',
      opened: 'Открыто дел',
      decided: 'Решения',
      channels: 'Направлено, по каналам',
      outcomes: 'Чем кончилось, на сегодня',
      appeals: 'Возражения',
      hours: 'Медиана, часов',
      total: 'Всего',
      none: 'нет',
    },
    kk: {
      report: 'Ашықтық туралы есеп',
      opened: 'Ашылған істер',
      decided: 'Шешімдер',
      channels: 'Жіберілді, арналар бойынша',
      outcomes: 'Немен аяқталды, бүгінге',
      appeals: 'Қарсылықтар',
      hours: 'Медиана, сағат',
      total: 'Барлығы',
      none: 'жоқ',
    },
    en: {
      report: 'Transparency report',
      opened: 'Cases opened',
      decided: 'Decisions',
      channels: 'Referred, by channel',
      outcomes: 'What came of it, as of today',
      appeals: 'Appeals',
      hours: 'Median hours',
      total: 'Total',
      none: 'none',
    },
  };

export function transparencyMarkdown(it: Transparency, lang: Lang): string {
  const words = TITLES[lang];
  const lines = [`# ${words.report}: ${it.org}`, '', `${it.from} – ${it.to}`, ''];
  for (const { id, rows } of it.sections) {
    lines.push(`## ${words[id]}`, '');
    if (rows.length === 0) lines.push(words.none, '');
    else {
      lines.push('| | |', '|---|---:|', ...rows.map(([name, value]) => `| ${name} | ${value} |`));
      if (id !== 'hours') lines.push(`| **${words.total}** | **${sum(rows)}** |`);
      lines.push('');
    }
  }
  return lines.join('\n');
}

export function transparencyCsv(it: Transparency): string {
  const rows = it.sections.flatMap(({ id, rows: own }) =>
    own.map(([name, value]) => [id, name, String(value)]),
  );
  return [['section', 'name', 'value'], ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

const BAR = { height: 22, gap: 6, left: 260, width: 420, top: 48 } as const;

/** Bars of one section, readable without colour; names come from our own tables alone. */
export function transparencySvg(it: Transparency, id: Section['id'], lang: Lang): string {
  const words = TITLES[lang];
  const rows = it.sections.find((section) => section.id === id)?.rows ?? [];
  const most = Math.max(1, ...rows.map(([, value]) => value));
  const height = BAR.top + rows.length * (BAR.height + BAR.gap) + 16;
  const bars = rows.map(([name, value], at) => {
    const y = BAR.top + at * (BAR.height + BAR.gap);
    const width = Math.max(1, Math.round((value / most) * BAR.width));
    return [
      `<text x="${BAR.left - 8}" y="${y + 16}" text-anchor="end">${name}</text>`,
      `<rect x="${BAR.left}" y="${y}" width="${width}" height="${BAR.height}" fill="#1f5f7a"/>`,
      `<text x="${BAR.left + width + 6}" y="${y + 16}">${value}</text>`,
    ].join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="760" height="${height}" font-family="sans-serif" font-size="13" role="img" aria-label="${words[id]}"><rect width="100%" height="100%" fill="#fff"/><text x="16" y="28" font-size="16">${words[id]}, ${it.from} – ${it.to}</text>${bars.join('')}</svg>\n`;
}

function sum(rows: Section['rows']): number {
  return rows.reduce((total, [, value]) => total + value, 0);
}
