-- A batch that is held back for good by some of its cases: the others go on in a new one. Their records stay where they
-- are, and the new batch's rows point at them.

create table reissue (
  batch_id text primary key references batch (id),
  -- The batch that it takes the cases out of.
  of text not null references batch (id),
  at timestamptz not null,
  by text not null
);
create index reissue_of on reissue (of);
create trigger reissue_stays before update or delete on reissue for each row execute function refuse_change();

create table reissue_row (
  batch_id text not null references reissue (batch_id),
  n integer not null,
  case_id bigint not null references batch_case (case_id),
  -- 1 for the first time that the case is taken out of a batch.
  turn integer not null,
  primary key (batch_id, n),
  unique (case_id, turn)
);
create trigger reissue_row_stays before update or delete on reissue_row for each row execute function refuse_change();

-- Every row of every batch, first built or issued again; `is_moved` once its case goes on in another one.
create view batch_row as
  select k.batch_id, k.n, k.case_id, k.referral,
    exists (select 1 from reissue_row r where r.case_id = k.case_id) as is_moved
  from batch_case k
  union all
  select r.batch_id, r.n, r.case_id, k.referral,
    exists (select 1 from reissue_row l where l.case_id = r.case_id and l.turn > r.turn) as is_moved
  from reissue_row r join batch_case k on k.case_id = r.case_id;
