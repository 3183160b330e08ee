/** Family `referral`: pay for bringing others. */
import { excerptAround } from '../../domain/text.ts';
import { cut, part, type SignalKind } from './facts.ts';

const toward = { pyramid: 1 };

const levels: SignalKind = {
  id: 'referral.level_table',
  family: 'referral',
  criterion: 'KZ-ARRFR-4',
  weight: 1.3,
  toward,
  see({ folded, visible, found }) {
    if (!folded.includes('%')) return null;
    const rows = [
      ...folded.matchAll(
        /(?:\d{1,2}[- ]?(?:й|я|ші|шы|st|nd|rd|th)? ?(?:уров|лини|деңгей|саты|level|line|generation)|(?:level|уровень|линия|деңгей) ?\d{1,2})[^\n%]{0,30}?\d{1,2}(?:[.,]\d)? ?%/g,
      ),
    ];
    if (rows.length < 2) return null;
    const first = rows[0]!;
    const frame = found.reportShare > 0.02 ? 0.4 : 1;
    return part(
      (0.5 + 0.2 * (rows.length - 1)) * frame,
      excerptAround(visible, first.index, first.index + first[0].length, 160),
    );
  },
};

const link: SignalKind = {
  id: 'referral.link',
  family: 'referral',
  criterion: 'KZ-ARRFR-4',
  weight: 0.9,
  toward,
  see({ page, source }) {
    const href = page.links.find((it) =>
      /[?&/](?:ref|refid|referral|upline|sponsor|invite)(?:=|\/|$)/i.test(it.href),
    )?.href;
    const code =
      /ref(?:erral)?[-_]?(?:link|url|code|bonus|commission|id\b|count|earning)|\breferrals?\b|\bupline\b|реферал/.exec(
        source,
      )?.[0];
    if (href === undefined && code === undefined) return null;
    return part(href !== undefined && code !== undefined ? 1 : 0.6, cut(href ?? code ?? ''));
  },
};

export const referralSignals: readonly SignalKind[] = [levels, link];
