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

export const MADE: readonly Made[] = [
  {
    label: 'pyramid',
    host: 'altyn-kapital.test',
    score: 0.9994,
    lang: 'ru',
    colours: ['#132a4f', '#fff6df', '#e8b23a'],
    title: 'Алтын Капитал — доход 2 % в день',
    lead: 'Гарантированный доход 2 % в день. Без риска, без опыта.',
    button: 'Внести 50 000 ₸',
    cards: ['Старт: 60 % в месяц', 'Лидер: +10 % с каждого друга', 'Алмаз: автомобиль за 5 линий'],
    text: [
      'Алтын Капитал — международный инвестиционный клуб.',
      'Гарантированный доход 2 % в день на любую сумму от 50 000 ₸. Выплаты каждую пятницу, без риска и без опыта.',
      'Приглашайте друзей и получайте 10 % с каждого их взноса, 5 % со второй линии и 2 % с третьей. Чем больше ваша структура, тем быстрее вы закроете статус «Алмаз».',
      'Клуб работает по лицензии международного регулятора № 000-000.',
      'Пополнение счёта: перевод на карту администратора или USDT (TRC-20). Реквизиты пришлёт ваш куратор в мессенджере.',
      'До конца акции осталось 3 дня: успейте войти до закрытия набора!',
      'Вопросы: +7 700 000 12 34',
    ].join('\n\n'),
    signals: [
      signal('yield', 'Гарантированный доход 2 % в день на любую сумму', 2.9, 'ARRFR-1'),
      signal(
        'referral',
        'получайте 10 % с каждого их взноса, 5 % со второй линии и 2 % с третьей',
        2.4,
        'ARRFR-3',
      ),
      signal('money', 'перевод на карту администратора или USDT (TRC-20)', 1.6, 'ARRFR-5'),
      signal('urgency', 'До конца акции осталось 3 дня: успейте войти', 0.8, 'ARRFR-6'),
      signal('licence', 'по лицензии международного регулятора № 000-000', 0.7, 'ARRFR-4'),
      signal('counter', 'Вопросы: +7 700 000 12 34', -0.4),
    ],
  },
  {
    label: 'pyramid',
    host: 'tez-tabys.test',
    score: 0.9871,
    lang: 'kk',
    colours: ['#0d5c4c', '#f2fff8', '#ffcf5a'],
    title: 'Тез Табыс — күнделікті пайда',
    lead: 'Күніне 3 % кепілді табыс. Досыңды шақыр — сыйақы ал!',
    button: 'Қосылу',
    cards: ['Салым: 20 000 ₸-ден', 'Сыйақы: 15 %', 'Төлем: күн сайын'],
    text: 'Тез Табыс клубына қош келдіңіз!\n\nКүніне 3 % кепілді табыс аласыз, ешқандай тәуекел жоқ. Досыңды шақырсаң, оның салымынан 15 % сыйақы аласың.\n\nТөлемді картаға аударыңыз, куратор сізге WhatsApp арқылы жазады.',
    signals: [
      signal('yield', 'Күніне 3 % кепілді табыс аласыз', 2.7, 'ARRFR-1'),
      signal('referral', 'Досыңды шақырсаң, оның салымынан 15 % сыйақы аласың', 2.2, 'ARRFR-3'),
      signal('money', 'Төлемді картаға аударыңыз', 1.1, 'ARRFR-5'),
    ],
  },
  {
    label: 'phishing',
    host: 'dаla-bank.test',
    score: 0.9812,
    lang: 'ru',
    colours: ['#f4f7f4', '#173824', '#2c9a57'],
    title: 'Дала Банк — подтверждение карты',
    lead: 'Ваша карта временно заблокирована',
    button: 'Разблокировать',
    cards: ['Номер карты', 'Срок и код с обратной стороны', 'Код из SMS'],
    text: 'Дала Банк. Ваша карта временно заблокирована.\n\nДля разблокировки введите номер карты, срок действия и код с обратной стороны, затем код из SMS. Если не подтвердить данные в течение 15 минут, счёт будет закрыт.',
    signals: [
      signal('brand', 'Дала Банк: имя банка на чужом адресе', 2.6, 'PHISH-1'),
      signal('lead', 'введите номер карты, срок действия и код с обратной стороны', 2.3, 'PHISH-2'),
      signal('urgency', 'Если не подтвердить данные в течение 15 минут, счёт будет закрыт', 1.0, 'PHISH-4'),
    ],
  },
  {
    label: 'investment_fraud',
    host: 'northbridge-trade.test',
    score: 0.9437,
    lang: 'ru',
    colours: ['#0e1116', '#e8eef6', '#3f8cff'],
    title: 'NorthBridge Trade — торговля с ИИ',
    lead: 'Нейросеть торгует за вас. Прибыль до 84 % в месяц',
    button: 'Оставить номер',
    cards: ['Вход от 250 $', 'Личный аналитик', 'Вывод за 5 минут'],
    text: 'NorthBridge Trade. Нейросеть торгует за вас: прибыль до 84 % в месяц при минимальном вложении 250 $.\n\nОставьте имя и номер телефона, личный аналитик перезвонит через минуту. Регулируется несуществующим органом островов.',
    signals: [
      signal('yield', 'прибыль до 84 % в месяц при минимальном вложении 250 $', 2.1, 'INV-1'),
      signal('lead', 'Оставьте имя и номер телефона, личный аналитик перезвонит', 1.2, 'INV-4'),
      signal('licence', 'Регулируется несуществующим органом островов', 0.9, 'INV-2'),
    ],
  },
  {
    label: 'fake_shop',
    host: 'smart-sklad.test',
    score: 0.9128,
    lang: 'ru',
    colours: ['#fff', '#26210f', '#e0452f'],
    title: 'СМАРТ СКЛАД — распродажа',
    lead: 'Телефоны −70 %. Только предоплата, доставка завтра',
    button: 'Купить',
    cards: ['149 900 ₸', '99 900 ₸', '59 900 ₸'],
    text: 'СМАРТ СКЛАД. Таможенный конфискат: телефоны со скидкой 70 %. Только предоплата переводом на карту, доставка завтра. Возврат не предусмотрен. Осталось 4 штуки.',
    signals: [
      signal('shop', 'Таможенный конфискат: телефоны со скидкой 70 %', 1.8, 'SHOP-1'),
      signal('money', 'Только предоплата переводом на карту', 1.4, 'SHOP-3'),
      signal('urgency', 'Осталось 4 штуки', 0.4, 'SHOP-5'),
    ],
  },
  {
    label: 'dropper',
    host: 'karta-v-arendu.test',
    score: 0.8864,
    lang: 'ru',
    colours: ['#fbf3ea', '#3c2415', '#c86a26'],
    title: 'Карта в аренду — 100 000 ₸ в неделю',
    lead: 'Нужна ваша карта. Оплата каждый день',
    button: 'Написать',
    cards: ['18+', 'Любой банк', 'Без опыта'],
    text: 'Сдайте банковскую карту в аренду и получайте 100 000 ₸ в неделю. Нужны карты любого банка, оформленные на вас, вместе с доступом в приложение. Оплата каждый день.',
    signals: [
      signal('dropper', 'Сдайте банковскую карту в аренду и получайте 100 000 ₸ в неделю', 2.0, 'DROP-1'),
      signal(
        'dropper',
        'карты любого банка, оформленные на вас, вместе с доступом в приложение',
        1.7,
        'DROP-2',
      ),
    ],
  },
  {
    label: 'illegal_casino',
    host: 'sultan-spin.test',
    score: 0.8611,
    lang: 'ru',
    colours: ['#2b0d3a', '#ffeaff', '#ff4fa3'],
    title: 'Sultan Spin — бонус 500 %',
    lead: 'Бонус 500 % на первый депозит',
    button: 'Играть',
    cards: ['Слоты', 'Рулетка', 'Ставки'],
    text: 'Sultan Spin. Бонус 500 % на первый депозит и 250 вращений. Рабочее зеркало на сегодня, вывод на карту без документов.',
    signals: [
      signal('casino', 'Бонус 500 % на первый депозит и 250 вращений', 1.9, 'CAS-1'),
      signal('casino', 'Рабочее зеркало на сегодня', 1.1, 'CAS-3'),
    ],
  },
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
