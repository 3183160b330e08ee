/** What signals look at: a page read once, so that forty signals do not read it forty times. */
import type { Label } from '../../domain/assessment.ts';
import type { Form, Page } from '../../domain/page.ts';
import { foldForMatching, type MatchedText } from '../../domain/text/matching.ts';
import { normalise, sentences } from '../../domain/text.ts';
import { hostOf } from '../../domain/url.ts';
import type { Brands } from '../brands.ts';
import type { Criterion } from '../criteria.ts';
import { type Language, type LanguageModel, languageOf } from '../language.ts';
import type { Finder, Found } from '../lexicon.ts';

export interface Facts {
  readonly page: Page;
  readonly lang: Language | 'und';
  /** Title, text, words of forms and pictures: what a reader meets, in its normal form, a block a line. */
  readonly visible: string;
  /** `visible` as it is matched. */
  readonly matched: MatchedText;
  /** `visible` in lower case with disguised words folded; same length as `visible`. */
  readonly folded: string;
  /** Words written in two alphabets, as written. */
  readonly mixed: readonly string[];
  /** Words whose letters stand apart, as written. */
  readonly spaced: readonly string[];
  /** Tags, comments and scripts in lower case, what a reader reads left out; at most 300,000 characters. */
  readonly source: string;
  /** null when only the bytes are known. */
  readonly host: string | null;
  readonly found: Found;
  readonly brands: Brands;
}

export interface SignalKind {
  readonly id: string;
  readonly family: string;
  readonly criterion: Criterion;
  /** Log-odds at full strength before any training; below 0 it speaks for the page. */
  readonly weight: number;
  /** Which labels it speaks for, 0..1 each. */
  readonly toward: Readonly<Partial<Record<Label, number>>>;
  /**
   * What it rests on, when it is neither the source nor the address alone: on what the page says, which anyone
   * can write, or on whose the address is, which nobody can.
   */
  readonly rests?: 'on words' | 'on ownership';
  /** null when it is not there. */
  readonly see: (facts: Facts) => Sighting | null;
}

export interface Sighting {
  /** Above 0, at most 1. */
  readonly strength: number;
  /** At most 200 characters, as written. */
  readonly excerpt: string;
}

/** What is to be known of words before a page is read: the parts of a model that no signal is. */
export interface Knowledge {
  readonly find: Finder;
  readonly brands: Brands;
  readonly language: LanguageModel;
}

const MOST_VISIBLE = 60_000;
/** Characters of a page that its language is told by, and more. */
const MOST_TOLD = 1000;
/** Shorter ones repeat by themselves: words of menus, prices. */
const LONG_SENTENCE = 40;
const MOST_SOURCE = 300_000;
/** Letters without a shape of their own, and marks put on others. */
const UNSEEN = /\p{Cf}|[\u0300-\u036f]/gu;

export function factsOf(page: Page, { find, brands, language }: Knowledge): Facts {
  const visible = normalise(visibleText(page));
  // In its normal form: letters turned around by an override would be those of another language.
  const { lang } = languageOf(normalise(page.text.slice(0, MOST_TOLD)) || visible, language);
  const matched = foldForMatching(visible, lang);
  return {
    page,
    lang,
    visible,
    matched,
    folded: matched.text,
    mixed: matched.mixed,
    spaced: matched.spaced,
    source: markupOf(page.html),
    host: page.url === '' ? null : hostFrom(page.url),
    found: find(visible, matched),
    brands,
  };
}

/**
 * What is written for machines: tags with their attributes, comments, whole scripts; a space stands for
 * text between them and for styles. An article on pyramids then bears none of the marks of their code.
 */
export function markupOf(html: string): string {
  const kept: string[] = [];
  let length = 0;
  let at = html.indexOf('<');
  while (at !== -1 && length < MOST_SOURCE) {
    const end = endOf(html, at);
    const isStyle = mayBeAside(html, at) && /^<style[\s>]/i.test(html.slice(at, at + 7));
    if (!isStyle) kept.push(html.slice(at, Math.min(end, at + MOST_SOURCE - length)));
    length += isStyle ? 0 : end - at;
    at = html.indexOf('<', end);
  }
  return kept.join(' ').toLowerCase();
}

/**
 * The source as its model reads it, at most `most` characters: without what a browser neither shows nor runs
 * (comments, templates, letters that no one sees), which could be stuffed with another page's words.
 */
export function readSource(source: string, most: number): string {
  const cutOff = source.slice(0, MOST_SOURCE);
  const html = mayHoldUnseen(cutOff) ? cutOff.replace(UNSEEN, '') : cutOff;
  const kept: string[] = [];
  let length = 0;
  let at = 0;
  for (const match of html.matchAll(/<!--|<template[\s>]/gi)) {
    if (match.index < at) continue;
    if (length >= most) break;
    kept.push(html.slice(at, Math.min(match.index, at + most - length)));
    length += match.index - at;
    at = match[0] === '<!--' ? behind(html, '-->', match.index + 2) : behind(html, '</template', match.index);
  }
  if (length < most) kept.push(html.slice(at, at + most - length));
  return kept.join(' ');
}

/** Nothing in ASCII, nor among letters of Latin and Cyrillic, is without a shape but U+00AD. */
function mayHoldUnseen(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0xad || (unit >= 0x300 && unit < 0x370) || unit >= 0x600) return true;
  }
  return false;
}

/** The offset behind the tag, comment, script or style that begins at `at`. */
function endOf(html: string, at: number): number {
  if (!mayBeAside(html, at)) {
    const end = html.indexOf('>', at);
    return end === -1 ? html.length : end + 1;
  }
  const open = /^<(!--|script[\s>]|style[\s>])/i.exec(html.slice(at, at + 8))?.[1]?.toLowerCase();
  if (open === undefined) return behind(html, '>', at);
  // `<!-->` is a whole comment.
  if (open === '!--') return behind(html, '-->', at + 2);
  return behind(html, open.startsWith('script') ? '</script' : '</style', at);
}

/** Whether a comment, a script or a style may begin there: `<!`, `<s`, `<S`. Most tags are none. */
function mayBeAside(html: string, at: number): boolean {
  const next = html.charCodeAt(at + 1);
  return next === 0x21 || next === 0x73 || next === 0x53;
}

/** Ends of what is read over, in any case; each search stops at the first one, so that all of them are one pass. */
const ENDS = {
  '>': />/g,
  '-->': /--!?>/g,
  '</script': /<\/script/gi,
  '</style': /<\/style/gi,
  '</template': /<\/template/gi,
} as const;

/** The offset behind the next such end; the end of the source when there is none. */
function behind(html: string, end: keyof typeof ENDS, from: number): number {
  const pattern = ENDS[end];
  pattern.lastIndex = from;
  if (!pattern.test(html)) return html.length;
  if (!end.startsWith('</')) return pattern.lastIndex;
  const close = html.indexOf('>', pattern.lastIndex);
  return close === -1 ? html.length : close + 1;
}

/** What a reader meets on a page, a block a line, at most 60,000 characters. */
export function visibleText(page: Page): string {
  const forms = page.forms.flatMap((form) => [...form.fields.map((field) => field.label), ...form.buttons]);
  const parts = [page.title, page.text, ...forms, ...page.images.map((image) => image.alt)];
  return withoutRepeats(parts.filter((part) => part !== '').join('\n')).slice(0, MOST_VISIBLE);
}

/** Sentences that were there before say nothing new, and a page could be stuffed with one. */
function withoutRepeats(whole: string): string {
  if (whole.length < 2 * LONG_SENTENCE) return whole;
  const text = whole.slice(0, 4 * MOST_VISIBLE);
  const known = new Set<string>();
  const kept: string[] = [];
  let from = 0;
  for (const { start, end } of sentences(text)) {
    if (end - start < LONG_SENTENCE) continue;
    const key = text.slice(start, end).trim();
    if (key.length < LONG_SENTENCE) continue;
    if (!known.has(key)) {
      known.add(key);
      continue;
    }
    kept.push(text.slice(from, start), ' ');
    from = end;
  }
  kept.push(text.slice(from));
  return kept.join('');
}

function hostFrom(url: string): string | null {
  try {
    return hostOf(new URL(url));
  } catch {
    return null;
  }
}

/** Forms that ask for a password, a card or a code. */
export function credentialForms(page: Page): Form[] {
  return page.forms.filter((form) =>
    form.fields.some((field) => field.type === 'password' || isSecret(field)),
  );
}

export function isSecret(field: {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: string;
}): boolean {
  const words = `${field.name} ${field.label} ${field.autocomplete}`.toLowerCase();
  return /\b(cvv2?|cvc2?|card_?num(ber)?|cardnumber|cc-(number|csc|exp)|otp|pin_?code|sms_?code|seed|mnemonic)\b|номер карт|код из смс|срок действия|карта нөмір|смс код/.test(
    words,
  );
}

export function full(excerpt: string): Sighting {
  return { strength: 1, excerpt: cut(excerpt) };
}

export function part(strength: number, excerpt: string): Sighting | null {
  return strength > 0.02 ? { strength: Math.min(1, strength), excerpt: cut(excerpt) } : null;
}

/** The beginning of a text on one line, at most 200 characters; a thousand are looked at. */
export function cut(text: string): string {
  return text.slice(0, 1000).replace(/\s+/g, ' ').trim().slice(0, 200);
}
