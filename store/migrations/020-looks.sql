-- Every address that was asked for: what is known of it, when it is looked at again, and what each look found.

create table known_address (
  url_key bytea primary key,
  url text not null,
  host text not null,
  -- The visit that looked last: the next look goes about it the same way.
  visit_id uuid not null references visit (id),
  first_at timestamptz not null,
  last_at timestamptz not null,
  state text not null check (state in ('live', 'parked', 'for_sale', 'suspended', 'gone', 'unreachable')),
  -- The last state that an answer told.
  settled text check (settled in ('live', 'parked', 'for_sale', 'suspended', 'gone')),
  risk double precision not null,
  verdict text,
  interval_seconds integer not null,
  due_at timestamptz not null,
  -- By when it should have been looked at: the order in which a budget is spent.
  look_by timestamptz not null,
  -- The newest page that was received whole, and what is remembered of it: see `classifiers/page-print.ts`.
  capture_id uuid,
  body_sha256 text,
  was_rendered boolean not null,
  print bytea,
  seen_print bytea,
  -- What the server named that page by, and what its word is worth: see `domain/revisit.ts`.
  etag text,
  last_modified text,
  not_modified integer not null,
  wasted integer not null,
  lies integer not null
);
create index known_address_look_by on known_address (look_by, url_key);

create table look (
  url_key bytea not null,
  visit_id uuid not null references visit (id),
  at timestamptz not null,
  state text not null check (state in ('live', 'parked', 'for_sale', 'suspended', 'gone', 'unreachable')),
  change text not null check (change in ('first', 'same', 'text', 'structure', 'replaced', 'revived', 'parked',
    'for_sale', 'suspended', 'gone', 'unreachable')),
  -- Null when nothing answered.
  status integer,
  -- Why there is no page; null when there is one.
  reason text,
  verdict text,
  score double precision,
  -- Shares of words and of markup that it has in common with the last page, 0..1.
  text_alike real,
  markup_alike real,
  interval_seconds integer not null,
  -- The page that was captured; for one that was not modified, the one that still holds.
  capture_id uuid,
  -- The WARC of an answer that said "not modified".
  warc text,
  primary key (url_key, visit_id)
);
create index look_url on look (url_key, at desc);
create index look_warc on look (warc) where warc is not null;
create trigger look_stays before update or delete on look for each row execute function refuse_change();

-- How often hosts were looked at again on a day of Almaty's clock.
create table look_budget (
  day date not null,
  host text not null,
  asked integer not null,
  primary key (day, host)
);

alter table frontier drop constraint frontier_outcome_check;
alter table frontier add constraint frontier_outcome_check
  check (outcome in ('captured', 'unchanged', 'failed', 'skipped'));
alter table visit add column unchanged integer not null default 0;
alter table scan add column unchanged integer not null default 0;
