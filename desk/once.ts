/**
 * Requests that are done once, however often they are sent: every route of the API that changes something takes an
 * `Idempotency-Key`, and the OpenAPI document says so by the same rule. It is asked behind the gate of each route (`may`),
 * so that nobody is told again what they may not see any more.
 */
import { createHash } from 'node:crypto';
import type { Context, Next } from 'hono';
import type { KeptAnswer, Once } from '../store/once.ts';
import { DeskRefusedError } from './refusal.ts';
import type { DeskEnv, Who } from './tools.ts';

/** Routes that take no key, and why. */
export const WITHOUT_KEY: Readonly<Record<string, string>> = {
  'POST /api/session': 'a log-in is nobody’s to have twice',
  'DELETE /api/session': 'who asks again is logged out',
  'POST /api/session/passkey': 'a log-in is nobody’s to have twice',
  'POST /api/session/passkey/begin': 'changes nothing',
  'POST /api/passkeys/begin': 'changes nothing',
  'POST /api/bulk/preview': 'changes nothing',
  'POST /v1/listings/check': 'changes nothing',
  'POST /api/actors/find': 'of an identifier in clear not even a digest is kept, and each look is told',
  'POST /api/rings/{id}/reveal': 'identifiers in clear are not kept, and each look is told',
};

/** Acts on one case take the key in their own transaction, and tell the case as it stands. */
const IN_TRANSACTION: ReadonlySet<string> = new Set(
  ['decision', 'approval', 'second-look', 'watch', 'escalation', 'disagreement', 'reversal', 'undo'].map(
    (act) => `POST /api/cases/{id}/${act}`,
  ),
);

/** The answer holds a secret that is kept nowhere. */
const TOLD_ONCE: ReadonlySet<string> = new Set([
  'POST /api/people',
  'POST /api/people/{login}/invitation',
  'POST /v1/endpoints',
  'POST /v1/endpoints/{id}/secret',
]);

/** @param path as the OpenAPI document writes it: `/api/cases/{id}`. */
export function takesKey(method: string, path: string): boolean {
  const changes = method === 'POST' || method === 'PUT' || method === 'DELETE';
  return changes && /^\/(api|v1)\//.test(path) && WITHOUT_KEY[`${method} ${path}`] === undefined;
}

/** Does the route's work, unless it was done under the same key. */
export async function doneOnce(c: Context<DeskEnv>, next: Next): Promise<Response | undefined> {
  const path = c.req.routePath.replaceAll(/:(\w+)(\{[^/]*\})?/g, '{$1}');
  const route = `${c.req.method} ${path}`;
  const once = takesKey(c.req.method, path) ? await onceOf(c) : undefined;
  c.set('once', once);
  if (once === undefined || IN_TRANSACTION.has(route)) {
    await next();
    return undefined;
  }
  const { stores, clock } = c.get('tools');
  const begunAt = clock.now();
  const known = await stores.once.begin(once, begunAt);
  if (known.is === 'running')
    throw new DeskRefusedError(409, 'key_running', 'The first request of this key is being done. Ask again.');
  if (known.is === 'answered') return answerAgain(known);
  await next();
  if (!c.res.ok) await stores.once.release(once, begunAt);
  else {
    const body = TOLD_ONCE.has(route) ? null : await c.res.clone().text();
    await stores.once.keep(once, begunAt, { status: c.res.status, body });
  }
  return undefined;
}

/** The request's own key, and what was asked with it; undefined when it carries none. @throws DeskRefusedError */
async function onceOf(c: Context<DeskEnv>): Promise<Once | undefined> {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (!/^[\w.-]{8,100}$/.test(key)) {
    throw new DeskRefusedError(
      400,
      'bad_request',
      'An Idempotency-Key has 8 to 100 letters, digits, "-", "_", ".".',
    );
  }
  const { pathname, search } = new URL(c.req.url);
  const asked = `${c.req.method} ${pathname}${search}\n${await c.req.text()}`;
  // Of the key its digest is kept, so that nobody who reads the store can try what was asked by its own digest.
  return { owner: ownerOf(c.get('who')), key: digest(key), requestSha256: digest(`${key}\n${asked}`) };
}

/** No login holds a colon. */
function ownerOf(who: Who): string {
  if (who.is === 'person') return who.account.login;
  return who.is === 'tenant' ? `market:${who.tenant.id}` : ':nobody';
}

function answerAgain({ status, body }: KeptAnswer): Response {
  if (body === null)
    throw new DeskRefusedError(
      409,
      'key_answered',
      'It was done, and its secret was told then. Make a new one.',
    );
  const headers = body === '' ? {} : { 'content-type': 'application/json' };
  return new Response(body === '' ? null : body, { status, headers });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', pattern: '^[\\w.-]{8,100}$' },
  description:
    'A key of the request’s own: sent again with it within a day, the same is done once and answered as at first',
} as const;

interface Documented {
  readonly paths?: object;
}

/** The document with the header at every operation that takes it. */
export function withKeys<D extends Documented>(document: D): D {
  const paths = Object.entries(document.paths ?? {}).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods as Record<string, { readonly parameters?: readonly object[] }>).map(
        ([method, operation]) => [
          method,
          takesKey(method.toUpperCase(), path)
            ? { ...operation, parameters: [...(operation.parameters ?? []), KEY] }
            : operation,
        ],
      ),
    ),
  ]);
  return { ...document, paths: Object.fromEntries(paths) };
}
