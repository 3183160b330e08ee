/**
 * What a page of the officers' queue costs among a thousand cases and among a million, on PostgreSQL:
 *
 *     DATABASE_URL=postgres://… node --import tsx bench/queue-page.ts [CASES]
 *
 * The database must be an empty one. Pages are asked for in turns, first of the small store's schema, then of the large
 * one's, so that both meet the same machine; told are medians of milliseconds, and their ratio.
 */
import { openDatabase } from '../store/open.ts';
import { queueStore } from '../store/queue.ts';

const url = process.env.DATABASE_URL;
if (url === undefined) {
  process.stderr.write('Set DATABASE_URL to an empty PostgreSQL database.\n');
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
     select 'site', 'bench-' || n || '.test', (array['pyramid', 'phishing', 'fake_shop'])[1 + n % 3], (n * 7919 % 1000) / 1000.0, 1,
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
await db.close();
