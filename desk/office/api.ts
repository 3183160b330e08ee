/**
 * Asks the desk's API. Routes are named by their type, so a path, a field or an answer that the server does not know
 * does not compile:
 *
 *     const { cases } = await ask<typeof ListCases>('get', '/api/cases', { query: { state: 'open' } });
 *
 * Only types come from the server's files; nothing of them is in the bundle.
 */
import type { RouteConfig, z } from '@hono/zod-openapi';

type Json<T> = T extends { content: { 'application/json': { schema: infer S extends z.ZodType } } }
  ? S
  : never;
type Told<R extends RouteConfig> = R['responses'][Extract<keyof R['responses'], 200 | 201 | 202>];
export type Answer<R extends RouteConfig> = [Told<R>] extends [never] ? undefined : z.output<Json<Told<R>>>;

type Request<R> = R extends { request: infer Q } ? Q : object;
type Part<R, Name extends string, In> =
  Request<R> extends Record<Name, infer S extends z.ZodType>
    ? Record<In extends string ? In : never, z.input<S>>
    : unknown;
type Body<R> = Request<R> extends { body: infer B } ? { readonly body: z.input<Json<B>> } : unknown;
export type Asked<R extends RouteConfig> = Part<R, 'params', 'params'> & Part<R, 'query', 'query'> & Body<R>;

/** The desk said no. `code` is one that the catalogue names as `error.CODE`. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly facts: { readonly status: number; readonly code: string };

  constructor(status: number, code: string, message: string) {
    super(message);
    this.facts = { status, code };
  }
}

/** No answer came: the network, or the desk itself, is away. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** The same key with the same request is done once, however often it is sent. */
  readonly once?: string;
}

/** @throws RefusedError, AwayError */
export async function ask<R extends RouteConfig>(
  method: R['method'],
  path: R['path'],
  asked: Asked<R>,
  options: AskOptions = {},
): Promise<Answer<R>> {
  const { params, query, body } = asked as {
    params?: Record<string, string>;
    query?: Record<string, unknown>;
    body?: unknown;
  };
  return send(method, addressOf(path, params, query), body, options) as Promise<Answer<R>>;
}

/** `/api/cases/{id}` with its parameters and its query put in. */
export function addressOf(
  path: string,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  return search.size === 0 ? filled : `${filled}?${search}`;
}

/** @throws RefusedError, AwayError */
export async function send(
  method: string,
  address: string,
  body: unknown,
  { signal, once }: AskOptions = {},
): Promise<unknown> {
  const answer = await fetch(address, {
    method: method.toUpperCase(),
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(once === undefined ? {} : { 'idempotency-key': once }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    if (signal?.aborted === true) throw cause;
    throw new AwayError('The desk does not answer.', { cause });
  });
  hear(answer.status < 500);
  if (answer.status >= 500 && answer.status !== 501)
    throw new AwayError(`The desk answers ${answer.status}.`);
  if (answer.status === 204) return undefined;
  const told = (await answer.json()) as { error?: { code: string; message: string } };
  if (answer.ok) return told;
  throw new RefusedError(answer.status, told.error?.code ?? 'internal', told.error?.message ?? '');
}

const listeners = new Set<(isHere: boolean) => void>();

/** Hears after each answer whether the desk is there. */
export function onAnswer(listener: (isHere: boolean) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function hear(isHere: boolean): void {
  for (const listener of listeners) listener(isHere);
}
