/**
 * How values cross the wire: the same JavaScript types from PGlite and from PostgreSQL, whatever either
 * library does by default. Numbers are type OIDs of PostgreSQL's pg_type.dat.
 */

/** Text of a column -> value; types not named here keep both libraries' common default. */
export const DECODERS: Readonly<Record<number, (text: string) => unknown>> = {
  17: bytes,
  20: integer,
  1700: Number,
  1082: asText,
  1083: asText,
  1114: asText,
  1184: instant,
  1009: texts,
  1016: (text) => texts(text).map((each) => (each === null ? null : integer(each))),
  1231: (text) => texts(text).map((each) => (each === null ? null : Number(each))),
  1185: (text) => texts(text).map((each) => (each === null ? null : instant(each))),
  2951: texts,
};

/** Parameters as both libraries take them: an instant goes in as its ISO text in UTC, bytes as `Buffer`. */
export function encode(params: readonly unknown[]): unknown[] {
  return params.map((value) => {
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Uint8Array && !Buffer.isBuffer(value)) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    if (Array.isArray(value)) return encode(value);
    return value;
  });
}

/** `bytea_output = hex`, the default of PostgreSQL since 9.0. */
function bytes(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(
      `The number ${text} is beyond 2^53 and would lose digits. Select it as text (::text).`,
    );
  }
  return value;
}

/** `2026-01-31 09:30:00.25+00`, as ISO DateStyle writes it. */
function instant(text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
}

function asText(text: string): string {
  return text;
}

/** One-dimensional array text: `{a,"b \"c\"",NULL}`. */
function texts(text: string): (string | null)[] {
  const found: (string | null)[] = [];
  const item = /"([^"\\]*(?:\\.[^"\\]*)*)"|([^,{}]+)/gs;
  for (const [, quoted, plain] of text.matchAll(item)) {
    if (quoted !== undefined) found.push(quoted.replace(/\\(.)/gs, '$1'));
    else found.push(plain === 'NULL' ? null : plain!);
  }
  return found;
}
