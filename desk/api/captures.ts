/** Captures in API v1: what was seen of a page, of its host, and by other visitors. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { FINDINGS } from '../../domain/cloak-check.ts';
import { PROFILES } from '../../domain/visitor.ts';
import { readSiteFacts } from '../../evidence/site-facts.ts';
import type { CapturedPage } from '../../store/captures.ts';
import { noteView, screenshot } from '../acts.ts';
import { may } from '../gate.ts';
import { inertPage, structureOf } from '../inert.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { markedRuns } from '../web/mark.ts';
import { CaptureDetail, CaptureIdParam, captureView, json, refused } from './schemas.ts';

const time = z.iso.datetime();

export const ReadCapture = createRoute({
  method: 'get',
  path: '/api/captures/{id}',
  middleware: [may('case.read')],
  request: { params: CaptureIdParam },
  responses: { 200: json(CaptureDetail, 'A capture with the text of its page'), ...refused },
});
const Structure = z
  .object({
    links: z.array(z.object({ href: z.string(), text: z.string(), isOut: z.boolean() })),
    forms: z.array(z.object({ action: z.string(), method: z.string(), fields: z.array(z.string()) })),
    scripts: z.array(z.string()),
    frames: z.array(z.string()),
    contacts: z.array(z.string()),
    wallets: z.array(z.string()),
    hiddenText: z.string(),
  })
  .openapi('Structure');
export const ReadStructure = createRoute({
  method: 'get',
  path: '/api/captures/{id}/structure',
  middleware: [may('case.read')],
  request: { params: CaptureIdParam },
  responses: { 200: json(Structure, 'What the page is built of; at most 200 of each'), ...refused },
});
export const ReadDocument = createRoute({
  method: 'get',
  path: '/api/captures/{id}/document',
  middleware: [may('case.read')],
  request: { params: CaptureIdParam },
  responses: {
    200: {
      description: 'The page itself, under a policy that lets nothing of it act',
      content: { 'text/html': { schema: z.string() } },
    },
    ...refused,
  },
});
const text = z.string().nullable();
const Network = z.object({ asn: z.int(), name: z.string(), country: text }).nullable();
const SiteView = z
  .object({
    host: z.string(),
    observedAt: z.string(),
    peer: z.object({ address: z.string(), port: z.int() }).nullable(),
    network: Network,
    tls: z
      .object({
        protocol: z.string(),
        cipher: z.string(),
        chain: z.array(
          z.object({
            subject: z.string(),
            issuer: z.string(),
            san: z.array(z.string()),
            notBefore: z.string(),
            notAfter: z.string(),
            serial: z.string(),
            sha256: z.string(),
          }),
        ),
      })
      .nullable(),
    dns: z
      .object({
        answers: z.array(
          z.object({
            name: z.string(),
            type: z.string(),
            data: z.array(z.string()),
            ttl: z.number().nullable(),
            error: text,
          }),
        ),
        /** Why name servers were not asked; null when they were. */
        why: text,
      })
      .openapi('DnsAnswers'),
    domain: z
      .object({
        name: z.string(),
        registrar: text,
        ianaId: text,
        createdAt: text,
        expiresAt: text,
        status: z.array(z.string()),
        nameServers: z.array(z.string()),
        abuseEmail: text,
        error: text,
      })
      .nullable(),
    addressBlock: z
      .object({
        address: z.string(),
        range: text,
        handle: text,
        name: text,
        country: text,
        abuseEmail: text,
        error: text,
      })
      .nullable(),
  })
  .openapi('Site');
export const ReadSite = createRoute({
  method: 'get',
  path: '/api/captures/{id}/site',
  middleware: [may('case.read')],
  request: { params: CaptureIdParam },
  responses: {
    200: json(
      z.object({ site: SiteView.nullable() }),
      'What was learned of the host in the moment of the capture; null when nothing was',
    ),
    ...refused,
  },
});
const CloakView = z
  .object({
    captureId: z.string().openapi({ description: 'What Kuzet itself was shown' }),
    why: z.string(),
    at: time,
    finding: z.enum(FINDINGS),
    readings: z.array(
      z.object({
        profile: z.enum(PROFILES),
        finding: z.enum(FINDINGS),
        captureId: text,
        finalUrl: text,
        text: z.number().nullable(),
        structure: z.number().nullable(),
        anchors: z.number().nullable(),
        by: z.enum(['profile', 'visit']).nullable(),
        detail: text,
      }),
    ),
  })
  .openapi('CloakCheck');
export const ReadCloakCheck = createRoute({
  method: 'get',
  path: '/api/captures/{id}/cloak-check',
  middleware: [may('case.read')],
  request: { params: CaptureIdParam },
  responses: {
    200: json(
      z.object({ check: CloakView.nullable() }),
      'What other visitors were shown at the same address; null when nobody else was sent',
    ),
    ...refused,
  },
});

export function addCaptures(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ReadCapture, async (c) => {
    const found = await c.get('tools').stores.captures.get(c.req.valid('param').id);
    if (found === null) throw noCapture();
    noteView(c, found.capture.id);
    return c.json(captureDetail(found), 200);
  });
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/captures/{id}/screenshot',
      middleware: [may('case.read')],
      request: {
        params: CaptureIdParam,
        query: z.object({ of: z.enum(['window', 'page']).default('window') }),
      },
      responses: {
        200: {
          description: 'The picture of the window, or of the whole page',
          content: { 'image/png': { schema: z.string().openapi({ format: 'binary' }) } },
        },
        ...refused,
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const answer = await screenshot(c, id, c.req.valid('query').of);
      noteView(c, id);
      return answer;
    },
  );
  app.openapi(ReadStructure, async (c) => {
    const { id } = c.req.valid('param');
    const it = await structureOf(c, id);
    noteView(c, id);
    return c.json(Structure.parse(it), 200);
  });
  app.openapi(ReadDocument, async (c) => {
    const { id } = c.req.valid('param');
    const answer = await inertPage(c, id);
    noteView(c, id);
    return answer;
  });
  app.openapi(ReadSite, async (c) => {
    const { stores, evidence } = c.get('tools');
    const { id } = c.req.valid('param');
    const found = await stores.captures.get(id);
    if (found === null) throw noCapture();
    noteView(c, id);
    const { facts } = found.capture;
    if (facts === undefined) return c.json({ site: null }, 200);
    const { dns, ...site } = readSiteFacts(await evidence.read(facts));
    const told = dns.is === 'asked' ? { answers: dns.answers, why: null } : { answers: [], why: dns.why };
    return c.json({ site: SiteView.parse({ ...site, dns: told }) }, 200);
  });
  app.openapi(ReadCloakCheck, async (c) => {
    const { stores } = c.get('tools');
    const { id } = c.req.valid('param');
    if ((await stores.captures.get(id)) === null) throw noCapture();
    const checks = await stores.cloakChecks.ofCaptures([id]);
    const newest = checks.sort((a, b) => b.at.getTime() - a.at.getTime())[0] ?? null;
    return c.json(
      {
        check:
          newest === null
            ? null
            : { ...newest, at: newest.at.toISOString(), readings: newest.readings.map((it) => ({ ...it })) },
      },
      200,
    );
  });
}

function noCapture(): DeskRefusedError {
  return new DeskRefusedError(404, 'not_found', 'There is no such capture.');
}

export function captureDetail(it: CapturedPage): z.infer<typeof CaptureDetail> {
  const { text, assessment } = it.page;
  const runs = markedRuns(
    text,
    assessment.signals.map(({ excerpt }) => excerpt),
  );
  return { ...captureView(it), text, runs: runs.map(({ text: run, by }) => ({ text: run, by: [...by] })) };
}
