/** API v1 for people: drawn from the same document that programs read at /openapi.json, without a script of anybody's. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { DeskEnv } from '../tools.ts';
import type { Html, Screen } from './layout.ts';

const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** As much of OpenAPI 3.1 as is drawn. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Content }>
  >;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
  readonly const?: unknown;
}

/** @param mayOf the action that a route names, and the roles that it lets in. */
export function apiScreen(
  c: Context<DeskEnv>,
  document: ApiDocument,
  mayOf: (method: string, path: string) => string,
): Screen {
  const words = c.get('words');
  const routes = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method] as Operation | undefined;
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
  const shapes = Object.entries((document.components?.schemas ?? {}) as Readonly<Record<string, Schema>>);
  const content = html`<div class="heading"><h1>${words.say('api.title')}</h1><p class="aside">${words.say('api.help')} <a href="/openapi.json">/openapi.json</a></p></div>
<p lang="en">${document.info.description ?? ''}</p>
<h2 class="part">${words.say('api.routes')}</h2>
<div class="api" lang="en">${routes.map(({ path, method, operation }) => route(path, method, operation, mayOf(method, path)))}</div>
<h2 class="part">${words.say('api.shapes')}</h2>
<div class="api" lang="en">${shapes.map(
    ([name, schema]) =>
      html`<details id="shape-${name}"><summary><code>${name}</code></summary>${schema.description === undefined ? '' : html`<p>${schema.description}</p>`}${fields(schema)}</details>`,
  )}</div>`;
  return { title: words.say('api.title'), section: null, content };
}

function route(
  path: string,
  method: string,
  { parameters = [], requestBody, responses = {} }: Operation,
  who: string,
): Html {
  const body = shapeOf(requestBody?.content);
  return html`<details><summary><b>${method.toUpperCase()}</b> <code>${path}</code></summary>
<dl class="facts"><dt>Who</dt><dd>${who}</dd>${
    parameters.length === 0
      ? ''
      : html`<dt>Parameters</dt><dd><ul>${parameters.map(
          (it) =>
            html`<li><code>${it.name}</code> in ${it.in}${it.required === true ? ', required' : ''}: ${typeOf(it.schema)}${it.description === undefined ? '' : html`. ${it.description}`}</li>`,
        )}</ul></dd>`
  }${body === null ? '' : html`<dt>Body</dt><dd>${body}</dd>`}<dt>Answers</dt><dd><ul>${Object.entries(
    responses,
  ).map(
    ([status, it]) => html`<li><b>${status}</b> ${it.description ?? ''} ${shapeOf(it.content) ?? ''}</li>`,
  )}</ul></dd></dl></details>`;
}

function shapeOf(content: Content | undefined): Html | null {
  const [first] = Object.entries(content ?? {});
  if (first === undefined) return null;
  const [type, { schema }] = first;
  return html`${typeOf(schema)}${type === 'application/json' ? '' : html` <span class="note">(${type})</span>`}${fields(schema)}`;
}

function fields(schema: Schema | undefined): Html | '' {
  const each = schema?.oneOf ?? schema?.anyOf;
  if (each !== undefined)
    return html`<ul>${each.map((it) => html`<li>${typeOf(it)}${fields(it)}</li>`)}</ul>`;
  const of = schema?.type === 'array' ? schema.items : schema;
  if (of?.properties === undefined) return '';
  const needed = new Set(of.required ?? []);
  return html`<ul>${Object.entries(of.properties).map(
    ([name, it]) =>
      html`<li><code>${name}</code>${needed.has(name) ? '' : '?'}: ${typeOf(it)}${it.description === undefined ? '' : html`. ${it.description}`}${fields(it)}</li>`,
  )}</ul>`;
}

function typeOf(schema: Schema | undefined): Html | string {
  if (schema === undefined) return 'anything';
  const name = schema.$ref?.split('/').at(-1);
  if (name !== undefined) return html`<a href="#shape-${name}"><code>${name}</code></a>`;
  if (schema.enum !== undefined) return schema.enum.map((it) => JSON.stringify(it)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return html`list of ${typeOf(schema.items)}`;
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['one of']);
  return `${types.join(' | ')}${schema.format === undefined ? '' : ` (${schema.format})`}`;
}
