/** Commands that need no store: `kuzet classify`, `langid`, `train` and `verify`. Their rooms read their own words. */
import type { Command } from './command.ts';

export const classify: Command = {
  name: 'classify',
  usage: '[--in FILE|-] [--out FILE|-] [--sites FILE] [--prior P] [--threads N]',
  summary: 'Assess pages and posts given as NDJSON.',
  about: [
    'Each line is {"id","kind":"page"|"post","url"?,"site"?,"html"?,"text"?}; any one of url, html, text is enough. Each answer is {"id","lang","label","score","verdict","scores","signals","model"}, in the same order. A bad line answers {"id"?,"line","error"}, the rest is done, and the exit code is 1.',
  ],
  options: [
    { name: 'in', value: 'FILE', about: 'Where to read (default -, standard input).' },
    { name: 'out', value: 'FILE', about: 'Where to write (default -, standard output).' },
    { name: 'sites', value: 'FILE', about: 'Join rows that have "site" and write one line a site to FILE.' },
    { name: 'prior', value: 'P', about: 'Expected share of anything but legit, above 0 and below 1.' },
    {
      name: 'threads',
      value: 'N',
      about: 'Threads that judge a large input at once (default: one a core); the answers are the same.',
    },
  ],
  examples: [['kuzet classify --in pages.ndjson --out answers.ndjson', 'assess a file']],
  run: async (words, { io }) => (await import('./classify.ts')).classifyCommand([...words.raw], io),
};

export const langid: Command = {
  name: 'langid',
  usage: '[--in FILE|-] [--out FILE|-]',
  summary: 'Say which language texts given as NDJSON are in.',
  about: [
    'Each line is {"id","text"}. Each answer is {"id","lang","confidence"}, in the same order: lang is kk, kk-Latn, ru, ru-Latn, en, ky, tt, uz, uz-Latn, tr, az, uk, be, mn, or und where the text is in none of them or too short to tell; confidence is the chance, 0 to 1, that it is right. A bad line answers {"id"?,"line","error"}, the rest is done, and the exit code is 1.',
  ],
  options: [
    { name: 'in', value: 'FILE', about: 'Where to read (default -, standard input).' },
    { name: 'out', value: 'FILE', about: 'Where to write (default -, standard output).' },
  ],
  examples: [['kuzet langid --in texts.ndjson --out answers.ndjson', 'tell the languages of a file']],
  run: async (words, { io }) => (await import('./langid.ts')).langidCommand(words, io),
};

export const train: Command = {
  name: 'train',
  usage: '--pages F --posts F [--langid F] [--decisions F] [--out FOLDER] | --langid F [--posts F]',
  summary: 'Train all models and write them with their card.',
  about: [
    'Deterministic: the same data gives the same models. Folds are grouped by source.',
    'Without --pages the language model alone is trained, from --langid and, where it agrees, --posts.',
  ],
  options: [
    { name: 'pages', value: 'F', about: 'NDJSON of {"id","label","lang","source","text","html"}.' },
    { name: 'posts', value: 'F', about: 'NDJSON of {"id","text","label","lang","source"}.' },
    { name: 'langid', value: 'F', about: 'NDJSON of {"id","text","lang","source"}.' },
    { name: 'decisions', value: 'F', about: 'Rows of "kuzet decisions export".' },
    { name: 'out', value: 'FOLDER', about: 'Where to write (default models).' },
  ],
  examples: [
    ['kuzet train --pages pages.jsonl --posts posts.jsonl --langid langid.jsonl', 'train everything'],
  ],
  run: async (words, { io }) => (await import('./train.ts')).trainCommand([...words.raw], io),
};

export const verify: Command = {
  name: 'verify',
  usage: 'FILE [--lang ru|kk|en] [--roots FILE] [--key HEX]',
  summary: 'Check a batch, a WACZ, a capture or a ledger, offline.',
  about: [
    'Re-hashes everything in a batch zip, a WACZ, a WARC or an exported ledger, checks signatures and time stamps, and says check by check what holds, what is proven and what is not. Needs no store and no network.',
  ],
  options: [
    { name: 'lang', value: 'L', about: 'Language of the findings: ru, kk or en.' },
    {
      name: 'roots',
      value: 'FILE',
      about:
        'PEM file of certificates that signers and time authorities should lead to (default KUZET_TRUST).',
    },
    { name: 'key', value: 'HEX', about: 'Fingerprint of the key that should have signed a WACZ.' },
  ],
  examples: [
    ['kuzet verify KN_EXAMPLE_20260101_001_v1.zip', 'check a batch'],
    ['kuzet verify K-000001.wacz --roots tsa.pem', 'check a page and its stamps'],
  ],
  run: async (words, { io, config }) => {
    const roots = config.trust === null ? [] : ['--roots', config.trust];
    return (await import('./verify.ts')).verifyCommand(['--lang', config.lang, ...roots, ...words.raw], io);
  },
};
