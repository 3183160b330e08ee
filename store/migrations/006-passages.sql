-- What became of referrals after their batch was built (domain/passage.ts), and every row of every receipt, known or not.
create table passage_event (
  case_id bigint not null references batch_case (case_id),
  n integer not null,
  at timestamptz not null,
  by text not null,
  kind text not null,
  facts jsonb not null,
  primary key (case_id, n)
);
create trigger passage_event_stays before update or delete on passage_event for each row execute function refuse_change();

create table receipt_row (
  file_sha256 text not null,
  n integer not null,
  imported_at timestamptz not null,
  by text not null,
  -- As it stood in the file.
  given jsonb not null,
  case_id bigint references batch_case (case_id),
  outcome text,
  -- Why it changed nothing; null when it did.
  why text,
  primary key (file_sha256, n)
);
create trigger receipt_row_stays before update or delete on receipt_row for each row execute function refuse_change();
