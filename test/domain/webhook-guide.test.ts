import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { signWebhook, writtenSecret } from '../../domain/webhook.ts';

const guide = readFileSync(new URL('../../docs/guides/marketplace.md', import.meta.url), 'utf8');
const example = (lang: string) => new RegExp(`\`\`\`${lang}\\n([^]*?)\`\`\``).exec(guide)![1]!;

const secret = writtenSecret(Buffer.alloc(32, 3));
const body = '{"текст":"хабар"}';
const headers = signWebhook('msg_1', new Date(), body, [writtenSecret(Buffer.alloc(32, 4)), secret]);

/** Runs the guide's own lines on the genuine message, one with another body, and one that is too old. */
function verdicts(command: string, args: readonly string[], program: string): string {
  const old = signWebhook('msg_1', new Date(Date.now() - 3_600_000), body, [secret]);
  const asked = JSON.stringify([
    [headers, body],
    [headers, `${body} `],
    [old, body],
  ]);
  const { stdout, stderr } = spawnSync(command, [...args, program, asked, secret], { encoding: 'utf8' });
  return stdout.trim() || stderr;
}

const missing = spawnSync('python3', ['--version']).status === 0 ? '' : ' (skipped: there is no python3)';

describe('the guide checks a signature', () => {
  test('in JavaScript', () => {
    const program = `${example('js')}
      const [asked, secret] = process.argv.slice(-2);
      console.log(JSON.parse(asked).map(([headers, body]) => isGenuine(headers, body, secret)).join(' '));`;
    expect(verdicts(process.execPath, ['--input-type=module', '-e'], program)).toBe('true false false');
  });

  test.skipIf(missing !== '')(`in Python${missing}`, () => {
    const program = `${example('python')}
import json, sys
print(*[is_genuine(headers, body.encode(), sys.argv[2]) for headers, body in json.loads(sys.argv[1])])`;
    expect(verdicts('python3', ['-c'], program)).toBe('True False False');
  });
});
