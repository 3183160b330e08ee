/** What `kuzet verify` says, in the officers' languages: check by check, then what is proven and what is not. */
import type { Deletion } from '../domain/deletion.ts';
import type { WaczCheck } from '../evidence/wacz-verify.ts';
import type { Check } from '../exports/kibernadzor/verify.ts';
import { safe } from './words.ts';

export type Lang = 'ru' | 'kk' | 'en';

export interface Words {
  readonly batch: Readonly<Record<Check['name'], string>>;
  readonly wacz: Readonly<Record<WaczCheck['name'], string>>;
  readonly records: (count: number) => string;
  readonly record: string;
  readonly row: string;
  readonly chain: string;
  readonly rows: (count: number) => string;
  /** Evidence that went, who decided so, and why. */
  readonly deleted: (it: Deletion) => string;
  readonly noneDeleted: string;
  /** What is said of a ledger in its store. */
  readonly ledger: {
    readonly fine: (rows: number, head: string) => string;
    readonly broken: (faults: number, rows: number) => string;
    readonly before: (records: number) => string;
    readonly more: (faults: number) => string;
    readonly complete: string;
  };
  readonly sound: string;
  readonly unsound: string;
  /** The files did not change since they were put together. */
  readonly unaltered: string;
  /** Nobody can be told from the file. */
  readonly unsigned: string;
  readonly signedBy: (key: string) => string;
  /** The same key signed; whose it is, the file alone cannot tell. */
  readonly keyUnknown: string;
  readonly keyKnown: string;
  readonly unstamped: string;
  readonly stampedAt: (moment: string, isTrusted: boolean) => string;
  /** What no archive can prove. */
  readonly never: string;
}

/** What went by decision is said, so that nobody takes it for a gap; so is that nothing went. */
export function deletionLines(deletions: readonly Deletion[], words: Words): string[] {
  if (deletions.length === 0) return [`– ${words.noneDeleted}`];
  return deletions.map((deletion) => `– ${safe(words.deleted(deletion))}`);
}

export const WORDS: Readonly<Record<Lang, Words>> = {
  ru: {
    batch: {
      zip: 'архив читается, имена файлов безопасны',
      packing: 'между файлами архива ничего не менялось',
      manifest: 'опись пакета на месте',
      files: 'каждый файл тот, что в описи, лишних и недостающих нет',
      sums: 'суммы SHA-256 сходятся',
      records: 'записи полны',
      form: 'строки формы соответствуют записям',
      views: 'XML, схемы и письма соответствуют записям',
      signature: 'подпись описи',
      stamps: 'метки времени',
      screens: 'у каждой строки свой снимок',
      evidence: 'доказательства на месте и не менялись',
      warcs: 'записи обмена с сайтом целы',
      officers: 'по каждой строке решили два разных сотрудника, и её можно направлять',
    },
    wacz: {
      zip: 'архив читается, имена файлов безопасны',
      datapackage: 'опись архива на месте',
      files: 'каждый файл тот, что в описи, лишних и недостающих нет',
      digest: 'опись та, что указана в дайджесте',
      warcs: 'записи обмена с сайтом целы',
      index: 'указатель ведёт к записям',
      pages: 'страницы, с которых начинать, есть в архиве',
      packing: 'между файлами архива ничего не менялось',
      signature: 'подпись описи',
      stamps: 'метки времени',
    },
    records: (count) => `записей: ${count}`,
    record: 'запись',
    row: 'строка',
    chain: 'цепочка журнала не прервана',
    rows: (count) => `строк: ${count}`,
    deleted: ({ seq, at, captures, proposedBy, approvedBy, reason }) =>
      `удалено по решению двух сотрудников: строка ${seq}, ${at}, записей осмотра: ${captures.length}; предложил ${proposedBy}, утвердил ${approvedBy}, причина: ${reason}`,
    noneDeleted: 'доказательства не удалялись',
    ledger: {
      fine: (rows, head) => `строк: ${rows}, цепочка не прервана; последняя сумма ${head}`,
      broken: (faults, rows) =>
        `Журнал не сходится: нарушений ${faults}, строк ${rows}. Сохраните хранилище как есть для проверки.`,
      before: (records) => `Записей старше журнала: ${records}; о них ничего не сказано.`,
      more: (faults) => `… и ещё ${faults}`,
      complete:
        'все доказательства, о которых говорит журнал, на месте; целы ли они, читает kuzet evidence scrub',
    },
    sound: 'ПРОВЕРЕНО',
    unsound: 'НЕ ПРОШЛО ПРОВЕРКУ',
    unaltered: 'Показано, что файлы не менялись после сборки.',
    unsigned: 'Кто собрал файл, без подписи не видно.',
    signedBy: (key) => `Подписано ключом ${key}.`,
    keyUnknown:
      'Чей это ключ, файл не говорит: сравните отпечаток с опубликованным или укажите его через --key.',
    keyKnown: 'Подписал тот, чьи ключ или сертификаты указаны.',
    unstamped: 'Когда это было собрано, известно только со слов собравшего: меток времени нет.',
    stampedAt: (moment, isTrusted) =>
      `Существовало не позже ${moment} по свидетельству службы времени${isTrusted ? '.' : '; доверять ли ей, решает проверяющий (--roots FILE).'}`,
    never: 'Не показано, что сайт отвечал так же кому-либо ещё.',
  },
  kk: {
    batch: {
      zip: 'мұрағат оқылады, файл атаулары қауіпсіз',
      packing: 'мұрағат файлдарының арасында ештеңе өзгермеген',
      manifest: 'топтаманың тізімдемесі орнында',
      files: 'әр файл тізімдемедегідей, артығы да кемі де жоқ',
      sums: 'SHA-256 мәндері сәйкес',
      records: 'жазбалар толық',
      form: 'нысан жолдары жазбаларға сәйкес',
      views: 'XML, схемалар мен хаттар жазбаларға сәйкес',
      signature: 'тізімдеменің қолтаңбасы',
      stamps: 'уақыт белгілері',
      screens: 'әр жолдың өз суреті бар',
      evidence: 'дәлелдемелер орнында, өзгермеген',
      warcs: 'сайтпен алмасу жазбалары бүтін',
      officers: 'әр жол бойынша екі түрлі қызметкер шешкен, оны жіберуге болады',
    },
    wacz: {
      zip: 'мұрағат оқылады, файл атаулары қауіпсіз',
      datapackage: 'мұрағаттың тізімдемесі орнында',
      files: 'әр файл тізімдемедегідей, артығы да кемі де жоқ',
      digest: 'тізімдеме дайджестте көрсетілгендей',
      warcs: 'сайтпен алмасу жазбалары бүтін',
      index: 'көрсеткіш жазбаларға апарады',
      pages: 'бастапқы парақтар мұрағатта бар',
      packing: 'мұрағат файлдарының арасында ештеңе өзгермеген',
      signature: 'тізімдеменің қолтаңбасы',
      stamps: 'уақыт белгілері',
    },
    records: (count) => `жазбалар: ${count}`,
    record: 'жазба',
    row: 'жол',
    chain: 'журнал тізбегі үзілмеген',
    rows: (count) => `жолдар: ${count}`,
    deleted: ({ seq, at, captures, proposedBy, approvedBy, reason }) =>
      `екі қызметкердің шешімімен жойылған: ${seq}-жол, ${at}, қарау жазбалары: ${captures.length}; ұсынған ${proposedBy}, бекіткен ${approvedBy}, себебі: ${reason}`,
    noneDeleted: 'дәлелдемелер жойылмаған',
    ledger: {
      fine: (rows, head) => `жолдар: ${rows}, тізбек үзілмеген; соңғы мәні ${head}`,
      broken: (faults, rows) =>
        `Журнал сәйкес емес: бұзылулар ${faults}, жолдар ${rows}. Тексеру үшін қойманы сол күйінде сақтаңыз.`,
      before: (records) => `Журналдан бұрынғы жазбалар: ${records}; олар туралы ештеңе айтылмаған.`,
      more: (faults) => `… тағы ${faults}`,
      complete: 'журналда айтылған дәлелдемелердің бәрі орнында; бүтін бе, kuzet evidence scrub оқиды',
    },
    sound: 'ТЕКСЕРІЛДІ',
    unsound: 'ТЕКСЕРУДЕН ӨТПЕДІ',
    unaltered: 'Файлдардың жинақталғаннан кейін өзгермегені көрсетілді.',
    unsigned: 'Кім жинағаны қолтаңбасыз көрінбейді.',
    signedBy: (key) => `Қол қойған кілт: ${key}.`,
    keyUnknown:
      'Кілт кімдікі екенін файл айтпайды: ізін жарияланғанымен салыстырыңыз немесе --key арқылы көрсетіңіз.',
    keyKnown: 'Көрсетілген кілттің немесе сертификаттардың иесі қол қойған.',
    unstamped: 'Қашан жиналғаны жинаушының сөзінен ғана белгілі: уақыт белгілері жоқ.',
    stampedAt: (moment, isTrusted) =>
      `Уақыт қызметінің куәлігі бойынша ${moment} кезінде бар болған${isTrusted ? '.' : '; оған сену-сенбеуді тексеруші шешеді (--roots FILE).'}`,
    never: 'Сайттың басқа біреуге де солай жауап бергені көрсетілмейді.',
  },
  en: {
    batch: {
      zip: 'the archive reads and its file names are safe',
      packing: 'nothing between the files of the archive was altered',
      manifest: 'the manifest is there',
      files: 'every file is the one the manifest names, none extra, none missing',
      sums: 'the SHA-256 sums agree',
      records: 'the records are complete',
      form: 'the rows of the form are those of the records',
      views: 'XML, schemas and letters are those of the records',
      signature: 'the signature over the manifest',
      stamps: 'the time stamps',
      screens: 'every row has its own picture',
      evidence: 'the evidence is there and unaltered',
      warcs: 'the records of the traffic are intact',
      officers: 'two different officers decided each row, and it may be referred',
    },
    wacz: {
      zip: 'the archive reads and its file names are safe',
      datapackage: 'the manifest is there',
      files: 'every file is the one the manifest names, none extra, none missing',
      digest: 'the manifest is the one of the digest',
      warcs: 'the records of the traffic are intact',
      index: 'the index leads to the records',
      pages: 'the pages to begin with are in the archive',
      packing: 'nothing between the files of the archive was altered',
      signature: 'the signature over the manifest',
      stamps: 'the time stamps',
    },
    records: (count) => `${count} records`,
    record: 'record',
    row: 'row',
    chain: 'the chain of the ledger is unbroken',
    rows: (count) => `${count} rows`,
    deleted: ({ seq, at, captures, proposedBy, approvedBy, reason }) =>
      `deleted by decision of two officers: row ${seq}, ${at}, captures: ${captures.length}; proposed by ${proposedBy}, approved by ${approvedBy}, reason: ${reason}`,
    noneDeleted: 'no evidence was deleted',
    ledger: {
      fine: (rows, head) => `${rows} rows, unbroken; head ${head}`,
      broken: (faults, rows) =>
        `The ledger does not hold: ${faults} faults in ${rows} rows. Keep the store as it is for inquiry.`,
      before: (records) => `${records} records are older than the ledger: nothing is said of them.`,
      more: (faults) => `… and ${faults} more`,
      complete:
        'every piece of evidence that the ledger speaks of is there; whether each is whole, "kuzet evidence scrub" reads',
    },
    sound: 'VERIFIED',
    unsound: 'DID NOT VERIFY',
    unaltered: 'This shows that no file changed since the build.',
    unsigned: 'Who built it cannot be seen without a signature.',
    signedBy: (key) => `Signed by the key ${key}.`,
    keyUnknown:
      'Whose key that is the file cannot tell: compare the fingerprint with the published one, or name it with --key.',
    keyKnown: 'The holder of the key or certificates that were named signed it.',
    unstamped: 'When it was made is known by the word of the maker alone: there are no time stamps.',
    stampedAt: (moment, isTrusted) =>
      `It was there by ${moment}, as a time authority attests${isTrusted ? '.' : '; whether to trust that one is for you to say (--roots FILE).'}`,
    never: 'It does not show that the site answered so to anybody else.',
  },
};
