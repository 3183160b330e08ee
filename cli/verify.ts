/**
 * `kuzet verify FILE`: checks a batch or a WARC by itself, offline, and says in words what holds and what not.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { verifyWarc } from '../evidence/warc-read.ts';
import type { Check } from '../exports/kibernadzor/verify.ts';
import { verifyBatch } from '../exports/kibernadzor/verify.ts';
import type { Io } from './io.ts';

type Lang = 'ru' | 'kk' | 'en';

interface Words {
  readonly checks: Readonly<Record<Check['name'], string>>;
  readonly records: (count: number) => string;
  readonly record: string;
  readonly sound: string;
  readonly unsound: string;
  readonly proves: string;
}

const WORDS: Readonly<Record<Lang, Words>> = {
  ru: {
    checks: {
      zip: 'архив читается, имена файлов безопасны',
      manifest: 'опись пакета на месте',
      files: 'каждый файл тот, что в описи, лишних и недостающих нет',
      sums: 'суммы SHA-256 сходятся',
      records: 'записи полны',
      form: 'строки формы соответствуют записям',
      screens: 'у каждой строки свой снимок',
      evidence: 'доказательства на месте и не менялись',
      warcs: 'записи обмена с сайтом целы',
      officers: 'по каждой строке решили два разных сотрудника, и её можно направлять',
    },
    records: (count) => `записей: ${count}`,
    record: 'запись',
    sound: 'ПРОВЕРЕНО',
    unsound: 'НЕ ПРОШЛО ПРОВЕРКУ',
    proves: 'Показано, что файлы не менялись после сборки. Кто собрал пакет, без подписи не видно.',
  },
  kk: {
    checks: {
      zip: 'мұрағат оқылады, файл атаулары қауіпсіз',
      manifest: 'топтаманың тізімдемесі орнында',
      files: 'әр файл тізімдемедегідей, артығы да кемі де жоқ',
      sums: 'SHA-256 мәндері сәйкес',
      records: 'жазбалар толық',
      form: 'нысан жолдары жазбаларға сәйкес',
      screens: 'әр жолдың өз суреті бар',
      evidence: 'дәлелдемелер орнында, өзгермеген',
      warcs: 'сайтпен алмасу жазбалары бүтін',
      officers: 'әр жол бойынша екі түрлі қызметкер шешкен, оны жіберуге болады',
    },
    records: (count) => `жазбалар: ${count}`,
    record: 'жазба',
    sound: 'ТЕКСЕРІЛДІ',
    unsound: 'ТЕКСЕРУДЕН ӨТПЕДІ',
    proves: 'Файлдардың жинақталғаннан кейін өзгермегені көрсетілді. Кім жинағаны қолтаңбасыз көрінбейді.',
  },
  en: {
    checks: {
      zip: 'the archive reads and its file names are safe',
      manifest: 'the manifest is there',
      files: 'every file is the one the manifest names, none extra, none missing',
      sums: 'the SHA-256 sums agree',
      records: 'the records are complete',
      form: 'the rows of the form are those of the records',
      screens: 'every row has its own picture',
      evidence: 'the evidence is there and unaltered',
      warcs: 'the records of the traffic are intact',
      officers: 'two different officers decided each row, and it may be referred',
    },
    records: (count) => `${count} records`,
    record: 'record',
    sound: 'VERIFIED',
    unsound: 'DID NOT VERIFY',
    proves:
      'This shows that no file changed since the build. Who built it cannot be seen without a signature.',
  },
};

const USAGE =
  'Usage: kuzet verify FILE [--lang ru|kk|en]   FILE is a batch (.zip) or a capture (.warc, .warc.gz).';

/** Exit code: 0 all holds, 1 something does not or cannot be read, 2 wrongly asked. */
export async function verifyCommand(
  args: readonly string[],
  io: Pick<Io, 'out' | 'err' | 'json'>,
): Promise<number> {
  const asked = readArgs(args);
  if (asked === null) {
    io.err(USAGE);
    return 2;
  }
  const { file, lang } = asked;
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    io.err(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  const isWarc = (bytes[0] === 0x1f && bytes[1] === 0x8b) || bytes.toString('latin1', 0, 5) === 'WARC/';
  const ok = isWarc ? tellWarc(file, bytes, WORDS[lang], io) : await tellBatch(file, bytes, WORDS[lang], io);
  return ok ? 0 : 1;
}

function readArgs(args: readonly string[]): { file: string; lang: Lang } | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { lang: { type: 'string', default: 'ru' }, json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [file] = positionals;
    const { lang } = values;
    if (file === undefined || positionals.length > 1 || !(lang === 'ru' || lang === 'kk' || lang === 'en'))
      return null;
    return { file, lang };
  } catch {
    // An option it does not know: the usage line says which there are.
    return null;
  }
}

async function tellBatch(
  file: string,
  bytes: Buffer,
  words: Words,
  io: Pick<Io, 'out' | 'json'>,
): Promise<boolean> {
  const { ok, batchId, checks } = await verifyBatch(bytes, verifyWarc);
  const isRenamed = batchId !== null && !basename(file).startsWith(batchId);
  if (io.json) {
    for (const check of checks) io.out(JSON.stringify({ event: 'check', ...check }));
    io.out(JSON.stringify({ event: 'done', file, kind: 'batch', batch: batchId, ok }));
    return ok;
  }
  for (const { name, ok: holds, detail } of checks) tell(holds, words.checks[name], detail, io);
  io.out(`${ok ? words.sound : words.unsound}  ${isRenamed ? `${file} (${batchId})` : file}`);
  if (ok) io.out(words.proves);
  return ok;
}

function tellWarc(file: string, bytes: Buffer, words: Words, io: Pick<Io, 'out' | 'json'>): boolean {
  const { ok, records, findings } = verifyWarc(bytes);
  if (io.json) {
    for (const finding of findings) io.out(JSON.stringify({ event: 'finding', ...finding }));
    io.out(JSON.stringify({ event: 'done', file, kind: 'warc', records, ok }));
    return ok;
  }
  tell(ok, words.checks.warcs, words.records(records), io);
  for (const { record, target, detail } of findings)
    io.out(`    ${words.record} ${record} ${target}: ${detail}`);
  io.out(`${ok ? words.sound : words.unsound}  ${file}`);
  return ok;
}

function tell(holds: boolean, words: string, detail: string, io: Pick<Io, 'out'>): void {
  io.out(`${holds ? '✓' : '✗'} ${words} (${detail})`);
}
