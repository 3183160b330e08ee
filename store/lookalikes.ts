/**
 * Rows of site prints (`classifiers/lookalike-sites.ts`), found again by the values they share: marks, and bands
 * of their text. A print is kept as it comes and given back so: what is in it is its room's affair.
 */
import type { Label } from '../domain/assessment.ts';
import { caseId } from '../domain/case.ts';
import type { Database, Queryable } from './database.ts';
import { roundsOf } from './rounds.ts';
import { together } from './together.ts';

export interface Found<Print> {
  /** Sites that share a value with this one, those that share most first. */
  readonly candidates: readonly {
    readonly print: Print;
    /** What officers confirmed the site as; null when they did not. */
    readonly confirmed: Label | null;
  }[];
  /** Value -> sites that bear it and are not confirmed as fraud; of the values of all prints above, and of others. */
  readonly bearers: ReadonlyMap<string, number>;
}

export interface LookAlike {
  readonly site: string;
  readonly score: number;
  readonly reasons: unknown;
  /** The site's own case; null when it has none. */
  readonly caseId: string | null;
  readonly label: Label | null;
  readonly state: string | null;
}

export interface LookalikeStore<Print> {
  /**
   * Keeps a site's print in place of the one before, and finds sites that share a value with it.
   *
   * @param mostBearers bearers of a value are counted up to this many.
   */
  put(
    site: string,
    print: Print,
    values: readonly string[],
    now: Date,
    mostBearers: number,
  ): Promise<Found<Print>>;
  /** Notes whom a site is like, in place of what was noted before. */
  link(
    site: string,
    others: readonly { readonly site: string; readonly score: number; readonly reasons: unknown }[],
    now: Date,
  ): Promise<void>;
  /** Whom a site is like, the likest first. */
  of(site: string): Promise<LookAlike[]>;
}

const MOST_CANDIDATES = 40;
/** A value that more sites bear leads nowhere: its bucket is not opened. */
const FULL_BUCKET = 200;

const CONFIRMED = `exists (select 1 from cases c where c.subject_kind = 'site' and md5(c.subject_key) = md5(v.site)
  and c.subject_key = v.site and c.state in ('confirmed', 'approved', 'referred'))`;

/** Sites in one transaction: each may be like forty others, whose prints are read. */
const MOST_AT_ONCE = 16;

export function lookalikeStore<Print>(db: Database): LookalikeStore<Print> {
  const put = together<NewPrint<Print>, Found<Print>>(
    (them) => db.transaction((tx) => putAll(tx, them)),
    MOST_AT_ONCE,
  );
  const link = together<NewLinks, null>((them) => db.transaction((tx) => linkAll(tx, them)));
  return {
    put: (site, print, values, now, mostBearers) => put({ site, print, values, now, mostBearers }),
    async link(site, others, now) {
      await link({ site, others, now });
    },
    async of(site) {
      const rows = await db.query<Omit<LookAlike, 'caseId'> & { number: number | null }>(
        `select l.other as site, l.score, l.reasons, c.id as number, c.label, c.state
         from (select other, score, reasons from look_alike where site = $1
               union all select site, score, reasons from look_alike where other = $1) l
         left join cases c on c.subject_kind = 'site' and md5(c.subject_key) = md5(l.other) and c.subject_key = l.other
         order by l.score desc, l.other`,
        [site],
      );
      return rows.map(({ number, ...row }) => ({
        ...row,
        caseId: number === null ? null : caseId(Number(number)),
      }));
    },
  };
}

interface NewPrint<Print> {
  readonly site: string;
  readonly print: Print;
  readonly values: readonly string[];
  readonly now: Date;
  readonly mostBearers: number;
}

/** Of one site given twice the later print stays. Sites that are new together find each other. */
async function putAll<Print>(
  tx: Queryable,
  them: readonly NewPrint<Print>[],
): Promise<{ answer: Found<Print> }[]> {
  const found = new Map<NewPrint<Print>, Found<Print>>();
  for (const some of roundsOf(them, ({ site }) => site)) {
    // In one order, so that two transactions cannot wait for each other.
    const sorted = some.sort((a, b) => (a.site < b.site ? -1 : 1));
    const sites = sorted.map(({ site }) => site);
    const pairs = sorted
      .flatMap(({ site, values }) => [...new Set(values)].map((value) => ({ site, value })))
      .sort((a, b) => (a.value < b.value || (a.value === b.value && a.site < b.site) ? -1 : 1));
    const borne = [pairs.map(({ value }) => value), pairs.map(({ site }) => site)];
    await tx.query(
      `insert into site_print (site, at, print) select * from unnest($1::text[], $2::timestamptz[], $3::jsonb[])
       on conflict (site) do update set at = excluded.at, print = excluded.print`,
      [sites, sorted.map(({ now }) => now), sorted.map(({ print }) => JSON.stringify(print))],
    );
    await tx.query(
      `delete from site_value v where v.site = any($3::text[]) and not exists (
         select 1 from unnest($1::text[], $2::text[]) as it (value, site) where it.value = v.value and it.site = v.site)`,
      [...borne, sites],
    );
    await tx.query(
      `insert into site_value (value, site) select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
      borne,
    );
    const most = Math.max(...some.map(({ mostBearers }) => mostBearers));
    const each = await findAll<Print>(tx, sites, borne, most);
    for (const it of sorted) found.set(it, each.get(it.site)!);
  }
  return them.map((it) => ({ answer: found.get(it)! }));
}

/** @param borne values, and beside each the site that asks for it. */
async function findAll<Print>(
  tx: Queryable,
  sites: readonly string[],
  borne: readonly (readonly string[])[],
  mostBearers: number,
): Promise<Map<string, Found<Print>>> {
  const candidates = await tx.query<{ asking: string; site: string; print: Print; confirmed: Label | null }>(
    // Counted no further than it matters: a value may be borne by every site there is.
    `with open_value as (
       select it.value, it.site from unnest($1::text[], $2::text[]) as it (value, site) cross join lateral (
         select count(*) as n from (select 1 from site_value v where v.value = it.value limit $3::int + 1) as few) as borne
       where borne.n between 2 and $3::int
     ), shared as (
       select o.site as asking, other.site, count(*) as n from open_value o cross join lateral (
         select v.site from site_value v where v.value = o.value limit $3::int) as other
       where other.site <> o.site group by o.site, other.site
     ), likest as (
       select *, row_number() over (partition by asking order by n desc, site) as nth from shared
     )
     select s.asking, s.site, p.print, (
       select c.label from cases c where c.subject_kind = 'site' and md5(c.subject_key) = md5(s.site)
         and c.subject_key = s.site and c.state in ('confirmed', 'approved', 'referred')) as confirmed
     from likest s join site_print p on p.site = s.site where s.nth <= $4 order by s.asking, s.nth`,
    [...borne, FULL_BUCKET, MOST_CANDIDATES],
  );
  const counts = await tx.query<{ value: string; n: number }>(
    `select it.value, borne.n from (select distinct value from site_value where site = any($1::text[])) as it
     cross join lateral (
       select count(*) as n from (
         select 1 from site_value v where v.value = it.value and not ${CONFIRMED} limit $2) as few) as borne`,
    [[...new Set([...sites, ...candidates.map((it) => it.site)])], mostBearers],
  );
  const bearers = new Map(counts.map(({ value, n }) => [value, Number(n)]));
  return new Map(
    sites.map((asking) => {
      const own = candidates.filter((it) => it.asking === asking);
      return [asking, { candidates: own.map(({ print, confirmed }) => ({ print, confirmed })), bearers }];
    }),
  );
}

interface NewLinks {
  readonly site: string;
  readonly others: readonly { readonly site: string; readonly score: number; readonly reasons: unknown }[];
  readonly now: Date;
}

/** As if one had come after the other: of two that name each other the later one tells of both. */
async function linkAll(tx: Queryable, them: readonly NewLinks[]): Promise<{ answer: null }[]> {
  let links: { site: string; other: string; score: number; reasons: string; at: Date }[] = [];
  for (const { site, others, now } of them) {
    links = links.filter((it) => it.site !== site && it.other !== site);
    for (const other of others) {
      const { site: name, score, reasons } = other;
      links.push({ site, other: name, score, reasons: JSON.stringify(reasons), at: now });
    }
  }
  const sites = them.map(({ site }) => site);
  await tx.query('delete from look_alike where site = any($1::text[])', [sites]);
  await tx.query('delete from look_alike where other = any($1::text[])', [sites]);
  if (links.length > 0) {
    await tx.query(
      `insert into look_alike (site, other, score, reasons, at)
       select * from unnest($1::text[], $2::text[], $3::float8[], $4::jsonb[], $5::timestamptz[])`,
      [
        links.map(({ site }) => site),
        links.map(({ other }) => other),
        links.map(({ score }) => score),
        links.map(({ reasons }) => reasons),
        links.map(({ at }) => at),
      ],
    );
  }
  return them.map(() => ({ answer: null }));
}
