/**
 * What the rules of over-blocking say, in the officers' languages: a sentence each with the way out, `{name}` a place
 * for a value. A finding keeps the key and the values (`domain/saying.ts`); words are made where somebody reads.
 *
 * The English ones stand in records that left (`decision.overrides`), and `OB2.own_host` is compared with them when a
 * batch is verified: it may not be reworded without keeping the old words beside.
 */
import type { Saying } from '../../domain/saying.ts';

export type Lang = 'ru' | 'kk' | 'en';
export const LANGS = ['ru', 'kk', 'en'] as const satisfies readonly Lang[];

const EN = {
  'OB1.public_suffix': '{host} is a public suffix: everyone who registered under it would go dark',
  'OB2.shared': '{host} is shared by all users of {platform}; send the platform a notice',
  'OB2.own_host': "{host} is one user's place on {platform}; the platform may remove it sooner",
  'OB2.no_platform': '{host} is no platform that could take a notice; refer it for blocking by operators',
  'OB3.folder': "{folder} is one user's folder on {host}; write to the host's owner",
  'OB3.ordinary':
    '{cleared} pages of {host}, its front page among them, show nothing wrong and {flagged} do: it looks like an ordinary site with a bad page; write to its owner',
  'OB4.bare_address': '{host} is a bare address that other sites may share; refer a host name',
  'OB5.not_whole':
    '{flagged} of {pages} pages looked at show the scheme and {cleared} show nothing wrong: whether all of the host is of it is not shown; look at more of its pages',
  'OB6.kz_domain': '{host} is a Kazakhstani domain; it goes to its owner, the registrar or the police',
  'OB6.kz_hosted': '{url} is hosted in Kazakhstan; it goes to its owner or host',
  'OB7.medium': '{host} is a news medium ({institution}); only its owner or a court may limit it',
  'OB8.institution': '{host} belongs to a protected institution ({kind}: {institution})',
  'OB9.broken_into':
    "{path} lies in a folder of the site's engine, and the front page of {host} is not of the scheme: the site looks broken into; write to its host (hosting_notice)",
  'OB10.forwards': '{host} only forwards; refer the page it leads to, the short link goes along',
  'OB11.no_tie':
    '{url} shows no tie to Kazakhstan (tenge, Kazakh, a number, a name); say in words why it is ours',
  'OB12.not_captured':
    "no page of {url} was captured by this house; another's verdict is a reason to scan it, not to refer it",
  'OB13.no_address': '"{address}" is no web address; refer a page that was captured',
  'OB13.no_account': '{address} names no account on {platform}; refer the very page that was captured',
  'OB13.not_seen': '{url} is in no capture of the case; refer an address that was seen, not one made up',
  'OB14.no_screenshot':
    '{url} has no screenshot of its own; scan it again where a browser is at hand (--render always)',
  'OB14.one_colour': 'the screenshot of {url} is all one colour; capture the page again',
  'OB14.unreadable': 'the screenshot of {url} is no readable PNG; capture the page again',
  'OB14.other_site': 'the screenshot shows {shown}, not {asked}; refer the page it shows',
  'OB14.notice': 'the screenshot shows a notice ("{notice}") and no page; capture {url} again',
  'OB14.same_picture': 'the screenshot of {url} is also that of {cases}; look at both pages again',
  'OB15.about_fraud':
    'the page says "{words}": look whether it tells of fraud (news, warning, court, study) and does not commit it',
  'OB15.exercise':
    '{host} is where students publish exercises; look whether anything is really asked of a visitor',
  'OB16.sent': '{url} already went out in {batches}',
  'OB17.too_fast': 'it was confirmed {seconds} s after it was opened; read it again before it goes',
  'OB17.too_many': 'its second officer approved more than {most} cases that day; have a sample read again',
  'capture.none': 'none of its pages is kept; scan the site again',
  'evidence.faulty': 'a piece of its evidence is missing or altered; "kuzet evidence scrub" names it',
} as const;

export type SayingKey = keyof typeof EN;

const RU: Readonly<Record<SayingKey, string>> = {
  'OB1.public_suffix': '{host} — общий суффикс: закроются все, кто зарегистрирован под ним',
  'OB2.shared': '{host} — общий узел всех пользователей {platform}; направьте уведомление платформе',
  'OB2.own_host': '{host} — место одного пользователя на {platform}; платформа может удалить его быстрее',
  'OB2.no_platform':
    '{host} — не платформа, которой можно направить уведомление; направьте на блокировку операторами',
  'OB3.folder': '{folder} — папка одного пользователя на {host}; напишите владельцу узла',
  'OB3.ordinary':
    'на {host} страниц без нарушений: {cleared}, главная среди них, с нарушением: {flagged}. Похоже на обычный сайт с одной дурной страницей; напишите его владельцу',
  'OB4.bare_address': '{host} — голый адрес, на котором могут стоять и другие сайты; направьте имя узла',
  'OB5.not_whole':
    'из просмотренных страниц ({pages}) схему показывают {flagged}, ничего дурного не показывают {cleared}: что весь узел служит схеме, не показано; просмотрите больше страниц',
  'OB6.kz_domain': '{host} — казахстанский домен; его дело — владельцу, регистратору или полиции',
  'OB6.kz_hosted': '{url} размещён в Казахстане; его дело — владельцу или хостингу',
  'OB7.medium': '{host} — СМИ ({institution}); ограничить его может только владелец или суд',
  'OB8.institution': '{host} принадлежит защищённой организации ({kind}: {institution})',
  'OB9.broken_into':
    '{path} лежит в папке движка сайта, а главная страница {host} схемы не показывает: похоже, сайт взломан; напишите его хостингу (hosting_notice)',
  'OB10.forwards':
    '{host} только перенаправляет; направьте страницу, на которую он ведёт, короткая ссылка пойдёт вместе с ней',
  'OB11.no_tie':
    '{url} не показывает связи с Казахстаном (тенге, казахский язык, номер, имя); скажите словами, почему это наше дело',
  'OB12.not_captured':
    'ни одна страница {url} здесь не снята; чужой вывод — повод просканировать сайт, а не направлять его',
  'OB13.no_address': '«{address}» — не веб-адрес; направьте страницу, которая была снята',
  'OB13.no_account':
    '{address} не называет учётной записи на {platform}; направьте ту страницу, что была снята',
  'OB13.not_seen':
    '{url} нет ни в одном снятом материале дела; направьте адрес, который видели, а не придуманный',
  'OB14.no_screenshot':
    'у {url} нет своего снимка экрана; просканируйте снова там, где есть браузер (--render always)',
  'OB14.one_colour': 'снимок {url} весь одного цвета; снимите страницу снова',
  'OB14.unreadable': 'снимок {url} не читается как PNG; снимите страницу снова',
  'OB14.other_site': 'на снимке {shown}, а не {asked}; направьте страницу, которая на снимке',
  'OB14.notice': 'на снимке объявление («{notice}»), а не страница; снимите {url} снова',
  'OB14.same_picture': 'такой же снимок, как у {url}, есть в {cases}; посмотрите обе страницы снова',
  'OB15.about_fraud':
    'на странице сказано «{words}»: посмотрите, не рассказывает ли она о мошенничестве (новость, предупреждение, суд, учёба), вместо того чтобы совершать его',
  'OB15.exercise':
    '{host} — место, где учащиеся выкладывают упражнения; посмотрите, просят ли там у посетителя что-нибудь на самом деле',
  'OB16.sent': '{url} уже отправлен: {batches}',
  'OB17.too_fast':
    'дело подтверждено через {seconds} с после открытия; прочтите его ещё раз, прежде чем оно уйдёт',
  'OB17.too_many':
    'второй сотрудник одобрил в тот день дел: больше {most}; пусть часть из них прочтут ещё раз',
  'capture.none': 'ни одна его страница не сохранена; просканируйте сайт снова',
  'evidence.faulty': 'часть его доказательств пропала или изменена; какая — скажет «kuzet evidence scrub»',
};

const KK: Readonly<Record<SayingKey, string>> = {
  'OB1.public_suffix': '{host} — жалпы суффикс: оның астында тіркелгендердің бәрі жабылады',
  'OB2.shared': '{host} — {platform} пайдаланушыларының бәріне ортақ; платформаға хабарлама жіберіңіз',
  'OB2.own_host':
    '{host} — {platform} платформасындағы бір пайдаланушының орны; платформа оны тезірек жоя алады',
  'OB2.no_platform': '{host} — хабарлама қабылдайтын платформа емес; операторлардың бұғаттауына жіберіңіз',
  'OB3.folder': '{folder} — {host} торабындағы бір пайдаланушының бумасы; торап иесіне жазыңыз',
  'OB3.ordinary':
    '{host}: бұзушылығы жоқ беттер саны — {cleared}, басты бет те солардың ішінде, бұзушылығы бары — {flagged}. Бір жаман беті бар кәдімгі сайтқа ұқсайды; иесіне жазыңыз',
  'OB4.bare_address': '{host} — басқа сайттар да тұруы мүмкін жалаң мекенжай; торап атауын жіберіңіз',
  'OB5.not_whole':
    'қаралған беттердің ({pages}) схеманы көрсететіні — {flagged}, ештеңе көрсетпейтіні — {cleared}: тораптың түгел схемаға қызмет ететіні көрсетілмеген; беттерін көбірек қараңыз',
  'OB6.kz_domain': '{host} — қазақстандық домен; ол иесіне, тіркеушіге немесе полицияға жіберіледі',
  'OB6.kz_hosted': '{url} Қазақстанда орналасқан; ол иесіне немесе хостингке жіберіледі',
  'OB7.medium': '{host} — БАҚ ({institution}); оны тек иесі немесе сот шектей алады',
  'OB8.institution': '{host} қорғалған ұйымға тиесілі ({kind}: {institution})',
  'OB9.broken_into':
    '{path} сайт қозғалтқышының бумасында жатыр, ал {host} басты беті схеманы көрсетпейді: сайт бұзып кірілгенге ұқсайды; хостингіне жазыңыз (hosting_notice)',
  'OB10.forwards':
    '{host} тек басқа жаққа бағыттайды; ол апаратын бетті жіберіңіз, қысқа сілтеме қоса кетеді',
  'OB11.no_tie':
    '{url} Қазақстанмен байланысын көрсетпейді (теңге, қазақ тілі, нөмір, есім); неге біздің іс екенін сөзбен айтыңыз',
  'OB12.not_captured':
    '{url} сайтының бірде-бір беті осында түсірілмеген; өзгенің қорытындысы — сканерлеуге себеп, жіберуге емес',
  'OB13.no_address': '«{address}» — веб-мекенжай емес; түсірілген бетті жіберіңіз',
  'OB13.no_account':
    '{address} — {platform} платформасындағы тіркелгіні атамайды; дәл түсірілген бетті жіберіңіз',
  'OB13.not_seen':
    '{url} істің бірде-бір түсірілімінде жоқ; ойдан шығарылғанды емес, көрген мекенжайды жіберіңіз',
  'OB14.no_screenshot':
    '{url} бетінің өз экран суреті жоқ; браузер бар жерде қайта сканерлеңіз (--render always)',
  'OB14.one_colour': '{url} суреті түгел бір түсті; бетті қайта түсіріңіз',
  'OB14.unreadable': '{url} суреті PNG ретінде оқылмайды; бетті қайта түсіріңіз',
  'OB14.other_site': 'суретте {asked} емес, {shown}; суреттегі бетті жіберіңіз',
  'OB14.notice': 'суретте бет емес, хабарландыру («{notice}»); {url} бетін қайта түсіріңіз',
  'OB14.same_picture': '{url} суретімен бірдей сурет мынада да бар: {cases}; екі бетті де қайта қараңыз',
  'OB15.about_fraud':
    'бетте «{words}» делінген: ол алаяқтық жасамай, ол туралы айтып тұрған жоқ па (жаңалық, ескерту, сот, оқу), қараңыз',
  'OB15.exercise':
    '{host} — оқушылар жаттығуларын жариялайтын жер; келушіден шынымен бірдеңе сұрала ма, қараңыз',
  'OB16.sent': '{url} бұған дейін жіберілген: {batches}',
  'OB17.too_fast': 'іс ашылғаннан кейін {seconds} с өткенде расталған; жіберілмей тұрып қайта оқыңыз',
  'OB17.too_many':
    'екінші қызметкердің сол күні мақұлдаған істері {most} санынан асады; бір бөлігі қайта оқылсын',
  'capture.none': 'оның бірде-бір беті сақталмаған; сайтты қайта сканерлеңіз',
  'evidence.faulty':
    'дәлелдерінің бір бөлігі жоқ немесе өзгертілген; қайсысы екенін «kuzet evidence scrub» айтады',
};

/** By language and key. */
export const SENTENCES: Readonly<Record<Lang, Readonly<Record<SayingKey, string>>>> = {
  ru: RU,
  kk: KK,
  en: EN,
};

/** Values that are words themselves; in English they are as they are kept. */
const KINDS: Readonly<Record<'ru' | 'kk', Readonly<Record<string, string>>>> = {
  ru: {
    state: 'государство',
    regulator: 'регулятор',
    bank: 'банк',
    broker: 'брокер',
    payment: 'платёжная организация',
    insurer: 'страховщик',
    school: 'учебное заведение',
    utility: 'коммунальная служба',
    health: 'здравоохранение',
    media: 'СМИ',
  },
  kk: {
    state: 'мемлекет',
    regulator: 'реттеуші',
    bank: 'банк',
    broker: 'брокер',
    payment: 'төлем ұйымы',
    insurer: 'сақтандырушы',
    school: 'оқу орны',
    utility: 'коммуналдық қызмет',
    health: 'денсаулық сақтау',
    media: 'БАҚ',
  },
};

type Places<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Places<Rest>
  : never;

/** The values of a sentence, each of its places and no other. */
export type FactsOf<Key extends SayingKey> = {
  readonly [Name in Places<(typeof EN)[Key]>]: string | number;
};

/** What a finding says, in a language. */
export function inWords<Key extends SayingKey>(key: Key, facts: FactsOf<Key>, lang: Lang): string {
  return filled(SENTENCES[lang][key], facts, lang);
}

/**
 * The same of what was kept; `otherwise` for what was kept without a key, or with one that no catalogue has any more.
 */
export function keptInWords(said: Saying | null, lang: Lang, otherwise: string): string {
  if (said === null || !Object.hasOwn(EN, said.key)) return otherwise;
  return filled(SENTENCES[lang][said.key as SayingKey], said.facts, lang);
}

function filled(sentence: string, facts: Saying['facts'], lang: Lang): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const value = facts[name];
    if (value === undefined) return place;
    const word = String(value);
    return name === 'kind' && lang !== 'en' ? (KINDS[lang][word] ?? word) : word;
  });
}
