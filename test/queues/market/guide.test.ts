/** What the guide shows marketplaces to check a signature with: each example is cut out of it and run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { signWebhook, writtenSecret } from '../../../domain/webhook.ts';

const guide = readFileSync(new URL('../../../docs/guides/marketplace.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'kuzet-guide-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OURS = writtenSecret(Buffer.alloc(32, 7));
const OLD = writtenSecret(Buffer.alloc(32, 8));
const BODY = '{"type":"kuzet.ring.opened","data":{"city":"Қарағанды"}}';
const signed = (secondsAgo: number, secrets: readonly string[]) =>
  signWebhook('msg_1', new Date(Date.now() - 1000 * secondsAgo), BODY, secrets);

/** What arrives, and whether it is genuine. */
const arrivals: readonly { readonly is: boolean; readonly headers: object; readonly body: string }[] = [
  { is: true, headers: signed(0, [OURS]), body: BODY },
  { is: true, headers: signed(0, [OLD, OURS]), body: BODY },
  { is: true, headers: signed(240, [OURS]), body: BODY },
  { is: false, headers: signed(0, [OLD]), body: BODY },
  { is: false, headers: signed(0, [OURS]), body: BODY.replace('opened', 'merged') },
  { is: false, headers: signed(400, [OURS]), body: BODY },
  { is: false, headers: { ...signed(0, [OURS]), 'webhook-id': 'msg_2' }, body: BODY },
  { is: false, headers: { ...signed(0, [OURS]), 'webhook-signature': 'v1,short' }, body: BODY },
];
const EXPECTED = arrivals.map(({ is }) => (is ? '1' : '0')).join('');
const cases = join(folder, 'cases.json');
writeFileSync(cases, JSON.stringify(arrivals.map(({ headers, body }) => ({ headers, body, secret: OURS }))));

function example(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n(function|func|export|import)[^]*?\\n\`\`\``, 'm').exec(
    guide,
  );
  if (found === null) throw new Error(`The guide has no example in ${language}.`);
  return found[0].slice(language.length + 4, -4);
}

function written(name: string, program: string): string {
  const path = join(folder, name);
  writeFileSync(path, program);
  return path;
}

function hasCommand(name: string, ask: string): boolean {
  return spawnSync(name, [ask]).status === 0;
}

const languages: readonly {
  readonly language: string;
  readonly isHere: boolean;
  readonly run: () => string;
}[] = [
  {
    language: 'js',
    isHere: true,
    run: () =>
      execFileSync('node', [
        written(
          'check.mjs',
          `import { readFileSync } from 'node:fs';
${example('js')}
const cases = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(cases.map(({ headers, body, secret }) => (isGenuine(headers, body, secret) ? 1 : 0)).join(''));`,
        ),
        cases,
      ]).toString(),
  },
  {
    language: 'python',
    isHere: hasCommand('python3', '--version'),
    run: () =>
      execFileSync('python3', [
        written(
          'check.py',
          `import json, sys
${example('python')}
cases = json.load(open(sys.argv[1], encoding='utf-8'))
print(''.join('1' if is_genuine(it['headers'], it['body'].encode(), it['secret']) else '0' for it in cases))`,
        ),
        cases,
      ]).toString(),
  },
  {
    language: 'php',
    isHere: hasCommand('php', '--version'),
    run: () =>
      execFileSync('php', [
        written(
          'check.php',
          `<?php
${example('php')}
foreach (json_decode(file_get_contents($argv[1]), true) as $it) {
    echo isGenuine($it['headers'], $it['body'], $it['secret']) ? '1' : '0';
}`,
        ),
        cases,
      ]).toString(),
  },
  {
    language: 'go',
    isHere: hasCommand('go', 'version'),
    run: () =>
      execFileSync(
        'go',
        [
          'run',
          written(
            'check.go',
            `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

${example('go')}

func main() {
	var cases []struct {
		Headers map[string]string
		Body    string
		Secret  string
	}
	text, _ := os.ReadFile(os.Args[1])
	if err := json.Unmarshal(text, &cases); err != nil {
		panic(err)
	}
	for _, it := range cases {
		header := http.Header{}
		for name, value := range it.Headers {
			header.Set(name, value)
		}
		if isGenuine(header, []byte(it.Body), it.Secret) {
			fmt.Print("1")
		} else {
			fmt.Print("0")
		}
	}
}
`,
          ),
          cases,
        ],
        {
          // Nothing is fetched, and nothing of it stays behind.
          env: { ...process.env, GO111MODULE: 'off', GOPROXY: 'off', GOCACHE: join(folder, 'go-build') },
        },
      ).toString(),
  },
];

describe('the guide checks signatures rightly', () => {
  for (const { language, isHere, run } of languages) {
    const name = `in ${language}${isHere ? '' : ' (skipped: it is not installed)'}`;
    test.skipIf(!isHere)(name, () => expect(run().trim()).toBe(EXPECTED), 600_000);
  }
});
