/**
 * What a page of the officers' queue costs among a thousand cases and among a million, on PostgreSQL:
 *
 *     node --import tsx bench/queue-page.ts [CASES]
 *
 * It starts a PostgreSQL of its own; with DATABASE_URL it takes that one, which must be empty. Pages are asked for in turns, first of the small store's schema, then of the large
 * one's, so that both meet the same machine; told are medians of milliseconds, and their ratio.
 */
import { openDatabase } from '../store/open.ts';
import { queueStore } from '../store/queue.ts';
import { startPostgres } from '../test/engines/postgres.ts';

const own = process.env.DATABASE_URL === undefined ? await startPostgres() : null;
const url = process.env.DATABASE_URL ?? own?.url;
if (url === undefined) {
  process.stderr.write('No PostgreSQL is installed here. Set DATABASE_URL to an empty database.\n');
  process.exit(2);
}
const many = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 200;

const db = await openDatabase({ url });
const queue = queueStore(db);
const now = new Date('2026-06-01T00:00:00Z');

const fill = (from: number, to: number) =>
  db.query(
    `insert into cases (subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at, reach)
     select 'site', 'bench-' || n || '.test', (array['pyramid', 'phishing', 'fake_shop'])[1 + n % 3], (n::bigint * 7919 % 1000) / 1000.0, 1,
       'open', '{}', '{"label":"pyramid","signals":[],"sketch":[]}', '[]', $1::timestamptz - (n % 90) * interval '1 day', $1, 1 + n % 5
     from generate_series($2::int, $3::int) n`,
    [now, from, to],
  );

const WAYS = {
  'first page': () => queue.page({ state: 'open' }, null, 30, now),
  'a page of one label': () => queue.page({ state: 'open', label: 'phishing' }, null, 30, now),
  'a page far down': async () => queue.page({ state: 'open' }, deep, 30, now),
  count: () => queue.count({ state: 'open' }, 1000),
} as const;
let deep = { rank: 0, id: 0 };

async function medians(): Promise<Record<string, number>> {
  const [row] = await db.query<{ rank: number; id: number }>(
    "select rank, id from cases where state = 'open' and lane = 'desk' order by rank desc, id offset (select count(*) / 2 from cases) limit 1",
  );
  deep = { rank: row?.rank ?? 0, id: Number(row?.id ?? 0) };
  const told: Record<string, number> = {};
  for (const [name, way] of Object.entries(WAYS)) {
    for (let n = 0; n < 20; n += 1) await way();
    const times: number[] = [];
    for (let n = 0; n < ROUNDS; n += 1) {
      const began = performance.now();
      await way();
      times.push(performance.now() - began);
    }
    told[name] = times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
  }
  return told;
}

try {
  await fill(1, 1000);
  await db.query('analyze cases');
  const small = await medians();
  for (let from = 1001; from <= many; from += 100_000) await fill(from, Math.min(many, from + 99_999));
  await db.query('analyze cases');
  const large = await medians();
  for (const name of Object.keys(WAYS)) {
    const [a, b] = [small[name]!, large[name]!];
    process.stdout.write(
      `${JSON.stringify({ what: name, at: [1000, many], ms: [a, b].map((it) => Number(it.toFixed(2))), ratio: Number((b / a).toFixed(2)) })}\n`,
    );
  }
} finally {
  await db.close();
  await own?.stop();
}
