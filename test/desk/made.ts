/** Made-up sites for the desk's tests and pictures. */
import type { Label } from '../../domain/assessment.ts';
import { type SeenPage, signal } from './house.ts';

export interface Made {
  readonly label: Label;
  readonly host: string;
  readonly score: number;
  readonly lang: string;
  /** Ground, ink and light of the drawn page. */
  readonly colours: readonly [string, string, string];
  readonly title: string;
  readonly lead: string;
  readonly button: string;
  readonly cards: readonly string[];
  readonly text: string;
  readonly signals: SeenPage['signals'];
}

/** What the machine cites stands in the text as it is: `[yield 2.9 ARRFR-1|2 % a day]`. */
interface Written extends Omit<Made, 'lang' | 'text' | 'signals'> {
  /** Russian when left out. */
  readonly lang?: string;
  /** Paragraphs. */
  readonly page: readonly string[];
  /** Cited, and not in the text. */
  readonly unseen?: readonly string[];
}

const CITED = /\[(\w+) (-?[\d.]+)(?: ([\w-]+))?\|([^\]]+)\]/g;

/** Signs stand in order, the one that pushes hardest first. */
function made({ page, unseen = [], lang = 'ru', ...rest }: Written): Made {
  const text = page.join('\n\n');
  const signals = [...unseen, text].flatMap((each) =>
    [...each.matchAll(CITED)].map(([, family = '', push, criterion, excerpt = '']) =>
      signal(family, excerpt, Number(push), criterion),
    ),
  );
  signals.sort((a, b) => b.contribution - a.contribution);
  return { ...rest, lang, text: text.replaceAll(CITED, '$4'), signals };
}

export const MADE: readonly Made[] = [
  made({
    label: 'pyramid',
    host: 'altyn-kapital.test',
    score: 0.9994,
    colours: ['#132a4f', '#fff6df', '#e8b23a'],
    title: 'Алтын Капитал — доход 2 % в день',
    lead: 'Гарантированный доход 2 % в день. Без риска, без опыта.',
    button: 'Внести 50 000 ₸',
    cards: ['Старт: 60 % в месяц', 'Лидер: +10 % с каждого друга', 'Алмаз: автомобиль за 5 линий'],
    page: [
      'Алтын Капитал — международный инвестиционный клуб.',
      '[yield 2.9 ARRFR-1|Гарантированный доход 2 % в день на любую сумму] от 50 000 ₸. Выплаты каждую пятницу, без риска и без опыта.',
      'Приглашайте друзей и [referral 2.4 ARRFR-3|получайте 10 % с каждого их взноса, 5 % со второй линии и 2 % с третьей]. Чем больше ваша структура, тем быстрее вы закроете статус «Алмаз».',
      'Клуб работает [licence 0.7 ARRFR-4|по лицензии международного регулятора № 000-000].',
      'Пополнение счёта: [money 1.6 ARRFR-5|перевод на карту администратора или USDT (TRC-20)]. Реквизиты пришлёт ваш куратор в мессенджере.',
      '[urgency 0.8 ARRFR-6|До конца акции осталось 3 дня: успейте войти] до закрытия набора!',
      '[counter -0.4|Вопросы: +7 700 000 12 34]',
    ],
  }),
  made({
    label: 'pyramid',
    host: 'tez-tabys.test',
    score: 0.9871,
    lang: 'kk',
    colours: ['#0d5c4c', '#f2fff8', '#ffcf5a'],
    title: 'Тез Табыс — күнделікті пайда',
    lead: 'Күніне 3 % кепілді табыс. Досыңды шақыр — сыйақы ал!',
    button: 'Қосылу',
    cards: ['Салым: 20 000 ₸-ден', 'Сыйақы: 15 %', 'Төлем: күн сайын'],
    page: [
      'Тез Табыс клубына қош келдіңіз!',
      '[yield 2.7 ARRFR-1|Күніне 3 % кепілді табыс аласыз], ешқандай тәуекел жоқ. [referral 2.2 ARRFR-3|Досыңды шақырсаң, оның салымынан 15 % сыйақы аласың].',
      '[money 1.1 ARRFR-5|Төлемді картаға аударыңыз], куратор сізге WhatsApp арқылы жазады.',
    ],
  }),
  made({
    label: 'phishing',
    host: 'dаla-bank.test',
    score: 0.9812,
    colours: ['#f4f7f4', '#173824', '#2c9a57'],
    title: 'Дала Банк — подтверждение карты',
    lead: 'Ваша карта временно заблокирована',
    button: 'Разблокировать',
    cards: ['Номер карты', 'Срок и код с обратной стороны', 'Код из SMS'],
    unseen: ['[brand 2.6 PHISH-1|Дала Банк: имя банка на чужом адресе]'],
    page: [
      'Дала Банк. Ваша карта временно заблокирована.',
      'Для разблокировки [lead 2.3 PHISH-2|введите номер карты, срок действия и код с обратной стороны], затем код из SMS. [urgency 1 PHISH-4|Если не подтвердить данные в течение 15 минут, счёт будет закрыт].',
    ],
  }),
  made({
    label: 'investment_fraud',
    host: 'northbridge-trade.test',
    score: 0.9437,
    colours: ['#0e1116', '#e8eef6', '#3f8cff'],
    title: 'NorthBridge Trade — торговля с ИИ',
    lead: 'Нейросеть торгует за вас. Прибыль до 84 % в месяц',
    button: 'Оставить номер',
    cards: ['Вход от 250 $', 'Личный аналитик', 'Вывод за 5 минут'],
    page: [
      'NorthBridge Trade. Нейросеть торгует за вас: [yield 2.1 INV-1|прибыль до 84 % в месяц при минимальном вложении 250 $].',
      '[lead 1.2 INV-4|Оставьте имя и номер телефона, личный аналитик перезвонит] через минуту. [licence 0.9 INV-2|Регулируется несуществующим органом островов].',
    ],
  }),
  made({
    label: 'fake_shop',
    host: 'smart-sklad.test',
    score: 0.9128,
    colours: ['#fff', '#26210f', '#e0452f'],
    title: 'СМАРТ СКЛАД — распродажа',
    lead: 'Телефоны −70 %. Только предоплата, доставка завтра',
    button: 'Купить',
    cards: ['149 900 ₸', '99 900 ₸', '59 900 ₸'],
    page: [
      'СМАРТ СКЛАД. [shop 1.8 SHOP-1|Таможенный конфискат: телефоны со скидкой 70 %]. [money 1.4 SHOP-3|Только предоплата переводом на карту], доставка завтра. Возврат не предусмотрен. [urgency 0.4 SHOP-5|Осталось 4 штуки].',
    ],
  }),
  made({
    label: 'dropper',
    host: 'karta-v-arendu.test',
    score: 0.8864,
    colours: ['#fbf3ea', '#3c2415', '#c86a26'],
    title: 'Карта в аренду — 100 000 ₸ в неделю',
    lead: 'Нужна ваша карта. Оплата каждый день',
    button: 'Написать',
    cards: ['18+', 'Любой банк', 'Без опыта'],
    page: [
      '[dropper 2 DROP-1|Сдайте банковскую карту в аренду и получайте 100 000 ₸ в неделю]. Нужны [dropper 1.7 DROP-2|карты любого банка, оформленные на вас, вместе с доступом в приложение]. Оплата каждый день.',
    ],
  }),
  made({
    label: 'illegal_casino',
    host: 'sultan-spin.test',
    score: 0.8611,
    colours: ['#2b0d3a', '#ffeaff', '#ff4fa3'],
    title: 'Sultan Spin — бонус 500 %',
    lead: 'Бонус 500 % на первый депозит',
    button: 'Играть',
    cards: ['Слоты', 'Рулетка', 'Ставки'],
    page: [
      'Sultan Spin. [casino 1.9 CAS-1|Бонус 500 % на первый депозит и 250 вращений]. [casino 1.1 CAS-3|Рабочее зеркало на сегодня], вывод на карту без документов.',
    ],
  }),
];

/** A page in the manner of such sites: small, plain, and ours. */
export function drawn({ colours: [ground, ink, light], title, lead, button, cards }: Made): string {
  return `<!doctype html><meta charset="utf-8"><style>
    body{margin:0;background:${ground};color:${ink};font:20px/1.4 sans-serif}
    header{display:flex;justify-content:space-between;padding:24px 64px;font-weight:700}
    main{padding:64px}h1{font-size:56px;line-height:1.1;max-width:17em;margin:0 0 32px}
    b{display:inline-block;background:${light};color:${ground};padding:18px 36px;border-radius:8px;font-size:24px}
    ul{display:flex;gap:24px;padding:0;margin:72px 0 0;list-style:none}
    li{flex:1;padding:32px;border:2px solid ${light};border-radius:12px;font-size:24px}
  </style><header><span>${title.split(' — ')[0]}</span><span>☰</span></header>
  <main><h1>${lead}</h1><b>${button}</b><ul>${cards.map((card) => `<li>${card}</li>`).join('')}</ul></main>`;
}
