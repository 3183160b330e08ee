/**
 * Whether a host plays a brand: its name is the brand's, or a slip, a look-alike letter or an added word away.
 *
 *     host -> parts between dots and hyphens, in plain letters
 *          -> a part is a brand's name?            kaspi-bonus.example
 *          -> a part looks like it?                kasрi (Cyrillic), kaspl, rnagnum, 0lx
 *          -> a part is one slip from it?          kaspii, ksapi, kasoi
 *          -> a part is it with words around?      kaspibonus, mykaspikz
 *          -> its domain stands in front?          kaspi.kz.login.example
 *
 * Names differ in what they prove. One that means nothing else (`kaspi`) is enough wherever it stands. A short
 * one, or an everyday word (`home`, `post`, `halyk`), counts only beside a word that fraud adds (`bonus`,
 * `login`), beside `kz`, or under an ending that is sold for little; then it is a weak sign.
 *
 * Letters are compared by what they look like: the "skeleton" of Unicode UTS #39, reduced to what domains allow.
 */
import { readableHost, siteOf } from '../domain/url.ts';

export type Way = 'name_in_domain' | 'letters_alike' | 'one_letter_off' | 'domain_as_subdomain';

/** A name that false domains bear, in Latin letters and digits. */
export interface HostName<Of> {
  readonly of: Of;
  readonly name: string;
  /**
   * `own` means nothing else; `shared` is short, or also a word or another's name; `everyday` is on everyone's
   * lips and says something in Kazakhstan alone; `global` is a world brand's, taken as it stands.
   */
  readonly grade: 'own' | 'shared' | 'everyday' | 'global';
  /** The same name trades honestly under other countries' endings. */
  readonly isElsewhere: boolean;
}

export interface HostLikeness<Of> {
  readonly of: Of;
  readonly how: Way;
  /** 0..1. */
  readonly strength: number;
}

export interface HostWords<Of> {
  readonly names: readonly HostName<Of>[];
  readonly domains: ReadonlyMap<string, Of>;
  /** Words that fraud adds to a name. */
  readonly lures: ReadonlySet<string>;
  /** Words near a name that mean something else. */
  readonly unlike: ReadonlySet<string>;
}

/** Endings sold for little to anyone, where an unknown owner is the rule. The choice is ours; reserved ones are among them. */
const CHEAP = new Set(
  'top xyz online site shop store click link live vip cc icu club app website fun life bond sbs cfd buzz cyou lol monster quest rest autos beauty hair skin makeup win bid loan tk ml ga cf gq pw su test example invalid'.split(
    ' ',
  ),
);
/** Endings of no country where a brand of Kazakhstan would be looked for, Russia's for its language. */
const GENERIC = /^[^.]+\.(?:com|net|org|info|biz|pro|me|co|ru)$/;
/** Those of them that no one's country or trade asks for: a slip of a name there is seldom someone's own. */
const LOOSE = /^[^.]+\.(?:info|biz|pro|me|co)$/;
const HOME = /(?:^|\.)(?:kz|xn--80ao21a)$/;

/** What stands around a name, beyond which it is rather another word. */
const LONGEST_REST = 14;

/** The names of a house of brands, read once; the function tells for a host, in lower case and without port. */
export function hostReader<Of>(words: HostWords<Of>): (host: string) => HostLikeness<Of> | null {
  const book = bookOf(words);
  return (host) => {
    const site = siteOf(host);
    const under = host.slice(0, Math.max(0, host.length - site.length - 1));
    const inFront = domainInFront(under, site, words.domains);
    if (inFront !== null) return { of: inFront, how: 'domain_as_subdomain', strength: 1 };
    const name = nameOf(site, under, words.lures);
    return (
      strongest(asWritten(name, book)) ?? strongest(amongWords(name, book)) ?? strongest(slips(name, book))
    );
  };
}

interface Book<Of> extends HostWords<Of> {
  readonly byLooks: ReadonlyMap<string, readonly HostName<Of>[]>;
  readonly known: ReadonlySet<string>;
  /** Names in which slips are looked for, with their looks. */
  readonly slippery: readonly (HostName<Of> & { readonly looks: string; readonly digits: string })[];
}

function bookOf<Of>(words: HostWords<Of>): Book<Of> {
  const byLooks = new Map<string, HostName<Of>[]>();
  for (const name of words.names) {
    const looks = looksOf(name.name);
    byLooks.set(looks, [...(byLooks.get(looks) ?? []), name]);
  }
  // A name that is itself a slip away from an everyday word would accuse that word.
  const isNearWord = (name: string): boolean =>
    [...words.lures].some((lure) => lure.length > 3 && isOneOff(lure, name));
  return {
    ...words,
    byLooks,
    known: new Set(words.names.map((it) => it.name)),
    slippery: words.names
      .filter((it) => it.grade !== 'global' && !isNearWord(it.name))
      .map((it) => ({ ...it, looks: looksOf(it.name), digits: it.name.replace(/\D/g, '') })),
  };
}

/** A host taken apart; all of it in plain letters. */
interface Name {
  /** What is registered, between its hyphens. */
  readonly own: readonly string[];
  /** What stands in front of it, between dots and hyphens. */
  readonly before: readonly string[];
  /** Every run of letters that may hold a name: the parts, and what they give without hyphens. */
  readonly runs: readonly string[];
  /** Under Kazakhstan's ending, or `kz` stands by itself in the name. */
  readonly isHome: boolean;
  readonly isCheap: boolean;
  readonly isGeneric: boolean;
  readonly isLoose: boolean;
  /** Written with letters that plain domains have not. */
  readonly isForeign: boolean;
  /** One part is a word that fraud adds. */
  readonly isLured: boolean;
}

function nameOf(site: string, under: string, lures: ReadonlySet<string>): Name {
  const label = plain(readableHost(site).split('.')[0] ?? '');
  const own = label.split(/[-_]/).filter((it) => it !== '');
  const fronts = plain(readableHost(under))
    .split('.')
    .filter((it) => it !== '' && it !== 'www');
  const before = fronts.flatMap((it) => it.split(/[-_]/)).filter((it) => it !== '');
  const parts = [...own, ...before];
  return {
    own,
    before,
    runs: [...new Set([...parts, own.join(''), ...fronts.map((it) => it.replace(/[-_]/g, ''))])],
    isHome: HOME.test(site) || parts.includes('kz') || parts.includes('qaz'),
    isCheap: CHEAP.has(site.slice(site.lastIndexOf('.') + 1)),
    isGeneric: GENERIC.test(site),
    isLoose: LOOSE.test(site),
    isForeign: site.startsWith('xn--') || under.includes('xn--'),
    isLured: parts.some((it) => lures.has(it)),
  };
}

const WEAK = 0.35;

function strongest<Of>(found: Iterable<HostLikeness<Of>>): HostLikeness<Of> | null {
  let best: HostLikeness<Of> | null = null;
  for (const it of found) if (best === null || it.strength > best.strength) best = it;
  return best;
}

function sighting<Of>({ of, grade }: HostName<Of>, how: Way, strength: number): HostLikeness<Of> {
  const isWeak = grade === 'shared' || grade === 'everyday';
  return { of, how, strength: isWeak ? Math.min(WEAK, strength) : strength };
}

/** A part is a name, or looks just like one. */
function* asWritten<Of>(name: Name, book: Book<Of>): Generator<HostLikeness<Of>> {
  const parts = [...name.own, ...name.before];
  for (const [at, part] of parts.entries()) {
    const others = parts.filter((_, i) => i !== at);
    const beside: Beside = {
      isUnder: at >= name.own.length,
      isAlone: others.length === 0,
      isLured: others.some((it) => book.lures.has(it) || /^\d+$/.test(it)),
    };
    for (const it of book.byLooks.get(looksOf(part)) ?? []) {
      if (part === it.name) {
        if (name.isForeign || isTold(it, name, beside))
          yield sighting(it, name.isForeign ? 'letters_alike' : 'name_in_domain', 0.8);
      } else if (it.grade !== 'global' && !book.unlike.has(part) && !book.known.has(part)) {
        const isLong = it.grade !== 'everyday' && it.name.length > 3;
        if (isLong || name.isHome || beside.isLured) yield sighting(it, 'letters_alike', 0.8);
      }
    }
  }
}

interface Beside {
  readonly isUnder: boolean;
  readonly isAlone: boolean;
  readonly isLured: boolean;
}

/** Whether a name as it stands says something, with what is around it. */
function isTold({ name, grade, isElsewhere }: HostName<unknown>, around: Name, beside: Beside): boolean {
  const isPlace = around.isHome || around.isCheap;
  if (grade === 'everyday') return around.isHome && !beside.isUnder;
  if (grade === 'global') return !beside.isAlone && (beside.isLured || beside.isUnder || isPlace);
  if (grade === 'own') return !(isElsewhere && beside.isAlone) || isPlace;
  if (beside.isUnder) return name.length > 3 ? beside.isLured || isPlace : beside.isLured && isPlace;
  return isPlace || beside.isLured || (beside.isAlone && around.isGeneric && !isElsewhere && name.length > 3);
}

/** A name with words run into it (`kaspibonus`), or cut by hyphens (`kas-pi`). */
function* amongWords<Of>(name: Name, book: Book<Of>): Generator<HostLikeness<Of>> {
  const isPlace = name.isHome || name.isCheap;
  for (const run of name.runs) {
    if (book.unlike.has(run)) continue;
    for (const it of book.names) {
      const at = it.grade === 'global' ? -1 : run.indexOf(it.name);
      if (at === -1) continue;
      const mayStand = it.grade === 'everyday' ? name.isHome : isPlace;
      if (run === it.name) {
        const isCut = !name.own.includes(run) && !name.before.includes(run);
        if (isCut && (mayStand || (it.grade === 'own' && !it.isElsewhere)))
          yield sighting(it, 'letters_alike', 0.8);
        continue;
      }
      const left = run.slice(0, at);
      const right = run.slice(at + it.name.length);
      if (consistsOf(left, book.lures) && consistsOf(right, book.lures)) {
        if (it.grade !== 'everyday' || mayStand || right === 'kz') yield sighting(it, 'name_in_domain', 0.8);
      } else if (it.grade === 'own' && left.length + right.length <= LONGEST_REST) {
        if (left === '' || right === '' || it.name.length > 6) yield sighting(it, 'name_in_domain', 0.6);
      }
    }
  }
}

/** A name with one slip in it. The less it is a name of its own, the more has to stand around it. */
function* slips<Of>(name: Name, book: Book<Of>): Generator<HostLikeness<Of>> {
  const isPlace = name.isHome || name.isCheap;
  const parts = new Set([...name.own, ...name.before]);
  // A slip with a lure beside it, and one with a lure run into it.
  const tried = new Map<string, 'beside' | 'within' | 'none'>();
  for (const run of name.runs) for (const rest of undressed(run, book.lures)) tried.set(rest, 'within');
  for (const run of name.runs) tried.set(run, name.isLured && parts.has(run) ? 'beside' : 'none');
  for (const [run, lure] of tried) {
    if (book.known.has(run) || book.unlike.has(run) || book.lures.has(run)) continue;
    const looks = looksOf(run);
    for (const it of book.slippery) {
      if (Math.abs(run.length - it.name.length) > 2) continue;
      if (!isOneOff(looks, it.looks) && !isOneOff(run, it.name)) continue;
      if (it.digits !== '' && !run.includes(it.digits)) continue;
      const isLong = it.name.length > 5 && (!it.isElsewhere || it.name.length > 7);
      const tells =
        name.isHome ||
        (it.grade === 'own' && (isPlace || name.isLoose || isLong || lure !== 'none')) ||
        (it.grade === 'shared' &&
          (it.name.length > 4
            ? lure === 'beside' ||
              ((isPlace || name.isLoose) && lure === 'none') ||
              (isLong && run[0] === it.name[0])
            : isPlace && lure !== 'within'));
      if (tells && (it.name.length > 3 || run.length > 3)) yield sighting(it, 'one_letter_off', 0.7);
    }
  }
}

function domainInFront<Of>(under: string, site: string, domains: ReadonlyMap<string, Of>): Of | null {
  if (under !== '') {
    const parts = under.split('.');
    for (let from = 0; from < parts.length - 1; from += 1) {
      for (let to = from + 2; to <= parts.length; to += 1) {
        const brand = domains.get(parts.slice(from, to).join('.'));
        if (brand !== undefined) return brand;
      }
    }
  }
  // `kaspi.kz-bonus.example` reads as the domain, too.
  const words = `${under}.${site}`.split('.').filter((it) => it !== '');
  for (let at = 0; at < words.length; at += 1) {
    const runs = words[at]!.split('-');
    for (let from = 0; from < runs.length - 1; from += 1) {
      for (let to = from + 2; to <= Math.min(runs.length, from + 4); to += 1) {
        const brand = domains.get(runs.slice(from, to).join('.'));
        if (brand !== undefined) return brand;
      }
    }
    const next = words[at + 1]?.split('-')[0];
    if (next === undefined || next === words[at + 1]) continue;
    const brand = domains.get(`${runs.at(-1)}.${next}`);
    if (brand !== undefined) return brand;
  }
  return null;
}

const CYRILLIC: Readonly<Record<string, string>> = {
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  д: 'd',
  е: 'e',
  ё: 'e',
  ж: 'zh',
  з: 'z',
  и: 'i',
  й: 'i',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'p',
  с: 'c',
  т: 't',
  у: 'y',
  ф: 'f',
  х: 'x',
  ы: 'y',
  ь: '',
  і: 'i',
  ї: 'i',
  ѕ: 's',
  ј: 'j',
  һ: 'h',
  ԛ: 'q',
  ԝ: 'w',
  ԁ: 'd',
  ѵ: 'v',
  ү: 'y',
  ɡ: 'g',
  ɑ: 'a',
  ı: 'i',
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ƙ: 'k',
  α: 'a',
  ο: 'o',
  ν: 'v',
  ρ: 'p',
  κ: 'k',
  ι: 'i',
  τ: 't',
};

/** Lower case, marks taken off, each letter of another alphabet by the Latin one that it looks like. */
function plain(text: string): string {
  const bare = text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  return /^[ -~]*$/.test(bare) ? bare : Array.from(bare, (it) => CYRILLIC[it] ?? it).join('');
}

const ALIKE: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'b',
  '7': 't',
  '8': 'b',
  '9': 'g',
  i: 'l',
};

/** One spelling for all that look the same: `i l 1`, `o 0`, `m rn`, `w vv`, `d cl` … */
function looksOf(name: string): string {
  const joined = name
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/cl/g, 'd')
    .replace(/ri/g, 'n')
    .replace(/ii/g, 'u');
  return joined.replace(/[0-9i]/g, (it) => ALIKE[it] ?? it);
}

/** Whether a text is nothing but lures, digits and `kz`, one after another; so is an empty one. */
function consistsOf(text: string, lures: ReadonlySet<string>): boolean {
  const reached = [true];
  for (let end = 1; end <= text.length; end += 1) {
    reached[end] = false;
    if (reached[end - 1] && /\d/.test(text[end - 1]!)) reached[end] = true;
    for (let size = 2; size <= Math.min(12, end) && !reached[end]; size += 1) {
      if (reached[end - size] && lures.has(text.slice(end - size, end))) reached[end] = true;
    }
  }
  return reached[text.length]!;
}

/** What is left of a word when lures are taken off its beginning or its end. */
function undressed(run: string, lures: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (let size = 2; size <= Math.min(12, run.length - 3); size += 1) {
    if (lures.has(run.slice(0, size))) found.push(run.slice(size));
    if (lures.has(run.slice(-size))) found.push(run.slice(0, -size));
  }
  return found;
}

/** One letter changed, dropped, added, or two neighbours swapped. */
function isOneOff(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > from && endB > from && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const [left, right] = [a.slice(from, endA), b.slice(from, endB)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
