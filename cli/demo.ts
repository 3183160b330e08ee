/**
 * `kuzet demo`: the whole job on a small made-up web on this machine: scan, cases with reasons, two officers,
 * a batch built and verified, and the first page of cases left open in the browser.
 */
import type { Command } from './command.ts';

export const demoCommand: Command = {
  name: 'demo',
  usage: '[--exit] [--port N]',
  summary: 'Do the whole job on a made-up web on this machine.',
  about: [
    'Everything it keeps is in .kuzet-demo beside KUZET_HOME (in its folder "demo" where nothing may be written beside it) and is made anew each time. Nothing leaves this machine.',
  ],
  options: [
    { name: 'exit', value: null, about: 'End by itself instead of leaving the desk open.' },
    { name: 'port', value: 'N', about: 'Port of the desk (default KUZET_PORT, 7070); 0 takes a free one.' },
  ],
  examples: [['kuzet demo', 'then open http://127.0.0.1:7070']],
  run: async (words, around) => (await import('./walk.ts')).runDemo(words, around),
};
