/** What a seller is told of a listing, in Russian, Kazakh and English. Nobody is called a fraud: a person decides. */
import type { Advice, AdviceReason } from '../../domain/market-service.ts';

export interface Told {
  readonly ru: string;
  readonly kk: string;
  readonly en: string;
}

export const REASON_WORDS: Readonly<Record<AdviceReason, Told>> = {
  one_of_a_ring: {
    ru: 'Такое же объявление размещают несколько разных продавцов.',
    kk: 'Дәл осындай хабарландыруды бірнеше түрлі сатушы орналастырған.',
    en: 'Several sellers have placed this same advertisement.',
  },
  copy_of_another: {
    ru: 'Текст совпадает с объявлением другого продавца.',
    kk: 'Мәтіні басқа сатушының хабарландыруымен сәйкес келеді.',
    en: 'The text is the same as another seller’s advertisement.',
  },
  photos_of_another: {
    ru: 'Фотографии взяты из объявления другого продавца.',
    kk: 'Фотосуреттер басқа сатушының хабарландыруынан алынған.',
    en: 'The photos are those of another seller’s advertisement.',
  },
  price_far_below: {
    ru: 'Цена намного ниже, чем у похожих объявлений.',
    kk: 'Бағасы ұқсас хабарландырулардан әлдеқайда төмен.',
    en: 'The price is far below that of similar advertisements.',
  },
  own_repeat: {
    ru: 'У вас уже есть такое объявление.',
    kk: 'Сізде мұндай хабарландыру бұрыннан бар.',
    en: 'You already have this advertisement.',
  },
  foreign_number: {
    ru: 'Указан номер телефона другой страны.',
    kk: 'Басқа елдің телефон нөмірі көрсетілген.',
    en: 'The phone number is one of another country.',
  },
  hidden_contact: {
    ru: 'Номер телефона спрятан в тексте. Укажите его в поле для телефона.',
    kk: 'Телефон нөмірі мәтінге жасырылған. Оны телефон өрісіне жазыңыз.',
    en: 'A phone number is hidden in the text. Write it into the field for the phone.',
  },
  contact_differs: {
    ru: 'В тексте указан не тот телефон, что в форме.',
    kk: 'Мәтіндегі телефон нысандағы нөмірден өзгеше.',
    en: 'The phone in the text is not the one in the form.',
  },
  off_platform_payment: {
    ru: 'Просьба заплатить вперёд или в обход площадки опасна для покупателя.',
    kk: 'Алдын ала немесе алаңнан тыс төлеуді сұрау сатып алушыға қауіпті.',
    en: 'Asking for payment in advance or past the marketplace is dangerous for the buyer.',
  },
};

const OPENING: Readonly<Record<Exclude<Advice, 'allow'>, Told>> = {
  warn: {
    ru: 'Проверьте объявление перед публикацией.',
    kk: 'Жарияламас бұрын хабарландыруды тексеріңіз.',
    en: 'Please check the advertisement before it is shown.',
  },
  hold: {
    ru: 'Объявление покажут после того, как его посмотрит сотрудник площадки.',
    kk: 'Хабарландыру алаң қызметкері қарағаннан кейін көрсетіледі.',
    en: 'The advertisement will be shown after somebody of the marketplace has looked at it.',
  },
};

/** Told beside the advice; more would not be read. */
const MOST_TOLD = 2;

/** For the seller; null when there is nothing to say. */
export function messageOf(advice: Advice, reasons: readonly AdviceReason[]): Told | null {
  if (advice === 'allow') return null;
  const told = [OPENING[advice], ...reasons.slice(0, MOST_TOLD).map((reason) => REASON_WORDS[reason])];
  const join = (lang: keyof Told) => told.map((each) => each[lang]).join(' ');
  return { ru: join('ru'), kk: join('kk'), en: join('en') };
}
