/**
 * Own sentences (`langid.jsonl`) in the languages that public data has little or nothing of: Kyrgyz, Tatar,
 * Uzbek in both alphabets, and Kazakh in Latin letters as people type it.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const sentence = z.strictObject({
  lang: z.enum(['kk-Latn', 'ky', 'tt', 'uz', 'uz-Latn']),
  text: z.string().min(1),
});

export function ownSentences(): z.infer<typeof sentence>[] {
  return readFileSync(new URL('./langid.jsonl', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => sentence.parse(JSON.parse(line)));
}
