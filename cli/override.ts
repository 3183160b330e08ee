/** `kuzet override list|ask|confirm|refuse`: two officers let a referral go though a soft rule asks for care. */
import type { OverrideVerdict } from '../domain/override.ts';
import { keptInWords, type Lang } from '../exports/overblock/words.ts';
import { withHouse } from './around.ts';
import type { OverrideLine, WeighedLine } from './asks/cases.ts';
import { needed } from './cases.ts';
import { type Around, type Command, UsageError, type Words } from './command.ts';
import { safe } from './words.ts';

export const overrideCommand: Command = {
  name: 'override',
  usage: 'list [CASE] | ask CASE RULE --by O --reason T | confirm|refuse CASE RULE --by OTHER',
  summary: 'Let go what a soft rule finds; two officers.',
  about: [
    'Rules of over-blocking keep a case from its batch. "list CASE" shows what they find of one; without a case, what waits for a second officer.',
    'A soft rule (a site on a builder, no tie to Kazakhstan seen, words of a warning …) is let go when one officer asks with a reason and another one confirms. That holds for this finding of this decision alone, stands in the record that leaves and in the ledger. A hard rule cannot be overridden.',
  ],
  options: [
    { name: 'by', value: 'OFFICER', about: 'Who asks, or answers: never the same.' },
    { name: 'reason', value: 'TEXT', about: 'Why it may go, or why not; "confirm" needs none.' },
  ],
  examples: [
    ['kuzet override list K-000001', 'what the rules find'],
    [
      'kuzet override ask K-000001 OB11 --by aigerim --reason "Реклама шла в казахстанских группах"',
      'the first officer asks',
    ],
    ['kuzet override confirm K-000001 OB11 --by daniyar', 'the second one lets it go'],
  ],
  async run(words, around) {
    const [verb, id, rule, ...more] = words.positionals;
    if (verb === 'list' && rule === undefined) return list(id, around);
    if (id !== undefined && rule !== undefined && more.length === 0) {
      if (verb === 'ask') return ask(id, rule, words, around);
      if (verb === 'confirm') return answer(id, rule, 'confirmed', words, around);
      if (verb === 'refuse') return answer(id, rule, 'refused', words, around);
    }
    throw new UsageError(
      'override',
      'Say what to do: "kuzet override list [CASE]", "ask CASE RULE", "confirm CASE RULE" or "refuse CASE RULE".',
    );
  },
};

function list(id: string | undefined, around: Around): Promise<number> {
  const { io } = around;
  return withHouse(around, async (house) => {
    let count = 0;
    if (id === undefined) {
      for await (const it of house.ask('overridesWaiting', { limit: 1000 })) {
        count += 1;
        io.out(io.json ? JSON.stringify(it) : overrideText(it, around.config.lang));
      }
      if (count === 0 && !io.json) io.out('Nothing waits for a second officer.');
      return 0;
    }
    for await (const it of house.ask('findings', { id })) {
      count += 1;
      io.out(io.json ? JSON.stringify(it) : findingText(it, around.config.lang));
    }
    if (count === 0 && !io.json) io.out('The rules find nothing.');
    return 0;
  });
}

function ask(id: string, rule: string, words: Words, around: Around): Promise<number> {
  const by = needed(words, 'override', 'by');
  const why = needed(words, 'override', 'reason');
  return withHouse(around, async (house) => {
    for await (const it of house.ask('overrideAsk', { id, rule, by, why })) {
      around.io.out(around.io.json ? JSON.stringify(it) : overrideText(it, around.config.lang));
    }
    return 0;
  });
}

function answer(
  id: string,
  rule: string,
  is: OverrideVerdict,
  words: Words,
  around: Around,
): Promise<number> {
  const by = needed(words, 'override', 'by');
  const said = is === 'refused' ? needed(words, 'override', 'reason') : (words.text('reason') ?? '');
  return withHouse(around, async (house) => {
    for await (const it of house.ask('overrideAnswer', { id, rule, is, by, words: said })) {
      around.io.out(around.io.json ? JSON.stringify(it) : overrideText(it, around.config.lang));
    }
    return 0;
  });
}

function overrideText(it: OverrideLine, lang: Lang): string {
  const { answer: said } = it;
  const state = said === null ? 'waits for another officer' : `${said.is} by ${said.by}`;
  return `${it.caseId}  ${it.rule}  ${state}\n    ${it.by}: ${safe(it.why)}\n    finding: ${safe(keptInWords(it.about, lang, it.finding))}`;
}

/** What the rule found in the officers' language, KUZET_LANG. */
function findingText({ rule, kind, why, about, override, isLetGo }: WeighedLine, lang: Lang): string {
  const state = isLetGo ? 'let go' : kind === 'hard' ? 'HARD' : override === null ? 'soft' : 'asked for';
  const told = override === null ? '' : `\n    ${override.by}: ${safe(override.why)}`;
  return `${rule.padEnd(5)} ${state.padEnd(9)} ${safe(keptInWords(about, lang, why))}${told}`;
}
