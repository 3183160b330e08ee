/**
 * One referral as it leaves the house: the profile `kibernadzor-referral` 1.0.0, field by field.
 *
 * Complete enough to stand without the house that made it. Times are UTC, ISO 8601. `null` says that a fact is
 * known to be absent or was not found out; nothing is left out. The JSON Schema and the XSD beside the
 * exporter (`exports/kibernadzor/referral.schema.json`, `.xsd`) are made from this file and kept equal by a test.
 * Order of fields: that of the profile, which is also the order of elements in XML.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LABELS } from './assessment.ts';
import { canonicalJson } from './ledger.ts';
import { CHANNELS } from './referral.ts';

export const PROFILE = 'kibernadzor-referral/1.0.0';

const HASH = z.string().regex(/^[0-9a-f]{64}$/);
const TIME = z.iso.datetime();
const ADDRESS = z
  .string()
  .regex(/^https?:\/\/[^\s]+$/)
  .max(8000);
const WORDS = z.string().min(1).max(2000);

export const TARGET_KINDS = [
  'site_domain',
  'site_host',
  'page',
  'social_account',
  'social_post',
  'messenger_channel',
  'messenger_bot',
  'video',
  'marketplace_listing',
  'app',
  'ad',
] as const;

/** A file of the case inside the batch. */
export const EVIDENCE_PART = z.strictObject({
  id: z.string().regex(/^ev-\d+$/),
  kind: z.enum([
    'screenshot_viewport',
    'screenshot_full',
    'warc',
    'wacz',
    'tls_chain',
    'dns',
    'rdap',
    'redirects',
  ]),
  path: z.string().regex(/^evidence\/[^/]+\/[^/]+$/),
  mediaType: z.enum([
    'image/png',
    'application/warc',
    'application/wacz',
    'application/pem-certificate-chain',
    'application/json',
  ]),
  bytes: z.int().nonnegative(),
  sha256: HASH,
  capturedAt: TIME,
  captureTool: WORDS,
  /** `1280x800`; null for what is no picture. */
  viewport: z
    .string()
    .regex(/^\d+x\d+$/)
    .nullable(),
  /** Country of the address it was captured from, ISO 3166; null when not told. */
  fromIpCountry: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable(),
  httpStatus: z.int().min(100).max(599),
  note: WORDS.nullable(),
});

export const REFERRAL_RECORD = z.strictObject({
  /** 1 */
  profile: z.literal(PROFILE),
  /** 2: the same whenever this revision of the case is sent again. */
  referralId: z.uuid(),
  /** 3 */
  caseId: z.string().regex(/^K-\d{6,}$/),
  caseRevision: z.int().positive(),
  /** 4 */
  title: z.string().min(1).max(120),
  /** 5: as it was asked for, unnormalised. */
  url: ADDRESS,
  /** 6 */
  urlNormalized: ADDRESS,
  dedupeKey: HASH,
  /** 7 */
  finalUrl: ADDRESS,
  redirectChain: z.array(
    z.strictObject({
      url: ADDRESS,
      status: z.int().min(100).max(599),
      via: z.enum(['http', 'script']),
      at: TIME,
    }),
  ),
  /** 8: short links, mirrors and advertisements that led to the page. */
  aliases: z.array(ADDRESS),
  /** 9 to 11 */
  target: z.strictObject({
    kind: z.enum(TARGET_KINDS),
    objectType: WORDS,
    resourceKind: WORDS,
    platform: z.string().nullable(),
    platformObjectId: z.string().nullable(),
    publications: z.int().nonnegative().nullable(),
    subscribers: z.int().nonnegative().nullable(),
  }),
  /** 12 */
  requestedScope: z.enum(['url', 'account', 'host', 'domain', 'domain_mask', 'ip']),
  /** 13: what will really go dark. Computed, never typed. */
  effectiveBlockScope: z.strictObject({
    level: z.enum(['host', 'account']),
    value: WORDS,
    collateral: z.enum(['none', 'low', 'high']),
    why: WORDS,
  }),
  /** 14 */
  channel: z.enum(CHANNELS),
  /** 15 */
  hostname: z.string().min(1).max(253),
  registrableDomain: z.string().nullable(),
  publicSuffix: z.string().nullable(),
  isPrivateSuffix: z.boolean(),
  /** 16 */
  network: z.array(
    z.strictObject({
      ip: z.string().regex(/^[0-9a-fA-F.:]+$/),
      asn: z.int().positive().nullable(),
      asName: z.string().nullable(),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .nullable(),
      isSharedOrCdn: z.boolean().nullable(),
      observedAt: TIME,
    }),
  ),
  /** 17 */
  registration: z
    .strictObject({
      registrar: z.string().nullable(),
      ianaId: z.string().nullable(),
      createdAt: TIME.nullable(),
      expiresAt: TIME.nullable(),
      status: z.array(z.string()),
      nameServers: z.array(z.string()),
      abuseEmail: z.string().nullable(),
      source: z.enum(['rdap', 'whois']),
      fetchedAt: TIME,
      error: z.string().nullable(),
    })
    .nullable(),
  /** 18 */
  tls: z
    .strictObject({
      issuer: z.string(),
      subject: z.string(),
      san: z.array(z.string()),
      notBefore: TIME,
      notAfter: TIME,
      sha256: HASH,
    })
    .nullable(),
  /** 19 */
  hostedInKz: z.boolean().nullable(),
  kzTld: z.boolean(),
  /** 20 */
  ownerContacts: z.array(z.string()),
  ownerNotifiedAt: TIME.nullable(),
  /** 21: as the form's list names it. */
  offense: WORDS,
  /** 22 */
  qualification: z
    .array(
      z.strictObject({
        code: z.enum(['KZ-CC-190', 'KZ-CC-217', 'KZ-CC-217-1']),
        articleRu: WORDS,
        articleKk: WORDS,
        /** Edition of the law that was read; null while an agency has not confirmed it. */
        editionDate: z.iso.date().nullable(),
      }),
    )
    .min(1),
  /** 23 */
  legalBasis: z.enum(['KZ-COMM-41-1-1.1', 'KZ-INFORM-35-7', 'KZ-PLATF-9-4']),
  /** 24 */
  courtDecision: z.boolean(),
  court: z
    .strictObject({
      court: WORDS,
      number: WORDS,
      date: z.iso.date(),
      inForceDate: z.iso.date(),
      file: z.string().nullable(),
    })
    .nullable(),
  /** 25: numbers of the register of pre-trial investigations and of the incident book. */
  erdrNumber: z.string().nullable(),
  kuiNumber: z.string().nullable(),
  /** 26 */
  taxonomy: z.strictObject({
    fraudType: z.enum(LABELS),
    rsit: z.string(),
    dsaCategory: z.string(),
    dsaKeyword: z.string().nullable(),
    xarf: z.string(),
    misp: z.string(),
  }),
  /** 27 */
  signs: z
    .array(
      z.strictObject({
        code: WORDS,
        criterion: z.string(),
        quote: WORDS,
        lang: z.string(),
        evidenceRef: z.string().regex(/^ev-\d+$/),
      }),
    )
    .min(2),
  /** 28: for the form's comment. */
  reasonRu: z.string().min(80).max(500),
  reasonKk: z.string().min(80).max(2000),
  /** 29 */
  contentLanguage: WORDS,
  /** 30: 1 is the most pressing. */
  group: WORDS,
  priority: z.int().min(1).max(4),
  urgency: z.boolean(),
  /** 31: what ties it to Kazakhstan. */
  kzNexus: z.array(
    z.strictObject({
      code: z.enum(['currency_kzt', 'lang_kk', 'kz_brand', 'kz_phone', 'victim_report', 'kz_ad_target']),
      quote: WORDS,
      evidenceRef: z.string().regex(/^ev-\d+$/),
    }),
  ),
  /** 32 */
  impersonated: z
    .strictObject({ name: WORDS, bin: z.string().nullable(), officialUrl: ADDRESS.nullable() })
    .nullable(),
  /** 33 */
  payment: z
    .strictObject({
      methods: z.array(z.string()),
      wallets: z.array(z.string()),
      cardsMasked: z.array(z.string()),
      phones: z.array(z.string()),
    })
    .nullable(),
  /** 34 */
  damage: z
    .strictObject({ amountKzt: z.int().nonnegative().nullable(), victims: z.int().nonnegative().nullable() })
    .nullable(),
  /** 35: the page's own pictures and its archive. */
  evidence: z.array(EVIDENCE_PART).min(2),
  /** 36 */
  screenshotMain: z.string().regex(/^ev-\d+$/),
  /** 37 */
  firstSeenAt: TIME,
  lastSeenAliveAt: TIME,
  evidenceAgeHours: z.int().nonnegative(),
  /** 38 */
  detection: z.strictObject({
    source: z.enum(['scan', 'report', 'import']),
    captureId: z.string(),
    classifier: z.strictObject({
      name: WORDS,
      label: z.enum(LABELS),
      score: z.number().min(0).max(1),
      topFeatures: z.array(z.string()),
    }),
    automated: z.enum(['no', 'partial']),
  }),
  /** 39 */
  decision: z.strictObject({
    officerId: WORDS,
    decidedAt: TIME,
    verdict: z.literal('confirmed'),
    words: WORDS,
    secondOfficerId: WORDS,
    secondDecidedAt: TIME,
    /** Rules that ask for care, what they found, and why two officers let it go nevertheless. */
    overrides: z.array(
      z.strictObject({
        rule: WORDS,
        finding: WORDS,
        why: WORDS,
        officerId: WORDS,
        askedAt: TIME,
        secondOfficerId: WORDS,
        confirmedAt: TIME,
      }),
    ),
  }),
  /** 40 */
  duplicateCheck: z.strictObject({
    against: z.array(z.string()),
    result: z.enum(['none', 'resent']),
    previousReferralId: z.string().nullable(),
  }),
  /** 41 */
  history: z.array(z.strictObject({ at: TIME, event: WORDS, batch: z.string().nullable() })),
  /** 42 */
  review: z.strictObject({ recheckAt: z.array(TIME).min(1), expiresAt: TIME }),
  /** 43 */
  appeal: z.strictObject({ contactRu: WORDS, contactKk: WORDS, url: ADDRESS.nullable() }),
  /** 44 */
  confidentiality: z.strictObject({
    tlp: z.enum(['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED']),
    personalData: z.boolean(),
    redactions: z.array(z.string()),
  }),
  /** 45: of all fields above, as JSON with sorted keys; and of the record before it in the batch. */
  recordSha256: HASH,
  prevRecordSha256: HASH.nullable(),
});

export type ReferralRecord = z.infer<typeof REFERRAL_RECORD>;
/** A record that is in no batch yet. */
export type UnchainedRecord = Omit<ReferralRecord, 'recordSha256' | 'prevRecordSha256'>;
/** As a store keeps it, from the moment its case is taken into a batch. */
export type Referral = UnchainedRecord;
export type EvidencePart = z.infer<typeof EVIDENCE_PART>;

/** Records in the order of their batch, each with its own hash and that of the one before. */
export function chained(records: readonly UnchainedRecord[]): ReferralRecord[] {
  const rows: ReferralRecord[] = [];
  for (const record of records) {
    const prevRecordSha256 = rows.at(-1)?.recordSha256 ?? null;
    rows.push({ ...record, recordSha256: recordHash(record, prevRecordSha256), prevRecordSha256 });
  }
  return rows;
}

function recordHash(record: UnchainedRecord, prevRecordSha256: string | null): string {
  return createHash('sha256')
    .update(canonicalJson({ ...record, prevRecordSha256 }))
    .digest('hex');
}

/** Whether these are chained as they stand. */
export function isChained(records: readonly ReferralRecord[]): boolean {
  const plain = records.map(({ recordSha256: _own, prevRecordSha256: _before, ...record }) => record);
  return canonicalJson(chained(plain)) === canonicalJson(records);
}

/** Version 8 UUID (RFC 9562, made by its own rule) of one revision of one case of one organisation. */
export function referralId(org: string, caseId: string, caseRevision: number): string {
  const bytes = createHash('sha256')
    .update(canonicalJson([PROFILE, org, caseId, caseRevision]))
    .digest()
    .subarray(0, 16);
  bytes[6] = 0x80 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The file of one kind; undefined when the record has none. */
export function partOf(
  record: Pick<UnchainedRecord, 'evidence'>,
  kind: EvidencePart['kind'],
): EvidencePart | undefined {
  return record.evidence.find((part) => part.kind === kind);
}
