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

/** Through whom a referral goes: operators block a host, platforms remove a page or an account. */
export const CHANNELS = ['operator_block', 'platform_notice'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface BlockScope {
  readonly level: 'host' | 'account';
  /** Host name, or the account's address without a scheme. */
  readonly value: string;
  readonly why: string;
}

/** One request to block, complete enough to stand without the house that made it. Times are UTC. */
export interface Referral {
  readonly profile: 'kibernadzor-referral/0.1.0';
  readonly caseId: string;
  readonly caseRevision: number;
  /** The page asked about, as captured. */
  readonly url: string;
  readonly finalUrl: string;
  readonly hostname: string;
  readonly registrableDomain: string | null;
  readonly label: Label;
  readonly score: number;
  readonly model: string;
  readonly lang: string;
  readonly channel: Channel;
  readonly offence: string;
  readonly ground: GroundCode;
  /** For the form: Russian, 80 to 500 characters. */
  readonly reason: string;
  /** The same in Kazakh. */
  readonly reasonKk: string;
  /** What the first officer wrote on deciding. */
  readonly officerReason: string;
  /** What will really go dark: operators cannot block one page of an HTTPS host. Computed, never typed. */
  readonly scope: BlockScope;
  /** The form's own choices; texts as its lists show them. */
  readonly form: {
    readonly objectType: string;
    readonly resourceKind: string;
    readonly language: string;
    readonly group: string;
  };
  /** Short links and other addresses that led to the page. */
  readonly aliases: readonly string[];
  /** Over-blocking rules that ask for care and were accepted by the two officers' yes. */
  readonly cautions: readonly { readonly rule: string; readonly why: string }[];
  readonly signs: readonly { readonly id: string; readonly criterion: string; readonly quote: string }[];
  readonly capturedAt: string;
  readonly evidence: {
    readonly screenshot: { readonly path: string; readonly sha256: string; readonly bytes: number };
    readonly fullScreenshot: {
      readonly path: string;
      readonly sha256: string;
      readonly bytes: number;
    } | null;
    readonly warc: { readonly path: string; readonly sha256: string; readonly bytes: number };
  };
  readonly pages: readonly string[];
  readonly decidedBy: string;
  readonly decidedAt: string;
  readonly approvedBy: string;
  readonly approvedAt: string;
}
