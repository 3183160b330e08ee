/** The form's lists as code: `codes.json` holds the texts and how sure each is. */
import type { Label } from '../../domain/assessment.ts';
import type { ReferralRecord } from '../../domain/record.ts';
import type { GroundCode } from '../../domain/referral.ts';
import type { Place } from '../overblock/platforms.ts';
import table from './codes.json' with { type: 'json' };

export interface Words {
  readonly ru: string;
  readonly kk: string;
}

/** What the form asks besides the address and the reason, as its lists show it. */
export function formChoices(
  place: Place,
  lang: string,
): { objectType: string; resourceKind: string; language: string; group: string } {
  const kind = place.on === 'account' ? place.platform.kind : 'site';
  const objectType = kind === 'site' ? 'site' : kind === 'video' ? 'video' : 'account';
  const resourceKind = kind === 'social' || kind === 'video' || kind === 'messenger' ? kind : 'site';
  return {
    objectType: textOf(table.objectTypes, objectType),
    resourceKind: textOf(table.resourceKinds, resourceKind),
    language: textOf(table.languages, languageCode(lang)),
    group: textOf(table.groups, table.groupOfAll),
  };
}

/** The ground as the reason names it: what there are signs of, and the law that forbids it. */
export function groundWords(code: GroundCode): { readonly is: Words; readonly law: Words } {
  const ground = table.grounds.find((it) => it.code === code);
  if (ground === undefined) throw new RangeError(`codes.json has no ground ${code}. Add it under "grounds".`);
  return { is: { ru: ground.ru, kk: ground.kk }, law: { ru: ground.lawRu, kk: ground.lawKk } };
}

/** What a signal of this family shows, in words. */
export function signWords(family: string): Words {
  return table.signFamilies.find((it) => it.family === family) ?? table.signOther;
}

/** How others name this kind of fraud; `status` in codes.json says how sure that is. */
export function taxonomyOf(label: Label): Omit<ReferralRecord['taxonomy'], 'fraudType'> {
  const found = table.taxonomy.find((it) => it.label === label);
  if (found === undefined)
    throw new RangeError(`codes.json has no taxonomy of ${label}. Add it under "taxonomy".`);
  const { rsit, dsaCategory, dsaKeyword, xarf, misp } = found;
  return { rsit, dsaCategory, dsaKeyword, xarf, misp };
}

/** Where whoever is meant may object. */
export function appealWords(): Words {
  return table.appeal;
}

function languageCode(lang: string): string {
  const base = lang.toLowerCase().split('-')[0] ?? '';
  return table.languages.some(({ code }) => code === base) ? base : table.languageOfUnknown;
}

function textOf(list: readonly { readonly code: string; readonly text: string }[], code: string): string {
  const entry = list.find((it) => it.code === code);
  if (entry === undefined) throw new RangeError(`codes.json has no entry "${code}". Add it to its list.`);
  return entry.text;
}
