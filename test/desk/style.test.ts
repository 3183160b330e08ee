import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../desk/web/desk.css', import.meta.url), 'utf8');

/** The two colours of a token: light, dark. */
function token(name: string): readonly [string, string] {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css);
  if (found === null) throw new Error(`desk.css has no token --${name} of two colours`);
  return [found[1]!, found[2]!];
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe('the colours', () => {
  const texts = [
    ...['paper', 'sheet', 'sunk'].flatMap((ground) => [
      ['ink', ground],
      ['ink-soft', ground],
      ['blue', ground],
      ['red', ground],
    ]),
    ['blue', 'blue-wash'],
    ['ink', 'blue-wash'],
    ['red', 'red-wash'],
    ['green', 'green-wash'],
    ['on-ochre', 'ochre-wash'],
  ] as [string, string][];

  test.each(texts)('of %s on %s are told apart at 4.5:1 in both themes', (ink, ground) => {
    for (const theme of [0, 1] as const) {
      expect(contrast(token(ink)[theme], token(ground)[theme])).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(['paper', 'sheet'])('of edges on %s are told apart at 3:1 in both themes', (ground) => {
    for (const theme of [0, 1] as const) {
      expect(contrast(token('edge')[theme], token(ground)[theme])).toBeGreaterThanOrEqual(3);
    }
  });

  test('of a main button leave its white words at 4.5:1', () => {
    for (const ground of token('blue-ground'))
      expect(contrast('#ffffff', ground)).toBeGreaterThanOrEqual(4.5);
  });
});

test('The style asks nothing of other hosts', () => {
  expect(css).not.toMatch(/url\(|@import|https?:/);
});
