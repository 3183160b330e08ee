-- Every changing request may carry a key now, not an act on a case alone. Acts take theirs in their own transaction; of the
-- others it is known here that they run, and what they were answered.
alter table done_once rename column login to owner;
-- Since when it runs; null for what is done.
alter table done_once add column running_since timestamptz;
alter table done_once add column status integer;
-- Null where it held what is told once only.
alter table done_once add column answer text;
alter table done_once add constraint done_or_running check (running_since is null or status is null);
