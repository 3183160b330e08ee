/**
 * The house as a running `kuzet serve` gives it: the same operations over its local API.
 * The owner of the embedded store writes port and token beside its lock, readable by its user alone.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import { readOwner } from '../store/lock.ts';
import type { House, OperationName, Operations } from './house.ts';

/** The running house refused or failed at an operation; `kind` is the name of its error. */
export class HouseAnsweredError extends Error {
  override readonly name = 'HouseAnsweredError';
  readonly facts: { readonly kind: string };

  constructor(kind: string, message: string) {
    super(message);
    this.facts = { kind };
  }
}

/** The house that already owns the embedded store of this configuration; null when none runs. */
export async function remoteHouse(config: Config): Promise<House | null> {
  if (config.databaseUrl !== null) return null;
  const owner = await readOwner(join(config.home, 'store'));
  if (owner === null || typeof owner['port'] !== 'number' || typeof owner['token'] !== 'string') return null;
  if (owner['version'] !== config.version) {
    throw new HouseAnsweredError(
      'OtherVersion',
      `The running "kuzet serve" (pid ${owner.pid}) is version ${String(owner['version'])}, this is ${config.version}. Restart it.`,
    );
  }
  const base = `http://127.0.0.1:${owner['port']}/local/`;
  const token = owner['token'];
  return { ask: (name, input, signal) => ask(base, token, name, input, signal), close: async () => {} };
}

/** A house that owns the store and does not answer is on its way up, or down. */
async function reach(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    if (request.signal?.aborted === true) throw cause;
    throw new HouseAnsweredError(
      'NoAnswer',
      'The running "kuzet serve" owns the store and does not answer on 127.0.0.1. Let it listen there (KUZET_HOST), or stop it.',
    );
  }
}

async function* ask<Name extends OperationName>(
  base: string,
  token: string,
  name: Name,
  input: Operations[Name]['input'],
  signal?: AbortSignal,
): AsyncIterable<Operations[Name]['event']> {
  const answer = await reach(base + name, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!answer.ok || answer.body === null) {
    throw new HouseAnsweredError(
      'LocalApi',
      `The running house answered ${answer.status} to "${name}". Restart "kuzet serve".`,
    );
  }
  const lines = createInterface({
    input: Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream),
  });
  for await (const line of lines) {
    if (line === '') continue;
    const event = JSON.parse(line) as { error?: { name: string; message: string } };
    if (event.error !== undefined) throw new HouseAnsweredError(event.error.name, event.error.message);
    yield event as Operations[Name]['event'];
  }
}
