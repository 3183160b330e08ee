/** Addresses in API v1: what each look at one found, and what changed. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { CHANGES, PAGE_STATES } from '../../domain/revisit.ts';
import { BadUrlError, parseUrl } from '../../domain/url.ts';
import { may } from '../gate.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { json, refused } from './schemas.ts';

const time = z.iso.datetime();
const share = z.number().min(0).max(1).nullable();
const verdict = z.enum(['flag', 'clear', 'abstain']).nullable();
const page = z.object({ captureId: z.string(), at: time });

const HistoryView = z
  .object({
    url: z.string(),
    key: z.string(),
    known: z
      .object({
        ...{ state: z.enum(PAGE_STATES), verdict, risk: z.number() },
        ...{ firstAt: time, lastAt: time, dueAt: time },
      })
      .nullable()
      .openapi({ description: 'Null when nobody ever looked' }),
    looks: z.array(
      z.object({
        at: time,
        state: z.enum(PAGE_STATES),
        change: z.enum(CHANGES),
        status: z.int().nullable(),
        reason: z.string().nullable(),
        verdict,
        score: share,
        textAlike: share,
        markupAlike: share,
        captureId: z.string().nullable(),
        isNotModified: z
          .boolean()
          .openapi({ description: 'The server said so; the named capture still holds' }),
      }),
    ),
    difference: z
      .object({
        before: page,
        after: page,
        lines: z.array(z.object({ is: z.enum(['gone', 'new', 'kept']), text: z.string() })),
      })
      .nullable()
      .openapi({ description: 'Between the last two pages that differ, from their stored bytes' }),
  })
  .openapi('AddressHistory');

const HistoryQuery = z.object({
  url: z
    .string()
    .max(4096)
    .openapi({ param: { name: 'url', in: 'query' }, example: 'https://example.com/' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .openapi({ param: { name: 'limit', in: 'query' } }),
});

export const ReadHistory = createRoute({
  method: 'get',
  path: '/api/addresses/history',
  middleware: [may('case.read')],
  request: { query: HistoryQuery },
  responses: { 200: json(HistoryView, 'Looks at an address, newest first'), ...refused },
});

export function addAddresses(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ReadHistory, async (c) => {
    const { url: text, limit } = c.req.valid('query');
    const history = c.get('tools').actions.history;
    if (history === undefined)
      throw new DeskRefusedError(503, 'not_available', 'This desk keeps no history of addresses.');
    const { url, key, known, looks, difference } = await history(addressIn(text), limit);
    return c.json(
      {
        url,
        key,
        known: known === null ? null : { ...known, ...iso(known, 'firstAt', 'lastAt', 'dueAt') },
        looks: looks.map(({ warc, intervalSeconds: _, ...look }) => ({
          ...look,
          at: look.at.toISOString(),
          isNotModified: warc !== null,
        })),
        difference:
          difference === null
            ? null
            : {
                before: { ...difference.before, ...iso(difference.before, 'at') },
                after: { ...difference.after, ...iso(difference.after, 'at') },
                lines: [...difference.lines],
              },
      },
      200,
    );
  });
}

function addressIn(text: string): URL {
  try {
    return parseUrl(text);
  } catch (cause) {
    if (!(cause instanceof BadUrlError)) throw cause;
    throw new DeskRefusedError(422, 'bad_url', cause.message);
  }
}

function iso<Name extends string>(it: Readonly<Record<Name, Date>>, ...names: Name[]): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, it[name].toISOString()])) as Record<Name, string>;
}
