-- What was learned of pages with one shape of address on one host (domain/render-lesson.ts): how many were shown in a
-- browser, and of how many it showed more than their bytes. Losing a row costs a few renders and nothing else.

create table render_lesson (
  host text not null,
  -- As in domain/trap.ts, e.g. `/news/#`.
  shape text not null,
  doubted_shown integer not null default 0,
  doubted_helped integer not null default 0,
  trusted_shown integer not null default 0,
  trusted_helped integer not null default 0,
  last_at timestamptz not null,
  primary key (host, shape)
);

-- Why no browser showed it, where its bytes alone were no reason.
alter table capture add column left_plain text;
