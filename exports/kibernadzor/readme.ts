/** The two notes inside a batch that tell whoever receives it how to check it. CRLF, for Windows' own editor. */
export function readmeFiles(fileName: string): { readonly name: string; readonly bytes: Buffer }[] {
  return [
    { name: 'README.ru.txt', bytes: note(russian(fileName)) },
    { name: 'README.kk.txt', bytes: note(kazakh(fileName)) },
  ];
}

function note(lines: readonly string[]): Buffer {
  return Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`, 'utf8');
}

function russian(fileName: string): string[] {
  return [
    `Пакет обращений ${fileName}`,
    '',
    'form/links.csv       строки для формы: UTF-8, разделитель «;», 13 столбцов',
    'form/screens/N.png   снимок для строки «Site N»',
    'referrals.json       полные записи: кто решил, кто утвердил, основание, цитаты',
    'evidence/            снимки и записи обмена с сайтом (WARC) по каждому делу',
    'manifest.json        состав пакета и SHA-256 каждого файла',
    '',
    'Как проверить без сети:',
    '1. Распаковать и выполнить: sha256sum -c SHA256SUMS',
    `2. Или одной командой: kuzet verify ${fileName}`,
    '',
    'Проверка показывает, что файлы не менялись после сборки и что по каждой строке решали два разных',
    'сотрудника. Она не показывает, кто собрал пакет: для этого нужна подпись.',
  ];
}

function kazakh(fileName: string): string[] {
  return [
    `Өтініштер топтамасы ${fileName}`,
    '',
    'form/links.csv       нысанға арналған жолдар: UTF-8, бөлгіш «;», 13 баған',
    'form/screens/N.png   «Site N» жолының суреті',
    'referrals.json       толық жазбалар: кім шешті, кім бекітті, негізі, дәйексөздер',
    'evidence/            әр іс бойынша суреттер мен сайтпен алмасу жазбалары (WARC)',
    'manifest.json        топтаманың құрамы және әр файлдың SHA-256 мәні',
    '',
    'Желісіз тексеру:',
    '1. Ашып, орындаңыз: sha256sum -c SHA256SUMS',
    `2. Немесе бір пәрменмен: kuzet verify ${fileName}`,
    '',
    'Тексеру файлдардың жинақталғаннан кейін өзгермегенін және әр жол бойынша екі түрлі қызметкер',
    'шешкенін көрсетеді. Топтаманы кім жинағанын көрсетпейді: ол үшін қолтаңба керек.',
  ];
}
