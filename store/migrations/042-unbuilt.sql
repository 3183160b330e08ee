-- Channels whose batch a moment of the plan could not make: noted until one is made, so that a person is told.
create table unbuilt (
  slot timestamptz not null,
  channel text not null,
  at timestamptz not null,
  tries integer not null,
  last_error text not null,
  primary key (slot, channel)
);
alter table message drop constraint message_kind_check;
alter table message add constraint message_kind_check
  check (kind in ('approvals', 'appeal', 'batch_failed', 'batch_unbuilt', 'aftercare_failed'));
