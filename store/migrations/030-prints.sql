-- What was printed of a batch's letters: once, so that the file comes out the same again. `files` names blobs of evidence
-- by their names below letters/; null where no browser was there, and `why` says so.
create table batch_print (
  batch_id text primary key references batch (id),
  made_at timestamptz not null,
  files jsonb,
  why text,
  check ((files is null) = (why is not null))
);
create trigger batch_print_stays before update or delete on batch_print for each row execute function refuse_change();
