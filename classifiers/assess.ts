/**
 * The judgement: a page or a post in, what the machine thinks of it and why out. Pure.
 *
 *     text ------> words' logit --\
 *     source ----> code's logit ---> sum = log-odds of fraud -> calibration -> prior -> score
 *     signals ---> weight each ---/
 *
 * Every addend is a contribution that an officer is shown; they add up to the model's own output. The
 * score rises strictly with that output. Which label it is, given that it is fraud at all, is told apart
 * by the same evidence.
 */
import { type Assessment, LABELS, type Label, type Signal } from '../domain/assessment.ts';
import type { Page } from '../domain/page.ts';
import { foldForMatching } from '../domain/text/matching.ts';
import { normalise } from '../domain/text.ts';
import type { Language } from './language.ts';
import { type Calibration, type Head, headLogit, type Model } from './model.ts';
import type { Sparse } from './ngrams.ts';
import { mostTelling, readingsOf } from './readings.ts';
import {
  cut,
  type Facts,
  factsOf,
  markupOf,
  readSource,
  type Sighting,
  type SignalKind,
  visibleText,
} from './signals/facts.ts';

/** Score from which a person is asked to look. */
export const FLAG_FROM = 0.7;
/** Score up to which a page is let go. */
export const CLEAR_TO = 0.3;

export interface AssessOptions {
  /** Expected share of fraud among what is judged, above 0 and below 1; the model's own when absent. */
  readonly prior?: number | undefined;
}

/** A statistical model's logit is held in these bounds: no count of words alone outweighs all signs. */
const MOST_LOGIT = 4;
/** Looking like what was legitimate in training acquits less than looking like fraud accuses: fraud copies. */
const MOST_ACQUITTAL = 1.4;
const SPOKEN: ReadonlySet<string> = new Set<Language>(['ru', 'kk', 'kk-Latn', 'en']);
const LEAST_TEXT = 40;
/** Less text than this beside pictures, on a page that asks for nothing: what it says is in the pictures. */
const LEAST_BESIDE_PICTURES = 120;
/** Letters and digits. A greeting begins spam as often as talk. */
const LEAST_POST = 12;

/** Below this score nobody asks which fraud it is, so that only signs are asked. */
const LEAST_TOLD = 0.05;

/** How much text and source weigh against signals when labels are told apart. */
const LABEL_TEXT = 0.35;
const LABEL_SOURCE = 0.35;
const LABEL_SIGNALS = 1.2;
/** Most posts that are anything but legit are plain spam; a kind has to show itself. */
const POST_SPAM = 0.7;
const POST_SIGNALS = 2;

export function assessPage(page: Page, model: Model, options: AssessOptions = {}): Assessment {
  const evidence = pageEvidence(page, model);
  const { fuse, calibration } = model.page;
  const raw = fuse.bias + evidence.signals.reduce((sum, signal) => sum + signal.contribution, 0);
  const score = scoreOf(raw, calibration, options.prior ?? model.prior);
  const { lang } = evidence.facts;
  const scores = shared(score, evidence.labelLogits(score >= LEAST_TOLD), PAGE_LABELS);
  return {
    lang,
    label: mostLikely(scores),
    score,
    ...verdictOf(score, {
      ...evidence,
      lang,
      hasText: evidence.facts.visible.trim().length >= LEAST_TEXT,
      isPicture:
        page.images.length > 0 && page.forms.length === 0 && page.text.length < LEAST_BESIDE_PICTURES,
    }),
    scores,
    signals: shown(evidence.signals),
    model: model.name,
  };
}

export function assessPost(text: string, model: Model, options: AssessOptions = {}): Assessment {
  const evidence = postEvidence(text, model);
  const { fuse, calibration } = model.post;
  const raw = fuse.bias + evidence.signals.reduce((sum, signal) => sum + signal.contribution, 0);
  const score = scoreOf(raw, calibration, options.prior ?? model.prior);
  const { lang } = evidence.facts;
  const scores = shared(score, evidence.labelLogits(score >= LEAST_TOLD), POST_LABELS);
  return {
    lang,
    label: mostLikely(scores),
    score,
    ...(isShort(text)
      ? { verdict: 'abstain' as const, abstainReason: 'too little text to judge' }
      : betweenBounds(score)),
    scores,
    signals: shown(evidence.signals),
    model: model.name,
  };
}

function isShort(text: string): boolean {
  let letters = 0;
  for (const _ of text.matchAll(/[\p{L}\p{N}]/gu)) {
    letters += 1;
    if (letters >= LEAST_POST) return false;
  }
  return true;
}

interface Evidence {
  readonly facts: Facts;
  /** Everything that is added up, models as well as signs; contributions in log-odds. */
  readonly signals: readonly Signal[];
  /** How much speaks for each label of fraud: by signs alone, or by words and source too. */
  labelLogits(isByModels: boolean): Readonly<Partial<Record<Label, number>>>;
  /** Log-odds of fraud by words and by source, as the models put it. */
  readonly text: number;
  readonly source: number;
  /** Sum of the signs' contributions. */
  readonly signs: number;
}

const PAGE_LABELS = LABELS.filter((label) => label !== 'spam');
const POST_LABELS = LABELS;

export function pageEvidence(page: Page, model: Model): Evidence {
  const facts = factsOf(page, model);
  const { text: words, source: code } = model.page;
  const text = words.reader.read(facts.folded.slice(0, PAGE_TEXT), words.idf);
  const source = code.reader.read(codeOf(page.html, facts.source), code.idf);
  const logits = {
    text: text.at.length === 0 ? 0 : bounded(headLogit(model.page.text.heads.get('fraud')!, text)),
    source: source.at.length === 0 ? 0 : bounded(headLogit(model.page.source.heads.get('fraud')!, source)),
  };
  const { fuse } = model.page;
  const signs = signsOf(facts, model, 1);
  const signals: Signal[] = [
    ...signs.signals,
    {
      id: 'text.words',
      family: 'text',
      criterion: 'none',
      excerpt: cut(facts.visible),
      contribution: fuse.text * logits.text,
    },
    {
      id: 'code.structure',
      family: 'code',
      criterion: 'none',
      excerpt: cut(page.html),
      contribution: fuse.source * logits.source,
    },
  ];
  const labelLogits = (isByModels: boolean): Partial<Record<Label, number>> => {
    const told: Partial<Record<Label, number>> = {};
    for (const label of PAGE_LABELS) {
      if (label === 'legit') continue;
      const bySigns = LABEL_SIGNALS * (signs.toward[label] ?? 0);
      told[label] = isByModels
        ? LABEL_TEXT * labelLogit(model.page.text.heads.get(label), text) +
          LABEL_SOURCE * labelLogit(model.page.source.heads.get(label), source) +
          bySigns
        : bySigns;
    }
    return told;
  };
  return { facts, signals, labelLogits, ...logits, signs: signs.sum };
}

function labelLogit(head: Head | undefined, vector: Sparse): number {
  return head === undefined ? -MOST_LOGIT : bounded(headLogit(head, vector));
}

const NO_PAGE: Page = {
  url: '',
  declaredLang: null,
  title: '',
  description: '',
  text: '',
  hiddenText: '',
  html: '',
  links: [],
  forms: [],
  scripts: [],
  images: [],
  frames: [],
  metas: {},
  structured: [],
  contacts: { phones: [], emails: [], messengers: [] },
  wallets: [],
};

export function postEvidence(text: string, model: Model): Evidence {
  const facts = factsOf({ ...NO_PAGE, text }, model);
  const { text: words } = model.post;
  const fraud = words.heads.get('fraud')!;
  const { logit, reading, piece } = mostTelling(
    readingsOf(facts.visible, facts.matched),
    (plain, start, end) =>
      words.reader.weigh(plain, words.idf, fraud.weights, start, end) * fraud.scale + fraud.bias,
  );
  const isAsWritten = piece !== null && facts.matched.respelt === null;
  const { fuse } = model.post;
  const signs = signsOf(facts, model, fuse.signals);
  const signals: Signal[] = [
    ...signs.signals,
    {
      id: 'text.words',
      family: 'text',
      criterion: 'none',
      excerpt: cut(isAsWritten ? facts.visible.slice(piece.start, piece.end) : reading),
      contribution: fuse.text * logit,
    },
  ];
  const labelLogits = (isByModels: boolean): Partial<Record<Label, number>> => {
    const told: Partial<Record<Label, number>> = {
      spam: POST_SPAM + POST_SIGNALS * (signs.toward.spam ?? 0),
    };
    const { kinds, kindBits } = model.post;
    const heads = [...kinds.values()];
    const sums = isByModels
      ? words.reader.weighEach(
          reading,
          words.idf,
          kindBits,
          heads.map((head) => head.weights),
        )
      : null;
    for (const label of POST_LABELS) {
      if (label === 'legit' || label === 'spam') continue;
      const head = kinds.get(label);
      const byWords =
        head === undefined || sums === null
          ? -1
          : Math.max(-1, Math.min(3, sums[heads.indexOf(head)]! * head.scale + head.bias));
      told[label] = byWords + POST_SIGNALS * (signs.toward[label] ?? 0);
    }
    return told;
  };
  return { facts, signals, labelLogits, text: logit, source: 0, signs: signs.sum };
}

/** What a reader of a page meets, as its words' model reads it: at most 10,000 characters, as they are matched. */
export function pageText(page: Page): string {
  return foldForMatching(normalise(visibleText(page))).text.slice(0, PAGE_TEXT);
}

/**
 * What its source's model reads of a page: at most 25,000 characters of its tags and scripts. Without the words
 * between them, which anyone can add: with them, a page stuffed with a bank's words looked like a bank's.
 */
export function pageSource(html: string): string {
  return codeOf(html, null);
}

/** @param markup of the whole source, where it was made already: most sources hide nothing, so that it is theirs. */
function codeOf(html: string, markup: string | null): string {
  const read = readSource(html, MOST_READ);
  const code = markup !== null && read === html ? markup : markupOf(read);
  return code.replace(NOT_CODE, ' ').slice(0, PAGE_SOURCE);
}

/** With twice as much of each, figures on sources held back stayed within their spread. */
const PAGE_TEXT = 10_000;
const PAGE_SOURCE = 25_000;
const MOST_READ = 200_000;
/** Words in attributes, such as a description, can be added by anyone as well. */
const NOT_CODE = /[^\n -~]+/g;

function signsOf(facts: Facts, model: Model, share: number) {
  const seen: { kind: SignalKind; sighting: Sighting; worth: number }[] = [];
  for (let at = 0; at < model.signals.length; at += 1) {
    const kind = model.signals[at]!;
    const sighting = kind.see(facts);
    if (sighting === null) continue;
    seen.push({ kind, sighting, worth: model.signalWeights[at]! * sighting.strength * share });
  }
  // Words for a page are written by whoever makes it: they count the less, the more its code speaks against it.
  const byCode = seen.reduce(
    (sum, { kind, worth }) => sum + (kind.rests === undefined ? Math.max(0, worth) : 0),
    0,
  );
  const signals: Signal[] = [];
  const toward: Partial<Record<Label, number>> = {};
  let sum = 0;
  for (const { kind, sighting, worth } of seen) {
    const contribution = worth < 0 && kind.rests !== 'on ownership' ? worth / (1 + byCode) : worth;
    sum += contribution;
    signals.push({
      id: kind.id,
      family: kind.family,
      criterion: kind.criterion,
      excerpt: sighting.excerpt,
      contribution,
    });
    // What tells labels apart is the sign's meaning, not what training found it worth against legit.
    for (const [label, much] of Object.entries(kind.toward) as [Label, number][]) {
      toward[label] = (toward[label] ?? 0) + Math.max(0.3, kind.weight) * sighting.strength * much;
    }
  }
  return { signals, toward, sum };
}

function bounded(logit: number): number {
  const most = logit < 0 ? MOST_ACQUITTAL : MOST_LOGIT;
  return most * Math.tanh(logit / most);
}

/** Log-odds to chance; strictly rising also where doubles run out of room near 1. */
function scoreOf(raw: number, { slope, offset, share }: Calibration, prior: number): number {
  const held = Math.max(1e-6, Math.min(1 - 1e-6, prior));
  const logOdds = slope * raw + offset - logOddsOf(share) + logOddsOf(held);
  return logOdds >= 0 ? 1 / (1 + Math.exp(-logOdds)) : Math.exp(logOdds) / (1 + Math.exp(logOdds));
}

function logOddsOf(chance: number): number {
  return Math.log(chance / (1 - chance));
}

/** The score shared out over the labels of fraud; `legit` has the rest. */
function shared(
  score: number,
  logits: Readonly<Partial<Record<Label, number>>>,
  labels: readonly Label[],
): Partial<Record<Label, number>> {
  const most = Math.max(...Object.values(logits));
  const weights = labels.map((label) => (label === 'legit' ? 0 : Math.exp((logits[label] ?? -9) - most)));
  const total = weights.reduce((sum, it) => sum + it, 0);
  return Object.fromEntries(
    labels.map((label, at) => [label, label === 'legit' ? 1 - score : (score * weights[at]!) / total]),
  );
}

function mostLikely(scores: Readonly<Partial<Record<Label, number>>>): Label {
  let best: Label = 'legit';
  for (const [label, chance] of Object.entries(scores) as [Label, number][]) {
    if (chance > (scores[best] ?? 0)) best = label;
  }
  return best;
}

type Judged = Pick<Assessment, 'verdict' | 'abstainReason'>;

function verdictOf(
  score: number,
  it: {
    readonly lang: string;
    readonly hasText: boolean;
    readonly isPicture: boolean;
    readonly text: number;
    readonly source: number;
    readonly signs: number;
  },
): Judged {
  const abstain = (abstainReason: string): Judged => ({ verdict: 'abstain', abstainReason });
  if (it.isPicture && score < FLAG_FROM && it.signs > -1)
    return abstain('too little text to judge, and its pictures were not read');
  if (!it.hasText && Math.abs(it.signs) < 1) return abstain('too little text to judge');
  if (score < FLAG_FROM && score > CLEAR_TO) return betweenBounds(score);
  if (score >= FLAG_FROM && it.signs < 0.25)
    return abstain('only the statistics of words and source speak against it, no sign does');
  if (!SPOKEN.has(it.lang) && Math.abs(it.signs) < 0.5)
    return abstain(`the language (${it.lang}) is not one that Kuzet judges words in`);
  if (it.text > 2.5 && it.source < -2.5 && it.signs < 0.5)
    return abstain('words and source disagree, and no sign settles it');
  return betweenBounds(score);
}

function betweenBounds(score: number): Judged {
  if (score >= FLAG_FROM) return { verdict: 'flag', abstainReason: null };
  if (score <= CLEAR_TO) return { verdict: 'clear', abstainReason: null };
  return {
    verdict: 'abstain',
    abstainReason: `the score lies between the bounds ${CLEAR_TO} and ${FLAG_FROM}`,
  };
}

function shown(signals: readonly Signal[]): Signal[] {
  return [...signals].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}
