/** The two notes inside a batch that tell whoever receives it how to check it. CRLF, for Windows' own editor. */
export function readmeFiles(
  fileName: string,
  lettersAsPdf: boolean | undefined,
): { readonly name: string; readonly bytes: Buffer }[] {
  return [
    { name: 'README.ru.txt', bytes: note(russian(fileName, LETTERS.ru(lettersAsPdf))) },
    { name: 'README.kk.txt', bytes: note(kazakh(fileName, LETTERS.kk(lettersAsPdf))) },
  ];
}

/** What is in `letters/`. */
const LETTERS = {
  ru: (asPdf: boolean | undefined) =>
    asPdf === undefined
      ? ['letters/             сопроводительное письмо']
      : asPdf
        ? ['letters/             сопроводительное письмо: HTML и то же на бумаге, PDF']
        : [
            'letters/             сопроводительное письмо, только HTML: там, где собирали пакет, не было',
            '                     браузера, чтобы сделать PDF; откройте HTML и напечатайте',
          ],
  kk: (asPdf: boolean | undefined) =>
    asPdf === undefined
      ? ['letters/             ілеспе хат']
      : asPdf
        ? ['letters/             ілеспе хат: HTML және сол хаттың қағаз түрі, PDF']
        : [
            'letters/             ілеспе хат, тек HTML: топтама жиналған жерде PDF жасайтын браузер болмады;',
            '                     HTML файлын ашып, басып шығарыңыз',
          ],
};

function note(lines: readonly string[]): Buffer {
  return Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`, 'utf8');
}

function russian(fileName: string, letters: readonly string[]): string[] {
  return [
    `Пакет обращений ${fileName}`,
    '',
    'form/links.csv       строки для формы: UTF-8, разделитель «;», 13 столбцов; links.xlsx — они же',
    'form/screens/N.png   снимок для строки «Site N»',
    'referrals.json       полные записи: кто решил, кто утвердил, основание, цитаты (referrals.xml — они же)',
    ...letters,
    'evidence/            снимки, записи обмена с сайтом (WARC) и страница для просмотра (WACZ) по каждому делу',
    'manifest.json        состав пакета и SHA-256 каждого файла; .p7s — подпись, .N.tsr — метки времени',
    '',
    'Как проверить без сети:',
    '1. Распаковать и выполнить: sha256sum -c SHA256SUMS',
    `2. Или одной командой: kuzet verify ${fileName}`,
    '3. Подпись: openssl cms -verify -binary -inform DER -in manifest.json.p7s -content manifest.json',
    '   -CAfile КОРНИ.pem -purpose any -out /dev/null',
    '4. Метка времени: openssl ts -verify -data manifest.json -in manifest.json.1.tsr -token_in -CAfile КОРНИ.pem',
    '',
    'Проверка показывает, что файлы не менялись после сборки и что по каждой строке решали два разных',
    'сотрудника. Кто собрал пакет, показывает только подпись, если она есть.',
  ];
}

function kazakh(fileName: string, letters: readonly string[]): string[] {
  return [
    `Өтініштер топтамасы ${fileName}`,
    '',
    'form/links.csv       нысанға арналған жолдар: UTF-8, бөлгіш «;», 13 баған; links.xlsx те солар',
    'form/screens/N.png   «Site N» жолының суреті',
    'referrals.json       толық жазбалар: кім шешті, кім бекітті, негізі, дәйексөздер (referrals.xml де солар)',
    ...letters,
    'evidence/            әр іс бойынша суреттер, сайтпен алмасу жазбалары (WARC), көруге арналған парақ (WACZ)',
    'manifest.json        топтаманың құрамы, әр файлдың SHA-256 мәні; .p7s — қолтаңба, .N.tsr — уақыт белгілері',
    '',
    'Желісіз тексеру:',
    '1. Ашып, орындаңыз: sha256sum -c SHA256SUMS',
    `2. Немесе бір пәрменмен: kuzet verify ${fileName}`,
    '3. Қолтаңба: openssl cms -verify -binary -inform DER -in manifest.json.p7s -content manifest.json',
    '   -CAfile ТҮБІРЛЕР.pem -purpose any -out /dev/null',
    '4. Уақыт белгісі: openssl ts -verify -data manifest.json -in manifest.json.1.tsr -token_in -CAfile ТҮБІРЛЕР.pem',
    '',
    'Тексеру файлдардың жинақталғаннан кейін өзгермегенін және әр жол бойынша екі түрлі қызметкер',
    'шешкенін көрсетеді. Топтаманы кім жинағанын тек қолтаңба көрсетеді, егер ол болса.',
  ];
}
