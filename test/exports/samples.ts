/** Small true-to-life records for the tests of this room: pictures, captures, approved cases, batches. */
import { deflateSync } from 'node:zlib';
import type { Assessment, Signal } from '../../domain/assessment.ts';
import type { Capture } from '../../domain/capture.ts';
import type { Case } from '../../domain/case.ts';
import type { FoundForOverride, Override } from '../../domain/override.ts';
import type { Referral } from '../../domain/record.ts';
import type { Channel } from '../../domain/referral.ts';
import type { SiteFacts } from '../../domain/site-facts.ts';
import { warcOf } from '../../evidence/warc.ts';
import { type BatchOrder, sha256Of } from '../../exports/kibernadzor/batch.ts';
import { type CapturedPage, type ReferralOrder, toReferral } from '../../exports/kibernadzor/referral.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** An RGB PNG of 8 bits a sample; every row goes through the same filter, 0 (none) to 4 (Paeth). */
export function png(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => Colour,
  filter = 0,
): Buffer {
  const plain = Array.from({ length: height }, (_, y) =>
    Buffer.from(Array.from({ length: width }, (__, x) => [...colourAt(x, y)]).flat()),
  );
  const rows = plain.map((row, y) =>
    Buffer.concat([Buffer.from([filter]), row.map((_, x) => filtered(filter, row, plain[y - 1], x))]),
  );
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function filtered(filter: number, row: Buffer, above: Buffer | undefined, x: number): number {
  const left = x >= 3 ? row[x - 3]! : 0;
  const up = above?.[x] ?? 0;
  const corner = x >= 3 ? (above?.[x - 3] ?? 0) : 0;
  const guess = left + up - corner;
  const nearest = [left, up, corner].reduce((best, it) =>
    Math.abs(guess - it) < Math.abs(guess - best) ? it : best,
  );
  return (row[x]! - [0, left, up, (left + up) >> 1, nearest][filter]!) & 0xff;
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.byteLength);
  // Readers of this house look at no chunk checksum.
  return Buffer.concat([length, Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
}

/** A picture that differs with `seed`. */
export function picture(seed: number): Buffer {
  return png(16, 10, (x, y) => [(x * 13 + seed) & 255, (y * 29 + (seed >> 8)) & 255, (seed * 7) & 255]);
}

export function signal(id: string, excerpt: string, over: Partial<Signal> = {}): Signal {
  return { id, family: id.split('.')[0]!, criterion: 'AFM-1', excerpt, contribution: 1.5, ...over };
}

export const SIGNALS: readonly Signal[] = [
  signal('yield.daily_percent', '3% в день навсегда'),
  signal('referral.levels', 'с каждого приглашённого 10%'),
  signal('licence.none', 'лицензия не требуется'),
];

export function assessment(over: Partial<Assessment> = {}): Assessment {
  return {
    lang: 'ru',
    label: 'pyramid',
    score: 0.97,
    verdict: 'flag',
    abstainReason: null,
    scores: { pyramid: 0.97, legit: 0.03 },
    signals: SIGNALS,
    model: 'structured-1',
    ...over,
  };
}

export function approved(number: number, key: string, over: Partial<Case> = {}): Case {
  return {
    id: `K-${String(number).padStart(6, '0')}`,
    subject: { kind: 'site', key },
    label: 'pyramid',
    score: 0.97,
    revision: 3,
    state: {
      is: 'approved',
      by: 'aigerim',
      at: new Date('2026-11-22T09:00:00.000Z'),
      ground: 'KZ-CC-217',
      reason: 'Обещают 3% в день и платят за приглашённых.',
      approvedBy: 'bolat',
      approvedAt: new Date('2026-11-22T09:30:00.000Z'),
    },
    seen: { label: 'pyramid', signals: [], sketch: [] },
    reasons: SIGNALS,
    openedAt: new Date('2026-11-22T08:00:00.000Z'),
    updatedAt: new Date('2026-11-22T09:30:00.000Z'),
    ...over,
  };
}

/** A finding of the sample case, let go by two officers. */
export function overrideOf(
  { rule, why: finding, about }: FoundForOverride,
  over: Partial<Override> = {},
): Override {
  return {
    caseId: 'K-000001',
    n: 1,
    rule,
    finding,
    about,
    decidedAt: new Date('2026-11-22T09:00:00.000Z'),
    at: new Date('2026-11-22T09:10:00.000Z'),
    by: 'aigerim',
    why: 'Страница сама предлагает вложить деньги.',
    answer: { is: 'confirmed', at: new Date('2026-11-22T09:20:00.000Z'), by: 'bolat', words: '' },
    ...over,
  };
}

/** A page's capture with its blobs: a screenshot of its own, a whole-page one and a WARC. */
export function captured(
  number: number,
  url: string,
  over: { capture?: Partial<Capture>; assessment?: Partial<Assessment> } = {},
): { readonly page: CapturedPage; readonly blobs: ReadonlyMap<string, Buffer> } {
  const screenshot = picture(number);
  const full = picture(number + 1000);
  const at = new Date('2026-11-22T08:30:00.000Z');
  const warc = warcOf({
    context: { software: 'kuzet/0.1.0', visit: 'visit-1', at, browser: null },
    exchanges: [
      {
        url,
        method: 'GET',
        httpVersion: '1.1',
        requestHeaders: [['Host', new URL(url).host]],
        status: 200,
        statusText: 'OK',
        responseHeaders: [['Content-Type', 'text/html']],
        body: Buffer.from(`<p>3% в день навсегда, ${number}</p>`),
        peer: '192.0.2.7:443',
        startedAt: at,
        truncated: null,
      },
    ],
  });
  const blobs = new Map([screenshot, full, warc].map((bytes) => [sha256Of(bytes), bytes]));
  const capture: Capture = {
    id: `0195f2c0-0000-7000-8000-${String(number).padStart(12, '0')}`,
    visitId: 'visit-1',
    url,
    finalUrl: url,
    capturedAt: at,
    status: 200,
    mediaType: 'text/html',
    peer: '192.0.2.7:443',
    bodySha256: '0'.repeat(64),
    bodyBytes: 10,
    warc: sha256Of(warc),
    screenshot: sha256Of(screenshot),
    fullScreenshot: sha256Of(full),
    dom: null,
    renderReason: 'evidence',
    hops: [{ url, status: 200, location: null }],
    ...over.capture,
  };
  return { page: { capture, page: { assessment: assessment(over.assessment) } }, blobs };
}

export function order(
  number: number,
  url: string,
  key: string,
  over: Partial<ReferralOrder> = {},
): ReferralOrder {
  const { page, blobs } = captured(number, url);
  return { case: approved(number, key), pages: [page], channel: 'operator_block', blobs, ...over };
}

/** @throws when the sample is refused: the test's own data is wrong then. */
export function referral(asked: ReferralOrder): Referral {
  const outcome = toReferral(asked);
  if (outcome.is === 'referral') return outcome.referral;
  throw new Error(outcome.refusals.map(({ rule, why }) => `${rule}: ${why}`).join('; '));
}

/** A batch order of `rows` cases on hosts of their own. */
export function batchOrder(rows: number, over: Partial<BatchOrder> = {}): BatchOrder {
  const orders = Array.from({ length: rows }, (_, at) =>
    order(at + 1, `https://piramida-${at + 1}.test/kirisu?ref=${at + 1}`, `piramida-${at + 1}.test`),
  );
  return batchOf(orders, 'operator_block', over);
}

export function batchOf(
  orders: readonly ReferralOrder[],
  channel: Channel,
  over: Partial<BatchOrder> = {},
): BatchOrder {
  return {
    batchId: 'KN_EXAMPLE_20261122_001',
    org: 'EXAMPLE',
    seq: 1,
    channel,
    builtAt: new Date('2026-11-22T10:00:00.000Z'),
    software: { name: 'kuzet', version: '0.1.0' },
    prevBatchSha256: null,
    referrals: orders.map(referral),
    blobs: new Map(orders.flatMap(({ blobs }) => [...blobs])),
    ...over,
  };
}

/** What was learned of a host: a foreign server, a young domain, a certificate of its own. */
export function siteFacts(host: string, over: Partial<SiteFacts> = {}): SiteFacts {
  return {
    format: 'kuzet-site-facts/1',
    host,
    observedAt: '2026-11-22T08:30:00.000Z',
    peer: { address: '192.0.2.7', port: 443 },
    network: { asn: 64_501, name: 'EXAMPLE-HOSTING', country: 'NL' },
    tls: {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      chain: [
        {
          subject: `CN=${host}`,
          issuer: 'O=Example CA, CN=E1',
          san: [`DNS:${host}`],
          notBefore: '2026-11-01T00:00:00.000Z',
          notAfter: '2027-01-30T00:00:00.000Z',
          serial: '04A1',
          sha256: 'ef'.repeat(32),
          pem: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
        },
      ],
    },
    dns: {
      is: 'asked',
      answers: [{ name: host, type: 'A', data: ['192.0.2.7'], ttl: 300, error: null }],
    },
    domain: {
      name: host,
      fetchedAt: '2026-11-22T08:30:00.000Z',
      source: `https://rdap.registry.test/domain/${host}`,
      answerSha256: 'ab'.repeat(32),
      error: null,
      registrar: 'Example Registrar LLC',
      ianaId: '9999',
      createdAt: '2026-11-01T00:00:00.000Z',
      expiresAt: '2027-11-01T00:00:00.000Z',
      status: ['client transfer prohibited'],
      nameServers: ['ns1.example'],
      abuseEmail: 'abuse@registrar.example',
    },
    addressBlock: null,
    from: {
      address: '198.18.0.44',
      network: { asn: 64_500, name: 'EXAMPLE-TELECOM', country: 'KZ' },
      clock: { source: 'chrony', offsetSeconds: 0.001 },
    },
    ...over,
  };
}
