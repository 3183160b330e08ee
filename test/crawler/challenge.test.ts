import { describe, expect, test } from 'vitest';
import { challengeOf } from '../../crawler/challenge.ts';

const seen = (status: number, html: string, textLength = 40, headers: Record<string, string> = {}) =>
  challengeOf({ status, headers, html, textLength });

describe('a gatekeeper', () => {
  test.each([
    [403, '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate.js"></script>', 'cloudflare'],
    [503, '<title>Just a moment...</title><p>Checking', 'browser-check'],
    [403, '<title>DDOS-GUARD</title>', 'ddos-guard'],
    [429, '<form><div class="g-recaptcha" data-sitekey="x"></div></form>', 'captcha'],
    [403, '<iframe src="/_Incapsula_Resource?x=1">', 'imperva'],
    [401, '<script src="https://a.qrator.test/__qrator/q.js"></script>', 'qrator'],
    [200, '<title>Проверка браузера</title>', 'browser-check'],
    [200, '<div class="h-captcha"></div>', 'captcha'],
  ])('is known by its marks: %i %s', (status, html, name) => {
    expect(seen(status, html)).toBe(name);
  });

  test('is known by its header alone', () => {
    expect(seen(403, '', 0, { 'cf-mitigated': 'challenge' })).toBe('cloudflare');
  });

  test('is not a refusal that says nothing of a check, nor a page that is missing', () => {
    expect(seen(403, '<h1>Forbidden</h1>')).toBe(null);
    expect(seen(404, '<div class="g-recaptcha"></div><p>Нет такой страницы', 500)).toBe(null);
  });

  test('is not a page with a captcha in its form, nor one that a gatekeeper stands before and let us into', () => {
    expect(seen(200, '<h1>Оставьте отзыв</h1><div class="g-recaptcha"></div>', 1_500)).toBe(null);
    expect(seen(200, '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>', 5_000)).toBe(
      null,
    );
  });
});
