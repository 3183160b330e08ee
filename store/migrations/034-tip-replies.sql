-- What an officer tells the sender of a tip, besides what follows from visits and decisions.
alter table tip
  add column reply_is text check (reply_is in ('thanks', 'feedback')),
  add column reply text,
  add column replied_at timestamptz,
  add column replied_by text,
  add constraint tip_replied check ((reply_is is null) = (replied_at is null) and (reply_is is null) = (reply is null)
    and (reply_is is null) = (replied_by is null));
create index tip_unanswered on tip (id) where replied_at is null;
