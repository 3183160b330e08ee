/** What every way of reading and assessing a page keeps to. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printOf } from '../../classifiers/lookalike-sites.ts';
import { MODELS } from '../../classifiers/model.ts';
import { readPage } from '../../crawler/extract/page.ts';
import { type Judge, type PageSource, pageReader } from '../../queues/judge.ts';

const by = { model: MODELS.href, shadow: null };
const CASINO = `<html lang="ru"><title>Казино</title><p>Онлайн казино: слоты, фриспины, бездепозитный бонус, рабочее зеркало, джекпот.</p>
<a href="/bonus">Бонус</a>
<script type="application/ld+json">{"@type":"Product","name":"Фишки","offers":{"price":"5000","priceCurrency":"KZT"}}</script>`;

export function judgeConformance(name: string, open: () => Promise<Judge>): void {
  describe(`a page judged ${name}`, () => {
    let judge: Judge;
    beforeAll(async () => {
      judge = await open();
    });
    afterAll(() => judge.close());

    test('is told by its title, text, links, listings and assessment', async () => {
      const page = await judge.judge({ url: 'https://slots.example/a/', source: CASINO }, by);
      expect(page).toMatchObject({
        title: 'Казино',
        links: [{ href: 'https://slots.example/bonus', text: 'Бонус' }],
        listings: [{ title: 'Фишки' }],
        needsRender: null,
        isActive: true,
        assessment: { lang: 'ru', label: 'illegal_casino', verdict: 'flag' },
        shadow: null,
      });
      expect(page.text).toContain('бездепозитный бонус');
    });

    test('is read from bytes by the charset that the server names', async () => {
      // "Казино" in windows-1251.
      const bytes = Uint8Array.of(0xca, 0xe0, 0xe7, 0xe8, 0xed, 0xee);
      const source = { bytes, contentType: 'text/html; charset=windows-1251' };
      expect((await judge.judge({ url: 'https://slots.example/', source }, by)).text).toBe('Казино');
    });

    test('is judged by the candidate too, where there is one', async () => {
      const page = await judge.judge(
        { url: 'https://slots.example/', source: CASINO },
        { ...by, shadow: MODELS.href },
      );
      expect(page.shadow).toEqual(page.assessment);
    });

    test('keeps at most 20,000 characters of its text', async () => {
      const source = `<p>${'сөз '.repeat(10_000)}</p>`;
      expect((await judge.judge({ url: 'https://long.example/', source }, by)).text).toHaveLength(20_000);
    });

    test('leaves the print of its site, by which copies are found', async () => {
      const pages: PageSource[] = [{ url: 'https://slots.example/', source: CASINO }];
      const print = await judge.print('slots.example', pages);
      expect(print).toEqual(printOf('slots.example', [readPage(CASINO, 'https://slots.example/')]));
      const { printPart } = await judge.judge(pages[0]!, by);
      expect(await judge.print('slots.example', [printPart!])).toEqual(print);
      expect(await judge.print('other.example', [])).toMatchObject({ host: 'other.example', marks: [] });
    });

    test('whose model is missing is refused with the reason, and others are judged', async () => {
      const page: PageSource = { url: 'https://slots.example/', source: CASINO };
      const missing = judge.judge(page, { model: new URL('nowhere/', MODELS).href, shadow: null });
      await expect(missing).rejects.toThrow('it is missing, broken or of another version');
      expect((await judge.judge(page, by)).assessment.verdict).toBe('flag');
    });

    test('is judged the same, whatever it holds and whoever reads it', async () => {
      const read = pageReader();
      const words = fc.constantFrom(
        ...[
          '<p>',
          '</p>',
          '<form><input type=password>',
          '<a href="//x.example">',
          '<script>location="/y"</script>',
        ],
        ...[
          'Тез табыс',
          'кепіл',
          '3% в день',
          'пригласи друзей',
          'Kaspi',
          '\u0000',
          '\ud800',
          '&#1087;',
          ' ',
        ],
      );
      const source = fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 8 })), {
        maxLength: 40,
      });
      await fc.assert(
        fc.asyncProperty(source, async (parts) => {
          const page: PageSource = { url: 'https://kaspi-bank.example/', source: parts.join('') };
          expect(await judge.judge(page, by)).toEqual(read({ page, by }));
        }),
        { numRuns: 40 },
      );
    });
  });
}
