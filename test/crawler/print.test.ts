import { describe, expect, test } from 'vitest';
import { findBrowser } from '../../crawler/browser.ts';
import { printPages } from '../../crawler/print.ts';
import { pdfText } from '../engines/pdf-text.ts';

const found = await findBrowser();
const note = found.is === 'ready' ? '' : ` (skipped: ${found.why})`;
const at = new Date('2026-11-22T04:05:06Z');
const page = (body: string) =>
  `<!doctype html><html lang="kk"><head><meta charset="utf-8"><title>x</title></head><body>${body}</body></html>`;

describe.skipIf(found.is === 'none')(`pages on paper${note}`, () => {
  test('keep their Kazakh letters as text, run nothing, load nothing, and say the moment they are given', async () => {
    const printing = await printPages(
      [
        page(
          '<p>Әғқңөұүһі ӘҒҚҢӨҰҮҺІ: қарауды сұраймыз</p><script>document.body.append("script ran")</script><img src="http://192.0.2.1/x.png" alt="суретсіз">',
        ),
        page('<p>Второе письмо</p>'),
      ],
      at,
    );
    if (printing.is !== 'printed') throw new Error(printing.why);
    const [first, second] = printing.pdfs as [Buffer, Buffer];
    expect(pdfText(first)).toContain('Әғқңөұүһі ӘҒҚҢӨҰҮҺІ: қарауды сұраймыз');
    expect(pdfText(first)).not.toContain('script ran');
    expect(pdfText(second)).toContain('Второе письмо');
    expect(first.toString('latin1')).toContain("/CreationDate (D:20261122040506+00'00')");
    expect(first.toString('latin1')).toContain("/ModDate (D:20261122040506+00'00')");
  });

  test('are told as not printed, with the reason, where no browser starts', async () => {
    const printing = await printPages([page('<p>x</p>')], at, { chromium: '/nowhere/chromium' });
    expect(printing).toEqual({ is: 'unprinted', why: expect.stringContaining('/nowhere/chromium') });
  });
});
