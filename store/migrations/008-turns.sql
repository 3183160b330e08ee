-- Whose turn it is to ask a host, what waits for a host's patience, and the switch that holds all visits.

-- `busy_by` is the visit that asks the host now. A worker that dies with the turn loses it at `busy_until`.
alter table host add column busy_by uuid, add column busy_until timestamptz;

-- A visit whose host asked to be left alone until then; null when it never did.
alter table visit add column not_before timestamptz;

-- An address whose redirect leads to a host that asked to be left alone until then.
alter table frontier add column not_before timestamptz;

-- At most one row: while it is there no visit asks anything.
create table pause (
  held boolean primary key default true check (held),
  at timestamptz not null,
  by text not null,
  reason text not null
);
