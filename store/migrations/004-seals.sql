-- What was signed and stamped of a batch's manifest: made once, so that the file comes out the same again.
create table batch_seal (
  batch_id text primary key references batch (id),
  made_at timestamptz not null,
  manifest_sha256 text not null,
  signature bytea,
  stamps jsonb not null
);
create trigger batch_seal_stays before update or delete on batch_seal for each row execute function refuse_change();
