import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FRAMES, type FrameName } from '../../classifiers/synthetic/frames/index.ts';
import { TONGUES, type Words } from '../../classifiers/synthetic/parts.ts';
import { framesOf, renderPage, syntheticPages, syntheticPosts } from '../../classifiers/synthetic/render.ts';
import { readPage } from '../../crawler/extract/page.ts';

const names = Object.keys(FRAMES) as FrameName[];
const pages = syntheticPages(7);

const shop: Words = {
  lang: 'ru',
  title: 'Чайная лавка «Сабыр» — чай & посуда',
  form: 'order',
  blocks: [
    'Чай с гор',
    'Собираем иван-чай под Риддером и сушим сами, без ароматизаторов.',
    'Пачка 100 г — 1 800 ₸',
    'Доставка по Усть-Каменогорску, если заказ > 5 000 ₸',
    'Вопросы? Напишите нам: chai@sabyr.test',
    'Самовывоз с понедельника по пятницу с 10 до 18, вход со двора.',
  ],
};
const spoken: Words[] = [
  shop,
  {
    lang: 'kk',
    title: 'Ауылдық кітапхана',
    form: 'search',
    blocks: ['Кітап іздеу', 'Оқырман билетін кез келген тұрғын тегін ала алады.'],
  },
  {
    lang: 'kk-Latn',
    title: 'Auyldyq kıtaphana',
    form: 'phone',
    blocks: ['Kıtap ızdeu', 'Oqyrman biletın tegın aluğa bolady.'],
  },
  { lang: 'en', title: 'Village library', form: null, blocks: ['Opening hours', 'Tea & talk on Fridays.'] },
];

describe('a frame', () => {
  test.each(names)('%s shows every block and the title, in each language', (frame) => {
    for (const words of spoken) {
      for (let seed = 0; seed < 12; seed += 1) {
        const page = readPage(renderPage(words, frame, seed), '');
        const seen = page.text.replace(/\s+/g, ' ');
        for (const block of words.blocks) expect(seen).toContain(block);
        expect(page.title).toBe(words.title);
      }
    }
  });

  test.each(names)(
    '%s holds the form that the page has, and none that asks for a secret besides',
    (frame) => {
      for (let seed = 0; seed < 12; seed += 1) {
        const fields = readPage(renderPage(shop, frame, seed), '').forms.flatMap((form) => form.fields);
        expect(fields.filter((field) => field.type === 'tel')).toHaveLength(1);
        expect(fields.filter((field) => field.type === 'password')).toHaveLength(0);
        expect(fields.find((field) => field.type === 'tel')?.label).toBe('Телефон');
      }
      const login = renderPage({ ...shop, form: 'login' }, frame, 3);
      const kinds = readPage(login, '').forms.flatMap((form) => form.fields.map((field) => field.type));
      expect(kinds.filter((type) => type === 'password')).toHaveLength(1);
    },
  );

  test('is drawn alike for the same seed, and otherwise for another', () => {
    for (const frame of names) {
      expect(renderPage(shop, frame, 41)).toBe(renderPage(shop, frame, 41));
      if (frame !== 'bare') expect(renderPage(shop, frame, 41)).not.toBe(renderPage(shop, frame, 42));
    }
  });

  test('looks like no other frame', () => {
    const tags = names.map((frame) => new Set(renderPage(shop, frame, 5).match(/class="[^"]+"|<[a-z-]+/g)));
    for (const [i, one] of tags.entries()) {
      for (const other of tags.slice(i + 1)) {
        const shared = [...one].filter((tag) => other.has(tag)).length;
        expect(shared / (one.size + other.size - shared)).toBeLessThan(2 / 3);
      }
    }
  });
});

describe('own example pages', () => {
  test('are the same for the same seed', () => {
    expect(syntheticPages(7)).toEqual(pages);
  });

  test('take their frame from the name of the row and the seed alone', () => {
    for (const page of pages) expect(framesOf(page.group, 7, 2)).toContain(page.frame);
    expect(framesOf('synthetic-first-0', 7, 2)).not.toEqual(framesOf('synthetic-first-0', 8, 2));
  });

  test('stand in every frame as often whether they are fraud or not', () => {
    const counts = { legit: new Map<string, number>(), fraud: new Map<string, number>() };
    for (const { group, label } of pages) {
      const column = counts[label === 'legit' ? 'legit' : 'fraud'];
      for (let seed = 0; seed < 40; seed += 1) {
        for (const frame of framesOf(group, seed, 2)) column.set(frame, (column.get(frame) ?? 0) + 1);
      }
    }
    for (const column of [counts.legit, counts.fraud]) {
      const all = [...column.values()].reduce((sum, it) => sum + it, 0);
      for (const frame of names) {
        const share = (column.get(frame) ?? 0) / all;
        expect(share * names.length, frame).toBeGreaterThan(0.75);
        expect(share * names.length, frame).toBeLessThan(1.25);
      }
    }
  });

  test('stand in different frames of one text, in one group', () => {
    for (const group of new Set(pages.map((page) => page.group))) {
      const frames = pages.filter((page) => page.group === group).map((page) => page.frame);
      expect(frames).toHaveLength(2);
      expect(new Set(frames).size).toBe(2);
    }
  });

  test('have a name each, made of file, row and frame', () => {
    expect(new Set(pages.map((page) => page.id)).size).toBe(pages.length);
    expect(pages.map((page) => page.id)).toContain('synthetic-first-0-1');
  });

  test('come from every file of the folder', () => {
    const folder = new URL('../../classifiers/synthetic/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith('-pages.jsonl'));
    const named = new Set(pages.map((page) => page.group.replace(/^synthetic-(.+)-\d+$/, '$1-pages.jsonl')));
    expect([...named].sort()).toEqual(files.sort());
  });

  test('no text is given twice', () => {
    const texts = syntheticPosts().map((post) => post.text.toLowerCase().replace(/[\d\s]+/g, ' '));
    expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([]);
  });

  test('speak the languages that are declared', () => {
    for (const page of pages) expect(TONGUES).toContain(page.lang);
  });

  test('name no address outside reserved names in their words', () => {
    const hosts = syntheticPosts().flatMap(({ text }) => text.match(/\bhttps?:\/\/[^\s/]+/gi) ?? []);
    expect(
      hosts.filter((host) => !/\.test(?::\d+)?[.,)]?$|(?:^|\.|\/)example\.(?:com|org|net)$/i.test(host)),
    ).toEqual([]);
  });
});

describe('Kazakh examples', () => {
  test('tell of every kind of fraud in both scripts, and speak honestly too', () => {
    const posts = syntheticPosts();
    for (const lang of ['kk', 'kk-Latn']) {
      for (const kind of [pages, posts]) {
        const labels = new Set(kind.filter((item) => item.lang === lang).map((item) => item.label));
        expect([...labels]).toEqual(
          expect.arrayContaining([
            'dropper',
            'fake_listing',
            'fake_shop',
            'illegal_casino',
            'investment_fraud',
            'legit',
            'phishing',
            'pyramid',
            'recovery',
          ]),
        );
      }
    }
  });
});
