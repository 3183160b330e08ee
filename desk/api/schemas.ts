/** The shapes of API v1, and how stored things are told in them. Times are ISO 8601 in UTC. */
import { z } from '@hono/zod-openapi';
import { LABELS } from '../../domain/assessment.ts';
import type { Case, CaseStateName } from '../../domain/case.ts';
import { CHANNELS } from '../../domain/referral.ts';
import { readableHost } from '../../domain/url.ts';
import { PROFILES } from '../../domain/visitor.ts';
import { type Account, ROLES } from '../../store/accounts.ts';
import type { BatchSummary } from '../../store/batches.ts';
import type { CapturedPage } from '../../store/captures.ts';
import type { Act } from '../../store/cases.ts';

export const STATES = [
  'open',
  'confirmed',
  'approved',
  'dismissed',
  'referred',
] as const satisfies readonly CaseStateName[];

export const CaseIdParam = z.object({
  id: z
    .string()
    .regex(/^K-\d{6,15}$/)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'K-000001' }),
});
export const CaptureIdParam = z.object({
  id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }),
});
export const LoginParam = z.object({
  login: z
    .string()
    .min(1)
    .max(64)
    .openapi({ param: { name: 'login', in: 'path' }, example: 'aigerim' }),
});

/** Text that PostgreSQL can hold and a person can have typed. */
export const typed = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => !text.includes('\u0000'), 'holds a NUL');

export const CaseQuery = z.object({
  state: z.enum(STATES).optional(),
  label: z.enum(LABELS).optional(),
  search: typed(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

export const DecisionBody = z
  .discriminatedUnion('verdict', [
    z.object({
      verdict: z.literal('confirm'),
      ground: typed(40),
      reason: typed(2000),
      revision: z.int().optional(),
    }),
    z.object({ verdict: z.literal('dismiss'), reason: typed(2000), revision: z.int().optional() }),
  ])
  .openapi('Decision', {
    description: 'With `revision`, refused with `changed` when the case is at another one by now.',
  });

export const ApprovalBody = z.object({ revision: z.int().optional() }).openapi('Approval');

export const LogInBody = z.object({ login: typed(100), password: typed(1000) }).openapi('LogIn');

export const PersonBody = z
  .object({ login: typed(100), name: typed(200), role: z.enum(ROLES) })
  .openapi('NewPerson');

export const ScanBody = z.object({ urls: z.array(typed(4096)).min(1).max(1000) }).openapi('NewScan');

export const ErrorView = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .openapi('Error');

export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
export const body = <S extends z.ZodType>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema } },
});
/** What every route may answer besides. */
export const refused = {
  default: { description: 'Refused', content: { 'application/json': { schema: ErrorView } } },
};

const time = z.iso.datetime();

export const CaseView = z
  .object({
    id: z.string(),
    subject: z.object({ kind: z.enum(['site', 'channel', 'ring']), key: z.string(), readable: z.string() }),
    label: z.enum(LABELS),
    score: z.number(),
    revision: z.int(),
    state: z.object({
      is: z.enum(STATES),
      by: z.string().optional(),
      at: time.optional(),
      ground: z.string().optional(),
      reason: z.string().optional(),
      approvedBy: z.string().optional(),
      approvedAt: time.optional(),
      batch: z.string().optional(),
    }),
    openedAt: time,
    updatedAt: time,
  })
  .openapi('Case');

export const ActView = z
  .object({ at: time, by: z.string(), kind: z.string(), facts: z.record(z.string(), z.unknown()) })
  .openapi('Act');

export const CaptureView = z
  .object({
    id: z.string(),
    url: z.string(),
    finalUrl: z.string(),
    capturedAt: time,
    status: z.int(),
    mediaType: z.string(),
    peer: z.string().nullable(),
    bodySha256: z.string(),
    bodyBytes: z.int(),
    warc: z.string(),
    screenshot: z.string().nullable(),
    fullScreenshot: z.string().nullable(),
    dom: z.string().nullable(),
    renderReason: z.string().nullable(),
    /** The visitor it was asked for as; missing where Kuzet asked in its own name. */
    profile: z.enum(PROFILES).optional(),
    hops: z.array(z.object({ url: z.string(), status: z.int(), location: z.string().nullable() })),
    title: z.string(),
    assessment: z.object({
      lang: z.string(),
      label: z.enum(LABELS),
      score: z.number(),
      verdict: z.enum(['flag', 'clear', 'abstain']),
      abstainReason: z.string().nullable(),
      scores: z.record(z.string(), z.number()),
      signals: z.array(
        z.object({
          id: z.string(),
          family: z.string(),
          criterion: z.string(),
          excerpt: z.string(),
          contribution: z.number(),
        }),
      ),
      model: z.string(),
    }),
  })
  .openapi('Capture');

export const CaseList = z
  .object({ total: z.int(), next: z.int().nullable(), cases: z.array(CaseView) })
  .openapi('CaseList', { description: '`next` is the offset of the next page; null on the last one.' });

export const CaseDetail = CaseView.extend({
  acts: z.array(ActView),
  captures: z.array(CaptureView),
}).openapi('CaseDetail');

export const CaptureDetail = CaptureView.extend({ text: z.string() }).openapi('CaptureDetail');

export const BatchView = z
  .object({
    id: z.string(),
    channel: z.enum(CHANNELS),
    builtAt: time,
    sha256: z.string().nullable(),
    cases: z.int(),
  })
  .openapi('Batch');

export const PersonView = z
  .object({
    login: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    status: z.enum(['active', 'invited', 'disabled']),
    createdAt: time,
  })
  .openapi('Person');

export const InvitationView = z
  .object({ person: PersonView, link: z.string() })
  .openapi('Invitation', { description: 'The link is told once and works once, for 72 hours.' });

export const MeView = z
  .object({ login: z.string(), name: z.string(), role: z.enum(ROLES), isVisitor: z.boolean() })
  .openapi('Me');

export function caseView(it: Case): z.infer<typeof CaseView> {
  const { kind, key } = it.subject;
  return {
    id: it.id,
    subject: { kind, key, readable: kind === 'site' ? readableHost(key) : key },
    label: it.label,
    score: it.score,
    revision: it.revision,
    state: stateView(it.state),
    openedAt: it.openedAt.toISOString(),
    updatedAt: it.updatedAt.toISOString(),
  };
}

function stateView(state: Case['state']): z.infer<typeof CaseView>['state'] {
  if (state.is === 'open') return { is: 'open' };
  const first = { by: state.by, at: state.at.toISOString(), reason: state.reason };
  if (state.is === 'dismissed') return { is: 'dismissed', ...first };
  if (state.is === 'confirmed') return { is: 'confirmed', ...first, ground: state.ground };
  const both = {
    ...first,
    ground: state.ground,
    approvedBy: state.approvedBy,
    approvedAt: state.approvedAt.toISOString(),
  };
  return state.is === 'approved'
    ? { is: 'approved', ...both }
    : { is: 'referred', ...both, batch: state.batch };
}

export function actView(act: Act): z.infer<typeof ActView> {
  return { at: act.at.toISOString(), by: act.by, kind: act.kind, facts: { ...act.facts } };
}

export function captureView({ capture, page }: CapturedPage): z.infer<typeof CaptureView> {
  const { visitId: _, ...told } = capture;
  const { assessment } = page;
  return {
    ...told,
    capturedAt: capture.capturedAt.toISOString(),
    hops: [...capture.hops],
    title: page.title,
    assessment: { ...assessment, scores: { ...assessment.scores }, signals: [...assessment.signals] },
  };
}

export function batchView(batch: BatchSummary): z.infer<typeof BatchView> {
  return { ...batch, builtAt: batch.builtAt.toISOString() };
}

export function personView(account: Account): z.infer<typeof PersonView> {
  return { ...account, createdAt: account.createdAt.toISOString() };
}
