/** The shapes of API v1, and how stored things are told in them. Times are ISO 8601 in UTC. */
import { z } from '@hono/zod-openapi';
import { LABELS } from '../../domain/assessment.ts';
import type { Case, CaseStateName } from '../../domain/case.ts';
import type { PassageEvent } from '../../domain/passage.ts';
import type { Claim } from '../../domain/queue.ts';
import { CHANNELS } from '../../domain/referral.ts';
import { PROFILES } from '../../domain/visitor.ts';
import { type Account, ROLES } from '../../store/accounts.ts';
import type { BatchSummary } from '../../store/batches.ts';
import type { CapturedPage } from '../../store/captures.ts';
import type { Act } from '../../store/cases.ts';
import { shownName } from '../web/name.ts';

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

/** For what is told with the moment of its last change. */
export const updatedSince = z.iso.datetime({ offset: true }).optional();
export const UPDATED_SINCE = 'Only what changed since, oldest change first';

export const CaseQuery = z.object({
  updated_since: updatedSince.openapi({ description: `${UPDATED_SINCE}; go on from the last \`updatedAt\`` }),
  /** Of the last case told, where several changed at the same moment. */
  after: z
    .string()
    .regex(/^K-\d{6,15}$/)
    .optional(),
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
    subject: z.object({
      kind: z.enum(['site', 'channel', 'ring']),
      key: z.string(),
      /** As a person reads it. */
      readable: z.string(),
      /** As DNS has it, when that differs. */
      punycode: z.string().nullable(),
      /** One of its parts is written in two alphabets. */
      isMixed: z.boolean(),
    }),
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
      /** What the first officer decided is kept from whoever looks second. */
      isBlind: z.boolean().optional(),
      escalated: z
        .object({ by: z.string(), at: time, reason: z.string(), between: z.array(z.string()) })
        .optional(),
      watched: z.object({ by: z.string(), at: time, reason: z.string(), until: time }).optional(),
    }),
    openedAt: time,
    updatedAt: time,
  })
  .openapi('Case');

export const ActView = z
  .object({ at: time, by: z.string(), kind: z.string(), facts: z.record(z.string(), z.unknown()) })
  .openapi('Act');

export const PassageEventView = z
  .object({ at: time, by: z.string(), kind: z.string(), facts: z.record(z.string(), z.unknown()) })
  .openapi('PassageEvent', { description: 'What became of a referral after it left' });

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

/** A run of the text, and which signals (by their place, from 0) cite it. */
const RunView = z.object({ text: z.string(), by: z.array(z.int()) });
export const CaptureDetail = CaptureView.extend({ text: z.string(), runs: z.array(RunView) }).openapi(
  'CaptureDetail',
  { description: '`runs` is the text, cut where a signal cites it' },
);

export const UrgencyView = z
  .object({ risk: z.number(), reach: z.int(), waitingDays: z.number(), weight: z.number() })
  .openapi('Urgency', {
    description: 'weight = risk x reach x 2 ^ (waitingDays / 7): the order of the queue',
  });
export const ClaimView = z
  .object({ caseId: z.string(), by: z.string(), until: time, isMine: z.boolean() })
  .openapi('Claim');
export const QueuedView = CaseView.extend({
  urgency: UrgencyView,
  claim: ClaimView.nullable(),
  /** Those that speak against it, the strongest first. */
  reasons: z.array(z.object({ family: z.string(), excerpt: z.string() })),
}).openapi('QueuedCase');

export const CaseDetail = CaseView.extend({
  acts: z.array(ActView),
  captures: z.array(CaptureView),
  urgency: UrgencyView,
  claim: ClaimView.nullable(),
  /** The sample that whoever asks reads this case for, blind; null for none. */
  reread: z.int().nullable(),
  /** Until when whoever asks may take the last act back. */
  undoableUntil: time.nullable(),
  /** The capture that the case stands on, with its text. */
  main: CaptureDetail.nullable(),
  grounds: z.array(z.string()),
  alike: z.array(
    z.object({
      site: z.string(),
      readable: z.string(),
      score: z.number(),
      reasons: z.array(z.object({ what: z.string(), detail: z.string() })),
      caseId: z.string().nullable(),
      label: z.string().nullable(),
      state: z.string().nullable(),
    }),
  ),
  rings: z
    .array(
      z.object({
        id: z.string(),
        state: z.enum(['open', 'merged', 'withdrawn']),
        relation: z.enum(['duplicate_ad', 'same_photo']),
        members: z.int(),
        people: z.int(),
        markets: z.array(z.string()),
      }),
    )
    .openapi({ description: 'The ring that the case is of, and those of listings that its captures show' }),
}).openapi('CaseDetail');

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

/** @param isBlind whoever asks is not told what the first officer decided. */
export function caseView(it: Case, isBlind = false): z.infer<typeof CaseView> {
  return {
    id: it.id,
    subject: { ...it.subject, ...shownName(it.subject) },
    label: it.label,
    score: it.score,
    revision: it.revision,
    state: isBlind ? { is: it.state.is, isBlind } : stateView(it.state),
    openedAt: it.openedAt.toISOString(),
    updatedAt: it.updatedAt.toISOString(),
  };
}

function stateView(state: Case['state']): z.infer<typeof CaseView>['state'] {
  if (state.is === 'open') {
    const { escalated, watched } = state;
    return {
      is: 'open',
      ...(escalated === undefined
        ? {}
        : { escalated: { ...escalated, between: [...escalated.between], at: escalated.at.toISOString() } }),
      ...(watched === undefined
        ? {}
        : { watched: { ...watched, at: watched.at.toISOString(), until: watched.until.toISOString() } }),
    };
  }
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
  // What it was before is for undoing it, and tells a blind second look too much.
  const { before: _, ...facts } = act.facts;
  return { at: act.at.toISOString(), by: act.by, kind: act.kind, facts };
}

export function passageEventView({ at, by, kind, facts }: PassageEvent): z.infer<typeof PassageEventView> {
  return { at: at.toISOString(), by, kind, facts: { ...facts } };
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

export function claimView({ caseId, by, until }: Claim, me: string): z.infer<typeof ClaimView> {
  return { caseId, by, until: until.toISOString(), isMine: by === me };
}
