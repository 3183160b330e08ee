import { describe, expect, test } from 'vitest';
import { BadMeasurementError, readMeasurements } from '../../exports/vantage.ts';

const at = '2026-05-04T06:00:00Z';
const one = (fields: object) =>
  readMeasurements(JSON.stringify({ url: 'https://a.test/', at, ...fields }))[0]!;

describe('a measurement', () => {
  test.each([
    [{ failure: 'generic_timeout_error', stage: 'tls_handshake' }, 'tls_timeout'],
    [{ failure: 'generic_timeout_error', stage: 'tcp_connect' }, 'unknown'],
    [{ failure: 'dns_nxdomain_error' }, 'dns'],
    [{ failure: 'connection_reset' }, 'reset'],
    [{ failure: 'ssl_unknown_authority' }, 'mitm_cert'],
    [{ failure: 'http_blockpage' }, 'http_blockpage'],
    [{ failure: null }, null],
    [{ test_keys: { blocking: 'dns' } }, 'dns'],
    [{ test_keys: { blocking: 'http-diff' } }, 'http_blockpage'],
    [{ test_keys: { blocking: 'tcp_ip' } }, 'unknown'],
    [{ test_keys: { blocking: false, tls_handshakes: [{ failure: null }] } }, null],
    [{ test_keys: { tls_handshakes: [{ failure: 'generic_timeout_error' }] } }, 'tls_timeout'],
  ])('%o says blocked by %s', (fields, by) => {
    expect(one(fields).blockedBy).toBe(by);
  });

  test('of OONI has its time in UTC', () => {
    const text = JSON.stringify({ input: 'https://a.test/', measurement_start_time: '2026-05-04 06:00:00' });
    expect(readMeasurements(`\n${text}\n`)).toMatchObject([{ line: 2, at: new Date(at) }]);
  });

  test.each([
    ['not json', 'line 1'],
    [`{"url":"nowhere","at":"${at}"}`, 'no address'],
    ['{"url":"https://a.test/"}', 'no time'],
    ['[1]', 'no JSON object'],
  ])('%s is refused with its line', (text) => {
    expect(() => readMeasurements(text)).toThrow(BadMeasurementError);
  });
});
