/**
 * What keeps a referral here, in the officers' languages: the rules of over-blocking (`OB…`), what the case, its evidence
 * and its age lack, and what rows may not do side by side (`batch.…`). A sentence each with the way out, `{name}` a place
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
  'case.state': 'it is {state}; only an approved case goes out',
  'case.label': '"{label}" is recognised and never referred',
  'case.ground': '"{ground}" is no ground for {label}; choose one of: {allowed}',
  'case.same_officer': '{officer} both confirmed and approved it; a second officer has to',
  'case.ring': 'a ring of listings goes to its marketplace, never to operators',
  'case.moved': 'its pages now lead to {site}; scan {key} again',
  'case.clear': 'none of its captured pages shows what the case says; scan it again',
  'case.thin':
    'its reason cannot be written: fewer than two facts can be quoted, or they do not fit; capture a page that shows more, or dismiss the case',
  'age.evidence':
    'its evidence is {hours} hours old, more than {most}; scan it again and decide on what is there now',
  'age.sight': 'it was last seen alive {hours} hours ago, more than {most}; scan it again',
  'evidence.screenshot': 'the screenshot of {url} could not be read',
  'evidence.warc': 'the WARC of {url} could not be read',
  'evidence.file': '{name} of {url} could not be read',
  'batch.empty': 'it has no referral',
  'batch.too_many': '{rows} referrals are more than {most}',
  'batch.other_channel': 'it goes by {own}, the batch by {channel}',
  'batch.other_offence': '"{offence}" is not the offence of {label}',
  'batch.no_officer': 'it lacks an officer',
  'batch.not_let_go': '{rule}: {found}; two officers did not let it go',
  'batch.hard': '{rule}: {found}',
  'batch.one_officer': 'the override of {rule} lacks a second officer',
  'batch.no_words': 'the override of {rule} says not why',
  'batch.bad_number': '"{id}" is no case number',
  'batch.twice': 'its case is in row {row} already',
  'batch.no_screenshot': 'it has no screenshot of its own',
  'batch.same_picture': 'OB14: its screenshot is that of {id} as well',
  'batch.not_at_hand': '{path} is not at hand',
  'batch.altered': '{path} is not what was captured',
  'batch.misplaced': '{path} is not under its own case',
  'OB8.popular':
    '{host} is among widely visited sites ({source}): very many people would miss it; look once more whether all of it is of the scheme',
  'build.refused': 'No batch: {count} cases may not leave. Mend them, or leave them out with --quarantine.',
  'build.nothing': 'No approved case waits for {channel}.',
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
  'case.state': 'состояние дела: {state}; уходит только одобренное',
  'case.label': 'вид «{label}» распознаётся, но никогда не направляется',
  'case.ground': '«{ground}» — не основание для вида «{label}»; выберите одно из: {allowed}',
  'case.same_officer': 'и подтвердил, и одобрил дело один сотрудник, {officer}; нужен второй',
  'case.ring': 'кольцо объявлений уходит своей торговой площадке и никогда — операторам',
  'case.moved': 'страницы дела ведут теперь на {site}; просканируйте {key} снова',
  'case.clear': 'ни одна снятая страница не показывает того, что сказано в деле; просканируйте сайт снова',
  'case.thin':
    'обоснование не составить: привести можно меньше двух фактов, или они не помещаются; снимите страницу, где видно больше, или закройте дело',
  'age.evidence':
    'возраст доказательств в часах — {hours}, больше {most}; просканируйте сайт снова и решите по тому, что там теперь',
  'age.sight':
    'сайт в последний раз видели работающим столько часов назад: {hours}, больше {most}; просканируйте его снова',
  'evidence.screenshot': 'снимок {url} не удалось прочесть',
  'evidence.warc': 'WARC страницы {url} не удалось прочесть',
  'evidence.file': 'файл {name} страницы {url} не удалось прочесть',
  'batch.empty': 'в партии нет ни одной записи',
  'batch.too_many': 'записей {rows}, а помещается не больше {most}',
  'batch.other_channel': 'запись идёт по каналу {own}, а партия — по каналу {channel}',
  'batch.other_offence': '«{offence}» — не то нарушение, что у вида «{label}»',
  'batch.no_officer': 'не назван сотрудник',
  'batch.not_let_go': '{rule}: {found}; двое сотрудников этого не допустили',
  'batch.hard': 'по правилу {rule}: {found}',
  'batch.one_officer': 'исключение из {rule} не подтверждено вторым сотрудником',
  'batch.no_words': 'в исключении из {rule} не сказано почему',
  'batch.bad_number': '«{id}» — не номер дела',
  'batch.twice': 'это дело уже стоит в строке {row}',
  'batch.no_screenshot': 'у записи нет своего снимка экрана',
  'batch.same_picture': 'OB14: такой же снимок у {id}',
  'batch.not_at_hand': 'файла {path} нет под рукой',
  'batch.altered': 'файл {path} не тот, что был снят',
  'batch.misplaced': 'файл {path} лежит не у своего дела',
  'OB8.popular':
    '{host} — среди широко посещаемых сайтов ({source}): его закрытие заметят очень многие; ещё раз посмотрите, весь ли он служит схеме',
  'build.refused':
    'Партии нет: дел, которые направлять нельзя: {count}. Исправьте их или отложите ключом --quarantine.',
  'build.nothing': 'Ни одно одобренное дело не ждёт канала {channel}.',
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
    'дәлелдемелерінің бір бөлігі жоқ немесе өзгертілген; қайсысы екенін «kuzet evidence scrub» айтады',
  'case.state': 'істің күйі: {state}; тек мақұлданған іс жіберіледі',
  'case.label': '«{label}» түрі танылады, бірақ ешқашан жіберілмейді',
  'case.ground': '«{ground}» — «{label}» түріне негіз емес; мыналардың бірін таңдаңыз: {allowed}',
  'case.same_officer': 'істі растаған да, мақұлдаған да бір қызметкер — {officer}; екінші қызметкер керек',
  'case.ring': 'хабарландырулар сақинасы операторларға емес, өз сауда алаңына жіберіледі',
  'case.moved': 'істің беттері енді {site} сайтына апарады; {key} сайтын қайта сканерлеңіз',
  'case.clear': 'түсірілген беттердің ешқайсысы істе айтылғанды көрсетпейді; сайтты қайта сканерлеңіз',
  'case.thin':
    'негіздеме құрастырылмайды: келтіруге болатын дерек екіден аз немесе олар сыймайды; көбірек көрсететін бетті түсіріңіз немесе істі жабыңыз',
  'age.evidence':
    'дәлелдемелердің жасы (сағат) — {hours}, шегі {most}; сайтты қайта сканерлеп, қазір тұрғаны бойынша шешіңіз',
  'age.sight':
    'сайттың жұмыс істеп тұрғаны соңғы рет осынша сағат бұрын көрілген: {hours}, шегі {most}; оны қайта сканерлеңіз',
  'evidence.screenshot': '{url} суретін оқу мүмкін болмады',
  'evidence.warc': '{url} бетінің WARC файлын оқу мүмкін болмады',
  'evidence.file': '{url} бетінің {name} файлын оқу мүмкін болмады',
  'batch.empty': 'топтамада бірде-бір жазба жоқ',
  'batch.too_many': 'жазба тым көп: {rows}, ең көбі {most} сыяды',
  'batch.other_channel': 'жазба {own} арнасымен, ал топтама {channel} арнасымен жіберіледі',
  'batch.other_offence': '«{offence}» — «{label}» түрінің бұзушылығы емес',
  'batch.no_officer': 'қызметкер көрсетілмеген',
  'batch.not_let_go': '{rule}: {found}; екі қызметкер бұған рұқсат бермеген',
  'batch.hard': '{rule} ережесі бойынша: {found}',
  'batch.one_officer': '{rule} ережесінен ауытқуды екінші қызметкер растамаған',
  'batch.no_words': '{rule} ережесінен ауытқудың себебі айтылмаған',
  'batch.bad_number': '«{id}» — іс нөмірі емес',
  'batch.twice': 'бұл іс {row}-жолда тұр',
  'batch.no_screenshot': 'жазбаның өз экран суреті жоқ',
  'batch.same_picture': 'OB14: дәл осындай сурет мына істе де бар: {id}',
  'batch.not_at_hand': '{path} файлы қол астында жоқ',
  'batch.altered': '{path} файлы түсірілген файл емес',
  'batch.misplaced': '{path} файлы өз ісінің бумасында емес',
  'OB8.popular':
    '{host} — көп адам кіретін сайттардың бірі ({source}): жабылғанын өте көп адам байқайды; оның түгел схемаға қызмет ететінін тағы бір қараңыз',
  'build.refused':
    'Топтама жоқ: жіберуге болмайтын істер саны — {count}. Оларды түзетіңіз немесе --quarantine арқылы шығарып тастаңыз.',
  'build.nothing': '{channel} арнасын күтіп тұрған мақұлданған іс жоқ.',
};

/** By language and key. */
export const SENTENCES: Readonly<Record<Lang, Readonly<Record<SayingKey, string>>>> = {
  ru: RU,
  kk: KK,
  en: EN,
};

/** Values that are words themselves, by the name of their place; in English they are as they are kept. */
const VALUES: Readonly<Record<'ru' | 'kk', Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  ru: {
    kind: {
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
    state: { open: 'открыто', confirmed: 'ждёт второго сотрудника', dismissed: 'закрыто' },
    label: { legit: 'обычная страница', illegal_casino: 'незаконное казино', spam: 'спам' },
  },
  kk: {
    kind: {
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
    state: { open: 'ашық', confirmed: 'екінші қызметкерді күтуде', dismissed: 'жабылған' },
    label: { legit: 'кәдімгі бет', illegal_casino: 'заңсыз казино', spam: 'спам' },
  },
};

type Places<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Places<Rest>
  : never;

/** The values of a sentence, each of its places and no other. */
export type FactsOf<Key extends SayingKey> = {
  readonly [Name in Places<(typeof EN)[Key]>]: string | number;
};

/** What is said apart from any language, and the same in English, as it stands in records and logs. */
export interface Said {
  readonly why: string;
  readonly about: Saying;
}

export function said<Key extends SayingKey>(key: Key, facts: FactsOf<Key>): Said {
  return { why: inWords(key, facts, 'en'), about: { key, facts } };
}

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
    return lang === 'en' ? word : (VALUES[lang][name]?.[word] ?? word);
  });
}
