-- Pages that were checked for cloaking: read as Kuzet, and as other visitors. What they were shown is a capture of its own,
-- under the profile that it was asked for as; the first capture has none.

alter table capture add column profile text;
alter table capture drop constraint capture_visit_id_url_key_key;
create unique index capture_once on capture (visit_id, url_key, coalesce(profile, ''));

create table cloak_check (
  capture_id uuid primary key references capture (id),
  visit_id uuid not null references visit (id),
  at timestamptz not null,
  why text not null,
  finding text not null check (finding in ('same', 'personalised', 'cloaked', 'blocked', 'error')),
  readings jsonb not null
);
create index cloak_check_visit on cloak_check (visit_id);
create trigger cloak_check_stays before update or delete on cloak_check
  for each row execute function refuse_change();
