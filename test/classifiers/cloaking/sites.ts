/**
 * Made-up sites and the ways in which they answer one visitor otherwise than another: honest ones (a language, a
 * layout for telephones, a test, a greeting, an interstitial, fresh news), and a white page in front of an offer.
 */
import fc from 'fast-check';

type Lang = 'ru' | 'kk' | 'en';

/** One sentence in three languages. */
type Said = Readonly<Record<Lang, string>>;

const SHOP: readonly Said[] = [
  {
    ru: 'Бесплатная доставка по городу при заказе от 15 000 тенге',
    kk: '15 000 теңгеден жоғары тапсырысқа қала ішінде тегін жеткізу',
    en: 'Free delivery within the city for orders over 15 000 tenge',
  },
  {
    ru: 'Возврат в течение четырнадцати дней без лишних вопросов',
    kk: 'Он төрт күн ішінде артық сұрақсыз қайтару',
    en: 'Returns within fourteen days, no questions asked',
  },
  {
    ru: 'Чайник электрический стальной, объём полтора литра',
    kk: 'Болаттан жасалған электр шәйнегі, көлемі бір жарым литр',
    en: 'Steel electric kettle, one and a half litres',
  },
  {
    ru: 'Сковорода с крышкой и съёмной ручкой для духовки',
    kk: 'Пешке арналған қақпағы мен алынбалы сабы бар таба',
    en: 'Frying pan with a lid and a removable handle',
  },
  {
    ru: 'Набор полотенец из хлопка, шесть предметов',
    kk: 'Мақтадан жасалған сүлгілер жиынтығы, алты дана',
    en: 'Set of six cotton towels',
  },
  {
    ru: 'Лампа настольная с тремя уровнями яркости',
    kk: 'Жарықтығы үш деңгейлі үстел шамы',
    en: 'Desk lamp with three levels of brightness',
  },
  {
    ru: 'Самовывоз из магазина каждый день с десяти до восьми',
    kk: 'Дүкеннен күн сайын оннан сегізге дейін алып кету',
    en: 'Pick up at the shop every day from ten to eight',
  },
  {
    ru: 'Гарантия производителя двенадцать месяцев на всю технику',
    kk: 'Барлық техникаға он екі ай өндіруші кепілдігі',
    en: 'Twelve months of manufacturer warranty on all appliances',
  },
  {
    ru: 'Подушка ортопедическая для сна на боку',
    kk: 'Бүйірмен ұйықтауға арналған ортопедиялық жастық',
    en: 'Orthopaedic pillow for side sleepers',
  },
  {
    ru: 'Отзывы покупателей проверяются нашей службой поддержки',
    kk: 'Сатып алушылардың пікірлерін қолдау қызметі тексереді',
    en: 'Customer reviews are checked by our support team',
  },
];
const NEWS: readonly Said[] = [
  {
    ru: 'В районе открылась новая библиотека с тремя читальными залами',
    kk: 'Ауданда үш оқу залы бар жаңа кітапхана ашылды',
    en: 'A new library with three reading rooms opened in the district',
  },
  {
    ru: 'Синоптики обещают дождь на севере и сильный ветер на юге',
    kk: 'Синоптиктер солтүстікте жаңбыр, оңтүстікте қатты жел болжайды',
    en: 'Forecasters expect rain in the north and strong wind in the south',
  },
  {
    ru: 'Городская команда вышла в финал чемпионата по волейболу',
    kk: 'Қала командасы волейбол чемпионатының финалына шықты',
    en: 'The city team reached the final of the volleyball championship',
  },
  {
    ru: 'Школьники посадили четыреста деревьев вдоль набережной',
    kk: 'Оқушылар жағалау бойына төрт жүз ағаш отырғызды',
    en: 'Pupils planted four hundred trees along the embankment',
  },
  {
    ru: 'Движение по мосту ограничат на время ремонта',
    kk: 'Жөндеу кезінде көпірдегі қозғалыс шектеледі',
    en: 'Traffic over the bridge will be limited during repairs',
  },
  {
    ru: 'В музее показали находки летней экспедиции археологов',
    kk: 'Мұражайда археологтардың жазғы экспедиция олжалары көрсетілді',
    en: 'The museum showed the finds of the summer expedition',
  },
  {
    ru: 'Врачи напомнили о прививках перед началом учебного года',
    kk: 'Дәрігерлер оқу жылы алдындағы екпелер туралы еске салды',
    en: 'Doctors reminded of vaccinations before the school year',
  },
  {
    ru: 'Поезд до столицы теперь идёт на час быстрее',
    kk: 'Астанаға пойыз енді бір сағат жылдам жүреді',
    en: 'The train to the capital is now an hour faster',
  },
];
const SCHOOL: readonly Said[] = [
  {
    ru: 'Приём документов в первый класс начинается первого апреля',
    kk: 'Бірінші сыныпқа құжат қабылдау бірінші сәуірде басталады',
    en: 'Admission to the first grade starts on the first of April',
  },
  {
    ru: 'Расписание уроков второй смены размещено в разделе для родителей',
    kk: 'Екінші ауысымның сабақ кестесі ата-аналар бөлімінде',
    en: 'The second shift timetable is in the section for parents',
  },
  {
    ru: 'Кружок робототехники собирается по вторникам и пятницам',
    kk: 'Робототехника үйірмесі сейсенбі және жұма күндері жиналады',
    en: 'The robotics club meets on Tuesdays and Fridays',
  },
  {
    ru: 'Столовая работает с восьми утра до трёх часов дня',
    kk: 'Асхана таңғы сегізден күндізгі үшке дейін жұмыс істейді',
    en: 'The canteen is open from eight to three',
  },
  {
    ru: 'Директор проводит приём граждан по средам',
    kk: 'Директор азаматтарды сәрсенбі күндері қабылдайды',
    en: 'The head teacher receives visitors on Wednesdays',
  },
  {
    ru: 'Выпускной вечер пройдёт в актовом зале',
    kk: 'Бітіру кеші мәжіліс залында өтеді',
    en: 'The graduation evening will be held in the assembly hall',
  },
  {
    ru: 'Библиотека школы принимает учебники до десятого июня',
    kk: 'Мектеп кітапханасы оқулықтарды оныншы маусымға дейін қабылдайды',
    en: 'The school library takes textbooks back until the tenth of June',
  },
];
const RECIPES: readonly Said[] = [
  {
    ru: 'Баурсаки моей бабушки: мука, молоко, дрожжи и немного терпения',
    kk: 'Әжемнің бауырсағы: ұн, сүт, ашытқы және сәл шыдам',
    en: 'My grandmother’s baursaks: flour, milk, yeast and some patience',
  },
  {
    ru: 'Тесто должно подойти дважды, накройте его полотенцем',
    kk: 'Қамыр екі рет көтерілуі керек, сүлгімен жабыңыз',
    en: 'Let the dough rise twice under a towel',
  },
  {
    ru: 'Масло разогревают в казане, пока не пойдёт лёгкий дымок',
    kk: 'Майды қазанда сәл түтін шыққанша қыздырады',
    en: 'Heat the oil in a pot until it smokes a little',
  },
  {
    ru: 'Подавайте с чаем, сметаной и вареньем из смородины',
    kk: 'Шаймен, қаймақпен және қарақат тосабымен ұсыныңыз',
    en: 'Serve with tea, sour cream and currant jam',
  },
  {
    ru: 'Суп из чечевицы готовится за сорок минут',
    kk: 'Жасымық көжесі қырық минутта дайын болады',
    en: 'Lentil soup takes forty minutes',
  },
  {
    ru: 'Морковь натрите на крупной тёрке и обжарьте с луком',
    kk: 'Сәбізді ірі үккіштен өткізіп, пиязбен қуырыңыз',
    en: 'Grate the carrots and fry them with onions',
  },
];
const TOPICS = { shop: SHOP, news: NEWS, school: SCHOOL, recipes: RECIPES } as const;

export interface MadeSite {
  readonly host: string;
  readonly name: string;
  readonly topic: keyof typeof TOPICS;
  /** Order in which sentences stand. */
  readonly order: readonly number[];
  readonly prices: readonly number[];
  readonly phone: string;
  /** Which of several ways to build a page. */
  readonly build: number;
  readonly hasPictures: boolean;
}

export const MADE_SITE: fc.Arbitrary<MadeSite> = fc
  .constantFrom(...(['shop', 'news', 'school'] as const))
  .chain((topic) =>
    fc.record({
      host: fc.stringMatching(/^[a-z]{5,10}$/).map((it) => `${it}.test`),
      name: fc.constantFrom(
        'Арман',
        'Жибек',
        'Тұлпар',
        'Sunrise Home',
        'Медеу',
        'Aqsay',
        'Сарыарқа',
        'Kitap',
      ),
      topic: fc.constant(topic),
      order: fc.shuffledSubarray([...TOPICS[topic].keys()], { minLength: 5 }),
      prices: fc.array(fc.integer({ min: 990, max: 489_990 }), { minLength: 6, maxLength: 10 }),
      phone: fc.integer({ min: 1_000_000, max: 9_999_999 }).map((it) => `+7 700 ${it}`),
      build: fc.nat(2),
      hasPictures: fc.boolean(),
    }),
  );

const MENU: readonly (Said & { readonly path: string })[] = [
  { path: 'about', ru: 'О нас', kk: 'Біз туралы', en: 'About us' },
  { path: 'contacts', ru: 'Контакты', kk: 'Байланыс', en: 'Contacts' },
  { path: 'archive', ru: 'Архив', kk: 'Мұрағат', en: 'Archive' },
  { path: 'help', ru: 'Помощь', kk: 'Көмек', en: 'Help' },
  { path: 'rules', ru: 'Правила', kk: 'Ережелер', en: 'Rules' },
];

interface Look {
  readonly lang: Lang;
  readonly layout: 'desktop' | 'phone' | 'plain';
  readonly host: string;
  readonly prefix: string;
  readonly lead: string;
  readonly order: readonly number[];
}

/** A page of a site as one visitor is shown it. */
function pageOf(site: MadeSite, look: Look): string {
  const { lang, layout, prefix, lead } = look;
  const all = TOPICS[site.topic];
  const shown = layout === 'phone' ? look.order.slice(0, 5) : look.order;
  const items = shown.map((n, at) => {
    const words = all[n]![lang];
    const price =
      site.topic === 'shop' ? `<b class="price">${spaced(site.prices[at % site.prices.length]!)} ₸</b>` : '';
    const image =
      site.hasPictures && layout !== 'plain' ? `<img src="/media/${site.topic}-${n}-cover.jpg" alt="">` : '';
    const href = `${prefix}/item/${n + 100}`;
    if (layout === 'phone')
      return `<div class="cell"><a href="${href}">${image}<span>${words}</span></a>${price}</div>`;
    if (layout === 'plain') return `<p><a href="${href}">${words}</a> ${price}</p>`;
    return site.build === 0
      ? `<article class="card"><a href="${href}">${image}<h3>${words}</h3></a>${price}</article>`
      : `<li class="tile"><div class="in"><a class="t" href="${href}">${words}</a>${image}<p>${price}</p></div></li>`;
  });
  const menu = MENU.map((it) => `<a href="${prefix}/${it.path}">${it[lang]}</a>`);
  const title = `${site.name} — ${{ ru: 'главная', kk: 'басты бет', en: 'home' }[lang]}`;
  const body =
    layout === 'phone'
      ? `<div id="m"><div class="bar">${site.name}</div>${lead}<div class="grid">${items.join('')}</div><div class="tabs">${menu.join('')}</div><a href="tel:${site.phone}">${site.phone}</a></div>`
      : layout === 'plain'
        ? `${site.name}${lead}${items.join('')}<hr>${menu.join(' | ')} ${site.phone}`
        : `<header><nav><ul>${menu.map((it) => `<li>${it}</li>`).join('')}</ul></nav></header><main><h1>${site.name}</h1>${lead}<section class="list"><ul>${items.join('')}</ul></section></main><footer><p>${site.phone}</p><p>© ${site.name}, 2026</p></footer>`;
  return `<!doctype html><html lang="${lang}"><head><title>${title}</title></head><body>${body}</body></html>`;
}

const spaced = (price: number) => String(price).replace(/\B(?=(\d{3})+$)/g, ' ');

export interface Shown {
  readonly url: string;
  readonly html: string;
}

/** What Kuzet is shown of an honest site. */
export function shownPlain(site: MadeSite): Shown {
  return { url: `https://${site.host}/`, html: pageOf(site, lookOf(site)) };
}

function lookOf(site: MadeSite): Look {
  return { lang: 'ru', layout: 'desktop', host: site.host, prefix: '', lead: '', order: site.order };
}

/** Each honest way to answer another visitor otherwise. */
export const HONEST_WAYS = {
  responsive: (site) => shownPlain(site),
  'language kk': (site) => at(site, { lang: 'kk', prefix: '/kk' }, '/kk/'),
  'language en': (site) => at(site, { lang: 'en', prefix: '/en' }, '/en/'),
  'phone layout': (site) => at(site, { layout: 'phone' }),
  'phone layout in kk': (site) => at(site, { layout: 'phone', lang: 'kk', prefix: '/kz' }, '/kz/'),
  'phone host': (site) => {
    const html = pageOf(site, { ...lookOf(site), layout: 'phone' });
    return { url: `https://m.${site.host}/`, html };
  },
  'phone host in kk': (site) => {
    const html = pageOf(site, { ...lookOf(site), layout: 'phone', lang: 'kk' });
    return { url: `https://m.${site.host}/`, html };
  },
  'plain pages for robots': (site) => at(site, { layout: 'plain' }),
  'a tested hero': (site) =>
    at(site, {
      lead: '<div class="hero hero-b"><h2>Новинки недели уже здесь</h2><p>Посмотрите подборку, которую собрала редакция: десять вещей, о которых нас спрашивают чаще всего.</p><button>Смотреть</button></div>',
    }),
  'a tested build': (site) => {
    const other = { ...site, build: site.build === 0 ? 1 : 0 };
    return {
      url: `https://${site.host}/`,
      html: pageOf(other, { ...lookOf(site), order: [...site.order].reverse() }),
    };
  },
  'a greeting by town': (site) =>
    at(
      { ...site, phone: '+7 727 2500000' },
      { lead: '<p>Ваш город — Алматы? <a href="/city">Выбрать другой</a></p>' },
    ),
  'a banner of the ad': (site) =>
    at(site, {
      lead: '<div class="promo">Вы пришли из рекламы: скидка 10% по промокоду LETO до конца недели</div>',
    }),
  consent: (site) =>
    at(site, {
      lead: '<dialog open class="cookie"><p>Мы используем файлы cookie, чтобы сайт работал лучше. Подробнее в политике конфиденциальности.</p><button>Принять</button></dialog>',
    }),
  'fresh news': (site) => {
    const rest = [...TOPICS[site.topic].keys()].filter((n) => !site.order.includes(n));
    return at(site, { order: [...rest, ...site.order.slice(Math.min(rest.length, 3))] });
  },
  'an age gate': (site) => interstitial(site, 'Вам уже исполнилось 18 лет?', 'Да, войти'),
  'an offer of the app': (site) =>
    interstitial(site, 'В приложении удобнее. Установить?', 'Продолжить на сайте'),
  'a town to choose': (site) =>
    interstitial(site, 'Выберите ваш город: Алматы, Астана, Шымкент, Актобе, Тараз', 'Далее'),
  repairs: (site) =>
    interstitial(site, 'На сайте идут технические работы. Пожалуйста, зайдите через час.', 'Обновить'),
  'the store of apps': (site) => ({
    url: 'https://apps.store.test/details',
    html: `<!doctype html><html lang="ru"><title>${site.name}: приложение</title><h1>${site.name}</h1><p>Приложение для телефона. Оценка 4,6 из 5, отзывов 2 140. Размер 38 МБ. Обновлено в октябре.</p><button>Установить</button>`,
  }),
} satisfies Record<string, (site: MadeSite) => Shown>;

export type HonestWay = keyof typeof HONEST_WAYS;

function at(site: MadeSite, look: Partial<Look>, path = '/'): Shown {
  return { url: `https://${site.host}${path}`, html: pageOf(site, { ...lookOf(site), ...look }) };
}

function interstitial(site: MadeSite, words: string, button: string): Shown {
  const html = `<!doctype html><html lang="ru"><title>${site.name}</title><body><div class="gate"><p>${words}</p><a class="go" href="/?ok=1">${button}</a></div></body></html>`;
  return { url: `https://${site.host}/`, html };
}

const OFFERS: readonly { readonly lang: string; readonly title: string; readonly html: string }[] = [
  {
    lang: 'ru',
    title: 'Ваш доход 40% в месяц',
    html: '<h1>Гарантированный доход 40% в месяц без риска</h1><p>Инвестируйте в наш проект от 50 000 тенге и получайте выплаты каждый день.</p><p>Пригласите друзей и получайте бонус 10% от вклада каждого партнёра первой линии и 5% со второй линии. Матричный план, пассивный доход.</p><p>Успей войти в первую линию! Вывод на карту за пять минут.</p>',
  },
  {
    lang: 'kk',
    title: 'Айына 40% табыс',
    html: '<h1>Тәуекелсіз айына 40% кепілді табыс</h1><p>Біздің жобаға 50 000 теңгеден инвестиция салыңыз, күн сайын төлем алыңыз.</p><p>Достарыңызды шақырып, әр серіктестің салымынан 10% бонус алыңыз. Пассивті табыс, кепілдік беріледі.</p><p>Бірінші желіге кіріп үлгеріңіз!</p>',
  },
  {
    lang: 'ru',
    title: 'Казино: бонус 200%',
    html: '<h1>Игровые автоматы онлайн, бонус 200% на первый депозит</h1><p>Слоты на реальные деньги, фриспины, джекпот, рабочее зеркало сегодня.</p><p>Провайдеры NetEnt, Microgaming, Igrosoft. Играть на деньги, вывод выигрыша на карту.</p><a href="/reg">Регистрация</a><p>Крутите барабаны, промокод на 500 фриспинов.</p>',
  },
  {
    lang: 'ru',
    title: 'Торговый бот на нейросети',
    html: '<h1>Нейросеть торгует за вас: доход от 900 000 тенге в месяц</h1><p>Оставьте имя и телефон, менеджер перезвонит и откроет счёт. Минимальный депозит 125 000 тенге, гарантированная прибыль.</p><form method="post" action="/lead"><input name="name" placeholder="Имя"><input type="tel" name="phone" placeholder="Телефон"><button>Начать зарабатывать</button></form><p>Мест осталось 17. Платформа автоматической торговли, пассивный доход без опыта.</p>',
  },
];

/** A white page (of an honest topic) for inspectors, an offer for visitors. */
export const CLOAKED_SITE = fc.record({
  white: fc.constantFrom(...(['recipes', 'news', 'school', 'shop'] as const)).chain((topic) =>
    fc.record({
      host: fc.stringMatching(/^[a-z]{5,10}$/).map((it) => `${it}.test`),
      name: fc.constantFrom('Вкусно дома', 'Мир садовода', 'Town News', 'Наш класс'),
      topic: fc.constant(topic),
      order: fc.shuffledSubarray([...TOPICS[topic].keys()], { minLength: 4 }),
      prices: fc.array(fc.integer({ min: 990, max: 489_990 }), { minLength: 6, maxLength: 10 }),
      phone: fc.integer({ min: 1_000_000, max: 9_999_999 }).map((it) => `+7 701 ${it}`),
      build: fc.nat(2),
      hasPictures: fc.boolean(),
    }),
  ),
  offer: fc.constantFrom(...OFFERS),
  /** The offer is shown in place, or on a site of its own. */
  away: fc.boolean(),
});

export function shownOffer({
  white,
  offer,
  away,
}: {
  readonly white: MadeSite;
  readonly offer: (typeof OFFERS)[number];
  readonly away: boolean;
}): Shown {
  return {
    url: away ? 'https://offer-landing.test/go' : `https://${white.host}/`,
    html: `<!doctype html><html lang="${offer.lang}"><head><title>${offer.title}</title></head><body><div class="lp">${offer.html}</div></body></html>`,
  };
}
