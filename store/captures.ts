/** Rows of captures, the pages read out of them and the listings found on them. Captures never change. */
import type { Assessment } from '../domain/assessment.ts';
import type { Capture, PlainReason, Sha256 } from '../domain/capture.ts';
import { type CaseId, caseNumber, type Subject } from '../domain/case.ts';
import type { Listing } from '../domain/listing.ts';
import type { SitePictures } from '../domain/site-pictures.ts';
import type { ProfileName } from '../domain/visitor.ts';
import type { Database, Queryable } from './database.ts';
import { insertShadow } from './shadows.ts';
import { storable } from './storable.ts';
import { together } from './together.ts';

export interface PageRow {
  readonly subject: Subject;
  readonly title: string;
  /** What a reader sees, at most 20,000 characters: enough for an officer and for `seenOf`. */
  readonly text: string;
  readonly assessment: Assessment;
}

export interface CapturedPage {
  readonly capture: Capture;
  readonly page: PageRow;
}

/** A page as its site is weighed by it. */
export interface WeighedPage {
  readonly capture: Capture;
  /** `text` is null where it was not asked for. */
  readonly page: Omit<PageRow, 'text'> & { readonly text: string | null };
}

export interface CaptureStore {
  get(id: string): Promise<CapturedPage | null>;
  /** Subjects of which this visit captured pages. */
  subjectsOf(visitId: string): Promise<Subject[]>;
  /**
   * The newest capture of every address of a subject, and what other visitors were shown on that visit, riskiest
   * first; at most `limit`.
   */
  newestOf(subject: Subject, limit: number): Promise<CapturedPage[]>;
  /** The same, with the texts of the first `texts` alone: those of a large site are megabytes. */
  weighedOf(subject: Subject, limit: number, texts: number): Promise<WeighedPage[]>;
  /** Texts of captured pages by the ids of the captures. */
  textsOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Names of all blobs that captures, and looks at them, rely on; some come more than once. */
  blobs(): AsyncIterable<Sha256>;
  /** What pages of a subject a visit photographed. */
  picturesOf(visitId: string, subject: Subject): Promise<SitePictures>;
  /** The pages a case stands on, riskiest first. */
  ofCase(id: CaseId): Promise<CapturedPage[]>;
}

export interface NewCapture {
  readonly urlKey: Buffer;
  readonly capture: Capture;
  readonly page: PageRow;
  readonly listings?: readonly Listing[];
  /** What the model in the shadow thinks of it, where there is one. */
  readonly shadow?: Assessment | null;
}

/** All of them in one statement, their listings in a second: each statement is a journey to the database. */
export async function insertCaptures(tx: Queryable, them: readonly NewCapture[]): Promise<void> {
  if (them.length === 0) return;
  await tx.query(
    `with it as (
       select * from json_to_recordset($1::json) as it (id uuid, visit_id uuid, url_key text, site_kind text,
         site_key text, url text, final_url text, captured_at timestamptz, status integer, media_type text, peer text,
         body_sha256 text, body_bytes bigint, warc text, screenshot text, full_screenshot text, dom text,
         render_reason text, left_plain text, hops jsonb, facts text, profile text, title text, text text, verdict text, label text,
         score double precision, assessment jsonb)
     ), captured as (
       insert into capture (id, visit_id, url_key, site_kind, site_key, url, final_url, captured_at, status, media_type,
         peer, body_sha256, body_bytes, warc, screenshot, full_screenshot, dom, render_reason, left_plain, hops, facts,
         profile)
       select id, visit_id, decode(url_key, 'hex'), site_kind, site_key, url, final_url, captured_at, status, media_type,
         peer, body_sha256, body_bytes, warc, screenshot, full_screenshot, dom, render_reason, left_plain, hops, facts,
         profile from it
     )
     insert into page (capture_id, title, text, verdict, label, score, assessment)
     select id, title, text, verdict, label, score, assessment from it`,
    [storable(JSON.stringify(them.map(asRow)))],
  );
  const listings = them.flatMap(({ capture, listings: found = [] }) =>
    found.map((listing, n) => ({
      capture_id: capture.id,
      n,
      fold: listingFold(listing),
      seller: listing.seller?.id ?? null,
      listing,
    })),
  );
  if (listings.length > 0) {
    await tx.query(
      `insert into listing (capture_id, n, fold, seller, listing)
       select capture_id, n, fold, seller, listing from json_to_recordset($1::json)
         as it (capture_id uuid, n integer, fold text, seller text, listing jsonb)`,
      [storable(JSON.stringify(listings))],
    );
  }
  for (const { capture, shadow } of them) if (shadow != null) await insertShadow(tx, capture.id, shadow);
}

function asRow({ urlKey, capture, page }: NewCapture) {
  return {
    id: capture.id,
    visit_id: capture.visitId,
    url_key: urlKey.toString('hex'),
    site_kind: page.subject.kind,
    site_key: page.subject.key,
    url: capture.url,
    final_url: capture.finalUrl,
    captured_at: capture.capturedAt,
    status: capture.status,
    media_type: capture.mediaType,
    peer: capture.peer,
    body_sha256: capture.bodySha256,
    body_bytes: capture.bodyBytes,
    warc: capture.warc,
    screenshot: capture.screenshot,
    full_screenshot: capture.fullScreenshot,
    dom: capture.dom,
    render_reason: capture.renderReason,
    left_plain: capture.leftPlain ?? null,
    hops: capture.hops,
    facts: capture.facts ?? null,
    profile: capture.profile ?? null,
    title: page.title,
    text: page.text,
    verdict: page.assessment.verdict,
    label: page.assessment.label,
    score: page.assessment.score,
    assessment: page.assessment,
  };
}

/** Title and text without case, digits' spacing and punctuation: equal for an advertisement posted again. */
export function listingFold(listing: Pick<Listing, 'title' | 'text'>): string {
  return `${listing.title} ${listing.text}`
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .slice(0, 2000);
}

const COLUMNS_BUT_TEXT = `c.id, c.visit_id, c.site_kind, c.site_key, c.url, c.final_url, c.captured_at, c.status, c.media_type,
  c.peer, c.body_sha256, c.body_bytes, c.warc, c.screenshot, c.full_screenshot, c.dom, c.render_reason, c.left_plain, c.hops,
  c.facts, c.profile, p.title, p.assessment`;
const COLUMNS = `${COLUMNS_BUT_TEXT}, p.text`;

export function captureStore(db: Database): CaptureStore {
  const subjectsOf = together<string, Subject[]>(async (visitIds) => {
    const rows = await db.query<{ visit_id: string; site_kind: Subject['kind']; site_key: string }>(
      `select distinct visit_id, site_kind, site_key from capture where visit_id = any($1::uuid[])
       order by site_kind, site_key`,
      [visitIds],
    );
    return visitIds.map((id) => ({
      answer: rows.flatMap((row) =>
        row.visit_id === id ? [{ kind: row.site_kind, key: row.site_key }] : [],
      ),
    }));
  });
  return {
    async get(id) {
      const [row] = await db.query<CaptureRow>(
        `select ${COLUMNS} from capture c join page p on p.capture_id = c.id where c.id = $1`,
        [id],
      );
      return row === undefined ? null : asCapturedPage(row);
    },
    subjectsOf,
    async newestOf(subject, limit) {
      const rows = await newest<CaptureRow>(db, subject, limit, COLUMNS);
      return rows.map(asCapturedPage);
    },
    async weighedOf(subject, limit, texts) {
      // What is not told is not read either: a long text lies beside its row.
      const told = `${COLUMNS_BUT_TEXT},
        case when row_number() over (order by p.score desc, c.id) <= $4 then p.text end as text`;
      const rows = await newest<WeighedRow>(db, subject, limit, told, [texts]);
      return rows.map((row) => ({ capture: asCapture(row), page: { ...judgementIn(row), text: row.text } }));
    },
    async textsOf(ids) {
      if (ids.length === 0) return new Map();
      const rows = await db.query<{ id: string; text: string }>(
        'select capture_id::text as id, text from page where capture_id = any($1::uuid[])',
        [ids],
      );
      return new Map(rows.map(({ id, text }) => [id, text]));
    },
    async *blobs() {
      for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
        const rows = await db.query<{ id: string; names: (string | null)[] }>(
          `select id, array[body_sha256, warc, screenshot, full_screenshot, dom, facts] as names
           from capture where id > $1 order by id limit 1000`,
          [after],
        );
        for (const { names } of rows) for (const name of names) if (name !== null) yield name;
        after = rows.at(-1)?.id ?? after;
        if (rows.length < 1000) break;
      }
      for (let after = ''; ; ) {
        const rows = await db.query<{ warc: Sha256 }>(
          'select distinct warc from look where warc > $1 order by warc limit 1000',
          [after],
        );
        for (const { warc } of rows) yield warc;
        after = rows.at(-1)?.warc ?? after;
        if (rows.length < 1000) return;
      }
    },
    async picturesOf(visitId, { kind, key }) {
      const [row] = await db.query<SitePictures>(
        `select count(*) filter (where p.verdict = 'flag')::int as flagged,
           count(*) filter (where p.verdict = 'abstain')::int as doubtful,
           coalesce(max(p.score) filter (where p.verdict <> 'clear'), 0) as riskiest
         from capture c join page p on p.capture_id = c.id
         where c.visit_id = $1 and c.site_kind = $2 and c.site_key = $3 and c.screenshot is not null`,
        [visitId, kind, key],
      );
      return row!;
    },
    async ofCase(id) {
      const rows = await db.query<CaptureRow>(
        `select ${COLUMNS} from case_capture k join capture c on c.id = k.capture_id
         join page p on p.capture_id = c.id where k.case_id = $1 order by p.score desc, c.captured_at desc, c.id`,
        [caseNumber(id)],
      );
      return rows.map(asCapturedPage);
    },
  };
}

function newest<Row extends object>(
  db: Queryable,
  { kind, key }: Subject,
  limit: number,
  columns: string,
  more: readonly unknown[] = [],
): Promise<Row[]> {
  return db.query<Row>(
    `with newest as (
       select distinct on (c.url_key) c.id, c.visit_id, c.url_key from capture c
       where c.site_kind = $1 and md5(c.site_key) = md5($2) and c.site_key = $2
       order by c.url_key, c.captured_at desc, c.profile nulls first, c.id desc
     )
     select ${columns} from newest n
       join capture c on c.visit_id = n.visit_id and c.url_key = n.url_key
         and c.site_kind = $1 and c.site_key = $2
       join page p on p.capture_id = c.id
     order by p.score desc, c.id limit $3`,
    [kind, key, limit, ...more],
  );
}

/** Captures by their ids, in no order. */
export async function readCaptures(tx: Queryable, ids: readonly string[]): Promise<Capture[]> {
  const rows = await tx.query<CaptureFacts>('select * from capture where id = any($1::uuid[])', [ids]);
  return rows.map(asCapture);
}

interface CaptureFacts {
  id: string;
  visit_id: string;
  site_kind: Subject['kind'];
  site_key: string;
  url: string;
  final_url: string;
  captured_at: Date;
  status: number;
  media_type: string;
  peer: string | null;
  body_sha256: string;
  body_bytes: number;
  warc: string;
  screenshot: string | null;
  full_screenshot: string | null;
  dom: string | null;
  render_reason: string | null;
  left_plain: PlainReason | null;
  hops: Capture['hops'];
  facts: string | null;
  profile: ProfileName | null;
}

interface WeighedRow extends CaptureFacts {
  title: string;
  text: string | null;
  assessment: Assessment;
}

interface CaptureRow extends WeighedRow {
  text: string;
}

function asCapturedPage(row: CaptureRow): CapturedPage {
  return { capture: asCapture(row), page: { ...judgementIn(row), text: row.text } };
}

function judgementIn({ site_kind: kind, site_key: key, title, assessment }: WeighedRow) {
  return { subject: { kind, key }, title, assessment };
}

function asCapture(row: CaptureFacts): Capture {
  return {
    id: row.id,
    visitId: row.visit_id,
    url: row.url,
    finalUrl: row.final_url,
    capturedAt: row.captured_at,
    status: row.status,
    mediaType: row.media_type,
    peer: row.peer,
    bodySha256: row.body_sha256,
    bodyBytes: Number(row.body_bytes),
    warc: row.warc,
    screenshot: row.screenshot,
    fullScreenshot: row.full_screenshot,
    dom: row.dom,
    renderReason: row.render_reason,
    ...(row.left_plain === null ? {} : { leftPlain: row.left_plain }),
    ...(row.profile === null ? {} : { profile: row.profile }),
    hops: row.hops,
    // A key that was not there when the ledger told of the capture is not there now.
    ...(row.facts === null ? {} : { facts: row.facts }),
  };
}
