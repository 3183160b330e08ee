/** What `kuzet refer build` says, in the officers' languages. Findings themselves are in `exports/overblock/words.ts`. */
import { keptInWords, type Lang } from '../exports/overblock/words.ts';
import type { BatchEvent } from './asks/referrals.ts';
import { safe } from './words.ts';

interface ReferWords {
  readonly refused: (caseId: string, rule: string, why: string) => string;
  readonly soft: string;
  readonly unfinished: (batch: string, why: string) => string;
  readonly built: (batch: string, cases: number) => string;
  readonly again: string;
  readonly unprinted: (why: string) => string;
}

const WORDS: Readonly<Record<Lang, ReferWords>> = {
  ru: {
    refused: (caseId, rule, why) => `нельзя направить: ${caseId}  ${rule}: ${why}`,
    soft: 'Отпустить могут два сотрудника («kuzet override»).',
    unfinished: (batch, why) => `${batch} не закончить: ${why}`,
    built: (batch, cases) => `${batch}: дел ${cases}`,
    again: ', закончен после перерыва',
    unprinted: (why) => `Письма только в HTML, без PDF: ${why}`,
  },
  kk: {
    refused: (caseId, rule, why) => `жіберуге болмайды: ${caseId}  ${rule}: ${why}`,
    soft: 'Екі қызметкер жібере алады («kuzet override»).',
    unfinished: (batch, why) => `${batch} аяқталмайды: ${why}`,
    built: (batch, cases) => `${batch}: іс саны ${cases}`,
    again: ', үзілістен кейін аяқталды',
    unprinted: (why) => `Хаттар тек HTML түрінде, PDF жоқ: ${why}`,
  },
  en: {
    refused: (caseId, rule, why) => `may not leave: ${caseId}  ${rule}: ${why}`,
    soft: 'Two officers may let it go ("kuzet override").',
    unfinished: (batch, why) => `${batch} cannot be finished: ${why}`,
    built: (batch, cases) => `${batch}: ${cases} cases`,
    again: ', finished after a break',
    unprinted: (why) => `Its letters are HTML alone, not PDF: ${why}`,
  },
};

export function batchText(event: BatchEvent, lang: Lang): string {
  const words = WORDS[lang];
  switch (event.event) {
    case 'refused': {
      const why = safe(keptInWords(event.about, lang, event.why));
      const line = words.refused(event.caseId, event.rule, why);
      return event.isSoft ? `${line}. ${words.soft}` : line;
    }
    case 'unfinished':
      return words.unfinished(event.batch, safe(event.why));
    case 'nothing':
      return keptInWords(event.about, lang, event.why);
    case 'built':
      return [
        `${words.built(event.batch, event.cases)}${event.again ? words.again : ''}`,
        `  ${event.file}`,
        `  SHA-256 ${event.sha256}`,
        ...(event.unprinted === null ? [] : [`  ${words.unprinted(event.unprinted)}`]),
      ].join('\n');
  }
}
