/**
 * Pages that we wrote ourselves, put on paper: HTML in, PDF out, in the browser that also reads sites.
 *
 * Nothing is loaded and nothing runs: the browser is offline, scripts are off, and what a page shows is in it. Pages
 * bring their own language and sizes; the foot of each sheet says its number. Playwright prints headless Chromium
 * (https://playwright.dev/docs/api/class-page#page-pdf), which writes tagged PDF with its fonts in it.
 */
import { type Browser, chromium } from 'playwright';
import { type BrowserWishes, findBrowser, launchOptions } from './browser.ts';

export type Printing =
  /** One PDF a page, in their order. */
  | { readonly is: 'printed'; readonly pdfs: readonly Buffer[] }
  /** Why there is no paper; a person can still print the HTML. */
  | { readonly is: 'unprinted'; readonly why: string };

/** Nobody waits longer for paper: milliseconds for one page. */
const PATIENCE = 60_000;
const FOOT =
  '<div style="font:8pt serif;width:100%;text-align:center"><span class="pageNumber"></span> / <span class="totalPages"></span></div>';

/**
 * Never throws for want of a browser, nor when it fails: both come back as a value.
 *
 * @param at what the PDFs say when they were made: the clock of the browser is nobody's evidence.
 */
export async function printPages(
  pages: readonly string[],
  at: Date,
  wishes: BrowserWishes = {},
): Promise<Printing> {
  const found = await findBrowser(wishes);
  if (found.is === 'none') return { is: 'unprinted', why: found.why };
  let browser: Browser | null = null;
  try {
    browser = await chromium.launch(launchOptions(found));
    const pdfs: Buffer[] = [];
    for (const page of pages) pdfs.push(datedAt(await printed(browser, page), at));
    return { is: 'printed', pdfs };
  } catch (cause) {
    const [line = ''] = (cause as Error).message.split('\n');
    return { is: 'unprinted', why: `${found.name} did not print: ${line}` };
  } finally {
    await browser?.close().catch(() => {});
  }
}

async function printed(browser: Browser, html: string): Promise<Buffer> {
  const context = await browser.newContext({
    offline: true,
    javaScriptEnabled: false,
    serviceWorkers: 'block',
    acceptDownloads: false,
  });
  try {
    const tab = await context.newPage();
    tab.setDefaultTimeout(PATIENCE);
    await tab.setContent(html, { timeout: PATIENCE });
    return await tab.pdf({
      format: 'A4',
      printBackground: true,
      tagged: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: FOOT,
      margin: { top: '18mm', bottom: '18mm', left: '20mm', right: '15mm' },
    });
  } finally {
    await context.close();
  }
}

/** The two dates of the document, overwritten in place: a PDF counts in bytes, so the length stays. */
function datedAt(pdf: Buffer, at: Date): Buffer {
  const stamp = at.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const text = pdf
    .toString('latin1')
    .replaceAll(/\/(CreationDate|ModDate) \(D:\d{14}\+00'00'\)/g, `/$1 (D:${stamp}+00'00')`);
  return Buffer.from(text, 'latin1');
}
