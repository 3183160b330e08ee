import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessPage, assessPost, CLEAR_TO, FLAG_FROM } from '../../classifiers/assess.ts';
import { isCriterion } from '../../classifiers/criteria.ts';
import { loadModel } from '../../classifiers/model.ts';
import { readPage } from '../../crawler/extract/page.ts';
import type { Assessment } from '../../domain/assessment.ts';

const model = loadModel();
const page = (html: string, url = 'https://site.example/'): Assessment =>
  assessPage(readPage(html, url), model);
const idsOf = (it: Assessment): string[] => it.signals.map((signal) => signal.id);

const PYRAMID = `<title>Аққу Капитал</title><h1>Вложите 100 000 тенге и получайте 5 % в день</h1>
  <p>Гарантированный доход без риска, выплаты каждый день. Минимальный вклад 10 000 тенге.</p>
  <p>Реферальная программа: 1 уровень 10 %, 2 уровень 5 %, 3 уровень 2 %. Пригласи друзей и получай бонус.</p>
  <form><input type="text" name="login"><input type="password" name="pass"><button>Зарегистрироваться</button></form>`;
const NEWS = `<title>Организаторов пирамиды осудили</title><article><time>2026-03-01</time>
  <p>Суд в Таразе приговорил организаторов финансовой пирамиды к восьми годам, сообщили в полиции.</p>
  <p>По данным следствия, вкладчикам обещали гарантированный доход 5 % в день и бонусы за приглашенных друзей.</p>
  <p>Пострадавшими признаны 400 человек. Уголовное дело возбуждено в прошлом году.</p></article>`;

describe('assessPage', () => {
  test('flags a pyramid, names it, and shows yield and referral as reasons with their criteria', () => {
    const it = page(PYRAMID);
    expect([it.verdict, it.label, it.lang]).toEqual(['flag', 'pyramid', 'ru']);
    expect(idsOf(it)).toContain('yield.percent');
    expect(idsOf(it)).toContain('referral.level_table');
    expect(it.signals.find((signal) => signal.id === 'yield.percent')?.criterion).toBe('KZ-ARRFR-2');
    expect(it.signals.find((signal) => signal.id === 'yield.percent')?.excerpt).toContain('5 % в день');
  });

  test('clears a report on the same pyramid, and the report speaks for it', () => {
    const it = page(NEWS);
    expect([it.verdict, it.label]).toEqual(['clear', 'legit']);
    expect(idsOf(it)).toContain('counter.report_frame');
  });

  test('sees the same pyramid behind Latin look-alikes and zero-width letters', () => {
    const hidden = PYRAMID.replaceAll('о', 'o').replaceAll('Гар', 'Г\u200bар');
    expect(page(hidden).verdict).toBe('flag');
    expect(idsOf(page(hidden))).toContain('code.mixed_alphabets');
  });

  test('judges a page in Kazakh', () => {
    const it =
      page(`<title>Бақ жобасы</title><p>Бастапқы жарна 40 000 теңге, күніне 4 % кепілді табыс, тәуекел жоқ.</p>
      <p>Дос шақырыңыз, 1 деңгей 10 %, 2 деңгей 5 % бонус аласыз. Қазір тіркеліңіз!</p>`);
    expect([it.verdict, it.label, it.lang]).toEqual(['flag', 'pyramid', 'kk']);
  });

  test('abstains on a page with hardly a word, and says why', () => {
    const it = page('<title>Hi</title><p>Loading</p>');
    expect(it.verdict).toBe('abstain');
    expect(it.abstainReason).toBe('too little text to judge');
  });

  test('shows a look-alike address as a sign of family brand when nothing else is known', () => {
    const it = page('', 'https://kaspi-bank.example/');
    expect(it.signals.filter((signal) => signal.family === 'brand').map((signal) => signal.id)).toEqual([
      'brand.lookalike_host',
    ]);
  });

  test("a brand's own page bears no sign of family brand, its domain speaks for it", () => {
    const html =
      '<title>Kaspi.kz</title><form><input type="tel" name="phone"><input type="password" name="p"></form>';
    const own = page(html, 'https://kaspi.kz/login');
    expect(own.signals.filter((signal) => signal.family === 'brand')).toEqual([]);
    expect(idsOf(own)).toContain('counter.own_domain');
    const foreign = page(html, 'https://kabinet.example/login');
    expect(idsOf(foreign)).toContain('brand.foreign_login');
    expect(foreign.score).toBeGreaterThan(own.score);
  });

  test('scores of labels add up to one, and legit has what the score leaves', () => {
    for (const html of [PYRAMID, NEWS, '']) {
      const it = page(html);
      expect(Object.values(it.scores).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 12);
      expect(it.scores.legit).toBeCloseTo(1 - it.score, 12);
      expect(it.scores.spam).toBeUndefined();
      expect(it.scores[it.label]).toBe(Math.max(...Object.values(it.scores)));
    }
  });

  test('every reason is known, short, and the strongest stands first', () => {
    const { signals } = page(PYRAMID);
    for (const signal of signals) {
      expect(isCriterion(signal.criterion)).toBe(true);
      expect(signal.excerpt.length).toBeLessThanOrEqual(200);
    }
    const sizes = signals.map((signal) => Math.abs(signal.contribution));
    expect([...sizes].sort((a, b) => b - a)).toEqual(sizes);
  });

  test('the score is the calibrated sum of the contributions', () => {
    const it = page(PYRAMID);
    const { fuse, calibration } = model.page;
    const raw = fuse.bias + it.signals.reduce((sum, signal) => sum + signal.contribution, 0);
    const odds = (chance: number): number => Math.log(chance / (1 - chance));
    const expected =
      calibration.slope * raw + calibration.offset - odds(calibration.share) + odds(model.prior);
    expect(odds(it.score)).toBeCloseTo(expected, 6);
    expect(calibration.slope).toBeGreaterThan(0);
  });

  test('a higher expected share always gives a higher score, and moves no reason', () => {
    const read = readPage(PYRAMID, 'https://site.example/');
    const share = fc.integer({ min: 1, max: 998 });
    fc.assert(
      fc.property(share, (thousandths) => {
        const lower = assessPage(read, model, { prior: thousandths / 1000 });
        const higher = assessPage(read, model, { prior: (thousandths + 1) / 1000 });
        expect(higher.score).toBeGreaterThan(lower.score);
        expect(higher.signals).toEqual(lower.signals);
      }),
      { numRuns: 20 },
    );
  });

  test('flag and clear keep to their bounds', () => {
    for (const html of [PYRAMID, NEWS]) {
      const it = page(html);
      if (it.verdict === 'flag') expect(it.score).toBeGreaterThanOrEqual(FLAG_FROM);
      if (it.verdict === 'clear') expect(it.score).toBeLessThanOrEqual(CLEAR_TO);
    }
  });

  test('ends on hostile input: a million signs, deep nesting, endless words', () => {
    const hostile = [
      '<div>'.repeat(100_000),
      `<p>${'1 % '.repeat(200_000)}</p>`,
      `<p>${'а'.repeat(1_000_000)}</p>`,
      `<p>${'гарантированный '.repeat(60_000)}</p>`,
      `<form>${'<input name="cvv">'.repeat(20_000)}</form>`,
      `<a href="${'ref='.repeat(100_000)}">`,
      `class="${'quiz'.repeat(200_000)}`,
    ];
    for (const html of hostile) {
      const it = page(html);
      expect(it.score).toBeGreaterThan(0);
      expect(it.score).toBeLessThan(1);
    }
  });

  test('gives the same answer twice', () => {
    expect(page(PYRAMID)).toEqual(page(PYRAMID));
  });
});

describe('assessPost', () => {
  test.each([
    ['Возьму в аренду карты банков, 20 000 тенге в неделю, оплата сразу, пишите в телеграм', 'dropper'],
    ['Банк картаңызды жалға аламыз, күніне 10 000 теңге, телеграмға жазыңыз', 'dropper'],
    ['Вернем деньги от брокера-мошенника через чарджбэк, бесплатная консультация юриста', 'recovery'],
  ])('flags "%s" as %s', (text, label) => {
    const it = assessPost(text, model);
    expect([it.verdict, it.label]).toEqual(['flag', label]);
  });

  test.each([
    'Нацбанк сохранил базовую ставку на уровне 18 процентов',
    'Ертең ауа райы суық болады, жылы киініңіздер',
    'Полиция предупредила жителей о мошенниках, которые представляются сотрудниками банка',
  ])('clears "%s"', (text) => {
    expect(assessPost(text, model).verdict).toBe('clear');
  });

  test('reads Russian in Latin letters as if it stood there in Cyrillic', () => {
    const fraud = assessPost('Zarabotok ot 5000 rublej v den bez vlozhenij, pishite v lichku', model);
    expect([fraud.lang, fraud.verdict]).toEqual(['ru-Latn', 'flag']);
    const honest = assessPost('Segodnja sobranie zhilcov vo dvore, prihodite v shest vechera', model);
    expect([honest.lang, honest.verdict === 'flag']).toEqual(['ru-Latn', false]);
  });

  test.each([
    'В Караганде открыли новую библиотеку, в ней двадцать тысяч книг и зал для детей',
    'Бүгін мектепте ата-аналар жиналысы болады, сағат алтыда келіңіздер',
  ])('does not flag a careful sentence: "%s"', (text) => {
    expect(assessPost(text, model).verdict).not.toBe('flag');
  });

  test('abstains on a greeting', () => {
    expect(assessPost('Привет!', model).verdict).toBe('abstain');
  });

  test('its labels add up to one', () => {
    const { scores } = assessPost('Заработок в интернете, пиши в личку', model);
    expect(Object.values(scores).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 12);
  });
});
