/** Pages written by hand or by tools of twenty years ago. */
import { type Frame, inTags, plainTags } from './frame.ts';

/** Tables for layout, font tags, attributes instead of styles, one-byte Cyrillic declared. */
export const fontTables: Frame = (props) => {
  const color = props.pick(['#003366', '#990000', '#006600', 'navy', '#333333']);
  const width = props.pick(['760', '780', '950', '100%']);
  const face = props.pick(['Verdana, Arial', 'Arial, Helvetica', 'Tahoma', 'Times New Roman']);
  const body = inTags(props.blocks, {
    heading: (html) =>
      `<p align="center"><font face="${face}" size="4" color="${color}"><b>${html}</b></font></p>`,
    paragraph: (html) => `<p align="justify"><font face="${face}" size="2">${html}</font></p>`,
    list: (items) => `<ul type="square">${items}</ul>`,
    item: (html) => `<li><font face="${face}" size="2">${html}</font>`,
  });
  return `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<HTML>
<HEAD>
<META http-equiv="Content-Type" content="text/html; charset=${props.pick(['windows-1251', 'windows-1251', 'utf-8'])}">
<TITLE>${props.title}</TITLE>
${props.chance(0.5) ? props.metas() : ''}
<LINK rel="stylesheet" href="style.css" type="text/css">
<style type="text/css"><!-- a:link {color: ${color}} td {font-size: 12px} --></style>
</HEAD>
<BODY bgcolor="#FFFFFF" text="#000000" leftmargin="0" topmargin="0" marginwidth="0" marginheight="0">
<table width="${width}" border="0" cellspacing="0" cellpadding="${props.between(0, 6)}" align="center">
<tr><td colspan="2" bgcolor="${color}" height="${props.between(60, 120)}"><font color="#FFFFFF" size="5">&nbsp;${props.title}</font></td></tr>
<tr><td width="${props.between(150, 210)}" valign="top" bgcolor="#EEEEEE">
${props.menu.map((it) => `<img src="img/arrow.gif" width="9" height="9">&nbsp;<a href="${it.href}">${it.word}</a><br>`).join('\n')}
</td><td valign="top">
${body}
${props.form({
  form: 'name="form1"',
  action: props.pick(['/cgi-bin/mail.pl', 'scripts/mail.php', 'forms/send.asp']),
  row: (label, input) => `<tr><td align="right">${label}</td><td>${input}</td></tr>`,
  input: 'size="30"',
})}
</td></tr>
<tr><td colspan="2" align="center" bgcolor="#DDDDDD"><font size="1">${props.copyright()}<br>${props.footer.map((it) => `<a href="${it.href}">${it.word}</a>`).join(' | ')}</font></td></tr>
</table>
${props.socials((href, name) => `<a href="${href}"><img src="img/${name.toLowerCase()}.gif" border="0" alt=""></a>`)}
${props.chance(0.5) ? props.counters() : ''}
</BODY></HTML>`;
};

/** A script for members bought with its template: nested tables, numbered cells, one entry file with `?page=`. */
export const memberTables: Frame = (props) => {
  const cell = props.pick(['mainbox', 'box1', 'content_bg', 'inside_left']);
  const body = inTags(props.blocks, {
    heading: (html) =>
      `<table cellspacing=0 cellpadding=2 border=0 width=100% class="${cell}_title"><tr><th><b>${html}</b></th></tr></table>`,
    paragraph: (html) => `<div class="${cell}_text">${html}</div><br>`,
    list: (items) => `<table cellspacing=1 cellpadding=2 border=0 width=100% class=line>${items}</table><br>`,
    item: (html) => `<tr><td class=item>${html}</td></tr>`,
  });
  return `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>${props.title}</title>
${props.metas()}
<link href="style.css" rel="stylesheet" type="text/css" />
<script type="text/javascript" src="js/${props.pick(['jquery.js', 'jquery-1.4.2.min.js', 'mootools.js'])}"></script>
<script type="text/javascript" src="js/${props.pick(['cufon-yui.js', 'easySlider.js', 'slides.min.jquery.js', 'script.js'])}"></script>
${props.counters()}
</head>
<body>
<div id="wrap"><div id="header"><div class="logo"><a href="?page=home"><img src="images/logo.${props.pick(['png', 'gif'])}" alt="${props.title}" border="0" /></a></div><div class="server">${props.small.language}</div></div>
<div id="menu"><ul>${props.menu.map((it, at) => `<li><a href="?page=${at === 0 ? 'home' : `p${at}`}">${it.word}</a></li><li class="line"></li>`).join('\n')}</ul></div>
<table width="${props.pick(['980', '1000', '100%'])}" border="0" cellspacing="0" cellpadding="0"><tr><td width="${props.between(200, 260)}" valign="top"><div class="left_box"><div class="top"></div><div class="middle">${props.footer.map((it) => `<p><a href="${it.href}">${it.word}</a></p>`).join('')}</div><div class="bottom"></div></div></td>
<td valign="top" class="${cell}"><h1>${props.title}</h1>
${body}
${props.form({
  form: 'name="mainform"',
  hidden: `<input type="hidden" name="page" value="p${props.between(1, 9)}" />`,
  row: (label, input) => `<tr><td>${label}</td><td>${input}</td></tr>`,
  input: 'class="inpts" size="30"',
  button: 'class="sbmt"',
})}
</td></tr></table>
<div id="footer">${props.socials((href, name) => `<a href="${href}">${name}</a>`)} ${props.copyright()}</div></div>
</body></html>`;
};

/** One file by a person in a hurry: inline styles, hidden inputs, a php handler beside it. */
export const singleFile: Frame = (props) => {
  const accent = props.pick(['#0a7', '#1877f2', '#e53935', '#222', '#f60', '#5b2be0']);
  const body = inTags(props.blocks, {
    heading: (html) => `<h2 style="font:bold ${props.between(18, 30)}px Arial;color:${accent}">${html}</h2>`,
    paragraph: (html) => `<p style="font-size:15px;line-height:1.5">${html}</p>`,
    list: (items) => `<div style="margin:12px 0">${items}</div>`,
    item: (html) => `<div style="padding:6px 0;border-bottom:1px solid #eee">• ${html}</div>`,
  });
  return `<!DOCTYPE html>
<html><head><meta charset="UTF-8"><title>${props.title}</title>
${props.chance(0.6) ? props.metas() : ''}
<style>*{box-sizing:border-box}body{margin:0;font-family:Arial,sans-serif;background:${props.pick(['#fff', '#f4f4f4', '#eef2f7'])}}.wrap{max-width:${props.between(380, 960)}px;margin:0 auto;padding:20px;background:#fff}input{width:100%;padding:12px;margin:6px 0}button{width:100%;padding:14px;border:0;color:#fff;background:${accent}}</style>
${props.chance(0.4) ? props.counters() : ''}${props.chance(0.4) ? props.jquery() : ''}
</head><body><div class="wrap">
<div style="text-align:center"><img src="${props.pick(['logo.png', 'img/1.png', 'files/logo.svg'])}" width="${props.between(90, 200)}" alt=""></div>
<div style="font-size:13px">${props.menu.map((it) => `<a href="${it.href}" style="color:${accent};margin-right:10px">${it.word}</a>`).join('')}</div>
<h1 style="text-align:center">${props.title}</h1>
${body}
${props.form({
  action: props.pick(['scripts/form.php', 'inc/mail.php', 'php/order.php', '']),
  hidden: `<input type="hidden" name="lang" value="${props.lang}"><input type="hidden" name="id" value="${props.token(6)}">`,
  row: (label, input) => `${label}${input}`,
})}
<p style="font-size:11px;color:#888;text-align:center">${props.footer.map((it) => `<a href="${it.href}">${it.word}</a>`).join(' ')} ${props.copyright()}</p>
</div>${props.chance(0.4) ? `<script>document.querySelectorAll('a').forEach(function(a){a.addEventListener('click',function(){a.style.opacity=.6})})</script>` : ''}</body></html>`;
};

/** No design at all: headings, paragraphs, lines. */
export const bare: Frame = (
  props,
) => `<html><head><meta charset="utf-8"><title>${props.title}</title></head><body>
<h1>${props.title}</h1>
${props.menu.map((it) => `<a href="${it.href}">${it.word}</a>`).join(' | ')}<hr>
${inTags(props.blocks, { ...plainTags, heading: (html) => `<h3>${html}</h3>` })}
${props.form()}
<hr>${props.copyright()}</body></html>`;
