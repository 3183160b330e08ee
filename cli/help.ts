/** Pages of `kuzet --help` and `kuzet help NAME`, set like a manual page, at most 80 columns. */
import { COMMON, type Command, type Option } from './command.ts';

export function mainPage(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 3;
  return [
    'NAME',
    '    kuzet - find fraud and financial-pyramid sites, decide, refer',
    '',
    'SYNOPSIS',
    '    kuzet COMMAND [WORDS] [--json]',
    '    kuzet help COMMAND',
    '',
    'DESCRIPTION',
    ...folded(
      'Scans sites, keeps evidence, assesses pages in Russian, Kazakh and English, and opens cases with reasons. Two officers decide: one confirms, another approves. Approved cases leave as a referral batch that anyone can verify. The crawler only reads, politely.',
      4,
    ),
    '',
    'COMMANDS',
    ...commands.map(({ name, summary }) => `    ${name.padEnd(width)}${summary}`),
    '',
    'ENVIRONMENT',
    ...row('KUZET_HOME', 'Folder of all that is kept (default .kuzet).', 20),
    ...row('DATABASE_URL', 'PostgreSQL; without it, an embedded store in KUZET_HOME.', 20),
    ...row('REDIS_URL', 'Queue on Redis or Valkey; without it, in the store.', 20),
    ...row('CHROMIUM', 'Path of the browser; without it, one is looked for.', 20),
    ...row('(more)', 'The README lists all variables.', 20),
    '',
    'EXIT STATUS',
    ...row('0', 'done', 8),
    ...row('1', 'something failed; the rest was done', 8),
    ...row('2', 'the words were not understood', 8),
    ...row('130', 'stopped by Ctrl-C', 8),
    '',
    'EXAMPLES',
    '    kuzet scan https://example.com --pages 5',
    '    kuzet cases --state open',
    '    kuzet serve',
  ].join('\n');
}

export function commandPage(command: Command): string {
  const options: readonly Option[] = [...command.options, ...COMMON];
  return [
    'NAME',
    ...folded(`kuzet ${command.name} - ${command.summary}`, 4),
    '',
    'SYNOPSIS',
    ...folded(`kuzet ${command.name} ${command.usage}`.trimEnd(), 4),
    ...(command.about.length === 0 ? [] : ['', 'DESCRIPTION']),
    ...command.about.flatMap((paragraph, at) => [...(at === 0 ? [] : ['']), ...folded(paragraph, 4)]),
    '',
    'OPTIONS',
    ...options.flatMap((option) => [
      `    --${option.name}${option.value === null ? '' : ` ${option.value}`}`,
      ...folded(option.about, 8),
    ]),
    '',
    'EXAMPLES',
    ...command.examples.flatMap(([words, does]) => [`    ${words}`, ...folded(does, 8)]),
  ].join('\n');
}

function row(left: string, right: string, width: number): string[] {
  const [first = '', ...more] = folded(right, 0, 76 - width);
  return [`    ${left.padEnd(width)}${first}`, ...more.map((line) => ' '.repeat(width + 4) + line)];
}

function folded(text: string, indent: number, width = 80 - indent): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((each) => ' '.repeat(indent) + each);
}
