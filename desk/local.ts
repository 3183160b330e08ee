/**
 * What other commands of the same machine ask of the process that owns an embedded store: the name of an
 * operation and its input in, NDJSON out, a line for everything the operation yields. An operation that fails
 * ends the stream with `{"error":{"name","message","facts"}}`; one that is done ends it without a word.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { may } from './gate.ts';
import { DeskRefusedError } from './refusal.ts';
import type { DeskEnv } from './tools.ts';

export function addLocal(app: OpenAPIHono<DeskEnv>, closing: AbortSignal): void {
  app.post('/local/:operation', may('local.run'), async (c) => {
    const operations = c.get('tools').local?.operations ?? {};
    const name = c.req.param('operation');
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined) {
      throw new DeskRefusedError(404, 'not_found', `There is no operation "${name.slice(0, 60)}".`);
    }
    const input = (await c.req.json()) as never;
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, closing]);
    const lines = ndjson(operation(input, signal))[Symbol.asyncIterator]();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const line = await lines.next();
        if (line.done === true) controller.close();
        else controller.enqueue(line.value);
      },
      async cancel() {
        gone.abort();
        await lines.return?.();
      },
    });
    return c.body(body, 200, { 'Content-Type': 'application/x-ndjson; charset=utf-8' });
  });
}

async function* ndjson(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  const utf8 = new TextEncoder();
  try {
    for await (const value of values) yield utf8.encode(`${JSON.stringify(value)}\n`);
  } catch (error) {
    yield utf8.encode(`${JSON.stringify({ error: told(error) })}\n`);
  }
}

function told(error: unknown): { name: string; message: string; facts: unknown } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), facts: null };
  return { name: error.name, message: error.message, facts: 'facts' in error ? error.facts : null };
}
