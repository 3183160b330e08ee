/**
 * Phones that are hidden in words, on a labelled corpus: how many are found, and how many are found that are nobody's.
 *
 * The generator hides the phone of every twelfth listing behind " Тел: " at its end, in six ways. Copies of the kind
 * `hidden_contact` are passed over: digits of some were changed after the phone was put in, and nothing says of which.
 */
import type { Profile } from '../../classifiers/duplicates/profile.ts';
import type { Table } from './table.ts';

export function contacts(
  name: string,
  profiles: ReadonlyMap<string, Profile>,
  pairs: readonly { readonly b: string; readonly kind: string }[],
  { note }: Table,
): void {
  const passedOver = new Set(pairs.flatMap(({ b, kind }) => (kind === 'hidden_contact' ? [b] : [])));
  let [right, wrong, missed] = [0, 0, 0];
  for (const [id, { filed, phone, phonesInText }] of profiles) {
    if (passedOver.has(id) || phone === null) continue;
    if (/ Тел: .{7,}$/.test(filed.text)) {
      if (phonesInText.has(phone)) right += 1;
      else missed += 1;
    }
    // Who tells the own phone plainly tells nothing wrong.
    for (const each of phonesInText) if (each !== phone) wrong += 1;
  }
  note(`${name}: phones hidden in words`, right + missed, '');
  note(`${name}: contacts, recall`, right / (right + missed), '');
  note(`${name}: contacts, precision`, right / (right + wrong), '');
  note(`${name}: contacts, F1`, (2 * right) / (2 * right + wrong + missed), '');
}
