/**
 * Measurements of others, taken where a block can be seen: NDJSON, one measurement a line, in OONI's shape
 * (web_connectivity: `input`, `measurement_start_time`, `test_keys`) or flat (`url`, `at`, `failure`, `stage`).
 * Source: OONI spec, df-007-errors and ts-017-web-connectivity; in Kazakhstan operators let a TLS handshake time
 * out after the ClientHello (OONI and IFKZ, 2024).
 */

export type BlockedBy = 'tls_timeout' | 'dns' | 'reset' | 'http_blockpage' | 'mitm_cert' | 'unknown';

export interface Measurement {
  /** 1 for the first line. */
  readonly line: number;
  readonly url: string;
  readonly at: Date;
  /** Null when the site could be reached. */
  readonly blockedBy: BlockedBy | null;
}

/** The file holds something that is no measurement. */
export class BadMeasurementError extends Error {
  override readonly name = 'BadMeasurementError';
  readonly facts: { readonly line: number };

  constructor(line: number, why: string, options?: ErrorOptions) {
    super(`Line ${line} of the measurements ${why}. Nothing was taken in; mend it and try again.`, options);
    this.facts = { line };
  }
}

/** Empty lines are passed over. @throws BadMeasurementError */
export function readMeasurements(text: string): Measurement[] {
  return text
    .split('\n')
    .map((line, at) => ({ line: at + 1, json: line.trim() }))
    .filter(({ json }) => json !== '')
    .map(({ line, json }) => measurementOf(line, json));
}

function measurementOf(line: number, json: string): Measurement {
  let it: Fields;
  try {
    it = fieldsOf(JSON.parse(json));
  } catch (cause) {
    throw new BadMeasurementError(line, 'is no JSON object', { cause });
  }
  const url = it['input'] ?? it['url'];
  if (typeof url !== 'string' || !URL.canParse(url)) throw new BadMeasurementError(line, 'names no address');
  const at = timeOf(it['measurement_start_time'] ?? it['test_start_time'] ?? it['at']);
  if (at === null) throw new BadMeasurementError(line, 'has no time');
  const keys = it['test_keys'];
  const blockedBy = typeof keys === 'object' && keys !== null ? byKeys(fieldsOf(keys)) : byFailure(it);
  return { line, url, at, blockedBy };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object');
  return value as Fields;
}

/** OONI writes UTC without saying so: `2026-05-04 06:00:00`. */
function timeOf(value: unknown): Date | null {
  if (typeof value !== 'string') return null;
  const at = new Date(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) ? `${value.replace(' ', 'T')}Z` : value);
  return Number.isNaN(at.getTime()) ? null : at;
}

function byKeys(keys: Fields): BlockedBy | null {
  const handshakes = Array.isArray(keys['tls_handshakes']) ? keys['tls_handshakes'] : [];
  for (const each of handshakes) {
    const failure = (each as Fields | null)?.['failure'];
    if (typeof failure === 'string') return byFailure({ failure, stage: 'tls_handshake' });
  }
  const { blocking } = keys;
  if (blocking === 'dns') return 'dns';
  if (blocking === 'http-diff') return 'http_blockpage';
  if (blocking === 'tcp_ip' || blocking === 'http-failure') {
    const failure = keys['http_experiment_failure'];
    return byFailure({ failure: typeof failure === 'string' ? failure : 'unknown_failure', stage: 'http' });
  }
  return null;
}

function byFailure({ failure, stage }: Fields): BlockedBy | null {
  if (typeof failure !== 'string' || failure === '') return null;
  if (failure.startsWith('dns_')) return 'dns';
  if (failure === 'connection_reset') return 'reset';
  if (failure.startsWith('ssl_')) return 'mitm_cert';
  const isTls = typeof stage === 'string' && stage.startsWith('tls');
  if (failure === 'generic_timeout_error' && isTls) return 'tls_timeout';
  if (failure === 'http_blockpage') return 'http_blockpage';
  return 'unknown';
}
