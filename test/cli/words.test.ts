import { describe, expect, test } from 'vitest';
import { caseText, percent, safe, urlLine } from '../../cli/words.ts';

describe('words on a terminal', () => {
  test('of a hostile page carry no escape sequence, line break or direction mark', () => {
    expect(safe('\u001b[2J\u001b]0;owned\u0007Доход\r\n\u202egnp.exe\u200b ok')).toBe(
      '[2J]0;ownedДоход gnp.exe ok',
    );
  });

  test('never round a chance up to certainty', () => {
    expect([percent(0.5), percent(0.99949), percent(0.9999999)]).toEqual(['50.0%', '>99.9%', '>99.9%']);
  });

  test('say of an address what became of it and why', () => {
    const line = {
      event: 'url' as const,
      url: 'https://gone.test/',
      host: 'gone.test',
      seed: true,
      outcome: { is: 'failed' as const, reason: 'dns' as const, detail: 'no such host' },
      status: null,
      verdict: null,
      label: null,
      score: null,
      rendered: false,
    };
    expect(urlLine(line)).toBe('failed    https://gone.test/  (dns: no such host)');
  });

  test('spell a punycode site out beside its name', () => {
    const [line] = caseText({
      id: 'K-000001',
      subject: { kind: 'site', key: 'xn--80a1acny.test' },
      label: 'phishing',
      score: 0.97,
      state: { is: 'open' },
      updatedAt: '2026-05-04T06:00:00.000Z',
      reasons: [],
    });
    expect(line).toContain('xn--80a1acny.test (почта.test)');
  });
});
