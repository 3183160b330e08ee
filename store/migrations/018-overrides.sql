-- Two officers who let a referral go though a soft rule asks for care: what the first asked, what the second said.

create table override_asked (
  case_id bigint not null references cases (id),
  n integer not null,
  rule text not null,
  -- The finding's own words: an override holds for these alone.
  finding text not null,
  -- Of the decision that it belongs to.
  decided_at timestamptz not null,
  at timestamptz not null,
  by text not null,
  why text not null check (why <> ''),
  primary key (case_id, n)
);
create trigger override_asked_stays before update or delete on override_asked for each row execute function refuse_change();

create table override_answered (
  case_id bigint not null,
  n integer not null,
  verdict text not null check (verdict in ('confirmed', 'refused')),
  at timestamptz not null,
  by text not null,
  words text not null,
  primary key (case_id, n),
  foreign key (case_id, n) references override_asked (case_id, n)
);
create trigger override_answered_stays before update or delete on override_answered for each row execute function refuse_change();
