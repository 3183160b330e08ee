/**
 * What may leave the house, under which offence and on which ground: one table.
 *
 * Offence texts and criminal-code numbers come from public sources on the Kibernadzor form and the law;
 * `status` says how sure each is: `observed` was seen on the form itself, `assumed` was not, and an
 * agency corrects it here.
 */
import type { Label } from './assessment.ts';

export type GroundCode = 'KZ-CC-190' | 'KZ-CC-217' | 'KZ-CC-217-1';

export interface Offence {
  /** As the form's list names it. */
  readonly form: string;
  readonly status: 'observed' | 'assumed' | 'confirmed';
  /** Grounds an officer may choose, the usual one first. */
  readonly grounds: readonly GroundCode[];
}

const PHISHING = 'Интернет-мошенничество (Фишинговый сайт)';
const FRAUD = 'Интернет-мошенничество';
const PYRAMID = 'Финансовая пирамида';

/** Label -> offence; a label that is not here is recognised and never referred. */
export const OFFENCES: Readonly<Partial<Record<Label, Offence>>> = {
  pyramid: { form: PYRAMID, status: 'assumed', grounds: ['KZ-CC-217', 'KZ-CC-217-1', 'KZ-CC-190'] },
  investment_fraud: { form: FRAUD, status: 'assumed', grounds: ['KZ-CC-190', 'KZ-CC-217'] },
  phishing: { form: PHISHING, status: 'observed', grounds: ['KZ-CC-190'] },
  fake_shop: { form: FRAUD, status: 'assumed', grounds: ['KZ-CC-190'] },
  fake_listing: { form: FRAUD, status: 'assumed', grounds: ['KZ-CC-190'] },
  dropper: { form: FRAUD, status: 'assumed', grounds: ['KZ-CC-190'] },
  recovery: { form: FRAUD, status: 'assumed', grounds: ['KZ-CC-190'] },
};

export function isReferable(label: Label): boolean {
  return OFFENCES[label] !== undefined;
}

/** The ground an officer typed, checked against the label; case and surrounding space do not matter. */
export function groundFor(
  label: Label,
  typed: string,
): { readonly is: 'ground'; readonly code: GroundCode } | { readonly is: 'refused'; readonly why: string } {
  const allowed = OFFENCES[label]?.grounds ?? [];
  const code = allowed.find((ground) => ground === typed.trim().toUpperCase());
  if (code !== undefined) return { is: 'ground', code };
  return {
    is: 'refused',
    why: `"${typed}" is no ground for ${label}. Choose one of: ${allowed.join(', ')}.`,
  };
}

/**
 * Through whom a referral goes: operators block a host, a platform removes a page or an account, a host or a
 * registrar acts on what is its own, a court on what only a court may limit.
 */
export const CHANNELS = [
  'operator_block',
  'platform_notice',
  'hosting_notice',
  'registrar_notice',
  'court_route',
] as const;
export type Channel = (typeof CHANNELS)[number];
