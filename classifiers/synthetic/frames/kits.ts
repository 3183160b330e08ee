/** Sites made from kits of ready styles: a bought template, utility classes, an admin panel, a static generator. */
import { type Frame, inTags, plainTags, sections } from './frame.ts';

/** A bought template: grid classes, icons, sliders, scripts that come with it. */
export const gridTemplate: Frame = (props) => {
  const anchor = props.chance(0.5) ? 'btn btn-primary btn-lg' : 'theme-btn btn-style-one';
  const [hero, ...rest] = sections(props.blocks);
  const column = props.pick(['col-lg-4 col-md-6', 'col-md-6', 'col-lg-3 col-sm-6', 'col-12']);
  const tags = {
    heading: (html: string) => `<div class="section-title"><h2>${html}</h2></div>`,
    paragraph: (html: string) => `<p class="lead mb-4">${html}</p>`,
    list: (items: string) => `<div class="row g-4">${items}</div>`,
    item: (html: string) =>
      `<div class="${column}"><div class="card h-100 icon-box" data-aos="fade-up"><div class="card-body"><i class="bi bi-check2-circle"></i><h5 class="card-title">${html}</h5></div></div></div>`,
  };
  return `<!DOCTYPE html>
<html lang="${props.lang}">
<head>
  <meta charset="utf-8">
  <title>${props.title}</title>
  ${props.metas()}
  <link href="assets/vendor/bootstrap/css/bootstrap.min.css" rel="stylesheet">
  <link href="assets/vendor/bootstrap-icons/bootstrap-icons.css" rel="stylesheet">
  ${props
    .some(
      [
        'aos/aos.css',
        'swiper/swiper-bundle.min.css',
        'glightbox/css/glightbox.min.css',
        'animate.css/animate.min.css',
      ],
      0.5,
    )
    .map((it) => `<link href="assets/vendor/${it}" rel="stylesheet">`)
    .join('\n  ')}
  <link href="assets/css/${props.pick(['style', 'main', 'responsive'])}.css" rel="stylesheet">
  ${props.counters()}
</head>
<body>
  ${props.chance(0.3) ? '<div id="preloader"></div>' : ''}
  <header id="header" class="fixed-top d-flex align-items-center"><div class="container d-flex justify-content-between">
    <h1 class="logo"><a href="index.html">${props.title}</a></h1>
    <nav id="navbar" class="navbar navbar-expand-lg"><ul class="navbar-nav ms-auto">
      ${props.menu.map((it, at) => `<li class="nav-item"><a class="nav-link${at === 0 ? ' active' : ''}" href="${it.href}">${it.word}</a></li>`).join('\n      ')}
    </ul><i class="bi bi-list mobile-nav-toggle"></i></nav></div></header>
  <section id="hero" class="d-flex align-items-center"><div class="container">${inTags(hero ?? [], tags)}
    ${props.chance(0.5) ? `<a href="${props.menu[0]!.href}" class="${anchor}">${props.small.more}</a>` : ''}</div></section>
  <main id="main">
  ${rest.map((blocks) => `<section class="${props.pick(['services', 'about', 'features', 'section-bg', 'pricing'])}"><div class="container">${inTags(blocks, tags)}</div></section>`).join('\n  ')}
  ${props.form({
    form: 'role="form" class="php-email-form needs-validation"',
    action: 'forms/contact.php',
    row: (label, input) => `<div class="form-group mt-3">${label}${input}</div>`,
    input: 'class="form-control"',
    button: `class="${anchor}"`,
  })}
  </main>
  <footer id="footer" class="py-5 bg-dark"><div class="container"><div class="row"><div class="col-md-6 footer-links"><ul>${props.footer.map((it) => `<li><i class="bx bx-chevron-right"></i> <a href="${it.href}">${it.word}</a></li>`).join('')}</ul></div><div class="col-md-6 social-links">${props.socials((href, name) => `<a href="${href}" class="${name.toLowerCase()}"><i class="bi bi-${name.toLowerCase()}"></i></a>`)}</div></div><div class="copyright">${props.copyright()}</div></div></footer>
  <a href="#" class="back-to-top d-flex"><i class="bi bi-arrow-up-short"></i></a>
  ${props.jquery()}
  <script src="assets/vendor/bootstrap/js/bootstrap.bundle.min.js"></script>
  <script src="assets/js/main.js"></script>
</body>
</html>`;
};

/** Utility classes on every element. */
export const utilityClasses: Frame = (props) => {
  const tone = props.pick(['indigo', 'emerald', 'slate', 'sky', 'rose', 'amber']);
  const cookie = props.cookies();
  const body = sections(props.blocks)
    .map(
      (blocks) =>
        `<section class="py-${props.pick([12, 16, 20, 24])} sm:py-24"><div class="mx-auto max-w-7xl px-6 lg:px-8">${inTags(
          blocks,
          {
            heading: (html) =>
              `<h2 class="text-3xl font-bold tracking-tight text-gray-900 sm:text-4xl">${html}</h2>`,
            paragraph: (html) => `<p class="mt-6 text-lg leading-8 text-gray-600">${html}</p>`,
            list: (items) =>
              `<ul role="list" class="mt-8 grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-${props.pick([2, 3])}">${items}</ul>`,
            item: (html) =>
              `<li class="flex gap-x-3 rounded-xl p-4 ring-1 ring-gray-200"><svg class="h-6 w-5 flex-none text-${tone}-600" viewBox="0 0 20 20" fill="currentColor" aria-hidden="true"><path fill-rule="evenodd" d="M16.7 4.15a.75.75 0 01.14 1.05l-8 10.5"></path></svg><span>${html}</span></li>`,
          },
        )}</div></section>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="${props.lang}" class="h-full scroll-smooth">
<head><meta charset="utf-8"><title>${props.title}</title>
${props.metas()}
${props.chance(0.4) ? '<script src="https://cdn.tailwindcss.com"></script>' : `<link rel="stylesheet" href="/build/assets/app-${props.token(8)}.css">`}
${props.chance(0.5) ? '<script src="https://unpkg.com/alpinejs@3.x.x/dist/cdn.min.js" defer></script>' : ''}
${props.chance(0.4) ? `<meta name="csrf-token" content="${props.token(40)}">` : ''}
${props.counters()}</head>
<body class="font-sans antialiased bg-${props.pick(['white', 'gray-50', 'slate-50'])} text-gray-900" x-data="{ open: false }">
<header class="sticky top-0 z-50 border-b bg-white/80 backdrop-blur"><nav class="mx-auto flex max-w-7xl items-center justify-between p-6" aria-label="Global"><a href="/" class="-m-1.5 p-1.5 text-xl font-semibold">${props.name}</a><div class="hidden lg:flex lg:gap-x-12">${props.menu.map((it) => `<a href="${it.href}" class="text-sm font-semibold leading-6 hover:text-${tone}-600">${it.word}</a>`).join('')}</div></nav></header>
<main class="isolate"><h1 class="mx-auto max-w-2xl pt-14 text-center text-4xl font-bold">${props.title}</h1>
${body}
${props.form({
  form: 'class="mx-auto mt-16 max-w-xl space-y-6"',
  hidden: `<input type="hidden" name="_token" value="${props.token(40)}">`,
  row: (label, input) => `<div class="sm:col-span-2">${label}<div class="mt-2.5">${input}</div></div>`,
  input: `class="block w-full rounded-md border-0 px-3.5 py-2 shadow-sm ring-1 ring-inset ring-gray-300 focus:ring-2 focus:ring-${tone}-600"`,
  button: `class="block w-full rounded-md bg-${tone}-600 px-3.5 py-2.5 text-sm font-semibold text-white shadow-sm"`,
})}</main>
<footer class="bg-gray-900 text-gray-400"><div class="mx-auto max-w-7xl px-6 py-12"><div class="flex gap-6">${props.footer.map((it) => `<a href="${it.href}" class="text-sm hover:text-white">${it.word}</a>`).join('')}</div><div class="flex space-x-6">${props.socials((href, name) => `<a href="${href}"><span class="sr-only">${name}</span></a>`)}</div><p class="mt-8 text-xs leading-5">${props.copyright()}</p></div></footer>
${cookie === null ? '' : `<div class="fixed inset-x-0 bottom-0 bg-white p-4 shadow"><p class="text-sm">${cookie}</p><button class="rounded px-3 py-1 text-sm">${props.small.agree}</button></div>`}
</body></html>`;
};

/** The inside of an account: side bar, cards, tables. */
export const dashboard: Frame = (props) => {
  const dark = props.chance(0.5) ? 'sidebar-dark-primary' : 'sidebar-light';
  const body = sections(props.blocks)
    .map(
      ([first, ...rest]) =>
        `<div class="${props.pick(['col-lg-6', 'col-12', 'col-md-4'])}"><div class="card ${props.pick(['card-primary card-outline', 'card-info', ''])}"><div class="card-header"><h3 class="card-title">${first!.html}</h3><div class="card-tools"><span class="badge bg-secondary"></span></div></div><div class="card-body">${inTags(
          rest,
          {
            heading: (html) => `<h5>${html}</h5>`,
            paragraph: (html) => `<p class="card-text">${html}</p>`,
            list: (items) => `<table class="table table-striped table-sm"><tbody>${items}</tbody></table>`,
            item: (html) => `<tr><td>${html}</td></tr>`,
          },
        )}</div></div></div>`,
    )
    .join('\n');
  return `<!DOCTYPE html>
<html lang="${props.lang}"><head><meta charset="utf-8">${props.metas()}<title>${props.title}</title>
<link rel="stylesheet" href="/plugins/fontawesome-free/css/all.min.css"><link rel="stylesheet" href="/dist/css/adminlte.min.css?v=3.2.0"><link rel="stylesheet" href="/plugins/overlayScrollbars/css/OverlayScrollbars.min.css">${props.counters()}</head>
<body class="hold-transition sidebar-mini layout-fixed"><div class="wrapper">
<nav class="main-header navbar navbar-expand navbar-white navbar-light"><ul class="navbar-nav"><li class="nav-item"><a class="nav-link" data-widget="pushmenu" href="#" role="button"><i class="fas fa-bars"></i></a></li></ul><ul class="navbar-nav ml-auto"><li class="nav-item dropdown"><a class="nav-link" data-toggle="dropdown" href="/profile"><i class="far fa-user"></i></a></li></ul></nav>
<aside class="main-sidebar ${dark} elevation-4"><a href="/" class="brand-link"><span class="brand-text font-weight-light">${props.name}</span></a><div class="sidebar"><nav class="mt-2"><ul class="nav nav-pills nav-sidebar flex-column" data-widget="treeview" role="menu">${props.menu.map((it) => `<li class="nav-item"><a href="${it.href}" class="nav-link"><i class="nav-icon fas fa-${props.pick(['th', 'copy', 'chart-pie', 'table', 'book'])}"></i><p>${it.word}</p></a></li>`).join('')}</ul></nav></div></aside>
<div class="content-wrapper"><div class="content-header"><div class="container-fluid"><h1 class="m-0">${props.title}</h1></div></div><div class="content"><div class="container-fluid"><div class="row">
${body}
</div>${props.form({
    form: 'class="form-horizontal"',
    row: (label, input) => `<div class="input-group mb-3">${label}${input}</div>`,
    input: 'class="form-control"',
    button: 'class="btn btn-primary btn-block"',
  })}</div></div></div>
<footer class="main-footer"><div class="float-right d-none d-sm-inline">${props.footer.map((it) => `<a href="${it.href}">${it.word}</a>`).join(' ')}</div><strong>${props.copyright()}</strong></footer></div>
<script src="/plugins/jquery/jquery.min.js"></script><script src="/plugins/bootstrap/js/bootstrap.bundle.min.js"></script><script src="/dist/js/adminlte.min.js"></script></body></html>`;
};

/** What a static generator makes: little markup, one style sheet, hardly a script. */
export const staticPage: Frame = (props) => `<!DOCTYPE html>
<html lang="${props.lang}">
<head>
<meta charset="utf-8">
<title>${props.title}</title>
${props.metas()}
<meta name="generator" content="${props.pick(['Hugo 0.120.4', 'Jekyll v4.3.2', 'Eleventy v2.0.1', 'Astro v4.5.0'])}">
<link rel="stylesheet" href="/${props.pick(['style.css', 'assets/main.css', 'css/site.min.css'])}">
${props.chance(0.4) ? props.counters() : ''}
</head>
<body>
<header><a class="site-title" rel="author" href="/">${props.title}</a>
<nav>${props.menu.map((it) => `<a class="page-link" href="${it.href}">${it.word}</a>`).join('\n')}</nav></header>
<main aria-label="Content">
${inTags(props.blocks, plainTags)}
${props.form({ row: (label, input) => `<div>${label} ${input}</div>` })}
</main>
<footer>
<p>${props.copyright()}</p>
${props.footer.map((it) => `<a href="${it.href}">${it.word}</a>`).join(' · ')}
${props.socials((href, name) => `<a rel="me" href="${href}">${name}</a>`)}
</footer>
</body>
</html>`;
