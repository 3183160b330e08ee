/**
 * The reason that goes into the form, in Russian and Kazakh: what was seen, when, in quotes, what law forbids
 * it and what is asked. Made of quoted facts alone; a slot that nothing fills stops the export.
 */
import type { Channel, GroundCode } from '../../domain/referral.ts';
import { groundWords, signWords } from './codes.ts';

/** Characters that the form takes. Upper bound as the public tool cuts it; lower bound ours. */
export const REASON_LENGTH = { least: 80, most: 500 } as const;
const FEWEST_FACTS = 2;
const MOST_FACTS = 4;
const LONGEST_QUOTE = 70;
const SHORTEST_QUOTE = 16;

export interface ReasonFacts {
  /** Host or account, as a person reads it. */
  readonly place: string;
  readonly capturedAt: Date;
  readonly ground: GroundCode;
  readonly channel: Channel;
  /** What access is asked to be limited to: a host, or an account. */
  readonly scope: string;
  /** Strongest first. */
  readonly signs: readonly { readonly family: string; readonly quote: string }[];
  readonly screenshotSha256: string;
}

/** A reason that cannot be written from what is known. */
export class ReasonSlotError extends Error {
  override readonly name = 'ReasonSlotError';
  readonly facts: { readonly slot: string };

  constructor(slot: string, why: string) {
    super(`The reason has nothing to say for "${slot}": ${why}.`);
    this.facts = { slot };
  }
}

const TEMPLATES = {
  operator_block: {
    ru: 'На интернет-ресурсе {place} на {time} (UTC+5) размещена информация с признаками {what}: {facts}. Её распространение запрещено {law}. На основании п. 1-1 ст. 41-1 Закона РК «О связи» прошу рассмотреть ограничение доступа к {scope}. SHA-256 снимка {hash}…',
    kk: '{place} интернет-ресурсында {time} (UTC+5) жағдай бойынша {what} белгілері бар ақпарат орналастырылған: {facts}. Оны таратуға {law} тыйым салынған. «Байланыс туралы» ҚР Заңының 41-1-бабының 1-1-тармағы негізінде {scope} қолжетімділікті шектеуді қарауды сұраймын. SHA-256 {hash}…',
  },
  platform_notice: {
    ru: 'На {place} на {time} (UTC+5) размещена информация с признаками {what}: {facts}. Её распространение запрещено {law}. Прошу рассмотреть направление владельцу платформы требования об удалении: {scope}. SHA-256 снимка {hash}…',
    kk: '{place} парақшасында {time} (UTC+5) жағдай бойынша {what} белгілері бар ақпарат орналастырылған: {facts}. Оны таратуға {law} тыйым салынған. Платформа иесіне жою туралы талап жіберуді қарауды сұраймын: {scope}. SHA-256 {hash}…',
  },
  hosting_notice: {
    ru: 'На {place} на {time} (UTC+5) размещена информация с признаками {what}: {facts}. Её распространение запрещено {law}. Прошу рассмотреть направление владельцу хостинга требования об удалении: {scope}. SHA-256 снимка {hash}…',
    kk: '{place} ресурсында {time} (UTC+5) жағдай бойынша {what} белгілері бар ақпарат орналастырылған: {facts}. Оны таратуға {law} тыйым салынған. Хостинг иесіне жою туралы талап жіберуді қарауды сұраймын: {scope}. SHA-256 {hash}…',
  },
  registrar_notice: {
    ru: 'На {place} на {time} (UTC+5) размещена информация с признаками {what}: {facts}. Её распространение запрещено {law}. Прошу рассмотреть обращение к владельцу и регистратору домена: {scope}. SHA-256 снимка {hash}…',
    kk: '{place} ресурсында {time} (UTC+5) жағдай бойынша {what} белгілері бар ақпарат орналастырылған: {facts}. Оны таратуға {law} тыйым салынған. Домен иесі мен тіркеушісіне өтініш жіберуді қарауды сұраймын: {scope}. SHA-256 {hash}…',
  },
  court_route: {
    ru: 'На {place} на {time} (UTC+5) размещена информация с признаками {what}: {facts}. Её распространение запрещено {law}. Доступ к СМИ ограничивает его собственник или суд; прошу рассмотреть обращение в суд: {scope}. SHA-256 снимка {hash}…',
    kk: '{place} ресурсында {time} (UTC+5) жағдай бойынша {what} белгілері бар ақпарат орналастырылған: {facts}. Оны таратуға {law} тыйым салынған. БАҚ-қа қолжетімділікті меншік иесі немесе сот шектейді; сотқа жүгінуді қарауды сұраймын: {scope}. SHA-256 {hash}…',
  },
} as const;

/**
 * The reason in both languages, each within `REASON_LENGTH`.
 *
 * @throws ReasonSlotError when a slot is empty or fewer than two facts are quoted.
 */
export function reasonOf(facts: ReasonFacts): { ru: string; kk: string } {
  return { ru: inLanguage('ru', facts), kk: inLanguage('kk', facts) };
}

function inLanguage(lang: 'ru' | 'kk', facts: ReasonFacts): string {
  const { is, law } = groundWords(facts.ground);
  const signs = distinct(facts.signs);
  if (signs.length < FEWEST_FACTS) {
    const why = `${signs.length} of the ${FEWEST_FACTS} quoted facts it takes at least; capture a page that shows more, or dismiss the case`;
    throw new ReasonSlotError('facts', why);
  }
  const write = (count: number, quoteLength: number) =>
    fill(TEMPLATES[facts.channel][lang], {
      place: cut(facts.place, 50),
      time: localTime(facts.capturedAt),
      what: is[lang],
      facts: signs
        .slice(0, count)
        .map(({ family, quote }) => `${signWords(family)[lang]} «${cut(quote, quoteLength)}»`)
        .join('; '),
      law: law[lang],
      scope: cut(facts.scope, 50),
      hash: facts.screenshotSha256.slice(0, 8),
    });
  // Fewer facts before shorter quotes: a quote too short to be found on the page proves nothing.
  for (let count = Math.min(MOST_FACTS, signs.length); count >= FEWEST_FACTS; count -= 1) {
    for (const length of count === FEWEST_FACTS
      ? [LONGEST_QUOTE, 50, 36, 24, SHORTEST_QUOTE]
      : [LONGEST_QUOTE, 50]) {
      const text = write(count, length);
      if (text.length <= REASON_LENGTH.most) return long(text);
    }
  }
  throw new ReasonSlotError('facts', `it does not fit into ${REASON_LENGTH.most} characters`);
}

function long(text: string): string {
  if (text.length >= REASON_LENGTH.least) return text;
  throw new ReasonSlotError('facts', `${text.length} characters are fewer than ${REASON_LENGTH.least}`);
}

/** Fills `{slot}`s; a blank or unknown one throws. */
function fill(template: string, slots: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, slot: string) => {
    const text = slots[slot]?.trim() ?? '';
    if (text === '') throw new ReasonSlotError(slot, 'it is empty');
    return text;
  });
}

/** One fact a quote, as a person would quote it: one line, no guillemets inside, no letters nobody sees. */
function distinct(signs: ReasonFacts['signs']): { family: string; quote: string }[] {
  const seen = new Set<string>();
  return signs.flatMap(({ family, quote }) => {
    const plain = quote
      .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, ' ')
      .replace(/[«»{}]/g, '"')
      .replace(/\s+/g, ' ')
      .trim();
    const key = plain.toLowerCase();
    if (!/[\p{L}\p{N}]/u.test(plain) || seen.has(key)) return [];
    seen.add(key);
    return [{ family, quote: plain }];
  });
}

/** At most `most` characters, cut between words where that leaves most of the text, `…` where cut. */
function cut(text: string, most: number): string {
  const letters = [...text];
  if (letters.length <= most) return text;
  const head = letters.slice(0, most - 1).join('');
  const space = head.lastIndexOf(' ');
  return `${space > head.length / 2 ? head.slice(0, space) : head}…`;
}

/** Kazakhstan's one time zone since 1 March 2024. */
function localTime(at: Date): string {
  const [date = '', time = ''] = new Date(at.getTime() + 5 * 3600 * 1000).toISOString().split('T');
  return `${date.split('-').reverse().join('.')} ${time.slice(0, 5)}`;
}
