/** How the desk says no: every error as a status, a code for programs and a message for people. */
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { CaseRefusedError } from '../domain/case.ts';
import { OverrideRefusedError } from '../domain/override.ts';
import { PassageRefusedError } from '../domain/passage.ts';
import { RereadRefusedError } from '../domain/reread.ts';
import { BadSourceError } from '../domain/watch.ts';
import { BadReceiptError } from '../exports/receipts.ts';
import { AccountRefusedError } from '../store/accounts.ts';
import { AppealRefusedError, NoSuchAppealError } from '../store/appeals.ts';
import { NoSuchBatchError } from '../store/batches.ts';
import { NoSuchCaseError } from '../store/cases.ts';
import { KeyReusedError } from '../store/once.ts';
import { NoSuchOverrideError } from '../store/overrides.ts';
import { NoSuchReferralError } from '../store/passages.ts';
import { HeldError, TooManyClaimsError } from '../store/queue.ts';
import { ReissueRefusedError } from '../store/reissues.ts';
import { NoSuchScanError } from '../store/scan-stops.ts';
import { NoSuchSourceError } from '../store/sources.ts';
import { TenantRefusedError } from '../store/tenants.ts';

export type DeskRefusal =
  | 'bad_request'
  | 'not_logged_in'
  | 'bad_key'
  | 'bad_endpoint'
  | 'bad_log_in'
  | 'too_many_attempts'
  | 'not_allowed'
  | 'bad_origin'
  | 'bad_host'
  | 'not_found'
  | 'bad_invitation'
  | 'changed'
  | 'too_large'
  | 'not_available'
  | 'scan_ended'
  | 'bad_url'
  | 'too_short'
  | 'bad_tips'
  | 'no_market'
  | 'no_marketplace'
  | 'bad_passkey'
  | 'elsewhere_refused'
  | 'replied'
  | 'throttled'
  | 'busy'
  | 'count_differs'
  | 'key_running'
  | 'key_answered'
  | 'look_blind'
  | 'no_words'
  | 'batch_changed'
  | 'not_handed_over'
  | 'carry_failed';

/** A request that the desk does not serve. */
export class DeskRefusedError extends Error {
  override readonly name = 'DeskRefusedError';
  readonly facts: { readonly status: ContentfulStatusCode; readonly code: DeskRefusal };

  constructor(status: ContentfulStatusCode, code: DeskRefusal, message: string) {
    super(message);
    this.facts = { status, code };
  }
}

export interface Refusal {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly message: string;
}

/** The refusal that an error stands for; null for an error that no rule expected. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof DeskRefusedError) return { ...error.facts, message: error.message };
  if (
    error instanceof CaseRefusedError ||
    error instanceof RereadRefusedError ||
    error instanceof PassageRefusedError ||
    error instanceof OverrideRefusedError
  )
    return { status: 409, code: error.facts.code, message: error.message };
  if (error instanceof HeldError) return { status: 409, code: 'claimed', message: error.message };
  if (error instanceof TooManyClaimsError)
    return { status: 409, code: 'too_many_claims', message: error.message };
  if (error instanceof KeyReusedError) return { status: 422, code: 'key_reused', message: error.message };
  if (error instanceof BadSourceError) return { status: 422, code: 'bad_request', message: error.message };
  if (error instanceof NoSuchSourceError || error instanceof NoSuchScanError)
    return { status: 404, code: 'not_found', message: error.message };
  if (error instanceof TenantRefusedError)
    return { status: 422, code: 'no_marketplace', message: error.message };
  if (error instanceof BadReceiptError) return { status: 422, code: 'bad_receipt', message: error.message };
  if (error instanceof ReissueRefusedError)
    return { status: 409, code: error.facts.code, message: error.message };
  if (error instanceof AppealRefusedError)
    return { status: 409, code: error.facts.refusal, message: error.message };
  if (
    error instanceof NoSuchCaseError ||
    error instanceof NoSuchBatchError ||
    error instanceof NoSuchReferralError ||
    error instanceof NoSuchOverrideError ||
    error instanceof NoSuchAppealError
  ) {
    return { status: 404, code: 'not_found', message: error.message };
  }
  if (error instanceof AccountRefusedError) {
    const { code } = error.facts;
    const isTyped = code === 'bad_login' || code === 'bad_name' || code === 'weak_password';
    return { status: code === 'no_account' ? 404 : isTyped ? 422 : 409, code, message: error.message };
  }
  if (error instanceof HTTPException && error.status < 500) {
    return { status: 400, code: 'bad_request', message: error.message || 'The request is malformed.' };
  }
  return null;
}
