-- The market at the desk: whose people partners are, and the ways to what a ring was told of.

-- A partner at the desk is of one marketplace and sees nothing of others.
create table tenant_account (
  login text primary key references account (login),
  tenant text not null references tenant (id),
  since timestamptz not null
);
create index tenant_account_tenant on tenant_account (tenant);

-- Rings by their last change, and a marketplace's among them.
create index ring_updated on ring (updated_at, id);
create index ring_market_market on ring_market (market, ring_id);

-- Listings that a case's captures show.
create index market_log_capture on market_log (capture_id) where capture_id is not null;

-- Events of a ring: `subject` of the message (CloudEvents 1.0).
create index alert_event_subject on alert_event ((body::jsonb ->> 'subject'), seq);

-- Who looked for a telephone's owner, and who had identifiers shown in clear.
alter table desk_event drop constraint desk_event_kind_check;
alter table desk_event add constraint desk_event_kind_check
  check (kind in ('fetched', 'viewed', 'claimed', 'stolen', 'released', 'previewed', 'searched', 'revealed'));
