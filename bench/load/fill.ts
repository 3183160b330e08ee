/**
 * A large store, made by the database itself: cases with their pages, captures of many visits, listings of a market
 * that were looked through. Rows have the form of real ones; what they say is drawn by their number.
 */
import { loadPairModel } from '../../classifiers/duplicates/pair-model.ts';
import { priceGroups } from '../../classifiers/duplicates/price.ts';
import { marketIndex } from '../../queues/market/index.ts';
import { snapshotFolder } from '../../queues/market/snapshots.ts';
import type { Database, Queryable } from '../../store/database.ts';
import { marketStore } from '../../store/market.ts';

export interface Size {
  readonly cases: number;
  /** Ten a visit; the first visit of a site holds its case's evidence. */
  readonly captures: number;
  readonly listings: number;
}

export const MARKET = 'bazar';
const STEP = 200_000;
const PER_VISIT = 10;
const STARTED = '2026-05-01T00:00:00Z';

/** 2,048 of them; the first ones are in many texts, as words are. */
const WORDS = (
  'диван стол велосипед куртка щенок гитара дача гараж станок ремонт уроки плитка окно шкаф печь телефон экран коробка чек ' +
  'доставка самовывоз торг срочно новый состояние гарантия район этаж участок двигатель пробег кузов'
)
  .split(' ')
  .flatMap((word) => ['', 'а', 'ов', 'ом', 'ы', 'ный', 'ка', 'ость'].map((end) => word + end))
  .flatMap((word) => ['', 'н', 'пере', 'по', 'за', 'об', 'раз', 'вы'].map((begin) => begin + word));
const CATEGORIES = ['phones', 'furniture', 'cars', 'tools', 'pets', 'services', 'flats', 'clothes'];
const CITIES = ['Алматы', 'Астана', 'Шымкент', 'Қарағанды', 'Ақтау', 'Семей'];

/**
 * Goes on where a run before was broken off: what is filled is told in a table beside the rows, in their transaction.
 *
 * @param told hears how far it is.
 */
export async function fill(
  db: Database,
  { cases, captures, listings }: Size,
  told: (line: string) => void,
): Promise<void> {
  await db.query('create table if not exists bench_filled (what text primary key, up_to int not null)');
  await db.query('create table if not exists bench_index (name text primary key, made text not null)');
  const visits = Math.ceil(captures / PER_VISIT);
  const parts: readonly Part[] = [
    { what: 'cases', n: cases, tables: ['cases', 'act'], step: caseRows },
    { what: 'visits', n: visits, tables: ['visit'], step: visitRows },
    { what: 'captures', n: captures, tables: ['capture'], step: captureRows },
    {
      ...{ what: 'pages', n: Math.min(cases, visits), tables: ['page', 'case_capture'] },
      step: pageRows,
    },
    {
      ...{ what: 'listings', n: listings, step: listingRows },
      tables: ['market_log', 'market_listing', 'market_mark', 'market_price'],
    },
  ];
  for (const part of parts) await fillPart(db, part, told);
  await db.query("select setval(pg_get_serial_sequence('cases', 'id'), $1)", [cases]);
  await db.query("select setval(pg_get_serial_sequence('market_log', 'number'), $1)", [listings]);
  await db.query('insert into market_cursor (judged) values ($1) on conflict do nothing', [listings]);
  await db.query('vacuum analyze');
}

interface Part {
  readonly what: string;
  readonly n: number;
  readonly tables: readonly string[];
  readonly step: (tx: Queryable, from: number, to: number) => Promise<void>;
}

/** Indexes are made afterwards, and no trigger runs. */
async function fillPart(db: Database, part: Part, told: (line: string) => void): Promise<void> {
  const { what, n, tables, step } = part;
  const began = performance.now();
  const upTo = async () =>
    (await db.query<{ n: number }>('select up_to as n from bench_filled where what = $1', [what]))[0]?.n ?? 0;
  if ((await upTo()) < n)
    await db.transaction(async (tx) => {
      const dropped = await tx.query<{ name: string }>(
        `insert into bench_index select c.relname, pg_get_indexdef(c.oid) from pg_index i join pg_class c on c.oid = i.indexrelid
         where i.indrelid = any($1::text[]::regclass[])
           and not exists (select 1 from pg_constraint k where k.conindid = c.oid) returning name`,
        [tables],
      );
      for (const { name } of dropped) await tx.query(`drop index ${name}`);
    });
  for (let from = (await upTo()) + 1; from <= n; from += STEP) {
    const to = Math.min(n, from + STEP - 1);
    await db.transaction(async (tx) => {
      await tx.query("set local session_replication_role = 'replica'");
      await step(tx, from, to);
      await tx.query(
        'insert into bench_filled values ($1, $2) on conflict (what) do update set up_to = excluded.up_to',
        [what, to],
      );
    });
  }
  // The one over blobs is asked by retention alone, and would take longer than all the rest.
  const later = "select name, made from bench_index where made not like '% USING gin %'";
  for (const { name, made } of await db.query<{ name: string; made: string }>(later))
    await db.transaction(async (tx) => {
      await tx.query("set local maintenance_work_mem = '1GB'");
      await tx.query(made);
      await tx.query('delete from bench_index where name = $1', [name]);
    });
  told(`${n.toLocaleString('en')} ${what}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

/** Makes the index of copies of the log, and leaves it where a desk of that folder finds it. */
export async function keepIndex(db: Database, folder: string): Promise<{ readonly bytes: number }> {
  const snapshots = snapshotFolder(folder);
  const tools = { market: marketStore(db), pairModel: loadPairModel(), snapshots };
  const index = marketIndex({ ...tools, snapshotEvery: 100_000 });
  await index.follow();
  await index.save(snapshots, 0);
  return { bytes: index.bytes() };
}

const REASONS = JSON.stringify([
  {
    ...{ id: 'yield.daily', family: 'yield', criterion: 'ARRFR-1' },
    ...{ excerpt: 'Доход 2 % в день', contribution: 2.5 },
  },
]);

async function caseRows(tx: Queryable, from: number, to: number): Promise<void> {
  await tx.query(
    `insert into cases (id, subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at, reach)
     select n, 'site', 'site-' || n || '.test', (array['pyramid', 'phishing', 'fake_shop'])[1 + n % 3], (n::bigint * 7919 % 1000) / 1000.0, 1,
       'open', '{}', '{"label":"pyramid","signals":[],"sketch":[]}', $4::jsonb, $1::timestamptz - (n % 90) * interval '1 day', $1, 1 + n % 5
     from generate_series($2::int, $3::int) n`,
    [STARTED, from, to, REASONS],
  );
  await tx.query(
    `insert into act (at, case_id, revision, by, kind, facts)
     select $1, n, 1, 'kuzet', 'opened', '{"label":"pyramid","score":0.5}' from generate_series($2::int, $3::int) n`,
    [STARTED, from, to],
  );
}

async function visitRows(tx: Queryable, from: number, to: number): Promise<void> {
  const scan = numbered(0);
  await tx.query(
    "insert into scan (id, requested_at, settings) values ($1, $2, '{}') on conflict do nothing",
    [scan, STARTED],
  );
  await tx.query(
    `insert into visit (id, scan_id, host, state, queued_at, started_at, finished_at, seeds, captured, counted)
     select lpad(to_hex(n), 32, '0')::uuid, $1::uuid, 'site-' || n || '.test', 'done', $2, $2, $2, 1, ${PER_VISIT}, true
     from generate_series($3::int, $4::int) n`,
    [scan, STARTED, from, to],
  );
}

/** Of visit 1 the captures 10 to 19, and so on. */
async function captureRows(tx: Queryable, from: number, to: number): Promise<void> {
  await tx.query(
    `insert into capture (id, visit_id, url_key, site_kind, site_key, url, final_url, captured_at, status, media_type, peer,
       body_sha256, body_bytes, warc, screenshot, hops)
     select lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n / ${PER_VISIT}), 32, '0')::uuid, sha256(address::bytea), 'site',
       'site-' || n / ${PER_VISIT} || '.test', address, address, $1::timestamptz + n * interval '1 second', 200, 'text/html',
       '192.0.2.1', md5('b' || n) || md5('c' || n), 31000, md5('w' || n) || md5('x' || n),
       case when n % 5 = 0 then md5('s' || n) || md5('t' || n) end, '[]'
     from (select n, 'https://site-' || n / ${PER_VISIT} || '.test/p/' || n as address
           from generate_series($2::int + ${PER_VISIT - 1}, $3::int + ${PER_VISIT - 1}) n) it`,
    [STARTED, from, to],
  );
}

const ASSESSMENT = JSON.stringify({
  ...{ lang: 'ru', label: 'pyramid', score: 0.9, verdict: 'flag', abstainReason: null },
  ...{ scores: { pyramid: 0.9, legit: 0.1 }, signals: [], model: 'bench' },
});

async function pageRows(tx: Queryable, from: number, to: number): Promise<void> {
  await tx.query(
    `insert into page (capture_id, title, text, verdict, label, score, assessment)
     select lpad(to_hex(n * ${PER_VISIT}), 32, '0')::uuid, 'Клуб ' || n, repeat('Клуб платит каждую пятницу. ', 40),
       'flag', 'pyramid', 0.9, $3::jsonb from generate_series($1::int, $2::int) n`,
    [from, to, ASSESSMENT],
  );
  await tx.query(
    `insert into case_capture (case_id, capture_id)
     select n, lpad(to_hex(n * ${PER_VISIT}), 32, '0')::uuid from generate_series($1::int, $2::int) n`,
    [from, to],
  );
}

/** So many words for number `n`, in SQL; squared, a draw falls on the first words more often than on the last. */
const drawn = (salt: number, words: number) =>
  `(select string_agg(w[1 + floor(power((hashint8(n::bigint * 64 + i + ${salt}) & 1048575) / 1048576.0, 2) * ${WORDS.length})::int], ' ')
    from generate_series(1, ${words}) i)`;

async function listingRows(tx: Queryable, from: number, to: number): Promise<void> {
  await tx.query(
    `insert into market_log (number, market, listing_id, at, sha256, listing, quiet)
     select n, '${MARKET}', n::text, $1, md5('l' || n) || md5('m' || n), jsonb_build_object(
       'title', ${drawn(0, 4)}, 'text', ${drawn(8, 30)}, 'price', 1000 + n % 900000, 'currency', 'KZT',
       'category', ($4::text[])[1 + n % 8], 'city', ($5::text[])[1 + n / 8 % 6], 'attributes', '{}'::jsonb, 'photoHashes', '[]'::jsonb,
       'postedAt', '2026-05-01T00:00:00.000Z', 'accountAgeDays', null, 'seller', md5('a' || n / 2), 'phone', null, 'ip', null,
       'device', null, 'phonesInText', '[]'::jsonb, 'contacts', '[]'::jsonb,
       'marks', jsonb_build_array(jsonb_build_object('kind', 'account', 'hash', md5('a' || n / 2), 'flags', '[]'::jsonb))), true
     from (select $6::text[] as w) words, generate_series($2::int, $3::int) n`,
    [STARTED, from, to, CATEGORIES, CITIES, WORDS],
  );
  await tx.query(
    `insert into market_listing (market, listing_id, number)
     select '${MARKET}', n::text, n from generate_series($1::int, $2::int) n`,
    [from, to],
  );
  await tx.query(
    `insert into market_mark (kind, hash, number, flags)
     select 'account', md5('a' || n / 2), n, '{}' from generate_series($1::int, $2::int) n`,
    [from, to],
  );
  for (const [at, category] of CATEGORIES.entries())
    for (const [place, city] of CITIES.entries()) {
      const groups = priceGroups({ price: 1, currency: 'KZT', category, city, attributes: {} });
      await tx.query(
        `insert into market_price (group_key, number, price)
         select g, n, 1000 + n % 900000 from unnest($3::text[]) g, generate_series($1::int, $2::int) n
         where n % 8 = $4 and n / 8 % 6 = $5`,
        [from, to, groups, at, place],
      );
    }
}

/** As `lpad(to_hex(n), 32, '0')::uuid` makes it. */
function numbered(n: number): string {
  const hex = n.toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
