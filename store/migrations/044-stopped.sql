-- Scans that somebody stopped: what they had not asked for ends unasked.
create table scan_stop (
  scan_id uuid primary key references scan (id),
  at timestamptz not null,
  by text not null,
  reason text not null
);
