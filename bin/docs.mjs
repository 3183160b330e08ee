#!/usr/bin/env node
/**
 * Builds the documents as a small static site: node bin/docs.mjs OUT
 *
 * Every page stands three times, under `OUT/ru`, `OUT/kk` and `OUT/en`: its own text is the same, what leads about is
 * in the language. `OUT/site.json` lists the files. Markdown is read as GitHub's, without its raw HTML. No page has a
 * script, or a style of its own.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { load } from 'cheerio';
import { Marked } from 'marked';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Markdown to HTML; what is HTML in the Markdown is left out. */
const markdown = new Marked({ gfm: true, renderer: { html: () => '' } });

/** Who reads what, in the order of docs/README.md; a page that is named nowhere stands with the contributor's. */
const READERS = {
  officer: ['docs/guides/referral-officer.md'],
  integrator: ['docs/guides/marketplace.md'],
  operator: ['docs/guides/operations.md', 'README.md', 'docs/crawl-speed.md', 'docs/render.md'],
  investigator: [
    'docs/evidence.md',
    'docs/decisions/008-stamps-beside-files.md',
    'docs/decisions/022-deletion.md',
  ],
  sources: ['docs/guides/sources.md', 'docs/decisions/017-looking-again.md'],
  models: ['docs/guides/model-keeper.md', 'models/card.md', 'models/pairs.md'],
  contributor: ['CONTRIBUTING.md', 'ARCHITECTURE.md'],
  security: ['SECURITY.md', 'docs/security/threat-model.md', 'docs/security/asvs.md'],
  figures: [
    'docs/figures.md',
    'docs/fraud-figures.md',
    'docs/duplicates-figures.md',
    'docs/desk-figures.md',
    'docs/chaos.md',
    'docs/scale.md',
  ],
};
const LANGS = ['ru', 'kk', 'en'];
const HOME = 'docs/README.md';

/** @param {string} path of a Markdown file in the repository. @returns {string} its page's path in the site. */
export function pageOf(path) {
  return path === HOME ? 'index.html' : `${path.replace(/^docs\//, '').replace(/\.md$/, '')}.html`;
}

/** @returns {string[]} every Markdown file that becomes a page. */
export function sources() {
  const under = (folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => posix.join(folder, name));
  const top = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];
  return [...top, ...under('docs'), ...under('models')].sort();
}

/** As GitHub names a heading, so that links into pages hold in both places. */
function anchorOf(text, taken) {
  const slug = text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
  const n = taken.get(slug) ?? 0;
  taken.set(slug, n + 1);
  return n === 0 ? slug : `${slug}-${n}`;
}

function contentOf(path, pages) {
  const page = pages.get(path);
  const html = markdown.parse(readFileSync(join(root, path), 'utf8'));
  const $ = load(html, null, false);
  const taken = new Map();
  for (const heading of $('h1, h2, h3, h4').toArray())
    $(heading).attr('id', anchorOf($(heading).text(), taken));
  for (const link of $('a[href]').toArray()) {
    const href = $(link).attr('href');
    if (/^[a-z][a-z0-9+.-]*:|^#/i.test(href)) continue;
    const [file, anchor] = href.split('#');
    const target = posix.normalize(posix.join(posix.dirname(path), file));
    const known = pages.get(target) ?? (existsSync(join(root, target)) ? null : undefined);
    if (known === undefined) throw new Error(`${path} links to ${href}, and there is no such file.`);
    if (known === null) {
      // A file of the program, not of its documents: it has no page here.
      $(link).replaceWith($('<code></code>').text(target));
      continue;
    }
    const to = posix.relative(posix.dirname(page), known) || posix.basename(known);
    $(link).attr('href', anchor === undefined ? to : `${to}#${anchor}`);
  }
  const images = [];
  for (const image of $('img[src]').toArray()) {
    const target = posix.normalize(posix.join(posix.dirname(path), $(image).attr('src')));
    const to = `../${target.replace(/^docs\//, '')}`;
    images.push(target);
    $(image).attr('src', `${'../'.repeat(page.split('/').length - 1)}${to}`);
  }
  for (const table of $('table').toArray()) $(table).wrap('<div class="wide" tabindex="0"></div>');
  // Aligned by an attribute that HTML 5 no longer has.
  $('[align]').removeAttr('align');
  return { html: $.html(), title: $('h1').first().text() || page, images };
}

const escaped = (text) =>
  text.replace(/[&<>"]/g, (it) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[it]);

function framed({ html, title }, page, lang, words, menu) {
  const up = '../'.repeat(page.split('/').length);
  const say = (key) => escaped(words[key]);
  const languages = LANGS.map((it) =>
    it === lang
      ? `<b lang="${it}">${it}</b>`
      : `<a href="${up}${it}/${page}" lang="${it}" hreflang="${it}">${it}</a>`,
  ).join('\n');
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · ${say('app.name')}</title>
<link rel="icon" href="${up}mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="${up}desk.css">
<link rel="stylesheet" href="${up}help.css">
</head>
<body class="help">
<a class="skip" href="#content">${say('app.skip')}</a>
<header class="masthead">
<a class="wordmark" href="/"><img src="${up}mark.svg" alt="" width="28" height="28"><span>${say('app.name')}</span></a>
<nav class="languages" aria-label="${say('nav.languages')}">${languages}</nav>
</header>
<div class="help-sheet">
<nav class="help-menu" aria-label="${say('help.contents')}">
${menu}
</nav>
<main id="content" tabindex="-1" lang="en">
${html}
</main>
</div>
</body>
</html>
`;
}

function menuOf(pages, contents, page, words) {
  const link = (path) => {
    const to = posix.relative(posix.dirname(page), pages.get(path)) || posix.basename(page);
    const here = pages.get(path) === page ? ' aria-current="page"' : '';
    return `<li><a href="${to}"${here} lang="en">${escaped(contents.get(path).title)}</a></li>`;
  };
  const named = new Set(Object.values(READERS).flat());
  const rest = [...pages.keys()].filter((path) => !named.has(path) && path !== HOME);
  const part = (heading, paths) =>
    paths.length === 0 ? '' : `<h2>${escaped(heading)}</h2>\n<ul>${paths.map(link).join('\n')}</ul>`;
  return [
    `<ul>${link(HOME)}</ul>`,
    ...Object.entries(READERS).map(([reader, paths]) =>
      part(
        words[`help.${reader}`],
        paths.filter((path) => pages.has(path)).concat(reader === 'contributor' ? rest : []),
      ),
    ),
  ].join('\n');
}

/** @param {string} out folder to make anew. */
export function buildDocs(out) {
  const pages = new Map(sources().map((path) => [path, pageOf(path)]));
  const contents = new Map([...pages.keys()].map((path) => [path, contentOf(path, pages)]));
  rmSync(out, { recursive: true, force: true });
  const put = (name, bytes) => {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), bytes);
  };
  for (const lang of LANGS) {
    const words = JSON.parse(readFileSync(join(root, 'desk/web/words', `${lang}.json`), 'utf8'));
    for (const [path, page] of pages)
      put(
        `${lang}/${page}`,
        framed(contents.get(path), page, lang, words, menuOf(pages, contents, page, words)),
      );
  }
  for (const target of new Set([...contents.values()].flatMap(({ images }) => images))) {
    const name = target.replace(/^docs\//, '');
    mkdirSync(dirname(join(out, name)), { recursive: true });
    cpSync(join(root, target), join(out, name));
  }
  for (const name of ['desk.css', 'help.css', 'mark.svg'])
    cpSync(join(root, 'desk/web', name), join(out, name));
  const files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(out, join(entry.parentPath, entry.name)))
    .sort();
  put('site.json', JSON.stringify(files));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const out = process.argv[2] ?? join(root, 'dist', 'desk', 'help');
  buildDocs(out);
  console.log(`The documents: ${join(out, 'en', 'index.html')}`);
}
