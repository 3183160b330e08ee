import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PAGE_ATTACKS } from '../../bench/attacks/pages.ts';
import { nearMisses, PAGE_SHAPES } from '../../bench/attacks/shapes.ts';
import { TEXT_ATTACKS } from '../../bench/attacks/texts.ts';
import { falseDomains, WAYS } from '../../bench/lookalike/generate.ts';
import { assessPage, assessPost } from '../../classifiers/assess.ts';
import { loadModel } from '../../classifiers/model.ts';
import { seededRandom } from '../../classifiers/random.ts';
import { syntheticPages, syntheticPosts } from '../../classifiers/synthetic/render.ts';
import { readPage } from '../../crawler/extract/page.ts';
import type { Assessment } from '../../domain/assessment.ts';

const model = loadModel();
const signals = new URL('../../classifiers/signals/', import.meta.url);

/** What holds of every judgement, whatever is judged. */
function expectSound(it: Assessment): void {
  expect(it.score).toBeGreaterThanOrEqual(0);
  expect(it.score).toBeLessThanOrEqual(1);
  const total = Object.values(it.scores).reduce((sum, score) => sum + score, 0);
  expect(total).toBeCloseTo(1, 9);
  expect(it.scores.legit).toBeCloseTo(1 - it.score, 9);
  expect(it.abstainReason === null).toBe(it.verdict !== 'abstain');
  for (const signal of it.signals) {
    expect(Number.isFinite(signal.contribution)).toBe(true);
    expect(signal.excerpt.length).toBeLessThanOrEqual(200);
  }
}

/** The raw output that the score is made of, out of what the officer is shown. */
function rawOf(it: Assessment): number {
  return it.signals.reduce((sum, signal) => sum + signal.contribution, 0);
}

describe('a judgement', () => {
  const pieces = fc.constantFrom(
    '<p>Гарантируем доход 5 % в день</p>',
    '<form action="/login.php"><input type="password">',
    '<div style="display:none">Банк</div>',
    '<a href="?ref=1">друзья</a>',
    '<img src="a.png" alt="Kaspi">',
    '<script>var clickid=1</script>',
    '\ud83d',
    '\u202e',
    '<!--',
    '&#x1F525;',
    'Табыс кепілді',
  );
  const pages = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 12 });

  test('of any page is sound, and the same each time', () => {
    fc.assert(
      fc.property(pages, (parts) => {
        const page = readPage(parts.join(' '), 'https://example.test/');
        const it = assessPage(page, model);
        expectSound(it);
        expect(assessPage(page, model)).toEqual(it);
      }),
      { numRuns: 60 },
    );
  });

  test('of any post is sound, and the same each time', () => {
    fc.assert(
      fc.property(pages, (parts) => {
        const text = parts.join(' ');
        const it = assessPost(text, model);
        expectSound(it);
        expect(assessPost(text, model)).toEqual(it);
      }),
      { numRuns: 60 },
    );
  });

  test('rises with the sum of what the officer is shown', () => {
    const posts = syntheticPosts()
      .slice(0, 200)
      .map((row) => assessPost(row.text, model))
      .sort((a, b) => rawOf(a) - rawOf(b));
    for (let at = 1; at < posts.length; at += 1) {
      expect(posts[at]!.score).toBeGreaterThanOrEqual(posts[at - 1]!.score - 1e-9);
    }
  });
});

describe('hostile shapes', () => {
  test.each(PAGE_SHAPES.map((it) => [it.name, it] as const))('of %s are read and judged', (_, shape) => {
    expectSound(assessPage(readPage(shape.make(200_000), 'https://example.test/'), model));
    expectSound(assessPost(shape.make(50_000), model));
  });

  test('near every expression of the signals are judged as text and as source', () => {
    const shapes = nearMisses(signals);
    expect(shapes.length).toBeGreaterThan(100);
    for (const shape of shapes) {
      const source = shape.make(20_000);
      expectSound(assessPage(readPage(source, 'https://example.test/'), model));
    }
  });

  test('a page of five million characters is cut and judged', () => {
    const page = readPage('<p>Гарантируем доход 5 % в день. '.repeat(160_000), 'https://example.test/');
    expect(page.html.length).toBeLessThanOrEqual(2_000_000);
    expectSound(assessPage(page, model));
  });

  test('a hundred thousand open elements and a million attributes are judged', () => {
    expectSound(assessPage(readPage('<div>'.repeat(100_000), ''), model));
    expectSound(assessPage(readPage(`<div ${'a=1 '.repeat(1_000_000)}>x</div>`, ''), model));
  });
});

describe('attacks', () => {
  test.each(TEXT_ATTACKS.map((it) => [it.name, it] as const))(
    'by %s leave a judgement sound',
    (_, attack) => {
      const random = seededRandom(1);
      for (const { text } of syntheticPosts().slice(0, 10))
        expectSound(assessPost(attack.apply(text, random), model));
    },
  );

  test.each(PAGE_ATTACKS.map((it) => [it.name, it] as const))(
    'by %s leave a judgement sound',
    (_, attack) => {
      const random = seededRandom(1);
      for (const { html } of syntheticPages(2026).slice(0, 4)) {
        expectSound(assessPage(readPage(attack.apply(html, random), ''), model));
      }
    },
  );

  const flagged = syntheticPosts()
    .filter((row) => row.label !== 'legit')
    .filter((row) => assessPost(row.text, model).verdict === 'flag');

  test.each([
    'look-alike letters',
    'invisible letters',
    'wide and mathematical letters',
    'marks on letters',
    'capitals at random',
    'override signs around words',
    'right-to-left override',
  ])('by %s hide at most one in twenty of our own posts', (name) => {
    const { apply } = TEXT_ATTACKS.find((it) => it.name === name)!;
    const random = seededRandom(3);
    const still = flagged.filter((row) => assessPost(apply(row.text, random), model).verdict === 'flag');
    expect(still.length / flagged.length).toBeGreaterThanOrEqual(0.95);
  });
});

describe('made-up false domains', () => {
  test('are of every way, and never the brand’s own', () => {
    const made = falseDomains('kaspi.kz', 5, seededRandom(1));
    expect(new Set(made.map((it) => it.way)).size).toBeGreaterThanOrEqual(WAYS.length - 1);
    expect(made.filter((it) => it.host === 'kaspi.kz' || it.host.endsWith('.kaspi.kz'))).toEqual([]);
    expect(made.every((it) => /^[a-z0-9.-]+$/.test(it.host))).toBe(true);
  });
});
