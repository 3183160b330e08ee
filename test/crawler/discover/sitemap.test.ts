import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readSitemap, SitemapUnreadableError, sitemapsOfRobots } from '../../../crawler/discover/sitemap.ts';

const AT = 'https://shop.test/sitemap.xml';
const bytes = (text: string) => Buffer.from(text, 'utf8');
const NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';

describe('a sitemap', () => {
  test('lists the pages of its own site, each once, with their translations', () => {
    const xml = `<?xml version="1.0"?><urlset ${NS} xmlns:xhtml="http://www.w3.org/1999/xhtml">
      <url><loc> https://shop.test/a?x=1&amp;y=2 </loc>
        <xhtml:link rel="alternate" hreflang="kk" href="https://shop.test/kk/a"/></url>
      <url><loc>https://shop.test/a?x=1&amp;y=2</loc></url>
      <url><loc>https://www.shop.test/b</loc></url>
      <url><loc>https://other.test/c</loc></url>
      <url><loc>javascript:alert(1)</loc></url></urlset>`;
    expect(readSitemap(bytes(xml), AT)).toEqual({
      pages: ['https://shop.test/a?x=1&y=2', 'https://shop.test/kk/a', 'https://www.shop.test/b'],
      sitemaps: [],
    });
  });

  test('of sitemaps leads to them', () => {
    const xml = `<sitemapindex ${NS}><sitemap><loc>https://shop.test/1.xml.gz</loc></sitemap></sitemapindex>`;
    expect(readSitemap(bytes(xml), AT)).toEqual({ pages: [], sitemaps: ['https://shop.test/1.xml.gz'] });
  });

  test('may be packed, and may be plain lines', () => {
    const lines = 'https://shop.test/a\r\nhttps://shop.test/b\n';
    expect(readSitemap(gzipSync(lines), AT).pages).toEqual(['https://shop.test/a', 'https://shop.test/b']);
  });

  test('that unpacks to more than 50 MB, or is something else, is refused by name', () => {
    const bomb = gzipSync(Buffer.alloc(60_000_000, 0x20));
    expect(() => readSitemap(bomb, AT)).toThrow(SitemapUnreadableError);
    expect(() => readSitemap(bytes('<html><body>404</body></html>'), AT)).toThrow(/another kind/);
    expect(() => readSitemap(bytes('nothing here'), AT)).toThrow(AT);
  });

  test('that is nested deeper than any is given up', () => {
    const deep = (elements: number) => bytes(`<urlset>${'<a>'.repeat(elements)}`);
    expect(readSitemap(deep(40), AT)).toEqual({ pages: [], sitemaps: [] });
    expect(() => readSitemap(deep(60), AT)).toThrow(/nested too deeply/);
  });

  test('counts no more than 50,000 addresses', () => {
    const lines = Array.from({ length: 50_010 }, (_, n) => `https://shop.test/${n}`).join('\n');
    expect(readSitemap(bytes(lines), AT).pages.length).toBe(50_000);
  });
});

test('robots.txt names the sitemaps of its site', () => {
  const robots =
    'User-agent: *\nDisallow: /x\nSitemap: https://shop.test/s.xml\nSITEMAP:https://elsewhere.test/s.xml\n';
  expect(sitemapsOfRobots(robots, 'https://shop.test/robots.txt')).toEqual(['https://shop.test/s.xml']);
});
