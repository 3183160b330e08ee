/** The words of an act of inspection, in the officers' languages. */
import type { Lang } from '../overblock/words.ts';

export interface ActWords {
  readonly title: string;
  readonly intro: (capture: string) => string;
  readonly seen: string;
  readonly means: string;
  readonly files: string;
  readonly proof: string;
  readonly custody: string;
  readonly pictures: string;
  readonly verify: string;
  readonly limits: readonly string[];
  readonly rows: Readonly<Record<RowName, string>>;
  readonly fileNames: Readonly<Record<FileName, string>>;
  readonly columns: {
    readonly file: string;
    readonly bytes: string;
    readonly step: string;
    readonly address: string;
    readonly status: string;
    readonly when: string;
    readonly what: string;
    readonly row: string;
  };
  readonly kinds: Readonly<Record<string, string>>;
  readonly none: string;
  readonly notRendered: string;
  readonly notStamped: string;
  readonly notTold: string;
  readonly viewport: string;
  readonly fullPage: (at: number, of: number) => string;
  readonly cutPage: string;
  readonly text: string;
  readonly textCut: string;
  readonly almaty: string;
  readonly stamped: (of: string, by: string) => string;
  readonly ofStamp: Readonly<Record<'wacz' | 'warc', string>>;
  readonly steps: readonly ((names: {
    readonly capture: string;
    readonly key: string;
    readonly warc: string;
  }) => string)[];
  readonly madeBy: string;
  readonly signature: string;
}

export type RowName =
  | 'case'
  | 'capture'
  | 'asked'
  | 'answered'
  | 'at'
  | 'status'
  | 'mediaType'
  | 'title'
  | 'peer'
  | 'network'
  | 'tls'
  | 'dns'
  | 'domain'
  | 'software'
  | 'browser'
  | 'visitor'
  | 'egress'
  | 'clock'
  | 'manifest'
  | 'key'
  | 'stamps'
  | 'ledger';

export type FileName = 'warc' | 'body' | 'screenshot' | 'fullScreenshot' | 'dom' | 'facts';

export const ACT_WORDS: Readonly<Record<Lang, ActWords>> = {
  ru: {
    title: 'Акт осмотра интернет-страницы',
    intro: (capture) =>
      `Составлен программой по записи осмотра ${capture}. Страница только прочитана: ничего не вводилось, не отправлялось и не оплачивалось, вход не выполнялся.`,
    seen: '1. Что и когда осмотрено',
    means: '2. Какими средствами',
    files: '3. Что сохранено',
    proof: '4. Чем подтверждается неизменность',
    custody: '5. Кто обращался к записи',
    pictures: '6. Как страница выглядела',
    verify: '7. Как проверить',
    limits: [
      'Акт показывает, что получила эта машина с указанного адреса в указанное время. Он не показывает, что сайт отвечал так же кому-либо ещё, и не даёт оценки содержанию: её дают два сотрудника.',
      'Время указано по часам этой машины; чем они сверены, сказано в разделе 2. Независимо его подтверждают только метки времени.',
    ],
    rows: {
      case: 'Дело',
      capture: 'Запись осмотра',
      asked: 'Запрошенный адрес',
      answered: 'Ответивший адрес',
      at: 'Время ответа',
      status: 'Код ответа HTTP',
      mediaType: 'Вид содержимого',
      title: 'Заголовок страницы',
      peer: 'Сетевой адрес сервера',
      network: 'Сеть',
      tls: 'Сертификат сайта',
      dns: 'Ответы DNS',
      domain: 'Регистрация домена',
      software: 'Программа',
      browser: 'Браузер',
      visitor: 'Как представились сайту',
      egress: 'Адрес, с которого смотрели',
      clock: 'Часы машины',
      manifest: 'Опись архива (WACZ), SHA-256',
      key: 'Ключ подписи описи, отпечаток SHA-256',
      stamps: 'Метки времени (RFC 3161)',
      ledger: 'Строка журнала',
    },
    fileNames: {
      warc: 'Запись обмена с сайтом (WARC)',
      body: 'Ответ сервера, раскодированный',
      screenshot: 'Снимок окна (PNG)',
      fullScreenshot: 'Снимок всей страницы (PNG)',
      dom: 'Страница после работы её программ (HTML)',
      facts: 'Сведения об узле (JSON)',
    },
    columns: {
      file: 'Файл',
      bytes: 'Байт',
      step: '№',
      address: 'Адрес',
      status: 'Код',
      when: 'Время (UTC)',
      what: 'Что',
      row: 'Строка',
    },
    kinds: {
      capture: 'осмотр записан',
      act: 'действие по делу',
      custody: 'просмотр или выдача',
      batch: 'вошло в партию',
      erasure: 'решение об удалении',
      hold: 'запрет или разрешение удаления',
      look: 'повторный взгляд',
    },
    none: 'нет',
    notRendered: 'не открывалась в браузере',
    notStamped: 'нет: службы времени не настроены или ещё не ответили',
    notTold: 'не указано',
    viewport: 'Окно браузера',
    fullPage: (at, of) => `Вся страница, лист ${at} из ${of}`,
    cutPage: 'Остальное — в файле снимка всей страницы.',
    text: 'Видимый текст',
    textCut: '… (дальше — в сохранённой странице)',
    almaty: 'Алматы, UTC+5',
    stamped: (of, by) => `на ${of}, ${by}`,
    ofStamp: { wacz: 'опись архива', warc: 'запись обмена' },
    steps: [
      ({ capture }) => `Получить архив: kuzet evidence wacz ${capture} --out ${capture}.wacz`,
      ({ capture, key }) =>
        `Проверить его без сети на любой машине: kuzet verify ${capture}.wacz --key ${key}`,
      ({ warc }) =>
        `Или без нашей программы: распаковать архив, выполнить sha256sum archive/0001.warc.gz и сравнить с ${warc}`,
      () => 'Открыть архив, чтобы увидеть страницу: любой просмотрщик WACZ, например ReplayWeb.page',
      () => 'Проверить журнал: kuzet ledger verify',
    ],
    madeBy: 'Акт получил',
    signature: 'Подпись',
  },
  kk: {
    title: 'Интернет-парақты қарау актісі',
    intro: (capture) =>
      `Бағдарлама ${capture} қарау жазбасы бойынша жасады. Парақ тек оқылды: ештеңе енгізілген, жіберілген, төленген жоқ, жүйеге кіру болмады.`,
    seen: '1. Не және қашан қаралды',
    means: '2. Қандай құралдармен',
    files: '3. Не сақталды',
    proof: '4. Өзгермегені немен расталады',
    custody: '5. Жазбаға кім жүгінді',
    pictures: '6. Парақ қалай көрінді',
    verify: '7. Қалай тексеруге болады',
    limits: [
      'Акт осы машинаның көрсетілген мекенжайдан көрсетілген уақытта не алғанын көрсетеді. Сайттың басқа біреуге де солай жауап бергенін көрсетпейді және мазмұнын бағаламайды: бағаны екі қызметкер береді.',
      'Уақыт осы машинаның сағаты бойынша берілген; ол немен салыстырылғаны 2-бөлімде айтылған. Оны тәуелсіз растайтыны тек уақыт белгілері.',
    ],
    rows: {
      case: 'Іс',
      capture: 'Қарау жазбасы',
      asked: 'Сұралған мекенжай',
      answered: 'Жауап берген мекенжай',
      at: 'Жауап уақыты',
      status: 'HTTP жауап коды',
      mediaType: 'Мазмұн түрі',
      title: 'Парақтың тақырыбы',
      peer: 'Сервердің желілік мекенжайы',
      network: 'Желі',
      tls: 'Сайттың сертификаты',
      dns: 'DNS жауаптары',
      domain: 'Доменнің тіркелуі',
      software: 'Бағдарлама',
      browser: 'Браузер',
      visitor: 'Сайтқа өзін қалай таныстырды',
      egress: 'Қай мекенжайдан қаралды',
      clock: 'Машинаның сағаты',
      manifest: 'Мұрағат (WACZ) тізімдемесі, SHA-256',
      key: 'Тізімдемеге қол қойған кілт, SHA-256 ізі',
      stamps: 'Уақыт белгілері (RFC 3161)',
      ledger: 'Журнал жолы',
    },
    fileNames: {
      warc: 'Сайтпен алмасу жазбасы (WARC)',
      body: 'Сервердің жауабы, кодтаудан шығарылған',
      screenshot: 'Терезенің суреті (PNG)',
      fullScreenshot: 'Бүкіл парақтың суреті (PNG)',
      dom: 'Бағдарламалары жұмыс істегеннен кейінгі парақ (HTML)',
      facts: 'Торап туралы мәліметтер (JSON)',
    },
    columns: {
      file: 'Файл',
      bytes: 'Байт',
      step: '№',
      address: 'Мекенжай',
      status: 'Код',
      when: 'Уақыты (UTC)',
      what: 'Не',
      row: 'Жол',
    },
    kinds: {
      capture: 'қарау жазылды',
      act: 'іс бойынша әрекет',
      custody: 'қарау немесе беру',
      batch: 'топтамаға кірді',
      erasure: 'жою туралы шешім',
      hold: 'жоюға тыйым салу немесе рұқсат',
      look: 'қайта қарау',
    },
    none: 'жоқ',
    notRendered: 'браузерде ашылған жоқ',
    notStamped: 'жоқ: уақыт қызметтері көрсетілмеген немесе әлі жауап бермеген',
    notTold: 'көрсетілмеген',
    viewport: 'Браузер терезесі',
    fullPage: (at, of) => `Бүкіл парақ, ${of} беттің ${at}-беті`,
    cutPage: 'Қалғаны бүкіл парақтың сурет файлында.',
    text: 'Көрінетін мәтін',
    textCut: '… (жалғасы сақталған парақта)',
    almaty: 'Алматы, UTC+5',
    stamped: (of, by) => `${of}, ${by}`,
    ofStamp: { wacz: 'мұрағат тізімдемесі', warc: 'алмасу жазбасы' },
    steps: [
      ({ capture }) => `Мұрағатты алу: kuzet evidence wacz ${capture} --out ${capture}.wacz`,
      ({ capture, key }) =>
        `Оны кез келген машинада желісіз тексеру: kuzet verify ${capture}.wacz --key ${key}`,
      ({ warc }) =>
        `Немесе біздің бағдарламасыз: мұрағатты ашып, sha256sum archive/0001.warc.gz орындап, мынамен салыстыру: ${warc}`,
      () => 'Парақты көру үшін мұрағатты ашу: кез келген WACZ көрсеткіш, мысалы ReplayWeb.page',
      () => 'Журналды тексеру: kuzet ledger verify',
    ],
    madeBy: 'Актіні алған',
    signature: 'Қолы',
  },
  en: {
    title: 'Act of inspection of a web page',
    intro: (capture) =>
      `Made by a program from the record of inspection ${capture}. The page was only read: nothing was typed, sent or paid, and nobody logged in.`,
    seen: '1. What was inspected, and when',
    means: '2. By which means',
    files: '3. What is kept',
    proof: '4. What shows that it did not change',
    custody: '5. Who turned to the record',
    pictures: '6. What the page looked like',
    verify: '7. How to verify',
    limits: [
      'The act shows what this machine got from that address at that time. It does not show that the site answered so to anybody else, and does not judge what the page says: two officers do.',
      "Times are by this machine's clock; what keeps it right is said in section 2. Only time stamps vouch for them independently.",
    ],
    rows: {
      case: 'Case',
      capture: 'Record of inspection',
      asked: 'Address asked for',
      answered: 'Address that answered',
      at: 'Time of the answer',
      status: 'HTTP status',
      mediaType: 'Kind of content',
      title: 'Title of the page',
      peer: "Server's network address",
      network: 'Network',
      tls: 'Certificate of the site',
      dns: 'Answers of DNS',
      domain: 'Registration of the domain',
      software: 'Program',
      browser: 'Browser',
      visitor: 'How it named itself to the site',
      egress: 'Address it was seen from',
      clock: "Machine's clock",
      manifest: 'Manifest of the archive (WACZ), SHA-256',
      key: 'Key that signed the manifest, SHA-256 fingerprint',
      stamps: 'Time stamps (RFC 3161)',
      ledger: 'Row of the ledger',
    },
    fileNames: {
      warc: 'Record of the traffic (WARC)',
      body: "Server's answer, decoded",
      screenshot: 'Picture of the window (PNG)',
      fullScreenshot: 'Picture of the whole page (PNG)',
      dom: 'The page after its scripts ran (HTML)',
      facts: 'What was learned of the host (JSON)',
    },
    columns: {
      file: 'File',
      bytes: 'Bytes',
      step: 'No.',
      address: 'Address',
      status: 'Status',
      when: 'Time (UTC)',
      what: 'What',
      row: 'Row',
    },
    kinds: {
      capture: 'inspection recorded',
      act: 'act on a case',
      custody: 'viewed or taken along',
      batch: 'taken into a batch',
      erasure: 'decision about deletion',
      hold: 'hold or release',
      look: 'looked at again',
    },
    none: 'none',
    notRendered: 'not opened in a browser',
    notStamped: 'none: no time authority is configured, or none answered yet',
    notTold: 'not told',
    viewport: 'Window of the browser',
    fullPage: (at, of) => `Whole page, sheet ${at} of ${of}`,
    cutPage: 'The rest is in the file of the whole page.',
    text: 'Visible text',
    textCut: '… (goes on in the page that is kept)',
    almaty: 'Almaty, UTC+5',
    stamped: (of, by) => `over the ${of}, by ${by}`,
    ofStamp: { wacz: 'manifest of the archive', warc: 'record of the traffic' },
    steps: [
      ({ capture }) => `Take the archive: kuzet evidence wacz ${capture} --out ${capture}.wacz`,
      ({ capture, key }) => `Verify it offline on any machine: kuzet verify ${capture}.wacz --key ${key}`,
      ({ warc }) =>
        `Or without our program: unpack the archive, run sha256sum archive/0001.warc.gz and compare with ${warc}`,
      () => 'Open the archive to see the page: any WACZ viewer, such as ReplayWeb.page',
      () => 'Verify the ledger: kuzet ledger verify',
    ],
    madeBy: 'Taken by',
    signature: 'Signature',
  },
};
