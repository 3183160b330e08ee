/** Pages that show something made elsewhere: a saved copy, a message, a document, a light version. */
import { type Frame, inTags, sections } from './frame.ts';

/** A big application's page as a browser keeps it: deep nested boxes, short class names, roles and labels. */
export const deepBoxes: Frame = (props) => {
  const short = (): string => `_${props.token(4)} x${props.token(6)} x${props.token(6)}`;
  const boxed = (inner: string, depth: number): string =>
    depth === 0 ? inner : `<div class="${short()}">${boxed(inner, depth - 1)}</div>`;
  const files = `${props.pick(['page', 'index', 'home', 'main'])}_files`;
  const body = inTags(props.blocks, {
    heading: (html) =>
      boxed(
        `<div role="heading" aria-level="2" class="${short()}"><span>${html}</span></div>`,
        props.between(2, 6),
      ),
    paragraph: (html) => boxed(`<span class="${short()}" dir="auto">${html}</span>`, props.between(2, 5)),
    list: (items) => boxed(`<div role="list" class="${short()}">${items}</div>`, 2),
    item: (html) =>
      `<div role="listitem" class="${short()}">${boxed(`<span dir="auto">${html}</span>`, 2)}</div>`,
  });
  return `<!DOCTYPE html>
<html lang="${props.lang}" id="root" class="${short()}" dir="ltr"><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><meta name="referrer" content="origin-when-cross-origin">
<title>${props.title}</title>${props.metas()}
${[1, 2, 3].map(() => `<link type="text/css" rel="stylesheet" href="./${files}/${props.token(11)}.css" data-bootloader-hash="${props.token(7)}" crossorigin="anonymous">`).join('')}
<script src="./${files}/${props.token(11)}.js" data-bootloader-hash="${props.token(7)}" async=""></script>
<script>window.__cfg={"rev":${props.token(9, '123456789')},"locale":"${props.lang}","vip":"192.0.2.${props.between(1, 250)}"};</script>${props.chance(0.4) ? props.counters() : ''}</head>
<body class="${short()}" aria-busy="false">${boxed(
    `<div role="banner">${boxed(`<a aria-label="${props.name}" href="/" role="link" tabindex="0">${props.name}</a>`, 3)}<div role="navigation" aria-label="${props.small.menu}">${props.menu.map((it) => boxed(`<a href="${it.href}" role="link" tabindex="0" aria-label="${it.word}">${it.word}</a>`, 2)).join('')}</div></div>
<div role="main">${body}
${props.form({
  id: `jsc_c_${props.token(2)}`,
  form: `class="${short()}" data-testid="form" novalidate=""`,
  hidden: `<input type="hidden" name="jazoest" autocomplete="off" value="${props.token(5, '0123456789')}"><input type="hidden" name="lsd" autocomplete="off" value="${props.token(11)}">`,
  row: (label, input) => boxed(`${label}${input}`, 3),
  input: `class="inputtext ${short()}" aria-invalid="false" dir="ltr"`,
  button: `class="${short()}" tabindex="0"`,
})}</div>
<div role="contentinfo">${props.footer.map((it) => boxed(`<a href="${it.href}" role="link">${it.word}</a>`, 2)).join('')}${props.socials((href, name) => boxed(`<a href="${href}" aria-label="${name}" role="link"><svg viewBox="0 0 36 36" fill="currentColor" height="24" width="24"></svg></a>`, 1))}<span class="${short()}">${props.copyright()}</span></div>`,
    props.between(3, 7),
  )}</body></html>`;
};

/** The public page of a channel in a messenger: messages with views and times. */
export const channelPreview: Frame = (props) => {
  const handle = `example_${props.token(5)}`;
  let at = props.between(10, 3000);
  const views = (): string =>
    `${props.between(1, 90)}${props.chance(0.5) ? `.${props.between(1, 9)}K` : props.between(0, 9)}`;
  const messages = sections(props.blocks).map((blocks) => {
    at += 1;
    const inner = inTags(blocks, {
      heading: (html) => `<b>${html}</b><br/>`,
      paragraph: (html) => `${html}<br/><br/>`,
      list: (items) => items,
      item: (html) => `${props.pick(['▪️', '✅', '—', '•'])} ${html}<br/>`,
    });
    return `<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="${handle}/${at}" data-view="${props.token(20)}"><div class="tgme_widget_message_user"><i class="tgme_widget_message_user_photo"></i></div><div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author accent_color"><span class="tgme_widget_message_owner_name" dir="auto">${props.name}</span></div><div class="tgme_widget_message_text js-message_text" dir="auto">${inner}</div><div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info"><span class="tgme_widget_message_views">${views()}</span><span class="copyonly"> ${props.small.views}</span></div></div></div></div></div>`;
  });
  return `<!DOCTYPE html>
<html lang="${props.lang}" class="theme_light"><head><meta charset="utf-8"><title>${props.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1.0, minimum-scale=1.0, maximum-scale=1.0, user-scalable=no" />
${props.chance(0.7) ? `<meta property="og:title" content="${props.title}">` : ''}
<link href="/css/font-roboto.css?1" rel="stylesheet"><link href="/css/widget-frame.css?${props.between(40, 80)}" rel="stylesheet"><link href="/css/web.css?${props.between(20, 50)}" rel="stylesheet"></head>
<body class="widget_frame_base tgme_webpreview emoji_image"><header class="tgme_header search_collapsed"><div class="tgme_container"><div class="tgme_header_info"><div class="tgme_header_title_wrap"><div class="tgme_header_title"><span dir="auto">${props.title}</span></div><div class="tgme_header_counter">${views()}</div></div></div></div></header>
<main class="tgme_main" data-url="/s/${handle}"><div class="tgme_container"><section class="tgme_channel_history js-message_history">
${messages.join('\n')}
</section></div>${props.form({ form: 'class="tgme_form"', row: (label, input) => `<div>${label}${input}</div>` })}</main>
<div class="tgme_footer"><div class="tgme_footer_column">${props.footer.map((it) => `<a href="${it.href}">${it.word}</a>`).join(' ')}</div>${props.menu.map((it) => `<a class="tgme_head_dl_button" href="${it.href}">${it.word}</a>`).join(' ')}</div>
<script src="/js/widget-frame.js?${props.between(30, 70)}"></script></body></html>`;
};

/** The light version for telephones: own elements instead of images and scripts. */
export const lightVersion: Frame = (props) => {
  const cookie = props.cookies();
  return `<!doctype html>
<html amp lang="${props.lang}"><head><meta charset="utf-8"><script async src="https://cdn.ampproject.org/v0.js"></script><title>${props.title}</title>
<link rel="canonical" href="/${props.token(6)}"><meta name="viewport" content="width=device-width,minimum-scale=1">
${props.chance(0.5) ? `<meta name="description" content="${props.title}">` : ''}
<style amp-boilerplate>body{-webkit-animation:-amp-start 8s steps(1,end) 0s 1 normal both}@-webkit-keyframes -amp-start{from{visibility:hidden}to{visibility:visible}}</style>
<style amp-custom>.amp-wp-article{margin:0 auto;max-width:${props.between(560, 840)}px}.lead{font-size:1.2em}</style>
${props.chance(0.6) ? '<script async custom-element="amp-form" src="https://cdn.ampproject.org/v0/amp-form-0.1.js"></script>' : ''}
${props.chance(0.6) ? '<script async custom-element="amp-analytics" src="https://cdn.ampproject.org/v0/amp-analytics-0.1.js"></script>' : ''}</head>
<body class="amp-mode-mouse"><header id="top" class="amp-wp-header"><a href="/">${props.name}</a></header>
<amp-sidebar id="sidebar" layout="nodisplay" side="left"><ul>${props.menu.map((it) => `<li><a href="${it.href}">${it.word}</a></li>`).join('')}</ul></amp-sidebar>
<div class="amp-wp-article"><h1 class="amp-wp-title">${props.title}</h1>
<amp-img src="/img/${props.token(8)}.jpg" width="800" height="450" layout="responsive"></amp-img>
<div class="amp-wp-article-content">${inTags(props.blocks, {
    heading: (html) => `<h3 class="amp-heading">${html}</h3>`,
    paragraph: (html) => `<p class="${props.chance(0.2) ? 'lead' : 'text'}">${html}</p>`,
    list: (items) => `<amp-accordion animate>${items}</amp-accordion>`,
    item: (html) => `<section expanded><h4>${html}</h4><div></div></section>`,
  })}</div>
${props.form({ form: 'target="_top" class="amp-form"', row: (label, input) => `<fieldset>${label}${input}</fieldset>` })}
</div><footer class="amp-wp-footer"><p>${props.copyright()}</p>${props.footer.map((it) => `<a href="${it.href}">${it.word}</a>`).join(' ')}${props.socials((href, name) => `<amp-social-share type="${name.toLowerCase()}" data-param-href="${href}" width="36" height="32"></amp-social-share>`)}<a href="#top" class="back-to-top">${props.small.up}</a></footer>
${cookie === null ? '' : `<amp-user-notification id="notice" layout="nodisplay">${cookie} <button on="tap:notice.dismiss">${props.small.agree}</button></amp-user-notification>`}</body></html>`;
};

/** A document in a viewer: pages of lines placed by the pixel, as a text layer has them. */
export const documentViewer: Frame = (props) => {
  let top = 60;
  const lines = props.blocks.map((block) => {
    const size = block.kind === 'heading' ? props.between(16, 22) : 12;
    const spans = linesOf(block.html, block.kind === 'heading' ? 44 : 84).map((line) => {
      top += Math.round(size * 1.5);
      return `<span style="left: ${props.between(56, 60)}.${props.token(2, '0123456789')}px; top: ${top}px; font-size: ${size}px; font-family: ${props.pick(['serif', 'sans-serif'])};" role="presentation" dir="ltr">${line} </span>`;
    });
    return `${spans.join('\n')}<br role="presentation">`;
  });
  const cut = Math.ceil(lines.length / 2);
  const sheet = (nth: number, inner: readonly string[]): string =>
    `<div class="page" data-page-number="${nth}" role="region" aria-label="${props.small.page} ${nth}" data-loaded="true"><div class="canvasWrapper"><canvas width="816" height="1056" role="presentation"></canvas></div><div class="textLayer" style="width: 612px; height: 792px;">${inner.join('\n')}<div class="endOfContent"></div></div></div>`;
  return `<!DOCTYPE html>
<html dir="ltr" lang="${props.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, maximum-scale=1">
<title>${props.title}</title><link rel="stylesheet" href="${props.pick(['viewer.css', '/pdfjs/web/viewer.css', '/static/pdf/viewer.css'])}"><link rel="resource" type="application/l10n" href="locale/locale.json"><script src="../build/pdf.mjs" type="module"></script>${props.chance(0.3) ? props.counters() : ''}</head>
<body tabindex="0"><div id="outerContainer"><div id="sidebarContainer"><div id="outlineView">${props.menu.map((it) => `<div class="treeItem"><a href="${it.href}">${it.word}</a></div>`).join('')}</div></div>
<div id="mainContainer"><div class="toolbar"><div id="toolbarViewer"><input type="number" id="pageNumber" class="toolbarField" value="1" min="1"><span id="numPages" class="toolbarLabel">/ 2</span></div></div>
<div id="viewerContainer" tabindex="0"><div id="viewer" class="pdfViewer">${sheet(1, lines.slice(0, cut))}${sheet(2, lines.slice(cut))}</div></div>
${props.form({ row: (label, input) => `<div>${label}${input}</div>` })}</div></div><p class="credit">${props.copyright()}</p></body></html>`;
};

/** Lines of at most `most` characters, broken at spaces; a longer word stays whole. */
function linesOf(html: string, most: number): string[] {
  const done: string[] = [];
  for (const word of html.split(' ')) {
    const last = done.at(-1);
    if (last !== undefined && last.length + word.length < most) done[done.length - 1] = `${last} ${word}`;
    else done.push(word);
  }
  return done;
}
