/**
 * The records as XML, and the XSD they keep, both by one rule from the record's own schema (`domain/record.ts`):
 * a field is an element of its name, in the schema's order; a list is an element with an `item` for each; what is
 * `null` is left out. So the two can never drift apart, or from the JSON.
 *
 * Namespace `urn:kz:fraud-monitor:kibernadzor-referral:1`. XML 1.0 holds no control characters: each becomes U+FFFD.
 */
import { z } from 'zod';
import { REFERRAL_RECORD, type ReferralRecord } from '../../domain/record.ts';

export const NAMESPACE = 'urn:kz:fraud-monitor:kibernadzor-referral:1';

/** What of JSON Schema the record uses. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** JSON Schema 2020-12 of one record. */
export function recordSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(REFERRAL_RECORD, { target: 'draft-2020-12' });
  return { $schema, $id: NAMESPACE, title: 'kibernadzor-referral 1.0.0', ...schema };
}

const SHAPE = recordSchema() as Shape;

export function recordsXml(records: readonly ReferralRecord[]): Buffer {
  const body = records.map((record) => element('referral', record, SHAPE, '  ')).join('');
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<referrals xmlns="${NAMESPACE}">\n${body}</referrals>\n`,
    'utf8',
  );
}

function element(name: string, value: unknown, shape: Shape, indent: string): string {
  if (value === null || value === undefined) return '';
  const plain = present(shape);
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}<${name}/>\n`;
    const items = value.map((item) => element('item', item, plain.items ?? {}, `${indent}  `)).join('');
    return `${indent}<${name}>\n${items}${indent}</${name}>\n`;
  }
  if (typeof value === 'object') {
    const fields = value as Readonly<Record<string, unknown>>;
    const children = Object.entries(plain.properties ?? {})
      .map(([key, of]) => element(key, fields[key], of, `${indent}  `))
      .join('');
    return `${indent}<${name}>\n${children}${indent}</${name}>\n`;
  }
  return `${indent}<${name}>${escaped(String(value))}</${name}>\n`;
}

/** What a value that is not null looks like: `null` stands among the types, or among the choices. */
function present(shape: Shape): Shape & { readonly type?: string } {
  const chosen = shape.anyOf?.find((each) => each.type !== 'null') ?? shape;
  const type = typeof chosen.type === 'object' ? chosen.type.find((each) => each !== 'null') : chosen.type;
  return { ...chosen, ...(type === undefined ? {} : { type }) } as Shape & { readonly type?: string };
}

function mayBeNull({ type, anyOf }: Shape): boolean {
  const isNull = (it: Shape['type']) => it === 'null' || (typeof it === 'object' && it.includes('null'));
  return isNull(type) || anyOf?.some((each) => isNull(each.type)) === true;
}

export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}

export function recordsXsd(): Buffer {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${NAMESPACE}" xmlns="${NAMESPACE}" elementFormDefault="qualified" version="1.0.0">`,
    '  <xs:element name="referrals">',
    '    <xs:complexType>',
    '      <xs:sequence>',
    ...declared('referral', SHAPE, 'minOccurs="1" maxOccurs="unbounded"', '        '),
    '      </xs:sequence>',
    '    </xs:complexType>',
    '  </xs:element>',
    '</xs:schema>',
    '',
  ];
  return Buffer.from(lines.join('\n'), 'utf8');
}

function declared(name: string, shape: Shape, occurs: string, indent: string): string[] {
  const often = occurs !== '' ? ` ${occurs}` : mayBeNull(shape) ? ' minOccurs="0"' : '';
  const plain = present(shape);
  const children =
    plain.type === 'array'
      ? declared(
          'item',
          plain.items ?? {},
          `minOccurs="${plain.minItems ?? 0}" maxOccurs="unbounded"`,
          `${indent}      `,
        )
      : Object.entries(plain.properties ?? {}).flatMap(([key, of]) =>
          declared(key, of, '', `${indent}      `),
        );
  if (plain.type === 'array' || plain.type === 'object') {
    return [
      `${indent}<xs:element name="${name}"${often}>`,
      `${indent}  <xs:complexType>`,
      `${indent}    <xs:sequence>`,
      ...children,
      `${indent}    </xs:sequence>`,
      `${indent}  </xs:complexType>`,
      `${indent}</xs:element>`,
    ];
  }
  const facets = facetsOf(plain);
  const base = baseOf(plain);
  if (facets.length === 0) return [`${indent}<xs:element name="${name}" type="${base}"${often}/>`];
  return [
    `${indent}<xs:element name="${name}"${often}>`,
    `${indent}  <xs:simpleType>`,
    `${indent}    <xs:restriction base="${base}">`,
    ...facets.map((facet) => `${indent}      ${facet}`),
    `${indent}    </xs:restriction>`,
    `${indent}  </xs:simpleType>`,
    `${indent}</xs:element>`,
  ];
}

function baseOf({ type, format }: Shape): string {
  if (type === 'integer') return 'xs:integer';
  if (type === 'number') return 'xs:double';
  if (type === 'boolean') return 'xs:boolean';
  if (format === 'date-time') return 'xs:dateTime';
  if (format === 'date') return 'xs:date';
  return 'xs:string';
}

function facetsOf(shape: Shape): string[] {
  const facet = (name: string, value: string | number) => `<xs:${name} value="${escaped(String(value))}"/>`;
  const { minLength, maxLength, minimum, maximum, exclusiveMinimum, format } = shape;
  // Bounds of JavaScript's own whole numbers say nothing of the field.
  const isBound = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER;
  // Times and numbers are checked by their types; patterns of XSD are whole matches by themselves.
  const pattern = format === undefined ? shape.pattern : undefined;
  return [
    ...(shape.const === undefined ? [] : [facet('enumeration', shape.const)]),
    ...(shape.enum ?? []).map((value) => facet('enumeration', value)),
    ...(pattern === undefined
      ? []
      : [facet('pattern', pattern.replace(/^\^/, '').replace(/\$$/, '').replaceAll('\\/', '/'))]),
    ...(minLength === undefined ? [] : [facet('minLength', minLength)]),
    ...(maxLength === undefined ? [] : [facet('maxLength', maxLength)]),
    ...(isBound(minimum) ? [facet('minInclusive', minimum!)] : []),
    ...(isBound(exclusiveMinimum) ? [facet('minExclusive', exclusiveMinimum!)] : []),
    ...(isBound(maximum) ? [facet('maxInclusive', maximum!)] : []),
  ];
}
