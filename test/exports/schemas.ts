/**
 * What the public formats ask of what we write, as JSON Schemas of our own: no package that a clean machine can install
 * carries the published ones. Required members, closed lists and shapes are those of the specifications named.
 */

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const uuid = { type: 'string', pattern: `^${UUID}$` };
const text = { type: 'string', minLength: 1 };
const moment = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' };
const idOf = (...types: string[]) => ({ type: 'string', pattern: `^(${types.join('|')})--${UUID}$` });
const several = (items: object) => ({ type: 'array', minItems: 1, uniqueItems: true, items });

/** Where an object has these properties, it is to be so too. */
const given = (properties: object, then: object) => ({
  if: { properties },
  then,
});

const COMMON = {
  spec_version: { const: '2.1' },
  created: moment,
  modified: moment,
  created_by_ref: idOf('identity'),
  object_marking_refs: several(idOf('marking-definition')),
  labels: several(text),
  external_references: several({
    type: 'object',
    required: ['source_name'],
    anyOf: [{ required: ['description'] }, { required: ['url'] }, { required: ['external_id'] }],
  }),
};

/** An object with the members it has to have and may have, and no others: 11.1 leaves custom ones to extensions. */
function stixObject(type: string, required: readonly string[], properties: Readonly<Record<string, object>>) {
  return {
    type: 'object',
    required: ['type', 'id', 'spec_version', ...required],
    additionalProperties: false,
    properties: { type: { const: type }, id: idOf(type), ...COMMON, ...properties },
  };
}

const sdo = ['created', 'modified'];
const observable = (type: string, shape: object) => stixObject(type, ['value'], { value: shape });

/** OASIS, "STIX Version 2.1" (2021): 3.2, 4.5, 4.7, 4.16, 6.4, 6.5, 6.6, 6.16, 7.2.1, 8.1, 10.12 and 10.25. */
export const STIX_BUNDLE = {
  type: 'object',
  required: ['type', 'id'],
  additionalProperties: false,
  properties: {
    type: { const: 'bundle' },
    id: idOf('bundle'),
    objects: several({
      type: 'object',
      discriminator: { propertyName: 'type' },
      required: ['type'],
      oneOf: [
        stixObject('identity', [...sdo, 'name'], {
          name: text,
          identity_class: { enum: ['individual', 'group', 'system', 'organization', 'class', 'unknown'] },
        }),
        stixObject('indicator', [...sdo, 'pattern', 'pattern_type', 'valid_from'], {
          name: text,
          description: { type: 'string' },
          indicator_types: several({
            enum: [
              ...['anomalous-activity', 'anonymization', 'benign', 'compromised'],
              ...['malicious-activity', 'attribution', 'unknown'],
            ],
          }),
          pattern: { type: 'string', pattern: "^\\[url:value = '([^'\\\\]|\\\\['\\\\])*'\\]$" },
          pattern_type: { enum: ['stix', 'pcre', 'sigma', 'snort', 'suricata', 'yara'] },
          valid_from: moment,
          valid_until: moment,
          confidence: { type: 'integer', minimum: 0, maximum: 100 },
        }),
        stixObject('report', [...sdo, 'name', 'published', 'object_refs'], {
          name: text,
          published: moment,
          report_types: several({
            enum: [
              ...['attack-pattern', 'campaign', 'identity', 'indicator', 'intrusion-set', 'malware'],
              ...['observed-data', 'threat-actor', 'threat-report', 'tool', 'vulnerability'],
            ],
          }),
          object_refs: several({ type: 'string', pattern: `^[a-z][a-z0-9-]*--${UUID}$` }),
        }),
        stixObject('marking-definition', ['created', 'definition_type', 'definition'], {
          name: text,
          definition_type: { const: 'tlp' },
          definition: {
            type: 'object',
            required: ['tlp'],
            additionalProperties: false,
            properties: { tlp: { enum: ['white', 'green', 'amber', 'red'] } },
          },
        }),
        observable('url', { type: 'string', format: 'uri' }),
        observable('domain-name', { type: 'string', format: 'hostname', not: { format: 'ipv4' } }),
        observable('ipv4-addr', { type: 'string', format: 'ipv4' }),
        observable('ipv6-addr', { type: 'string', format: 'ipv6' }),
      ],
    }),
  },
};

const seconds = { type: 'string', pattern: '^[0-9]{1,10}$' };
const tags = {
  type: 'array',
  items: { type: 'object', required: ['name'], properties: { name: text } },
};
const attribute = (types: readonly string[]) => ({
  type: 'object',
  required: ['uuid', 'type', 'category', 'value', 'to_ids', 'timestamp'],
  properties: {
    uuid,
    type: { enum: types },
    category: { enum: ['Network activity', 'Other'] },
    value: text,
    to_ids: { type: 'boolean' },
    timestamp: seconds,
    object_relation: text,
    Tag: tags,
  },
  // Which types a category takes: describeTypes of MISP 2.5.
  ...given(
    { category: { const: 'Network activity' } },
    { properties: { type: { enum: ['url', 'domain', 'ip-dst'] } } },
  ),
  else: { properties: { type: { enum: ['datetime', 'text'] }, to_ids: { const: false } } },
  allOf: [
    given(
      { type: { const: 'ip-dst' } },
      { properties: { value: { anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] } } },
    ),
    given(
      { type: { const: 'domain' } },
      { properties: { value: { format: 'hostname', not: { format: 'ipv4' } } } },
    ),
  ],
});

/**
 * MISP core format (draft-dulaunoy-misp-core-format), 2.2 to 2.6, with what MISP's published schema of an event requires;
 * relations of the object templates `url` and `domain-ip` of misp-objects.
 */
export const MISP_EVENT = {
  type: 'object',
  required: ['Event'],
  properties: {
    Event: {
      type: 'object',
      required: [
        ...['uuid', 'info', 'date', 'timestamp', 'threat_level_id', 'analysis', 'distribution'],
        ...['published', 'Orgc', 'Attribute'],
      ],
      properties: {
        uuid,
        info: text,
        date: { type: 'string', format: 'date' },
        timestamp: seconds,
        threat_level_id: { enum: ['1', '2', '3', '4'] },
        analysis: { enum: ['0', '1', '2'] },
        distribution: { enum: ['0', '1', '2', '3', '4'] },
        published: { type: 'boolean' },
        Orgc: { type: 'object', required: ['name', 'uuid'], properties: { name: text, uuid } },
        Tag: tags,
        Attribute: { type: 'array', items: attribute(['url', 'domain', 'ip-dst', 'datetime', 'text']) },
        Object: {
          type: 'array',
          items: {
            type: 'object',
            required: [
              ...['name', 'meta-category', 'template_uuid', 'template_version', 'uuid', 'timestamp'],
              'Attribute',
            ],
            properties: {
              name: { enum: ['url', 'domain-ip'] },
              'meta-category': { const: 'network' },
              template_uuid: uuid,
              template_version: { type: 'string', pattern: '^[0-9]+$' },
              uuid,
              timestamp: seconds,
              Attribute: {
                type: 'array',
                minItems: 1,
                items: {
                  allOf: [attribute(['url', 'domain', 'ip-dst', 'datetime', 'text'])],
                  required: ['object_relation'],
                  properties: {
                    object_relation: { enum: ['url', 'first-seen', 'last-seen', 'domain', 'ip'] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

const contact = {
  type: 'object',
  required: ['org', 'contact', 'domain'],
  additionalProperties: false,
  properties: {
    org: { type: 'string', maxLength: 200 },
    contact: { type: 'string', format: 'email' },
    domain: { type: 'string', format: 'hostname' },
  },
};

/** XARF v4 (github.com/xarf/xarf-spec): `xarf-core`, `content-base`, `content-fraud`, `content-phishing`. */
export const XARF_REPORT = {
  type: 'object',
  required: [
    ...['xarf_version', 'report_id', 'timestamp', 'reporter', 'sender'],
    ...['source_identifier', 'category', 'type', 'url'],
  ],
  properties: {
    xarf_version: { pattern: '^4\\.[0-9]+\\.[0-9]+$' },
    report_id: { type: 'string', format: 'uuid' },
    timestamp: { type: 'string', format: 'date-time' },
    reporter: contact,
    sender: contact,
    source_identifier: { type: 'string' },
    category: { const: 'content' },
    type: { enum: ['fraud', 'phishing', 'brand_infringement'] },
    url: { type: 'string', format: 'uri' },
    domain: { type: 'string', format: 'hostname', not: { format: 'ipv4' } },
    target_brand: { type: 'string' },
    claimed_entity: { type: 'string' },
    description: { type: 'string', maxLength: 1000 },
    confidence: { type: 'number', minimum: 0, maximum: 1 },
    tags: { maxItems: 20, items: { pattern: '^[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+\\-.]*$' } },
    evidence: {
      maxItems: 50,
      items: {
        required: ['content_type', 'payload'],
        additionalProperties: false,
        properties: {
          content_type: { type: 'string' },
          description: { maxLength: 500 },
          payload: { type: 'string' },
          hash: { pattern: '^(md5|sha1|sha256|sha512):[a-fA-F0-9]+$' },
          size: { type: 'integer', minimum: 0, maximum: 5242880 },
        },
      },
    },
    fraud_type: {
      enum: [
        ...['investment', 'romance', 'tech_support', 'lottery', 'advance_fee', 'cryptocurrency', 'shopping'],
        ...['charity', 'employment', 'government_impersonation', 'other'],
      ],
    },
  },
  ...given({ type: { const: 'fraud' } }, { required: ['fraud_type'] }),
  not: { required: ['_internal'] },
};
