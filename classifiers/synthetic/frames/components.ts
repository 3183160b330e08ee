/** Sites drawn by script frameworks, as they stand once rendered. */
import { type Frame, inTags, sections } from './frame.ts';

/** Server-rendered components: hashed class names, chunks, the page's data repeated as JSON. */
export const hashedClasses: Frame = (props) => {
  const build = props.token(21);
  const css = (name: string): string => `${name}_${props.token(5)}`;
  const names = {
    card: css('Card_root'),
    text: css('Text_body'),
    title: css('Heading_h2'),
    list: css('List_items'),
    item: css('List_item'),
    input: css('Input_field'),
  };
  const body = sections(props.blocks)
    .map(
      (blocks) =>
        `<section class="${css('Section_wrap')}"><div class="${names.card}">${inTags(blocks, {
          heading: (html) => `<h2 class="${names.title}">${html}</h2>`,
          paragraph: (html) => `<p class="${names.text}">${html}</p>`,
          list: (items) => `<ul class="${names.list}">${items}</ul>`,
          item: (html) => `<li class="${names.item}"><span class="${names.text}">${html}</span></li>`,
        })}</div></section>`,
    )
    .join('');
  const state = JSON.stringify({
    props: { pageProps: { locale: props.lang, title: props.title } },
    page: '/',
    query: {},
    buildId: build,
    isFallback: false,
    gsp: true,
  }).replace(/</g, '\\u003c');
  const chunk = (): string =>
    `<script src="/_next/static/chunks/${props.pick(['framework', 'main', 'pages/_app', 'webpack', `${props.between(10, 999)}`])}-${props.token(16, '0123456789abcdef')}.js" defer=""></script>`;
  return `<!DOCTYPE html><html lang="${props.lang}"><head><meta charSet="utf-8"/>${props.metas()}<title>${props.title}</title><meta name="next-head-count" content="${props.between(3, 22)}"/><link rel="preload" href="/_next/static/css/${props.token(16, '0123456789abcdef')}.css" as="style"/><link rel="stylesheet" href="/_next/static/css/${props.token(16, '0123456789abcdef')}.css" data-n-g=""/><noscript data-n-css=""></noscript>${chunk()}${chunk()}${chunk()}<script src="/_next/static/${build}/_buildManifest.js" defer=""></script>${props.counters()}</head><body><div id="__next"><div class="${css('Layout_root')}"><header class="${css('Header_header')}"><a class="${css('Header_logo')}" href="/">${props.name}</a><nav class="${css('Header_nav')}">${props.menu.map((it) => `<a class="${css('Header_link')}" href="${it.href}">${it.word}</a>`).join('')}</nav></header><main class="${css('Layout_main')}"><h1 class="${css('Heading_h1')}">${props.title}</h1>${body}${props.form(
    {
      id: ':r1:',
      form: `class="${css('Form_form')}"`,
      row: (label, input) => `<div class="${css('Field_root')}">${label}${input}</div>`,
      input: `class="${names.input}" aria-invalid="false"`,
      button: `class="${css('Button_primary')}"`,
    },
  )}</main><footer class="${css('Footer_root')}">${props.footer.map((it) => `<a class="${css('Footer_link')}" href="${it.href}">${it.word}</a>`).join('')}<div class="${css('Footer_social')}">${props.socials((href, name) => `<a href="${href}" aria-label="${name}"><svg width="24" height="24" viewBox="0 0 24 24"><path d="M12 2z"></path></svg></a>`)}</div><p>${props.copyright()}</p></footer></div></div><script id="__NEXT_DATA__" type="application/json">${state}</script></body></html>`;
};

/** A shell for scripts, saved after it was filled: scoped attributes, a notice for readers without scripts. */
export const scopedAttributes: Frame = (props) => {
  const scope = (): string => `data-v-${props.token(8, '0123456789abcdef')}=""`;
  const page = scope();
  const card = scope();
  const notice = {
    ru: 'Для работы сайта включите JavaScript.',
    kk: 'Сайт жұмыс істеуі үшін JavaScript қосыңыз.',
    'kk-Latn': 'Sait jūmys ısteuı üşın JavaScript qosyñyz.',
    en: 'Please enable JavaScript to continue.',
  }[props.lang];
  return `<!DOCTYPE html><html lang="${props.lang}"><head><meta charset="utf-8"><meta http-equiv="X-UA-Compatible" content="IE=edge">${props.metas()}<title>${props.title}</title><link href="/css/app.${props.token(8, '0123456789abcdef')}.css" rel="preload" as="style"><link href="/js/chunk-vendors.${props.token(8, '0123456789abcdef')}.js" rel="preload" as="script"><link href="/css/app.${props.token(8, '0123456789abcdef')}.css" rel="stylesheet">${props.counters()}</head><body><noscript><strong>${notice}</strong></noscript><div id="app" data-v-app=""><div ${page} class="v-application v-theme--light v-layout"><div class="v-application__wrap"><header ${page} class="v-toolbar v-app-bar"><div class="v-toolbar__content"><div class="v-toolbar-title"><div class="v-toolbar-title__placeholder">${props.name}</div></div>${props.menu.map((it) => `<a ${page} href="${it.href}" class="v-btn v-btn--text${props.chance(0.15) ? ' router-link-active' : ''}"><span class="v-btn__content" data-no-activator="">${it.word}</span></a>`).join('')}</div></header><main class="v-main" style="--v-layout-top: 64px;"><div ${page} class="v-container"><!----><h1 ${page}>${props.title}</h1>${sections(
    props.blocks,
  )
    .map(
      (blocks) =>
        `<div ${card} class="v-card v-sheet theme--light elevation-${props.between(0, 4)}">${inTags(blocks, {
          heading: (html) => `<div ${card} class="v-card-title">${html}</div>`,
          paragraph: (html) => `<div ${card} class="v-card-text">${html}</div>`,
          list: (items) => `<div ${card} class="v-list" role="listbox">${items}</div>`,
          item: (html) =>
            `<div ${card} class="v-list-item" role="option"><div class="v-list-item__content"><div class="v-list-item-title">${html}</div></div></div>`,
        })}</div><!---->`,
    )
    .join('')}${props.form({
    id: 'input',
    form: `${page} class="v-form" novalidate="novalidate"`,
    row: (label, input) =>
      `<div class="v-input v-text-field"><div class="v-field__field">${label}${input}</div><div class="v-messages"></div></div>`,
    input: 'class="v-field__input" autocomplete="off"',
    button: `${page} class="v-btn v-btn--block primary"`,
  })}</div></main><footer ${page} class="v-footer">${props.footer.map((it) => `<a ${page} href="${it.href}">${it.word}</a>`).join(' ')}${props.socials((href, name) => `<a ${page} href="${href}" class="v-btn v-btn--icon" title="${name}"><i class="mdi mdi-link v-icon" aria-hidden="true"></i></a>`)}<span ${page}>${props.copyright()}</span></footer></div></div></div><script src="/js/chunk-vendors.${props.token(8, '0123456789abcdef')}.js"></script><script src="/js/app.${props.token(8, '0123456789abcdef')}.js"></script></body></html>`;
};

/** Own element names, attributes numbered by component, comments where conditions stood. */
export const ownElements: Frame = (props) => {
  const content = `_ngcontent-${props.pick(['ng', 'serverApp', props.token(3)])}-c${props.between(10, 400)}=""`;
  const body = inTags(props.blocks, {
    heading: (html) =>
      `<app-section-title ${content}><h2 class="section__title">${html}</h2></app-section-title>`,
    paragraph: (html) => `<app-text ${content}><p class="mat-body-1">${html}</p></app-text><!---->`,
    list: (items) => `<mat-list ${content} role="list" class="mat-mdc-list">${items}</mat-list>`,
    item: (html) =>
      `<mat-list-item ${content} role="listitem" class="mat-mdc-list-item"><span class="mdc-list-item__primary-text">${html}</span></mat-list-item><!---->`,
  });
  return `<!doctype html><html lang="${props.lang}" data-critters-container=""><head><meta charset="utf-8"><title>${props.title}</title><base href="/">${props.metas()}<style ng-app-id="ng">.mat-mdc-list{display:block}.section__title{font:500 24px/32px Roboto,sans-serif}</style><link rel="stylesheet" href="styles.${props.token(16, '0123456789abcdef')}.css" media="all">${props.counters()}</head><body class="mat-typography"><app-root ng-version="1${props.between(2, 8)}.${props.between(0, 3)}.${props.between(0, 12)}" ng-server-context="ssr"><app-header ${content}><mat-toolbar class="mat-toolbar mat-primary"><a ${content} routerlink="/" class="logo" href="/">${props.title}</a><nav ${content}>${props.menu.map((it) => `<a ${content} mat-button="" class="mdc-button mat-mdc-button" href="${it.href}"><span class="mdc-button__label">${it.word}</span></a>`).join(' ')}</nav></mat-toolbar></app-header><router-outlet></router-outlet><app-page class="ng-star-inserted"><main ${content} class="page">${body}${props.form(
    {
      id: 'mat-input',
      form: `${content} novalidate="" class="ng-untouched ng-pristine ng-invalid"`,
      row: (label, input) =>
        `<mat-form-field class="mat-mdc-form-field"><div class="mat-mdc-form-field-infix">${label}${input}</div></mat-form-field>`,
      input: 'matinput="" class="mat-mdc-input-element ng-untouched ng-pristine" aria-invalid="false"',
      button: 'mat-raised-button="" color="primary" class="mdc-button mdc-button--raised"',
    },
  )}</main></app-page><!----><app-footer ${content}><footer>${props.footer.map((it) => `<a ${content} href="${it.href}">${it.word}</a>`).join(' ')} ${props.socials((href, name) => `<a ${content} href="${href}" target="_blank">${name}</a>`)} <small ${content}>${props.copyright()}</small></footer></app-footer></app-root><script src="runtime.${props.token(16, '0123456789abcdef')}.js" type="module"></script><script src="main.${props.token(16, '0123456789abcdef')}.js" type="module"></script></body></html>`;
};
