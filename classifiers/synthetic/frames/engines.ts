/** Content management systems with a theme and the plugins that usually come with it. */
import { type Frame, inTags, plainTags, sections } from './frame.ts';

/** Old-school blog engine under a drag-and-drop page plugin, with its contact form plugin. */
export const pagePlugin: Frame = (props) => {
  const theme = props.pick(['astra', 'hello-elementor', 'generatepress', 'oceanwp', 'kadence']);
  const version = `6.${props.between(0, 8)}.${props.between(0, 3)}`;
  const post = props.between(8, 4000);
  const hash = (): string => props.token(7, '0123456789abcdef');
  const widget = (type: string, inner: string): string =>
    `<div class="elementor-element elementor-element-${hash()} elementor-widget elementor-widget-${type}" data-id="${hash()}" data-element_type="widget" data-widget_type="${type}.default"><div class="elementor-widget-container">${inner}</div></div>`;
  const body = sections(props.blocks)
    .map(
      (blocks) =>
        `<section class="elementor-section elementor-top-section elementor-element elementor-element-${hash()} elementor-section-boxed" data-id="${hash()}" data-element_type="section"><div class="elementor-container elementor-column-gap-default"><div class="elementor-column elementor-col-100 elementor-top-column" data-element_type="column"><div class="elementor-widget-wrap elementor-element-populated">${inTags(
          blocks,
          {
            heading: (html) =>
              widget('heading', `<h2 class="elementor-heading-title elementor-size-default">${html}</h2>`),
            paragraph: (html) => widget('text-editor', `<p>${html}</p>`),
            list: (items) => widget('icon-list', `<ul class="elementor-icon-list-items">${items}</ul>`),
            item: (html) =>
              `<li class="elementor-icon-list-item"><span class="elementor-icon-list-icon"><i aria-hidden="true" class="fas fa-check"></i></span><span class="elementor-icon-list-text">${html}</span></li>`,
          },
        )}</div></div></div></section>`,
    )
    .join('\n');
  const form = props.form({
    id: 'wpcf7',
    form: 'class="wpcf7-form init" aria-label="Contact form" novalidate="novalidate" data-status="init"',
    action: `/#wpcf7-f${post + 3}-p${post}-o1`,
    hidden: `<div style="display: none;"><input type="hidden" name="_wpcf7" value="${post + 3}" /><input type="hidden" name="_wpcf7_version" value="5.8.${props.between(0, 7)}" /><input type="hidden" name="_wpcf7_unit_tag" value="wpcf7-f${post + 3}-p${post}-o1" /></div>`,
    row: (label, input) => `<p>${label}<br /><span class="wpcf7-form-control-wrap">${input}</span></p>`,
    input: 'size="40" class="wpcf7-form-control wpcf7-text wpcf7-validates-as-required"',
    button: 'class="wpcf7-form-control has-spinner wpcf7-submit"',
  });
  return `<!doctype html>
<html lang="${props.lang}" prefix="og: https://ogp.me/ns#">
<head>
<meta charset="UTF-8">
<link rel="profile" href="https://gmpg.org/xfn/11">
<title>${props.title}</title>
${props.metas()}
<link rel='stylesheet' id='${theme}-theme-css-css' href='/wp-content/themes/${theme}/assets/css/minified/main.min.css?ver=4.${props.between(0, 9)}.${props.between(0, 9)}' media='all' />
<link rel='stylesheet' id='wp-block-library-css' href='/wp-includes/css/dist/block-library/style.min.css?ver=${version}' media='all' />
<link rel='stylesheet' id='contact-form-7-css' href='/wp-content/plugins/contact-form-7/includes/css/styles.css' media='all' />
<link rel='stylesheet' id='elementor-frontend-css' href='/wp-content/plugins/elementor/assets/css/frontend.min.css?ver=3.${props.between(10, 25)}.0' media='all' />
<script src="/wp-includes/js/jquery/jquery.min.js?ver=3.7.1" id="jquery-core-js"></script>
<link rel="https://api.w.org/" href="/wp-json/" /><link rel="EditURI" type="application/rsd+xml" title="RSD" href="/xmlrpc.php?rsd" />
<meta name="generator" content="WordPress ${version}" />
${props.counters()}
</head>
<body class="page-template page page-id-${post} wp-custom-logo ${theme} elementor-default elementor-kit-${props.between(4, 40)} elementor-page elementor-page-${post}">
<a class="skip-link screen-reader-text" href="#content">${props.small.skip}</a>
<div class="hfeed site" id="page"><header class="site-header" id="masthead"><div class="site-branding"><a href="/" class="custom-logo-link" rel="home">${props.title}</a></div><nav class="main-navigation" id="primary-site-navigation"><ul id="primary-menu" class="menu nav-menu">${props.menu.map((it, at) => `<li id="menu-item-${post + at}" class="menu-item menu-item-type-post_type menu-item-object-page menu-item-${post + at}"><a href="${it.href}" class="menu-link">${it.word}</a></li>`).join('\n')}</ul></nav></header>
<div id="content" class="site-content"><div data-elementor-type="wp-page" data-elementor-id="${post}" class="elementor elementor-${post}">
${body}
${form === '' ? '' : widget('shortcode', `<div class="wpcf7 no-js" id="wpcf7-f${post + 3}-p${post}-o1">${form}</div>`)}
</div></div>
<footer class="site-footer" id="colophon">${props.footer.map((it) => `<a href="${it.href}">${it.word}</a>`).join(' | ')}<div class="elementor-social-icons-wrapper">${props.socials((href, name) => `<a class="elementor-icon elementor-social-icon" href="${href}" target="_blank"><span class="elementor-screen-only">${name}</span></a>`)}</div><p class="copyright">${props.copyright()}</p></footer></div>
<script src='/wp-content/plugins/contact-form-7/includes/js/index.js' id='contact-form-7-js'></script>
<script src='/wp-content/plugins/elementor/assets/js/frontend.min.js' id='elementor-frontend-js'></script>
</body></html>`;
};

/** The same engine with its own block editor, as a plain blog or company page. */
export const blockEditor: Frame = (props) => {
  const id = props.between(2, 900);
  const body = inTags(props.blocks, {
    heading: (html) => `<h2 class="wp-block-heading">${html}</h2>`,
    paragraph: (html) =>
      props.chance(0.15)
        ? `<blockquote class="wp-block-quote"><p>${html}</p></blockquote>`
        : `<p class="has-medium-font-size">${html}</p>`,
    list: (items) => `<ul class="wp-block-list">${items}</ul>`,
    item: (html) => `<li>${html}</li>`,
  });
  const side = props.chance(0.5)
    ? `<aside id="secondary" class="widget-area"><section id="search-2" class="widget widget_search"><form role="search" method="get" class="search-form" action="/"><label><span class="screen-reader-text">${props.small.search}</span><input type="search" class="search-field" name="s"></label></form></section></aside>`
    : '';
  return `<!DOCTYPE html>
<html lang="${props.lang}">
<head><meta charset="UTF-8" /><title>${props.title}</title>
${props.metas()}
<link rel="alternate" type="application/rss+xml" href="/feed/" />
<style id='global-styles-inline-css'>:root{--wp--preset--color--black:#000000;--wp--preset--spacing--20:0.44rem;--wp--preset--font-size--medium:20px;}.is-layout-flow > .alignleft{float:left;}</style>
<link rel='stylesheet' id='twentytwentyfour-style-css' href='/wp-content/themes/${props.pick(['twentytwentyfour', 'twentytwentyone', 'neve', 'blocksy', 'newsup'])}/style.css' media='all' />
${props.counters()}</head>
<body class="wp-singular page-template-default page page-id-${id} wp-embed-responsive">
<div class="wp-site-blocks"><header class="wp-block-template-part"><div class="wp-block-group alignwide is-layout-flex"><p class="wp-block-site-title"><a href="/" target="_self" rel="home">${props.title}</a></p><nav class="is-responsive wp-block-navigation is-layout-flex" aria-label="${props.small.menu}"><ul class="wp-block-navigation__container">${props.menu.map((it) => `<li class="wp-block-navigation-item wp-block-navigation-link"><a class="wp-block-navigation-item__content" href="${it.href}"><span class="wp-block-navigation-item__label">${it.word}</span></a></li>`).join('')}</ul></nav></div></header>
<main class="wp-block-group is-layout-flow" id="wp--skip-link--target"><h1 class="wp-block-post-title">${props.title}</h1><div class="entry-content wp-block-post-content is-layout-constrained">
${body}
${props.form({
  id: `wpforms-${id}-field`,
  form: `id="wpforms-form-${id}" class="wpforms-validate wpforms-form" data-formid="${id}"`,
  row: (label, input) =>
    `<div class="wpforms-field" data-field-id="${props.between(1, 9)}">${label}${input}</div>`,
  input: 'class="wpforms-field-medium wpforms-field-required"',
  button: `class="wpforms-submit" id="wpforms-submit-${id}"`,
  hidden: `<input type="hidden" name="wpforms[id]" value="${id}">`,
})}</div></main>${side}
<footer class="wp-block-template-part"><div class="wp-block-columns">${props.footer.map((it) => `<p class="has-small-font-size"><a href="${it.href}">${it.word}</a></p>`).join('')}</div><ul class="wp-block-social-links">${props.socials((href, name) => `<li class="wp-social-link wp-block-social-link"><a href="${href}" class="wp-block-social-link-anchor"><span class="wp-block-social-link-label screen-reader-text">${name}</span></a></li>`)}</ul><p>${props.copyright()}</p></footer></div>
<script src="/wp-includes/js/wp-embed.min.js" defer></script></body></html>`;
};

/** Corporate portal engine: template folders, component classes, include areas, session parameter. */
export const portal: Frame = (props) => {
  const template = props.pick(['main', 'corp', 'aspro_next', 'furniture_blue', 'site_s1']);
  const session = props.token(32, '0123456789abcdef');
  const area = (inner: string): string =>
    `<div id="bx_incl_area_${props.between(1, 30)}" class="bx-include">${inner}</div>`;
  const body = sections(props.blocks)
    .map((blocks) =>
      area(
        inTags(blocks, {
          heading: (html) => `<div class="maxwidth-theme"><h3 class="title_block">${html}</h3></div>`,
          paragraph: (html) => `<div class="news-detail"><span class="text">${html}</span></div>`,
          list: (items) => `<div class="news-list">${items}</div>`,
          item: (html) =>
            `<p class="news-item" id="bx_${props.token(10, '0123456789')}_${props.between(100, 9999)}">${html}</p>`,
        }),
      ),
    )
    .join('\n');
  return `<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="${props.lang}" lang="${props.lang}">
<head><title>${props.title}</title>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
${props.metas()}
<link href="/bitrix/cache/css/s1/${template}/page_${props.token(32)}/page_${props.token(32)}_v1.css" type="text/css" rel="stylesheet" />
<link href="/bitrix/templates/${template}/template_styles.css?17${props.token(8, '0123456789')}" type="text/css" data-template-style="true" rel="stylesheet" />
<script>if(!window.BX)window.BX={};if(!window.BX.message)window.BX.message=function(mess){if(typeof mess==='object'){for(let i in mess) {BX.message[i]=mess[i];} return true;}};</script>
<script>(window.BX||top.BX).message({'LANGUAGE_ID':'${props.lang}','FORMAT_DATE':'DD.MM.YYYY','SITE_ID':'s1','SITE_DIR':'/','bitrix_sessid':'${session}'});</script>
<script src="/bitrix/cache/js/s1/${template}/kernel_main/kernel_main_v1.js"></script>
${props.jquery()}
${props.counters()}</head>
<body class="${props.pick(['', 'fill_bg_n', 'side_left', 'header_nopacity'])}" id="main"><div id="panel"></div>
<div class="wrapper1 basket_normal"><header id="header"><div class="logo-row"><div class="logo-block"><a href="/"><img src="/upload/CNext/${props.token(3)}/${props.token(12)}.png" alt="${props.title}" title="${props.title}" /></a></div></div>
<table class="menu"><tbody><tr>${props.menu.map((it) => `<td class="menu-item unvisible"><div class="wrap"><a class="" href="${it.href}"><div>${it.word}<div class="line-wrapper"><span class="line"></span></div></div></a></div></td>`).join('\n')}</tr></tbody></table></header>
<div class="breadcrumbs" id="navigation"><a href="/"><span>${props.menu[0]!.word}</span></a><span class="separator">-</span><span>${props.title}</span></div>
<div class="wraps hover_shine" id="content"><h1 id="pagetitle">${props.title}</h1>
${body}
${props.form({
  id: 'POPUP',
  form: 'name="SIMPLE_FORM_1" enctype="multipart/form-data" novalidate="novalidate"',
  hidden: `<input type="hidden" name="sessid" id="sessid" value="${session}" /><input type="hidden" name="WEB_FORM_ID" value="${props.between(1, 9)}" />`,
  row: (label, input) => `<div class="form-control"><div class="form-label">${label}</div>${input}</div>`,
  input: 'class="inputtext" value=""',
  button: 'class="btn btn-default" name="web_form_submit"',
})}</div>
<footer id="footer"><div class="footer_inner"><div class="bottom-menu"><div class="items">${props.footer.map((it) => `<div class="item"><div class="title"><a href="${it.href}">${it.word}</a></div></div>`).join('')}</div></div><div class="social-icons"><ul>${props.socials((href, name) => `<li><a href="${href}" target="_blank" rel="nofollow" title="${name}">${name}</a></li>`)}</ul></div><div class="copy">${props.copyright()}</div></div></footer></div></body></html>`;
};

/** Shop engine with routes in the address: basket in the head, language and currency forms, product panel. */
export const shopEngine: Frame = (props) => {
  const [first, ...rest] = props.blocks;
  const basket = `<div id="cart" class="btn-group btn-block"><button type="button" data-toggle="dropdown" class="btn btn-inverse btn-block btn-lg dropdown-toggle"><i class="fa fa-shopping-cart"></i> <span id="cart-total">${props.small.cart}: 0</span></button></div>`;
  return `<!DOCTYPE html>
<!--[if IE]><![endif]--><!--[if !IE]><!-->
<html dir="ltr" lang="${props.lang}"><!--<![endif]-->
<head><meta charset="UTF-8" />
<title>${props.title}</title>
<base href="/" />
${props.metas()}
<script src="catalog/view/javascript/jquery/jquery-2.1.1.min.js"></script>
<link href="catalog/view/javascript/bootstrap/css/bootstrap.min.css" rel="stylesheet" media="screen" />
<script src="catalog/view/javascript/bootstrap/js/bootstrap.min.js"></script>
<link href="catalog/view/theme/${props.pick(['default', 'journal3', 'oct_ultrastore', 'unishop2'])}/stylesheet/stylesheet.css" rel="stylesheet">
<script src="catalog/view/javascript/common.js"></script>
${props.counters()}</head>
<body class="${props.pick(['common-home', 'information-information-4', 'product-product-52', 'account-account'])}">
<nav id="top"><div class="container"><div class="pull-left"><form action="index.php?route=common/language/language" method="post" enctype="multipart/form-data" id="form-language"><button class="btn btn-link dropdown-toggle" data-toggle="dropdown">${props.small.language} <i class="fa fa-caret-down"></i></button><input type="hidden" name="code" value="" /><input type="hidden" name="redirect" value="" /></form></div><div id="top-links" class="nav pull-right"><ul class="list-inline">${props.menu
    .slice(0, 3)
    .map((it) => `<li><a href="${it.href}">${it.word}</a></li>`)
    .join('')}</ul></div></div></nav>
<header><div class="container"><div class="row"><div class="col-sm-4"><div id="logo"><a href="index.php?route=common/home"><img src="image/catalog/logo.png" title="${props.title}" alt="${props.title}" class="img-responsive" /></a></div></div><div class="col-sm-5"><div id="search" class="input-group"><input type="text" name="search" value="" placeholder="${props.small.search}" class="form-control input-lg" /></div></div><div class="col-sm-3">${basket}</div></div></div></header>
<div class="container"><nav id="menu" class="navbar"><ul class="nav navbar-nav">${props.menu.map((it) => `<li><a href="${it.href}">${it.word}</a></li>`).join('')}</ul></nav></div>
<div class="container" id="${props.pick(['common-home', 'information-information', 'product-product'])}"><ul class="breadcrumb"><li><a href="index.php?route=common/home"><i class="fa fa-home"></i></a></li><li>${props.title}</li></ul>
<div class="row"><div id="content" class="col-sm-${props.pick([9, 12])}"><h1>${first!.html}</h1>
${inTags(rest, {
  ...plainTags,
  heading: (html) => `<h3>${html}</h3>`,
  list: (items) => `<ul class="list-unstyled">${items}</ul>`,
  item: (html) =>
    props.chance(0.5) ? `<li>${html}</li>` : `<li><div class="caption"><h4>${html}</h4></div></li>`,
})}
${props.form({
  id: 'input',
  form: 'enctype="multipart/form-data" class="form-horizontal"',
  action: `?route=${props.pick(['information/contact', 'account/edit', 'checkout/simple'])}`,
  row: (label, input) =>
    `<div class="form-group required"><div class="col-sm-2 control-label">${label}</div><div class="col-sm-10">${input}</div></div>`,
  input: 'class="form-control"',
  button: 'class="btn btn-primary"',
})}</div></div></div>
<footer><div class="container"><div class="row"><div class="col-sm-3"><ul class="list-unstyled">${props.footer.map((it) => `<li><a href="${it.href}">${it.word}</a></li>`).join('')}</ul></div><div class="col-sm-3">${props.socials((href, name) => `<a href="${href}" class="social">${name}</a>`)}</div></div><hr><p>${props.copyright()}</p></div></footer></body></html>`;
};
