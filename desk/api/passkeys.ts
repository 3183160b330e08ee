/** Passkeys in API v1: one's own, and a log-in with one. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { may, personOf } from '../gate.ts';
import { addPasskey, beginPasskey, beginPasskeyLogIn, logInByPasskey } from '../passkeys.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { body, json, MeView, refused, typed } from './schemas.ts';

const Options = z.record(z.string(), z.unknown()).openapi({ description: 'As WebAuthn has them, in JSON' });
const BegunView = z.object({ attempt: z.string(), options: Options }).openapi('PasskeyBegun');
const attempt = typed(100);
const response = z.looseObject({ id: typed(2000) });
const PasskeyView = z
  .object({ id: z.string(), name: z.string(), since: z.iso.datetime(), usedAt: z.iso.datetime().nullable() })
  .openapi('Passkey');
const IdParam = z.object({
  id: z
    .string()
    .regex(/^[\w-]{1,1500}$/)
    .openapi({ param: { name: 'id', in: 'path' } }),
});

export const ListPasskeys = createRoute({
  method: 'get',
  path: '/api/passkeys',
  middleware: [may('session.own')],
  responses: { 200: json(z.object({ passkeys: z.array(PasskeyView) }), "One's own"), ...refused },
});
export const BeginPasskey = createRoute({
  method: 'post',
  path: '/api/passkeys/begin',
  middleware: [may('session.own')],
  responses: { 200: json(BegunView, 'For navigator.credentials.create'), ...refused },
});
export const AddPasskey = createRoute({
  method: 'post',
  path: '/api/passkeys',
  middleware: [may('session.own')],
  request: { body: body(z.object({ attempt, name: typed(100), response }).openapi('NewPasskey')) },
  responses: { 201: json(z.object({ added: z.literal(true) }), 'Kept'), ...refused },
});
export const RemovePasskey = createRoute({
  method: 'delete',
  path: '/api/passkeys/{id}',
  middleware: [may('session.own')],
  request: { params: IdParam },
  responses: { 204: { description: 'It opens nothing any more' }, ...refused },
});
export const BeginPasskeyLogIn = createRoute({
  method: 'post',
  path: '/api/session/passkey/begin',
  middleware: [may('desk.enter')],
  responses: { 200: json(BegunView, 'For navigator.credentials.get'), ...refused },
});
export const LogInByPasskey = createRoute({
  method: 'post',
  path: '/api/session/passkey',
  middleware: [may('desk.enter')],
  request: { body: body(z.object({ attempt, response }).openapi('PasskeyLogIn')) },
  responses: { 200: json(MeView, 'Logged in; the session is in the cookie'), ...refused },
});

export function addPasskeys(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ListPasskeys, async (c) => {
    const own = await c.get('tools').stores.waysIn.passkeys(personOf(c).login);
    const passkeys = own.map(({ id, name, since, usedAt }) => ({
      ...{ id, name, since: since.toISOString(), usedAt: usedAt?.toISOString() ?? null },
    }));
    return c.json({ passkeys }, 200);
  });
  app.openapi(BeginPasskey, async (c) => {
    const { attempt: id, options } = await beginPasskey(c);
    return c.json({ attempt: id, options }, 200);
  });
  app.openapi(AddPasskey, async (c) => {
    await addPasskey(c, c.req.valid('json'));
    return c.json({ added: true as const }, 201);
  });
  app.openapi(RemovePasskey, async (c) => {
    const { stores, clock } = c.get('tools');
    if (!(await stores.waysIn.removePasskey(personOf(c).login, c.req.valid('param').id, clock.now())))
      throw new DeskRefusedError(404, 'not_found', 'You have no such key.');
    return c.body(null, 204);
  });
  app.openapi(BeginPasskeyLogIn, async (c) => {
    const { attempt: id, options } = await beginPasskeyLogIn(c);
    return c.json({ attempt: id, options }, 200);
  });
  app.openapi(LogInByPasskey, async (c) => {
    const { account } = await logInByPasskey(c, c.req.valid('json'));
    return c.json({ login: account.login, name: account.name, role: account.role, isVisitor: false }, 200);
  });
}
