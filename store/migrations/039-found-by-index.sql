-- What was found by reading whole tables is found by an index.

-- Where each passage stands, beside its events (domain/passage.ts): what waits for somebody's answer is few among many.
create table passage_last (
  case_id bigint primary key references batch_case (case_id),
  kind text not null
);
create index passage_waits on passage_last (case_id)
  where kind in ('handed_over', 'prescription', 'platform_notified');
insert into passage_last
  select distinct on (case_id) case_id, kind from passage_event order by case_id, n desc;
create function passage_goes_on() returns trigger language plpgsql as $$
begin
  insert into passage_last (case_id, kind) values (new.case_id, new.kind)
    on conflict (case_id) do update set kind = excluded.kind;
  return null;
end
$$;
-- A store that takes another one in takes these rows in as well.
create trigger passage_went_on after insert on passage_event
  for each row when (not is_taking_in()) execute function passage_goes_on();

-- Which captures and batches rely on a blob: asked of each before its bytes go.
create index capture_blobs on capture using gin ((array[body_sha256, warc, screenshot, full_screenshot, dom, facts]));
create index batch_case_evidence on batch_case using gin ((referral -> 'evidence') jsonb_path_ops);

-- Cases, captures and batches that a row of the ledger names: in its subject, or as a word of its own in its entry.
create function ledger_names(subject text, entry text) returns text[] language sql immutable parallel safe as $$
  select array_append(
    array(select distinct it[1] from regexp_matches(entry,
      '"(K-[0-9]{6,}|KN_[A-Za-z0-9_-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"', 'g') it),
    split_part(subject, '/', 1))
$$;
create index ledger_named on ledger using gin (ledger_names(subject, entry));
