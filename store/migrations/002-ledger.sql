-- One chain over every evidence event and every act: see domain/ledger.ts. Rows are only ever added.

create table ledger (
  seq bigint primary key,
  at timestamptz not null,
  kind text not null,
  subject text not null,
  entry text not null,
  prev text not null,
  hash text not null unique
);
create index ledger_kind on ledger (kind, seq);
create index ledger_subject on ledger (kind, md5(subject));
create trigger ledger_stays before update or delete on ledger for each row execute function refuse_change();
create trigger ledger_is_not_emptied before truncate on ledger for each statement execute function refuse_change();

-- What a time authority was asked to stamp, and its answer. A token is written once.
create table stamp (
  sha256 text not null,
  authority text not null,
  -- What the hash is of: a root of the ledger, a WARC, a manifest.
  of text not null,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  tries integer not null default 0,
  last_error text,
  token bytea,
  stamped_at timestamptz,
  primary key (sha256, authority)
);
create index stamp_due on stamp (due_at) where token is null;
