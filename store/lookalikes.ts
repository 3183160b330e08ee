/**
 * Rows of site prints (`classifiers/lookalike-sites.ts`), found again by the values they share: marks, and bands
 * of their text. A print is kept as it comes and given back so: what is in it is its room's affair.
 */
import type { Label } from '../domain/assessment.ts';
import { caseId } from '../domain/case.ts';
import type { Database, Queryable } from './database.ts';

export interface Found<Print> {
  /** Sites that share a value with this one, those that share most first. */
  readonly candidates: readonly {
    readonly print: Print;
    /** What officers confirmed the site as; null when they did not. */
    readonly confirmed: Label | null;
  }[];
  /** Value -> sites that bear it and are not confirmed as fraud; of the values of all prints above. */
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

export function lookalikeStore<Print>(db: Database): LookalikeStore<Print> {
  return {
    async put(site, print, values, now, mostBearers) {
      return db.transaction(async (tx) => {
        await tx.query(
          `insert into site_print (site, at, print) values ($1, $2, $3::jsonb)
           on conflict (site) do update set at = excluded.at, print = excluded.print`,
          [site, now, JSON.stringify(print)],
        );
        await tx.query('delete from site_value where site = $1 and value <> all($2::text[])', [site, values]);
        await tx.query(
          'insert into site_value (value, site) select distinct value, $1 from unnest($2::text[]) value on conflict do nothing',
          [site, values],
        );
        return find<Print>(tx, site, values, mostBearers);
      });
    },
    async link(site, others, now) {
      await db.transaction(async (tx) => {
        await tx.query('delete from look_alike where site = $1 or other = $1', [site]);
        for (const other of others) {
          await tx.query(
            'insert into look_alike (site, other, score, reasons, at) values ($1, $2, $3, $4::jsonb, $5)',
            [site, other.site, other.score, JSON.stringify(other.reasons), now],
          );
        }
      });
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

async function find<Print>(
  tx: Queryable,
  site: string,
  values: readonly string[],
  mostBearers: number,
): Promise<Found<Print>> {
  const candidates = await tx.query<{ site: string; print: Print; confirmed: Label | null }>(
    // Counted no further than it matters: a value may be borne by every site there is.
    `with open_value as (
       select it.value from unnest($2::text[]) as it (value) cross join lateral (
         select count(*) as n from (select 1 from site_value v where v.value = it.value limit $3::int + 1) as few) as borne
       where borne.n between 1 and $3::int
     ), shared as (
       select v.site, count(*) as n from site_value v join open_value o on o.value = v.value
       where v.site <> $1 group by v.site order by n desc, v.site limit $4
     )
     select s.site, p.print, (
       select c.label from cases c where c.subject_kind = 'site' and md5(c.subject_key) = md5(s.site)
         and c.subject_key = s.site and c.state in ('confirmed', 'approved', 'referred')) as confirmed
     from shared s join site_print p on p.site = s.site order by s.n desc, s.site`,
    [site, values, FULL_BUCKET, MOST_CANDIDATES],
  );
  const counts = await tx.query<{ value: string; n: number }>(
    `select it.value, borne.n from (select distinct value from site_value where site = any($1::text[])) as it
     cross join lateral (
       select count(*) as n from (
         select 1 from site_value v where v.value = it.value and not ${CONFIRMED} limit $2) as few) as borne`,
    [[site, ...candidates.map((it) => it.site)], mostBearers],
  );
  return {
    candidates: candidates.map(({ print, confirmed }) => ({ print, confirmed })),
    bearers: new Map(counts.map(({ value, n }) => [value, Number(n)])),
  };
}
