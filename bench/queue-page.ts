/**
 * What a page of the officers' queue costs among a thousand cases and among a million, on PostgreSQL:
 *
 *     node --import tsx bench/queue-page.ts [CASES]
 *
 * It starts a PostgreSQL of its own with two databases, a small one and a large one. Each page is asked for in turns, once of
 * the one and once of the other, so that both meet the same machine; told are medians of milliseconds, and their ratio.
 */
import type { Database } from '../store/database.ts';
import { openDatabase } from '../store/open.ts';
import { queueStore } from '../store/queue.ts';
import { startPostgres } from '../test/engines/postgres.ts';

const own = await startPostgres();
if (own === null) {
  process.stderr.write('No PostgreSQL is installed here: Debian has it as postgresql.\n');
  process.exit(2);
}
const many = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 200;
const WARM = 20;
const now = new Date('2026-06-01T00:00:00Z');

const STEP = 100_000;

async function filled(db: Database, cases: number): Promise<Database> {
  for (let from = 1; from <= cases; from += STEP)
    await db.query(
      `insert into cases (subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at, reach)
       select 'site', 'bench-' || n || '.test', (array['pyramid', 'phishing', 'fake_shop'])[1 + n % 3], (n::bigint * 7919 % 1000) / 1000.0, 1,
         'open', '{}', '{"label":"pyramid","signals":[],"sketch":[]}', '[]', $1::timestamptz - (n % 90) * interval '1 day', $1, 1 + n % 5
       from generate_series($2::int, $3::int) n`,
      [now, from, Math.min(cases, from + STEP - 1)],
    );
  await db.query('vacuum analyze cases');
  return db;
}

/** The ways a queue is asked, of one database. */
async function waysOf(db: Database): Promise<Record<string, () => Promise<unknown>>> {
  const queue = queueStore(db);
  const [row] = await db.query<{ rank: number; id: number }>(
    "select rank, id from cases where state = 'open' and lane = 'desk' order by rank desc, id offset (select count(*) / 2 from cases) limit 1",
  );
  const deep = { rank: row?.rank ?? 0, id: Number(row?.id ?? 0) };
  return {
    'first page': () => queue.page({ state: 'open' }, null, 30, now),
    'a page of one label': () => queue.page({ state: 'open', label: 'phishing' }, null, 30, now),
    'a page far down': () => queue.page({ state: 'open' }, deep, 30, now),
    count: () => queue.count({ state: 'open' }, 1000),
  };
}

async function timed(way: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await way();
  return performance.now() - began;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

const first = await openDatabase({ url: own.url });
await first.query('create database large');
const second = await openDatabase({ url: own.url.replace(/[^/]*$/, 'large') });
try {
  const small = await waysOf(await filled(first, 1000));
  const large = await waysOf(await filled(second, many));
  for (const what of Object.keys(small)) {
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < WARM + ROUNDS; n += 1) {
      const both = [await timed(small[what]!), await timed(large[what]!)] as const;
      if (n < WARM) continue;
      times[0].push(both[0]);
      times[1].push(both[1]);
    }
    const [a, b] = [median(times[0]), median(times[1])];
    const ms = [a, b].map((it) => Number(it.toFixed(2)));
    process.stdout.write(
      `${JSON.stringify({ what, at: [1000, many], ms, ratio: Number((b / a).toFixed(2)) })}\n`,
    );
  }
} finally {
  await first.close();
  await second.close();
  await own.stop();
}
