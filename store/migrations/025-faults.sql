-- What a round of aftercare could not do for one case: tried again later and later, then left for a person to see.
create table aftercare_fault (
  case_id bigint not null references cases (id),
  step text not null check (step in ('late', 'ask', 'see', 'mirror', 'freshen')),
  at timestamptz not null,
  tries integer not null,
  last_error text not null,
  due_at timestamptz not null,
  given_up_at timestamptz,
  primary key (case_id, step)
);
alter table message drop constraint message_kind_check;
alter table message add constraint message_kind_check
  check (kind in ('approvals', 'appeal', 'batch_failed', 'aftercare_failed'));
