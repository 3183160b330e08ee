/**
 * Every command in a block of the documents: it is one that there is, with options that it has, and some test types it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readWords } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const under = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...under('docs')].filter((it) =>
  it.endsWith('.md'),
);
const tests = under('test')
  .filter((it) => it.endsWith('.ts') && it !== 'test/docs/commands.test.ts')
  .map((it) => readFileSync(join(root, it), 'utf8'))
  .join('\n');
const scripts = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
).scripts;

interface Line {
  readonly file: string;
  /** Words as a shell reads them, without variables before and comments behind. */
  readonly words: readonly string[];
  /** In a block that a test follows as it stands. */
  readonly isFollowed: boolean;
}

/** Lines of blocks that are in no language, or in a shell's, and that begin with a program's name. */
const lines: Line[] = documents.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)]
    .filter(([, lang = '']) => ['', 'sh', 'console', 'bash'].includes(lang))
    .flatMap(([, , text = '']) =>
      text
        .split('\n')
        .flatMap((line) => line.split(' && '))
        .map((line) => ({ file, words: wordsOf(line), isFollowed: text.startsWith('# tested ') })),
    )
    .filter(({ words: [program = ''] }) =>
      /^(kuzet|npm|node|pg_\w+|systemctl|install|useradd|curl)$/.test(program),
    ),
);

function wordsOf(line: string): string[] {
  const bare = line.replace(/(^|\s)#.*$/, '').trim();
  const words = [...bare.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain);
  while (/^[A-Z_]+=/.test(words[0] ?? '')) words.shift();
  return words[0] === 'npx' ? words.slice(1) : words;
}

const kuzet = lines.filter(({ words: [program, name = ''] }) => program === 'kuzet' && /^[a-z]/.test(name));

/** `tenant add`: the command and, where its usage begins with one, its verb. */
function deedOf({ words: [, name = '', verb = ''] }: Line): string {
  const usage = COMMANDS.find((it) => it.name === name)?.usage ?? '';
  return new RegExp(`(^|\\|\\s*)${verb}\\b`).test(usage) && /^[a-z]+$/.test(verb) ? `${name} ${verb}` : name;
}

/** What is no command of ours, and why it is not run here. */
const OTHERS: Readonly<Record<string, string>> = {
  systemctl:
    'changes the services of the machine; the units are read by systemd itself in operations.test.ts',
  useradd: 'changes the users of the machine',
  install: 'writes under /etc',
  curl: 'asks a desk on its usual port, which another may have; readyz is asked in server.test.ts',
};

describe('the commands in the documents', () => {
  test('are commands with options that there are', () => {
    const wrong = kuzet.flatMap(({ file, words: [, name = '', ...args] }) => {
      const command = COMMANDS.find((it) => it.name === name);
      if (command === undefined) return [`${file}: there is no "${name}"`];
      try {
        readWords(command, args);
        return [];
      } catch (error) {
        return [`${file}: ${name} ${args.join(' ')}: ${(error as Error).message}`];
      }
    });
    expect(wrong).toEqual([]);
    expect(kuzet.length).toBeGreaterThan(50);
  });

  test('of ours are run by a test', () => {
    const isRun = (deed: string) => {
      const [name, verb] = deed.split(' ');
      const spelt = verb === undefined ? `'${name}'` : `'${name}',\\s*'${verb}'`;
      return new RegExp(spelt).test(tests);
    };
    const unrun = new Set(
      kuzet.filter((line) => !line.isFollowed && !isRun(deedOf(line))).map((line) => deedOf(line)),
    );
    expect([...unrun]).toEqual([]);
  });

  test('of npm are scripts that there are, and of others are followed or given a reason', () => {
    const unknown = lines
      .filter(({ words: [program] }) => program === 'npm')
      .map(({ words: [, verb = '', script = ''] }) => (verb === 'run' ? script : verb))
      .filter((name) => !['ci', 'pack', 'test'].includes(name) && scripts[name] === undefined);
    expect(unknown).toEqual([]);
    const others = lines.filter(
      ({ words: [program = ''], isFollowed }) => !['kuzet', 'npm', 'node'].includes(program) && !isFollowed,
    );
    expect(others.map(({ words }) => words[0]!).filter((program) => OTHERS[program] === undefined)).toEqual(
      [],
    );
  });
});
