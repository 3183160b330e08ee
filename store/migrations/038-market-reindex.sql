-- Each time the index of listings was made anew of the log: processes that hold an older one take the new one.
create table market_reindex (
  generation bigint primary key check (generation > 0),
  at timestamptz not null,
  -- The last number of the log that is in, and the SHA-256 of the index then.
  position bigint not null,
  sha256 text not null
);
create trigger market_reindex_stays before update or delete on market_reindex
  for each row execute function refuse_change();
