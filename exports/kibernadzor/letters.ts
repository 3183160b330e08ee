/**
 * The covering letter of a batch, one a channel and language, as a page that prints on paper: whom it goes to,
 * what is asked and why, and a table of all rows. It carries nothing from outside and runs nothing.
 */
import type { ReferralRecord } from '../../domain/record.ts';
import type { Channel } from '../../domain/referral.ts';
import { escaped } from './xml.ts';

type Lang = 'ru' | 'kk';

/** Names below `letters/` -> PDF, or no paper because no browser was there. */
export type LettersOnPaper =
  | { readonly is: 'printed'; readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly is: 'unprinted' };

/** What is printed, by the names that the PDFs have below `letters/`. */
export function lettersToPrint(
  ...[records, channel, batch]: Parameters<typeof letterFiles>
): { readonly name: string; readonly html: string }[] {
  return letterFiles(records, channel, batch).map(({ name, bytes }) => ({
    name: name.replace(/\.html$/, '.pdf'),
    // Paper has margins of its own.
    html: bytes.toString('utf8').replace('</style>', 'body{margin:0}</style>'),
  }));
}

/** Names that the PDFs have below `letters/`. */
export function paperNames(channel: Channel): string[] {
  return [`${channel}.ru.pdf`, `${channel}.kk.pdf`];
}

const TO: Readonly<Record<Channel, Readonly<Record<Lang, string>>>> = {
  operator_block: { ru: 'В уполномоченный орган', kk: 'Уәкілетті органға' },
  platform_notice: { ru: 'Владельцу платформы', kk: 'Платформа иесіне' },
  hosting_notice: { ru: 'Владельцу хостинга', kk: 'Хостинг иесіне' },
  registrar_notice: { ru: 'Владельцу и регистратору домена', kk: 'Домен иесі мен тіркеушісіне' },
  court_route: { ru: 'Для обращения в суд', kk: 'Сотқа жүгіну үшін' },
};

const WORDS = {
  ru: {
    title: 'Сопроводительное письмо',
    asks: 'Просим рассмотреть обращения, перечисленные в приложении. По каждому решили два разных сотрудника; снимки и записи обмена с сайтом приложены.',
    columns: ['№', 'Дело', 'Ссылка', 'Нарушение', 'Что закроется на деле', 'SHA-256 снимка'],
    checks: 'Состав пакета и суммы SHA-256 — в manifest.json и SHA256SUMS.',
    appeal: 'Возражения',
  },
  kk: {
    title: 'Ілеспе хат',
    asks: 'Қосымшадағы өтініштерді қарауды сұраймыз. Әрқайсысы бойынша екі түрлі қызметкер шешкен; суреттер мен сайтпен алмасу жазбалары қоса берілген.',
    columns: ['№', 'Іс', 'Сілтеме', 'Бұзушылық', 'Іс жүзінде не жабылады', 'Суреттің SHA-256 мәні'],
    checks: 'Топтаманың құрамы мен SHA-256 мәндері — manifest.json және SHA256SUMS файлдарында.',
    appeal: 'Қарсылықтар',
  },
} as const;

export function letterFiles(
  records: readonly ReferralRecord[],
  channel: Channel,
  batch: { readonly batchId: string; readonly org: string; readonly builtAt: Date },
): { readonly name: string; readonly bytes: Buffer }[] {
  return (['ru', 'kk'] as const).map((lang) => ({
    name: `${channel}.${lang}.html`,
    bytes: Buffer.from(letter(records, channel, batch, lang), 'utf8'),
  }));
}

function letter(
  records: readonly ReferralRecord[],
  channel: Channel,
  { batchId, org, builtAt }: { readonly batchId: string; readonly org: string; readonly builtAt: Date },
  lang: Lang,
): string {
  const words = WORDS[lang];
  const rows = records.map((record, at) => {
    const main = record.evidence.find(({ id }) => id === record.screenshotMain);
    const cells = [
      String(at + 1),
      record.caseId,
      record.url,
      record.offense,
      record.effectiveBlockScope.value,
      main?.sha256.slice(0, 16) ?? '',
    ];
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
  });
  const appeal = records[0]?.appeal;
  const contact = (lang === 'ru' ? appeal?.contactRu : appeal?.contactKk) ?? '';
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${words.title} ${batchId}`)}</title>
<style>body{font:12pt/1.4 serif;margin:2cm;color:#000}table{border-collapse:collapse;width:100%;font-size:9pt}td,th{border:1px solid #000;padding:3px 5px;text-align:left;vertical-align:top;overflow-wrap:anywhere}</style></head>
<body><p>${escaped(TO[channel][lang])}</p><h1>${words.title}</h1><p>${escaped(batchId)} · ${escaped(org)} · ${builtAt.toISOString().slice(0, 10)}</p>
<p>${words.asks}</p>
<table><thead><tr>${words.columns.map((column) => `<th>${column}</th>`).join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
<p>${words.checks}</p><p>${words.appeal}: ${escaped(contact)}${appeal?.url == null ? '' : ` ${escaped(appeal.url)}`}</p></body></html>
`;
}
