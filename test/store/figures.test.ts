import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricText } from '../../domain/figure.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { foldCounts } from '../../store/counts.ts';
import type { Database } from '../../store/database.ts';
import { houseFigures } from '../../store/figures.ts';
import { openDatabase } from '../../store/open.ts';
import { pauseStore } from '../../store/pause.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id } from '../conformance/rows.ts';

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ memory: true });
});
afterAll(() => db.close());

const told = async () => (await houseFigures(db, at)).flatMap(metricText);

test('an empty house says so, in what Prometheus reads', async () => {
  const lines = await told();
  expect(lines).toContain('# TYPE kuzet_addresses_due gauge');
  expect(lines).toContain('kuzet_addresses_due 0');
  expect(lines.filter((line) => !/^# (HELP|TYPE) kuzet_\w+ .+$|^kuzet_\w+(\{.*\})? \d+$/.test(line))).toEqual(
    [],
  );
});

test('what is due, captured, skipped and held is counted', async () => {
  const visits = visitStore(db);
  const seeds = ['http://a.test/1', 'http://a.test/2', 'http://b.test/'].map((url) => new URL(url));
  const scan = { id: id(), visitIds: id, seeds, refusals: [], settings: DEFAULT_SETTINGS, now: at };
  await visits.startScan(scan);
  const visit = (await visits.claim('a.test', id(), at))!;
  const due = (await visits.nextDue(visit))!;
  await visits.finish(visit, due, captured(visit, due, []));
  await visits.skipRest(visit, 'host_down', 'a.test stopped answering');
  await pauseStore(db).pause({ at, by: 'aigerim', reason: '' });
  const lines = await told();
  expect(lines).toContain('kuzet_visits_open{state="queued"} 1');
  expect(lines).toContain('kuzet_visits_open{state="running"} 1');
  expect(lines).toContain('kuzet_addresses_due 1');
  expect(lines).toContain('kuzet_addresses_total{outcome="captured",reason=""} 1');
  expect(lines).toContain('kuzet_addresses_total{outcome="skipped",reason="host_down"} 1');
  expect(lines).toContain('kuzet_paused 1');
});

test('nothing changes when visits that are done are counted for good, once however often', async () => {
  const visits = visitStore(db);
  const visit = await visits.claim('b.test', id(), at);
  expect(visit).toBe(null);
  await pauseStore(db).resume('aigerim', at);
  const held = (await visits.claim('b.test', id(), at))!;
  const due = (await visits.nextDue(held))!;
  await visits.finish(held, due, captured(held, due, []));
  await visits.close(held, at);
  const before = await told();
  expect(before).toContain('kuzet_captures_total{verdict="flag",rendered="false"} 2');
  expect(before).toContain('kuzet_addresses_total{outcome="captured",reason=""} 2');
  expect(await Promise.all([foldCounts(db), foldCounts(db)])).toContain(1);
  expect(await foldCounts(db)).toBe(0);
  expect(await told()).toEqual(before);
  const kept = await db.query<{ name: string }>(
    "select name from figure where name <> 'addresses_known' order by name",
  );
  expect(kept.map(({ name }) => name)).toEqual(['addresses_total', 'captures_total']);
});

test('a label is escaped', () => {
  const rows = [{ labels: { source: 'a"b\\c\nd' }, value: 1 }];
  expect(metricText({ name: 'x', kind: 'gauge', about: 'X', labels: ['source'], rows }).at(-1)).toBe(
    'kuzet_x{source="a\\"b\\\\c\\nd"} 1',
  );
});

test('the dashboard for Grafana asks for figures and labels that there are, and leaves no figure out', async () => {
  const file = new URL('../../packaging/grafana/kuzet.json', import.meta.url);
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as {
    panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
  };
  const figures = new Map(
    (await houseFigures(db, at)).map(({ name, labels }): [string, readonly string[]] => [
      `kuzet_${name}`,
      labels,
    ]),
  );
  const asked = panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({
      title,
      names: [...expr.matchAll(/kuzet_\w+/g)].map(([name]) => name),
      labels: [
        ...[...expr.matchAll(/by \(([^)]+)\)/g)].flatMap(([, list = '']) => list.split(', ')),
        ...[...expr.matchAll(/[{,]\s*(\w+)\s*[=!]/g)].map(([, label = '']) => label),
        ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
      ],
    })),
  );
  const unknown = asked.filter(
    ({ names, labels }) =>
      names.length === 0 ||
      names.some((name) => !figures.has(name) || labels.some((label) => !figures.get(name)!.includes(label))),
  );
  expect(unknown).toEqual([]);
  expect(new Set(asked.flatMap(({ names }) => names))).toEqual(new Set(figures.keys()));
});
