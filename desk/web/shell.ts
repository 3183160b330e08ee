/**
 * The page that carries the officers' app: an empty document that names its style, its script and what the script will
 * ask for at once, and tells it who is at the desk. Nothing of it is inline.
 */
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { ScreenPlace } from '../office/screens.ts';
import type { Told } from '../office/told.ts';
import { ACTIONS, type Action, isAllowed } from '../roles.ts';
import { type DeskEnv, roleOf } from '../tools.ts';
import type { Html } from './layout.ts';

export function shell(c: Context<DeskEnv>, place: ScreenPlace): Html {
  const words = c.get('words');
  const { office } = c.get('tools');
  const soon = [`../web/words/${words.lang}.json`, place.file].flatMap(
    (part) => office.parts.get(part) ?? [],
  );
  const early = [...new Set(soon)].filter((file) => file.endsWith('.js') && file !== office.script);
  return html`<!doctype html>
<html lang="${words.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="kuzet" content="${JSON.stringify(told(c))}">
<title>${words.say('app.name')}</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${office.style}">
${early.map((file) => html`<link rel="modulepreload" href="/assets/${file}">\n`)}<script type="module" src="/assets/${office.script}"></script>
</head>
<body><noscript><p class="notice trouble">${words.say('app.no_script')}</p></noscript></body>
</html>`;
}

function told(c: Context<DeskEnv>): Told {
  const who = c.get('who');
  const role = roleOf(who);
  const { lang } = c.get('words');
  const may = (Object.keys(ACTIONS) as Action[]).filter((action) => isAllowed(role, action));
  const shared = { lang, role: role ?? '', may };
  if (who.is === 'person') {
    return { ...shared, login: who.account.login, name: who.account.name, isVisitor: false };
  }
  return { ...shared, login: who.is === 'visitor' ? who.login : '', name: '', isVisitor: true };
}
