/** Sites put together from blocks in an online builder. */
import { type Frame, inTags, sections } from './frame.ts';

/** Numbered records of fixed designs, each with its own id; texts in `field` attributes. */
export const records: Frame = (props) => {
  const project = props.token(7, '123456789');
  const record = (kind: string, inner: string): string => {
    const id = props.token(9, '123456789');
    return `<div id="rec${id}" class="r t-rec ${props.some(['t-rec_pt_60', 't-rec_pb_60', 't-screenmin-480px'], 0.5).join(' ')}" style="padding-top:${props.pick([30, 45, 60, 75])}px;" data-animationappear="off" data-record-type="${kind}"><!-- t${kind} -->${inner}</div>`;
  };
  const button = props.chance(0.5)
    ? `<a href="#rec${props.token(9, '123456789')}" class="t-btn t-btn_md"><table style="width:100%;height:100%;"><tr><td>${props.small.more}</td></tr></table></a>`
    : '';
  const bodies = sections(props.blocks).map((blocks, at) => {
    const kind = at === 0 ? '18' : props.pick(['106', '513', '491', '686', '195', '844']);
    const inner = inTags(blocks, {
      heading: (html) => `<div class="t${kind}__title t-title t-title_md" field="title">${html}</div>`,
      paragraph: (html) => `<div class="t${kind}__descr t-descr t-descr_md" field="descr">${html}</div>`,
      list: (items) => `<div class="t${kind}__list">${items}</div>`,
      item: (html) =>
        `<div class="t-col t-col_4 t-item"><div class="t-name t-name_xs" field="li_title__${props.token(13, '0123456789')}">${html}</div></div>`,
    });
    return record(
      kind,
      `<div class="t${kind}"><div class="t-container t-align_${props.pick(['center', 'left'])}">${inner}${at === 0 ? button : ''}</div></div>`,
    );
  });
  const menu = props.menu
    .map(
      (it) =>
        `<li class="t228__list_item" style="padding:0 15px;"><a class="t-menu__link-item" href="${it.href}" data-menu-submenu-hook="">${it.word}</a></li>`,
    )
    .join('');
  const form = props.form({
    id: `input_${props.token(6, '0123456789')}`,
    form: `id="form${props.token(9, '123456789')}" class="t-form js-form-proccess t-form_inputs-total_2" data-formactiontype="2"`,
    action: '/form/procces/',
    row: (label, input) =>
      `<div class="t-input-group"><div class="t-input-title t-descr">${label}</div><div class="t-input-block">${input}<div class="t-input-error"></div></div></div>`,
    input: 'class="t-input js-rule" style="color:#000;border:1px solid #000;"',
    button: 'class="t-submit" style="color:#fff;background-color:#000;border-radius:20px;"',
  });
  return `<!DOCTYPE html> <html lang="${props.lang}"> <head> <meta charset="utf-8" /> <title>${props.title}</title>
${props.metas()}
<link rel="stylesheet" href="/css/grid-3.0.min.css" type="text/css" media="all" /><link rel="stylesheet" href="/css/blocks-page${project}.min.css?t=16${props.token(8, '0123456789')}" type="text/css" media="all" />
<script src="/js/polyfill-1.0.min.js" nomodule></script><script src="/js/blocks-page${project}.min.js?t=16${props.token(8, '0123456789')}" async></script>
${props.counters()}</head>
<body class="t-body" style="margin:0;"> <!--allrecords--> <div id="allrecords" class="t-records" data-project-id="${project}" data-page-id="${props.token(8, '123456789')}" data-formskey="${props.token(32)}" data-blocks-animationoff="yes">
${record('228', `<div id="nav" class="t228 t228__positionabsolute"><div class="t228__maincontainer"><div class="t228__logo t-title" field="title">${props.title}</div><nav class="t228__centerside"><ul role="list" class="t228__list">${menu}</ul></nav></div></div>`)}
${bodies.join('\n')}
${form === '' ? '' : record('702', `<div class="t702"><div class="t-container">${form}</div></div>`)}
${record('420', `<div class="t420"><div class="t-container"><div class="t420__col">${props.footer.map((it) => `<a class="t-link" href="${it.href}">${it.word}</a>`).join('<br />')}</div><div class="t-sociallinks">${props.socials((href, name) => `<a class="t-sociallinks__item" href="${href}" aria-label="${name}"><svg class="t-sociallinks__svg" width="30" height="30"></svg></a>`)}</div><div class="t-descr t-descr_xxs">${props.copyright()}</div></div></div>`)}
</div><!--/allrecords--> ${props.jquery()}</body></html>`;
};

/** Absolutely named components in a mesh, every text in a rich-text box. */
export const mesh: Frame = (props) => {
  const id = (): string => `comp-${props.token(8)}`;
  const rich = (inner: string): string =>
    `<div id="${id()}" class="wixui-rich-text ${props.token(6)} Z_l5lU" data-testid="richTextElement">${inner}</div>`;
  const color = `color_${props.between(11, 42)}`;
  const body = inTags(props.blocks, {
    heading: (html) =>
      rich(
        `<h2 class="font_2 wixui-rich-text__text" style="font-size:${props.between(22, 46)}px;"><span class="${color} wixui-rich-text__text">${html}</span></h2>`,
      ),
    paragraph: (html) =>
      rich(
        `<p class="font_8 wixui-rich-text__text" style="line-height:1.6em;"><span style="letter-spacing:normal;" class="wixui-rich-text__text">${html}</span></p>`,
      ),
    list: (items) => rich(`<ul class="font_8 wixui-rich-text__text">${items}</ul>`),
    item: (html) => `<li class="wixui-rich-text__text"><p class="font_8">${html}</p></li>`,
  });
  return `<!DOCTYPE html><html lang="${props.lang}"><head><meta charset='utf-8'>
<title>${props.title}</title>${props.metas()}
<style data-href="/main.${props.token(8)}.min.css">a{cursor:pointer;}.font_2{font:normal normal normal 40px/1.4em avenir,sans-serif}</style>
<script>window.viewerModel={"siteId":"${props.token(8)}-${props.token(4)}","isMobile":${props.chance(0.5)},"pageId":"${props.token(5)}"}</script>
${props.counters()}</head>
<body class='responsive'><div id="SITE_CONTAINER"><div id="main_MF"><div id="masterPage" class="mesh-layout">
<header id="SITE_HEADER" class="wixui-header ${props.token(6)}" tabindex="-1"><div class="${props.token(5)}"><nav id="${id()}" aria-label="Site"><ul class="wixui-horizontal-menu">${props.menu.map((it) => `<li class="wixui-horizontal-menu__item"><a data-testid="linkElement" href="${it.href}" class="${props.token(6)}"><div><div class="${props.token(6)}">${it.word}</div></div></a></li>`).join('')}</ul></nav></div></header>
<main id="PAGES_CONTAINER" tabindex="-1"><div id="SITE_PAGES"><section id="${id()}" tabindex="-1" class="wixui-section"><div data-mesh-id="${id()}inlineContent-gridContainer" data-testid="mesh-container-content">
${body}
${props.form({
  id: id(),
  form: `id="${id()}" class="wixui-form ${props.token(6)}"`,
  row: (label, input) =>
    `<div class="wixui-text-input">${label}<div class="${props.token(6)}">${input}</div></div>`,
  input: 'class="wixui-text-input__input has-custom-focus" aria-required="true"',
  button: 'class="wixui-button StylableButton__root" data-testid="buttonElement"',
})}</div></section></div></main>
<footer id="SITE_FOOTER" class="wixui-footer"><div data-mesh-id="SITE_FOOTERinlineContent">${rich(`<p class="font_9">${props.copyright()}</p>`)}${props.footer.map((it) => rich(`<p class="font_9"><a href="${it.href}">${it.word}</a></p>`)).join('')}<ul class="wixui-social-bar">${props.socials((href) => `<li><a href="${href}" target="_blank" rel="noreferrer noopener"><wow-image><img src="/media/${props.token(12)}.png" alt=""></wow-image></a></li>`)}</ul></div></footer>
</div></div></div></body></html>`;
};
