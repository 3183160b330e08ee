/** What makers of false pages do to the source so that people see the page and machines do not. */
import type { Random } from '../../classifiers/random.ts';
import { TEXT_ATTACKS } from './texts.ts';

export interface PageAttack {
  readonly name: string;
  readonly apply: (html: string, random: Random) => string;
}

const BANK_WORDS =
  'Банк второго уровня. Лицензия Агентства Республики Казахстан по регулированию и развитию финансового рынка. Депозиты физических лиц гарантированы. Тарифы, отделения и банкоматы, финансовая отчётность, раскрытие информации, акционерам, противодействие мошенничеству: полиция, прокуратура, суд. ';
const NEWS_WORDS =
  'Полиция предупредила жителей о мошенниках. По данным следствия, пострадавшие обратились в суд, приговор вступил в силу. Агентство по финансовому мониторингу сообщило о задержании подозреваемых. ';
const LONG = 30;

const stuffed = (open: string, words: string, close: string) => (html: string) =>
  intoBody(html, `${open}${words.repeat(LONG)}${close}`);

export const PAGE_ATTACKS: readonly PageAttack[] = [
  { name: 'bank words, display:none', apply: stuffed('<div style="display:none">', BANK_WORDS, '</div>') },
  {
    name: 'bank words, white on white',
    apply: stuffed('<div style="color:#fff;background:#ffffff">', BANK_WORDS, '</div>'),
  },
  {
    name: 'bank words, one pixel',
    apply: stuffed('<p style="font-size:1px;line-height:1px">', BANK_WORDS, '</p>'),
  },
  {
    name: 'bank words, off the screen',
    apply: stuffed('<div style="position:absolute;left:-9999px">', BANK_WORDS, '</div>'),
  },
  { name: 'bank words, aria-hidden', apply: stuffed('<div aria-hidden="true">', BANK_WORDS, '</div>') },
  {
    name: 'bank words, hidden by a class',
    apply: stuffed('<style>.q7{display:none}</style><div class="q7">', BANK_WORDS, '</div>'),
  },
  { name: 'bank words in comments', apply: stuffed('<!-- ', BANK_WORDS, '-->') },
  { name: 'bank words in a template', apply: stuffed('<template>', BANK_WORDS, '</template>') },
  {
    name: 'bank words in the description',
    apply: (html) => `<meta name="description" content="${BANK_WORDS.repeat(3)}">${html}`,
  },
  { name: 'news words, display:none', apply: stuffed('<div style="display:none">', NEWS_WORDS, '</div>') },
  { name: 'news words, visible at the end', apply: stuffed('<p>', NEWS_WORDS, '</p>') },
  {
    name: 'harmless words, visible in front',
    apply: (html) =>
      html.replace(
        /<body[^>]*>|$/i,
        (it) =>
          `${it}<article>${'<p>Погода, рецепты и новости города на каждый день.</p>'.repeat(100)}</article>`,
      ),
  },
  {
    name: 'marks of an article',
    apply: (html) =>
      `<meta property="og:type" content="article"><meta property="article:published_time" content="2026-01-01"><script type="application/ld+json">{"@type":"Organization","name":"Example"}</script>${html}`,
  },
  {
    name: 'empty tags around words',
    apply: (html) => inText(html, (it) => it.replace(/\p{L}{3}(?=\p{L})/gu, '$&<b></b>')),
  },
  {
    name: 'letters as entities',
    apply: (html) =>
      inText(html, (it) =>
        Array.from(it, (letter) => (/\p{L}/u.test(letter) ? `&#${letter.codePointAt(0)};` : letter)).join(''),
      ),
  },
  {
    name: 'names of classes at random',
    apply: (html, random) =>
      html.replace(
        /(class|id)="[^"]*"/g,
        (_, name) => `${name}="x${Math.floor(random() * 1e9).toString(36)}"`,
      ),
  },
  { name: 'white space and line breaks', apply: (html) => html.replace(/>/g, '>\n   ') },
  ...TEXT_ATTACKS.filter((it) => !it.isKazakh && !/harmless|right-to-left/.test(it.name)).map(
    ({ name, apply }): PageAttack => ({
      name,
      apply: (html, random) => inText(html, (it) => apply(it, random)),
    }),
  ),
];

/** Right after `<body>`, so that no limit of length leaves it out. */
function intoBody(html: string, addition: string): string {
  const at = /<body[^>]*>/i.exec(html);
  return at === null
    ? addition + html
    : `${html.slice(0, at.index + at[0].length)}${addition}${html.slice(at.index + at[0].length)}`;
}

/** Changes text between tags, outside scripts and styles; entities are left alone. */
function inText(html: string, change: (text: string) => string): string {
  return html
    .split(/(<(?:script|style)\b[\s\S]*?<\/(?:script|style)>|<[^>]*>)/i)
    .map((piece, at) =>
      at % 2 === 1
        ? piece
        : piece
            .split(/(&#?\w+;)/)
            .map((it, i) => (i % 2 === 1 ? it : change(it)))
            .join(''),
    )
    .join('');
}
