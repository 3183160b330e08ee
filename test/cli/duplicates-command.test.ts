import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { type Command, readWords, UsageError } from '../../cli/command.ts';
import { duplicates, pairs, photos } from '../../cli/listings.ts';
import { readConfig } from '../../config.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-duplicates-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
const write = (name: string, rows: readonly unknown[]): string => {
  writeFileSync(
    path(name),
    rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join(''),
  );
  return path(name);
};
const read = (name: string): Record<string, unknown>[] =>
  readFileSync(path(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function run(command: Command, ...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    stdin: Readable.from([]),
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    json: false,
    isTerminal: false,
  };
  const around = { config: readConfig({}, folder), io, signal: new AbortController().signal };
  const code = await command.run(readWords(command, args), around);
  return { code, out, err };
}

const SOFA =
  'Угловой диван, механизм дельфин, ткань бежевая рогожка, спальное место 140 на 200. Брали в салоне ' +
  'прошлой осенью, без детей и животных, подушки в комплекте. Причина продажи переезд, самовывоз, пятый этаж.';
const ROWS = [
  {
    id: 'a',
    title: 'Диван угловой бежевый',
    description: SOFA,
    price: 90_000,
    sellerId: 's1',
    phone: '+77000000012',
    ip: '198.18.0.1',
    device: 'd1',
    category: 'Мебель',
    attrs: {},
  },
  {
    id: 'b',
    title: 'Дивaн углoвoй бeжeвый',
    description: SOFA.replaceAll('о', 'o').replaceAll('а', 'a'),
    price: 55_000,
    sellerId: 's2',
    phone: '+77000000034',
    ip: '198.18.0.1',
    device: 'd1',
    category: 'Мебель',
    attrs: {},
  },
  {
    id: 'c',
    title: 'Аквариум 120 литров',
    description: 'С фильтром, компрессором и грунтом, рыбки в подарок',
    price: 30_000,
    sellerId: 's3',
    phone: '+77000000056',
    ip: '198.18.0.9',
    device: 'd9',
    category: 'Животные',
    attrs: {},
  },
];

describe('kuzet duplicates', () => {
  test('writes pairs with reasons, rings with their actors, and a drawing', async () => {
    const { code } = await run(duplicates, '--listings', write('l.jsonl', ROWS), '--out', path('o'));
    expect(code).toBe(0);
    expect(read('o/pairs.jsonl')).toEqual([
      expect.objectContaining({ a: 'a', b: 'b', relation: 'duplicate_ad', reasons: expect.any(Array) }),
    ]);
    const [ring] = read('o/clusters.jsonl');
    expect(ring).toMatchObject({ members: ['a', 'b'], relation: 'duplicate_ad', density: 1 });
    expect(ring!['actors']).toContainEqual(
      expect.objectContaining({ kind: 'ip', value: '198.18.0.1', listings: 2 }),
    );
    expect(readFileSync(path('o/actors.csv'), 'utf8').split('\r\n')).toContain(
      `${String(ring!['id'])},phone,+77000000034,1,,,,`,
    );
    expect(readdirSync(path('o')).filter((name) => name.endsWith('.svg'))).toEqual([
      `${String(ring!['id'])}.svg`,
    ]);
  });

  test('judges every given pair once, in order, and says of a bad one why', async () => {
    const given = write('p.jsonl', [
      { a: 'c', b: 'a' },
      '{"a":',
      { a: 'a', b: 'nobody' },
      { a: 'b', b: 'a' },
    ]);
    const from = write('l.jsonl', ROWS);
    for (const fields of ['text', 'text+photo+price', 'all']) {
      await run(duplicates, '--listings', from, '--pairs', given, '--fields', fields, '--out', path('g'));
      const rows = read('g/pairs.jsonl');
      expect(rows.length).toBe(4);
      expect(rows[0]).toMatchObject({ a: 'c', b: 'a', relation: 'none' });
      expect(rows[1]).toMatchObject({ line: 2, error: 'is not JSON' });
      expect(rows[2]).toMatchObject({ a: 'a', b: 'nobody', error: 'there is no listing "nobody"' });
      expect(rows[3]!['score']).toBeGreaterThan(0.8);
    }
  });

  test('leaves bad and repeated lines out and ends with 1', async () => {
    const from = write('bad.jsonl', [...ROWS, '{"id":', { title: 'без номера' }, ROWS[0]]);
    const { code, err } = await run(duplicates, '--listings', from, '--out', path('b'));
    expect(code).toBe(1);
    expect(err.map((line) => line.replace(from, 'F'))).toEqual([
      'F, line 4: is not JSON; left out.',
      expect.stringContaining('F, line 5: id: '),
      'F, line 6: id: "a" was there before; left out.',
    ]);
    expect(read('b/clusters.jsonl').length).toBe(1);
  });

  test('refuses fields that it does not know', async () => {
    const asked = run(duplicates, '--listings', path('l.jsonl'), '--fields', 'smell', '--out', path('o'));
    await expect(asked).rejects.toThrow(UsageError);
  });
});

describe('kuzet pairs', () => {
  const word = (at: number): string => ['жезказган', 'балхаш', 'экибастуз', 'риддер', 'сатпаев'][at % 5]!;
  const rows = Array.from({ length: 80 }, (_, at) => ({
    a: `Открыт завод номер ${at} в городе ${word(at)}`,
    b:
      at % 2 === 0
        ? `В городе ${word(at)} открылся завод ${at}`
        : `Прошел дождь в ${word(at + 1)}, ${at + 3} мм`,
    label: at % 2 === 0 ? 1 : 0,
  }));

  test('learns, and answers every line in its place', async () => {
    const trained = await run(pairs, 'train', '--pairs', write('t.jsonl', rows), '--model', path('m.json'));
    expect(trained.code).toBe(0);
    const asked = write('q.jsonl', [
      { a: 'Открыт завод номер 200 в городе риддер', b: 'В городе риддер открылся завод 200' },
      'не пара',
      { a: 'Открыт завод номер 200 в городе риддер', b: 'Прошел дождь в балхаш, 7 мм' },
    ]);
    const { code } = await run(
      pairs,
      'score',
      '--pairs',
      asked,
      '--model',
      path('m.json'),
      '--out',
      path('s.jsonl'),
    );
    expect(code).toBe(1);
    const [one, bad, other] = read('s.jsonl');
    expect(one!['score']).toBeGreaterThan(0.5);
    expect(bad).toEqual({ error: 'is not JSON' });
    expect(other!['score']).toBeLessThan(0.5);
  });

  test('writes the same model from the same pairs', async () => {
    const from = write('t.jsonl', rows);
    await run(pairs, 'train', '--pairs', from, '--model', path('m1.json'));
    await run(pairs, 'train', '--pairs', from, '--model', path('m2.json'));
    expect(readFileSync(path('m1.json'), 'utf8')).toBe(readFileSync(path('m2.json'), 'utf8'));
  });

  test('refuses a file that is no model', async () => {
    const asked = run(
      pairs,
      'score',
      '--pairs',
      path('t.jsonl'),
      '--model',
      path('t.jsonl'),
      '--out',
      path('x'),
    );
    await expect(asked).rejects.toThrow('is no model of pairs');
  });
});

describe('kuzet pairs train --listings', () => {
  /** A hundred advertisements: each stands there again from the same device, and in the same words from somebody else's. */
  const corpus = (name: string, pairs: readonly unknown[] = []): string => {
    mkdirSync(path(name), { recursive: true });
    const numbers = Array.from({ length: 100 }, (_, at) => at);
    const words = (at: number): string =>
      ['бойлер', 'палатка', 'самовар', 'гитара', 'сервант', 'прицеп', 'баян']
        .map((word, place) => `${word} ${'абвгдежзик'[(at * (place + 3)) % 10]}${word}`)
        .slice(at % 4)
        .join(' ');
    const listing = (id: string, at: number, device: string) => ({
      id,
      title: `Продам ${words(at).slice(0, 20)}`,
      description: words(at),
      price: 1_000 * at,
      sellerId: id,
      device,
    });
    write(
      `${name}/listings.jsonl`,
      numbers.flatMap((at) => [
        listing(`first${at}`, at, `d${at}`),
        listing(`again${at}`, at, `d${at}`),
        listing(`other${at}`, at, `e${at}`),
      ]),
    );
    write(`${name}/groups.jsonl`, [...numbers.map((at) => ({ members: [`first${at}`, `again${at}`] }))]);
    write(`${name}/pairs.jsonl`, [
      ...numbers.flatMap((at) => [
        { a: `first${at}`, b: `again${at}`, label: 1, kind: 'exact_repost' },
        { a: `first${at}`, b: `other${at}`, label: 0, kind: 'neg_identical_generic_text' },
      ]),
      ...pairs,
    ]);
    return path(name);
  };

  test('learns what tells copies from look-alikes, and does not take what is not known for what differs', async () => {
    const trained = await run(
      pairs,
      'train',
      '--listings',
      corpus('labelled'),
      '--model',
      path('judge.json'),
    );
    expect(trained.out).toEqual([expect.stringMatching(/^pairs-[0-9a-f]{12} written to .*judge\.json\.$/)]);
    const asked = ['d1', 'd1', 'd2', null].map((device, at) => {
      return {
        id: `q${at}`,
        title: 'Угловой диван',
        description: SOFA,
        price: 90_000,
        sellerId: `s${at}`,
        device,
      };
    });
    const given = write('asked.jsonl', [
      { a: 'q0', b: 'q1' },
      { a: 'q0', b: 'q2' },
      { a: 'q0', b: 'q3' },
    ]);
    const from = ['--listings', write('asked-listings.jsonl', asked), '--pairs', given];
    await run(duplicates, ...from, '--model', path('judge.json'), '--out', path('judged'));
    const [same, differs, unknown] = read('judged/pairs.jsonl').map(({ score }) => Number(score));
    expect(same).toBeGreaterThan(0.8);
    expect(differs).toBeLessThan(0.2);
    expect(unknown).toBeGreaterThan(differs!);
    expect(unknown).toBeLessThan(same!);
  });

  test('says which line of which file is no labelled pair', async () => {
    const folder = corpus('mislabelled', [{ a: 'first0', b: 'again0', label: 'yes', kind: 'exact_repost' }]);
    await expect(run(pairs, 'train', '--listings', folder, '--model', path('x.json'))).rejects.toThrow(
      /mislabelled\/pairs\.jsonl, line 201/,
    );
  });
});

describe('kuzet photos', () => {
  /** A picture of coloured blobs, another one for every seed. */
  const drawing = (seed: number): Buffer => {
    let state = seed;
    const next = (most: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % most;
    };
    const blobs = Array.from(
      { length: 24 },
      () =>
        `<circle cx="${next(400)}" cy="${next(300)}" r="${15 + next(60)}" fill="rgb(${next(256)},${next(256)},${next(256)})"/>`,
    );
    return Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300" fill="#dde3e8"/>${blobs.join('')}</svg>`,
    );
  };

  test('finds a photo recompressed, mirrored and cropped, and no other', async () => {
    for (let at = 1; at <= 6; at += 1)
      await sharp(drawing(at))
        .png()
        .toFile(path(`p${at}.png`));
    await sharp(drawing(1)).resize(200).jpeg({ quality: 50 }).toFile(path('small.jpg'));
    await sharp(drawing(2)).flop().jpeg().toFile(path('mirror.jpg'));
    await sharp(drawing(3))
      .extract({ left: 10, top: 8, width: 380, height: 285 })
      .png()
      .toFile(path('crop.png'));
    writeFileSync(path('broken.jpg'), 'no picture');
    const names = [
      'p1.png',
      'p2.png',
      'p3.png',
      'p4.png',
      'p5.png',
      'p6.png',
      'small.jpg',
      'mirror.jpg',
      'crop.png',
    ];
    const list = write('photos.txt', [...names, 'broken.jpg']);
    const hashes = path('hashes.jsonl');
    const { code, err } = await run(photos, '--in', list, '--out', path('found.jsonl'), '--hashes', hashes);
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringMatching(/^broken\.jpg: .*; left out\.$/)]);
    expect(read('found.jsonl').map(({ a, b, edit }) => [a, b, edit])).toEqual([
      ['p1.png', 'small.jpg', 'same'],
      ['p2.png', 'mirror.jpg', 'mirrored'],
      ['p3.png', 'crop.png', 'cropped'],
    ]);
    expect(read('hashes.jsonl').length).toBe(9);
    for (const { hash } of read('hashes.jsonl')) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
