/** The desk as one web application: the door, the API, the screens, the local operations. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { addApi } from './api/routes.ts';
import {
  guardedRoutes,
  identify,
  limitBody,
  ownHostOnly,
  ownOriginOnly,
  safeHeaders,
  speak,
} from './gate.ts';
import { addLocal } from './local.ts';
import { DeskRefusedError, type Refusal, refusalOf } from './refusal.ts';
import type { DeskEnv, DeskTools } from './tools.ts';
import { errorScreen } from './web/door.ts';
import { screen } from './web/layout.ts';
import { addScreens } from './web/routes.ts';
import { wordsOf } from './web/words.ts';

export type DeskApp = OpenAPIHono<DeskEnv>;

/**
 * @param closing ends the local operations that still run.
 * @throws UnguardedRouteError when a route names no action.
 */
export function deskApp(tools: DeskTools, closing: AbortSignal): DeskApp {
  const app: DeskApp = new OpenAPIHono<DeskEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      throw new DeskRefusedError(
        400,
        'bad_request',
        `"${issue?.path.join('.') || 'the body'}": ${issue?.message ?? 'is malformed'}.`,
      );
    },
  });
  app.use(async (c, next) => {
    c.set('tools', tools);
    c.set('who', { is: 'nobody' });
    c.set('words', wordsOf(tools.lang));
    c.set('once', undefined);
    await next();
  });
  app.use(safeHeaders, ownHostOnly, ownOriginOnly, limitBody, speak, identify);
  addApi(app);
  addScreens(app);
  addLocal(app, closing);
  app.notFound((c) =>
    refuse(c, { status: 404, code: 'not_found', message: 'There is nothing at this address.' }),
  );
  app.onError((error, c) => {
    const refusal = refusalOf(error);
    if (refusal !== null) return refuse(c, refusal);
    tools.onError(error, { method: c.req.method, path: c.req.path });
    return refuse(c, { status: 500, code: 'internal', message: 'An error inside Kuzet; it was recorded.' });
  });
  guardedRoutes(app);
  return app;
}

/** Programs are answered in JSON; people with a page, or with the way to the log-in. */
function refuse(c: Context<DeskEnv>, { status, code, message }: Refusal): Response | Promise<Response> {
  // What was not read of the body is not to be taken for the next request.
  if (status === 413) c.header('Connection', 'close');
  if (/^\/((api|local|v1)\/|metrics$)/.test(c.req.path)) return c.json({ error: { code, message } }, status);
  if (code === 'not_logged_in' && c.req.method === 'GET') {
    const { pathname, search } = new URL(c.req.url);
    const next =
      pathname === '/cases' && search === '' ? '' : `?next=${encodeURIComponent(pathname + search)}`;
    return c.redirect(`/log-in${next}`, 303);
  }
  c.status(status);
  return c.html(screen(c, errorScreen(c, code)));
}
